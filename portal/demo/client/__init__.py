"""The client API: `/api/client`.  Each module holds the routes of one part of it."""
from __future__ import annotations

from portal.demo.client import account, activity, api_keys, control, servers
from portal.demo.client.access import admit, authorize, find_server
from portal.demo.panel import Api

API = Api(
    name="client",
    prefix="/api/client",
    routes=(*servers.ROUTES, *account.ROUTES, *api_keys.ROUTES, *control.ROUTES, *activity.ROUTES),
    bindings={"server": find_server},
    admit=admit,
    authorize=authorize,
)
