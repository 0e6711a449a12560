"""What the host's pages and commands call things: periods, moments in the host's zone, holds, runs, wishes."""

from __future__ import annotations

from datetime import datetime

from portal import clock, mode
from portal.billing.periods import Period
from portal.billing.words import length
from portal.suspension.holds import OpenHold
from portal.sweep import gates
from portal.web.i18n import _


def moment(at: int | float) -> str:
    """A moment in the host's zone, which is named."""
    return f"{datetime.fromtimestamp(at, mode.zone()):%Y-%m-%d %H:%M %Z}"


def date(at: int | float) -> str:
    """The date of a moment in the host's zone."""
    return f"{datetime.fromtimestamp(at, mode.zone()):%Y-%m-%d}"


def period(one: Period) -> str:
    """A period: `1 month`, `30 days`."""
    return length(one, 1)


def hold_kind(kind: str) -> str:
    """What a kind of hold means."""
    words = {
        "unpaid": _("not paid"),
        "abuse": _("abuse"),
        "admin": _("held by the host"),
        "external": _("suspended in the panel"),
    }
    return words.get(kind, kind)


def hold_reason(hold: OpenHold) -> str:
    """The reason of a hold, empty when it says no more than its kind does."""
    return "" if hold.reason in (hold.kind, "not paid", hold_kind(hold.kind)) else hold.reason


def run_state(state: str) -> tuple[str, str]:
    """A state of a run and the colour of its badge."""
    words = {
        "done": (_("Done"), "good"),
        "frozen": (_("Waits for you"), "bad"),
        "approved": (_("Approved"), "good"),
        "undone": (_("Undone"), "quiet"),
        "dropped": (_("Not done"), "quiet"),
    }
    return words.get(state, (state, "quiet"))


def entry_state(state: str) -> tuple[str, str]:
    """A state of a server in a run and the colour of its badge."""
    words = {
        "candidate": (_("Would be suspended"), "warn"),
        "held": (_("Suspended"), "bad"),
        "skipped": (_("Left alone"), "quiet"),
        "undone": (_("Lifted again"), "good"),
    }
    return words.get(state, (state, "quiet"))


def all_words() -> dict[str, object]:
    """The names under which templates find these; `now_s` is the time in epoch seconds."""
    return {
        "moment": moment, "date_of": date, "period_of": period, "hold_kind": hold_kind, "hold_reason": hold_reason,
        "run_state": run_state, "entry_state": entry_state, "gate_name": gates.name_of, "now_s": int(clock.now()),
    }  # fmt: skip
