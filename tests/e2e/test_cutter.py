"""The bad network that the other tests rely on: it cuts, stalls and refuses when it is told to, and not before."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator

import pytest

from tests.e2e.cutter import LOOPBACK, Cutter

PATIENCE_S = 60


@pytest.fixture
def way() -> Iterator[Cutter]:
    """To somebody who says back what is said."""
    listener = socket.create_server((LOOPBACK, 0))
    threading.Thread(target=_echo, args=(listener,), daemon=True).start()
    cutter = Cutter(listener.getsockname()[1])
    yield cutter
    cutter.close()
    listener.shutdown(socket.SHUT_RDWR)
    listener.close()


def _echo(listener: socket.socket) -> None:
    while True:
        try:
            one, _ = listener.accept()
        except OSError:
            return
        threading.Thread(target=_answer, args=(one,), daemon=True).start()


def _answer(one: socket.socket) -> None:
    with one:
        try:
            while data := one.recv(1000):
                one.sendall(data)
        except OSError:
            return


def dial(way: Cutter) -> socket.socket:
    return socket.create_connection((LOOPBACK, way.port), timeout=PATIENCE_S)


def said(one: socket.socket, text: bytes) -> bytes:
    one.sendall(text)
    return heard(one, len(text))


def heard(one: socket.socket, count: int) -> bytes:
    """So many bytes, in however many pieces they come."""
    got = b""
    while len(got) < count and (piece := one.recv(count - len(got))):
        got += piece
    return got


def test_what_is_said_goes_through(way: Cutter) -> None:
    with dial(way) as one:
        assert said(one, b"hello") == b"hello"
        assert (way.standing, way.accepted) == (1, 1)


def test_a_cut_is_a_reset_or_an_end(way: Cutter) -> None:
    with dial(way) as one:
        said(one, b"hello")
        assert way.cut() == 1
        with pytest.raises(ConnectionResetError):
            one.recv(1)
    with dial(way) as one:
        said(one, b"hello")
        way.cut("fin")
        assert one.recv(1) == b""
    assert way.standing == 0


def test_a_cut_within_a_message(way: Cutter) -> None:
    with dial(way) as one:
        said(one, b"hello")
        way.cut_within_a_message(3)
        one.sendall(b"hello")
        assert b"".join(iter(lambda: one.recv(10), b"")) == b"hel"


def test_a_stall_is_silence_until_it_ends(way: Cutter) -> None:
    with dial(way) as one, dial(way) as another:
        said(one, b"hello")
        way.stall()
        for standing in (one, another):
            standing.sendall(b"late")
            standing.settimeout(0.2)
            with pytest.raises(TimeoutError):
                standing.recv(1)
            standing.settimeout(PATIENCE_S)
        way.resume()
        assert (heard(one, 4), heard(another, 4)) == (b"late", b"late")


def test_away_refuses_and_comes_back_at_its_address(way: Cutter) -> None:
    with dial(way) as one:
        said(one, b"hello")
        with way.away():
            with pytest.raises(ConnectionResetError):
                one.recv(1)
            with pytest.raises(ConnectionRefusedError):
                dial(way)
        with dial(way) as again:
            assert said(again, b"hello") == b"hello"
