"""What the demo's servers cost: for the owner one of each kind, and a balance that is good for exactly one of them."""

from __future__ import annotations

import urllib.request
from pathlib import Path

HOUR_S, DAY_S = 3600, 86_400
WITHOUT_PRICE, FREE, HELD, UNPAID = "Bedrock Friends", "Lobby", "Skyblock", "Unpaid"
DUE_SOON, IN_GRACE = "Survival SMP", "Creative Plots"
SMALL, LARGE = 750, 1200
"""Minor units of the host's currency, a month."""


def set_up(instance: Path, control: str) -> None:
    """What the demo begins with: on the panel, and in the portal."""
    _on_the_panel(control, HELD, "suspend")  # the portal finds out and calls it held by the host
    _on_the_panel(control, UNPAID, "unsuspend")  # the portal's own dispatcher suspends it
    fill(instance)


def fill(instance: Path) -> None:
    """Prices, expiry, holds, what was told of them, and the owner's balance, all through the portal's own services."""
    from portal import clock, create_app
    from portal.background import directory
    from portal.config import load
    from portal.suspension import dispatching
    from portal.sweep import confirming, sweeping

    app = create_app(load({"ROOST_INSTANCE": str(instance), "ROOST_LOG_LEVEL": "ERROR"}))
    with app.app_context():
        directory.sync()
        seen = _servers()
        now = int(clock.now())
        _set_prices(seen, now)
        _tell_and_hold(seen, now)
        dispatching.work()
        confirming.confirm(by=None)
        sweeping.sweep()


def _servers() -> dict[str, str]:
    """Name and uuid of every server of the panel, the oldest first."""
    from sqlalchemy import select

    from portal.store import read
    from portal.suspension.models import Observed

    with read() as session:
        rows = session.execute(select(Observed.name, Observed.server_uuid).order_by(Observed.internal_id))
        return {row.name: row.server_uuid for row in rows}


def _set_prices(seen: dict[str, str], now: int) -> None:
    from portal.billing import terms
    from portal.billing.money import Money
    from portal.billing.periods import Period
    from portal.store import write

    expiries = {DUE_SOON: now + 2 * DAY_S, IN_GRACE: _in_grace(now), UNPAID: now - 6 * DAY_S, HELD: now + 20 * DAY_S}
    for number, (name, uuid) in enumerate(seen.items()):
        with write() as session:
            known = terms.known_in(session, uuid)
            assert known is not None
            if name == FREE:
                terms.set_free_in(session, known, by=None, why="demo")
            elif name != WITHOUT_PRICE:
                amount = Money(LARGE if name == DUE_SOON else SMALL, "EUR")
                terms.set_price_in(session, known, amount, Period(1, "months"), by=None, why="demo")
                expires_at = expiries.get(name, now + (9 + 2 * number) * DAY_S)
                terms.set_expiry_in(session, uuid, expires_at, by=None, why="demo")


def _tell_and_hold(seen: dict[str, str], now: int) -> None:
    """The owner was told of the server in grace three days ago, pays by bank now and then, and forgot one server."""
    from portal.auth import service as accounts
    from portal.billing import ledger
    from portal.billing.ledger import Posting
    from portal.billing.models import Reminder
    from portal.billing.money import Money
    from portal.store import write
    from portal.suspension import holds

    owner = accounts.find("owner@example.com").id
    with write() as session:
        payment = Posting(owner, "credit", Money(SMALL, "EUR"), "credit:demo 1", "demo 1", note="bank transfer")
        ledger.post_in(session, payment)
        told = {"account_id": owner, "made_at": now - 3 * DAY_S, "shown_at": now - 3 * DAY_S}
        session.add(Reminder(server_uuid=seen[IN_GRACE], expires_at=_in_grace(now), days=3, **told))
        session.add(Reminder(server_uuid=seen[UNPAID], expires_at=now - 6 * DAY_S, days=3, **told))
        holds.place_in(session, seen[UNPAID], "unpaid", reason="not paid", by=None)


def _in_grace(now: int) -> int:
    return now - 5 * HOUR_S


def _on_the_panel(control: str, name: str, act: str) -> None:
    """What an administrator would do in the panel itself."""
    asked = urllib.request.Request(f"{control}/servers/{name}/{act}", b"{}", {"Content-Type": "application/json"})
    with urllib.request.urlopen(asked, timeout=5):
        pass
