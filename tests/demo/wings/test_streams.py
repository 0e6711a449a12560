"""Large files go through a node in pieces: memory does not grow with them."""
from __future__ import annotations

import hashlib
import tracemalloc
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from werkzeug.test import EnvironBuilder, run_wsgi_app

from portal.demo.world import Backup
from tests.demo.wings.conftest import Box

MIB = 1024 * 1024
SIZE = 64 * MIB
PEAK = 6 * MIB
BLOCK = bytes(range(256)) * 4096


class Body:
    """What a client sends, made while it is read: `size` bytes between a beginning and an end."""

    def __init__(self, before: bytes, size: int, after: bytes) -> None:
        self.length = len(before) + size + len(after)
        self._parts = filter(None, (before, *(BLOCK for _ in range(size // len(BLOCK))), after))
        self._rest = b""

    def read(self, size: int = -1) -> bytes:
        assert size > 0, "nobody may ask for everything at once"
        if not self._rest:
            self._rest = next(self._parts, b"")
        piece, self._rest = self._rest[:size], self._rest[size:]
        return piece


@contextmanager
def small_memory() -> Iterator[None]:
    tracemalloc.start()
    try:
        yield
        assert tracemalloc.get_traced_memory()[1] < PEAK
    finally:
        tracemalloc.stop()


def ask(box: Box, method: str, path: str, body: Body | None = None, kind: str = "", **query: str) -> tuple[str, str]:
    """Status, and the SHA-1 of what came back."""
    builder = EnvironBuilder(path, method=method, query_string=query,
                             headers={"Authorization": f"Bearer {box.server.node.daemon_token}"})
    environ: dict[str, Any] = builder.get_environ()
    if body is not None:
        environ |= {"wsgi.input": body, "CONTENT_LENGTH": str(body.length), "CONTENT_TYPE": kind}
    pieces, status, _ = run_wsgi_app(box.demo.daemons[box.server.node.uuid], environ)
    digest = hashlib.sha1(usedforsecurity=False)
    try:
        for piece in pieces:
            digest.update(piece)
    finally:
        getattr(pieces, "close", lambda: None)()
    return status.partition(" ")[0], digest.hexdigest()


def sha1_of(size: int) -> str:
    digest = hashlib.sha1(usedforsecurity=False)
    for _ in range(size // len(BLOCK)):
        digest.update(BLOCK)
    return digest.hexdigest()


def test_an_upload_and_a_download_of_64_mib(box: Box) -> None:
    before = b'--edge\r\nContent-Disposition: form-data; name="files"; filename="big.bin"\r\n\r\n'
    with small_memory():
        status, _ = ask(box, "POST", "/upload/file", Body(before, SIZE, b"\r\n--edge--\r\n"),
                        "multipart/form-data; boundary=edge", token=box.token())
        assert status == "200"
        assert ask(box, "GET", "/download/file", token=box.token(file_path="/big.bin")) == ("200", sha1_of(SIZE))
    assert box.entry("big.bin")["size"] == SIZE


def test_a_body_that_breaks_off_is_an_unexpected_error(box: Box) -> None:
    body = Body(b"half", 0, b"")
    body.length = 8
    path = f"/api/servers/{box.server.uuid}/files/write"
    assert ask(box, "POST", path, body, "text/plain", file="/cut.txt")[0] == "500"


def test_writing_copying_backing_up_and_reading_64_mib(box: Box) -> None:
    path = f"/api/servers/{box.server.uuid}/files"
    box.demo.world.backups.append(Backup(1, "b", box.server, "b", [], "wings", box.clock.now()))
    with small_memory():
        assert ask(box, "POST", f"{path}/write", Body(b"", SIZE, b""), "text/plain", file="/big.bin")[0] == "204"
        assert box.post("/files/copy", {"location": "/big.bin"}).status_code == 204
        assert box.post("/backup", {"adapter": "wings", "uuid": "b", "ignore": ""}).status_code == 202
        box.work()
        assert box.post("/backup/b/restore", {"adapter": "wings", "truncate_directory": True}).status_code == 202
        box.work()
        assert ask(box, "GET", f"{path}/contents", file="/big copy.bin") == ("200", sha1_of(SIZE))
