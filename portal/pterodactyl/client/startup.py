"""How a server is started."""

from __future__ import annotations

from portal.pterodactyl.client.group import Group, server_route
from portal.pterodactyl.client.reading.startup import read_startup, read_updated_variable
from portal.pterodactyl.models import Startup, UpdatedVariable


class StartupCalls(Group):
    """`/api/client/servers/{server}/startup`. Both also raise ServerStateConflict and NotFound."""

    def view(self, server: str) -> Startup:
        """Variables, commands and images of a server. Raises NotAllowed (no `startup.read`).

        `GET /api/client/servers/{server}/startup` (panel 1.11).
        """
        return read_startup(self._caller.read(server_route(server, "startup")))

    def update_variable(self, server: str, *, key: str, value: str) -> UpdatedVariable:
        """Give a variable (`EggVariable.env_variable`) another value, for the next start; "" clears it.

        `value` is text even where it means a number. Raises ValueError (it is not), Invalid (the variable's own rules),
        Refused (hidden or read-only), NotAllowed (no `startup.update`), OutcomeUnknown (also for a name that does not
        exist: the panel breaks over that). `PUT /api/client/servers/{server}/startup/variable` (panel 1.11).
        """
        if not isinstance(value, str):
            raise ValueError("a variable's value is text")
        path = server_route(server, "startup", "variable")
        return self._caller.change(path, read_updated_variable, {"key": key, "value": value}, method="PUT")
