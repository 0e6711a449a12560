"""The demo as a process: world file, keep-alive, signals, a taken port."""
from __future__ import annotations

import http.client
import json
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from tests.demo.worlds import FIXTURE

ROOT = Path(__file__).resolve().parents[2]
COMMAND = [sys.executable, "-m", "portal.demo"]


@contextmanager
def running(folder: Path, *arguments: str) -> Iterator[tuple[subprocess.Popen[str], dict[str, Any]]]:
    world = folder / "a world.json"
    command = [*COMMAND, "--port", "0", "--world", str(world), *arguments]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as panel:
        try:
            deadline = time.monotonic() + 60
            while not world.exists() and time.monotonic() < deadline:
                time.sleep(0.01)
            yield panel, json.loads(world.read_text(encoding="utf-8"))
        finally:
            panel.kill()


@contextmanager
def connected(world: dict[str, Any]) -> Iterator[http.client.HTTPConnection]:
    connection = http.client.HTTPConnection(urlsplit(world["base"]).netloc, timeout=30)
    try:
        yield connection
    finally:
        connection.close()


def test_serves_a_fixture_over_one_connection(tmp_path: Path) -> None:
    fixture = tmp_path / "fixture.json"
    fixture.write_text(json.dumps(FIXTURE), encoding="utf-8")
    with running(tmp_path, "--fixture", str(fixture), "--rate-limit", "0") as (panel, world):
        assert set(world) == {"base", "keys", "vars"}
        headers = {"Accept": "application/json", "Authorization": f"Bearer {world['keys']['kim']}",
                   "Content-Type": "application/x-www-form-urlencoded"}
        with connected(world) as connection:
            connection.connect()
            used = connection.sock
            for method, path, body, status in (
                ("POST", "/api/client/nothing", b"x" * 5000, 404), ("GET", "/api/client", None, 200),
                ("HEAD", "/api/client", None, 200),
                ("POST", "/api/client/account/api-keys", iter([b"descrip", b"tion=chunked"]), 200),
                ("POST", f"/api/client/servers/{world['vars']['server']}/power?signal=start", b"", 204),
                ("GET", "/api/client/account", None, 200),
            ):
                connection.request(method, path, body=body, headers=headers)
                answer = connection.getresponse()
                answer.read()
                assert (answer.status, connection.sock is used) == (status, True)
        panel.send_signal(signal.SIGTERM)
        assert panel.wait(timeout=5) == 0
        assert panel.stderr is not None
        assert panel.stderr.read() == ""


def test_ends_at_once_although_a_call_waits(tmp_path: Path) -> None:
    with running(tmp_path, "--condition", "node-hangs") as (panel, world), connected(world) as connection:
        connection.request("GET", f"/api/client/servers/{world['vars']['server']}/resources",
                           headers={"Authorization": f"Bearer {world['keys']['owner']}"})
        time.sleep(0.2)
        asked = time.monotonic()
        panel.send_signal(signal.SIGINT)
        assert panel.wait(timeout=10) == 0
        assert time.monotonic() - asked < 10


def test_a_taken_port_is_one_sentence(tmp_path: Path) -> None:
    with running(tmp_path) as (_, world):
        port = str(urlsplit(world["base"]).port)
        second = subprocess.run([*COMMAND, "--port", port], cwd=ROOT, capture_output=True, text=True, check=False)
    assert second.returncode == 1
    assert second.stderr == f"The demo panel cannot listen on port {port}: Address already in use.\n"


def test_unknown_conditions_are_refused() -> None:
    answer = subprocess.run([*COMMAND, "--port", "0", "--condition", "x"], cwd=ROOT, capture_output=True, check=False)
    assert answer.returncode == 2


@pytest.mark.parametrize("latency", ["150"])
def test_latency(tmp_path: Path, latency: str) -> None:
    with running(tmp_path, "--latency-ms", latency) as (_, world), connected(world) as connection:
        asked = time.monotonic()
        connection.request("GET", "/api/client")
        connection.getresponse().read()
        assert time.monotonic() - asked >= 0.15
