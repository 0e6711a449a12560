"""A browser that means no good: each ends with a code and a reason, and costs neither memory nor anybody else."""

from __future__ import annotations

import json
import os
import socket
import struct
import threading
from collections.abc import Iterator
from contextlib import suppress

import pytest
import websocket
from simple_websocket import ConnectionClosed

from portal.console import browser, commands, wire
from portal.console.browser import WAITING, Inbox, Whole
from portal.console.closing import Goodbye
from portal.console.rates import Bucket
from portal.console.wire import Command, Hello
from tests.console.live import Live, Page
from tests.servers.support import audit_of
from tests.support.waiting import until

ABNF = websocket.ABNF
PLACE = {"stream": "9f3a12bc", "next": 120, "tail": [0, 2**32 - 1]}
WRONG = {
    "no JSON": "hello",
    "half JSON": '{"hello": ',
    "nothing": "",
    "deep": "[" * 16_000,
    "deep inside": '{"hello": ' + "[" * 8_000 + "]" * 8_000 + "}",
    "huge number": '{"hello": {"stream": "a", "next": ' + "9" * 5_000 + ', "tail": []}}',
    "not a number": '{"hello": {"stream": "a", "next": NaN, "tail": []}}',
    "a list": "[]",
    "null": "null",
    "another word": json.dumps({"auth": ["token"]}),
    "another word beside": json.dumps({"hello": None, "more": 1}),
    "a word more inside": json.dumps({"hello": PLACE | {"more": 1}}),
    "true as a number": json.dumps({"hello": PLACE | {"next": True}}),
    "a number below": json.dumps({"hello": PLACE | {"next": -1}}),
    "a number above": json.dumps({"hello": PLACE | {"next": 2**53}}),
    "a fraction": json.dumps({"hello": PLACE | {"next": 1.5}}),
    "a long stream": json.dumps({"hello": PLACE | {"stream": "a" * 65}}),
    "odd letters": json.dumps({"hello": PLACE | {"stream": "../\u202e"}}),
    "a long tail": json.dumps({"hello": PLACE | {"tail": [1] * 51}}),
    "a hash too high": json.dumps({"hello": PLACE | {"tail": [2**32]}}),
    "a hash of text": json.dumps({"hello": PLACE | {"tail": ["x"]}}),
    "no tail": json.dumps({"hello": {"stream": "a", "next": 1}}),
    "a command without text": json.dumps({"command": {"id": 1}}),
    "a command of numbers": json.dumps({"command": {"id": 1, "text": 5}}),
    "a command without number": json.dumps({"command": {"id": None, "text": "x"}}),
    "Wings' own words": json.dumps({"event": "send command", "args": ["op me"]}),
}


@pytest.mark.parametrize("name", WRONG)
def test_what_is_not_said_here_is_nonsense(name: str) -> None:
    with pytest.raises(Goodbye) as caught:
        wire.read(WRONG[name])
    assert caught.value.code == 4400


def test_what_a_page_says_is_understood() -> None:
    assert wire.read('{"hello": null}') == Hello(None)
    found = wire.read(json.dumps({"hello": PLACE}))
    assert isinstance(found, Hello)
    assert found.place is not None
    assert (found.place.stream, found.place.next, found.place.tail) == ("9f3a12bc", 120, (0, 2**32 - 1))
    assert wire.read('{"command": {"id": 7, "text": "say hello"}}') == Command(7, "say hello")
    assert wire.read('{"command": {"id": 7, "text": "\\ud83d\\ude00 \\ud800"}}') == Command(7, "\U0001f600 ?")


@pytest.mark.parametrize("name", ["no JSON", "deep", "huge number", "Wings' own words", "nothing"])
def test_nonsense_ends_the_socket_with_a_reason(own: Live, name: str) -> None:
    for page in (own.page(), own.open()):
        page.say(WRONG[name])
        code, reason = page.closing()
        assert code == 4400
        assert reason


