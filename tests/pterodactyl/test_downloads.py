"""Downloads over real sockets: every byte, constant memory, nothing of ours goes along."""

from __future__ import annotations

import gzip
import hashlib
import io
import logging
import socket
import struct
import threading
import time
import tracemalloc
from collections.abc import Callable
from typing import Any

import pytest

from portal.pterodactyl import errors, models
from portal.pterodactyl.streaming import Streaming
from tests.pterodactyl.fakes import Clock
from tests.pterodactyl.listening import PATIENCE_S
from tests.pterodactyl.node import MIB, NODE_SAYS, PATH, PIECE, Answer, Heard, Node, large, says, signed, slowly

Start = Callable[..., Node]


def fetched(streaming: Streaming, node: Node, **options: Any) -> bytes:
    with streaming.download(signed(node), **options) as download:
        return b"".join(download)


def test_a_download_is_every_byte_with_its_name_and_length(node: Start, streaming: Streaming) -> None:
    body = bytes(range(256)) * 1000
    disposition = 'Content-Disposition: attachment; filename="a \\"b\\".txt"'
    there = node(says(200, body, disposition, "Content-Type: application/octet-stream"))
    with streaming.download(signed(there)) as download:
        assert (download.name, download.size_bytes) == ('a "b".txt', len(body))
        assert b"".join(download) == body
    assert there.heard[0].head.startswith(f"GET {PATH} HTTP/1.1\r\n")


def test_nothing_of_ours_goes_along(
    node: Start, streaming: Streaming, monkeypatch: pytest.MonkeyPatch, tmp_path: Any
) -> None:
    (tmp_path / "netrc").write_text("machine 127.0.0.1 login a password b\n")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    there = node(says(200, b"x", "Set-Cookie: a=b; Path=/"))
    for _ in range(2):
        assert fetched(streaming, there) == b"x"
        streaming.upload(signed(there, "/upload/file?token=t"), "a", io.BytesIO(b"x"), 1)
    for heard in there.heard:
        names = {line.split(":")[0].lower() for line in heard.head.split("\r\n")[1:]}
        assert names <= {
            "host", "user-agent", "accept", "accept-encoding", "connection", "content-type", "content-length",
        }  # fmt: skip
    assert len(there.heard) == 4


def test_each_address_gets_a_connection_of_its_own(node: Start, streaming: Streaming) -> None:
    """An upload on a connection that the node is just closing would end nobody knows how."""

    def answer(connection: socket.socket, heard: Heard) -> None:
        says(200, b"x")(connection, heard)
        there.stop.wait(PATIENCE_S)  # the connection stays open and hears nothing more

    there = node(answer)
    for _ in range(3):
        assert fetched(streaming, there) == b"x"
    streaming.upload(signed(there, "/u"), "a", io.BytesIO(b"x"), 1)
    there.stop.set()
    assert len(there.heard) == 4


def test_many_at_once_are_no_matter_for_a_warning(
    node: Start, streaming: Streaming, caplog: pytest.LogCaptureFixture
) -> None:
    there = node(says(200, b"x"))
    many = [streaming.download(signed(there)) for _ in range(20)]
    for download in many:
        assert b"".join(download) == b"x"
        download.close()
    assert [record for record in caplog.records if record.levelno >= logging.WARNING] == []


def test_a_large_download_takes_no_memory(node: Start, streaming: Streaming) -> None:
    there = node(large(64 * 16))
    digest, length = hashlib.sha256(), 0
    tracemalloc.start()
    try:
        with streaming.download(signed(there)) as download:
            for piece in download:
                digest.update(piece)
                length += len(piece)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert length == 64 * MIB
    assert digest.digest() == hashlib.sha256(PIECE * 64 * 16).digest()
    assert peak < 4 * MIB


def _chunked(end: bytes) -> Answer:
    head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    return lambda connection, heard: connection.sendall(head + b"3\r\nabc\r\n2\r\nde\r\n" + end)


def _reset(connection: socket.socket, heard: Heard) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc")
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def test_a_download_without_a_length_ends_where_it_says(node: Start, streaming: Streaming) -> None:
    there = node(_chunked(b"0\r\n\r\n"))
    with streaming.download(signed(there)) as download:
        assert download.size_bytes is None
        assert b"".join(download) == b"abcde"


