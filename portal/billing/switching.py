"""Automatic renewal: only the owner of a server switches it, and pays for it from their own balance."""

from __future__ import annotations

from portal import mode
from portal.billing import terms
from portal.billing.terms import TermError
from portal.store import write


def switch_auto(account_id: int, server_uuid: str, *, wanted: bool) -> None:
    """Renew a server by itself from the owner's balance, or no longer. Raises TermError, BillingOff.

    Switched on by a new owner, it pays from the new one's balance from then on.
    """
    mode.demand_on()
    with write() as session:
        shown = terms.get_in(session, server_uuid)
        payer = account_id if wanted else None
        if shown is None or shown.price is None or shown.gone_at is not None:
            raise TermError("Only a server with a price can be renewed.")
        if shown.auto_renew_by != payer:
            terms.set_auto_renew_in(session, server_uuid, payer, by=account_id, why="automatic renewal")