def test_a_binary_message_ends_it(own: Live) -> None:
    page = own.page()
    page.socket.send_binary(b'{"hello": null}')

    assert page.closing() == (4400, "This page sent something that is no text. Load it again.")


def test_a_command_before_the_first_word_or_a_second_first_word_ends_it(own: Live) -> None:
    first, second = own.page(), own.open()
    first.say({"command": {"id": 1, "text": "list"}})
    second.say({"hello": None})

    assert first.closing()[0] == second.closing()[0] == 4400


def test_who_says_nothing_is_not_waited_for_forever(own: Live, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("portal.console.socket.HELLO_S", 0.2)

    assert own.page().closing() == (4400, "This page did not say what it wants. Load it again.")


@pytest.mark.parametrize("size", [16 * 1024 + 1, 200_000])
def test_a_message_that_is_too_big_ends_it(own: Live, size: int) -> None:
    for page in (own.page(), own.open()):
        with suppress(OSError):
            page.say('"' + "x" * (size - 2) + '"')
        assert page.closing()[0] in (1009, 4429)
        page.leave()
    until(lambda: own.relay.seats.taken() == 0)


def test_a_message_of_many_pieces_is_one_message(own: Live) -> None:
    page = own.page()
    text = json.dumps({"hello": None})
    for number, letter in enumerate(text):
        page.socket.send_frame(
            ABNF(int(number == len(text) - 1), 0, 0, 0, 0 if number else ABNF.OPCODE_TEXT, 1, letter.encode())
        )

    assert "hello" in page.next()


def flood(page: Page, frame: bytes) -> None:
    """As many frames as the socket takes, by hand."""
    with suppress(OSError):
        for _ in range(40):
            page.socket.sock.sendall(frame * 500)


def masked(opcode: int, payload: bytes, is_last: bool = True) -> bytes:
    return bytes([(0x80 if is_last else 0) | opcode, 0x80 | len(payload)]) + b"\0\0\0\0" + payload


@pytest.mark.parametrize(
    "frame",
    [masked(ABNF.OPCODE_TEXT, b'{"command":{"id":1,"text":""}}'), masked(ABNF.OPCODE_PING, b"x"),
     masked(ABNF.OPCODE_PONG, b"")],
    ids=["messages", "pings", "pongs"],
)  # fmt: skip
def test_a_flood_ends_it_and_costs_no_memory(own: Live, frame: bytes) -> None:
    other, page = own.open(), own.open()
    flood(page, frame)
    code = None
    with suppress(OSError, websocket.WebSocketException):
        code = page.closing()[0]
    page.leave()
    until(lambda: own.relay.seats.taken() == 1)

    assert code in (4429, None)  # none when the flood was still on its way as the socket closed
    assert other.command("say still here")["outcome"] == "sent"


def test_a_flood_of_messages_is_told_so(own: Live) -> None:
    page = own.open()
    page.socket.sock.sendall(masked(ABNF.OPCODE_TEXT, b'{"command":{"id":1,"text":""}}') * 40)

    assert page.closing() == (4429, "This page sent too much at once. Load it again.")


def test_what_nobody_reads_is_not_kept(own: Live) -> None:
    inbox = Inbox()
    for _ in range(10_000):
        inbox.append("x")

    assert inbox.is_flooded
    assert len(inbox) <= WAITING


@pytest.mark.parametrize(
    ("frame", "code"),
    [(masked(0x3, b"x"), 1002), (b"\x81\x05hello", 1002), (masked(0x1, b"\xff\xfe"), 1007),
     (masked(0x0, b"x"), 1002), (b"\xf1\x80\0\0\0\0", 1002), (masked(0x8, b"\x03"), 1002),
     (masked(0x9, b"x" * 20, is_last=False), 1002)],
    ids=["opcode", "unmasked", "no UTF-8", "a piece of nothing", "reserved bits", "half a code", "a ping in pieces"],
)  # fmt: skip
def test_a_broken_frame_ends_it(own: Live, frame: bytes, code: int) -> None:
    page = own.open()
    page.socket.sock.sendall(frame)
    found = None
    with suppress(websocket.WebSocketException, OSError):
        found = page.closing()[0]
    page.leave()

    assert found in (code, None)
    until(lambda: own.relay.seats.taken() == 0)


def test_noise_ends_it(own: Live) -> None:
    for _ in range(5):
        page = own.page()
        page.socket.sock.sendall(os.urandom(3000))
        page.socket.sock.close()
    until(lambda: own.relay.seats.taken() == 0)


def test_a_browser_that_is_gone_without_a_word_is_noticed(own: Live) -> None:
    page = own.open()
    page.socket.sock.setsockopt(1, 13, struct.pack("ii", 1, 0))  # SO_LINGER: a reset instead of an end
    page.socket.sock.close()
    until(lambda: own.relay.seats.taken() == 0)


def test_commands_are_limited_in_size_and_number(own: Live, monkeypatch: pytest.MonkeyPatch) -> None:
    limits: list[tuple[float, float]] = []

    def bucket(burst: float, per_s: float) -> Bucket:
        limits.append((burst, per_s))
        return Bucket(burst, 0.0)  # what would come back meanwhile is for the machine to say

    monkeypatch.setattr(commands, "Bucket", bucket)
    page = own.open()
    answers = [page.command(text, number) for number, text in enumerate(["", "\n", "x" * 501, "x" * 500])]
    assert [one["outcome"] for one in answers] == ["refused", "refused", "refused", "sent"]
    assert "500" in answers[2]["said"]
    many = [page.command("say x", number)["outcome"] for number in range(4, 18)]
    assert many == ["sent"] * 9 + ["refused"] * 5
    assert limits == [(10, 4)]
    assert len(audit_of(own.world, "console.")) == many.count("sent") + 1


def test_several_lines_are_one_command(own: Live) -> None:
    page = own.open()
    page.command("say a\nop b\r\nstop")

    assert own.process("Survival SMP").commands == ["say a op b stop"]


@pytest.fixture
def pair(monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Whole, socket.socket]]:
    """Our end of a browser's socket, and the browser's, which is never too slow."""
    monkeypatch.setattr(browser, "SEND_S", 60)
    ours, theirs = socket.socketpair()
    with ours, theirs:
        yield Whole(ours, Inbox(), lambda: None), theirs


