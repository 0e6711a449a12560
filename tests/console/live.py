"""A portal that really serves sockets, with the nodes of its demo on loopback, and pages that open consoles.

The portal's clock runs from where the test's stands; the panel's and the nodes' stand until a test moves them.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from typing import Any

import websocket
from werkzeug.serving import WSGIRequestHandler, make_server

from portal import clock as portal_clock
from portal.console.relay import Relay, relay
from portal.demo import Demo
from portal.demo.served import Place, Served
from portal.demo.wings.process import Process
from portal.demo.world import Server
from portal.store import db
from portal.wings.timing import Timing
from tests.conftest import TestClock, World
from tests.support.waiting import until

DEADLINE_S = 60.0
PATIENT = Timing(connect_s=DEADLINE_S, auth_s=DEADLINE_S, hold_s=DEADLINE_S, history_s=DEADLINE_S, pong_s=DEADLINE_S)
"""The relay's limits, beyond what a busy machine reaches."""
CLOSE = websocket.ABNF.OPCODE_CLOSE


@dataclass(frozen=True)
class RunningSide:
    """The test's clock, running: the threads of consoles wait by it."""

    clock: TestClock
    began: float = field(default_factory=time.monotonic)

    def now(self) -> float:
        """The test's time and what has gone by since."""
        return self.clock.now() + time.monotonic() - self.began

    def monotonic(self) -> float:
        """The same."""
        return self.now()

    def sleep(self, seconds: float) -> None:
        """Waits really."""
        time.sleep(seconds)


class Quiet(WSGIRequestHandler):
    """Says nothing of requests."""

    def log(self, *_: object) -> None:
        """Nothing."""


@dataclass
class Live:
    """A world whose portal listens. `world.app` has a relay as every web process has one."""

    world: World
    port: int
    nodes: dict[str, Place]
    pages: list[Page] = field(default_factory=list)

    @property
    def demo(self) -> Demo:
        return self.world.demo

    @property
    def relay(self) -> Relay:
        with self.world.app.app_context():
            return relay()

    def set(self, **values: object) -> None:
        """Change settings of the running portal."""
        self.world.app.config["ROOST"] = replace(self.world.app.config["ROOST"], **values)

    def server(self, name: str) -> Server:
        """The panel's row of a server."""
        return next(one for one in self.demo.world.servers if one.name == name)

    def process(self, name: str) -> Process:
        """What runs on the node."""
        return self.demo.processes[self.server(name).uuid]

    def cookie(self, who: str | None) -> str:
        """The cookie of a browser in which somebody signed in just now."""
        browser = self.world.browser(who)
        return "; ".join(f"{one.key}={one.value}" for one in browser._cookies.values())

    def page(self, who: str | None = "owner", server: str = "Survival SMP", **options: Any) -> Page:
        """A page whose script opens the console of a server; it has not said anything yet."""
        return self.page_at(self.world.server(server), who, **options)

    def page_at(self, identifier: str, who: str | None = "owner", **options: Any) -> Page:
        """The same by the server's identifier."""
        return self.page_on(f"/servers/{identifier}/console/socket", who, **options)

    def page_on(self, path: str, who: str | None, **options: Any) -> Page:
        """The same by the socket's path."""
        options = {"origin": f"http://127.0.0.1:{self.port}", "cookie": self.cookie(who)} | options
        address = f"ws://127.0.0.1:{self.port}{path}"
        page = Page(websocket.create_connection(address, timeout=DEADLINE_S, **options))
        self.pages.append(page)
        return page

    def open(self, who: str = "owner", server: str = "Survival SMP") -> Page:
        """A page whose console is live."""
        page = self.page(who, server)
        page.say({"hello": None})
        page.until(lambda told: told.get("link", {}).get("phase") == "live")
        return page

    def checked_out(self) -> int:
        """Connections of the store in use."""
        with self.world.app.app_context():
            return db.engine.pool.checkedout()  # type: ignore[attr-defined,no-any-return]


@dataclass
class Page:
    """One open socket, as a browser's script has it."""

    socket: websocket.WebSocket
    heard: list[dict[str, Any]] = field(default_factory=list)

    def say(self, message: object) -> None:
        self.socket.send(message if isinstance(message, str) else json.dumps(message))

    def next(self) -> dict[str, Any]:
        """The next frame; fails when there is none within the deadline or the socket is closed."""
        opcode, data = self.socket.recv_data()
        assert opcode == websocket.ABNF.OPCODE_TEXT, f"closed: {data!r}"
        told: dict[str, Any] = json.loads(data)
        self.heard.append(told)
        return told

    def until(self, holds: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        """The first frame from now on that it holds for."""
        deadline = time.monotonic() + DEADLINE_S
        while time.monotonic() < deadline:
            if holds(told := self.next()):
                return told
        raise AssertionError(self.heard[-5:])

    def line(self, text: str) -> None:
        """Until a line with this text has been told."""

        def has(told: dict[str, Any]) -> bool:
            return any(text in (one or "") for one in told.get("lines", ()))

        if not any(map(has, self.heard)):
            self.until(has)

    def command(self, text: object, number: int = 1) -> dict[str, Any]:
        """The answer to a command."""
        self.say({"command": {"id": number, "text": text}})
        return dict(self.until(lambda told: "answer" in told)["answer"])

    def closing(self) -> tuple[int, str]:
        """Code and reason of the close frame, whatever is told before it; the portal may be gone before the answer."""
        deadline = time.monotonic() + DEADLINE_S
        while time.monotonic() < deadline:
            frame = self.socket.recv_frame()
            with suppress(OSError, websocket.WebSocketException):
                if frame.opcode == websocket.ABNF.OPCODE_PING:
                    self.socket.pong(frame.data)
                elif frame.opcode == CLOSE:
                    self.socket.send_close()
            if frame.opcode == CLOSE:
                return int.from_bytes(frame.data[:2], "big"), frame.data[2:].decode()
        raise AssertionError("it is still open")

    def leave(self) -> None:
        """Close the page."""
        with suppress(OSError, websocket.WebSocketException):
            self.socket.close(timeout=2)
        self.socket.shutdown()


@contextmanager
def serving(world: World) -> Iterator[Live]:
    """Serve a world's portal and its nodes; afterwards nothing of it is left."""
    before = portal_clock.use(RunningSide(world.clock))
    server = make_server("127.0.0.1", 0, world.app, threaded=True, request_handler=Quiet)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    with Served(world.demo) as served:
        live = Live(world, server.port, served.nodes)
        live.set(console_origin=world.demo.base)
        live.relay.hub._timing = PATIENT
        try:
            yield live
        finally:
            for page in live.pages:
                page.leave()
            live.relay.drain()
            until(lambda: live.relay.seats.taken() == 0)
            server.shutdown()
            thread.join(DEADLINE_S)
            until(lambda: live.relay.hub.counts().threads == 0 and not threads_of_consoles())
            server.server_close()
            portal_clock.use(before)


def threads_of_consoles() -> list[str]:
    """The names of those that browsers and the keeper have."""
    names = ("console-browser", "console-keeper", "console-aside")
    return [one.name for one in threading.enumerate() if one.name.startswith(names)]
