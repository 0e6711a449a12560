"""Reading and changing a server's files over Wings' HTTP."""
from __future__ import annotations

import os
import re
from collections.abc import Iterator

import pytest

from tests.demo.wings.conftest import UNEXPECTED, Box, says

MISSING = (500, UNEXPECTED)


def test_the_worlds_files_are_there(box: Box) -> None:
    assert box.names() == ["a.txt", "folder"]
    assert box.names("/folder") == []


def test_an_entry_has_all_that_wings_tells(box: Box) -> None:
    box.clock.advance(60)
    box.write("b.json", b'{"a": 1}')
    moment = "2026-05-28T20:27:40Z"
    assert box.entry("b.json") == {
        "name": "b.json", "created": moment, "modified": moment, "mode": "-rw-r--r--", "mode_bits": "644", "size": 8,
        "directory": False, "file": True, "symlink": False, "mime": "application/json",
    }
    folder = box.entry("folder")
    assert folder | {"mode": "drwxr-xr-x", "mode_bits": "755", "size": 4096, "directory": True, "file": False,
                     "mime": "inode/directory"} == folder


def test_times_are_the_demos(box: Box) -> None:
    before = box.entry("a.txt")["modified"]
    box.clock.advance(3600)
    box.post("/files/chmod", {"root": "/", "files": [{"file": "a.txt", "mode": "600"}]})
    after = box.entry("a.txt")
    assert after["modified"] == before
    assert after["created"] > before


def test_files_come_from_z_to_a_then_folders_from_a_to_z(box: Box) -> None:
    for name in ("B.txt", "c.txt", "Ä.txt"):
        box.write(name, b"x")
    for name in ("alpha", "Zeta"):
        box.post("/files/create-directory", {"path": "/", "name": name})
    assert box.names() == ["Ä.txt", "c.txt", "a.txt", "B.txt", "Zeta", "alpha", "folder"]


def test_a_link_is_told_by_its_mode_only(box: Box) -> None:
    box.files.link("/link", "a.txt")
    entry = box.entry("link")
    assert (entry["mode"], entry["symlink"], entry["mime"]) == ("Lrwxrwxrwx", False, "application/octet-stream")
    assert box.get("/files/contents", file="/link").data == b"12345"


def test_contents_have_length_and_kind(box: Box) -> None:
    answer = box.get("/files/contents", file="/a.txt")
    assert (answer.status_code, answer.data) == (200, b"12345")
    assert (answer.headers["Content-Length"], answer.headers["X-Mime-Type"]) == ("5", "text/plain; charset=utf-8")
    assert "Content-Disposition" not in answer.headers


def test_contents_as_a_download(box: Box) -> None:
    answer = box.get("/files/contents", file="a.txt", download="1")
    assert answer.headers["Content-Disposition"] == 'attachment; filename="a.txt"'
    assert answer.headers["Content-Type"] == "application/octet-stream"


def test_contents_of_a_pipe_are_refused(box: Box) -> None:
    os.mkfifo(box.files.root / "pipe")
    assert says(box.get("/files/contents", file="/pipe")) == (400, "Cannot open files of this type.")
    assert box.entry("pipe")["mode"] == "prw-r--r--"


@pytest.mark.parametrize("path", ["/nothing", "../../etc/passwd", "/../x", "/a.txt/below", "/folder", "/\0"])
def test_what_cannot_be_read_is_an_unexpected_error(box: Box, path: str) -> None:
    answer = box.get("/files/contents", file=path)
    assert says(answer) == MISSING
    assert answer.json is not None
    assert answer.json["request_id"] == answer.headers["X-Request-Id"]


@pytest.mark.parametrize("path", ["/nothing", "/..", "/a.txt"])
def test_what_cannot_be_listed_is_an_unexpected_error(box: Box, path: str) -> None:
    assert says(box.get("/files/list-directory", directory=path)) == MISSING


def test_writing_makes_folders_and_replaces(box: Box) -> None:
    assert box.write("/new/deep/file.bin", b"\0\1").status_code == 204
    assert box.write("/new/deep/file.bin", b"\2").status_code == 204
    assert box.get("/files/contents", file="/new/deep/file.bin").data == b"\2"
    assert box.entry("deep", "/new")["mode_bits"] == "755"


