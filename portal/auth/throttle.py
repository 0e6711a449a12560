"""Refused attempts to sign in, counted in the store so that all web processes count together.

Two buckets: one for an address (whoever it tries), one for a pair of account and address. Nothing is counted for an
account alone, so a stranger elsewhere cannot lock anybody out. A browser that has signed in before carries a mark;
with it the pair is account and browser, so that not even a neighbour behind the same address can.
"""

from __future__ import annotations

import hashlib
import ipaddress
from dataclasses import dataclass

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from portal import clock
from portal.auth.models import Attempt
from portal.store import write
from portal.web.i18n import _

WINDOW_S = 600
PER_PAIR = 5
PER_ADDRESS = 30
PER_DOOR = 1200


def buckets(address: str, email: str, device: str | None) -> dict[str, int]:
    """The buckets that one attempt falls into, with the number of refusals that each stands."""
    near = _network(address)
    pair = f"device {device}" if device else f"address {near}"
    limits = {_name(f"{email} from {pair}"): PER_PAIR}
    if not device:
        limits[_name(f"anybody from {near}")] = PER_ADDRESS
    return limits


def reset_buckets(address: str, email: str) -> dict[str, int]:
    """The buckets of one request for a new password; there are no rights or wrongs in it, so none is forgiven."""
    near = _network(address)
    return {_name(f"reset of {email} from {near}"): PER_PAIR, _name(f"resets from {near}"): PER_ADDRESS}


def key_buckets(account_id: int) -> dict[str, int]:
    """The bucket of storing a client key: each try is a call of the panel."""
    return {_name(f"key of account {account_id}"): PER_PAIR}


def door_buckets(address: str, *, is_right: bool) -> dict[str, int]:
    """The bucket of one signed request, for all programs together; of one that is not, for each address."""
    return {_name("door"): PER_DOOR} if is_right else {_name(f"door from {_network(address)}"): PER_ADDRESS}


@dataclass(frozen=True)
class Entry:
    """One attempt: how long it has to wait (0: it may be looked at), and the rows that count it."""

    wait_s: int
    rows: tuple[int, ...] = ()


def enter(limits: dict[str, int]) -> Entry:
    """Count an attempt before the password is looked at, so that many at once are counted as well."""
    now = clock.now()
    with write() as session:
        session.execute(delete(Attempt).where(Attempt.at < now - WINDOW_S))
        free_at = max(_free_at(session, bucket, limit, now - WINDOW_S) for bucket, limit in limits.items())
        if free_at > now:
            return Entry(max(1, round(free_at - now)))
        rows = [Attempt(bucket=bucket, at=now) for bucket in limits]
        session.add_all(rows)
        session.flush()
        return Entry(0, tuple(row.id for row in rows))


def in_words(wait_s: int) -> str:
    """What somebody who has to wait is told."""
    return _("Too many attempts. Try again in %(minutes)d min.", minutes=-(-wait_s // 60))


def forgive(limits: dict[str, int], entry: Entry) -> None:
    """After the right password: forget this attempt and the refusals of the pair."""
    pairs = [bucket for bucket, limit in limits.items() if limit == PER_PAIR]
    with write() as session:
        session.execute(delete(Attempt).where(Attempt.bucket.in_(pairs) | Attempt.id.in_(entry.rows)))


def _free_at(session: Session, bucket: str, limit: int, since: float) -> float:
    mine = select(Attempt.at).where(Attempt.bucket == bucket, Attempt.at > since)
    oldest_that_counts = session.scalar(mine.order_by(Attempt.at.desc()).offset(limit - 1).limit(1))
    return 0.0 if oldest_that_counts is None else oldest_that_counts + WINDOW_S


def _network(address: str) -> str:
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return "unknown"
    return str(ipaddress.ip_network((parsed, 64), strict=False)) if parsed.version == 6 else str(parsed)


def _name(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()[:32]
