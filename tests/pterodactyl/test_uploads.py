"""Uploads over real sockets: every byte, constant memory, and what is known of those that went wrong."""

from __future__ import annotations

import hashlib
import io
import re
import socket
import time
import tracemalloc
from collections.abc import Callable
from typing import Any

import pytest

from portal.pterodactyl import errors
from portal.pterodactyl.addresses import with_directory
from portal.pterodactyl.multipart import FilePart
from portal.pterodactyl.streaming import Streaming
from tests.pterodactyl.listening import PATIENCE_S
from tests.pterodactyl.node import MIB, NODE_SAYS, Answer, Heard, Node, says, signed

Start = Callable[..., Node]


class Zeros(io.RawIOBase):
    """So many bytes, made as they are asked for."""

    def __init__(self, size: int) -> None:
        super().__init__()
        self.left = size

    def read(self, size: int = -1) -> bytes:
        size = min(size, self.left, 40_000)  # less than asked for, as sockets do
        self.left -= size
        return bytes(size)


def _body(name: str, content: bytes, boundary: str) -> bytes:
    head = f'--{boundary}\r\nContent-Disposition: form-data; name="files"; filename="{name}"\r\n'
    return (
        head.encode() + b"Content-Type: application/octet-stream\r\n\r\n" + content + f"\r\n--{boundary}--\r\n".encode()
    )


def _boundary(heard: Heard) -> str:
    found = re.search(r"(?im)^content-type: multipart/form-data; boundary=(\S+)\r?$", heard.head)
    assert found
    return found[1]


@pytest.mark.parametrize("content", [b"", b"x", b"\r\n--x--\r\n", bytes(range(256)) * 700])
@pytest.mark.parametrize(("name", "written"), [("a b.txt", "a b.txt"), ('ä"\\.txt', 'ä\\"\\\\.txt')])
def test_an_upload_is_every_byte(name: str, written: str, content: bytes, node: Start, streaming: Streaming) -> None:
    there = node(says(200))
    streaming.upload(
        signed(there, "/upload/file?token=t"), name, io.BytesIO(content), len(content), directory="/a b/&c"
    )
    heard = there.heard[0]
    assert heard.head.startswith("POST /upload/file?token=t&directory=%2Fa%20b%2F%26c HTTP/1.1\r\n")
    body = _body(written, content, _boundary(heard))
    assert heard.length == heard.announced == len(body)
    assert heard.digest.digest() == hashlib.sha256(body).digest()


def test_whoever_asked_for_it_can_keep_the_end_back(node: Start, streaming: Streaming) -> None:
    """When all bytes are sent; a form without its end stores nothing."""
    there = node(says(200))
    source = io.BytesIO(b"x" * 100_000)
    left: list[int] = []

    def refuse() -> None:
        left.append(len(source.read()))
        raise PermissionError

    with pytest.raises(errors.OutcomeUnknown) as caught:
        streaming.upload_all(signed(there, "/upload"), [FilePart("a", 100_000)], source, before_end=refuse)
    assert isinstance(caught.value.cause, errors.SourceBroken)
    assert isinstance(caught.value.__cause__, PermissionError)
    assert left == [0]
    there.close()
    assert there.heard[0].length < there.heard[0].announced


def test_several_files_go_in_one_request(node: Start, streaming: Streaming) -> None:
    there = node(says(200))
    files = [("a", b"1"), ("empty", b""), ("ä b", b"\r\n--" * 30_000)]
    parts = [FilePart(name, len(content)) for name, content in files]
    source = io.BytesIO(b"".join(content for _, content in files))
    streaming.upload_all(signed(there, "/upload/file?token=t"), parts, source, directory="/d")
    heard = there.heard[0]
    boundary = _boundary(heard)
    ends = len(f"--{boundary}--\r\n")
    body = b"".join(_body(name, content, boundary)[:-ends] for name, content in files) + f"--{boundary}--\r\n".encode()
    assert heard.length == heard.announced == len(body)
    assert heard.digest.digest() == hashlib.sha256(body).digest()


@pytest.mark.parametrize("content", [b"abc", b"abcde"])
def test_several_files_whose_source_ends_elsewhere_store_nothing(
    content: bytes, node: Start, streaming: Streaming
) -> None:
    there = node(says(200))
    with pytest.raises(errors.OutcomeUnknown) as caught:
        streaming.upload_all(signed(there, "/u"), [FilePart("a", 2), FilePart("b", 2)], io.BytesIO(content))
    assert isinstance(caught.value.cause, errors.SourceBroken)
    there.close()
    assert there.heard[0].length < there.heard[0].announced


