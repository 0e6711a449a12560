"""What the tests of work that takes long share: a server with files, rounds of the background process, a bent panel."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from typing import Any

from sqlalchemy import select
from werkzeug.test import TestResponse

from portal.files.models import FileWork
from portal.files.work.running import Runner
from portal.store import read
from tests.conftest import World
from tests.servers.support import HTMX, row_of, said, see

MINE = "Skyblock"
SHARED = "Hardcore Week 42"
LOST = {"status": 504, "code": "DaemonConnectionException", "effect": "after"}
"""What the panel says when a node takes longer than it waits, although the node does it."""
GAVE_UP = {"status": 500, "code": "DaemonConnectionException", "effect": "before"}


def at_once(work: Callable[[], None]) -> None:
    """Instead of a thread."""
    work()


class Held:
    """Threads that stand still until they are let go."""

    def __init__(self) -> None:
        self.waiting: list[Callable[[], None]] = []

    def __call__(self, work: Callable[[], None]) -> None:
        self.waiting.append(work)

    def let_go(self) -> None:
        """Let all of them run to their end."""
        waiting, self.waiting = self.waiting, []
        for work in waiting:
            work()


class Folder:
    """The files of one server, as its node has them."""

    def __init__(self, world: World, name: str = MINE) -> None:
        row = row_of(world, name)
        self.identifier, self.uuid = row.identifier, row.uuid
        self.files = world.demo.processes[row.uuid].files

    def put(self, name: str, content: bytes = b"text") -> None:
        """Make a file."""
        self.files.write(name, (content,))

    def put_zip(self, name: str, members: dict[str, str]) -> None:
        """Make an archive."""
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w") as archive:
            for member, text in members.items():
                archive.writestr(member, text)
        self.put(name, packed.getvalue())

    def text(self, name: str) -> str:
        """What is in a file."""
        return self.files.place(name).read_text()

    def names(self, directory: str = "/") -> list[str]:
        """What is in a folder."""
        return sorted(one.name for one in self.files.listed(directory))

    def archives(self, directory: str = "/") -> list[str]:
        """The archives that Wings made there."""
        return [name for name in self.names(directory) if name.startswith("archive-")]


def looked(world: World) -> World:
    """The same world, in which owner and subuser have seen their lists: nobody acts on what they have never seen."""
    for who in ("owner", "subuser"):
        see(world, who, "/servers?q=none")
    world.calls()
    return world


def ask(world: World, what: str, who: str = "owner", server: str = MINE, **options: Any) -> TestResponse:
    """Send one of the forms: `archive`, `unarchive?file=/a.zip`, `pull`."""
    return world.browser(who).post(f"/servers/{world.server(server)}/files/{what}", **options)


def unpack(world: World, file: str = "/world.zip", **options: Any) -> TestResponse:
    return ask(world, f"unarchive?file={file}", **options)


def pack(world: World, *names: str, directory: str = "/", **options: Any) -> TestResponse:
    return ask(world, "archive", data={"directory": directory, "name": list(names)}, **options)


def runner(world: World, owner: str = "worker", start: Callable[[Callable[[], None]], None] = at_once) -> Runner:
    return Runner(world.app, owner, start=start)


def tick(world: World, one: Runner, seconds: float = 3.0) -> None:
    """One round, some seconds after the last one."""
    world.clock.advance(seconds)
    with world.app.app_context():
        one.tick()


def works(world: World) -> list[FileWork]:
    with world.app.app_context(), read() as session:
        return list(session.scalars(select(FileWork).order_by(FileWork.id)))


def states(world: World) -> list[str]:
    return [row.state for row in works(world)]


def only(world: World) -> FileWork:
    (row,) = works(world)
    return row


def turn(world: World, fault: str, path: str, times: int | None = None, **settings: Any) -> None:
    """Turn a knob of the demo panel for one route."""
    knob: dict[str, Any] = {"where": "panel", "fault": fault, "settings": settings, "match": {"path": path}}
    world.demo.knobs.turn(knob | ({"times": times} if times is not None else {}))


def changes(world: World) -> list[str]:
    """The last words of the calls that changed files since the last look."""
    return [call.rpartition("/")[2] for call in world.calls() if "/files/" in call and not call.endswith("/files/list")]


def live(world: World, who: str = "owner", server: str = MINE, **query: str) -> TestResponse:
    """What the band's poll is answered."""
    path = f"/servers/{world.server(server)}/files/work/live"
    return world.browser(who).get(path, query_string={"directory": "/"} | query, headers=HTMX)


def band(world: World, who: str = "owner", server: str = MINE, directory: str = "/") -> str:
    """What a folder says of work, as a person reads it."""
    return said(live(world, who, server, directory=directory).text).removesuffix("Look again").strip()
