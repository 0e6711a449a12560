"""Who has to leave a console, by what is stored now: the same rows for all processes, so all of them notice."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from portal.auth import sessions
from portal.console import closing
from portal.console.closing import Goodbye
from portal.console.seats import Seat
from portal.credentials import service as credentials
from portal.servers import many
from portal.servers.many import Looks
from portal.servers.rights import Rights

CONNECT = "websocket.connect"


@dataclass(frozen=True)
class Stored:
    """All that is stored of the people and servers at some seats."""

    linked_to: dict[str, int | None]
    own_keys: dict[int, str]
    rights: dict[tuple[str, int], Rights]
    looks: Looks


def stored(seats: Sequence[Seat]) -> Stored:
    """Four queries, however many seats."""
    servers = {one.facts.uuid for one in seats}
    return Stored(
        sessions.still_there({one.token_hash for one in seats}),
        credentials.own_keys({one.person.account_id for one in seats}),
        many.rights_of(servers, {one.person.panel_user_id or 0 for one in seats}),
        many.looks_of(servers),
    )


def leaving(seats: Sequence[Seat], now: Stored) -> Iterator[tuple[Seat, Goodbye]]:
    """Who has to go, and why; the others' rights are renewed."""
    for seat in seats:
        try:
            _check(seat, now)
        except Goodbye as goodbye:
            yield seat, goodbye


def _check(seat: Seat, now: Stored) -> None:
    if seat.token_hash not in now.linked_to:
        raise Goodbye(closing.SIGNED_OUT, "session")
    is_relinked = now.linked_to[seat.token_hash] != seat.person.panel_user_id
    if is_relinked or now.own_keys.get(seat.person.account_id) != seat.own_key:
        raise Goodbye(closing.CHANGED, "changed")
    rights = now.rights.get((seat.facts.uuid, seat.person.panel_user_id or 0))
    if rights is None or not rights.allow(CONNECT):
        raise Goodbye(closing.NOT_ALLOWED, "refused")
    if _held(rights) != _held(seat.rights):
        raise Goodbye(closing.CHANGED, "changed")
    seat.rights = rights
    state = now.looks.standings.get(seat.facts.uuid)
    if state is not None:
        raise Goodbye(closing.STATE, state.value)


def _held(rights: Rights) -> tuple[bool, frozenset[str]]:
    return rights.is_owner, frozenset(rights.permissions)