def test_a_large_upload_takes_no_memory(node: Start, streaming: Streaming) -> None:
    there = node(says(200))
    tracemalloc.start()
    try:
        streaming.upload(signed(there, "/u?token=t"), "zeros", Zeros(64 * MIB), 64 * MIB)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    heard = there.heard[0]
    assert heard.digest.digest() == hashlib.sha256(_body("zeros", bytes(64 * MIB), _boundary(heard))).digest()
    assert peak < 4 * MIB


class Broken(io.RawIOBase):
    """A source that gives up."""

    def __init__(self, error: Exception) -> None:
        super().__init__()
        self.error = error

    def read(self, size: int = -1) -> bytes:
        raise self.error


@pytest.mark.parametrize(
    ("source", "said", "sentence"),
    [
        (lambda: io.BytesIO(b"abc"), 4, "shorter"),
        (lambda: io.BytesIO(b""), 1, "shorter"),
        (lambda: io.BytesIO(b"abc"), 2, "longer"),
        (lambda: io.BytesIO(b"abc"), 0, "longer"),
        (lambda: Zeros(300_000), 300_001, "shorter"),
        (lambda: Zeros(300_001), 300_000, "longer"),
        (lambda: Broken(OSError("the disk is gone")), 5, "could not be read"),
        (lambda: Broken(RuntimeError("the client is gone")), 5, "could not be read"),
        (lambda: io.StringIO("ä"), 1, "else than bytes"),
    ],
)
def test_a_source_that_is_not_what_was_said_stores_nothing_whole(
    source: Callable[[], Any], said: int, sentence: str, node: Start, streaming: Streaming
) -> None:
    there = node(says(200))
    with pytest.raises(errors.OutcomeUnknown) as caught:
        streaming.upload(signed(there, "/u?token=S3CRET"), "a", source(), said)
    assert sentence in str(caught.value)
    assert "S3CRET" not in str(caught.value)
    there.close()
    assert len(there.heard) == 1
    assert there.heard[0].length < there.heard[0].announced
    assert b"--\r\n" not in there.heard[0].end[-4:]


def _hang_up(connection: socket.socket, heard: Heard) -> None:
    connection.close()


@pytest.mark.parametrize("answer", [says(500, NODE_SAYS), says(502), _hang_up])
def test_an_upload_without_a_clear_answer_is_unknown_and_not_repeated(
    answer: Answer, node: Start, streaming: Streaming
) -> None:
    there = node(answer)
    with pytest.raises(errors.OutcomeUnknown) as caught:
        streaming.upload(signed(there, "/u"), "a", io.BytesIO(b"x" * 1000), 1000)
    assert isinstance(caught.value.cause, errors.NodeUnreachable)
    assert len(there.heard) == 1


@pytest.mark.parametrize("status", [102, 103, 201, 202, 204, 206])
def test_another_success_than_wings_own_is_unknown(status: int, node: Start, streaming: Streaming) -> None:
    with pytest.raises(errors.OutcomeUnknown) as caught:
        streaming.upload(signed(node(says(status)), "/u"), "a", io.BytesIO(b"x"), 1)
    assert isinstance(caught.value.cause, errors.BadAnswer)
    assert caught.value.status == status


def test_what_stands_behind_a_hash_is_not_sent() -> None:
    assert with_directory("http://h/u?token=t#x", "/a b") == "http://h/u?token=t&directory=%2Fa%20b"
    assert with_directory("http://h/u#x", "/") == "http://h/u?directory=%2F"


def test_an_upload_that_nobody_takes_ends_by_itself(node: Start, streaming: Streaming) -> None:
    def wait(connection: socket.socket, heard: Heard) -> None:
        there.stop.wait(PATIENCE_S)

    there = node(wait, read_body=False)
    started = time.monotonic()
    with pytest.raises(errors.OutcomeUnknown):
        streaming.upload(signed(there, "/u"), "a", Zeros(64 * MIB), 64 * MIB, idle_s=0.3)
    assert time.monotonic() - started < PATIENCE_S / 2
    there.stop.set()


def test_an_upload_ends_at_its_deadline(node: Start, timed: Streaming) -> None:
    def wait(connection: socket.socket, heard: Heard) -> None:
        there.stop.wait(PATIENCE_S)

    there = node(wait)
    started = time.monotonic()
    with pytest.raises(errors.OutcomeUnknown):
        timed.upload(signed(there, "/u"), "a", io.BytesIO(b"x"), 1, deadline_s=0.3)
    assert time.monotonic() - started < PATIENCE_S / 2
    there.stop.set()
