"""A websocket to a node: opened with the panel's origin, read in batches, written by several threads."""

from __future__ import annotations

import functools
import ipaddress
import socket
import ssl
from contextlib import suppress
from urllib.parse import urlsplit

import websocket

from portal import faultpoint
from portal.wings.crew import Sockets
from portal.wings.frames import PING, Frames, Message, Nonsense
from portal.wings.handshake import Head, Odd
from portal.wings.link import Cause
from portal.wings.messages import write_message
from portal.wings.ticket import Ticket
from portal.wings.timing import Timing

_READ_BYTES = 64 * 1024
_ANSWERS: dict[int, Cause] = {400: "full", 403: "origin", 404: "unknown_server"}


class Broken(Exception):
    """There is no socket, or none any more; the text never leaves this process and names neither address nor token."""

    def __init__(self, cause: Cause) -> None:
        super().__init__(cause)
        self.cause: Cause = cause


@functools.cache
def _context() -> ssl.SSLContext:
    """One for the process: with one for each socket 200 consoles cost 1 MB each."""
    return ssl.create_default_context()


class Wire:
    """An open websocket. One thread reads, any thread writes."""

    def __init__(self, line: websocket.WebSocket, real: socket.socket, sockets: Sockets, rest: bytes) -> None:
        self._line = line
        self._real = real
        self._sockets = sockets
        self._frames = Frames()
        self._rest = rest

    def read(self) -> list[Message]:
        """What is whole now, after one wait of at most a tick; pings are answered. Raises Broken."""
        try:
            data, self._rest = self._rest or self._real.recv(_READ_BYTES), b""
        except (TimeoutError, ssl.SSLWantReadError):
            return []
        except (OSError, ValueError):
            raise Broken("cut") from None
        if not data:
            raise Broken("cut")
        try:
            messages = self._frames.feed(data)
        except Nonsense:
            raise Broken("odd") from None
        if pings := [payload for opcode, payload in messages if opcode == PING]:
            self._write(bytes(pings[-1]), websocket.ABNF.OPCODE_PONG)
        return messages

    def wait_at_most(self, seconds: float) -> None:
        """For each read and write from now on."""
        with suppress(OSError):
            self._real.settimeout(seconds)

    def send(self, event: str, *args: str) -> None:
        """One message. Raises Broken."""
        self._write(write_message(event, *args).encode(), websocket.ABNF.OPCODE_TEXT)

    def ping(self, payload: bytes = b"") -> None:
        """The node answers it after all that was sent before. Raises Broken."""
        self._write(payload, websocket.ABNF.OPCODE_PING)

    def cut(self) -> None:
        """Wake whoever reads; it closes."""
        with suppress(OSError):
            socket.socket.shutdown(self._real, socket.SHUT_RDWR)

    def close(self) -> None:
        """Say goodbye without waiting for an answer, and close."""
        with suppress(Broken):
            self._write(b"\x03\xe8", websocket.ABNF.OPCODE_CLOSE)
        self._sockets.close(self._real)

    def _write(self, payload: bytes, opcode: int) -> None:
        """A socket that takes no more within a tick is dead: what is written here is short."""
        try:
            self._line.send(payload, opcode)
        except (OSError, ValueError, websocket.WebSocketException):
            self.cut()
            raise Broken("cut") from None


def dial(ticket: Ticket, origin: str, address: str | None, sockets: Sockets, timing: Timing) -> Wire:
    """Open it: no proxy, no redirect, no compression. Raises Broken."""
    real: socket.socket | None = None
    try:
        parts = urlsplit(ticket.url)
        if parts.scheme not in ("ws", "wss") or not parts.hostname:
            raise Odd
        port = parts.port or (443 if parts.scheme == "wss" else 80)
        real = _connected(parts.hostname, port, sockets, timing)
        if parts.scheme == "wss":
            real = _secured(real, parts.hostname, sockets)
        wire = _upgraded(ticket.url, real, origin, address, sockets, timing)
    except BaseException as error:
        if real is not None:
            sockets.close(real)
        if (cause := _cause_of(error)) is None:
            raise
        raise Broken(cause) from None
    wire.wait_at_most(timing.tick_s)
    return wire


def _connected(host: str, port: int, sockets: Sockets, timing: Timing) -> socket.socket:
    try:
        with faultpoint.around("socket of a node"):
            real = socket.create_connection((host, port), timing.connect_s)
    except TimeoutError:
        raise
    except (socket.gaierror, UnicodeError):
        raise Broken("name") from None
    except OSError:
        raise Broken("port") from None
    sockets.add(real)
    real.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return real


def _secured(real: socket.socket, host: str, sockets: Sockets) -> ssl.SSLSocket:
    try:
        secured = _context().wrap_socket(real, server_hostname=host, do_handshake_on_connect=False)
    except BaseException:
        sockets.close(real)
        raise
    sockets.replace(real, secured)
    try:
        secured.do_handshake()
    except BaseException:
        sockets.close(secured)
        raise
    return secured


def _upgraded(
    url: str, real: socket.socket, origin: str, address: str | None, sockets: Sockets, timing: Timing
) -> Wire:
    head = Head(real, timing.connect_s)
    line = websocket.WebSocket(enable_multithread=True, skip_utf8_validation=True)
    line.connect(  # type: ignore[no-untyped-call]
        url, socket=head, timeout=timing.connect_s, origin=origin, header=_headers(address), redirect_limit=0,
        http_no_proxy=["*"],
    )  # fmt: skip
    line.sock = real
    return Wire(line, real, sockets, head.rest)


def _headers(address: str | None) -> list[str]:
    if address is None:
        return []
    try:
        return [f"X-Forwarded-For: {ipaddress.ip_address(address)}"]
    except ValueError:
        return []


def _cause_of(error: BaseException) -> Cause | None:
    """None for what is no failure of the way."""
    if isinstance(error, Broken):
        return error.cause
    if isinstance(error, websocket.WebSocketBadStatusException):
        return _ANSWERS.get(error.status_code, "odd")
    if isinstance(error, TimeoutError | websocket.WebSocketTimeoutException):
        return "silent"
    if isinstance(error, ssl.SSLError | ssl.CertificateError):
        return "tls"
    if isinstance(error, OSError | websocket.WebSocketConnectionClosedException):
        return "cut"
    if isinstance(error, Odd | websocket.WebSocketException | ValueError):
        return "odd"
    return None
