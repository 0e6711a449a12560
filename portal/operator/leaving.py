"""Leaving: every suspension for non-payment is lifted before Roost is taken away, so that none is left behind."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from portal import clock, mode
from portal.billing import owners
from portal.operator import fleet, holding
from portal.operator.holding import Held
from portal.store import read, restored, write
from portal.suspension import dispatching, holds, intents, panic
from portal.suspension.holds import HoldError

REASON = "leaving: Roost is taken away"
WAIT_S = 600.0
LOOK_S = 2.0
AT_ONCE = 20


@dataclass(frozen=True)
class Left:
    """What leaving did: how many holds were released, and the servers whose suspension the panel did not lift yet."""

    released: int
    waiting: tuple[str, ...]


def standing() -> list[Held]:
    """Every open hold for non-payment."""
    return holding.listing("unpaid", most=None)


def demand_possible() -> None:
    """Raises BillingOff, HoldError while nothing may be sent, so that nothing can be lifted."""
    mode.demand_on()
    if restored.since() is not None:
        raise HoldError("The store was restored from a backup: nothing is sent until `roost backup confirm`.")


def leave(by: int | None, told: Callable[[int], None] = lambda _left: None) -> Left:
    """Set the panic switch, release every unpaid hold, and wait until the panel lifted them; `told` hears how many
    are left, again and again. What ran before is started again for its owner. Raises BillingOff, HoldError."""
    demand_possible()
    panic.stop(by)
    held = standing()
    for first in range(0, len(held), AT_ONCE):
        with write() as session:
            owned = owners.of_in(session, [one.hold.server_uuid for one in held[first : first + AT_ONCE]])
            for one in held[first : first + AT_ONCE]:
                for hold in holds.open_in(session, one.hold.server_uuid):
                    if hold.id == one.hold.id:
                        owner = owned.get(hold.server_uuid)
                        start_as = owner.account_id if owner else None
                        holds.release_in(session, hold, reason=REASON, by=by, start_as=start_as)
    uuids = sorted({one.hold.server_uuid for one in held})
    return Left(len(held), _sent(uuids, told))


def _sent(uuids: list[str], told: Callable[[int], None]) -> tuple[str, ...]:
    """Send what is to be sent, here or in the background process, until nothing waits; the identifiers of the rest."""
    until = clock.monotonic() + WAIT_S
    waiting = _waiting(uuids)
    while waiting and clock.monotonic() < until:
        told(len(waiting))
        dispatching.work()
        waiting = _waiting(uuids)
        if waiting:
            clock.sleep(LOOK_S)
    return tuple(one.known.identifier for one in fleet.named(waiting))


def _waiting(uuids: list[str]) -> list[str]:
    found: list[str] = []
    for first in range(0, len(uuids), fleet.AT_ONCE):
        with read() as session:
            found += intents.open_for(session, uuids[first : first + fleet.AT_ONCE])
    return found
