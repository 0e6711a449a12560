"""Whether billing is off, only observed, or on; and the settings of the host that everything here asks for."""

from __future__ import annotations

from typing import Literal, cast
from zoneinfo import ZoneInfo

from portal.panel import settings

Mode = Literal["off", "observe", "on"]


class BillingOff(Exception):
    """Nothing is charged, held or lifted while billing is off or only observed; the message says so."""

    def __init__(self) -> None:
        super().__init__(
            "Billing is off." if mode() == "off" else "Billing only observes for now: nothing is charged or suspended."
        )


def mode() -> Mode:
    """How far billing goes: off hides every price, observe shows what would be, on does it."""
    return cast(Mode, settings().billing)


def is_shown() -> bool:
    """Whether prices and expiry are shown at all."""
    return mode() != "off"


def is_on() -> bool:
    """Whether anything is charged, mailed or suspended."""
    return mode() == "on"


def demand_on() -> None:
    """Raises BillingOff unless billing is on."""
    if not is_on():
        raise BillingOff


def zone() -> ZoneInfo:
    """The host's time zone: in it business days begin and grace ends."""
    return ZoneInfo(settings().time_zone)


def currency() -> str:
    """The host's currency, for what has none of its own yet."""
    return settings().currency
