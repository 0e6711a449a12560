"""One server taken over: price, period, anchor, expiry and hold in one transaction. The panel is not asked."""

from __future__ import annotations

from sqlalchemy.orm import Session

from portal.auth.models import Account
from portal.billing import terms
from portal.billing.terms import Known
from portal.data.wishes import Wish
from portal.pterodactyl.models import AppServer
from portal.servers import directory
from portal.store import write
from portal.suspension import holds
from portal.sweep import confirming

WHY = "taken over from the panel"


class NotImported(Exception):
    """A server cannot be taken over as it is; the message is a sentence."""


def import_one(wish: Wish, read_at: float) -> bool:
    """Write what was wished for a server that was read at `read_at`; False when somebody has set its price meanwhile.

    Raises NotImported, TermError, HoldError and the store's errors; then nothing of it is written.
    """
    server = wish.candidate.server
    with write() as session:
        if terms.get_in(session, server.uuid) is not None:
            return False
        owner = session.get(Account, wish.candidate.account_id)
        if owner is None or owner.panel_user_id != server.user:
            raise NotImported("its owner's account was changed meanwhile")
        directory.store_in(session, [server], read_at)
        _set_terms_in(session, wish)
        if server.is_suspended and not holds.open_in(session, server.uuid):
            why = "suspended on the panel when it was taken over"
            holds.place_in(session, server.uuid, "external", reason=why, by=None, sends=False)
        if wish.price is not None:
            confirming.demand_in(session, "Servers were taken over from the panel with their prices and expiry.")
    return True


def _set_terms_in(session: Session, wish: Wish) -> None:
    server = known(wish.candidate.server)
    if wish.price is None:
        terms.set_free_in(session, server, by=None, why=WHY)
        return
    terms.set_price_in(session, server, wish.price, wish.period, by=None, why=WHY)
    if wish.is_exact and wish.expires_at is not None:
        terms.set_expiry_in(session, server.uuid, wish.expires_at, by=None, why=WHY)
    if wish.auto_renew:
        terms.set_auto_renew_in(session, server.uuid, wish.candidate.account_id, by=None, why=WHY)


def known(server: AppServer) -> Known:
    """How the panel names a server."""
    return Known(server.uuid, server.identifier, server.name, server.internal_id)
