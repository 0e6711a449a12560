"""The last metre: connections on which no single receive outlives the call's total deadline.

A read timeout alone does not end an answer that drips one byte a second, because every byte starts it anew.
Here the socket's timeout is set to what is left of the call before each connect, send and receive. The
deadline travels in a context variable, because urllib3 offers no argument for it. Written against urllib3 2.8
and CPython's `http.client`.
"""

from __future__ import annotations

import http.client
import io
import math
import socket
import time
from collections.abc import Callable
from contextvars import ContextVar
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Literal

from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.exceptions import ConnectTimeoutError, NameResolutionError, NewConnectionError

from portal.pterodactyl.deadlines import CONNECT_S

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer
    from urllib3._base_connection import BaseHTTPConnection

RECEIVE_CAP: Final = 16 * 1024 * 1024
"""Bytes off the wire for one answer, headers and chunk marks included; twice the cap of a decoded body."""

Stage = Literal["elsewhere", "name", "connect", "tls", "sent"]


@dataclass(slots=True)
class Attempt:
    """One request on its way: when it must have ended, how far it came, and whether it brought too much.

    `stage` stays "elsewhere" when another adapter than ours carries the request. `idle_s` bounds each single
    connect, send and receive; `cap` is how many bytes may be received, None for RECEIVE_CAP.
    """

    ends_at: float
    clock: Callable[[], float] = time.monotonic
    stage: Stage = "elsewhere"
    overflowed: bool = False
    idle_s: float = math.inf
    cap: float | None = None

    def left(self) -> float:
        """Seconds until the deadline, at most `idle_s`; raises TimeoutError when there are none."""
        seconds = self.ends_at - self.clock()
        if seconds <= 0:
            raise TimeoutError("the call's time is over")
        return min(seconds, self.idle_s)


current: ContextVar[Attempt] = ContextVar("portal_pterodactyl_attempt")


class BoundedReader(io.RawIOBase):
    """A socket's bytes, each receive bounded by the call's deadline, all together by the cap."""

    def __init__(self, sock: socket.socket, attempt: Attempt) -> None:
        super().__init__()
        self._sock = sock
        self._raw = sock.makefile("rb", buffering=0)
        self._attempt = attempt
        self._received = 0
        self.ended = False

    def readable(self) -> bool:
        """Always: it is made for reading."""
        return True

    def readinto(self, buffer: WriteableBuffer) -> int | None:
        """Receive once."""
        self._sock.settimeout(self._attempt.left())
        count = self._raw.readinto(buffer)
        self._received += count or 0
        self.ended = self.ended or count == 0
        if self._received > (RECEIVE_CAP if self._attempt.cap is None else self._attempt.cap):
            self._attempt.overflowed = True
            raise ConnectionAbortedError("the answer is too long")
        return count

    def close(self) -> None:
        """Let go of the socket, as `http.client` expects of its file."""
        self._raw.close()
        super().close()


class BoundedResponse(http.client.HTTPResponse):
    """An answer read through a `BoundedReader`."""

    def __init__(self, sock: socket.socket, *args: Any, **more: Any) -> None:
        super().__init__(sock, *args, **more)
        self.fp.close()
        self._bounded = BoundedReader(sock, current.get())
        self.fp = io.BufferedReader(self._bounded)

    def begin(self) -> None:
        """Read status and headers; `http.client` alone would take headers cut in the middle for whole ones."""
        super().begin()
        if self._bounded.ended:
            raise http.client.RemoteDisconnected("the headers were cut")


def _dial(connection: HTTPConnection, attempt: Attempt) -> socket.socket:
    """A connected socket: all addresses of the host together have the connect time, in fair shares."""
    ends_at = attempt.clock() + min(CONNECT_S, attempt.left())
    attempt.stage = "name"
    try:
        found = socket.getaddrinfo(connection.host.strip("[]"), connection.port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        failure = error if isinstance(error, socket.gaierror) else socket.gaierror(str(error))
        raise NameResolutionError(connection.host, connection, failure) from error
    attempt.stage = "connect"
    last: OSError = TimeoutError("no address answered in time")
    for index, (family, kind, protocol, _, address) in enumerate(found):
        left = ends_at - attempt.clock()
        if left <= 0:
            break
        sock = None
        try:
            sock = socket.socket(family, kind, protocol)  # this machine may have no IPv6, or no more files to open
            for option in connection.socket_options or ():
                sock.setsockopt(*option)
            sock.settimeout(left / (len(found) - index))
            sock.connect(address)
            sock.settimeout(max(0.001, ends_at - attempt.clock()))  # what is left of it is the handshake's
        except OSError as error:
            if sock is not None:
                sock.close()
            last = error.with_traceback(None)  # which would keep this frame, and so the socket that is taken at last
        else:
            return sock
    if isinstance(last, TimeoutError):
        raise ConnectTimeoutError(connection, "the connection took too long") from last
    raise NewConnectionError(connection, "the connection was refused") from last


class _Bounded(HTTPConnection):
    """What both kinds of connection share."""

    response_class = BoundedResponse

    def _new_conn(self) -> socket.socket:
        return _dial(self, current.get())

    def send(self, data: Any) -> None:
        """Send, connecting first if need be; from here on the panel may have seen the request."""
        attempt = current.get()
        if self.sock is None:
            self.connect()
        attempt.stage = "sent"
        self.sock.settimeout(attempt.left())
        super().send(data)


class BoundedHTTPConnection(_Bounded):
    """Plain HTTP: the panel is on the same host or behind a tunnel."""


class BoundedHTTPSConnection(_Bounded, HTTPSConnection):
    """HTTPS; a handshake that fails has not carried a request."""

    def _new_conn(self) -> socket.socket:
        sock = super()._new_conn()
        current.get().stage = "tls"
        return sock


class BoundedHTTPPool(HTTPConnectionPool):
    """Connections of the kind above, kept for the next call."""

    ConnectionCls = BoundedHTTPConnection


class BoundedHTTPSPool(HTTPSConnectionPool):
    """The same over TLS."""

    ConnectionCls = BoundedHTTPSConnection


class _Once(HTTPConnectionPool):
    """Each connection serves one request: one that the other side may just be closing could not be tried again."""

    def _put_conn(self, conn: BaseHTTPConnection | None) -> None:
        if conn is not None:
            conn.close()  # and never put back: a full pool would warn of each one too many


class OnceHTTPPool(_Once, BoundedHTTPPool):
    """Connections of the kind above, each for one request."""


class OnceHTTPSPool(_Once, BoundedHTTPSPool):
    """The same over TLS."""


POOLS: Final = {"http": BoundedHTTPPool, "https": BoundedHTTPSPool}
ONCE_POOLS: Final = {"http": OnceHTTPPool, "https": OnceHTTPSPool}
