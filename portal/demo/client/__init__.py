"""The client API: `/api/client`.  Each module holds the routes of one part of it."""
from __future__ import annotations

from portal.demo.client import (
    account,
    activity,
    api_keys,
    backups,
    control,
    databases,
    files,
    network,
    schedules,
    servers,
    settings,
    ssh_keys,
    startup,
    subusers,
    tasks,
    two_factor,
)
from portal.demo.client.access import admit, authorize, find_server
from portal.demo.databases import find_database
from portal.demo.panel import Api

API = Api(
    name="client",
    prefix="/api/client",
    routes=(
        *servers.ROUTES,
        *account.ROUTES,
        *two_factor.ROUTES,
        *ssh_keys.ROUTES,
        *api_keys.ROUTES,
        *control.ROUTES,
        *activity.ROUTES,
        *network.ROUTES,
        *subusers.ROUTES,
        *startup.ROUTES,
        *settings.ROUTES,
        *files.ROUTES,
        *backups.ROUTES,
        *databases.ROUTES,
        *schedules.ROUTES,
        *tasks.ROUTES,
    ),
    bindings={
        "server": find_server,
        "user": subusers.find_user,
        "allocation": network.find_allocation,
        "backup": backups.find_backup,
        "database": find_database,
        "schedule": schedules.find_schedule,
        "task": tasks.find_task,
    },
    admit=admit,
    authorize=authorize,
)
