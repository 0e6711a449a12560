"""Telling operators that something is wrong: in the log, on admin pages, and by mail, at most once an hour a cause.

An alert is raised again and again while its cause lasts; that is how it is known to last. Whoever sees the cause go
calls `over`.
"""

from __future__ import annotations

import json
import logging
from dataclasses import dataclass
from typing import Final, Literal

from sqlalchemy import select, update

from portal import clock
from portal.alerts.models import Alert
from portal.auth import mails
from portal.auth.models import Account
from portal.mail import queue
from portal.mail.models import Mail
from portal.mail.writing import Writers, Written, rendered
from portal.panel import settings
from portal.store import read, write

EVERY_S = 3600.0
About = Literal["billing", "holds", "doctor"]
_OF_BILLING: Final = ("gate ", "clock", "pace_stopped", "sweep_failed", "directory_doubt", "intent", "lifted",
               "too_many")  # fmt: skip
"""How causes begin that the page about billing says more of; the doctor knows of the others."""
_QUIET: Final = ("external_hold",)
"""What is told so that it is known, and is nothing to put right; it ends when an administrator has looked."""
_PAGES: Final[dict[About, str]] = {
    "billing": "/admin/billing", "holds": "/admin/billing/holds", "doctor": "/admin/doctor",
}  # fmt: skip
log = logging.getLogger("roost.alerts")


@dataclass(frozen=True)
class Told:
    """One alert as an administrator sees it; `since` is an instant, `about` the page that says more.

    `is_quiet`: it is no fault.
    """

    title: str
    text: str
    cure: str
    since: float
    about: About = "doctor"
    is_quiet: bool = False

    @property
    def is_new(self) -> bool:
        """Whether it began within the minute."""
        return clock.now() - self.since < 60


def alert(cause: str, title: str, text: str, cure: str) -> bool:
    """Tell operators, unless they were told of this cause within the hour; says whether it was told now."""
    now = clock.now()
    detail = json.dumps({"title": title, "text": text, "cure": cure})
    with write() as session:
        row = session.get(Alert, cause)
        if row is None:
            session.add(Alert(cause=cause, detail=detail, since=now, told_at=now))
        else:
            row.detail = detail
            if row.over_at is not None:
                row.since, row.over_at = now, None
            if now - EVERY_S < row.told_at <= now:
                return False
            row.told_at = now
        if mails.can_mail():
            admins = select(Account).where(Account.is_admin, ~Account.is_disabled)
            for one in session.scalars(admins):
                said = json.loads(detail) | {"page": _PAGES[_about(cause)]}
                queue.add_in(session, "alert", one.email, account_id=one.id, detail=said)
    log.error("%s. %s %s", title, text, cure)
    return True


def over(cause: str) -> None:
    """Note that a cause is gone."""
    with read() as session:
        row = session.get(Alert, cause)
    if row is None or row.over_at is not None:
        return
    with write() as session:
        session.execute(update(Alert).where(Alert.cause == cause).values(over_at=clock.now()))
    log.warning("over: %s", cause)


def causes() -> set[str]:
    """The causes that last, as far as is known."""
    with read() as session:
        return set(session.scalars(select(Alert.cause).where(Alert.over_at.is_(None))))


def current() -> list[Told]:
    """What holds now, the oldest first."""
    with read() as session:
        rows = session.scalars(select(Alert).where(Alert.over_at.is_(None)).order_by(Alert.since)).all()
    return [
        Told(**json.loads(row.detail), since=row.since, about=_about(row.cause), is_quiet=row.cause in _QUIET)
        for row in rows
    ]


def _about(cause: str) -> About:
    if cause in _QUIET:
        return "holds"
    return "billing" if cause.startswith(_OF_BILLING) else "doctor"


def _write(mail: Mail) -> Written:
    detail: dict[str, str] = json.loads(mail.detail)
    return rendered("alert", f"{settings().host_name}: {detail['title']}", **detail)


WRITERS: Writers = {"alert": _write}
