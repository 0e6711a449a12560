"""What a peer is told."""
from __future__ import annotations

import json
from typing import Any

import pytest
from werkzeug.test import Client

from portal.demo.wings.daemon import Daemon
from portal.demo.wings.usage import Profile
from tests.demo.sockets.peers import Place, Told
from tests.demo.sockets.test_inbound import texts

DAEMON = "\x1b[33m\x1b[1m[Pterodactyl Daemon]:\x1b[39m "


def call(place: Place, method: str, path: str, **options: Any) -> int:
    return Client(Daemon(place.node)).open(
        path, method=method, headers={"Authorization": f"Bearer {place.node.row.daemon_token}"}, **options).status_code


def without(told: list[Told], *names: str) -> list[Told]:
    return [one for one in told if one[0] not in names]


def shown(told: list[Told]) -> list[str]:
    """Only the texts, the node's own lines without their decoration."""
    return [one[1].removeprefix(DAEMON).removesuffix("\x1b[0m") for one in told]


def test_frames_are_text_of_one_object_with_a_newline_as_go_writes_it(place: Place) -> None:
    place.run("Uno")
    peer = place.join()
    place.process("Uno").console.print("<b> & \u00fc \x1b[0m\u2028\"\ud800")
    assert peer.raw() == ('{"event":"console output","args":["\\u003cb\\u003e \\u0026 \u00fc \\u001b[0m'
                          '\\u2028\\"\ufffd"]}\n')


def test_without_arguments_there_is_no_args(place: Place) -> None:
    peer = place.open()
    peer.send("auth", place.token("kim"))
    assert peer.raw() == '{"event":"auth success"}\n'


def test_a_start_from_the_first_line_to_running(place: Place) -> None:
    peer = place.join("chief")
    place.process("Uno").power("start")
    place.pass_time(2)
    told = without(peer.settled(), "stats")
    own = list(zip((one[0] for one in told), shown(told), strict=True))
    image = place.server("Uno").image
    assert own[:8] == [
        ("console output", "Checking server disk space usage, this could take a few seconds..."),
        ("console output", "Updating process configuration files..."),
        ("console output", "Ensuring file permissions are set correctly, this could take a few seconds..."),
        ("status", "starting"),
        ("console output", "Pulling Docker container image, this could take a few minutes to complete..."),
        ("install output", f"Pulling from {image}"),
        ("install output", f"Status: Image is up to date for {image}"),
        ("console output", "Finished pulling Docker container image"),
    ]
    assert own[-2:] == [("console output", "Server is ready"), ("status", "running")]
    assert told[0][1].startswith(DAEMON)
    assert not told[-2][1].startswith(DAEMON)


def test_a_stop_and_a_kill_go_over_stopping(place: Place) -> None:
    process = place.run("Uno")
    peer = place.join()
    process.power("stop")
    place.pass_time(2)
    assert texts(peer, "status") == ["stopping", "offline"]
    process.power("start")
    process.power("kill")
    assert texts(peer, "status") == ["starting", "stopping", "offline"]


def test_a_crash_its_block_and_the_start_after_it(place: Place) -> None:
    process = place.process("Uno")
    process.profile = Profile(crash_after_seconds=1, restarts_after_crash=True)
    peer = place.join()
    process.power("start")
    peer.settled()
    block = ["---------- Detected server process in a crashed state! ----------", "Exit code: 1",
             "Out of memory: false"]
    place.pass_time(1)
    told = shown(without(peer.settled(), "stats"))
    assert told[told.index("offline"):][:9] == [
        "offline", *block, "Checking server disk space usage, this could take a few seconds...",
        "Updating process configuration files...",
        "Ensuring file permissions are set correctly, this could take a few seconds...", "starting",
        "Pulling Docker container image, this could take a few minutes to complete...",
    ]
    place.pass_time(1)
    again = shown(without(peer.settled(), "stats"))
    assert again[again.index("offline"):] == [
        "offline", *block, "Aborting automatic restart, last crash occurred less than 60 seconds ago."]
    place.pass_time(60)
    process.power("start")
    peer.settled()
    place.pass_time(1)
    assert texts(peer, "status") == ["offline", "starting"]


