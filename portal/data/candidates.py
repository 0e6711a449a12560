"""Which servers of the panel a take-over is about: not imported yet, and of an owner who has an account here."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from sqlalchemy import select

from portal.auth.models import Account
from portal.auth.service import AccountError, find
from portal.billing.models import Term
from portal.pterodactyl.models import AppServer
from portal.store import read
from portal.web.text import number_in, one_line


@dataclass(frozen=True)
class Candidate:
    """A server that can be taken over, and the account of its owner."""

    server: AppServer
    account_id: int
    email: str

    @property
    def title(self) -> str:
        """How the panel names it: `<name>#<identifier>`."""
        return title_of(self.server)


@dataclass(frozen=True)
class Skipped:
    """A server that is left as it is, and why."""

    title: str
    why: str
    has_no_owner: bool = False


@dataclass(frozen=True)
class Filters:
    """Only servers of these owners (numbers of panel users), nodes and eggs; an empty one takes all."""

    owners: frozenset[int] = frozenset()
    nodes: frozenset[int] = frozenset()
    eggs: frozenset[int] = frozenset()

    def let(self, server: AppServer) -> bool:
        """Whether a server is meant."""
        return (
            (not self.owners or server.user in self.owners)
            and (not self.nodes or server.node in self.nodes)
            and (not self.eggs or server.egg in self.eggs)
        )


@dataclass(frozen=True)
class Sorted:
    """What is done with the servers of the panel, in their order; `left` is how many more could be taken over."""

    items: tuple[Candidate | Skipped, ...]
    left: int

    @property
    def candidates(self) -> list[Candidate]:
        """Those that can be taken over now."""
        return [one for one in self.items if isinstance(one, Candidate)]


def title_of(server: AppServer) -> str:
    """A server's name and identifier on one line, whatever characters the name has."""
    return f"{one_line(server.name, 191)}#{server.identifier}"


def owner_number(text: str) -> int:
    """The panel user that an owner's number or the e-mail address of an account means. Raises AccountError."""
    number = number_in(text.strip())
    if number is not None:
        return number
    linked = find(text).panel_user_id
    if linked is None:
        raise AccountError(f"The account {text} is not linked to a panel user.")
    return linked


def sort_out(servers: Iterable[AppServer], filters: Filters, limit: int, *, only: Collection[str] | None) -> Sorted:
    """Look at servers in their order until `limit` of them can be taken over; `only` are uuids, None: all."""
    with read() as session:
        imported = set(session.scalars(select(Term.server_uuid)))
        query = select(Account.panel_user_id, Account.id, Account.email).where(Account.panel_user_id.is_not(None))
        owners = {row[0]: (row[1], row[2]) for row in session.execute(query)}
    items: list[Candidate | Skipped] = []
    taken = left = 0
    for one in servers:
        if not filters.let(one) or (only is not None and one.uuid not in only):
            continue
        known, owner = one.uuid in imported, owners.get(one.user)
        if taken == limit:
            left += not known and owner is not None
        elif known:
            items.append(Skipped(title_of(one), "it is imported already"))
        elif owner is None:
            why = f"its owner, panel user {one.user}, has no account here"
            items.append(Skipped(title_of(one), why, has_no_owner=True))
        else:
            items.append(Candidate(one, *owner))
            taken += 1
    return Sorted(tuple(items), left)
