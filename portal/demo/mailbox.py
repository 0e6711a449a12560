"""A mail server that takes everything and shows it: for a portal that runs beside the demo."""
from __future__ import annotations

import socket
import socketserver
import threading
import time
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.message import EmailMessage

KEPT = 200
_LONGEST_LINE = 8192
_LONGEST_MESSAGE = 1024 * 1024


@dataclass(frozen=True)
class Received:
    """One message as it came: when (seconds of the demo's clock), for whom, and the text that it shows."""

    number: int
    at: float
    recipients: tuple[str, ...]
    subject: str
    message_id: str
    text: str


class Mailbox:
    """The newest messages, for whoever they are; listens on a loopback port of its own between `start` and `close`."""

    def __init__(self, now: Callable[[], float] = time.time) -> None:
        self._now = now
        self._kept: deque[Received] = deque(maxlen=KEPT)
        self._lock = threading.Lock()
        self._number = 0
        self._server: _Server | None = None

    def start(self, port: int = 0) -> int:
        """Listen; returns the port."""
        self._server = _Server(("127.0.0.1", port), self)
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 60}, name="mailbox",
                         daemon=True).start()
        return int(self._server.server_address[1])

    def close(self) -> None:
        """Listen no more.  The thread ends first: it would go on watching whatever has the socket's number next."""
        if self._server is not None:
            with suppress(OSError):
                self._server.socket.shutdown(socket.SHUT_RDWR)  # wakes the thread that waits for callers
            self._server.shutdown()
            self._server.server_close()
            self._server = None

    def all(self) -> list[Received]:
        """What came, the newest first."""
        with self._lock:
            return list(reversed(self._kept))

    def put(self, recipients: tuple[str, ...], content: bytes) -> None:
        """Keep one message."""
        message = message_from_bytes(content, policy=policy.default)
        assert isinstance(message, EmailMessage)
        part = message.get_body(("plain", "html"))
        text = str(part.get_content()).replace("\r\n", "\n") if part is not None else ""
        with self._lock:
            self._number += 1
            self._kept.append(Received(self._number, self._now(), recipients, str(message["Subject"] or ""),
                                       str(message["Message-ID"] or ""), text))


class _Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
    allow_reuse_address = True

    def __init__(self, address: tuple[str, int], mailbox: Mailbox) -> None:
        self.mailbox = mailbox
        super().__init__(address, _Talk)


class _Talk(socketserver.StreamRequestHandler):
    """As much of RFC 5321 as a client that sends mail needs."""

    server: _Server
    timeout = 60

    def handle(self) -> None:
        self._recipients: list[str] = []
        self._say("220 demo mailbox")
        while line := self.rfile.readline(_LONGEST_LINE):
            word, _, rest = line.decode("utf-8", "replace").strip().partition(" ")
            if word.upper() == "QUIT":
                self._say("221 bye")
                return
            self._say(self._answer(word.upper(), rest))

    def _answer(self, word: str, rest: str) -> str:
        match word:
            case "EHLO":
                return "250-demo\r\n250 SMTPUTF8"
            case "HELO" | "NOOP":
                return "250 demo"
            case "MAIL" | "RSET":
                self._recipients.clear()
                return "250 ok"
            case "RCPT":
                self._recipients.append(rest.partition("<")[2].partition(">")[0])
                return "250 ok"
            case "DATA" if self._recipients:
                return self._take()
            case "DATA":
                return "503 for whom?"
            case _:
                return "502 not here"

    def _take(self) -> str:
        self._say("354 go on")
        lines: list[bytes] = []
        size = 0
        while (line := self.rfile.readline(_LONGEST_LINE)) not in (b".\r\n", b""):
            size += len(line)
            if size <= _LONGEST_MESSAGE:
                lines.append(line[1:] if line.startswith(b"..") else line)
        if size > _LONGEST_MESSAGE:
            return "552 too much"
        self.server.mailbox.put(tuple(self._recipients), b"".join(lines))
        return "250 taken"

    def _say(self, text: str) -> None:
        self.wfile.write(f"{text}\r\n".encode())
