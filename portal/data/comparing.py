"""What differs between the panel and what is kept of it here, for one account."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any, Literal

from sqlalchemy import select

from portal.auth.models import Account
from portal.auth.service import PanelUser
from portal.pterodactyl.models import AppServer, AppUser
from portal.servers import records
from portal.servers.facts import Facts
from portal.servers.models import Grant, PanelServer, Snapshot
from portal.store import read
from portal.store.types import load
from portal.suspension.models import Observed
from portal.web.text import email_key

What = Literal["email", "username", "owner", "suspended", "limits"]


@dataclass(frozen=True)
class Difference:
    """One thing that is not the same: `server` is an identifier; both sides are as text, None where there is nothing.

    `is_taken_over`: the panel's side is kept from now on. An e-mail address is only told, because people sign in with
    it, and so is a server that the panel lists no more: one list is no proof that it was deleted.
    """

    what: What
    server: str | None
    here: str | None
    panel: str | None
    is_taken_over: bool = True


@dataclass(frozen=True)
class Kept:
    """What this portal last knew: uuids owned by each panel user, and servers' suspension and limits by uuid."""

    owned: dict[int, set[str]]
    identifiers: dict[str, str]
    suspended: dict[str, bool]
    facts: dict[tuple[int, str], Facts]

    def seen(self, account_id: int, uuid: str) -> Facts | None:
        """A server as it was read last for somebody."""
        return self.facts.get((account_id, uuid)) or self.facts.get((records.SERVICE, uuid))


def kept() -> Kept:
    """Read it all at once."""
    owned: defaultdict[int, set[str]] = defaultdict(set)
    with read() as session:
        for uuid, user in session.execute(
            select(Grant.server_uuid, Grant.panel_user_id).where(Grant.is_owner, ~Grant.is_revoked)
        ):
            owned[user].add(uuid)
        identifiers = {row[0]: row[1] for row in session.execute(select(PanelServer.uuid, PanelServer.identifier))}
        facts = {(one.scope, one.server_uuid): load(Facts, one.facts) for one in session.scalars(select(Snapshot))}
        suspended = {one.uuid: one.status == "suspended" for one in facts.values()}
        seen = session.execute(select(Observed.server_uuid, Observed.is_suspended))
        suspended |= {row[0]: row[1] for row in seen}
    return Kept(owned, identifiers, suspended, facts)


def differences(
    account: Account, user: AppUser, servers: Iterable[AppServer], known: Kept, on_panel: Collection[str]
) -> list[Difference]:
    """Compare an account, its panel user and the servers that the panel says are theirs with what is kept.

    `on_panel` are the uuids of all servers of the panel.
    """
    found = []
    linked = PanelUser(user.id, user.username, user.email)
    if email_key(linked.email) != account.email:
        found.append(Difference("email", None, account.email, linked.email, is_taken_over=False))
    if linked.username != account.panel_username:
        found.append(Difference("username", None, account.panel_username, linked.username))
    owned, now = known.owned.get(user.id, set()), {one.uuid: one for one in servers}
    for uuid in sorted(owned - now.keys()):
        found.append(Difference("owner", known.identifiers.get(uuid, uuid[:8]), "owner", None, uuid in on_panel))
    for uuid, one in now.items():
        if uuid not in owned:
            found.append(Difference("owner", one.identifier, None, "owner"))
        was = known.suspended.get(uuid)
        if was is not None and was != one.is_suspended:
            found.append(Difference("suspended", one.identifier, _state(was), _state(one.is_suspended)))
        found += _limits(one, known.seen(account.id, uuid))
    return found


def limits_of(server: AppServer) -> dict[str, Any]:
    """A server's limits under the names that facts have for them."""
    return {
        "memory_mib": server.limits.memory_mib, "swap_mib": server.limits.swap_mib, "disk_mib": server.limits.disk_mib,
        "io": server.limits.io, "cpu_percent": server.limits.cpu_percent, "threads": server.limits.threads,
        "databases": server.feature_limits.databases, "allocations_limit": server.feature_limits.allocations,
        "backups": server.feature_limits.backups,
    }  # fmt: skip


def _limits(server: AppServer, seen: Facts | None) -> list[Difference]:
    if seen is None:
        return []
    return [
        Difference("limits", server.identifier, f"{name} {getattr(seen, name)}", f"{name} {value}")
        for name, value in limits_of(server).items()
        if getattr(seen, name) != value
    ]


def _state(is_suspended: bool) -> str:
    return "suspended" if is_suspended else "not suspended"
