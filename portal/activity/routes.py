"""The page Activity of a server."""

from __future__ import annotations

from functools import partial
from typing import Any

from flask import Blueprint, request
from flask.typing import ResponseReturnValue

from portal.activity import service
from portal.activity.groups import labels
from portal.activity.service import Query
from portal.servers.reading import Opened
from portal.servers.service import server_page
from portal.web.access import allowed, viewer
from portal.web.section import section

bp = Blueprint("activity", __name__)


@bp.get("/servers/<server:identifier>/activity")
@allowed("activity.read", live=True)
def page(server: Opened) -> ResponseReturnValue:
    """What happened, the newest first; as a fragment the log alone."""
    asked = Query(*(request.args.get(name, "").strip() for name in ("group", "who", "after")))
    shown = service.read(viewer(), server, asked)
    context: dict[str, Any] = {"server": server, "shown": shown, "groups": labels(is_admin=viewer().is_admin)}
    whole = partial(server_page, viewer(), server)
    return section("activity/_log.html", "activity/page.html", shown.trouble, whole, **context)
