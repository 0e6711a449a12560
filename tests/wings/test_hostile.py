"""A node that is broken, taken over, or none at all: it costs little, breaks nothing, and is told by its right name."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest

from portal import clock as portal_clock
from portal.wings import NoTicket, Ticket
from portal.wings.board import Board
from portal.wings.budget import A_SECOND
from portal.wings.crew import Crew, Sockets
from portal.wings.echoes import Echoes
from portal.wings.frames import CLOSE, PING, PONG, Frames
from portal.wings.history import Way
from portal.wings.session import Session
from portal.wings.timing import Timing
from portal.wings.wire import Wire, dial
from tests.support.waiting import until
from tests.wings.conftest import DEADLINE_SECONDS, PATIENT, Browser, Rig, is_empty, session_of
from tests.wings.peer import Peer, frame, line, listening, message

SHORT = replace(PATIENT, tick_s=0.05, pauses=(0.05,), first_line_s=0.1, quiet_s=0.05)
IMPATIENT = replace(SHORT, connect_s=0.2, auth_s=0.3)

Serve = Callable[[Peer, int], None]
Looks = Callable[..., Browser]


@pytest.fixture
def look(rig: Rig) -> Iterator[Looks]:
    """A browser at a node that is written by hand."""
    opened = []

    def open_(serve: Serve, timing: Timing = SHORT, **options: Any) -> Browser:
        node = listening(serve)
        opened.append(node)
        return rig.look(rig.at(node.__enter__()), hub=rig.new_hub(timing=timing), **options)

    yield open_
    hubs = list(rig.hubs)
    rig.close()
    rig.browsers.clear()
    rig.hubs.clear()
    for node in opened:
        node.__exit__(None, None, None)
    assert all(is_empty(hub) for hub in hubs)


def answering(*parts: bytes) -> Serve:
    def serve(peer: Peer, _: int) -> None:
        peer.request()
        for part in parts:
            peer.send(part)

    return serve


def wait_for_end(peer: Peer) -> None:
    for event, _ in peer.events():
        if event == "send stats":
            peer.send(message("stats", "no sample"))


def saying(*frames: bytes) -> Serve:
    """Authenticated, then these on the first socket; others have no history."""

    def serve(peer: Peer, number: int) -> None:
        peer.authenticated("running")
        if number == 0:
            for one in frames:
                peer.send(one)
        wait_for_end(peer)

    return serve


@pytest.mark.parametrize(
    ("serve", "cause"),
    [
        (answering(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n<h1>Hello</h1>"), "odd"),
        (answering(b"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 99999999999\r\n\r\n"), "odd"),
        (answering(b"HTTP/1.1 302 Found\r\nLocation: ws://127.0.0.1:1/\r\n\r\n"), "odd"),
        (answering(b"HTTP/1.1 403 Forbidden\r\n\r\n"), "origin"),
        (answering(b"HTTP/1.1 404 Not Found\r\n\r\n"), "unknown_server"),
        (answering(b"HTTP/1.1 400 Bad Request\r\n\r\n"), "full"),
        (answering(b"HTTP/1.1 101 Yes\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                   b"Sec-WebSocket-Accept: bm8=\r\n\r\n"), "odd"),
        (answering(b"SSH-2.0-OpenSSH_9.2\r\n\r\n"), "odd"),
        (answering(b"HTTP/1.1 101 Yes\r\n", *[b"X-%d: y\r\n" % n for n in range(5000)]), "odd"),
        (answering(), "cut"),
        (lambda peer, _: wait_for_end(peer), "silent"),
        (lambda peer, _: (peer.accept(), wait_for_end(peer)), "silent"),
        (lambda peer, _: (peer.accept(), peer.send(message("jwt error", "jwt: no jwt present")), wait_for_end(peer)),
         "token"),
        (lambda peer, _: (peer.accept(), peer.send(message("daemon error", "x")), wait_for_end(peer)), "token"),
        (saying(b"\x81\x7f\x7f\xff\xff\xff\xff\xff\xff\xff"), "odd"),
        (saying(*[frame(b"x" * 60_000, opcode=0 if n else 1, is_final=False) for n in range(60)]), "odd"),
        (saying(b"\xf1\x00"), "odd"),
        (saying(frame(b"\x03\xe8", opcode=8)), "cut"),
        (saying(message("jwt error", "jwt: server uuid mismatch")), "token"),
        (saying(message("jwt error", "jwt: missing connect permission")), "token"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_told(look: Looks, serve: Serve, cause: str) -> None:
    look(serve, IMPATIENT if cause == "silent" else SHORT).has("lost", cause)


def test_a_name_that_nobody_knows(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    def nobody(*_: object, **__: object) -> list[object]:
        raise socket.gaierror(socket.EAI_NONAME, "no such name")

    monkeypatch.setattr(socket, "getaddrinfo", nobody)
    rig.look(rig.at("wss://node.invalid:8080/api/servers/x/ws")).has("lost", "name")


def test_a_port_that_nobody_listens_on(rig: Rig) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        rig.look(rig.at(f"ws://127.0.0.1:{taken.getsockname()[1]}/")).has("lost", "port")


@pytest.mark.parametrize(
    "url", ["", "http://127.0.0.1/", "ws://", "ws://127.0.0.1:x/", "ws://[/", "file:///etc/passwd"]
)
def test_an_address_that_is_none(rig: Rig, url: str) -> None:
    rig.look(rig.at(url)).has("lost", "odd")


def test_no_tls_where_tls_should_be(rig: Rig) -> None:
    with listening(lambda peer, _: peer.send(b"HTTP/1.1 400 Bad Request\r\n\r\n")) as url:
        browser = rig.look(rig.at(url.replace("ws://", "wss://")))
        browser.has("lost", "tls")
        rig.leave(browser)
        until(lambda: is_empty(rig.hub))


def test_what_is_no_message_is_passed_over(look: Looks) -> None:
    browser = look(
        saying(
            frame(b"\xff\xfe"), frame(b"no json"), frame(b""), frame(b"[]"), frame(b'{"event":7}', opcode=2),
            frame(b'{"event":"console output","args":["half \xff"]}'),
            message("of a later version", "x"), message("install output", "secret"), message("transfer logs", "secret"),
            message("stats", "no json"), message("stats", '{"uptime":"<b>"}'), message("status", "on fire"),
            frame(b'{"event":"console out', is_final=False), frame(b'put","args":["parts"]}', opcode=0),
            line("\x1b]0;title\x07end"),
        )
    )  # fmt: skip
    browser.sees("end")
    assert browser.lines == ["half \ufffd", "parts", "end"]
    assert browser.states == ["running"]
    assert (browser.events, browser.samples) == ([], [])
    assert "lost" not in {phase for phase, _ in browser.phases}


def test_a_line_of_a_megabyte_is_cut_and_the_next_one_comes(look: Looks) -> None:
    browser = look(saying(line("x" * 1_048_576), line("next")))
    browser.sees("next")
    assert [len(one or "") for one in browser.lines] == [8192, 4]


def test_a_pong_that_overtakes_a_line_makes_no_line_twice(look: Looks, monkeypatch: pytest.MonkeyPatch) -> None:
    """Both sockets say the line; what the second says of the past must not hold it once more."""
    is_quiet, has_come = threading.Event(), threading.Event()

    class Over(threading.Event):
        def wait(self, timeout: float | None = None) -> bool:
            """The pong is there, and the line may come now; it is waited for until it has."""
            is_quiet.set()
            has_come.wait(DEADLINE_SECONDS)
            return self.is_set()

    class Patient(Echoes):
        def __init__(self) -> None:
            super().__init__()
            self.over = Over()

    monkeypatch.setattr("portal.wings.session.Echoes", Patient)

    def serve(peer: Peer, number: int) -> None:
        peer.authenticated()
        while True:
            opcode, payload = peer.receive()
            if opcode == PING:
                peer.send(frame(payload, opcode=PONG))
                is_quiet.wait(DEADLINE_SECONDS)
                peer.send(line("three"))
            elif b"send logs" in payload:
                peer.send(line("three") + line("one") + line("two") + line("three"))
            elif b"send stats" in payload and number:
                peer.send(message("stats", "{}"))
            elif opcode == CLOSE:
                return

    browser = look(serve)
    board = browser.viewer.channel.board
    until(lambda: board._hold is not None and board._hold.lines == ["three"])
    assert is_quiet.is_set()
    has_come.set()
    browser.sees("three")
    until(lambda: session_of(browser)._board.is_settled)
    assert browser.lines == ["one", "two", "three"]


def test_a_flood_of_pings_is_answered_and_holds_nothing_up(look: Looks) -> None:
    pongs: list[bytes] = []

    def serve(peer: Peer, number: int) -> None:
        peer.authenticated()
        if number == 0:
            peer.send(frame(b"p", opcode=PING) * 50_000 + frame(b"last", opcode=PING) + line("behind"))
        else:
            wait_for_end(peer)
        while True:
            opcode, payload = peer.receive()
            if opcode == PONG:
                pongs.append(payload)

    browser = look(serve)
    browser.sees("behind")
    until(lambda: b"last" in pongs)
    assert len(pongs) < 1000


def test_what_the_node_sends_behind_its_answer_is_read(look: Looks) -> None:
    def serve(peer: Peer, number: int) -> None:
        real, sent = peer.send, []
        peer.send = sent.append  # type: ignore[method-assign]
        peer.accept()
        real(sent[0] + message("auth success") + message("status", "offline") + line("at once"))
        wait_for_end(peer)

    look(serve).sees("at once")


def test_what_a_node_is_told_of_us(look: Looks, rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    """Origin and the browser's address; no cookie, though the node sets one for its host; no proxy, no compression."""
    for name in ("http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    heads: list[bytes] = []

    def serve(peer: Peer, number: int) -> None:
        peer.authenticated("offline")
        heads.append(peer.head.lower())
        if number > 1:
            wait_for_end(peer)

    rig.origin = "https://panel.example.com"
    browser = look(serve, address="203.0.113.9")
    until(lambda: len(heads) >= 3)
    assert browser.viewer.channel.link.phase
    for head in heads:
        assert b"origin: https://panel.example.com\r\n" in head
        assert b"x-forwarded-for: 203.0.113.9\r\n" in head
        assert b"cookie" not in head
        assert b"extensions" not in head
        assert head.startswith(b"get /api/servers/x/ws http/1.1\r\n")


def test_an_address_that_is_none_is_not_told(rig: Rig) -> None:
    heads: list[bytes] = []

    def serve(peer: Peer, _: int) -> None:
        peer.accept()
        heads.append(peer.head)

    crew = Crew()
    for address in (None, "1.2.3.4\r\nX-Evil: 1", "unix:"):
        with listening(serve) as url:
            dial(Ticket(url, "t"), "https://p", address, Sockets(crew), Timing()).close()
    assert len(heads) == 3
    assert all(b"X-Forwarded-For" not in head and b"Evil" not in head for head in heads)
    assert crew.sockets == 0


def test_stopping_ends_a_handshake_that_hangs(rig: Rig) -> None:
    def serve(peer: Peer, _: int) -> None:
        peer.request()
        wait_for_end(peer)

    with listening(serve) as url:
        hub = rig.new_hub(timing=Timing(connect_s=60))
        rig.look(rig.at(url), hub=hub)
        until(lambda: hub.counts().upstreams == 1)
        hub.stop(1012, "restart")
        until(lambda: hub.counts().threads == hub.counts().upstreams == 0)


class Frozen:
    """Time stands still."""

    def now(self) -> float:
        return 0.0

    monotonic = now

    def sleep(self, seconds: float) -> None:
        pass


class Deaf(Wire):
    """A wire that goes nowhere."""

    def __init__(self) -> None:
        self.sent: list[str] = []

    def send(self, event: str, *args: str) -> None:
        self.sent.append(event)


@pytest.fixture
def frozen() -> Iterator[None]:
    before = portal_clock.use(Frozen())
    yield
    portal_clock.use(before)


@pytest.mark.usefixtures("frozen")
def test_a_flood_beyond_all_measure_is_counted_and_marked_but_not_read() -> None:
    board, crew = Board(), Crew()
    way = Way(lambda: Ticket("", ""), "", None)
    session = Session("x", board, Deaf(), Ticket("", ""), way, crew, Sockets(crew), Timing(), lambda: True)
    session.live_at = 0.0
    frames = Frames()
    sent = A_SECOND + 10_000
    for begin in range(0, sent, 1000):
        session._hear(frames.feed(b"".join(line(f"line {number}") for number in range(begin, begin + 1000))))
    session._hear(frames.feed(message("status", "stopping")))
    assert board.state == "stopping"
    assert board.dropped_lines == sent - A_SECOND
    assert board.ring.next - 1 == A_SECOND + 10
    assert board.ring.last(11) == [f"line {A_SECOND - 1}", *[None] * 10]


def test_history_goes_on_when_the_network_is_slow(look: Looks) -> None:
    """Nothing comes for a while; but what the node is asked then it answers only behind the rest."""

    def serve(peer: Peer, number: int) -> None:
        peer.authenticated("running")
        parts = [line("first"), line("second")]
        for event, _ in peer.events():
            if number == 1 and event == "send stats":
                peer.send((parts.pop(0) if parts else b"") + message("stats", "no sample"))

    browser = look(serve)
    browser.sees("second")
    assert browser.lines == ["first", "second"]


def test_lines_that_wait_for_history_are_shown_when_all_is_over(rig: Rig) -> None:
    calls: list[int] = []

    def serve(peer: Peer, number: int) -> None:
        if number == 0:
            peer.authenticated("running")
            peer.send(line("last words"))
            next(peer.events())

    with listening(serve) as url:

        def tickets() -> Ticket:
            calls.append(1)
            if len(calls) > 1:
                raise NoTicket("state", is_final=True)
            return Ticket(url, "t")

        browser = rig.look(tickets, hub=rig.new_hub(timing=Timing(pauses=(0.01,), tick_s=0.05, history_pauses=(60,))))
        browser.has("over", "state")
        browser.sees("last words")
        rig.leave(browser)


def test_a_socket_that_opens_when_all_is_over_is_closed() -> None:
    crew = Crew()
    sockets = Sockets(crew)
    sockets.stop()
    one = socket.socket()
    with pytest.raises(ConnectionAbortedError):
        sockets.add(one)
    assert (one.fileno(), crew.sockets) == (-1, 0)
