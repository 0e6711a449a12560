"""The page Activity of a server."""

from __future__ import annotations

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from portal.servers.reading import Opened
from portal.servers.service import server_page
from portal.web.access import allowed, viewer

bp = Blueprint("activity", __name__)


@bp.get("/servers/<server:identifier>/activity")
@allowed("activity.read", live=True)
def page(server: Opened) -> ResponseReturnValue:
    """The page."""
    return render_template("activity/page.html", page=server_page(viewer(), server), server=server)
