"""Byte for byte: what goes up comes down the same, through archives and backups too."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Callable
from datetime import timedelta

import pytest

from portal.pterodactyl import errors
from portal.pterodactyl.models import FileMode
from tests.together.conftest import Pair

NAMES = ("plain.bin", "two words.txt", "100%.txt", "50%25.txt", "Größe 鯖.dat", "-rf", "a'b\"c;d&e.txt")
DISKS = ("wings", "s3")


def some_bytes(seed: str, length: int = 50_000) -> bytes:
    return random.Random(seed).randbytes(length)


@pytest.mark.parametrize("name", NAMES)
def test_a_file_comes_down_as_it_went_up(pair: Pair, name: str) -> None:
    pair.store(f"/deep/er/{name}", some_bytes(name))
    assert name in [file.name for file in pair.client.files.list(pair.uuid, "/deep/er")]
    assert pair.fetched(f"/deep/er/{name}") == some_bytes(name)
    assert pair.client.files.contents(pair.uuid, f"/deep/er/{name}") == some_bytes(name)


def test_a_download_knows_its_name_and_size(pair: Pair) -> None:
    pair.store("/Größe 鯖.dat", some_bytes("size"))
    with pair.client.files.open_download(pair.uuid, "/Größe 鯖.dat") as download:
        assert (download.name, download.size_bytes) == ("Größe 鯖.dat", 50_000)
        assert sum(len(piece) for piece in download) == 50_000


def test_what_is_archived_and_unpacked_is_the_same(pair: Pair) -> None:
    for name in NAMES:
        pair.store(f"/world/{name}", some_bytes(name))
    pair.client.files.create_folder(pair.uuid, "empty", root="/world")
    pair.client.files.chmod(pair.uuid, [FileMode("plain.bin", "0600")], root="/world")
    before = pair.tree("world")
    assert before["plain.bin"].endswith(" 600")
    archive = pair.client.files.compress(pair.uuid, ["world"])
    pair.client.files.delete(pair.uuid, ["world"])
    assert pair.tree("world") == {}
    pair.client.files.decompress(pair.uuid, archive.name)
    assert pair.tree("world") == before


@pytest.mark.parametrize("disk", DISKS)
def test_a_restore_that_truncates_gives_the_tree_of_the_backup(pairs: Callable[..., Pair], disk: str) -> None:
    pair = pairs(backup_disk=disk)
    for name in NAMES:
        pair.store(f"/world/{name}", some_bytes(name))
    pair.client.files.create_folder(pair.uuid, "empty")
    before = pair.tree()
    backup = pair.client.backups.create(pair.uuid, name="first")
    assert backup.state == "in progress"
    pair.work()
    assert pair.client.backups.view(pair.uuid, backup.uuid).state == "done"
    pair.store("/world/plain.bin", b"changed")
    pair.store("/new.txt", b"new")
    pair.client.files.delete(pair.uuid, ["empty"])
    pair.client.backups.restore(pair.uuid, backup.uuid, truncate=True)
    with pytest.raises(errors.ServerStateConflict):
        pair.client.files.list(pair.uuid)
    pair.work()
    assert pair.tree() == before


@pytest.mark.parametrize("disk", DISKS)
def test_a_backup_is_what_its_checksum_says(pairs: Callable[..., Pair], disk: str) -> None:
    pair = pairs(backup_disk=disk)
    pair.store("/keep.bin", some_bytes("keep"))
    pair.store("/leave.log", some_bytes("leave"))
    begun = pair.client.backups.create(pair.uuid, ignored=["*.log"])
    pair.work()
    backup = pair.client.backups.view(pair.uuid, begun.uuid)
    with pair.client.backups.open_download(pair.uuid, backup.uuid) as download:
        archive = b"".join(download)
    assert backup.checksum == f"sha1:{hashlib.sha1(archive).hexdigest()}"
    assert backup.bytes == len(archive) == download.size_bytes
    assert backup.ignored_files == ("*.log",)
    pair.client.backups.restore(pair.uuid, backup.uuid, truncate=True)
    pair.work()
    assert "keep.bin" in pair.tree()
    assert "leave.log" not in pair.tree()


def test_a_signed_address_of_the_node_is_good_for_one_touch_and_one_of_the_store_for_more(
    pairs: Callable[..., Pair],
) -> None:
    for disk, touches in (("wings", 1), ("s3", 2)):
        pair = pairs(backup_disk=disk)
        begun = pair.client.backups.create(pair.uuid)
        pair.work()
        url = pair.client.backups.download_url(pair.uuid, begun.uuid)
        streaming = pair.transport.streaming
        for _ in range(touches):
            with streaming.download(url) as download:
                assert b"".join(download)
        pair.clock.advance(timedelta(minutes=16).total_seconds())
        with pytest.raises((errors.NodeRefused, errors.NodeUnreachable)):
            streaming.download(url)


def test_an_address_that_was_asked_for_in_vain_is_spent_and_a_new_one_is_not(pair: Pair) -> None:
    url = pair.client.files.download_url(pair.uuid, "/later.txt")
    with pytest.raises(errors.NodeUnreachable):
        pair.transport.streaming.download(url)
    pair.store("/later.txt", b"here now")
    with pytest.raises(errors.NodeRefused):
        pair.transport.streaming.download(url)
    assert pair.fetched("/later.txt") == b"here now"
