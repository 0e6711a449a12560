"""Who did something, as one person may see it.

The panel hands the portal's own account out like anybody's. Who is neither an owner or subuser with an account here nor
known to be no administrator of the panel is called the host, or the portal where it was done with an API key.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Final, Literal

from flask import current_app
from sqlalchemy import func, select

from portal import clock
from portal.activity import whose
from portal.activity.events import FROM_NODES
from portal.activity.whose import AGAIN_S, KNOWN_S
from portal.auth.models import Account
from portal.auth.sessions import Viewer
from portal.credentials import service as credentials
from portal.credentials.models import ClientKey
from portal.panel import settings
from portal.pterodactyl import errors
from portal.pterodactyl.models import ActivityEntry, Actor
from portal.servers.models import Grant
from portal.store import read
from portal.web.i18n import _
from portal.web.text import one_line

Kind = Literal["you", "person", "host", "portal", "panel", "gone"]
MOST_ASKED: Final = 2
MOST_KNOWN: Final = 500
_MEMO = "roost_activity_administrators"


@dataclass(frozen=True)
class Who:
    """Somebody: `name` as it is shown, `key` as a filter names them."""

    kind: Kind
    name: str
    key: str


@dataclass(frozen=True)
class Known:
    """An account of Roost; `is_of_server`: it owns or shares the server, or did; `has_key`: with a key of its own."""

    account_id: int
    username: str
    is_of_server: bool
    has_key: bool


class People:
    """Those whom a piece of the log names. `is_service` says that the portal may act under an account of its own."""

    def __init__(self, viewer: Viewer, server_uuid: str, account_ids: Iterable[int], names: Iterable[str]) -> None:
        self._viewer = viewer
        self.is_service = settings().use_service_key and settings().service_key is not None
        self.hidden: set[str] = set()
        self._shared: set[str] = set()
        known = _accounts(server_uuid, set(account_ids) | {viewer.account_id}, {name.lower() for name in names})
        self._by_id = {one.account_id: one for one in known}
        self._by_name = {one.username.lower(): one for one in known if one.username}

    def may_be(self, entry: ActivityEntry, account_id: int | None) -> int:
        """How well the actor of an entry fits what an account (None: the portal by itself) did through Roost.

        0: it is somebody else. 1: an administrator, who is not whom the service key belongs to now (they may have been
        the portal's account before). 2: the portal's account, as far as is known, but the account has a key of its own
        by now. 3: the portal's account. 4: the person.
        """
        actor = entry.actor
        if actor is None:
            return 0
        if self.is_called(account_id, actor):
            return 4
        if not self.is_service or not (self._is_service(actor) or self._is_shared(actor)):
            return 0
        if self._service is not None and not self._is_service(actor):
            return 1
        account = self._by_id.get(account_id) if account_id is not None else None
        return 2 if account is not None and account.has_key else 3

    def is_called(self, account_id: int | None, actor: Actor) -> bool:
        """Whether an account is linked to a panel user of that name."""
        account = self._by_id.get(account_id) if account_id is not None else None
        return account is not None and account.username.lower() == actor.username.lower()

    def learn(self, entries: Iterable[ActivityEntry]) -> None:
        """Find out whose the service key is, and of those who are called like a person of the server but could be the
        portal whether they are."""
        if not self.is_service:
            return
        entries = tuple(entries)
        suspects = _actors(one for one in entries if one.is_api or one.event in FROM_NODES)
        if suspects or any(one.event.startswith("server:subuser.") for one in entries):
            self._asked += whose.ask(str(self._viewer.account_id))
        if self._service is not None:
            self.hidden |= {text.lower() for text in self._service if len(text) > 2}
        for actor in suspects:
            known = self._by_name.get(actor.username.lower())
            if known is not None and known.is_of_server and not known.has_key:
                self._ask(actor)

    def settle(self, alone: Collection[ActivityEntry], shared: Iterable[Actor]) -> None:
        """After pairing: `alone` belongs to no act of Roost; what `shared` did was done by others through Roost."""
        for actor in shared:
            self._shared.add(actor.uuid)
            self._hide(actor)
        if self.is_service:
            for actor in _actors(alone):
                known = self._by_name.get(actor.username.lower())
                if (known is None or not known.is_of_server) and actor.uuid not in self._shared:
                    self._ask(actor)
                if self.of_actor(actor, is_api=True).kind in ("host", "portal"):
                    self._hide(actor)

    def of_account(self, account_id: int | None) -> Who:
        """Who did what Roost's log tells."""
        if account_id is None:
            return portal()
        if account_id == self._viewer.account_id:
            return you()
        account = self._by_id.get(account_id)
        if account is None:
            return gone()
        if not account.is_of_server or self._is_called_service(account.username):
            return host()
        return _person(account.username or _("Somebody with access"))

    def of_actor(self, actor: Actor | None, *, is_api: bool) -> Who:
        """Who did what only the panel's log tells."""
        if actor is None:
            return panel()
        name = actor.username
        known = self._by_name.get(name.lower())
        is_of_server = known is not None and known.is_of_server
        if self.is_service:
            is_admin = _memo().get(actor.uuid, (None, 0.0))[0]
            if self._is_service(actor) and (is_api or known is None or known.account_id != self._viewer.account_id):
                return portal() if is_api else host()
            if is_api and (actor.uuid in self._shared or self._is_shared(actor)):
                return portal()
            if not is_of_server and (actor.uuid in self._shared or is_admin is not False):
                return host()
        if known is not None and known.account_id == self._viewer.account_id:
            return you()
        return _person(name)

    def is_viewer(self, who: Who) -> bool:
        """Whether that is the person who looks."""
        return who.kind == "you"

    def _is_shared(self, actor: Actor) -> bool:
        """Whether this can be the portal's own account."""
        known = self._by_name.get(actor.username.lower())
        is_admin, until = _memo().get(actor.uuid, (None, 0.0))
        if known is not None and known.has_key:
            return False
        if known is not None and known.is_of_server:
            return is_admin is True
        return is_admin is not False or until <= clock.now()

    def _is_service(self, actor: Actor) -> bool:
        """Whether this is known to be the portal's own account."""
        return self._is_called_service(actor.username)

    def _is_called_service(self, username: str) -> bool:
        return self._service is not None and username.lower() == self._service[0].lower()

    @property
    def _service(self) -> tuple[str, str] | None:
        """User name and mail address of the account that the service key belongs to; None while that is not known."""
        return whose.owner() if self.is_service else None

    def _hide(self, actor: Actor) -> None:
        self.hidden |= {text.lower() for text in (actor.email, actor.username) if len(text) > 2}

    def _ask(self, actor: Actor) -> None:
        memo, now = _memo(), clock.now()
        if memo.get(actor.uuid, (None, 0.0))[1] > now or self._asked >= MOST_ASKED:
            return
        self._asked += 1
        try:
            with credentials.as_portal(who=str(self._viewer.account_id)) as api:
                found = api.users.list(filters={"uuid": actor.uuid}, per_page=2).items
        except errors.PanelError:
            memo[actor.uuid] = (memo.get(actor.uuid, (None, 0.0))[0], now + AGAIN_S)
            return
        user = next((one for one in found if one.uuid == actor.uuid), None)
        if len(memo) >= MOST_KNOWN:
            memo.clear()
        memo[actor.uuid] = (user.root_admin if user else None, now + KNOWN_S)

    _asked = 0


def you() -> Who:
    """The person who looks."""
    return Who("you", _("You"), "you")


def host() -> Who:
    """Somebody who runs the panel."""
    return Who("host", _("Your host"), "host")


def portal() -> Who:
    """The portal, for nobody that is known."""
    return Who("portal", _("Your host's portal"), "portal")


def named(key: str) -> Who:
    """Somebody by the key that a filter named; nobody needs to be called so."""
    simple = {one.key: one for one in (you(), host(), portal(), panel(), gone())}
    return simple.get(key) or _person(key.removeprefix("u:"))


def panel() -> Who:
    """The panel or a node, by itself."""
    return Who("panel", _("The panel"), "panel")


def gone() -> Who:
    """Somebody who had an account here."""
    return Who("gone", _("Somebody whose account is gone"), "gone")


def _person(name: str) -> Who:
    shown = one_line(name, 80) or "?"
    return Who("person", shown, f"u:{shown.lower()}")


def _actors(entries: Iterable[ActivityEntry]) -> list[Actor]:
    return list({one.actor.uuid: one.actor for one in entries if one.actor is not None}.values())


def _memo() -> dict[str, tuple[bool | None, float]]:
    """Whether a panel user (by uuid) is an administrator of the panel, and until when that is believed."""
    memo: dict[str, tuple[bool | None, float]] = current_app.extensions.setdefault(_MEMO, {})
    return memo


def _accounts(server_uuid: str, account_ids: set[int], names: set[str]) -> list[Known]:
    query = (
        select(Account.id, Account.panel_username, Grant.panel_user_id, ClientKey.account_id.label("key"))
        .outerjoin(Grant, (Grant.panel_user_id == Account.panel_user_id) & (Grant.server_uuid == server_uuid))
        .outerjoin(ClientKey, ClientKey.account_id == Account.id)
        .where(Account.id.in_(account_ids) | func.lower(Account.panel_username).in_(names))
    )
    with read() as session:
        return [
            Known(row.id, row.panel_username or "", row.panel_user_id is not None, row.key is not None)
            for row in session.execute(query)
        ]
