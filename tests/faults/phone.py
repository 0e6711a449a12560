"""The world outside of a process that may die at any moment: panel and mail server live in its parent, over a pipe."""

from __future__ import annotations

import io
import smtplib
from collections import Counter
from dataclasses import dataclass, field
from email.message import EmailMessage
from multiprocessing.connection import Connection
from typing import Any

from requests import PreparedRequest, Response
from requests.exceptions import ConnectionError as NoConnection
from urllib3 import HTTPHeaderDict, HTTPResponse

from portal.demo import Demo
from tests.support.wsgi_adapter import WsgiAdapter, WsgiApp

FORBIDDEN = ("/reinstall", "/delete", "DELETE ")


class Phone(WsgiAdapter):
    """The panel in this process or, once there is a `line`, in the process at its other end."""

    def __init__(self, app: WsgiApp) -> None:
        super().__init__(app)
        self.line: Connection | None = None
        self.heard: list[str] = []
        self.arrived: list[tuple[str, str, str]] = []
        """Mail that was sent while there was no line."""

    def send(self, request: PreparedRequest, *args: Any, **kwargs: Any) -> Response:
        """One request; a line that says nothing is a connection that was cut."""
        self.heard.append(f"CALL {request.method} {request.path_url.partition('?')[0]}")
        if self.line is None:
            return super().send(request, *args, **kwargs)
        self.line.send(("panel", request))
        answer = self.line.recv()
        if answer is None:
            raise NoConnection("cut")
        status, headers, body = answer
        raw = HTTPResponse(
            body=io.BytesIO(body), headers=HTTPHeaderDict(headers), status=status, preload_content=False,
            decode_content=False, request_method=request.method,
        )  # fmt: skip
        return self._builder.build_response(request, raw)


def postman(phone: Phone) -> type:
    """What stands in for smtplib.SMTP: hands each message over the line."""

    class Postman:
        """A mail server that takes everything, or drops the line after it has."""

        def __init__(self, *_: Any, **__: Any) -> None:
            phone.heard.append("CALL mail server")

        def send_message(self, message: EmailMessage) -> None:
            phone.heard.append("CALL mail")
            told = (str(message["To"]), str(message["Message-ID"]), str(message["Subject"]))
            if phone.line is None:
                phone.arrived.append(told)
                return
            phone.line.send(("mail", *told))
            if not phone.line.recv():
                raise smtplib.SMTPServerDisconnected("cut after DATA")

        def quit(self) -> None:
            """Nothing is held open."""

        close = quit

    return Postman


@dataclass
class Trouble:
    """What goes wrong once on the way back: the effect is there, and the answer is another one or none at all."""

    ending: str
    answer: str = "cut"
    count: int = 1

    def spoils(self, request: PreparedRequest) -> bool:
        """Whether it is this call's turn."""
        path = (request.path_url or "").partition("?")[0]
        if self.count and request.method != "GET" and path.endswith(self.ending):
            self.count -= 1
            return True
        return False


@dataclass
class Exchange:
    """The parent's end: panel and mailbox, which no crash of the child touches."""

    phone: Phone
    demo: Demo
    trouble: Trouble | None = None
    mails: list[tuple[str, str, str]] = field(default_factory=list)
    drops_mail: int = 0

    def serve(self, line: Connection) -> list[tuple[Any, ...]]:
        """Answer until the other end is gone; returns what it told."""
        told: list[tuple[Any, ...]] = []
        while True:
            try:
                what, *rest = line.recv()
                if what == "panel":
                    line.send(self._panel(rest[0]))
                elif what == "mail":
                    self.mails.append((rest[0], rest[1], rest[2]))
                    self.drops_mail -= 1
                    line.send(self.drops_mail < 0)
                elif what == "look":
                    line.send({one.uuid: one.status for one in self.demo.world.servers})
                elif what == "by hand":
                    line.send(self._by_hand(*rest))
                elif what == "mails":
                    line.send(list(self.mails))
                elif what == "writes":
                    line.send(self.writes())
                else:
                    told.append((what, *rest))
            except (EOFError, ConnectionError):
                return told

    def writes(self) -> list[str]:
        """What was written to the panel, from its own log."""
        return [f"{one.method} {one.path}" for one in self.demo.calls if one.method not in ("GET", "HEAD")]

    def doubled(self) -> list[str]:
        """Messages that came twice under another name, and everything that no machine may do."""
        found = [f"a machine did {one}" for one in self.writes() if any(part in one for part in FORBIDDEN)]
        names = {(to, message_id) for to, message_id, _ in self.mails}
        assert len({message_id for _, message_id in names}) == len(names)
        return found

    def _by_hand(self, server_uuid: str, status: str | None) -> None:
        """An administrator changes a server's status in the panel."""
        next(one for one in self.demo.world.servers if one.uuid == server_uuid).status = status

    def _panel(self, request: PreparedRequest) -> tuple[int, list[tuple[str, str]], bytes] | None:
        """The panel's answer, or what is left of it."""
        is_spoilt = self.trouble is not None and self.trouble.spoils(request)
        if is_spoilt and self.trouble is not None and self.trouble.answer == "500 before":
            return _broken()
        response = WsgiAdapter.send(self.phone, request)
        body = response.raw.read()
        if is_spoilt:
            return None if self.trouble is not None and self.trouble.answer == "cut" else _broken()
        return response.status_code, list(response.headers.items()), body


def _broken() -> tuple[int, list[tuple[str, str]], bytes]:
    text = b"<html><title>502 Bad Gateway</title></html>"
    return 502, [("Content-Type", "text/html"), ("Content-Length", str(len(text)))], text


def counted(names: list[str]) -> list[tuple[str, int]]:
    """Each name with the how-manieth time it is."""
    seen: Counter[str] = Counter()
    found = []
    for name in names:
        seen[name] += 1
        found.append((name, seen[name]))
    return found
