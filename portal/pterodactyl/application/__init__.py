"""The application API: the portal's own view of accounts, servers and nodes. `/api/application` (panel 1.11)."""

from __future__ import annotations

from portal.pterodactyl.api import Caller
from portal.pterodactyl.application.nodes import AppNodeCalls
from portal.pterodactyl.application.servers import AppServerCalls
from portal.pterodactyl.application.users import AppUserCalls


class ApplicationApi:
    """The application API with one key, in the panel's groups."""

    def __init__(self, caller: Caller) -> None:
        self.users = AppUserCalls(caller)
        self.servers = AppServerCalls(caller)
        self.nodes = AppNodeCalls(caller)


__all__ = ["ApplicationApi"]
