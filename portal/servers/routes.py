"""The pages of servers: list, overview, power."""

from __future__ import annotations

import re
from typing import Any, cast

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from portal.pterodactyl.models import PowerSignal
from portal.servers import listing, reading, service
from portal.servers.listing import GROUPS, SORTS, ListQuery
from portal.servers.reading import Opened
from portal.servers.rows import PERMISSION_FOR, see_asides
from portal.web import htmx
from portal.web.access import allowed, signed_in, signed_in_poll, viewer

bp = Blueprint("servers", __name__)
SEEN = re.compile(r"[0-9a-z]{8}\.[0-9a-f]{8}")


@bp.get("/")
@signed_in
def home() -> ResponseReturnValue:
    """Where somebody lands."""
    return redirect(url_for(".page"), 303)


@bp.get("/servers")
@signed_in
def page() -> ResponseReturnValue:
    """The list; an account with one server goes straight to it."""
    shown = listing.list_servers(viewer(), _query())
    if shown.total == 1 and not request.args and not shown.is_panel_down and not htmx.wants_fragment():
        return redirect(url_for(".overview", identifier=shown.rows[0].facts.identifier), 303)
    see_asides(viewer().account_id, shown.rows)
    template = "servers/_list.html" if htmx.wants_fragment() else "servers/page.html"
    return render_template(template, shown=shown, sorts=SORTS, groups=GROUPS)


@bp.get("/servers/live")
@signed_in_poll
def live() -> ResponseReturnValue:
    """The rows that look different from those that the page says it has; no panel call."""
    seen = dict(one.split(".") for one in SEEN.findall(request.args.get("seen", "")[:2000]))
    shown = listing.list_servers(viewer(), _query(), ask=False, on_page=seen)
    changed = [row for row in shown.rows if seen.get(row.facts.identifier) not in (None, row.version)]
    if not changed and not shown.gone and request.args.get("status") == shown.status:
        return htmx.unchanged()
    return htmx.fragment("servers/_live.html", shown=shown, changed=changed)


@bp.get("/servers/<server:identifier>")
@allowed(None)
def overview(server: Opened) -> ResponseReturnValue:
    """One server's own page."""
    page = service.server_page(viewer(), server)
    see_asides(viewer().account_id, [page.row])
    return render_template("servers/overview.html", page=page)


@bp.get("/servers/<server:identifier>/live")
@allowed(None, live=True, poll=True)
def overview_live(server: Opened) -> ResponseReturnValue:
    """The live part of one server's page, unless it looks as the page says it does; no panel call."""
    page = service.server_page(viewer(), server)
    if request.args.get("seen") == page.version:
        return htmx.unchanged()
    return htmx.fragment("servers/_panel.html", page=page)


@bp.get("/servers/<server:identifier>/power/<signal:signal>")
@allowed(lambda path: PERMISSION_FOR[path["signal"]], live=True)
def confirm(server: Opened, signal: str) -> ResponseReturnValue:
    """Ask before a signal is sent."""
    template = "servers/_confirm.html" if htmx.wants_fragment() else "servers/confirm.html"
    return render_template(template, facts=server.facts, signal=signal)


@bp.post("/servers/<server:identifier>/power/<signal:signal>")
@allowed(lambda path: PERMISSION_FOR[path["signal"]])
def power(server: Opened, signal: str) -> ResponseReturnValue:
    """Send a signal; says at once what was asked and when."""
    asked = service.send_power(viewer(), server, cast(PowerSignal, signal))
    if not htmx.wants_fragment():
        return redirect(url_for(".overview", identifier=server.facts.identifier), 303)
    opened = reading.stored_server(viewer(), server.facts.identifier)
    page = service.server_page(viewer(), opened)
    return htmx.fragment("servers/_asked.html", page=page, asked=asked, shows=_shows(server.facts.identifier))


def _shows(identifier: str) -> str:
    """What the page that asked shows of a server: a row of the list, the panel of its own pages, or neither."""
    path = htmx.page_path()
    if path == url_for(".page"):
        return "row"
    return "panel" if path == "" or path.startswith(url_for(".overview", identifier=identifier)) else ""


def _query() -> ListQuery:
    """What is asked of the list; whatever is not on offer is ignored."""
    args: Any = request.args
    number = args.get("page", "1")
    return ListQuery(
        text=args.get("q", "").strip()[:100],
        state=args.get("state", "") if args.get("state") in GROUPS else "",
        sort=args.get("sort", "name") if args.get("sort") in SORTS else "name",
        page=int(number) if re.fullmatch(r"[1-9]\d{0,4}", number) else 1,
    )
