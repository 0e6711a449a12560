"""Forgetting what nobody can use any more: sessions, links and attempts that are over, mail that went out long ago.

Of a customer's only the log of what was packed, unpacked and fetched, and versions of texts that are older than the
host keeps them, are touched. Mail that could not be sent stays until somebody has looked at it.
"""

from __future__ import annotations

from sqlalchemy import delete, select

from portal import clock
from portal.alerts.models import Alert
from portal.auth.models import Attempt, Invite, LoginSession
from portal.billing.models import Reminder, Term
from portal.files.models import FileWork
from portal.files.text import versions
from portal.mail.models import Mail
from portal.store import write

KEPT_S = 30 * 86_400.0


def tidy() -> None:
    """One round."""
    now = clock.now()
    with write() as session:
        session.execute(delete(LoginSession).where(LoginSession.expires_at < now))
        session.execute(delete(Attempt).where(Attempt.at < now - 86_400))
        session.execute(delete(Invite).where(Invite.expires_at < now - KEPT_S))
        session.execute(delete(FileWork).where(FileWork.ended_at < now - KEPT_S))
        session.execute(delete(Alert).where(Alert.over_at < now - 86_400))
        notices = (  # what is a customer's notice of an expiry stays until that expiry is over
            select(Reminder.mail_id)
            .join(Term, (Term.server_uuid == Reminder.server_uuid) & (Term.expires_at == Reminder.expires_at))
            .where(Reminder.mail_id.is_not(None))
        )
        old = delete(Mail).where(Mail.state.in_(("sent", "dropped")), Mail.ended_at < now - KEPT_S)
        session.execute(old.where(Mail.id.not_in(notices)))
    versions.prune()
