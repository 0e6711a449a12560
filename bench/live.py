"""What live state costs the panel: 50 people look at 50 servers, and the panel's own log says what was asked of it.

    .venv/bin/python bench/live.py [--quick]

Each person has their own account and key, may see all 50 servers, and keeps the list open (half of them its second
page), which asks Roost every few seconds as the page itself does.

usage_calls_per_minute  calls of the panel's usage figures, worker and pages together
seen_after_s            how long a start made directly on the panel takes to show in the lists; the slowest one
The last line is one JSON object with these figures.
"""

from __future__ import annotations

import argparse
import html
import json
import re
import sys
import threading
import time
import urllib.parse
import urllib.request
from http.cookiejar import CookieJar
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from argon2 import PasswordHasher  # noqa: E402

from portal.auth import passwords  # noqa: E402
from tests.e2e.stand import PASSWORD, Stand  # noqa: E402

SERVERS = 50
VIEWERS = 50
READING_S = 22.0
AIMS = {"usage_calls_per_minute": 150, "seen_after_s": 30}
POLL = re.compile(r'<div id="poll"[^>]*hx-get="([^"]+)"[^>]*every (\d+)s')
FIELD = re.compile(r'name="csrf_token"[^>]*value="([^"]+)"')
MAY = ["websocket.connect", "control.console", "control.start", "control.stop", "control.restart", "file.sftp"]


class Viewer:
    """Somebody who keeps a page of the list open."""

    def __init__(self, url: str, email: str, page: int) -> None:
        self.url = url
        self.browser = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(CookieJar()))
        self.page = page
        self.poll = ""
        self.every_s = 5.0
        self.states: dict[str, str] = {}
        self.asked = 0
        token = self._token(self._get("/login"))
        form = {"csrf_token": token, "email": email, "password": PASSWORD}
        with self.browser.open(f"{url}/login", urllib.parse.urlencode(form).encode(), timeout=20) as answer:
            answer.read()
        self._take(self._get(f"/servers?page={page}"))

    def look(self) -> None:
        """One poll, as the page makes it."""
        self.asked += 1
        self._take(self._get(self.poll, htmx=True))

    def _get(self, path: str, *, htmx: bool = False) -> str:
        headers = {"HX-Request": "true"} if htmx else {}
        request = urllib.request.Request(f"{self.url}{path}", headers=headers)
        with self.browser.open(request, timeout=20) as answer:
            return str(answer.read().decode())

    def _take(self, text: str) -> None:
        if found := POLL.search(text):
            self.poll, self.every_s = html.unescape(found[1]), float(found[2])
        for identifier, row in re.findall(r'<li class="server" id="s-(\w{8})"(.*?)</li>', text, re.DOTALL):
            label = re.search(r'class="badge \w+">([^<]+)<', row)
            self.states[identifier] = label[1] if label else ""

    @staticmethod
    def _token(text: str) -> str:
        found = FIELD.search(text)
        return found[1] if found else ""


def main() -> int:
    parser = argparse.ArgumentParser(description="What live state costs the panel.")
    parser.add_argument("--quick", action="store_true", help="one round; under 40 s")
    options = parser.parse_args()
    rounds = 1 if options.quick else 5
    people = tuple(f"viewer{number:02}" for number in range(VIEWERS))
    passwords.hasher = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)  # signing in is not what is measured
    stand = Stand(fixture=_fixture(people), people=people)
    try:
        for server in stand.demo.world.servers[rounds:]:
            stand.demo.processes[server.uuid].run_since(3600)
        viewers = _all_sign_in(stand, people)
        figures = _watch(stand, viewers, rounds)
    finally:
        stand.close()
    for name, value in figures.items():
        aim = f"   aim: at most {AIMS[name]}" if name in AIMS else ""
        print(f"{name:26}{value:>10}{aim}")
    print(json.dumps(figures))
    return 0


def _all_sign_in(stand: Stand, people: tuple[str, ...]) -> list[Viewer]:
    viewers: list[Viewer] = []

    def enter(numbers: range) -> None:
        for number in numbers:
            viewers.append(Viewer(stand.url, f"{people[number]}@example.com", page=1 + number % 2))

    hands = [threading.Thread(target=enter, args=(range(first, VIEWERS, 8),)) for first in range(8)]
    for hand in hands:
        hand.start()
    for hand in hands:
        hand.join()
    if len(viewers) != VIEWERS or any(not one.poll for one in viewers):
        raise RuntimeError("not everybody could sign in and see the list")
    return viewers


