"""What a run without questions would write: from one price for all servers, or from a file."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import select

from portal import clock, mode
from portal.billing.models import Balance
from portal.billing.periods import end_of
from portal.data.candidates import Candidate
from portal.data.map_file import BadLine, Line
from portal.data.wishes import Wish
from portal.pterodactyl.models import AppServer
from portal.store import read


@dataclass(frozen=True)
class Plan:
    """What is to be written, and a sentence for each server for which nothing can be."""

    wishes: list[Wish]
    errors: list[str]


@dataclass(frozen=True)
class Mapped:
    """The lines of a file by the uuid of the panel's server, and a sentence for each line that cannot be used."""

    lines: dict[str, Line]
    errors: list[str]


def match(good: Iterable[Line], bad: Iterable[BadLine], servers: Iterable[AppServer]) -> Mapped:
    """Find the servers of a file's lines among those of the panel."""
    by_name = {name: one.uuid for one in servers for name in (one.identifier, one.uuid)}
    found, errors = {}, [f"line {one.number}: {one.why}" for one in bad]
    for line in good:
        uuid = by_name.get(line.identifier)
        if uuid is None:
            errors.append(f"line {line.number}: the panel has no server {line.identifier}")
        else:
            found[uuid] = line
    return Mapped(found, errors)


def plan(candidates: Iterable[Candidate], lines: dict[str, Line]) -> Plan:
    """What the lines of a file want for the servers that can be taken over. Raises PeriodError."""
    with read() as session:
        query = select(Balance.account_id, Balance.currency)
        currencies: dict[int, str] = {row[0]: row[1] for row in session.execute(query)}
    wishes, errors = [], []
    for one in candidates:
        line = lines[one.server.uuid]
        pays_in = currencies.get(one.account_id, mode.currency())
        if line.price is not None and line.price.currency != pays_in:
            errors.append(f"line {line.number}: its owner {one.email} pays in {pays_in}")
        else:
            wishes.append(_wish(one, line))
    return Plan(wishes, errors)


def _wish(candidate: Candidate, line: Line) -> Wish:
    if line.price is None:
        return Wish(candidate, None, line.period, None)
    expires_at = line.expires_at
    if expires_at is None:
        expires_at = end_of(int(clock.now()), line.period, 1, mode.zone())
    is_exact = line.expires_at is not None
    return Wish(candidate, line.price, line.period, expires_at, is_exact=is_exact, auto_renew=line.auto_renew)
