"""The retention rule of a server: set and taken back by a person, and what it means for the backups that there are."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from portal import clock
from portal.audit import service as audit
from portal.auth.models import Account
from portal.auth.sessions import Viewer
from portal.pterodactyl.models import Backup
from portal.server_backups import keeping
from portal.server_backups.keeping import MOST_COUNT, MOST_DAYS, Going, Rule
from portal.server_backups.models import RetentionRule
from portal.servers import door
from portal.servers.reading import Opened
from portal.store import read, restored, write
from portal.unfit import Unfit
from portal.web.i18n import _, counted

NEEDED: Final = ("backup.read", "backup.delete")
"""What somebody needs, now and whenever the rule is followed, for it to be followed."""


@dataclass(frozen=True)
class Kept:
    """A rule as it stands in the store."""

    rule: Rule
    account_id: int
    set_at: float
    checked_at: float | None
    problem: str


@dataclass(frozen=True)
class Standing:
    """A server's rule, if it has one, and what goes next by it. `who` set it, "" when that is not known; `is_mine`: the
    viewer did; `is_held`: the store was put back, and no rule is followed until an admin has confirmed it."""

    kept: Kept | None
    going: tuple[Going, ...] = ()
    who: str = ""
    is_mine: bool = False
    is_held: bool = False

    @property
    def due(self) -> tuple[Going, ...]:
        """What goes the next time that the machine looks."""
        return tuple(one for one in self.going if one.at is not None and one.at <= clock.now())

    @property
    def later(self) -> tuple[Going, ...]:
        """What goes after that."""
        return tuple(one for one in self.going if one not in self.due)


def words(rule: Rule) -> str:
    """A rule in a few words, also for the audit log."""
    if rule.keep_count is not None:
        return counted("keep the newest %(num)d", "keep the newest %(num)d", rule.keep_count)
    return counted("keep %(num)d day", "keep %(num)d days", rule.keep_days or 0)


def kept(server_uuid: str) -> Kept | None:
    """A server's rule."""
    with read() as session:
        row = session.get(RetentionRule, server_uuid)
        return _kept(row) if row else None


def standing(viewer: Viewer, server_uuid: str, backups: Iterable[Backup]) -> Standing:
    """A server's rule and what it means for its backups, which are all of them."""
    found = kept(server_uuid)
    if found is None:
        return Standing(None)
    with read() as session:
        account = session.get(Account, found.account_id)
        name = account.panel_username if account else None
    is_mine = found.account_id == viewer.account_id
    going = keeping.plan(backups, found.rule, clock.now())
    return Standing(found, going, name or "", is_mine, restored.since() is not None)


def mark(found: Kept | None) -> str:
    """A short text that is another one once somebody sets or removes the rule."""
    return f"{found.account_id} {found.set_at!r} {found.rule}" if found else "none"


def fingerprint(going: Iterable[Going], rule: Rule) -> str:
    """A short text that says exactly what goes now by which rule, so that a person agrees to that and nothing else."""
    said = [f"{rule.keep_count} {rule.keep_days}", *(one.backup.uuid for one in going)]
    return hashlib.sha256("\n".join(said).encode()).hexdigest()[:16]


def rule_of(number: int, unit: str) -> Rule:
    """A rule out of what was typed. Raises Unfit."""
    most = MOST_COUNT if unit == "count" else MOST_DAYS
    if not 1 <= number <= most:
        raise Unfit(_("Choose a number from 1 to %(most)d.", most=most), field="number")
    return Rule(keep_count=number) if unit == "count" else Rule(keep_days=number)


def put(viewer: Viewer, opened: Opened, rule: Rule, *, before: str | None = None) -> bool:
    """Set the rule of a server, or replace it; the machine follows it as this person from now on.

    `before` is the mark of the rule that the person was shown: false, and nothing is set, when it is another one now.
    """
    demand(opened)
    with write() as session:
        row = session.get(RetentionRule, opened.facts.uuid)
        if before is not None and before != mark(_kept(row) if row else None):
            return False
        row = row or RetentionRule(server_uuid=opened.facts.uuid)
        row.account_id, row.set_at = viewer.account_id, clock.now()
        row.keep_count, row.keep_days = rule.keep_count, rule.keep_days
        row.checked_at, row.problem = None, ""
        session.add(row)
        audit.record_in(session, viewer, "backup.retention", opened.facts.uuid, detail=words(rule))
    return True


def take_back(viewer: Viewer, opened: Opened) -> bool:
    """Remove a server's rule; says whether there was one."""
    demand(opened)
    with write() as session:
        row = session.get(RetentionRule, opened.facts.uuid)
        if row is None:
            return False
        session.delete(row)
        audit.record_in(session, viewer, "backup.retention", opened.facts.uuid, detail="removed")
    return True


def demand(opened: Opened) -> None:
    """Raises Forbidden for who may set no rule, before anything is asked of the panel."""
    for permission in NEEDED:
        door.demand(opened, permission)


def _kept(row: RetentionRule) -> Kept:
    return Kept(Rule(row.keep_count, row.keep_days), row.account_id, row.set_at, row.checked_at, row.problem)
