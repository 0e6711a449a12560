"""What the panel answers, as frozen dataclasses; one module for each of the panel's words.

Names follow the panel; units stand in the names. Sizes called `_mib` are whole MiB (x 1,048,576 = bytes),
moments are in UTC. "None" has the meaning that the field's comment gives it. Shapes: panel 1.11, client and
application API.
"""

from portal.pterodactyl.models.account import (
    Account,
    ClientKey,
    CreatedClientKey,
    RecoveryTokens,
    SshKey,
    TwoFactorSetup,
)
from portal.pterodactyl.models.activity import ActivityEntry, ActivitySort
from portal.pterodactyl.models.application import (
    AppAllocation,
    AppDatabase,
    AppLocation,
    AppNode,
    AppServer,
    AppSubuser,
    AppUser,
    Creation,
    DatabaseHost,
    NodeConfiguration,
)
from portal.pterodactyl.models.backups import Backup, BackupPage, BackupState
from portal.pterodactyl.models.bodies import (
    BuildChanges,
    Deploy,
    DetailChanges,
    LocationBody,
    LocationChanges,
    NewServer,
    NodeBody,
    NodeChanges,
    OnAllocations,
    Scheme,
    ServerBuild,
    ServerDetails,
    ServerStartup,
    StartupChanges,
    UserBody,
    UserChanges,
)
from portal.pterodactyl.models.databases import Database
from portal.pterodactyl.models.eggs import AppEgg, AppEggVariable, AppNest, EggConfig, EggScript, ServerVariable
from portal.pterodactyl.models.files import FileMode, FileMove, FileObject
from portal.pterodactyl.models.limits import FeatureLimits, Limits
from portal.pterodactyl.models.links import SignedUrl
from portal.pterodactyl.models.network import Allocation
from portal.pterodactyl.models.paging import Page
from portal.pterodactyl.models.people import Actor
from portal.pterodactyl.models.permissions import Permission, PermissionGroup
from portal.pterodactyl.models.schedules import Cron, Schedule, Task, TaskAction
from portal.pterodactyl.models.servers import (
    Egg,
    PowerSignal,
    Server,
    ServerFilter,
    ServerInclude,
    ServerType,
    ServerView,
    SftpDetails,
    Stats,
    WebsocketCredentials,
)
from portal.pterodactyl.models.startup import EggVariable, Startup, UpdatedVariable
from portal.pterodactyl.models.subusers import Subuser

__all__ = [
    "Account",
    "ActivityEntry",
    "ActivitySort",
    "Actor",
    "Allocation",
    "AppAllocation",
    "AppDatabase",
    "AppEgg",
    "AppEggVariable",
    "AppLocation",
    "AppNest",
    "AppNode",
    "AppServer",
    "AppSubuser",
    "AppUser",
    "Backup",
    "BackupPage",
    "BackupState",
    "BuildChanges",
    "ClientKey",
    "CreatedClientKey",
    "Creation",
    "Cron",
    "Database",
    "DatabaseHost",
    "Deploy",
    "DetailChanges",
    "Egg",
    "EggConfig",
    "EggScript",
    "EggVariable",
    "FeatureLimits",
    "FileMode",
    "FileMove",
    "FileObject",
    "Limits",
    "LocationBody",
    "LocationChanges",
    "NewServer",
    "NodeBody",
    "NodeChanges",
    "NodeConfiguration",
    "OnAllocations",
    "Page",
    "Permission",
    "PermissionGroup",
    "PowerSignal",
    "RecoveryTokens",
    "Schedule",
    "Scheme",
    "Server",
    "ServerBuild",
    "ServerDetails",
    "ServerFilter",
    "ServerInclude",
    "ServerStartup",
    "ServerType",
    "ServerVariable",
    "ServerView",
    "SftpDetails",
    "SignedUrl",
    "SshKey",
    "Startup",
    "StartupChanges",
    "Stats",
    "Subuser",
    "Task",
    "TaskAction",
    "TwoFactorSetup",
    "UpdatedVariable",
    "UserBody",
    "UserChanges",
    "WebsocketCredentials",
]
