"""The page Schedules of a server."""

from __future__ import annotations

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from portal.servers.reading import Opened
from portal.servers.service import server_page
from portal.web.access import allowed, viewer

bp = Blueprint("schedules", __name__)


@bp.get("/servers/<server:identifier>/schedules")
@allowed("schedule.read", live=True)
def page(server: Opened) -> ResponseReturnValue:
    """The page."""
    return render_template("schedules/page.html", page=server_page(viewer(), server), server=server)
