"""The demo panel and its node as a process of their own, with the bench's hand on the node's disk."""

from __future__ import annotations

from multiprocessing.connection import Connection
from typing import Any

from bench.consoles.child import answer
from bench.transfers.wire import BLOCK
from portal.demo import Demo, build
from portal.demo.served import Served

LARGEST_MIB = 4096


class Panel:
    """Answers the bench's questions about a demo that is served."""

    def __init__(self, demo: Demo) -> None:
        self.demo = demo

    def facts(self) -> dict[str, Any]:
        """Where it is, its keys, its users, and its servers as (uuid, identifier)."""
        world = self.demo.world
        return {
            "base": self.demo.base, "keys": self.demo.keys,
            "users": [(one.id, one.username, one.email) for one in world.users],
            "servers": [(one.uuid, one.identifier) for one in world.servers],
        }  # fmt: skip

    def fill(self, uuid: str, folder: str, count: int) -> None:
        """So many small files, each with a name of its own length."""
        files = self.demo.processes[uuid].files
        files.make_folder(folder)
        place = files.place(folder)
        for number in range(count):
            name = f"{'region' if number % 3 else 'chunk-data'}.{number % 71}.{number}.mca"
            (place / name).write_bytes(b"x" * (number % 900))

    def is_whole(self, uuid: str, name: str, size: int) -> bool:
        """Whether the file is there with all its bytes."""
        with self.demo.processes[uuid].files.open(name)[0] as file:
            found = 0
            while piece := file.read(len(BLOCK)):
                if piece != BLOCK[: len(piece)]:
                    return False
                found += len(piece)
        return found == size

    def remove(self, uuid: str, name: str) -> None:
        """Delete a file."""
        self.demo.processes[uuid].files.delete(name)


def main(pipe: Connection, fixture: dict[str, Any]) -> None:
    """The panel's process."""
    demo = build(fixture=fixture, rate_limit=0)
    for node in demo.world.nodes:
        node.upload_size = LARGEST_MIB
    for one in demo.world.servers:
        one.limits.disk = 0
    with Served(demo):
        while answer(pipe, Panel(demo)):
            pass
