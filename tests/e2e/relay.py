"""A relay that a test plays itself: the server's end of the console's socket, one for each page."""

from __future__ import annotations

import json
import time
from typing import Any

from playwright.sync_api import Locator, Page, WebSocketRoute, expect

from tests.e2e.conftest import PATIENCE_MS
from tests.e2e.stand import Stand

STREAM = "ab12cd34"


class Relay:
    """Answers every console's socket of a page; what the page said is in `hellos` and `commands`."""

    def __init__(self, page: Page, *, state: str = "running", may_command: bool = True, answers: bool = True) -> None:
        self.sockets: list[WebSocketRoute] = []
        self.hellos: list[Any] = []
        self.commands: list[dict[str, Any]] = []
        self.stream = STREAM
        self.next = 1
        self.state = state
        self.may_command = may_command
        self.answers = answers
        self.refuses: tuple[int, str] | None = None
        page.route_web_socket("**/console/socket", self._open)

    def say(self, **frame: Any) -> None:
        """One frame to the newest socket."""
        self.sockets[-1].send(json.dumps(frame))

    def lines(self, *texts: str | None, **frame: Any) -> None:
        """The next lines."""
        self.say(**{"from": self.next, "lines": texts}, **frame)
        self.next += len(texts)

    def close(self, code: int, reason: str = "") -> None:
        """End the newest socket."""
        self.sockets[-1].close(code=code, reason=reason)

    def _open(self, socket: WebSocketRoute) -> None:
        self.sockets.append(socket)
        socket.on_message(lambda message: self._hear(socket, json.loads(message)))

    def _hear(self, socket: WebSocketRoute, message: dict[str, Any]) -> None:
        if "hello" in message:
            self.hellos.append(message["hello"])
            if self.refuses:
                socket.close(code=self.refuses[0], reason=self.refuses[1])
                return
            hello = {"stream": self.stream, "may_command": self.may_command, "kept": 1000}
            socket.send(json.dumps({"hello": hello, "status": [self.state], "link": {"phase": "live"}}))
        if "command" in message:
            self.commands.append(message["command"])
            if self.answers:
                socket.send(json.dumps({"answer": {"id": message["command"]["id"], "outcome": "sent"}}))


def open_console(page: Page, stand: Stand, name: str, tail: str = "/console", **options: Any) -> Relay:
    """The console of a server with a relay of the test's own, once it is live."""
    relay = Relay(page, **options)
    page.goto(f"/servers/{stand.server(name)}{tail}")
    expect(page.locator("[data-console]")).to_have_attribute("data-phase", "live")
    return relay


def log(page: Page) -> Locator:
    """Where the lines are."""
    return page.locator("[data-log]")


def texts(page: Page) -> list[str]:
    """What stands in the log."""
    found: list[str] = log(page).locator(".l").evaluate_all("all => all.map(one => one.textContent)")
    return found


def wait_for_hellos(page: Page, relay: Relay, count: int) -> None:
    """Until the page has come so many times."""
    wait_for(page, relay.hellos, count)


def wait_for_commands(page: Page, relay: Relay, *expected: str) -> None:
    """Until the page has sent so many commands; they are these, in this order."""
    wait_for(page, relay.commands, len(expected))
    assert [one["text"] for one in relay.commands] == list(expected)


def wait_for(page: Page, said: list[Any], count: int = 1) -> None:
    """Until so many stand in a list that what the page does makes longer."""
    deadline = time.monotonic() + PATIENCE_MS / 1000
    while len(said) < count:
        assert time.monotonic() < deadline, f"the page said {said}, not {count} of them"
        page.wait_for_timeout(50)


def stop_time(page: Page) -> None:
    """In the page time stands still until `page.clock.run_for`: it needs `page.clock.install()` before it is opened."""
    page.clock.pause_at(page.evaluate("Date.now() / 1000") + 1)
