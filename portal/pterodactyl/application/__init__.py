"""The application API: the host's view of the whole panel. `/api/application` (panel 1.11)."""

from __future__ import annotations

from portal.pterodactyl.api import Caller
from portal.pterodactyl.application.allocations import AllocationCalls
from portal.pterodactyl.application.databases import AppDatabaseCalls
from portal.pterodactyl.application.locations import LocationCalls
from portal.pterodactyl.application.nests import EggCalls, NestCalls
from portal.pterodactyl.application.nodes import AppNodeCalls
from portal.pterodactyl.application.servers import AppServerCalls
from portal.pterodactyl.application.users import AppUserCalls


class ApplicationApi:
    """The application API with one key, in the panel's groups."""

    def __init__(self, caller: Caller) -> None:
        self.users = AppUserCalls(caller)
        self.servers = AppServerCalls(caller)
        self.databases = AppDatabaseCalls(caller)
        self.nodes = AppNodeCalls(caller)
        self.allocations = AllocationCalls(caller)
        self.locations = LocationCalls(caller)
        self.nests = NestCalls(caller)
        self.eggs = EggCalls(caller)


__all__ = ["ApplicationApi"]
