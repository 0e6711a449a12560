"""A real mail server on the loopback interface, that can be told to misbehave."""

from __future__ import annotations

import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, Envelope

from portal.background.mail import send_mail
from tests.conftest import World


@dataclass
class Mailbox:
    """What arrived; `answer` is what the server says to a message, `refused` are recipients that it does not take.

    With `hangs_up` it takes each message and drops the connection instead of saying so.
    """

    received: list[EmailMessage] = field(default_factory=list)
    answer: str = "250 OK"
    refused: dict[str, str] = field(default_factory=dict)
    hangs_up: bool = False
    port: int = 0

    async def handle_RCPT(self, _server: Any, _session: Any, envelope: Envelope, address: str, _options: Any) -> str:  # noqa: N802
        if address in self.refused:
            return self.refused[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, _session: Any, envelope: Envelope) -> str:  # noqa: N802
        if self.answer.startswith("250"):
            self.received.append(message_from_bytes(envelope.content, policy=policy.default))
        if self.hangs_up:
            server.transport.abort()
        return self.answer

    def text(self, number: int = -1) -> str:
        """The plain text of a message."""
        part = self.received[number].get_body(("plain",))
        assert part is not None
        return str(part.get_content())

    def html(self, number: int = -1) -> str:
        """The HTML of a message."""
        part = self.received[number].get_body(("html",))
        assert part is not None
        return str(part.get_content())


class OnAnyPort(Controller):
    """A controller that lets the system choose the port."""

    def _trigger_server(self) -> None:
        self.port = self.server.sockets[0].getsockname()[1]
        super()._trigger_server()


@contextmanager
def serving(**options: Any) -> Iterator[Mailbox]:
    """A mail server on a port of its own; `options` are aiosmtpd's."""
    mailbox = Mailbox()
    controller = OnAnyPort(
        mailbox, hostname="127.0.0.1", port=0, server_hostname="mail.test", ready_timeout=60, **options
    )
    controller.start()
    mailbox.port = controller.port
    try:
        yield mailbox
    finally:
        controller.stop()


def accepts(_server: Any, _session: Any, _envelope: Any, _mechanism: str, login: Any) -> AuthResult:
    """The one login that the server knows."""
    return AuthResult(success=login.login == b"roost" and login.password == b"right password", handled=False)


@pytest.fixture
def mailbox() -> Iterator[Mailbox]:
    """A mail server that takes everything."""
    with serving() as box:
        yield box


@pytest.fixture
def mailing(make_world: Callable[..., World], mailbox: Mailbox) -> World:
    """A portal that sends its mail there."""
    return make_world("own", **mail_settings(mailbox))


def mail_settings(mailbox: Mailbox, **more: object) -> dict[str, object]:
    """The settings of a portal that sends its mail to a mailbox."""
    chosen: dict[str, object] = {
        "smtp_host": "127.0.0.1", "smtp_port": mailbox.port, "smtp_security": "none",
        "mail_from": "Höst <help@example.com>", "portal_url": "https://my.example.com",
    }  # fmt: skip
    return chosen | more


def send(world: World) -> None:
    """One round of the background process's mail."""
    with world.app.app_context():
        send_mail()


def tls(folder: Path) -> ssl.SSLContext:
    """A server's TLS with a certificate that nobody trusts."""
    from tests.support.certificates import self_signed

    certificate, key = self_signed(folder, "127.0.0.1")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    return context
