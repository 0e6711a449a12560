"""Looking for users of the panel with the portal's own key, for an administrator who links an account."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import select

from portal.auth.models import Account
from portal.auth.service import AccountError, PanelUser
from portal.credentials import refusals
from portal.credentials import service as credentials
from portal.credentials.refusals import Refusal
from portal.pterodactyl.errors import KeyRefused, NotAllowed, NotFound, PanelError
from portal.pterodactyl.models import AppUser
from portal.store import read
from portal.web.errors import sentence
from portal.web.i18n import _
from portal.web.text import number_in

MOST = 20


class NoSuchUser(AccountError):
    """The panel has no user of that number."""


@dataclass(frozen=True)
class Candidate:
    """A panel user, and the address of the account that it belongs to already, if any."""

    user: PanelUser
    is_panel_admin: bool
    account: str | None


@dataclass(frozen=True)
class Candidates:
    """What a search found; `total` may be more than are shown."""

    shown: tuple[Candidate, ...]
    total: int


def search(text: str) -> Candidates:
    """Panel users whose number is `text`, or whose address or name holds it. One panel call.

    Raises the library's errors when the panel cannot be asked.
    """
    text = text.strip()
    with credentials.as_portal("operator") as api:
        if (number := number_in(text)) is not None:
            try:
                users, total = [api.users.view(number)], 1
            except NotFound:
                users, total = [], 0
        else:
            found = api.users.list(filters={"email" if "@" in text else "username": text}, per_page=MOST)
            users, total = list(found.items), found.total
    owners = _accounts_of(one.id for one in users)
    return Candidates(
        tuple(Candidate(_user(one), one.root_admin, owners.get(one.id)) for one in users[:MOST]), total
    )


def view(number: int) -> PanelUser:
    """One panel user. Raises AccountError when there is none, and the library's errors."""
    with credentials.as_portal("operator") as api:
        try:
            if number > 0:
                return _user(api.users.view(number))
        except NotFound:
            pass
    raise NoSuchUser(f"The panel has no user {number}.")


def problem(error: PanelError) -> str:
    """What kept the panel from answering, in a sentence for an administrator."""
    match error:
        case KeyRefused():
            return " ".join(refusals.in_words(Refusal("application", error.cause, error.detail, 0.0))[1:])
        case NotAllowed():
            return _("The application key may not read users: give it that right in the panel, or make a new one.")
        case _:
            return sentence(error)[1]


def _user(found: AppUser) -> PanelUser:
    return PanelUser(found.id, found.username, found.email)


def _accounts_of(numbers: Iterable[int]) -> dict[int, str]:
    query = select(Account.panel_user_id, Account.email).where(Account.panel_user_id.in_(list(numbers)))
    with read() as session:
        return {row[0]: row[1] for row in session.execute(query) if row[0] is not None}
