"""A served demo with one node, a hub with short waits, and browsers that write down all that they are told."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest
from werkzeug.test import Client

from portal import clock as portal_clock
from portal.demo import Demo, build
from portal.demo.served import Served
from portal.wings import ChannelKey, Counts, Hub, Link, NoTicket, Place, Ticket, Tickets, Update, Viewer
from portal.wings.session import Session
from portal.wings.timing import Timing
from tests.demo.worlds import FIXTURE
from tests.support.waiting import until

DEADLINE_SECONDS = 60.0
PATIENT = Timing(connect_s=60, auth_s=60, hold_s=60, history_s=60, pong_s=60)
"""Limits that a busy machine does not reach either; a test that is about one of them sets it."""
QUICK = replace(PATIENT, tick_s=0.05, pauses=(0.01,), moved_pause_s=0.01, first_line_s=0.2, quiet_s=0.05)
NOBODY = Counts(0, 0, 0, 0, 0)


class Jumping:
    """The machine's clock, moved forward by hand."""

    def __init__(self) -> None:
        self.offset = 0.0

    def now(self) -> float:
        return time.time() + self.offset

    def monotonic(self) -> float:
        return time.monotonic() + self.offset

    def sleep(self, seconds: float) -> None:
        time.sleep(seconds)


class Watched(Viewer):
    """Told every link since it took the last time, and not the newest only: also one that stands for 10 ms is seen."""

    def put_link(self, link: Link) -> None:
        self._link = (*(self._link or ()), link)  # type: ignore[assignment, misc]


class Browser:
    """A viewer whose thread takes whatever comes."""

    def __init__(self, attach: Callable[..., Viewer], **options: Any) -> None:
        self._event = threading.Event()
        self._is_over = False
        self.updates: list[Update] = []
        self.viewer = attach(wake=self._event.set, **options)
        self._thread = threading.Thread(target=self._take, daemon=True)
        self._thread.start()

    @property
    def numbered(self) -> dict[int, str | None]:
        """All lines by their numbers; fails when one number was told twice."""
        lines: dict[int, str | None] = {}
        for update in tuple(self.updates):
            for number, line in enumerate(update.lines, update.first):
                assert number not in lines
                lines[number] = line
        return lines

    @property
    def lines(self) -> list[str | None]:
        return [line for _, line in sorted(self.numbered.items())]

    @property
    def links(self) -> list[Link]:
        return [link for update in tuple(self.updates) for link in update.link or ()]  # type: ignore[attr-defined]

    @property
    def phases(self) -> list[tuple[str, str | None]]:
        return [(link.phase, link.cause) for link in self.links]

    @property
    def states(self) -> list[str]:
        return [state for update in tuple(self.updates) for state in update.status]

    @property
    def events(self) -> list[tuple[str, str]]:
        return [event for update in tuple(self.updates) for event in update.events]

    @property
    def samples(self) -> list[str]:
        return [update.stats for update in tuple(self.updates) if update.stats is not None]

    def sees(self, line: str | None) -> None:
        until(lambda: line in self.lines, lambda: (line, self.lines[-20:], self.phases))

    def has(self, phase: str, cause: str | None = None) -> None:
        until(lambda: (phase, cause) in self.phases, lambda: self.phases)

    def leave(self) -> None:
        self._is_over = True
        self._event.set()
        self._thread.join(DEADLINE_SECONDS)
        self.viewer.detach()

    def _take(self) -> None:
        while not self._is_over:
            self._event.wait(DEADLINE_SECONDS)
            self._event.clear()
            if update := self.viewer.take():
                self.updates.append(update)


