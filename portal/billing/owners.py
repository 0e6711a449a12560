"""Whose a server is: the account of its owner on the panel, as the panel said last."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.auth.models import Account
from portal.servers.models import Grant
from portal.store import read

AT_ONCE = 500


@dataclass(frozen=True)
class Owner:
    """The account of a server's owner. A disabled one is told of an expiry too, but nothing is taken from it."""

    account_id: int
    email: str
    panel_user_id: int
    is_disabled: bool


def of(server_uuids: Collection[str]) -> dict[str, Owner]:
    """The owners of several servers, by uuid; a server whose owner has no account is missing."""
    with read() as session:
        return of_in(session, server_uuids)


def of_in(session: Session, server_uuids: Collection[str]) -> dict[str, Owner]:
    """The same inside somebody's transaction."""
    query = (
        select(Grant.server_uuid, Account.id, Account.email, Grant.panel_user_id, Account.is_disabled)
        .join(Account, Account.panel_user_id == Grant.panel_user_id)
        .where(Grant.is_owner, ~Grant.is_revoked)
        .order_by(Grant.read_at)  # while a list is being stored the old owner may still stand beside the new one
    )
    found = {}
    wanted = list(server_uuids)
    for first in range(0, len(wanted), AT_ONCE):
        for row in session.execute(query.where(Grant.server_uuid.in_(wanted[first : first + AT_ONCE]))):
            found[row.server_uuid] = Owner(row.id, row.email, row.panel_user_id, row.is_disabled)
    return found
