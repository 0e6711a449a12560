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
    connection = http.client.HTTPConnection(urlsplit(world["base"]).netloc, timeout=60)
    try:
        yield connection
    finally:
        connection.close()


def test_serves_a_fixture_over_one_connection(tmp_path: Path) -> None:
    fixture = tmp_path / "fixture.json"
    fixture.write_text(json.dumps(FIXTURE), encoding="utf-8")
    with running(tmp_path, "--fixture", str(fixture), "--rate-limit", "0") as (panel, world):
        assert set(world) == {"base", "keys", "vars", "nodes"}
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
        assert panel.wait(timeout=60) == 0
        assert panel.stderr is not None
        assert panel.stderr.read() == ""


def test_ends_at_once_although_a_call_waits(tmp_path: Path) -> None:
    with running(tmp_path, "--latency-ms", "3600000") as (panel, world), connected(world) as connection:
        connection.request("GET", f"/api/client/servers/{world['vars']['server']}/resources",
                           headers={"Authorization": f"Bearer {world['keys']['owner']}"})
        time.sleep(0.2)
        panel.send_signal(signal.SIGINT)
        assert panel.wait(timeout=60) == 0


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


def asked(address: str, path: str, **headers: str) -> tuple[int, dict[str, str], bytes]:
    connection = http.client.HTTPConnection(urlsplit(address).netloc, timeout=60)
    try:
        connection.request("GET", path, headers=headers)
        answer = connection.getresponse()
        return answer.status, dict(answer.headers), answer.read()
    finally:
        connection.close()


def test_each_node_that_can_be_dialled_has_an_address_in_the_world_file(tmp_path: Path) -> None:
    with running(tmp_path) as (_, world):
        assert sorted(world["nodes"]) == ["fra-1", "fra-2"]
        assert [asked(address, "/api/servers")[0] for address in world["nodes"].values()] == [401, 401]


def test_the_control_api_is_there_unless_it_is_not_wanted(tmp_path: Path) -> None:
    with running(tmp_path) as (_, world):
        assert json.loads(asked(world["base"], "/_demo/state")[2])["base"] == world["base"]
    (tmp_path / "a world.json").unlink()
    with running(tmp_path, "--no-control") as (_, world):
        assert asked(world["base"], "/_demo/state", Accept="application/json")[0] == 404


def test_the_clock_can_be_ahead(tmp_path: Path) -> None:
    with running(tmp_path, "--clock-offset", "1e9") as (_, world):
        now = json.loads(asked(world["base"], "/_demo/clock")[2])["now"]
    assert now > time.time() + 9e8


def test_backups_can_lie_in_an_object_store(tmp_path: Path) -> None:
    with running(tmp_path, "--backup-disk", "s3") as (_, world):
        created = http.client.HTTPConnection(urlsplit(world["base"]).netloc, timeout=60)
        headers = {"Authorization": f"Bearer {world['keys']['owner']}", "Accept": "application/json"}
        path = f"/api/client/servers/{world['vars']['server']}/backups"
        created.request("POST", path, headers=headers)
        answer = created.getresponse()
        backup = json.loads(answer.read())["attributes"]["uuid"]
        assert answer.status == 200
        deadline = time.monotonic() + 60
        done: dict[str, Any] = {}
        while not done.get("completed_at") and time.monotonic() < deadline:
            done = json.loads(asked(world["base"], f"{path}/{backup}", **headers)[2])["attributes"]
            time.sleep(0.05)
        created.close()
        link = json.loads(asked(world["base"], f"{path}/{backup}/download", **headers)[2])["attributes"]["url"]
        parts = urlsplit(link)
        status, _, body = asked(link, f"{parts.path}?{parts.query}")
    assert (status, len(body), parts.port != urlsplit(world["base"]).port) == (200, done["bytes"], True)
    assert link.partition("/backups/")[0] not in world["nodes"].values()


def test_a_taken_port_of_a_node_is_one_sentence(tmp_path: Path) -> None:
    with running(tmp_path) as (_, world):
        port = str(urlsplit(world["nodes"]["fra-1"]).port)
        second = subprocess.run([*COMMAND, "--port", "0", "--node-port", port], cwd=ROOT, capture_output=True,
                                text=True, check=False)
    assert (second.returncode, second.stderr) == (
        1, f"The demo panel cannot listen on port {port}: Address already in use.\n")


def test_the_same_seed_is_the_same_world(tmp_path: Path) -> None:
    worlds = []
    for seed in ("7", "7", "8"):
        with running(tmp_path, "--seed", seed) as (_, world):
            worlds.append((world["keys"], world["vars"]))
        (tmp_path / "a world.json").unlink()
    assert (worlds[0] == worlds[1], worlds[0] == worlds[2]) == (True, False)
