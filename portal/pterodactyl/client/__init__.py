"""The client API: what one account may see and do. `/api/client` (panel 1.11)."""

from __future__ import annotations

from portal.pterodactyl.api import Caller
from portal.pterodactyl.client.account import AccountCalls
from portal.pterodactyl.client.servers import ServerCalls


class ClientApi:
    """The client API with one key, in the panel's groups."""

    def __init__(self, caller: Caller) -> None:
        self.servers = ServerCalls(caller)
        self.account = AccountCalls(caller)


__all__ = ["ClientApi"]
