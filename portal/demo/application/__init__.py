"""The application API: `/api/application`.  Each module holds the routes of one part of it."""
from __future__ import annotations

from portal.demo.application import builds, nodes, servers, users
from portal.demo.application.access import admit, authorize
from portal.demo.finding import by_number
from portal.demo.panel import Api

API = Api(
    name="application",
    prefix="/api/application",
    routes=(*users.ROUTES, *servers.ROUTES, *builds.ROUTES, *nodes.ROUTES),
    bindings={
        "user": lambda context, text: by_number(context.world.users, text),
        "node": lambda context, text: by_number(context.world.nodes, text),
        "server": lambda context, text: by_number(context.world.servers, text),
    },
    admit=admit,
    authorize=authorize,
    elsewhere=(
        ("POST", "/api/application/servers"),
        ("PATCH", "/api/application/servers/{server}/startup"),
        ("GET", "/api/application/servers/{server}/databases"),
        ("HEAD", "/api/application/servers/{server}/databases"),
        ("POST", "/api/application/servers/{server}/databases"),
    ),
)
