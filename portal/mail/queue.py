"""Putting mail into the store, in the transaction of whatever causes it. The background process sends it."""

from __future__ import annotations

import json
import secrets
from urllib.parse import urlsplit

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portal import clock
from portal.mail.models import Mail
from portal.panel import settings
from portal.store import read, write


def add_in(
    session: Session, kind: str, recipient: str, *, account_id: int | None = None, detail: dict[str, str] | None = None
) -> Mail:
    """Let one message be sent soon, inside somebody's write(). `detail` must hold no secret: it lies in the store.

    Returns its row, which has its number once the session is flushed.
    """
    now = clock.now()
    mail = Mail(
        message_id=new_message_id(), kind=kind, recipient=recipient,
        account_id=account_id, detail=json.dumps(detail or {}), state="waiting",
        created_at=now, next_at=now,
    )  # fmt: skip
    session.add(mail)
    return mail


def new_message_id() -> str:
    """A Message-ID of this portal's own."""
    return f"<roost.{secrets.token_hex(12)}@{urlsplit(settings().portal_url).hostname}>"


def counts() -> dict[str, int]:
    """How many messages are in each state."""
    with read() as session:
        rows = session.execute(select(Mail.state, func.count()).group_by(Mail.state)).all()
    return {row[0]: row[1] for row in rows}


def troubled() -> list[Mail]:
    """Messages that failed, or were tried in vain at least once and wait; the newest first."""
    query = select(Mail).where((Mail.state == "failed") | ((Mail.state == "waiting") & Mail.error.is_not(None)))
    with read() as session:
        return list(session.scalars(query.order_by(Mail.created_at.desc()).limit(100)))


def retry(mail_id: int) -> None:
    """Let a message that failed or waits be tried again now."""
    with write() as session:
        mail = session.get(Mail, mail_id)
        if mail is not None and mail.state in ("waiting", "failed"):
            mail.state, mail.next_at, mail.attempts, mail.ended_at = "waiting", clock.now(), 0, None
