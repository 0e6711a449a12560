"""Databases."""

from __future__ import annotations

from portal.pterodactyl.envelope import Reader
from portal.pterodactyl.models import Database


def read_database(item: Reader) -> Database:
    """A `server_database`, with its password if that came along."""
    attributes = item.attributes("server_database")
    host = attributes.field("host")
    password = attributes.included("password")
    return Database(
        id=attributes.field("id").text(),
        host_address=host.field("address").text(),
        host_port=host.field("port").integer(),
        name=attributes.field("name").text(),
        username=attributes.field("username").text(),
        connections_from=attributes.field("connections_from").text(),
        max_connections=attributes.field("max_connections").integer_or_none(),
        password=password.attributes("database_password").field("password").text() if password else None,
    )
