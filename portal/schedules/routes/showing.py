"""The pages: all schedules of a server, and one with its tasks."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from flask import request
from flask.typing import ResponseReturnValue

from portal.schedules import service
from portal.schedules.models import Listed, Shown
from portal.schedules.routes.blueprint import bp, found
from portal.schedules.service import Gone
from portal.servers.reading import Opened
from portal.servers.service import server_page
from portal.servers.trouble import Trouble, seen
from portal.web import htmx
from portal.web.access import allowed, viewer
from portal.web.i18n import _
from portal.web.section import section


@bp.get("/servers/<server:identifier>/schedules")
@allowed("schedule.read", live=True)
def page(server: Opened) -> ResponseReturnValue:
    """All schedules."""
    found = seen(server, lambda: service.listed(viewer(), server))
    return _shown("page", server, found)


@bp.get("/servers/<server:identifier>/schedules/live")
@allowed("schedule.read", live=True, poll=True)
def live(server: Opened) -> ResponseReturnValue:
    """The list again while something runs, or why it cannot be read; nothing while it looks the same."""
    return _polled("page", server, lambda: service.listed(viewer(), server))


@bp.get("/servers/<server:identifier>/schedules/<number:schedule>")
@allowed("schedule.read", live=True)
def one(server: Opened, schedule: int) -> ResponseReturnValue:
    """One schedule with its tasks."""
    return _shown("one", server, seen(server, lambda: found(server, schedule)), schedule)


@bp.get("/servers/<server:identifier>/schedules/<number:schedule>/live")
@allowed("schedule.read", live=True, poll=True)
def one_live(server: Opened, schedule: int) -> ResponseReturnValue:
    """The same while it runs."""
    return _polled("one", server, lambda: service.view(viewer(), server, schedule), schedule)


def _shown(part: str, server: Opened, found: Listed | Shown | Trouble, schedule: int = 0) -> ResponseReturnValue:
    """A page, or its section alone; with its trouble where it could not be read."""
    trouble = found if isinstance(found, Trouble) else None
    context: dict[str, Any] = {"server": server, "found": found, "trouble": trouble, "number": schedule}
    whole = partial(server_page, viewer(), server)
    return section(f"schedules/_{part}.html", f"schedules/{part}.html", trouble, whole, **context)


def _polled(
    part: str, server: Opened, read: Callable[[], Listed | Shown], schedule: int = 0
) -> ResponseReturnValue:
    try:
        found = seen(server, read)
    except Gone as gone:
        found = Trouble(str(gone), 404, _("Gone"))
    trouble = found if isinstance(found, Trouble) else None
    if not isinstance(found, Trouble) and request.args.get("v") == found.version:
        return htmx.unchanged()
    context: dict[str, Any] = {"server": server, "found": found, "trouble": trouble, "number": schedule}
    return htmx.fragment(f"schedules/_{part}.html", **context, goes_on=True)
