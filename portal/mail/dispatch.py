"""Sending what waits in the store: by the background process, at least once, each message with its own Message-ID.

Before a message goes out its row is put off by two minutes, so a second process does not send it too; if this one dies
in between it goes out once more, under the same Message-ID.
"""

from __future__ import annotations

import logging
import random

from sqlalchemy import CursorResult, delete, select, update

from portal import clock
from portal.mail.models import Mail
from portal.mail.sending import MailProblem, Sender, made
from portal.mail.writing import Dropped, Writers
from portal.panel import settings
from portal.store import read, restored, write

log = logging.getLogger("roost.mail")
AT_ONCE = 20
CLAIM_S = 120.0
TRIES = 10
LONGEST_WAIT_S = 300.0
AFTER_TRIES_S = 3600.0
"""Waits double from a second up to five minutes; after ten tries it is once an hour, and the doctor shows it."""


def work(writers: Writers) -> None:
    """Send what is due to the mail server that is set, unless this store was restored and nobody confirmed it yet."""
    if restored.since() is not None:
        return
    with Sender(settings()) as sender:
        for mail in _due():
            if not _claim(mail):
                continue
            try:
                _send(sender, mail, writers)
            except MailProblem as problem:
                _not_sent(mail, problem)
                if problem.is_connection:
                    return
            except Exception as error:  # this one message must not keep the others
                log.exception("mail %d (%s) could not be written", mail.id, mail.kind)
                _not_sent(mail, MailProblem(f"It could not be written: {type(error).__name__}."))


def _due() -> list[Mail]:
    query = select(Mail).where(Mail.state == "waiting", Mail.next_at <= clock.now()).order_by(Mail.next_at, Mail.id)
    with read() as session:
        return list(session.scalars(query.limit(AT_ONCE)))


def _claim(mail: Mail) -> bool:
    mine = update(Mail).where(Mail.id == mail.id, Mail.state == "waiting", Mail.next_at == mail.next_at)
    with write() as session:
        result = session.execute(mine.values(next_at=clock.now() + CLAIM_S, attempts=Mail.attempts + 1))
        return isinstance(result, CursorResult) and result.rowcount == 1


def _send(sender: Sender, mail: Mail, writers: Writers) -> None:
    try:
        if mail.kind not in writers:
            raise Dropped("this release does not know such mail")
        one = writers[mail.kind](mail)
    except Dropped as reason:
        _dropped(mail, str(reason))
        return
    message = made(settings(), mail.recipient, one.subject, one.text, one.html, message_id=mail.message_id)
    sender.send(message)
    _ended(mail, "sent", None)
    log.info("mail %d (%s) was taken by the mail server", mail.id, mail.kind)


def _dropped(mail: Mail, reason: str) -> None:
    """A request for a link by nobody we know leaves nothing behind, least of all the address."""
    if mail.kind == "reset" and mail.account_id is None:
        with write() as session:
            session.execute(delete(Mail).where(Mail.id == mail.id))
        return
    _ended(mail, "dropped", reason)


def _not_sent(mail: Mail, problem: MailProblem) -> None:
    log.warning("mail %d (%s) was not sent, try %d: %s", mail.id, mail.kind, mail.attempts + 1, problem)
    if problem.is_final:
        _ended(mail, "failed", str(problem))
        return
    tried = mail.attempts + 1
    part = random.uniform(0.5, 1.0)  # noqa: S311  (so that many do not come back at once)
    wait_s = AFTER_TRIES_S if tried >= TRIES else part * min(LONGEST_WAIT_S, 2.0**tried)
    with write() as session:
        session.execute(update(Mail).where(Mail.id == mail.id).values(next_at=clock.now() + wait_s, error=str(problem)))


def _ended(mail: Mail, state: str, error: str | None) -> None:
    with write() as session:
        session.execute(update(Mail).where(Mail.id == mail.id).values(state=state, ended_at=clock.now(), error=error))
