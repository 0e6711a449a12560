"""Backups on a node: made, told of, deleted and restored."""
from __future__ import annotations

import hashlib
import json
import tarfile
from collections.abc import Iterator
from typing import Any

import pytest

from portal.demo.wings.bus import Event
from portal.demo.wings.usage import Profile
from portal.demo.world import Backup
from tests.demo.wings.conftest import UNEXPECTED, Box, says

UUID = "6f44b557-a2ea-4ab3-9de0-80812bbe1d62"
REFUSED = (500, UNEXPECTED)


def row(box: Box, uuid: str = UUID) -> Backup:
    backup = Backup(id=1, uuid=uuid, server=box.server, name="first", ignored_files=[], disk="wings",
                    created_at=box.clock.now())
    box.demo.world.backups.append(backup)
    return backup


def back_up(box: Box, ignore: str = "", adapter: str = "wings", uuid: str = UUID) -> None:
    answer = box.post("/backup", {"adapter": adapter, "uuid": uuid, "ignore": ignore})
    assert (answer.status_code, answer.data) == (202, b"")


def archive(box: Box) -> bytes:
    answer = box.browser.get("/download/backup", query_string={"token": box.token(backup_uuid=UUID)})
    assert answer.status_code == 200
    return answer.data


def members(box: Box, uuid: str = UUID) -> list[str]:
    place = box.node.storage.folder("backups", box.server.node.uuid) / f"{uuid}.tar.gz"
    with tarfile.open(place) as tar:
        return tar.getnames()


def tree(box: Box) -> Iterator[tuple[str, str, Any]]:
    """Path, mode and contents of everything."""
    for place, _ in box.files.walk():
        entry = box.files.entry(place)
        what = place.readlink() if place.is_symlink() else place.read_bytes() if place.is_file() else None
        yield box.files.name_of(place), entry.document()["mode"], what


def fill(box: Box) -> None:
    for name, content in {"world/level.dat": bytes(range(256)) * 999, "with space/%41.txt": b"%", "ünï/😀": b"\xff\xfe",
                          "run.sh": b"#!/bin/sh\n", "nothing in it": b""}.items():
        box.files.write(f"/{name}", (content,))
    box.files.make_folder("/empty/inner")
    box.files.link("/world/link", "../a.txt")
    box.files.link("/dangling", "not/there")
    for name, mode in (("run.sh", 0o755), ("a.txt", 0o400), ("empty", 0o700)):
        box.files.set_mode(f"/{name}", mode)


def test_a_backup_takes_time_and_its_checksum_is_the_archives(box: Box) -> None:
    fill(box)
    backup = row(box)
    back_up(box)
    box.work(1.0)
    assert backup.completed_at is None
    box.work(1.0)
    content = archive(box)
    assert backup.is_successful
    assert backup.checksum == f"sha1:{hashlib.sha1(content, usedforsecurity=False).hexdigest()}"
    assert backup.bytes == len(content)


@pytest.mark.parametrize("adapter", ["wings", "s3"])
def test_a_restore_with_truncate_gives_the_same_tree(box: Box, adapter: str) -> None:
    fill(box)
    before = list(tree(box))
    row(box)
    back_up(box, adapter=adapter)
    box.work()
    box.write("/world/level.dat", b"changed")
    box.write("/world/new.txt", b"new")
    box.post("/files/delete", {"root": "/", "files": ["with space", "a.txt", "empty"]})
    url = box.demo.objects.presigned_url(box.server.uuid, UUID) if adapter == "s3" else ""
    answer = box.post(f"/backup/{UUID}/restore",
                      {"adapter": adapter, "truncate_directory": True, "download_url": url})
    assert answer.status_code == 202
    assert list(tree(box)) == []
    box.work()
    assert list(tree(box)) == before


def test_a_restore_without_truncate_writes_over_what_is_there(box: Box) -> None:
    row(box)
    back_up(box)
    box.work()
    box.write("/a.txt", b"changed")
    box.write("/new.txt", b"new")
    box.post(f"/backup/{UUID}/restore", {"adapter": "wings", "truncate_directory": False})
    box.work()
    assert box.names() == ["new.txt", "a.txt", "folder"]
    assert box.get("/files/contents", file="/a.txt").data == b"12345"


