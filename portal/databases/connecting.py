"""How a database is connected to: the addresses that programs take, with every odd letter encoded."""

from __future__ import annotations

from dataclasses import dataclass, field
from urllib.parse import quote

from portal.pterodactyl.models import Database


@dataclass(frozen=True)
class Access:
    """A database with its password; `url` and `jdbc` have the password in them."""

    database: Database
    password: str = field(repr=False)
    url: str = field(repr=False)
    jdbc: str = field(repr=False)


def access_of(database: Database) -> Access | None:
    """How to connect; None while the password is withheld."""
    password = database.password
    if password is None:
        return None
    return Access(database, password, url_of(database, password), jdbc_of(database, password))


def url_of(database: Database, password: str) -> str:
    """`mysql://user:password@host:port/name`."""
    user = f"{_encoded(database.username)}:{_encoded(password)}"
    return f"mysql://{user}@{place_of(database)}/{_encoded(database.name)}"


def jdbc_of(database: Database, password: str) -> str:
    """`jdbc:mysql://host:port/name?user=...&password=...`."""
    question = f"user={_encoded(database.username)}&password={_encoded(password)}"
    return f"jdbc:mysql://{place_of(database)}/{_encoded(database.name)}?{question}"


def place_of(database: Database) -> str:
    """`host:port`, an IPv6 address in brackets."""
    host = database.host_address
    shown = f"[{quote(host, safe=':')}]" if ":" in host else _encoded(host)
    return f"{shown}:{database.host_port}"


def _encoded(text: str) -> str:
    return quote(text, safe="")
