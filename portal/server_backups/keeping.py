"""What a retention rule takes away: worked out of the list of backups alone, the same for the page and the machine."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from portal.pterodactyl.models import Backup

DAY_S: Final = 86_400.0
MOST_COUNT: Final = 100
MOST_DAYS: Final = 3650


@dataclass(frozen=True)
class Rule:
    """Keep the newest `keep_count`, or what is not older than `keep_days`; one of them is set."""

    keep_count: int | None = None
    keep_days: int | None = None


@dataclass(frozen=True)
class Going:
    """A backup that goes, and from when on (epoch seconds); None: once another backup is done."""

    backup: Backup
    at: float | None

    def is_due(self, now: float) -> bool:
        """Whether it may go now."""
        return self.at is not None and self.at <= now


def good(backups: Iterable[Backup]) -> list[Backup]:
    """Those that can be restored, newest first; each once, should a list that is read in parts have one twice."""
    done = {one.uuid: one for one in backups if one.state == "done"}
    return sorted(done.values(), key=lambda one: (one.created_at, one.uuid), reverse=True)


def plan(backups: Iterable[Backup], rule: Rule, now: float) -> tuple[Going, ...]:
    """What goes next if nothing else happens, in the order in which it goes.

    Only what is done ever goes: not what runs, failed or is locked, and never the newest good one. Those that take the
    place of another one are done as well, so nothing goes for a backup that has yet to succeed.
    """
    found = good(backups)
    if rule.keep_count is not None:
        kept = max(1, rule.keep_count)
        gone = [Going(one, now) for one in found[kept:] if not one.is_locked]
        gone.reverse()
        last = found[kept - 1 : kept]
        return (*gone, *(Going(one, None) for one in last if not one.is_locked))
    if rule.keep_days is None:
        return ()
    age_s = max(1, rule.keep_days) * DAY_S
    aging = [Going(one, one.created_at.timestamp() + age_s) for one in found if not one.is_locked]
    newest = [one for one in aging if one.backup is found[0]]
    aging = aging[len(newest) :]
    aging.reverse()
    return (*aging, *(Going(one.backup, None) for one in newest if one.is_due(now)))  # too old, but the last good one


def due(backups: Iterable[Backup], rule: Rule, now: float) -> tuple[Going, ...]:
    """What goes now, oldest first."""
    return tuple(one for one in plan(backups, rule, now) if one.is_due(now))
