"""A demo panel in this process, a clock that stands still, and somebody to ask it questions."""
from __future__ import annotations

from typing import Any

import pytest
from werkzeug.test import Client, TestResponse

from portal.demo import Demo, ManualClock, build
from tests.demo.worlds import FIXTURE


class Asker:
    """Asks as the owner of a key; `says` gives the code and the text of a refusal."""

    def __init__(self, demo: Demo) -> None:
        self.demo = demo
        self._client = Client(demo.wsgi, use_cookies=False)

    def __call__(self, who: str | None, method: str, path: str, json: Any = None, **options: Any) -> TestResponse:
        headers = {"Accept": "application/json", **options.pop("headers", {})}
        if who:
            headers["Authorization"] = f"Bearer {self.demo.keys.get(who, who)}"
        return self._client.open(path, method=method, json=json, headers=headers, **options)

    def get(self, who: str | None, path: str, **options: Any) -> TestResponse:
        return self(who, "GET", path, **options)

    def post(self, who: str | None, path: str, json: Any = None, **options: Any) -> TestResponse:
        return self(who, "POST", path, json, **options)

    def server(self, name: str) -> str:
        """The client API's path of the server with that name."""
        server = next(server for server in self.demo.world.servers if server.name == name)
        return f"/api/client/servers/{server.identifier}"


def says(response: TestResponse) -> tuple[int, str, str]:
    assert response.json is not None
    error = response.json["errors"][0]
    assert error["status"] == str(response.status_code)
    return response.status_code, error["code"], error["detail"]


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def demo(clock: ManualClock) -> Demo:
    return build(fixture=FIXTURE, clock=clock)


@pytest.fixture
def ask(demo: Demo) -> Asker:
    return Asker(demo)
