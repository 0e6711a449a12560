"""What keeps every server from being suspended just now: the switch, a doubted list, the pace. Lifting goes on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from portal import clock
from portal.suspension import observing, pace, panic

LOOK_S: Final = 15


@dataclass(frozen=True)
class Barrier:
    """Why a call does not go out now, and from when on it is looked at again."""

    why: str
    again_at: int


def before_suspending() -> Barrier | None:
    """What stands in the way of any suspension now; looked at right before each."""
    again_at = int(clock.now()) + LOOK_S
    if panic.is_stopped():
        return Barrier("the panic switch is on", again_at)
    if observing.doubt() is not None:
        return Barrier("the list of servers is not believed", again_at)
    rate = pace.look()
    return None if rate.is_open else Barrier(rate.sentence, max(again_at, rate.again_at or 0))
