"""The application API: `/api/application`.  Each module holds the routes of one part of it."""
from __future__ import annotations

from portal.demo.application import (
    allocations,
    builds,
    creating,
    databases,
    deployment,
    locations,
    nests,
    nodes,
    servers,
    startup,
    users,
)
from portal.demo.application.access import admit, authorize
from portal.demo.databases import find_database
from portal.demo.finding import by_number
from portal.demo.panel import Api

API = Api(
    name="application",
    prefix="/api/application",
    routes=(*users.ROUTES, *servers.ROUTES, *creating.ROUTES, *builds.ROUTES, *startup.ROUTES, *databases.ROUTES,
            *deployment.ROUTES, *nodes.ROUTES, *allocations.ROUTES, *locations.ROUTES, *nests.ROUTES),
    bindings={
        "user": lambda context, text: by_number(context.world.users, text),
        "node": lambda context, text: by_number(context.world.nodes, text),
        "allocation": allocations.find_allocation,
        "location": lambda context, text: by_number(context.world.locations, text),
        "nest": lambda context, text: by_number(context.world.nests, text),
        "egg": nests.find_egg,
        "server": lambda context, text: by_number(context.world.servers, text),
        "database": find_database,
    },
    admit=admit,
    authorize=authorize,
)
