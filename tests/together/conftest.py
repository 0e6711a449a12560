"""The library and the demo together, over real sockets: what one says the other must have done."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from portal.demo import ManualClock, build
from portal.demo.served import Served
from portal.demo.world import Server
from portal.pterodactyl import ApiKey, Budgets, Panel, Transport
from tests.demo.worlds import FIXTURE

Tree = dict[str, str]
"""Path -> what it is: the SHA-1 of a file's bytes and its mode, or `folder`."""


class Pair:
    """A served demo whose clock stands still, and the library as its customer `kim`."""

    def __init__(self, **options: Any) -> None:
        servers = [server | {"feature_limits": {"databases": 2, "allocations": 2, "backups": 5}}
                   for server in FIXTURE["servers"]]
        self.clock = ManualClock()
        self.demo = build(fixture=FIXTURE | {"servers": servers}, clock=self.clock, rate_limit=0, **options)
        self.served = Served(self.demo)
        self.transport = Transport(self.demo.base, budget=Budgets(client_per_minute=100_000))
        self.client = Panel(self.transport).client(ApiKey(self.demo.keys["kim"]))
        self.server: Server = self.demo.world.servers[0]
        self.uuid = self.server.uuid

    def store(self, path: str, content: bytes) -> None:
        folder, _, name = path.rpartition("/")
        self.client.files.upload(self.uuid, folder or "/", name, io.BytesIO(content), len(content))

    def fetched(self, path: str) -> bytes:
        with self.client.files.open_download(self.uuid, path) as download:
            return b"".join(download)

    def tree(self, below: str = "") -> Tree:
        """What lies on the node's disk."""
        root: Path = self.demo.processes[self.uuid].files.root / below
        return {str(path.relative_to(root)): _told(path) for path in sorted(root.rglob("*"))}

    def work(self, seconds: float = 2.0) -> None:
        """Let what runs in the background come to its end."""
        self.clock.advance(seconds)
        self.demo.pulse()

    def close(self) -> None:
        self.transport.close()
        self.served.close()


def _told(path: Path) -> str:
    if path.is_dir():
        return "folder"
    return f"{hashlib.sha1(path.read_bytes()).hexdigest()} {path.stat().st_mode & 0o777:o}"


@pytest.fixture
def pairs() -> Iterator[Callable[..., Pair]]:
    made: list[Pair] = []

    def make(**options: Any) -> Pair:
        made.append(Pair(**options))
        return made[-1]

    yield make
    for pair in made:
        pair.close()


@pytest.fixture
def pair(pairs: Callable[..., Pair]) -> Pair:
    return pairs()