def test_a_file_comes_as_it_lies_there_also_if_it_is_packed(node: Start, streaming: Streaming) -> None:
    packed = gzip.compress(b"text")
    assert fetched(streaming, node(says(200, packed, "Content-Encoding: gzip"))) == packed


def test_a_length_beside_marked_pieces_is_not_believed(node: Start, streaming: Streaming) -> None:
    head = b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\nTransfer-Encoding: chunked\r\n\r\n"
    there = node(lambda connection, heard: connection.sendall(head + b"3\r\nabc\r\n0\r\n\r\n"))
    with streaming.download(signed(there)) as download:
        assert (download.size_bytes, b"".join(download)) == (None, b"abc")


@pytest.mark.parametrize(
    "answer", [says(200, b"abc", length=9), _chunked(b""), _chunked(b"9\r\nhalf"), _reset], ids=lambda _: "cut"
)
def test_a_download_that_ends_early_is_no_file(answer: Answer, node: Start, streaming: Streaming) -> None:
    there = node(answer)
    with pytest.raises(errors.NodeUnreachable) as caught:
        fetched(streaming, there)
    assert "S3CRET" not in str(caught.value) + repr(caught.value)
    assert caught.value.__context__ is None, "the library's exception, which holds the address, must not hang on"
    assert len(there.heard) == 1


def test_a_download_can_be_left_half_way(node: Start, streaming: Streaming) -> None:
    there = node(large(16))
    with streaming.download(signed(there)) as download:
        assert next(iter(download))
    with pytest.raises(errors.NodeUnreachable):
        b"".join(download)


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_not_followed(status: int, node: Start, streaming: Streaming) -> None:
    elsewhere = node(says(200, b"secret"))
    there = node(says(status, b"x" * 100, f"Location: {elsewhere.url}/"))
    with pytest.raises(errors.BadAnswer) as caught:
        fetched(streaming, there)
    assert (caught.value.status, caught.value.happened) == (status, False)
    with pytest.raises(errors.BadAnswer):
        streaming.upload(signed(there, "/u"), "a", io.BytesIO(b"x"), 1)
    assert elsewhere.heard == []


def test_a_drip_ends_at_the_deadline(node: Start, clock: Clock, timed: Streaming) -> None:
    there = node(slowly(clock, 1000, 1.0))
    with pytest.raises(errors.NodeUnreachable) as caught:
        fetched(timed, there, deadline_s=50.0)
    assert "silent" in caught.value.detail


def test_a_drip_without_a_deadline_comes_to_its_end(node: Start, clock: Clock, timed: Streaming) -> None:
    """Longer than any silence may be, all together."""
    there = node(slowly(clock, 8, 50.0))
    assert fetched(timed, there, idle_s=60.0) == b"x" * 8


def test_what_came_goes_on_before_more_comes(node: Start, streaming: Streaming) -> None:
    """A slow node would let who waits for a full piece run into a silence of minutes."""
    goes_on = threading.Event()

    def answer(connection: socket.socket, heard: Heard) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 8\r\n\r\n" + b"half")
        assert goes_on.wait(PATIENCE_S)
        connection.sendall(b"rest")

    with streaming.download(signed(node(answer))) as download:
        pieces = iter(download)
        assert next(pieces) == b"half"
        goes_on.set()
        assert b"".join(pieces) == b"rest"


def test_silence_ends_by_itself(node: Start, streaming: Streaming) -> None:
    def answer(connection: socket.socket, heard: Heard) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n")
        there.stop.wait(20.0)
        connection.sendall(b"abc")

    there = node(answer)
    with pytest.raises(errors.NodeUnreachable) as caught:
        fetched(streaming, there, idle_s=0.3)
    assert "silent" in caught.value.detail


XML = b'<?xml version="1.0"?><Error><Code>AccessDenied</Code><Message>Request has expired</Message></Error>'


