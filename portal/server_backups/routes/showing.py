"""The page: all backups of a server, and how the viewer's downloads go."""

from __future__ import annotations

from functools import partial
from typing import Any

from flask import request
from flask.typing import ResponseReturnValue

from portal.server_backups import downloads, service
from portal.server_backups.routes.blueprint import bp
from portal.server_backups.service import Listing, Restoring
from portal.servers.reading import Opened
from portal.servers.service import server_page
from portal.servers.trouble import Trouble
from portal.web import htmx
from portal.web.access import allowed, viewer
from portal.web.section import section

LOOKS = 8
"""How often the page looks for a download that was asked for: panel and node may take a while to start."""


@bp.get("/servers/<server:identifier>/backups")
@allowed("backup.read", live=True)
def page(server: Opened) -> ResponseReturnValue:
    """The page, or its section alone."""
    return _shown(server, service.page(viewer(), server))


@bp.get("/servers/<server:identifier>/backups/live")
@allowed("backup.read", live=True, poll=True)
def live(server: Opened) -> ResponseReturnValue:
    """The section while something runs; what it answers asks again only as long as something does."""
    return _shown(server, service.page(viewer(), server), is_part=True)


@bp.get("/servers/<server:identifier>/backups/downloads/live")
@allowed("backup.download", live=True, poll=True)
def downloads_live(server: Opened) -> ResponseReturnValue:
    """How the viewer's downloads go; from the store alone."""
    look = request.args.get("look", 0, type=int)
    return htmx.fragment("server_backups/_downloads.html", server=server, **_downloads(server, look))


def _shown(server: Opened, found: Listing | Restoring | Trouble, *, is_part: bool = False) -> ResponseReturnValue:
    context: dict[str, Any] = {"server": server, "found": found, "goes_on": is_part, **_downloads(server)}
    context["kind"] = {Listing: "list", Restoring: "restoring"}.get(type(found), "trouble")
    part = "server_backups/_section.html"
    if is_part:
        return htmx.fragment(part, **context)
    trouble = found if isinstance(found, Trouble) else None
    status = 409 if isinstance(found, Restoring) else 200
    whole = partial(server_page, viewer(), server)
    return section(part, "server_backups/page.html", trouble, whole, status=status, **context)


def _downloads(server: Opened, look: int = 0) -> dict[str, Any]:
    found = downloads.recent(viewer(), server.facts.uuid) if server.rights.allow("backup.download") else ()
    is_coming = downloads.is_coming(found)
    return {"downloads": found, "is_coming": is_coming, "look": look if 0 < look <= LOOKS else 0}
