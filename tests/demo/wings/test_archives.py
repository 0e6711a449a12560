"""Compressing and unpacking: the same bytes come back, and no archive writes beside a server's folder."""
from __future__ import annotations

import bz2
import gzip
import io
import lzma
import stat
import tarfile
import zipfile
from collections.abc import Callable

import pytest

from tests.demo.wings.conftest import UNEXPECTED, Box, says

REFUSED = (500, UNEXPECTED)


def test_compressed_deleted_and_unpacked_is_the_same(box: Box) -> None:
    content = bytes(range(256)) * 500
    box.write("/world/region/r.0.0.mca", content)
    box.write("/world/with space %41 ü.txt", b"odd")
    box.post("/files/create-directory", {"path": "/world", "name": "empty"})
    box.post("/files/chmod", {"root": "/world", "files": [{"file": "region/r.0.0.mca", "mode": "640"}]})
    made = box.post("/files/compress", {"root": "/", "files": ["world", "a.txt"]}).json
    assert made is not None
    assert box.post("/files/delete", {"root": "/", "files": ["world", "a.txt"]}).status_code == 204
    assert box.post("/files/decompress", {"root": "/", "file": made["name"]}).status_code == 204
    assert box.get("/files/contents", file="/world/region/r.0.0.mca").data == content
    assert box.get("/files/contents", file="/world/with space %41 ü.txt").data == b"odd"
    assert box.get("/files/contents", file="/a.txt").data == b"12345"
    assert box.names("/world") == ["with space %41 ü.txt", "empty", "region"]
    assert box.entry("r.0.0.mca", "/world/region")["mode_bits"] == "640"


def test_an_archive_is_named_by_the_moment(box: Box) -> None:
    made = box.post("/files/compress", {"root": "/folder", "files": ["nothing"]}).json
    assert made is not None
    assert (made["name"], made["mime"]) == ("archive-2026-05-28T202640Z.tar.gz", "application/tar+gzip")
    entry = box.entry(made["name"], "/folder")
    assert entry == {**made, "mime": "application/gzip"}


def test_only_what_was_chosen_is_in_an_archive(box: Box) -> None:
    for name in ("mods/a", "mods2/b", "c"):
        box.write(f"/{name}", b"x")
    made = box.post("/files/compress", {"root": "/", "files": ["mods", "../../etc", "missing"]}).json
    assert made is not None
    with tarfile.open(box.files.root / made["name"]) as tar:
        assert tar.getnames() == ["mods", "mods/a"]


def test_compressing_in_a_missing_folder_is_an_unexpected_error(box: Box) -> None:
    assert says(box.post("/files/compress", {"root": "/nothing", "files": ["x"]})) == REFUSED