class Rig:
    """A hub; with `demo`, a panel and its node beside it."""

    def __init__(self, clock: Jumping) -> None:
        self.clock = clock
        self.hubs: list[Hub] = []
        self.browsers: list[Browser] = []
        self.made: list[Ticket] = []
        self.hub = self.new_hub()
        self.origin = "http://127.0.0.1"

    def new_hub(self, **options: Any) -> Hub:
        self.hubs.append(Hub(**({"linger_s": 0.0, "timing": QUICK} | options)))
        return self.hubs[-1]

    def look(
        self, tickets: Tickets, *, hub: Hub | None = None, person: int = 1, owner: int = 1, **options: Any
    ) -> Browser:
        """A browser at the server's console."""
        chosen = hub or self.hub

        def attach(
            wake: Callable[[], None],
            place: Place | None = None,
            address: str | None = None,
            allow: Callable[[str], bool] = lambda _: True,
        ) -> Viewer:
            key = ChannelKey("9f3a12bc-0000-4000-8000-0123456789ab", owner, frozenset({"*"}))
            return chosen.attach(
                key, person, tickets, self.origin, allow=allow, wake=wake, place=place, address=address
            )

        self.browsers.append(Browser(attach, **options))
        return self.browsers[-1]

    def at(self, url: str) -> Tickets:
        """Tickets for an address."""

        def tickets() -> Ticket:
            self.made.append(Ticket(url, f"token {len(self.made)}"))
            return self.made[-1]

        return tickets

    def leave(self, browser: Browser) -> None:
        browser.leave()
        self.browsers.remove(browser)

    def close(self) -> None:
        for browser in self.browsers:
            browser.leave()
        for hub in self.hubs:
            hub.stop(1012, "restart")
        for hub in self.hubs:
            until(lambda hub=hub: is_empty(hub), hub.counts)


def session_of(browser: Browser) -> Session:
    """The socket that is open now."""
    upstream = browser.viewer.channel._upstream
    assert upstream is not None
    assert upstream._session is not None
    return upstream._session


def is_empty(hub: Hub) -> bool:
    """No viewer, channel, socket or thread is left."""
    counts = hub.counts()
    return (counts.viewers, counts.channels, counts.upstreams, counts.threads) == (0, 0, 0, 0)


class Node:
    """The demo's panel and node, and the server that all look at."""

    def __init__(self, demo: Demo, rig: Rig) -> None:
        self.demo = demo
        self.rig = rig
        self.server = demo.world.servers[0]
        self.process = demo.processes[self.server.uuid]
        self.node = demo.nodes[demo.world.nodes[0].uuid]
        self.process.run_since(100)
        assert self.process.history(5)
        rig.origin = demo.base

    def tickets(self) -> Ticket:
        """As the panel's client API gives them."""
        answer = Client(self.demo.wsgi).get(
            f"/api/client/servers/{self.server.identifier}/websocket",
            headers={"Accept": "application/json", "Authorization": f"Bearer {self.demo.keys['kim']}"},
        )
        if answer.status_code == 409:
            raise NoTicket("state", is_final=True)
        if answer.status_code != 200:
            raise NoTicket("panel")
        assert answer.json is not None
        self.rig.made.append(Ticket(answer.json["data"]["socket"], answer.json["data"]["token"]))
        return self.rig.made[-1]

    def look(self, tickets: Tickets | None = None, **options: Any) -> Browser:
        """A browser that has got history."""
        browser = self.rig.look(tickets or self.tickets, **options)
        browser.has("live")
        browser.sees(self.process.history(1)[0])
        return browser

    def say(self, *lines: str) -> None:
        for line in lines:
            self.process.console.print(line)

    def sockets(self) -> int:
        return len(self.node.sockets.list())


@pytest.fixture
def rig(monkeypatch: pytest.MonkeyPatch) -> Iterator[Rig]:
    """What a test patches stays so until all is closed."""
    monkeypatch.setattr("portal.wings.hub.Viewer", Watched)
    jumping = Jumping()
    before = portal_clock.use(jumping)
    rig = Rig(jumping)
    try:
        yield rig
        rig.close()
    finally:
        portal_clock.use(before)


@pytest.fixture
def node(rig: Rig) -> Iterator[Node]:
    with Served(build(fixture=FIXTURE, rate_limit=0)) as served:
        yield Node(served.demo, rig)
        rig.close()
        rig.hubs.clear()
        rig.browsers.clear()