@pytest.mark.parametrize(
    ("status", "body", "sentence"),
    [
        (404, NODE_SAYS, "The requested resource was not found on this server."),
        (403, XML, "The link is not good any more"),
        (400, b"<html>", "The link is not good any more"),
        (400, b"", "The link is not good any more"),
        (400, b'{"error": 5}', "The link is not good any more"),
        (400, b"[]", "The link is not good any more"),
        (429, b'{"error": "slow\\u0000 down"}', "slow down"),
        (404, b'{"error": "' + b"x" * 100_000 + b'"}', "The link is not good any more"),
    ],
)
def test_a_refusal_is_told_in_a_sentence(
    status: int, body: bytes, sentence: str, node: Start, streaming: Streaming
) -> None:
    there = node(says(status, body))
    with pytest.raises(errors.NodeRefused) as caught:
        fetched(streaming, there)
    assert caught.value.sentence.startswith(sentence)
    assert (caught.value.status, caught.value.request) == (status, f"GET {there.url}/download/file")
    with pytest.raises(errors.NodeRefused):
        streaming.upload(signed(there, "/u"), "a", io.BytesIO(b"x"), 1)
    assert len(there.heard) == 2


def test_a_refusal_that_drips_is_not_waited_for(node: Start, clock: Clock, timed: Streaming) -> None:
    """What would be read of it otherwise takes more than a minute."""

    def answer(connection: socket.socket, heard: Heard) -> None:
        connection.sendall(b"HTTP/1.1 404 Said\r\nContent-Length: 1000000\r\n\r\n")
        while not there.stop.wait(0.001):
            clock.now += 10.0
            connection.sendall(b" ")

    there = node(answer)
    started = time.monotonic()
    with pytest.raises(errors.NodeRefused) as caught:
        fetched(timed, there, idle_s=60.0)
    assert time.monotonic() - started < 30
    assert caught.value.sentence.startswith("The link is not good any more")


@pytest.mark.parametrize("status", [500, 502, 503])
def test_a_broken_node_is_unreachable_and_asked_once(status: int, node: Start, streaming: Streaming) -> None:
    there = node(says(status, NODE_SAYS))
    with pytest.raises(errors.NodeUnreachable) as caught:
        fetched(streaming, there)
    assert (caught.value.status, len(there.heard)) == (status, 1)


@pytest.mark.parametrize("status", [201, 204, 206])
def test_another_success_is_no_file(status: int, node: Start, streaming: Streaming) -> None:
    with pytest.raises(errors.BadAnswer):
        fetched(streaming, node(says(status)))


def test_nobody_there_is_unreachable(streaming: Streaming) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        url = f"http://127.0.0.1:{taken.getsockname()[1]}/x?token=S3CRET"
    with pytest.raises(errors.NodeUnreachable) as caught:
        streaming.download(models.SignedUrl(url))
    assert "S3CRET" not in str(caught.value)
    with pytest.raises(errors.NodeUnreachable):
        streaming.upload(models.SignedUrl(url), "a", io.BytesIO(b"x"), 1)


@pytest.mark.parametrize(
    "url", ["", "file:///etc/passwd", "http://u:p@h/", "//h/x", "http://h /x", "ws://h/x", "http://h/ä", "http://h\\x/"]
)
def test_what_is_no_address_is_not_asked(url: str, streaming: Streaming) -> None:
    with pytest.raises(ValueError):
        streaming.download(models.SignedUrl(url))
    with pytest.raises(ValueError):
        streaming.upload(models.SignedUrl(url), "a", io.BytesIO(b"x"), 1)


def test_no_log_line_holds_the_token(node: Start, streaming: Streaming, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO, logger="portal.pterodactyl"):
        fetched(streaming, node(says(200, b"x")))
    assert "/download/file -> 200" in caplog.text
    assert "S3CRET" not in caplog.text


def test_no_log_line_of_a_library_holds_the_token(
    node: Start, streaming: Streaming, caplog: pytest.LogCaptureFixture
) -> None:
    def answer(connection: socket.socket, heard: Heard) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nnot a header\r\nX: y\r\n\r\nx")

    with caplog.at_level(logging.DEBUG):
        fetched(streaming, node(answer))
        with pytest.raises(errors.NodeUnreachable):
            streaming.download(models.SignedUrl("http://127.0.0.1:1/x?token=S3CRET"))
    assert "Failed to parse headers" in caplog.text
    assert "GET /download/file HTTP/1.1" in caplog.text
    assert "S3CRET" not in caplog.text