def test_one_sample_a_second_while_up_and_one_of_zeros_at_the_stop(place: Place) -> None:
    process = place.process("Uno")
    peer = place.join()
    place.pass_time(5)
    assert peer.settled() == []
    process.power("start")
    peer.settled()
    for _ in range(4):
        place.pass_time(0.25)
        place.node.tick()
    assert len(texts(peer, "stats")) == 1
    place.pass_time(1)
    (sample,) = texts(peer, "stats")
    document = json.loads(sample)
    assert list(document) == sorted(document)
    assert (document["uptime"], document["state"]) == (2000, "running")
    assert document["memory_bytes"] > 0
    process.power("kill")
    stopped = peer.settled()
    assert [told[0] for told in stopped] == ["status", "status", "stats"]
    assert json.loads(stopped[-1][1]) == {
        "memory_bytes": 0, "memory_limit_bytes": document["memory_limit_bytes"], "cpu_absolute": 0, "uptime": 0,
        "network": {"rx_bytes": 0, "tx_bytes": 0}, "state": "offline", "disk_bytes": document["disk_bytes"]}
    place.pass_time(5)
    assert peer.settled() == []


@pytest.mark.parametrize(("event", "permission"), [
    ("install output", "admin.websocket.install"), ("transfer logs", "admin.websocket.transfer"),
    ("backup completed", "backup.read"), ("install started", None), ("install completed", None),
    ("daemon message", None), ("backup restore completed", None), ("transfer status", None), ("status", None),
    ("stats", None), ("console output", None), ("something new", None),
])
def test_who_sees_which_event(place: Place, event: str, permission: str | None) -> None:
    """The star shows all but what only admins may see."""
    plain = place.join("lee", permissions=["websocket.connect"])
    star, admin = place.join("kim"), place.join("chief")
    holder = place.join("lee", permissions=["websocket.connect", *([permission] if permission else [])])
    place.process("Uno").bus.publish(event, "x")
    assert (len(plain.settled()), len(holder.settled()), len(admin.settled())) == (0 if permission else 1, 1, 1)
    assert len(star.settled()) == (0 if (permission or "").startswith("admin") else 1)


@pytest.mark.parametrize(("has_suffix", "name"), [(False, "backup completed"), (True, "backup completed:some-uuid")])
def test_backup_completed_with_and_without_the_uuid(place: Place, has_suffix: bool, name: str) -> None:
    place.node.config.backup_event_has_suffix = has_suffix
    peer, without_right = place.join(), place.join("lee")
    place.process("Uno").bus.publish("backup completed:some-uuid", '{"uuid":"some-uuid"}')
    assert peer.settled() == [(name, '{"uuid":"some-uuid"}')]
    assert without_right.settled() == []


def test_a_deleted_server_says_null_and_goes_away(place: Place) -> None:
    process = place.run("Uno")
    root = process.files.root
    peer, other = place.join(), place.join("lee", "Tre")
    assert call(place, "DELETE", f"/api/servers/{place.server('Uno').uuid}") == 204
    assert peer.next() == ("deleted", "null")
    assert peer.closing() == (1001, "server deleted")
    assert other.settled() == []
    assert not root.exists()
    assert call(place, "GET", f"/api/servers/{place.server('Uno').uuid}") == 404


def test_a_suspension_closes_nothing(place: Place) -> None:
    place.run("Uno")
    peer = place.join()
    place.server("Uno").status = "suspended"
    assert call(place, "POST", f"/api/servers/{place.server('Uno').uuid}/sync") == 204
    place.pass_time(2)
    assert texts(peer, "status") == ["stopping", "offline"]
    assert place.join().settled() == []


def test_an_install_from_start_to_end(place: Place) -> None:
    admin, owner = place.join("chief"), place.join("kim")
    server = place.server("Uno")
    server.status = "installing"
    assert call(place, "POST", f"/api/servers/{server.uuid}/reinstall") == 202
    for _ in range(6):
        place.pass_time(0.25)
    told = admin.settled()
    assert told[:2] == [("install started", ""), ("daemon message",
                        "Starting installation process, this could take a few minutes...")]
    assert {one[0] for one in told[2:-1]} == {"install output"}
    assert told[-1] == ("install completed", "")
    assert [one[0] for one in owner.settled()] == ["install started", "daemon message", "install completed"]
    assert server.status is None


def test_a_reinstall_of_a_running_server_begins_when_it_is_down(place: Place) -> None:
    place.run("Uno")
    peer = place.join()
    assert call(place, "POST", f"/api/servers/{place.server('Uno').uuid}/reinstall") == 202
    for _ in range(16):
        place.pass_time(0.25)
    told = [one for one in peer.settled() if one[0] in ("status", "install started", "install completed")]
    assert told == [("status", "stopping"), ("status", "offline"), ("install started", ""), ("install completed", "")]


def test_a_failed_install_ends_alike_for_viewers(place: Place) -> None:
    server, process = place.server("Uno"), place.process("Uno")
    process.profile = Profile(install_fails=True)
    server.status = "installing"
    peer = place.join()
    assert call(place, "POST", f"/api/servers/{server.uuid}/install") == 202
    place.pass_time(2)
    assert peer.settled()[-1] == ("install completed", "")
    assert server.status == "install_failed"
