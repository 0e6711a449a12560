"""What all scenarios of the fault driver are made of."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select, text

from portal.audit import changes
from portal.billing import ledger, terms
from portal.billing.models import Term
from portal.store import read, write
from tests.faults.acknowledged import Effect
from tests.faults.lane import Side, Work
from tests.faults.phone import Trouble
from tests.support import money
from tests.sweep.fleet import spread

PRICE = 500
MUCH = 100_000


def nothing(_side: Side) -> None:
    """For a scenario of which nobody does any part again."""


def no_acts(_side: Side) -> Iterator[Effect]:
    """For a scenario in which nobody but the background process does anything."""
    yield from ()


@dataclass(frozen=True)
class Scenario:
    """`act` is what is interrupted; `again` what people do once more afterwards; `effects` what each act leaves in the
    store; `expect` what is not so in the end."""

    name: str
    prepare: Work
    act: Work
    again: Work
    effects: Callable[[Side], Iterator[Effect]]
    expect: Callable[[Side], Iterator[str]]
    trouble: Trouble | None = None
    drops_mail: int = 0


Parts = tuple[Work, Work, Work, Callable[[Side], Iterator[Effect]], Callable[[Side], Iterator[str]]]


def mark(side: Side) -> None:
    """Note where the trail of changes stands before anything is done."""
    side.notes["before"] = number("SELECT max(id) FROM audit_change")


def trail(side: Side, also: str, **values: Any) -> int:
    """How many changes the trail has got since, of those that fit."""
    sql = f"SELECT count(*) FROM audit_change WHERE id > :before AND {also}"
    return number(sql, before=side.notes["before"], **values)


def calm(side: Side) -> None:
    """Everybody has money, every server a price and weeks of time; all gates are open."""
    side.fleet.sync()
    side.fleet.price_all(spread(side.fleet))
    for person, minor in (("owner", MUCH), ("subuser", MUCH)):
        money.fund(side.world, person, minor, reference=f"first {person}")
    tell_trail(side)
    side.fleet.settle()
    side.notes["owner"] = money.account_id(side.world, "owner")
    side.notes["subuser"] = money.account_id(side.world, "subuser")
    side.notes["admin"] = money.account_id(side.world, "admin")


def tell_trail(side: Side) -> None:
    """Prices as the trail of changes knows them: what a fleet writes past all rules is written once more by them."""
    with write() as session:
        for row in session.scalars(select(Term)).all():
            changes.note_in(
                session, "term", by=None, server_uuid=row.server_uuid, before={},
                after={name: getattr(row, name) for name in terms.TERM_COLUMNS}, why="prepared",
            )  # fmt: skip


def overdue(side: Side, count: int) -> list[str]:
    """The first servers, overdue and reminded."""
    chosen = side.fleet.overdue(count)
    tell_trail(side)
    return chosen


def number(sql: str, **values: Any) -> int:
    """One figure of the store."""
    with read() as session:
        return int(session.execute(text(sql), values).scalar_one() or 0)


def balance(account: int) -> int:
    """What an account has."""
    found = ledger.balance(account)
    return found.minor if found else 0


def says(is_so: bool, otherwise: str) -> Iterator[str]:
    """A sentence unless something is so."""
    if not is_so:
        yield otherwise
