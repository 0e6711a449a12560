"""Letting a server go that is held as unpaid and owes nothing any more, whoever changed its price or expiry."""

from __future__ import annotations

from sqlalchemy.orm import Session

from portal import clock
from portal.billing import owners, terms
from portal.suspension import holds


def release_in(session: Session, server_uuid: str, *, by: int | None, why: str) -> bool:
    """Release an open unpaid hold, inside somebody's write(), if the server is not due now or has no expiry.

    It is started again for its owner. Returns whether there was one to release.
    """
    now = terms.get_in(session, server_uuid)
    if now is not None and now.expires_at is not None and now.expires_at <= clock.now():
        return False
    unpaid = [one for one in holds.open_in(session, server_uuid) if one.kind == "unpaid"]
    if not unpaid:
        return False
    owner = owners.of_in(session, [server_uuid]).get(server_uuid)
    for hold in unpaid:
        holds.release_in(session, hold, reason=why, by=by, start_as=owner.account_id if owner else None)
    return True
