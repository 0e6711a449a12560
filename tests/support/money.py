"""Prices, balances and holds of the servers of the lively demo, as tests need them."""

from __future__ import annotations

from sqlalchemy import update

from portal import clock
from portal.auth import service as accounts
from portal.billing import ledger, terms
from portal.billing.ledger import Posting
from portal.billing.models import Term
from portal.billing.money import Money
from portal.billing.periods import Period
from portal.billing.terms import Known, Terms
from portal.servers import records
from portal.store import write
from tests.conftest import World

DAY_S = 86_400


def known(world: World, name: str) -> Known:
    """A server of the panel by its name."""
    one = next(one for one in world.demo.world.servers if one.name == name)
    return Known(one.uuid, one.uuid[:8], one.name, one.id)


def price(
    world: World, name: str, minor: int = 500, *, currency: str = "EUR", months: int = 1, days: int | None = None,
    expires_in_s: int | None = None,
) -> Terms:  # fmt: skip
    """Let a server cost something; with `expires_in_s` it expires so many seconds from now (below 0: it has)."""
    server = known(world, name)
    period = Period(days, "days") if days else Period(months, "months")
    with world.app.app_context(), write() as session:
        shown = terms.set_price_in(session, server, Money(minor, currency), period, by=None, why="test")
        if expires_in_s is None:
            return shown
        return terms.set_expiry_in(session, server.uuid, int(clock.now()) + expires_in_s, by=None, why="test")


def free(world: World, name: str) -> Terms:
    """Let a server cost nothing."""
    with world.app.app_context(), write() as session:
        return terms.set_free_in(session, known(world, name), by=None, why="test")


def account_id(world: World, person: str) -> int:
    """The account of one of the people."""
    with world.app.app_context():
        return accounts.find(f"{person}@example.com").id


def fund(world: World, person: str, minor: int, *, currency: str = "EUR", reference: str | None = None) -> None:
    """Add to somebody's balance."""
    number = account_id(world, person)
    reference = reference or f"payment {clock.now()} {minor}"
    with world.app.app_context(), write() as session:
        ledger.post_in(session, Posting(number, "credit", Money(minor, currency), f"credit:{reference}", reference))


def balance(world: World, person: str) -> int:
    """What somebody has, in minor units."""
    with world.app.app_context():
        found = ledger.balance(account_id(world, person))
    return found.minor if found else 0


def terms_of(world: World, name: str) -> Terms | None:
    """How a server stands."""
    with world.app.app_context():
        return terms.of(known(world, name).uuid)


def expire_all_at(world: World, at: int) -> None:
    """Move every expiry, past all rules: for tests of what happens then."""
    with world.app.app_context(), write() as session:
        session.execute(update(Term).where(Term.kind == "priced").values(expires_at=at, anchor=at, periods=0))


def status_on_panel(world: World, name: str) -> str | None:
    """What the panel itself says of a server."""
    return next(one.status for one in world.demo.world.servers if one.name == name)


def remembered(world: World, name: str) -> bool:
    """Whether Roost has ever read the server."""
    with world.app.app_context():
        return records.identity(known(world, name).identifier) is not None