def test_writing_keeps_the_rights_of_what_was_there(box: Box) -> None:
    box.post("/files/chmod", {"root": "/", "files": [{"file": "a.txt", "mode": "400"}]})
    assert box.write("/a.txt", b"again").status_code == 204
    assert box.entry("a.txt")["mode_bits"] == "400"


def test_writing_nothing_is_refused(box: Box) -> None:
    assert says(box.write("/empty.txt", b"")) == (400, "Missing Content-Length")
    assert box.names() == ["a.txt", "folder"]


def test_writing_over_a_folder_is_refused(box: Box) -> None:
    sentence = "Cannot write file, name conflicts with an existing directory by the same name."
    assert says(box.write("/folder", b"x")) == (400, sentence)
    assert says(box.write("/", b"x")) == (400, sentence)


def test_writing_below_a_file_is_an_unexpected_error(box: Box) -> None:
    assert says(box.write("/a.txt/below", b"x")) == MISSING


def test_names_that_are_too_long_are_refused(box: Box) -> None:
    sentence = (400, "Cannot perform that action: file name is too long.")
    assert says(box.write("/" + "n" * 256, b"x")) == sentence
    assert says(box.post("/files/create-directory", {"path": "/", "name": "n" * 300})) == sentence


def test_renaming_makes_the_folders_of_the_new_name(box: Box) -> None:
    answer = box("PUT", "/files/rename", {"root": "/", "files": [{"from": "a.txt", "to": "x/y/b.txt"}]})
    assert answer.status_code == 204
    assert box.get("/files/contents", file="/x/y/b.txt").data == b"12345"
    assert box.names() == ["folder", "x"]


def test_renaming_ignores_a_missing_source(box: Box) -> None:
    files = [{"from": "nothing", "to": "else"}, {"from": "no/thing", "to": "else"}, {"from": "a.txt", "to": "b.txt"}]
    assert box("PUT", "/files/rename", {"root": "/", "files": files}).status_code == 204
    assert box.names() == ["b.txt", "folder"]


def test_renaming_onto_something_is_refused(box: Box) -> None:
    answer = box("PUT", "/files/rename", {"root": "/", "files": [{"from": "a.txt", "to": "folder"}]})
    assert says(answer) == (400, "Cannot move or rename file, destination already exists.")


def test_renaming_into_itself_is_an_unexpected_error(box: Box) -> None:
    answer = box("PUT", "/files/rename", {"root": "/", "files": [{"from": "folder", "to": "folder/inner"}]})
    assert says(answer) == MISSING


@pytest.mark.parametrize(("path", "sentence"), [
    ("/files/rename", "No files to move or rename were provided."),
    ("/files/delete", "No files were specified for deletion."),
    ("/files/compress", "No files were passed through to be compressed."),
    ("/files/chmod", "No files to chmod were provided."),
])
def test_empty_lists_are_refused(box: Box, path: str, sentence: str) -> None:
    method = "PUT" if path.endswith("rename") else "POST"
    assert says(box(method, path, {"root": "/", "files": []})) == (422, sentence)


@pytest.mark.parametrize(("name", "first", "second"), [
    ("notes.txt", "notes copy.txt", "notes copy 1.txt"),
    ("world.tar.gz", "world copy.tar.gz", "world copy 1.tar.gz"),
    ("plain", "plain copy", "plain copy 1"),
    (".env", " copy.env", " copy 1.env"),
])
def test_copies_get_a_free_name(box: Box, name: str, first: str, second: str) -> None:
    box.write(f"/folder/{name}", b"same")
    box.post("/files/chmod", {"root": "/folder", "files": [{"file": name, "mode": "640"}]})
    for _ in range(2):
        assert box.post("/files/copy", {"location": f"/folder/{name}"}).status_code == 204
    assert set(box.names("/folder")) == {name, first, second}
    assert box.get("/files/contents", file=f"/folder/{second}").data == b"same"
    assert box.entry(first, "/folder")["mode_bits"] == "640"


