"""Databases of the client API (`DatabaseTransformer`)."""
from __future__ import annotations

import hashlib

from portal.demo.envelopes import JSON, NULL_RESOURCE, item
from portal.demo.permissions import can
from portal.demo.seed import ALPHANUMERIC
from portal.demo.world import Database, User

_HASH_LENGTH = 8
_SALT = "databases of this panel"


def hash_id(number: int) -> str:
    """Opaque and always the same; it begins with a letter, so that nobody takes it for a plain id."""
    digest = hashlib.sha256(f"{_SALT}/{number}".encode()).digest()
    letters = ALPHANUMERIC[:52]
    return letters[digest[0] % len(letters)] + "".join(
        ALPHANUMERIC[byte % len(ALPHANUMERIC)] for byte in digest[1:_HASH_LENGTH])


def database_object(database: Database, viewer: User, *, with_password: bool, is_new: bool = False) -> JSON:
    """`is_new`: as the panel answers before it has read the row back."""
    attributes: JSON = {
        "id": hash_id(database.id),
        "host": {"address": database.host.host, "port": database.host.port},
        "name": database.database,
        "username": database.username,
        "connections_from": database.remote,
        "max_connections": None if is_new else database.max_connections,
    }
    if with_password:
        attributes["relationships"] = {"password": _password(database, viewer)}
    return item("server_database", attributes)


def _password(database: Database, viewer: User) -> JSON:
    if not can(viewer, "database.view_password", database.server):
        return NULL_RESOURCE
    return item("database_password", {"password": database.password})
