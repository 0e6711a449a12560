"""A console's socket as a test wants it: the page's own script talks to it, no node and no relay have a part."""

from __future__ import annotations

import json
import re
from typing import Any

from playwright.sync_api import Page, WebSocketRoute, expect

from tests.e2e.stand import Stand

MIB = 1024 * 1024
CLOCK = """(() => {
    let time = performance.now();
    performance.now = () => time;
    window.later = (seconds) => { time += 1000 * seconds; };
    window.samples = 0;
    document.addEventListener("roost:stats", () => { window.samples += 1; });
})()"""
"""Time goes by only when a test says so, and samples that arrived are counted."""


class FakeConsole:
    """Says hello and live to every socket of the page; `say` sends a frame to the newest."""

    def __init__(self, page: Page, stand: Stand, name: str) -> None:
        self.page = page
        self.path = f"/servers/{stand.server(name)}/console"
        self._sockets: list[WebSocketRoute] = []
        self._line = 0
        page.add_init_script(CLOCK)
        page.route_web_socket(re.compile("/console/socket$"), self._opened)

    def open(self, state: str | None = "running") -> None:
        """The console page, live, with the server in a state (None: none was told)."""
        self.page.goto(self.path)
        expect(self.page.locator("[data-said]").first).to_have_text(re.compile("live", re.IGNORECASE))
        if state is not None:
            self.say(status=[state])

    def say(self, **frame: Any) -> None:
        """One frame."""
        self._sockets[-1].send(json.dumps(frame))

    def print(self, *lines: str) -> None:
        """Lines of the server."""
        self.say(**{"from": self._line, "lines": list(lines)})
        self._line += len(lines)

    def sample(self, *, after_s: float = 0.0, **values: Any) -> None:
        """A sample of the figures, some seconds later; what is not named is a small running server."""
        usual: dict[str, Any] = {
            "memory_bytes": 512 * MIB, "memory_limit_bytes": 9 * 10**9, "cpu_absolute": 12.5, "uptime": 65_000,
            "state": "running", "disk_bytes": 700 * MIB, "network": {"rx_bytes": 1000, "tx_bytes": 2000},
        }  # fmt: skip
        before = self.page.evaluate("seconds => { window.later(seconds); return window.samples; }", after_s)
        self.say(stats=usual | values)
        self.page.wait_for_function("before => window.samples > before", arg=before)

    def lose(self) -> None:
        """The way to the node ends."""
        self.say(link={"phase": "lost", "cause": "cut", "said": "The connection was cut.", "retry_in_s": 20})

    def _opened(self, socket: WebSocketRoute) -> None:
        self._sockets.append(socket)
        socket.on_message(lambda _message: None)
        self._line = 0
        socket.send(
            json.dumps({"hello": {"stream": "0123abcd", "may_command": True, "kept": 0}, "from": 0, "lines": []})
        )
        socket.send(json.dumps({"link": {"phase": "live"}}))
