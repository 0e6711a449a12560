"""The client API: what one account may see and do. `/api/client` (panel 1.11)."""

from __future__ import annotations

from portal.pterodactyl.api import Caller
from portal.pterodactyl.client.account import AccountCalls
from portal.pterodactyl.client.activity import ActivityCalls
from portal.pterodactyl.client.api_keys import ApiKeyCalls
from portal.pterodactyl.client.backups import BackupCalls
from portal.pterodactyl.client.databases import DatabaseCalls
from portal.pterodactyl.client.files import FileCalls
from portal.pterodactyl.client.network import NetworkCalls
from portal.pterodactyl.client.permissions import PermissionCalls
from portal.pterodactyl.client.schedules import ScheduleCalls
from portal.pterodactyl.client.servers import ServerCalls
from portal.pterodactyl.client.settings import SettingsCalls
from portal.pterodactyl.client.ssh_keys import SshKeyCalls
from portal.pterodactyl.client.startup import StartupCalls
from portal.pterodactyl.client.subusers import SubuserCalls
from portal.pterodactyl.client.tasks import TaskCalls
from portal.pterodactyl.client.two_factor import TwoFactorCalls


class ClientApi:
    """The client API with one key, in the panel's groups. A server is named by its 8 characters or its full UUID."""

    def __init__(self, caller: Caller) -> None:
        self.account = AccountCalls(caller)
        self.two_factor = TwoFactorCalls(caller)
        self.api_keys = ApiKeyCalls(caller)
        self.ssh_keys = SshKeyCalls(caller)
        self.servers = ServerCalls(caller)
        self.files = FileCalls(caller)
        self.databases = DatabaseCalls(caller)
        self.schedules = ScheduleCalls(caller)
        self.tasks = TaskCalls(caller)
        self.network = NetworkCalls(caller)
        self.subusers = SubuserCalls(caller)
        self.backups = BackupCalls(caller)
        self.startup = StartupCalls(caller)
        self.settings = SettingsCalls(caller)
        self.activity = ActivityCalls(caller)
        self.permissions = PermissionCalls(caller)


__all__ = ["ClientApi"]
