"""From the preview of a bank's file to the ledger: what is posted is the list that was shown, and nothing else."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass

from flask import current_app
from itsdangerous import BadData, URLSafeSerializer

from portal import clock
from portal.billing.money import Money
from portal.credit import service
from portal.credit.matching import Preview, Row
from portal.credit.service import CreditError

GOOD_FOR_S = 3600
LONGEST_TOKEN = 50_000
"""What a form of ours may carry (`BODY_LIMIT` in portal/app.py), with room for the rest of it."""


class Stale(Exception):
    """The list is not one that was shown to this person within the hour; the message is a sentence."""

    def __init__(self) -> None:
        super().__init__("That list is too old, or not the one that you were shown. Choose the file again.")


@dataclass(frozen=True)
class Entry:
    """One credit of the list."""

    number: int
    account_id: int
    amount: Money
    reference: str
    note: str


@dataclass(frozen=True)
class Outcome:
    """What became of a list: how many were credited now, how many before; and each that could not be, with why."""

    credited: int
    known: int
    failed: tuple[tuple[Entry, str], ...]


def entries(shown: Preview) -> list[Entry]:
    """What a preview would credit."""
    return [_entry(row) for row in shown.of("ready")]


def digest(listed: Sequence[Entry]) -> str:
    """A short name of exactly this list."""
    return hashlib.sha256(json.dumps(_plain(listed)).encode()).hexdigest()[:16]


def token_of(by: int, listed: Sequence[Entry]) -> str | None:
    """The list for the confirm form, signed for one person; None when it is too long for a form."""
    token = str(_signer().dumps([by, int(clock.now()), _plain(listed)]))
    return token if len(token) <= LONGEST_TOKEN else None


def read_token(by: int, token: str) -> list[Entry]:
    """The list that somebody was shown. Raises Stale."""
    try:
        whose, at, listed = _signer().loads(token)
        if whose != by or not 0 <= clock.now() - at <= GOOD_FOR_S:
            raise Stale
        return [Entry(one[0], one[1], Money(one[2], one[3]), one[4], one[5]) for one in listed]
    except (BadData, TypeError, ValueError, IndexError):
        raise Stale from None


def post(listed: Sequence[Entry], by: int | None) -> Outcome:
    """Credit a list, each row for itself: after a crash the same list again credits what is left."""
    credited = known = 0
    failed = []
    for one in listed:
        try:
            done = service.credit(one.account_id, one.amount, one.reference, by=by, source="bank", note=one.note)
        except CreditError as wrong:
            failed.append((one, str(wrong)))
            continue
        credited, known = credited + done.is_new, known + (not done.is_new)
    return Outcome(credited, known, tuple(failed))


def _entry(row: Row) -> Entry:
    assert row.account_id is not None
    assert row.amount is not None
    return Entry(row.number, row.account_id, row.amount, row.reference, row.note)


def _plain(listed: Sequence[Entry]) -> list[list[int | str]]:
    return [
        [one.number, one.account_id, one.amount.minor, one.amount.currency, one.reference, one.note] for one in listed
    ]


def _signer() -> URLSafeSerializer:
    return URLSafeSerializer(str(current_app.secret_key), salt="bank-import")
