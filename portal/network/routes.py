"""The page Network of a server."""

from __future__ import annotations

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from portal.servers.reading import Opened
from portal.servers.service import server_page
from portal.web.access import allowed, viewer

bp = Blueprint("network", __name__)


@bp.get("/servers/<server:identifier>/network")
@allowed("allocation.read", live=True)
def page(server: Opened) -> ResponseReturnValue:
    """The page."""
    return render_template("network/page.html", page=server_page(viewer(), server), server=server)
