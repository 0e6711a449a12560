"""A panel with many users and servers, and the accounts of those users here."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from click.testing import Result
from sqlalchemy import select

from portal.auth import service as accounts
from portal.auth.models import Account
from portal.auth.service import PanelUser
from portal.billing.models import Term
from portal.store import read, write
from tests.conftest import World
from tests.servers.support import fixture

Make = Callable[..., World]
DAY_S = 86_400


def crowd(users: int, servers: int) -> dict[str, Any]:
    """A panel with so many users; server n belongs to user n."""
    made = fixture(servers, people=[f"user{n:03}" for n in range(users)])
    for n, one in enumerate(made["servers"]):
        one["owner"] = f"user{n % users:03}"
    made["keys"] = {name: key for name, key in made["keys"].items() if name in ("admin", "application", "service")}
    return made


def with_accounts(world: World, names: Iterable[str]) -> World:
    """The same with an account for each of these panel users."""
    by_name = {one.username: one for one in world.demo.world.users}
    with world.app.app_context(), write() as session:
        for name in names:
            user = by_name[name]
            accounts.create_in(session, f"{name}@example.com", panel_user=PanelUser(user.id, name, user.email))
    return world


def migrate(world: World, *options: str, says: str | None = None) -> Result:
    """Run the command; `says` is what somebody types."""
    return world.app.test_cli_runner().invoke(args=["data", "migrate-servers", *options], input=says)


def sync(world: World, *options: str) -> Result:
    """Run the command."""
    return world.app.test_cli_runner().invoke(args=["data", "sync", *options])


def terms(world: World) -> dict[str, Term]:
    """What is imported, by the server's name."""
    with world.app.app_context(), read() as session:
        return {one.name: one for one in session.scalars(select(Term))}


def accounts_of(world: World) -> dict[str, Account]:
    """All accounts by address."""
    with world.app.app_context():
        return {one.email: one for one in accounts.everybody()}


def writes(world: World) -> list[str]:
    """What was asked of the panel that is no reading."""
    return [f"{one.method} {one.path}" for one in world.demo.calls if one.method != "GET"]


def map_file(folder: Path, *lines: str) -> str:
    """A file for --map, and where it is."""
    path = folder / "servers.csv"
    path.write_text("\n".join(lines) + "\n")
    return str(path)
