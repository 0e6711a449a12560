"""The Pterodactyl panel 1.11 as a typed library: no Flask, no database, no HTML.

`Panel(Transport(url)).client(ApiKey(...)).servers.list()` answers dataclasses of `models` or raises one of
`errors`.
"""

from portal.pterodactyl import errors, models
from portal.pterodactyl.application import ApplicationApi
from portal.pterodactyl.budget import Budgets, CallBudget
from portal.pterodactyl.calls import Answer, CallRecord, Purpose
from portal.pterodactyl.client import ClientApi
from portal.pterodactyl.downloads import Download
from portal.pterodactyl.keys import ApiKey
from portal.pterodactyl.panel import Panel
from portal.pterodactyl.transport import Transport

__all__ = [
    "Answer",
    "ApiKey",
    "ApplicationApi",
    "Budgets",
    "CallBudget",
    "CallRecord",
    "ClientApi",
    "Download",
    "Panel",
    "Purpose",
    "Transport",
    "errors",
    "models",
]
