"""Forgetting what nobody can use any more: sessions, links and attempts that are over, mail that went out long ago.

Nothing of a customer's is touched. Mail that could not be sent stays until somebody has looked at it.
"""

from __future__ import annotations

from sqlalchemy import delete

from portal import clock
from portal.alerts.models import Alert
from portal.auth.models import Attempt, Invite, LoginSession
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
        session.execute(delete(Alert).where(Alert.over_at < now - 86_400))
        session.execute(delete(Mail).where(Mail.state.in_(("sent", "dropped")), Mail.ended_at < now - KEPT_S))