@pytest.mark.parametrize("location", ["/nothing.txt", "/folder"])
def test_what_cannot_be_copied_is_an_unexpected_error(box: Box, location: str) -> None:
    assert says(box.post("/files/copy", {"location": location})) == MISSING


def test_making_a_folder_again_is_fine_but_not_over_a_file(box: Box) -> None:
    for _ in range(2):
        assert box.post("/files/create-directory", {"path": "/p", "name": "q r"}).status_code == 204
    assert box.names("/p") == ["q r"]
    assert says(box.post("/files/create-directory", {"path": "/a.txt", "name": "x"})) == MISSING
    assert says(box.post("/files/create-directory", {"path": "/", "name": "a.txt"})) == MISSING


def test_deleting_takes_folders_whole_and_ignores_what_is_missing(box: Box) -> None:
    box.write("/folder/in/it.txt", b"x")
    assert box.post("/files/delete", {"root": "/", "files": ["folder", "nothing", "no/thing"]}).status_code == 204
    assert box.names() == ["a.txt"]


def test_deleting_a_link_leaves_what_it_leads_to(box: Box) -> None:
    box.files.link("/link", "folder")
    box.write("/folder/kept.txt", b"x")
    box.post("/files/delete", {"root": "/", "files": ["link"]})
    assert box.names("/folder") == ["kept.txt"]


@pytest.mark.parametrize("name", ["", ".", "/"])
def test_the_root_itself_cannot_be_deleted(box: Box, name: str) -> None:
    assert says(box.post("/files/delete", {"root": "/", "files": [name]})) == MISSING
    assert box.names() == ["a.txt", "folder"]


@pytest.mark.parametrize(("mode", "bits", "text"), [
    ("600", "600", "-rw-------"), ("0755", "755", "-rwxr-xr-x"), ("0", "0", "----------"),
])
def test_rights_are_set(box: Box, mode: str, bits: str, text: str) -> None:
    files = [{"file": "a.txt", "mode": mode}, {"file": "nothing", "mode": mode}]
    assert box.post("/files/chmod", {"root": "/", "files": files}).status_code == 204
    entry = box.entry("a.txt")
    assert (entry["mode_bits"], entry["mode"]) == (bits, text)
    assert box.get("/files/contents", file="/a.txt").data == b"12345"


@pytest.mark.parametrize("mode", ["999", "", "0o644", "-1", "rwx", " 644", "77777777777"])
def test_modes_that_are_not_octal_are_refused(box: Box, mode: str) -> None:
    answer = box.post("/files/chmod", {"root": "/", "files": [{"file": "a.txt", "mode": mode}]})
    assert says(answer) == (400, "Invalid file mode provided.")


@pytest.mark.parametrize("body", [
    {"root": "/", "files": [{"file": "a.txt", "mode": 644}]}, {"root": "/", "files": "a.txt"}, {"root": 1, "files": []},
    {"root": "/", "files": ["a.txt"]}, ["a"], 5,
])
def test_bodies_of_the_wrong_shape_are_refused(box: Box, body: object) -> None:
    answer = box.post("/files/chmod", body)
    assert says(answer) == (400, UNEXPECTED)


def test_a_missing_body_has_a_sentence_of_its_own(box: Box) -> None:
    assert says(box.post("/files/delete")) == (
        400, "The data passed in the request was not in a parsable format. Please try again.")


def test_names_that_the_egg_forbids_cannot_be_touched(box: Box) -> None:
    box.server.egg.file_denylist = ["*.jar", "secret/"]
    box.files.write("/a.jar", (b"x",))
    sentence = (403, "This file cannot be modified: present in egg denylist.")
    assert says(box.write("/plugins/b.jar", b"x")) == sentence
    assert says(box.write("/secret/b.txt", b"x")) == sentence
    assert says(box.post("/files/copy", {"location": "/a.jar"})) == sentence
    for old, new in (("a.jar", "a.txt.old"), ("a.txt", "b.jar")):
        assert says(box("PUT", "/files/rename", {"root": "/", "files": [{"from": old, "to": new}]})) == sentence
    assert box.get("/files/contents", file="/a.jar").data == b"x"
    assert box.post("/files/delete", {"root": "/", "files": ["a.jar"]}).status_code == 204