def test_patterns_keep_files_out(box: Box) -> None:
    for name in ("one.log", "keep.log", "cache/a", "src/cache/b", "src/one.log", "top/x"):
        box.write(f"/{name}", b"x")
    row(box)
    back_up(box, "*.log\n!keep.log\ncache/\n/top/*\n# a comment\n")
    box.work()
    assert members(box) == ["a.txt", "folder", "keep.log", "src", "top"]


@pytest.mark.parametrize("line", ["!", "\\", "a\\", "[z-a]", "[", "/", "\0"])
def test_a_line_that_is_no_pattern_keeps_nothing_out(box: Box, line: str) -> None:
    row(box)
    back_up(box, f"{line}\nfolder/")
    box.work()
    assert members(box) == ["a.txt"]


def test_without_patterns_the_servers_own_list_counts(box: Box) -> None:
    box.write("/.pteroignore", b"*.log\n")
    box.write("/one.log", b"x")
    row(box)
    back_up(box)
    box.work()
    assert members(box) == [".pteroignore", "a.txt", "folder"]


def test_a_list_that_is_a_link_or_large_does_not_count(box: Box) -> None:
    box.write("/list", b"a.txt\n")
    box.files.link("/.pteroignore", "list")
    row(box)
    back_up(box)
    box.work()
    assert "a.txt" in members(box)
    box.files.delete("/.pteroignore")
    box.write("/.pteroignore", b"a.txt\n" * 6000)
    row(box, "second")
    back_up(box, uuid="second")
    box.work()
    assert "a.txt" in members(box, "second")


def test_a_backup_that_is_complete_already_loses_its_archive(box: Box) -> None:
    """The panel answers a second report as if it did not know the backup."""
    row(box)
    for _ in range(2):
        back_up(box)
        box.work()
    assert says(box("DELETE", f"/backup/{UUID}"))[0] == 404


def test_the_end_of_a_backup_is_an_event(box: Box) -> None:
    backup = row(box)
    back_up(box)
    box.work()
    event = box.heard[-1]
    assert event.name == "backup completed"
    assert backup.checksum is not None
    assert event.args[0] == (f'{{"checksum":"{backup.checksum[5:]}","checksum_type":"sha1","file_size":{backup.bytes},'
                             f'"is_successful":true,"uuid":"{UUID}"}}')


def test_the_event_may_carry_the_uuid_in_its_name(box: Box) -> None:
    box.node.config.backup_event_has_suffix = True
    row(box)
    back_up(box)
    box.work()
    assert box.heard[-1].name == f"backup completed:{UUID}"


def test_a_backup_that_the_panel_does_not_know_is_deleted_in_silence(box: Box) -> None:
    back_up(box)
    box.work()
    assert box.heard == []
    assert says(box("DELETE", f"/backup/{UUID}")) == (404, "The requested backup was not found on this server.")


