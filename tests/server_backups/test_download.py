"""Downloading: an archive that is checked on its way, and how that went said on the page."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

import pytest
from werkzeug.test import TestResponse

from portal.demo.wings.backups import archive_place
from portal.demo.world import Backup
from portal.files.transfers import places
from portal.server_backups import downloads
from portal.servers import reading
from tests.conftest import World
from tests.server_backups.support import PLAYED, SHARED, account_viewer, add, made, root, see, share
from tests.servers.support import audit_of, said


def place_of(world: World, backup: Backup) -> Path:
    node = next(one for one in world.demo.nodes.values() if one.row is backup.server.node)
    return Path(archive_place(node, backup.uuid))


def fetch(world: World, backup: Backup, who: str = "owner", name: str = PLAYED) -> TestResponse:
    answer = world.browser(who).get(f"{root(world, name)}/{backup.uuid}/download")
    assert answer.data  # all of it comes
    answer.close()
    return answer


def told(world: World, who: str = "owner", name: str = PLAYED) -> str:
    return said(see(world, who, name, "/downloads/live").text)


def test_the_archive_comes_whole_and_the_checksum_is_said_to_agree(world: World) -> None:
    backup = made(world, "nightly")
    answer = fetch(world, backup)

    assert answer.status_code == 200
    assert answer.data == place_of(world, backup).read_bytes()
    assert f"sha1:{hashlib.sha1(answer.data, usedforsecurity=False).hexdigest()}" == backup.checksum
    assert answer.headers["Content-Length"] == str(backup.bytes)
    assert f'filename="{backup.uuid}.tar.gz"' in answer.headers["Content-Disposition"]
    assert "Downloaded, and the checksum agrees: nightly" in told(world)
    assert "the checksum agrees" in said(see(world).text)
    assert audit_of(world, "backup.download") == [("done", "nightly")]


@pytest.mark.parametrize("size", [1, 1024 * 1024, 3 * 1024 * 1024 + 7])
def test_one_that_is_damaged_never_arrives_whole(size: int, world: World) -> None:
    backup = made(world, "nightly")
    right = b"\1" * size
    backup.checksum = f"sha1:{hashlib.sha1(right, usedforsecurity=False).hexdigest()}"
    place_of(world, backup).write_bytes(b"\1" * (size - 1) + b"\2")
    arrived = bytearray()
    with pytest.raises(ConnectionResetError):
        take(world, backup, arrived)

    assert len(arrived) <= max(0, size - 1)
    assert "The checksum does not agree: nightly" in told(world)
    assert "do not rely on this backup" in told(world)
    said_of_it = [("done", "nightly"), ("failed", "nightly: the checksum does not agree")]
    assert audit_of(world, "backup.download") == said_of_it


def take(world: World, backup: Backup, arrived: bytearray) -> None:
    """All pieces as they would go to the browser."""
    with world.app.test_request_context():
        viewer = account_viewer(world, "owner")
        sent = downloads.download(viewer, reading.stored_server(viewer, world.server(PLAYED)), backup.uuid)
    for piece in sent.pieces:
        arrived += piece


@pytest.mark.parametrize("checksum", [None, "crc9:abc", ""])
def test_without_a_checksum_that_can_be_compared_that_is_said(checksum: str | None, world: World) -> None:
    backup = made(world, "old one")
    backup.checksum = checksum
    assert fetch(world, backup).status_code == 200

    assert "whether it is whole could not be checked" in told(world)


def test_a_checksum_of_a_very_old_panel_is_compared(world: World) -> None:
    backup = made(world, "old one")
    backup.checksum = f"sha256:{hashlib.sha256(place_of(world, backup).read_bytes()).hexdigest()}"
    fetch(world, backup)

    assert "the checksum agrees" in told(world)


def test_one_that_is_broken_off_is_said_to_be_not_whole(world: World) -> None:
    backup = made(world, "big")
    place_of(world, backup).write_bytes(b"\0" * (4 * 1024 * 1024))
    with world.app.test_request_context():
        viewer = account_viewer(world, "owner")
        sent = downloads.download(viewer, reading.stored_server(viewer, world.server(PLAYED)), backup.uuid)
    next(sent.pieces)
    assert "Downloading big : " in told(world)
    assert 'hx-trigger="every 3s"' in see(world, rest="/downloads/live").text
    sent.pieces.close()  # type: ignore[attr-defined]

    assert "Broken off: big" in told(world)
    assert "every 3s" not in see(world, rest="/downloads/live").text


def test_one_that_nobody_takes_is_over_at_once(world: World) -> None:
    backup = made(world, "big")
    with world.app.test_request_context():
        viewer = account_viewer(world, "owner")
        downloads.download(viewer, reading.stored_server(viewer, world.server(PLAYED)), backup.uuid).close()

    assert "Broken off: big" in told(world)


def test_only_to_ask_for_its_headers_fetches_nothing(world: World) -> None:
    backup = made(world, "big")
    answer = world.browser("owner").head(f"{root(world)}/{backup.uuid}/download")

    assert answer.status_code == 200
    assert f'filename="{backup.uuid}.tar.gz"' in answer.headers["Content-Disposition"]
    assert not [one for one in world.calls() if one.endswith("/download")]
    assert "big" not in told(world)
    assert audit_of(world, "backup.download") == []
    running = add(world, "running", state="running")
    assert world.browser("owner").head(f"{root(world)}/{running.uuid}/download").status_code == 409


def test_one_that_takes_its_time_to_begin_is_waited_for(world: World) -> None:
    backup = made(world, "slow")
    looks = 0
    address = "/downloads/live?look=1"
    while (text := see(world, rest=address).text).find("load delay:3s") > 0:
        looks += 1
        found = re.search(r"/backups(/downloads/live\?look=\d+)", text)
        assert found
        address = found[1]
        if looks == 3:
            fetch(world, backup)
    assert "the checksum agrees" in said(text)
    assert 3 < looks < 20
    assert see(world, rest="/downloads/live?look=x").status_code == 200


def test_one_of_a_process_that_was_killed_is_asked_for_no_more(world: World) -> None:
    backup = made(world, "big")
    with world.app.test_request_context():
        viewer = account_viewer(world, "owner")
        sent = downloads.download(viewer, reading.stored_server(viewer, world.server(PLAYED)), backup.uuid)
    next(sent.pieces)
    assert "Downloading big : " in told(world)
    world.clock.advance(61)

    assert "Not known how it ended: big" in told(world)
    assert "every 3s" not in see(world, rest="/downloads/live").text
    world.clock.advance(3600)
    assert "big" not in told(world)


def test_how_a_download_goes_is_asked_of_the_store_alone_and_of_ones_own(world: World) -> None:
    backup = made(world, "mine", SHARED)
    fetch(world, backup, name=SHARED)
    share(world, "backup.read", "backup.download")

    assert "mine" not in told(world, "subuser", SHARED)
    assert world.calls() == []


@pytest.mark.parametrize(("state", "why"), [("running", "still being made"), ("failed", "nothing in it")])
def test_only_one_that_is_done_is_fetched(state: str, why: str, world: World) -> None:
    backup = add(world, "not yet", state=state)
    world.calls()
    answer = fetch(world, backup)

    assert answer.status_code == 409
    assert why in said(answer.text)
    assert not [one for one in world.calls() if one.endswith("/download")]
    assert audit_of(world, "backup.") == []


def test_it_needs_rights_that_are_fresh(world: World) -> None:
    backup = made(world, "shared", SHARED)
    share(world, "backup.read", "backup.download")
    assert fetch(world, backup, "subuser", SHARED).status_code == 200
    share(world, "backup.read")
    world.calls()
    assert fetch(world, backup, "subuser", SHARED).status_code == 403
    assert world.calls() == []


def test_a_suspended_server_hands_nothing_out(world: World) -> None:
    backup = made(world, "mine")
    backup.server.status = "suspended"
    answer = fetch(world, backup)

    assert answer.status_code == 409
    assert "suspended" in said(answer.text)


def test_an_archive_that_is_gone_from_the_node_is_said(world: World) -> None:
    backup = made(world, "mine")
    place_of(world, backup).unlink()
    answer = fetch(world, backup)

    assert answer.status_code == 409
    assert "not found on this server" in said(answer.text)
    assert audit_of(world, "backup.download")[0][0] == "refused"


def test_no_more_than_two_transfers_of_a_person_go_on_and_each_gives_its_place_back(world: World) -> None:
    backup = made(world, "mine")
    for _ in range(3):
        assert fetch(world, backup).status_code == 200
    with world.app.app_context():
        taken = [places.take(account_viewer(world, "owner").account_id) for _ in range(2)]
    answer = fetch(world, backup)
    assert answer.status_code == 503
    assert "Two of your transfers are under way" in said(answer.text)
    for one in taken:
        one.give_back()
