"""One server of a node, asked over Wings' HTTP as the panel does."""
from __future__ import annotations

from typing import Any

import pytest
from werkzeug.test import Client, TestResponse

from portal.demo import Demo, ManualClock
from portal.demo.tokens import SIGNED_URL_SECONDS, token_for
from portal.demo.wings.bus import Event

UNEXPECTED = "An unexpected error was encountered while processing this request"


class Box:
    """`heard` are the events of the server's bus, in their order."""

    def __init__(self, demo: Demo, clock: ManualClock) -> None:
        self.demo, self.clock = demo, clock
        self.server = demo.world.servers[0]
        self.node = demo.nodes[self.server.node.uuid]
        self.process = demo.processes[self.server.uuid]
        self.files = self.process.files
        self.browser = Client(demo.daemons[self.server.node.uuid], use_cookies=False)
        self.heard: list[Event] = []
        self.process.bus.subscribe(self.heard.append)

    def __call__(self, method: str, path: str, json: Any = None, **options: Any) -> TestResponse:
        headers = {"Authorization": f"Bearer {self.server.node.daemon_token}"}
        return self.browser.open(f"/api/servers/{self.server.uuid}{path}", method=method, json=json, headers=headers,
                                 **options)

    def get(self, path: str, **query: str) -> TestResponse:
        return self("GET", path, query_string=query)

    def post(self, path: str, json: Any = None, **options: Any) -> TestResponse:
        return self("POST", path, json, **options)

    def write(self, name: str, content: bytes) -> TestResponse:
        return self.post("/files/write", query_string={"file": name}, data=content)

    def names(self, directory: str = "/") -> list[str]:
        document = self.get("/files/list-directory", directory=directory).json
        return [entry["name"] for entry in document or []]

    def entry(self, name: str, directory: str = "/") -> dict[str, Any]:
        entries = self.get("/files/list-directory", directory=directory).json or []
        return next(entry for entry in entries if entry["name"] == name)

    def token(self, lifetime: int = SIGNED_URL_SECONDS, **claims: Any) -> str:
        return token_for(self.server.owner, self.server, {"server_uuid": self.server.uuid, **claims},
                         issuer="http://panel", now=self.clock.now(), lifetime=lifetime, chance=self.demo.chance)

    def work(self, seconds: float = 2.0) -> None:
        """Let what runs in the background come to its end."""
        self.clock.advance(seconds)
        self.demo.jobs.run_due()


def says(answer: TestResponse) -> tuple[int, str]:
    assert answer.json is not None
    return answer.status_code, answer.json["error"]


@pytest.fixture
def box(demo: Demo, clock: ManualClock) -> Box:
    return Box(demo, clock)
