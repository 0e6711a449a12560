"""What people, commands and the background process do with money and suspensions, one after the other."""

from __future__ import annotations

from portal.operator.changing import Change
from tests.faults import bookkeeping, paying, suspending
from tests.faults.phone import Trouble
from tests.faults.scene import MUCH, Scenario


def all_of_them() -> list[Scenario]:
    """Every scenario, by its name."""
    set_price = Change(price="set", amount_minor=800, currency="EUR", period_count=30, period_unit="days")
    made = {
        "renew": paying.renewed(1, "owner"),
        "renew three periods": paying.renewed(3, "owner"),
        "two people renew": paying.renewed(1, "owner", "subuser"),
        "renew in the browser": paying.renewed_in_browser(),
        "renew by itself": paying.renewed_by_itself(3, MUCH),
        "renew by itself with too little": paying.renewed_by_itself(3, 1200),
        "credit": bookkeeping.credited(),
        "correct": bookkeeping.corrected(),
        "bank file": bookkeeping.bank_file_posted(),
        "change prices": bookkeeping.prices_changed(set_price, 24),
        "make free": bookkeeping.prices_changed(Change(price="free"), 5),
        "move expiry": bookkeeping.prices_changed(Change(expiry="move", move_days=3), 1),
        "undo prices": bookkeeping.prices_undone(),
        "price one after the other": bookkeeping.priced_one_by_one(),
        "hold": suspending.held_by_hand(),
        "release": suspending.released_by_hand(),
        "sweep": suspending.swept(2),
        "approve": suspending.approved(5),
        "undo a run": suspending.undone_run(2),
        "pay when suspended": paying.paid_again(),
        "suspended by the host": suspending.by_the_host(),
        "lifted by hand": suspending.lifted_by_hand(),
        "remind": suspending.reminded(),
        "take over": bookkeeping.taken_over(6),
    }
    found = [Scenario(name, *parts) for name, parts in made.items()]
    for answer in ("cut", "500 after", "500 before"):
        found.append(Scenario(f"sweep, {answer}", *suspending.swept(1), trouble=Trouble("/suspend", answer)))
        found.append(Scenario(f"pay, {answer}", *paying.paid_again(), trouble=Trouble("/unsuspend", answer)))
    found.append(Scenario("remind, mail server hangs up", *suspending.reminded(), drops_mail=2))
    return found