def _watch(stand: Stand, viewers: list[Viewer], rounds: int) -> dict[str, Any]:
    over = threading.Event()
    failed: list[str] = []
    hands = [
        threading.Thread(target=_keep_looking, args=(one, number, over, failed)) for number, one in enumerate(viewers)
    ]
    for hand in hands:
        hand.start()
    time.sleep(2)
    began, counted_from = time.monotonic(), len(stand.demo.calls)
    waits = []
    for number in range(rounds):
        time.sleep(1)
        waits.append(_start_one(stand, viewers, number))
        time.sleep(max(0.0, began + (number + 1) * READING_S - time.monotonic()))
    minutes = (time.monotonic() - began) / 60
    calls = stand.demo.calls[counted_from:]
    over.set()
    for hand in hands:
        hand.join()
    usage = [one for one in calls if one.path.endswith("/resources")]
    seconds = [one for one in waits if one is not None]
    return {
        "usage_calls_per_minute": round(len(usage) / minutes, 1),
        "seen_after_s": round(max(seconds), 1) if len(seconds) == len(waits) else None,
        "all_panel_calls_per_minute": round(len(calls) / minutes, 1),
        "polls_per_minute": round(sum(one.asked for one in viewers) / minutes),
        "failed_polls": len(failed),
        "servers": SERVERS,
        "viewers": VIEWERS,
        "seconds": round(minutes * 60, 1),
    }


def _keep_looking(viewer: Viewer, number: int, over: threading.Event, failed: list[str]) -> None:
    over.wait(5.0 * number / VIEWERS)
    while not over.is_set():
        try:
            viewer.look()
        except OSError as wrong:
            failed.append(str(wrong))
        over.wait(viewer.every_s)


def _start_one(stand: Stand, viewers: list[Viewer], number: int) -> float | None:
    """Start a server with the panel's own API; seconds until everybody who has its row sees it."""
    server = stand.demo.world.servers[number]
    who = [one for one in viewers if server.identifier in one.states]
    address = f"{stand.demo.base}/api/client/servers/{server.identifier}/power"
    key = stand.demo.keys["viewer00"]
    headers = {"Authorization": f"Bearer {key}", "Accept": "application/json", "Content-Type": "application/json"}
    request = urllib.request.Request(address, b'{"signal": "start"}', headers)
    began = time.monotonic()
    with urllib.request.urlopen(request, timeout=20) as answer:
        answer.read()
    while time.monotonic() - began < 60:
        if who and all(one.states[server.identifier] in ("Starting", "Running") for one in who):
            return time.monotonic() - began
        time.sleep(0.1)
    return None


def _fixture(people: tuple[str, ...]) -> dict[str, Any]:
    """A world of 50 servers that 50 people may see, in the format of the recordings' fixture."""
    first, *others = people
    ports = list(range(25500, 25500 + SERVERS))
    users = [
        {"as": one, "email": f"{one}@example.com", "username": one, "first_name": "V", "last_name": one}
        for one in people
    ]
    admin = {"as": "admin", "email": "admin@example.com", "username": "admin", "first_name": "A", "last_name": "A"}
    return {
        "panel": {"rate_limit": {"client_per_minute": 720, "application_per_minute": 240}},
        "locations": [{"short": "home"}],
        "nodes": [
            {"name": "Node One", "location": "home", "fqdn": "127.0.0.1", "scheme": "http", "memory": 262144,
             "disk": 2_000_000, "allocations": {"ip": "127.0.0.1", "ports": ports}},
        ],
        "users": [*users, admin | {"root_admin": True}],
        "egg": {"name": "Paper", "nest": "Minecraft"},
        "server_defaults": {"limits": {"memory": 1024, "swap": 0, "disk": 5120, "io": 500, "cpu": 100}},
        "servers": [
            {"name": f"Server {port - 25499:02}", "owner": first, "port": port,
             "feature_limits": {"databases": 1, "allocations": 1, "backups": 1},
             "subusers": [{"user": one, "permissions": MAY} for one in others]}
            for port in ports
        ],
        "keys": {one: f"client key of {one}" for one in people} | {"application": "application key, read and write"},
        "vars": {},
    }  # fmt: skip


if __name__ == "__main__":
    sys.exit(main())