def test_a_backup_that_fails_is_told_of(box: Box, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    backup = row(box)
    monkeypatch.setattr("portal.demo.wings.backups.pack", full)
    back_up(box)
    box.work()
    assert (backup.completed_at, backup.is_successful, backup.checksum) == (box.clock.now(), False, None)
    assert json.loads(box.heard[-1].args[0]) == {
        "checksum": "", "checksum_type": "sha1", "file_size": 0, "is_successful": False, "uuid": UUID}


def test_a_restore_stops_the_process_and_holds_the_server(box: Box) -> None:
    row(box)
    back_up(box)
    box.work()
    box.process.run_since(60)
    assert box.process.state == "running"
    box.post(f"/backup/{UUID}/restore", {"adapter": "wings", "truncate_directory": False})
    assert (box.process.state, box.process.is_busy, box.process.is_suspended) == ("stopping", True, True)
    box.server.status = "restoring_backup"
    box.heard.clear()
    for _ in range(4):
        box.work(1.0)
    assert (box.process.state, box.process.is_busy, box.process.is_suspended) == ("offline", False, False)
    assert box.server.status is None
    told = [event for event in box.heard if event.name.startswith(("daemon message", "backup"))]
    assert told == [Event("daemon message", ("(restoring): a.txt",)),
                    Event("daemon message", ("Completed server restoration from local backup.",)),
                    Event("backup restore completed", ("",))]


def test_a_process_that_does_not_stop_fails_the_restore(box: Box) -> None:
    backup = row(box)
    back_up(box)
    box.work()
    box.process.profile = Profile(stop_seconds=float("inf"))
    box.process.run_since(60)
    box.write("/a.txt", b"changed")
    box.post(f"/backup/{UUID}/restore", {"adapter": "wings", "truncate_directory": False})
    for _ in range(130):
        box.work(1.0)
    assert not box.process.is_busy
    assert backup.server.status is None
    assert box.demo.world.activity_logs[-1].event == "server.backup.restore-failed"
    assert box.get("/files/contents", file="/a.txt").data == b"changed"
    assert box.heard[-1].name == "backup restore completed"


def test_truncating_comes_before_the_archive_is_looked_for(box: Box) -> None:
    answer = box.post("/backup/missing/restore", {"adapter": "wings", "truncate_directory": True})
    assert says(answer) == REFUSED
    assert box.names() == []
    assert not box.process.is_busy


def test_a_missing_archive_loses_nothing_without_truncate(box: Box) -> None:
    answer = box.post("/backup/missing/restore", {"adapter": "wings", "truncate_directory": False})
    assert says(answer) == REFUSED
    assert box.names() == ["a.txt", "folder"]


@pytest.mark.parametrize("adapter", ["", "ftp", None])
def test_unknown_adapters_are_refused(box: Box, adapter: str | None) -> None:
    assert says(box.post("/backup", {"adapter": adapter, "uuid": UUID, "ignore": ""})) == REFUSED
    assert says(box.post(f"/backup/{UUID}/restore", {"adapter": adapter})) == (400, UNEXPECTED)


def test_s3_needs_an_address_that_answers_with_an_archive(box: Box) -> None:
    path = f"/backup/{UUID}/restore"
    assert says(box.post(path, {"adapter": "s3"})) == (
        400, "The download_url field is required when the backup adapter is set to S3.")
    missing = box.demo.objects.presigned_url(box.server.uuid, UUID)
    assert says(box.post(path, {"adapter": "s3", "download_url": missing})) == (
        400, 'The provided backup link is not a supported content type. "application/xml" is not application/x-gzip.')
    assert says(box.post(path, {"adapter": "s3", "download_url": "http://elsewhere.example/x"})) == REFUSED


def test_an_s3_backup_lies_in_the_object_store_only(box: Box) -> None:
    backup = row(box)
    back_up(box, adapter="s3")
    box.work()
    answer = box.demo.objects.fetch(box.demo.objects.presigned_url(box.server.uuid, UUID))
    assert answer is not None
    content = answer.get_data()
    answer.close()
    assert backup.checksum == f"sha1:{hashlib.sha1(content, usedforsecurity=False).hexdigest()}"
    assert says(box("DELETE", f"/backup/{UUID}"))[0] == 404


def test_an_s3_backup_that_the_panel_does_not_know_leaves_no_object(box: Box) -> None:
    back_up(box, adapter="s3")
    box.work()
    answer = box.demo.objects.fetch(box.demo.objects.presigned_url(box.server.uuid, UUID))
    assert answer is not None
    assert answer.status_code == 404


def test_a_backup_is_deleted_once(box: Box) -> None:
    row(box)
    back_up(box)
    box.work()
    assert box("DELETE", f"/backup/{UUID}").status_code == 204
    assert says(box("DELETE", f"/backup/{UUID}"))[0] == 404


@pytest.mark.parametrize("uuid", ["..", "../../volumes/x", "a\0b", "", "n" * 65])
def test_a_backup_has_a_uuid_for_a_name(box: Box, uuid: str) -> None:
    assert says(box.post("/backup", {"adapter": "wings", "uuid": uuid, "ignore": ""})) == REFUSED