def test_a_page_that_reads_nothing_is_let_go(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(browser, "SEND_S", 1)
    ours, theirs = socket.socketpair()
    with ours, theirs:
        whole = Whole(ours, Inbox(), lambda: None)
        with pytest.raises(BlockingIOError):
            whole.send(b"x" * 10_000_000)
        with pytest.raises(OSError, match="Broken pipe"):  # half a frame is out: nothing may follow
            whole.send(b"x")


def test_what_two_threads_write_does_not_mix(pair: tuple[Whole, socket.socket]) -> None:
    whole, theirs = pair
    size, count = 200_000, 20
    writers = [
        threading.Thread(target=lambda letter=letter: [whole.send(letter * size) for _ in range(count)])
        for letter in (b"a", b"b")
    ]
    for one in writers:
        one.start()
    got = bytearray()
    while len(got) < 2 * size * count:
        part = theirs.recv(65536)
        assert part, "it ended before all was told"
        got += part
    for one in writers:
        one.join()

    assert all(len(set(got[start : start + size])) == 1 for start in range(0, len(got), size))


class Ended:
    """What simple-websocket is while its reader fails."""

    def __init__(self, sock: socket.socket) -> None:
        self.sock, self.event, self.connected = sock, threading.Event(), True

    def read(self) -> None:
        raise ConnectionClosed

    def start(self) -> threading.Thread:
        return browser.OPTIONS["thread_class"](target=self.read)  # type: ignore[operator,no-any-return]


def test_a_reader_that_ends_wakes_who_waits_for_it() -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        ws = Ended(ours)
        thread = ws.start()
        thread.start()
        thread.join()

        assert (ws.event.is_set(), ws.connected) == (True, False)
        assert theirs.recv(1) == b"", "the other side knows as well"
