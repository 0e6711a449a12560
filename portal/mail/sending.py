"""The way to the mail server, and what went wrong on it in one sentence for the operator."""

from __future__ import annotations

import smtplib
import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from email.message import EmailMessage
from email.utils import formatdate
from types import TracebackType
from typing import Self

from portal import clock, faultpoint
from portal.config import Settings
from portal.mail import queue
from portal.panel import settings
from portal.web.i18n import _
from portal.web.text import is_email, one_line

TIMEOUT_S = 15.0


class MailProblem(Exception):
    """A message was not taken. `is_final`: it never will be; `is_connection`: the server took nothing at all."""

    def __init__(self, sentence: str, *, is_final: bool = False, is_connection: bool = False) -> None:
        super().__init__(sentence)
        self.is_final = is_final
        self.is_connection = is_connection


class Sender:
    """One connection for several messages; made when the first is sent, made anew after it broke."""

    def __init__(self, chosen: Settings) -> None:
        self._settings = chosen
        self._server: smtplib.SMTP | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._close()

    def send(self, message: EmailMessage) -> None:
        """Hand one message over. Raises MailProblem."""
        if self._server is None:
            try:
                with _in_words(self._settings), faultpoint.around("mail server"):
                    self._server = _connected(self._settings)
            except smtplib.SMTPNotSupportedError as error:
                place = f"{self._settings.smtp_host}, port {self._settings.smtp_port},"
                sentence = f"The mail server at {place} does not offer what is set: {_words(str(error))}"
                raise MailProblem(sentence, is_connection=True) from error
        try:
            with _in_words(self._settings), faultpoint.around("mail"):
                self._server.send_message(message)
        except smtplib.SMTPNotSupportedError:  # of this one message: the connection is good
            sentence = "The mail server does not take addresses with letters beyond a to z."
            raise MailProblem(sentence, is_final=True) from None
        except MailProblem as problem:
            if problem.is_connection:
                self._close()
            raise

    def _close(self) -> None:
        server, self._server = self._server, None
        if server is not None:
            try:
                server.quit()
            except (smtplib.SMTPException, OSError):
                server.close()


def send_test(address: str) -> None:
    """Send one message now, past the queue. Raises MailProblem with what is wrong."""
    chosen = settings()
    if chosen.smtp_host is None:
        raise MailProblem("No mail server is set, so nothing can be sent.")
    text = _("This is a test. The mail of %(host)s reaches you.", host=chosen.host_name)
    subject = _("%(host)s: test", host=chosen.host_name)
    with Sender(chosen) as sender:
        sender.send(made(chosen, address, subject, text, "", message_id=queue.new_message_id()))


def made(chosen: Settings, to: str, subject: str, text: str, html: str, *, message_id: str) -> EmailMessage:
    """A message as text and, unless `html` is empty, as HTML. Raises MailProblem for an address that is none."""
    problem = MailProblem("That is not an address that mail can be sent to.", is_final=True)
    if not is_email(to):
        raise problem
    message = EmailMessage()
    try:
        message["From"] = chosen.mail_from or ""
        message["To"] = to
        message["Subject"] = one_line(subject)
        message["Message-ID"] = message_id
    except (ValueError, IndexError) as wrong:  # IndexError: what the parser of addresses says to some of them
        raise problem from wrong
    message["Date"] = formatdate(clock.now())
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(text)
    if html:
        message.add_alternative(html, subtype="html")
    return message


def _connected(chosen: Settings) -> smtplib.SMTP:
    host, port = chosen.smtp_host or "", chosen.smtp_port
    trust = ssl.create_default_context()
    if chosen.smtp_security == "tls":
        server: smtplib.SMTP = smtplib.SMTP_SSL(host, port, timeout=TIMEOUT_S, context=trust)
    else:
        server = smtplib.SMTP(host, port, timeout=TIMEOUT_S)
    try:
        if chosen.smtp_security == "starttls":
            server.starttls(context=trust)
        if chosen.smtp_user is not None:
            server.login(chosen.smtp_user, chosen.smtp_password or "")
    except BaseException:
        server.close()
        raise
    return server


@contextmanager
def _in_words(chosen: Settings) -> Iterator[None]:
    """Turn what smtplib raises into MailProblem."""
    server = f"{chosen.smtp_host}, port {chosen.smtp_port},"
    try:
        yield
    except smtplib.SMTPAuthenticationError as error:
        raise MailProblem(f"The mail server refuses name or password: {_said(error)}", is_connection=True) from error
    except smtplib.SMTPRecipientsRefused as error:
        code, said = next(iter(error.recipients.values()), (450, b""))
        sentence = f"The mail server does not take mail for this address: {_words(said)}"
        raise MailProblem(sentence, is_final=code >= 500) from error
    except smtplib.SMTPSenderRefused as error:
        sentence = f"The mail server does not take mail from mail_from: {_said(error)}"
        raise MailProblem(sentence, is_connection=True) from error
    except smtplib.SMTPNotSupportedError:
        raise
    except smtplib.SMTPDataError as error:
        raise MailProblem(f"The mail server refused the message: {_said(error)}",
                          is_final=error.smtp_code >= 500) from error  # fmt: skip
    except smtplib.SMTPResponseException as error:
        raise MailProblem(f"The mail server at {server} refused: {_said(error)}", is_connection=True) from error
    except (smtplib.SMTPException, OSError) as error:
        raise MailProblem(_unreached(server, error), is_connection=True) from error


def _unreached(server: str, error: Exception) -> str:
    match error:
        case socket.gaierror():
            return f"The name of the mail server at {server} cannot be resolved."
        case ssl.SSLCertVerificationError():
            return f"The certificate of the mail server at {server} is not good: {_words(error.verify_message)}"
        case ssl.SSLError():
            return f"The mail server at {server} does not speak TLS there: look whether smtp_security fits this port."
        case TimeoutError():
            return f"The mail server at {server} does not answer in time."
        case ConnectionRefusedError():
            return f"The mail server at {server} cannot be reached: the connection was refused."
        case smtplib.SMTPServerDisconnected():
            return f"The mail server at {server} hung up: look whether smtp_security fits this port."
        case _:
            return f"The mail server at {server} cannot be reached: {_words(str(error))}"


def _said(error: smtplib.SMTPResponseException) -> str:
    return f"{error.smtp_code} {_words(error.smtp_error)}"


def _words(said: bytes | str) -> str:
    return one_line(said.decode("utf-8", "replace") if isinstance(said, bytes) else said)
