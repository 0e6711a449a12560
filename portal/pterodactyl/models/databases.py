"""Databases of a server."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Database:
    """A database and who may use it from where (`connections_from`, `%` for everywhere).

    `id` is the panel's opaque word for it. `max_connections` None or 0: no limit. `password` None: not asked for, or
    withheld (no `database.view_password`).
    """

    id: str
    host_address: str
    host_port: int
    name: str
    username: str
    connections_from: str
    max_connections: int | None
    password: str | None = field(repr=False)
