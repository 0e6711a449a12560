"""Whether the client keys that customers gave us still are what they were: good, and their own."""

from __future__ import annotations

from typing import Final, Literal

from sqlalchemy import select, update

from portal import clock
from portal.auth.models import Account
from portal.credentials import service as credentials
from portal.credentials.models import ClientKey
from portal.credentials.sealing import Unreadable, unseal
from portal.credentials.service import Credential
from portal.data import walking
from portal.data.progress import Progress
from portal.panel import client
from portal.pterodactyl import ApiKey
from portal.pterodactyl.errors import KeyRefused, PanelError, PanelUnreachable
from portal.store import read, write

State = Literal["none", "valid", "refused", "foreign", "administrator", "unreadable", "unchecked"]
WORDS: Final[dict[State, str]] = {
    "none": "no client key is stored",
    "valid": "the client key works",
    "refused": "the panel refuses the stored client key",
    "foreign": "the stored client key belongs to another panel user",
    "administrator": "the stored client key is now an administrator's of the panel",
    "unreadable": "the stored client key cannot be read with this master key: it has to be given again",
    "unchecked": "the panel could not be asked about the stored client key",
}
MOST_SILENCES: Final = 3
"""After so many calls in a row without an answer the other keys are not tried."""


class KeyCheck:
    """Asks the panel about one key after the other, each with a call of its own."""

    def __init__(self, progress: Progress, *, is_dry_run: bool) -> None:
        with read() as session:
            self._rows = {one.account_id: one for one in session.scalars(select(ClientKey))}
        self._progress = progress
        self._is_dry_run = is_dry_run
        self._silences = 0

    def check(self, account: Account) -> State:
        """What the stored key of an account is worth. What the panel says of it is remembered, except in a dry run."""
        row = self._rows.get(account.id)
        if row is None:
            return "none"
        try:
            key = ApiKey(unseal(credentials.master_key(), account.id, row.sealed))
        except Unreadable:
            return "unreadable"
        if self._silences >= MOST_SILENCES:
            return "unchecked"
        try:
            seen = walking.patiently(lambda: client(key, who=None, purpose="sync").account.view(), self._progress)
        except KeyRefused as error:
            if not self._is_dry_run:
                credentials.refused(Credential("own", key, account.id), error)
            return "refused"
        except PanelError as error:
            self._silences += isinstance(error, PanelUnreachable)
            return "unchecked"
        self._silences = 0
        if seen.id != account.panel_user_id:
            return "foreign"
        if seen.admin:
            return "administrator"
        if not self._is_dry_run:
            _verified(row)
        return "valid"


def _verified(row: ClientKey) -> None:
    same = (ClientKey.account_id == row.account_id) & (ClientKey.identifier == row.identifier)
    with write() as session:
        session.execute(
            update(ClientKey).where(same).values(verified_at=clock.now(), refused_at=None, refused_cause=None)
        )
