"""The application API: `/api/application`.  Each module holds the routes of one part of it."""
from __future__ import annotations

from portal.demo.application import servers, users
from portal.demo.application.access import admit, authorize, find_by_id
from portal.demo.panel import Api

API = Api(
    name="application",
    prefix="/api/application",
    routes=(*users.ROUTES, *servers.ROUTES),
    bindings={
        "user": lambda context, text: find_by_id(context.world.users, text),
        "server": lambda context, text: find_by_id(context.world.servers, text),
    },
    admit=admit,
    authorize=authorize,
    elsewhere=(
        ("POST", "/api/application/users"),
        ("PATCH", "/api/application/users/{user}"),
        ("DELETE", "/api/application/users/{user}"),
        ("POST", "/api/application/servers"),
        ("DELETE", "/api/application/servers/{server}"),
        # Its optional last segment may be any word (application-api, G1).
        ("DELETE", "/api/application/servers/{server}/{force}"),
    ),
)
