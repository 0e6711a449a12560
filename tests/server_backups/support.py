"""What the tests of backups share: making backups in the demo's panel, asking for pages and acts."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from werkzeug.test import TestResponse

from portal.auth import service as accounts
from portal.auth.sessions import Viewer
from portal.demo.world import Backup, Server
from tests.conftest import World
from tests.servers.support import HTMX, row_of, share_of

PLAYED = "Survival SMP"
SHARED = "Viking Fjord"
DAY_S = 86_400.0


def server(world: World, name: str = PLAYED) -> Server:
    """The panel's row of a server, which may have ten backups."""
    row = row_of(world, name)
    if row.feature_limits.backups < 10:
        row.feature_limits.backups = 10
        looked(world, name)
    return row


def looked(world: World, name: str = PLAYED) -> None:
    """What the panel says of a server by now is known to Roost, as after somebody looked at it."""
    world.clock.advance(61)
    world.work()
    world.browser("owner").get(f"/servers/{world.server(name)}")
    world.calls()


def add(
    world: World, label: str, name: str = PLAYED, *, age_s: float = 0.0, state: str = "done", locked: bool = False,
    checksum: str | None = "sha1:" + "ab" * 20, size: int = 1000, ignored: tuple[str, ...] = (),
) -> Backup:  # fmt: skip
    """A row of a backup in the panel, without an archive at the node."""
    now = world.clock.now()
    is_done = state == "done"
    backup = Backup(
        id=world.demo.world.next_id("backups"), uuid=world.demo.chance.uuid(), server=server(world, name), name=label,
        ignored_files=list(ignored), disk="wings", created_at=now - age_s, is_locked=locked, is_successful=is_done,
        checksum=checksum if is_done else None, bytes=size if is_done else 0,
        completed_at=None if state == "running" else now - age_s + 30,
    )  # fmt: skip
    world.demo.world.backups.append(backup)
    return backup


def left(world: World, name: str = PLAYED) -> list[str]:
    """The names of a server's backups that are not deleted."""
    row = row_of(world, name)
    return [one.name for one in world.demo.world.backups if one.server is row and one.deleted_at is None]


def root(world: World, name: str = PLAYED) -> str:
    """The address of the page."""
    return f"/servers/{world.server(name)}/backups"


def see(world: World, who: str = "owner", name: str = PLAYED, rest: str = "") -> TestResponse:
    """The page, or another one below it, as a fragment."""
    return world.browser(who).get(root(world, name) + rest, headers=HTMX)


def post(
    world: World, rest: str, who: str = "owner", *, on: str = PLAYED, is_page: bool = False, **data: Any
) -> TestResponse:
    """An act, as htmx sends it or as a form does."""
    return world.browser(who).post(root(world, on) + rest, data=data, headers={} if is_page else HTMX)


def share(world: World, *permissions: str, name: str = SHARED) -> None:
    """Let the subuser have exactly these permissions; Roost knows it."""
    share_of(world, name).permissions = list(permissions)
    world.clock.advance(31)
    world.work()
    world.browser("subuser").get(f"/servers/{world.server(name)}")
    world.calls()


def made(world: World, label: str, name: str = PLAYED, *, ignored: str = "") -> Backup:
    """A real backup with its archive at the node, made by the panel and done."""
    server(world, name)
    answer = post(world, "/new", on=name, name=label, ignored=ignored)
    assert answer.status_code == 200, answer.text
    return finish(world)


def finish(world: World) -> Backup:
    """The newest backup, once the node has made it."""
    backup = world.demo.world.backups[-1]
    for _ in range(60):
        if backup.completed_at is not None:
            break
        world.clock.advance(2)
        world.demo.jobs.run_due()
    world.calls()
    return backup


@contextmanager
def answers_lost(world: World, method: str, *, is_done: bool = True) -> Iterator[None]:
    """The panel does what it is asked with this method (or not), and the answer to that is never heard."""
    app = world.adapter.app

    def deaf(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        if environ["REQUEST_METHOD"] != method:
            return app(environ, start_response)
        if is_done:
            b"".join(app(environ, lambda *_: None))
        raise ConnectionResetError

    world.adapter.app = deaf
    try:
        yield
    finally:
        world.adapter.app = app


def account_viewer(world: World, who: str) -> Viewer:
    """One of the people as services know them; in an app context."""
    account = accounts.find(f"{who}@example.com")
    return Viewer("", account.id, account.email, False, account.panel_user_id, account.panel_username)