def test_the_disk_limit_holds(box: Box) -> None:
    box.server.limits.disk = 1
    sentence = (400, "There is not enough disk space available to perform that action.")
    assert box.write("/big", b"x" * (1024 * 1024 - 5)).status_code == 204
    assert box.write("/big", b"y" * (1024 * 1024 - 5)).status_code == 204
    assert says(box.write("/more", b"x")) == sentence
    assert says(box.post("/files/copy", {"location": "/a.txt"})) == sentence
    box.files.write("/more", (b"beyond the limit",))
    assert says(box.post("/files/compress", {"root": "/", "files": ["a.txt"]})) == (
        409, "This server does not have enough available disk space to generate a compressed archive.")
    box.server.limits.disk = 0
    assert box.write("/more", b"x").status_code == 204


def test_files_count_for_the_disk_usage(box: Box) -> None:
    box.write("/b", b"123")
    details = box.get("").json
    assert details is not None
    assert details["utilization"]["disk_bytes"] == 8


def test_whatever_changes_the_files_counts_at_once(box: Box) -> None:
    def on_disk() -> int:
        return sum(place.lstat().st_size for place in box.files.root.rglob("*")
                   if place.is_symlink() or not place.is_dir())

    def breaks_off() -> Iterator[bytes]:
        yield b"half of it"
        raise ConnectionResetError

    def half() -> None:
        with pytest.raises(ConnectionResetError):
            box.files.write("/half", breaks_off())

    before = box.files.used_bytes()
    seen = []
    for change in (lambda: box.write("/new/file", b"x" * 1000), half, lambda: box.files.link("/link", "new/file"),
                   lambda: box.post("/files/copy", {"location": "/new/file"}),
                   lambda: box.post("/files/delete", {"root": "/", "files": ["new", "half"]}),
                   lambda: box.files.truncate()):
        change()
        assert box.files.used_bytes() == on_disk()
        seen.append(box.files.used_bytes() - before)
    assert seen == [1000, 1010, 1018, 2018, 8, -before]


def test_odd_names_are_names(box: Box) -> None:
    for name in ("with space", "%41", "ünï", "a\\b", "a\nb", "-rf", "~", "'\"", "😀"):
        assert box.write(f"/odd/{name}", name.encode()).status_code == 204
        assert box.get("/files/contents", file=f"/odd/{name}").data == name.encode()
        assert box.entry(name, "/odd")["size"] == len(name.encode())


def test_kinds_are_told_from_the_contents(box: Box) -> None:
    kinds = {
        b"": "text/plain", b"a=b\n": "text/plain; charset=utf-8", b'["x"]': "application/json",
        b"{not json": "text/plain; charset=utf-8", b"\x00\x01": "application/octet-stream",
        b"\xff\xfea\x00": "text/plain; charset=utf-16le", b"<!DOCTYPE html><p>": "text/html; charset=utf-8",
        b"caf\xe9": "text/plain; charset=iso-8859-1", b"\x1f\x8b\x08": "application/gzip",
        b"PK\x03\x04" + b"\0" * 26 + b"META-INF/MANIFEST.MF": "application/jar", b"PK\x03\x04\0": "application/zip",
        b"\x89PNG\r\n\x1a\n": "image/png", b"<?xml version='1.0'?><a/>": "text/xml; charset=utf-8",
        b"\x7fELF\x02": "application/x-elf", b"#!/usr/bin/env python3\n": "text/x-python",
    }
    for number, content in enumerate(kinds):
        box.files.write(f"/kinds/{number}", (content,))
    assert {number: box.entry(str(number), "/kinds")["mime"] for number in range(len(kinds))} == dict(
        enumerate(kinds.values()))


def test_every_answer_has_an_id(box: Box) -> None:
    assert re.fullmatch(r"[0-9a-f-]{36}", box.get("/files/list-directory").headers["X-Request-Id"])
