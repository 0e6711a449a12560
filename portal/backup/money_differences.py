"""What can be told about money and suspensions of the time between a backup and now."""

from __future__ import annotations

from sqlalchemy import Select, exists, select
from sqlalchemy.orm import Session

from portal import clock, mode
from portal.billing.models import Term
from portal.store import read
from portal.store.restored import Quarantine
from portal.suspension.models import Hold, Observed
from portal.web.text import one_line

NAMED = 10


def lines(quarantine: Quarantine) -> list[str]:
    """One sentence for each thing that an admin should know before leaving quarantine; none while billing is off."""
    if not mode.is_shown():
        return []
    is_held = exists().where(Hold.server_uuid == Observed.server_uuid, Hold.released_at.is_(None))
    overdue = select(Term.name).join(Observed, Observed.server_uuid == Term.server_uuid)
    overdue = overdue.where(
        Term.kind == "priced", Term.gone_at.is_(None), Term.expires_at < int(clock.now()), ~Observed.is_suspended
    )
    with read() as session:
        found = [
            _named(session, overdue.order_by(Term.name), "past their expiry here but run on the panel: they may have "
                   "been paid since. Credit what came in and renew them, or move their expiry"),
            _named(session, select(Observed.name).where(Observed.is_suspended, ~is_held).order_by(Observed.name),
                   "suspended on the panel without a hold here: whether for money or by hand cannot be known. They "
                   "stay suspended, also when paid, until an administrator releases the hold that Roost places"),
            _named(session, select(Observed.name).where(~Observed.is_suspended, is_held).order_by(Observed.name),
                   "held here but not suspended on the panel: they may have been paid or released since"),
        ]  # fmt: skip
    return [*_lost(quarantine), *filter(None, found), _MANUAL]


_MANUAL = (
    "Payments that were credited by hand since cannot be known: compare with your bank. Those of a bank's file or of a "
    "program come again when they are sent again, each once. Nothing is suspended before `roost billing confirm`."
)


def _lost(quarantine: Quarantine) -> list[str]:
    money = quarantine.ledger_before - quarantine.ledger_now
    rest = quarantine.changes_before - quarantine.changes_now
    if money <= 0 and rest <= 0:
        return ["No movement of money that was written down is known to be missing."]
    return [
        f"At least {max(0, money)} movements of money (payments, renewals) and {max(0, rest)} changes of money, expiry "
        "and holds are missing."
    ]


def _named(session: Session, query: Select[str], sentence: str) -> str:
    names = [one_line(name, 40) for name in session.scalars(query)]
    if not names:
        return ""
    shown = ", ".join(names[:NAMED]) + (f" and {len(names) - NAMED} more" if len(names) > NAMED else "")
    return f"{len(names)} servers are {sentence}: {shown}."
