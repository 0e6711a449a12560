"""HTTP/1.1 on a real socket: streams both ways, kept connections, connections that are cut."""
from __future__ import annotations

import hashlib
import http.client
import socket
import tracemalloc
from collections.abc import Iterable, Iterator
from typing import Any

import pytest

from portal.demo.serving import Server
from portal.demo.wire import Cut, wire_of
from tests.demo.wire_support import MIB, PATIENCE_SECONDS, connected, fetch, is_listening, said, serving
from tests.support.waiting import held_port, port_of

PIECE = bytes(range(256)) * 256
PIECES = 64 * MIB // len(PIECE)
PEAK = 4 * MIB


def pieces() -> Iterator[bytes]:
    return (PIECE for _ in range(PIECES))


def counting(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
    """Tells how much came, of what it was made, and how long it was said to be."""
    digest, count = hashlib.sha256(), 0
    while piece := environ["wsgi.input"].read(65536):
        digest.update(piece)
        count += len(piece)
    start_response("200 OK", [])
    return [f"{count} {digest.hexdigest()} {environ.get('CONTENT_LENGTH')}".encode()]


def indifferent(_environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
    """Reads nothing."""
    start_response("413 Too Large", [("Content-Type", "text/plain")])
    return [b"too large"]


def whole() -> str:
    digest = hashlib.sha256()
    for piece in pieces():
        digest.update(piece)
    return digest.hexdigest()


def test_64_mib_up_are_never_held_whole() -> None:
    with serving(counting) as server, connected(server.address) as connection:
        tracemalloc.start()
        connection.request("POST", "/", pieces(), {"Content-Length": str(64 * MIB)})
        told = connection.getresponse().read()
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
    assert told == f"{64 * MIB} {whole()} {64 * MIB}".encode()
    assert peak < PEAK


@pytest.mark.parametrize("headers", [[], [("Content-Length", str(64 * MIB))]], ids=["chunked", "length"])
def test_64_mib_down_are_never_held_whole(headers: list[tuple[str, str]]) -> None:
    def app(_environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        start_response("200 OK", headers)
        return pieces()

    digest = hashlib.sha256()
    with serving(app) as server, connected(server.address) as connection:
        tracemalloc.start()
        connection.request("GET", "/")
        answer = connection.getresponse()
        while piece := answer.read(65536):
            digest.update(piece)
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
    assert (digest.hexdigest(), peak < PEAK) == (whole(), True)
    assert answer.headers["Transfer-Encoding"] == (None if headers else "chunked")
    assert answer.headers["Content-Length"] == (str(64 * MIB) if headers else None)


def test_a_body_in_chunks_is_put_together() -> None:
    with serving(counting) as server:
        told = fetch(server.address, "/", "POST", iter([b"one", b"two"])).body
    assert told == f"6 {hashlib.sha256(b'onetwo').hexdigest()} None".encode()


def test_a_list_has_a_length() -> None:
    with serving(counting) as server:
        assert fetch(server.address, "/").headers["Content-Length"] == str(len("0  None") + 64 - 3)


def test_what_is_read_late_is_still_to_come_when_the_application_begins() -> None:
    """It answers before the body is complete."""
    def app(environ: dict[str, Any], start_response: Any) -> Iterator[bytes]:
        start_response("200 OK", [])
        yield environ["wsgi.input"].read(3)
        yield environ["wsgi.input"].read()

    with serving(app) as server:
        parts = server.server_address
        with socket.create_connection((str(parts[0]), int(parts[1])), timeout=PATIENCE_SECONDS) as connection:
            connection.sendall(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 6\r\n\r\none")
            heard = b""
            while b"one\r\n" not in heard:
                heard += connection.recv(65536)
            assert b"two" not in heard
            connection.sendall(b"two")
            while b"0\r\n\r\n" not in heard:
                heard += connection.recv(65536)
    assert heard.endswith(b"3\r\none\r\n3\r\ntwo\r\n0\r\n\r\n")


def test_a_small_body_that_nobody_reads_keeps_the_connection() -> None:
    with serving(indifferent) as server, connected(server.address) as connection:
        connection.connect()
        used = connection.sock
        for _ in range(3):
            connection.request("POST", "/", b"x" * 1000)
            answer = connection.getresponse()
            assert (answer.status, answer.read(), connection.sock is used) == (413, b"too large", True)


@pytest.mark.parametrize("length", [{"Content-Length": str(64 * MIB)}, {}], ids=["length", "chunked"])
def test_a_large_body_that_nobody_reads_ends_the_connection_after_the_answer(
        length: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("portal.demo.serving._LINGER_SECONDS", PATIENCE_SECONDS)
    with serving(indifferent) as server, connected(server.address) as connection:
        connection.request("POST", "/", pieces(), length, encode_chunked=not length)
        answer = connection.getresponse()
        assert (answer.status, answer.read(), answer.headers["Connection"]) == (413, b"too large", "close")


def test_head_has_a_length_and_no_body() -> None:
    with serving(lambda _environ, start: (start("200 OK", [("Content-Length", "7")]), [b"content"])[1]) as server:
        heard = said(server.address, b"HEAD / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
    assert b"Content-Length: 7\r\n" in heard
    assert heard.endswith(b"\r\n\r\n")


def test_no_content_has_neither_length_nor_chunks() -> None:
    with serving(lambda _environ, start: (start("204 No Content", []), [])[1]) as server:
        heard = said(server.address, b"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
    assert heard.startswith(b"HTTP/1.1 204 No Content\r\n")
    assert b"Content-Length" not in heard
    assert b"Transfer-Encoding" not in heard


def test_an_old_caller_gets_no_chunks() -> None:
    with serving(lambda _environ, start: (start("200 OK", []), iter([b"a", b"b"]))[1]) as server:
        heard = said(server.address, b"GET / HTTP/1.0\r\n\r\n")
    assert heard.endswith(b"\r\n\r\nab")


def test_less_than_was_said_ends_the_connection() -> None:
    with (serving(lambda _environ, start: (start("200 OK", [("Content-Length", "9")]), [b"abc"])[1]) as server,
          pytest.raises(http.client.IncompleteRead) as short):
        fetch(server.address, "/")
    assert short.value.partial == b"abc"


@pytest.mark.parametrize("header", [b"Content-Length: many", b"Content-Length: -x"])
def test_a_length_that_is_none_is_refused(header: bytes) -> None:
    with serving(counting) as server:
        heard = said(server.address, b"POST / HTTP/1.1\r\nHost: x\r\n" + header + b"\r\n\r\n")
    assert heard.startswith(b"HTTP/1.1 400 ")


def test_a_path_stays_as_it_was_sent() -> None:
    def app(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        start_response("200 OK", [])
        return [f"{environ['RAW_URI']} {environ['PATH_INFO']} {environ['QUERY_STRING']}".encode()]

    with serving(app) as server:
        assert fetch(server.address, "/a%2Fb//c?d=%2F").body == b"/a%2Fb//c?d=%2F /a/b//c d=%2F"


@pytest.mark.parametrize("at", [0, 5, 40])
def test_an_answer_is_reset_after_that_many_bytes(at: int) -> None:
    def app(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        wire = wire_of(environ)
        assert wire is not None
        wire.cut_at, wire.ending = at, "rst"
        start_response("200 OK", [("Date", "now")])
        return [b"x" * 1000]

    with serving(app) as server:
        parts = server.server_address
        with socket.create_connection((str(parts[0]), int(parts[1])), timeout=PATIENCE_SECONDS) as connection:
            connection.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
            heard: list[bytes] = []
            with pytest.raises(ConnectionResetError):
                heard.extend(iter(lambda: connection.recv(1), b""))
    assert len(heard) <= at
    assert b"HTTP/1.1 200 OK\r\nDate: now\r\nContent-Length: 1000\r\n".startswith(b"".join(heard))


@pytest.mark.parametrize("at", [0, 5, 40])
def test_an_answer_ends_politely_after_exactly_that_many_bytes(at: int) -> None:
    def app(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        wire = wire_of(environ)
        assert wire is not None
        wire.cut_at, wire.ending = at, "fin"
        start_response("200 OK", [("Date", "now")])
        return [b"x" * 1000]

    with serving(app) as server:
        heard = said(server.address, b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
    assert heard == b"HTTP/1.1 200 OK\r\nDate: now\r\nContent-Length: 1000\r\n\r\n"[:at]


def test_an_application_cuts_in_the_middle_of_its_answer() -> None:
    def app(_environ: dict[str, Any], start_response: Any) -> Iterator[bytes]:
        start_response("200 OK", [])
        yield b"first"
        raise Cut("fin")

    with serving(app) as server, pytest.raises(http.client.IncompleteRead) as short:
        fetch(server.address, "/")
    assert short.value.partial == b"first"


def test_stopping_refuses_new_connections_and_cuts_those_that_stand(capsys: pytest.CaptureFixture[str]) -> None:
    with held_port() as held:
        port = port_of(held)
        server = Server(port, counting)
        server.start()
        with connected(server.address) as connection:
            connection.request("GET", "/")
            connection.getresponse().read()
            server.stop()
            assert not is_listening(server.address)
            assert connection.sock.recv(1) == b""
        again = Server(port, counting)
        again.start()
        assert fetch(again.address, "/").status == 200
        again.stop()
    assert capsys.readouterr().err == ""


def test_a_caller_who_leaves_in_the_middle_of_a_body_is_no_error_of_ours(capsys: pytest.CaptureFixture[str]) -> None:
    with serving(counting) as server:
        parts = server.server_address
        with socket.create_connection((str(parts[0]), int(parts[1])), timeout=PATIENCE_SECONDS) as connection:
            connection.sendall(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nhalf")
        assert fetch(server.address, "/").status == 200
    assert capsys.readouterr().err == ""


def test_only_this_machine_can_call() -> None:
    with serving(counting) as server:
        assert server.server_address[0] == "127.0.0.1"
