"""Five hundred cuts: no line missing, none twice, and nothing left behind."""

from __future__ import annotations

import gc
import itertools
import random
import threading
import time
from dataclasses import replace
from pathlib import Path

import pytest

from portal.wings import NoTicket, Ticket
from tests.support.waiting import until
from tests.wings.conftest import PATIENT, Node, is_empty

CUTS = 500
BATCH = 50
QUICK = replace(
    PATIENT, tick_s=0.02, pauses=(0.001,), quiet_s=0.05, first_line_s=0.5, history_pauses=(0.005,) * 50, tired_s=1e9
)


def open_sockets() -> int:
    """Of this process."""
    found = 0
    for one in Path("/proc/self/fd").iterdir():
        try:
            found += str(one.readlink()).startswith("socket:")
        except OSError:
            continue
    return found


class Cutter:
    """Ends the way in one of several manners, at any point of it."""

    def __init__(self, node: Node, seed: int) -> None:
        self.node = node
        self.chance = random.Random(seed)
        self.count = 0
        self._fails = 0

    def tickets(self) -> Ticket:
        if self._fails:
            self._fails -= 1
            raise NoTicket("panel")
        return self.node.tickets()

    def cut(self) -> None:
        sockets = self.node.node.sockets
        manner = self.chance.randrange(6)
        if manner == 0:
            sockets.close(self.chance.choice((1000, 1001, 1011, 4409)), "")
        elif manner == 1:
            self._fails = 1
            sockets.drop()
        elif manner == 2:
            for one in sockets.list()[-1:]:
                one.drop()
        elif manner == 3:
            self.node.node.socket_faults.fragment = self.chance.choice((0, 0, 3))
            sockets.drop()
        else:
            sockets.drop()
        self.count += 1
        time.sleep(self.chance.random() * 0.012)


@pytest.mark.slow
def test_five_hundred_cuts_leave_nothing_behind_and_lose_no_line(node: Node) -> None:
    threads, sockets = set(threading.enumerate()), open_sockets()
    numbers = itertools.count()
    for batch in range(CUTS // BATCH):
        hub = node.rig.new_hub(timing=QUICK)
        cutter = Cutter(node, batch)
        browser = node.rig.look(cutter.tickets, hub=hub)
        browser.has("live")
        until(lambda browser=browser: browser.viewer.channel.board.is_settled)
        said = []
        for _ in range(BATCH):
            cutter.cut()
            lines = [f"batch {batch} line {next(numbers)}" for _ in range(cutter.chance.randrange(3))]
            node.say(*lines)
            said += lines
        node.say(f"end of {batch}")
        browser.sees(f"end of {batch}")
        told = [line for line in browser.lines if line and line.startswith(f"batch {batch} ")]
        assert told == said
        assert None not in browser.lines
        node.rig.leave(browser)
        until(lambda hub=hub: is_empty(hub), hub.counts)
    until(lambda: node.sockets() == 0)
    until(lambda: {one for one in threading.enumerate() if one.name.startswith("console")} == set())
    gc.collect()
    until(lambda: set(threading.enumerate()) <= threads | {threading.current_thread()})
    until(lambda: open_sockets() <= sockets, open_sockets)
