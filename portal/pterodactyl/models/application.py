"""Servers, accounts and nodes in the application API."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from portal.pterodactyl.models.limits import FeatureLimits, Limits


@dataclass(frozen=True, slots=True)
class AppSubuser:
    """Access of one person to one server, with the ids of the application API."""

    id: int
    user_id: int
    server_id: int
    permissions: tuple[str, ...]
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class AppServer:
    """A server in the application API. `user`, `node`, `allocation`, `nest` and `egg` are database ids.

    Of the environment only the names are kept: the values may be passwords and tokens. `subusers` None: not
    asked for, or the key may not read users.
    """

    id: int
    external_id: str | None
    uuid: str
    identifier: str
    name: str
    description: str
    status: str | None
    is_suspended: bool
    limits: Limits
    feature_limits: FeatureLimits
    user: int
    node: int
    allocation: int
    nest: int
    egg: int
    startup_command: str
    image: str
    environment_names: tuple[str, ...]
    created_at: datetime
    updated_at: datetime
    subusers: tuple[AppSubuser, ...] | None


@dataclass(frozen=True, slots=True)
class AppNode:
    """A machine that runs servers. Names need not be unique; `upload_size_mib` is for each file."""

    id: int
    uuid: str
    name: str
    upload_size_mib: int


@dataclass(frozen=True, slots=True)
class AppUser:
    """A panel account in the application API. `servers` None: not asked for, or the key may not read them."""

    id: int
    external_id: str | None
    uuid: str
    username: str
    email: str
    first_name: str
    last_name: str
    language: str
    root_admin: bool
    two_factor_enabled: bool
    created_at: datetime
    updated_at: datetime
    servers: tuple[AppServer, ...] | None
