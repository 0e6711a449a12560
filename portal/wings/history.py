"""What a console said before anybody looked, over a socket of its own.

On one socket the lines of `send logs` and live lines come mixed, without a mark, from different goroutines of Wings.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from portal import clock
from portal.wings.cleaning import lines_of
from portal.wings.crew import Sockets
from portal.wings.frames import BINARY, CLOSE, TEXT, Message
from portal.wings.messages import OUTPUT, read_message
from portal.wings.ticket import Ticket, Tickets
from portal.wings.timing import Timing
from portal.wings.wire import Broken, Wire, dial

_MOST_LINES = 4000


@dataclass(frozen=True)
class Way:
    """How to get to a console: who fetches tickets, and what a node is told of who asks."""

    tickets: Tickets
    origin: str
    address: str | None


def fetch_history(ticket: Ticket, way: Way, sockets: Sockets, timing: Timing) -> list[str] | None:
    """The last lines of the server's log, oldest first; none when it is offline, None when they cannot be had."""
    try:
        wire = dial(ticket, way.origin, way.address, sockets, timing)
    except Broken:
        return None
    try:
        wire.wait_at_most(timing.quiet_s)
        wire.send("auth", ticket.token)
        state = _state(wire, timing)
        if state is None or state == "offline":
            return None if state is None else []
        wire.send("send logs")
        return _collected(wire, timing)
    except Broken:
        return None
    finally:
        wire.close()


def _state(wire: Wire, timing: Timing) -> str | None:
    """The first `status`, which Wings sends behind `auth success`; None when the token is not taken."""
    for messages in _batches(wire, timing.auth_s):
        for event, text in _told(messages):
            if event in ("jwt error", "daemon error"):
                return None
            if event == "status":
                return text
    return None


def _collected(wire: Wire, timing: Timing) -> list[str]:
    """Until it is quiet; live lines that come between are sorted out by whoever asked.

    A slow network is quiet too. So silence counts only when the node has answered another question, asked behind the
    last line.
    """
    wire.send("send stats")
    lines: list[str] = []
    is_asked, is_answered, idle = True, False, 0
    for messages in _batches(wire, timing.history_s):
        told = list(_told(messages))
        found = [line for event, text in told if event == OUTPUT for line in lines_of(text)]
        lines += found
        if len(lines) >= _MOST_LINES:
            break
        if found:
            is_asked, is_answered, idle = False, False, 0
        elif any(event == "stats" for event, _ in told):
            is_answered = is_asked
        elif messages:
            continue
        elif not is_asked:
            wire.send("send stats")
            is_asked = True
        elif is_answered:
            idle += 1
            if lines or idle * timing.quiet_s >= timing.first_line_s:
                break
    return lines[:_MOST_LINES]


def _batches(wire: Wire, seconds: float) -> Iterator[list[Message]]:
    """What comes in that time, read by read; nothing after each wait in which nothing came. Raises Broken."""
    until = clock.monotonic() + seconds
    while clock.monotonic() < until:
        messages = wire.read()
        if any(opcode == CLOSE for opcode, _ in messages):
            raise Broken("cut")
        yield messages


def _told(messages: list[Message]) -> Iterator[tuple[str, str]]:
    for opcode, payload in messages:
        if opcode in (TEXT, BINARY) and (message := read_message(payload)) is not None:
            yield message
