"""What is forgotten after a while, and what never is."""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy import func, select

from portal.auth import links, mails, sessions
from portal.auth import service as accounts
from portal.auth.models import Account, Attempt, Invite, LoginSession
from portal.background.tidy import tidy
from portal.mail import queue
from portal.mail.models import Mail
from portal.store import read, write
from tests.auth.conftest import log_in
from tests.conftest import World

DAY_S = 86_400


def count(table: type) -> int:
    with read() as session:
        return session.scalar(select(func.count()).select_from(table)) or 0


def test_what_is_over_goes_and_what_is_not_stays(make_world: Callable[..., World]) -> None:
    world = make_world("own", smtp_host="127.0.0.1", mail_from="help@example.com")
    log_in(world.browser(), password="wrong")
    with world.app.app_context():
        owner = accounts.find("owner@example.com")
        sessions.start(owner.id, days=None)
        sessions.start(owner.id, days=365)
        links.make(owner.id)
        with write() as session:
            for state in ("sent", "dropped", "failed", "waiting"):
                queue.add_in(session, "alert", f"{state}@example.com")
                session.flush()
                mail = session.scalars(select(Mail).order_by(Mail.id.desc())).first()
                assert mail is not None
                mail.state = state
                mail.ended_at = None if state == "waiting" else mail.created_at
        tidy()
        assert (count(LoginSession), count(Invite), count(Mail), count(Attempt) > 0) == (2, 1, 4, True)
        world.clock.advance(2 * DAY_S)
        tidy()
        assert (count(LoginSession), count(Invite), count(Mail), count(Attempt)) == (1, 1, 4, 0)
        world.clock.advance(40 * DAY_S)
        tidy()
        with read() as session:
            left = set(session.scalars(select(Mail.state)))
        assert (count(LoginSession), count(Invite), left) == (1, 0, {"failed", "waiting"})
        assert count(Account) == 5


def test_without_a_mail_server_the_worker_has_nothing_to_send(own_world: World) -> None:
    with own_world.app.app_context():
        assert not mails.can_mail()
