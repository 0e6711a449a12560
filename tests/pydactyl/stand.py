"""A demo panel on a real socket, py-dactyl with two keys before it, and a plain look at what came of it."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import requests
from pydactyl import PterodactylClient

from portal.demo import ManualClock, build
from portal.demo.served import Served
from tests.support.replay import shared_root

TURNS = 60


def recorded_world() -> dict[str, Any]:
    """The world that a real panel was recorded in."""
    world: dict[str, Any] = json.loads((shared_root() / "conformance/fixture.json").read_text(encoding="utf-8"))
    return world


class Stand:
    """`notes` are the fixture's variables and what calls found out; the demo's clock stands still until `work`."""

    def __init__(self, fixture: dict[str, Any] | None) -> None:
        self.demo = build(fixture=fixture, clock=ManualClock())
        self.served = Served(self.demo)
        self.base = self.demo.base
        self.notes: dict[str, Any] = dict(self.demo.vars)
        self.customer_key = self.demo.keys["owner"]
        self.customer = PterodactylClient(self.base, self.customer_key)
        self.application = PterodactylClient(self.base, self.demo.keys["application"])
        self._plain = requests.Session()

    def __getattr__(self, name: str) -> Any:
        try:
            return self.__dict__["notes"][name]
        except KeyError:
            raise AttributeError(f"no call before has found out {name}") from None

    def close(self) -> None:
        """Everything is let go."""
        self._plain.close()
        for one in (self.customer, self.application):
            one._session.close()
        self.served.close()

    def ask(self, method: str, path: str, json: Any = None) -> requests.Response:
        """A plain request, with the key that belongs to the path."""
        key = self.demo.keys["application"] if path.startswith("/api/application") else self.customer_key
        headers = {"Authorization": f"Bearer {key}", "Accept": "application/json"}
        return self._plain.request(method, self.base + path, headers=headers, json=json, timeout=60)

    def seen(self, path: str) -> Any:
        """What stands there now: the attributes of one thing, or those of each in a list."""
        answer = self.ask("GET", path)
        assert answer.status_code == 200, f"{path}: {answer.status_code}"
        body = answer.json()
        return [one["attributes"] for one in body["data"]] if body["object"] == "list" else body["attributes"]

    def here(self, rest: str = "") -> Any:
        """The same of the customer's own server."""
        return self.seen(f"/api/client/servers/{self.server}{rest}")

    def gone(self, path: str) -> bool:
        """Whether nothing is there."""
        return self.ask("GET", path).status_code == 404

    def files(self, folder: str = "/") -> set[str]:
        """The names in a folder of the customer's own server."""
        return {one["name"] for one in self.here(f"/files/list?directory={folder}")}

    @property
    def log(self) -> list[tuple[str, str, int]]:
        """What was asked of the panel: method, path and the status of the answer."""
        return [(one.method, one.path, one.status) for one in self.demo.calls]

    def work(self) -> None:
        """Let two seconds go by, and what runs in the background go on."""
        self.demo.clock.advance(2)
        self.demo.pulse()

    def wait(self, holds: Callable[[], Any]) -> Any:
        """Ask again until it is true; the demo's time goes by meanwhile."""
        for _ in range(TURNS):
            if found := holds():
                return found
            self.work()
        raise AssertionError(f"never came true in {TURNS} turns")