def test_an_archive_that_does_not_fit_is_not_kept(box: Box) -> None:
    box.server.limits.disk = 1
    noise = b"".join(bytes([(i * i * 31 + i // 7) % 256]) for i in range(1024)) * 1000
    box.files.write("/noise", (gzip.compress(noise) + noise[:1_040_000],))
    left = 1024 * 1024 - box.process.disk_bytes
    assert left > 0
    box.files.write("/rest", (b"r" * left,))
    sentence = "There is not enough disk space available to perform that action."
    assert says(box.post("/files/compress", {"root": "/", "files": ["noise"]})) == (400, sentence)
    assert box.names() == ["rest", "noise", "a.txt", "folder"]


def tar_of(mode: str, *members: tuple[tarfile.TarInfo, bytes]) -> bytes:
    target = io.BytesIO()
    with tarfile.open(fileobj=target, mode=mode) as tar:  # type: ignore[call-overload]
        for info, content in members:
            info.size = len(content)
            tar.addfile(info, io.BytesIO(content))
    return target.getvalue()


def zip_of(*members: tuple[zipfile.ZipInfo, bytes]) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        for info, content in members:
            archive.writestr(info, content)
    return target.getvalue()


def tar_member(name: str, kind: bytes = tarfile.REGTYPE, target: str = "") -> tarfile.TarInfo:
    info = tarfile.TarInfo(name)
    info.type, info.linkname = kind, target
    return info


def zip_link(name: str) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name)
    info.external_attr = (stat.S_IFLNK | 0o777) << 16
    return info


GOOD: list[tuple[str, Callable[[], bytes], str]] = [
    ("x.zip", lambda: zip_of((zipfile.ZipInfo("in/side.txt"), b"bytes")), "in/side.txt"),
    ("x.tar", lambda: tar_of("w", (tar_member("in/side.txt"), b"bytes")), "in/side.txt"),
    ("x.tar.gz", lambda: tar_of("w:gz", (tar_member("in/side.txt"), b"bytes")), "in/side.txt"),
    ("x.tar.bz2", lambda: tar_of("w:bz2", (tar_member("in/side.txt"), b"bytes")), "in/side.txt"),
    ("x.tar.xz", lambda: tar_of("w:xz", (tar_member("in/side.txt"), b"bytes")), "in/side.txt"),
    ("named.like.nothing", lambda: zip_of((zipfile.ZipInfo("in/side.txt"), b"bytes")), "in/side.txt"),
    ("log.gz", lambda: gzip.compress(b"bytes"), "log"),
    ("log.txt.bz2", lambda: bz2.compress(b"bytes"), "log.txt"),
    ("log.txt.xz", lambda: lzma.compress(b"bytes"), "log.txt"),
]


@pytest.mark.parametrize(("name", "make", "inside"), GOOD, ids=[name for name, _, _ in GOOD])
def test_known_formats_are_unpacked_beside_the_root_given(
        box: Box, name: str, make: Callable[[], bytes], inside: str) -> None:
    box.write(f"/here/{name}", make())
    assert box.post("/files/decompress", {"root": "/here", "file": name}).status_code == 204
    assert box.get("/files/contents", file=f"/here/{inside}").data == b"bytes"


BAD: list[tuple[str, Callable[[], bytes]]] = [
    ("tar-parent", lambda: tar_of("w", (tar_member("../../escaped"), b"x"))),
    ("tar-hidden-parent", lambda: tar_of("w", (tar_member("a/../../escaped"), b"x"))),
    ("tar-absolute", lambda: tar_of("w:gz", (tar_member("/escaped"), b"x"))),
    ("tar-link-out", lambda: tar_of("w", (tar_member("l", tarfile.SYMTYPE, "../../.."), b""))),
    ("tar-link-absolute", lambda: tar_of("w", (tar_member("l", tarfile.SYMTYPE, "/etc"), b""))),
    ("tar-link-then-through", lambda: tar_of(
        "w", (tar_member("l", tarfile.SYMTYPE, "../../../.."), b""), (tar_member("l/escaped"), b"x"))),
    ("tar-hard-link", lambda: tar_of("w", (tar_member("l", tarfile.LNKTYPE, "a.txt"), b""))),
    ("tar-device", lambda: tar_of("w", (tar_member("d", tarfile.CHRTYPE), b""))),
    ("tar-pipe", lambda: tar_of("w", (tar_member("p", tarfile.FIFOTYPE), b""))),
    ("zip-parent", lambda: zip_of((zipfile.ZipInfo("../../escaped"), b"x"))),
    ("zip-absolute", lambda: zip_of((zipfile.ZipInfo("/escaped"), b"x"))),
    ("zip-link-out", lambda: zip_of((zip_link("l"), b"../../.."))),
    ("cut-tar-gz", lambda: tar_of("w:gz", (tar_member("a"), b"x" * 100_000))[:100]),
    ("cut-gz", lambda: gzip.compress(bytes(range(256)) * 99)[:60]),
    ("broken-zip", lambda: b"PK\x03\x04 and nothing that follows"),
    ("seven-zip", lambda: b"7z\xbc\xaf\x27\x1c" + b"\0" * 99),
    ("text", lambda: b"just words"),
]


@pytest.mark.parametrize("make", [make for _, make in BAD], ids=[name for name, _ in BAD])
def test_hostile_and_broken_archives_are_refused(box: Box, make: Callable[[], bytes]) -> None:
    (box.files.root.parent / "escaped").unlink(missing_ok=True)
    box.write("/in/bad.bin", make())
    assert says(box.post("/files/decompress", {"root": "/in", "file": "bad.bin"})) == REFUSED
    assert box.names("/in") == ["bad.bin"]
    outside = {path.name for path in box.files.root.parents[1].rglob("*") if not path.is_relative_to(box.files.root)}
    assert outside <= {"volumes", "scratch"}


def test_a_link_is_not_followed_out_by_members_after_it(box: Box) -> None:
    """Each step stays inside; only both together would lead out."""
    content = tar_of("w", (tar_member("d/l", tarfile.SYMTYPE, "e/.."), b""),
                     (tar_member("d/e", tarfile.SYMTYPE, ".."), b""), (tar_member("d/l/escaped"), b"x"))
    box.write("/bad.tar", content)
    assert says(box.post("/files/decompress", {"root": "/", "file": "bad.tar"})) == REFUSED
    assert not (box.files.root.parent / "escaped").exists()


def test_links_inside_the_folder_are_unpacked(box: Box) -> None:
    box.write("/good.tar", tar_of("w", (tar_member("d/l", tarfile.SYMTYPE, "../a.txt"), b"")))
    assert box.post("/files/decompress", {"root": "/", "file": "good.tar"}).status_code == 204
    assert box.get("/files/contents", file="/d/l").data == b"12345"


def zip_without_a_day() -> bytes:
    """As some tools write them: month and day zero."""
    content = zip_of((zipfile.ZipInfo("x.txt"), b"x"))
    return content.replace(b"\x21\x00", b"\x00\x00")


@pytest.mark.parametrize("mtime", [-5, 1e30, float("nan")])
def test_impossible_times_are_those_of_unpacking(box: Box, mtime: float) -> None:
    info = tar_member("x.txt")
    info.mtime = 0
    info.pax_headers = {"mtime": str(mtime)}
    box.write("/x.tar", tar_of("w", (info, b"x")))
    assert box.post("/files/decompress", {"root": "/", "file": "x.tar"}).status_code == 204
    assert box.entry("x.txt")["modified"] == box.entry("x.tar")["modified"]


def test_a_zip_with_impossible_days_is_unpacked(box: Box) -> None:
    content = zip_without_a_day()
    assert zipfile.ZipFile(io.BytesIO(content)).infolist()[0].date_time[1] == 0
    box.write("/x.zip", content)
    assert box.post("/files/decompress", {"root": "/", "file": "x.zip"}).status_code == 204
    assert box.get("/files/contents", file="/x.txt").data == b"x"


def test_unpacked_files_keep_their_times(box: Box) -> None:
    info = tar_member("x.txt")
    info.mtime = 1_000_000_000
    box.write("/x.tar", tar_of("w", (info, b"x")))
    box.post("/files/decompress", {"root": "/", "file": "x.tar"})
    assert box.entry("x.txt")["modified"] == "2001-09-09T01:46:40Z"


def test_unpacking_skips_what_the_egg_forbids(box: Box) -> None:
    box.server.egg.file_denylist = ["*.jar"]
    box.write("/x.zip", zip_of((zipfile.ZipInfo("a.jar"), b"x"), (zipfile.ZipInfo("b.txt"), b"y")))
    assert box.post("/files/decompress", {"root": "/folder", "file": "../x.zip"}).status_code == 204
    assert box.names("/folder") == ["b.txt"]


@pytest.mark.parametrize("make", [
    lambda: zip_of((zipfile.ZipInfo("zeros"), b"\0" * 2_000_000)),
    lambda: tar_of("w:gz", (tar_member("zeros"), b"\0" * 2_000_000)),
    lambda: gzip.compress(b"\0" * 2_000_000),
], ids=["zip", "tar", "gz"])
def test_what_would_not_fit_is_not_begun(box: Box, make: Callable[[], bytes]) -> None:
    box.server.limits.disk = 1
    box.files.write("/bomb.gz", (make(),))
    assert says(box.post("/files/decompress", {"root": "/", "file": "bomb.gz"})) == (
        400, "There is not enough disk space available to perform that action.")
    assert box.names() == ["bomb.gz", "a.txt", "folder"]


def test_unpacking_a_missing_file_or_a_folder_is_an_unexpected_error(box: Box) -> None:
    assert says(box.post("/files/decompress", {"root": "/", "file": "nothing.zip"})) == REFUSED
    assert says(box.post("/files/decompress", {"root": "/", "file": "folder"})) == REFUSED
