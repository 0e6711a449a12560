"""Reading servers for a person: at most one panel call, and what was known before when that call fails.

Own key: the panel itself says what this person sees. Service key: the background process keeps list and rights in the
store; a page asks for the one server it shows. Whoever has no rights is told the same as if there were no server.
"""

from __future__ import annotations

from dataclasses import dataclass

from portal import clock
from portal.auth.sessions import Viewer
from portal.credentials import service as credentials
from portal.credentials.service import Credential, NoCredential
from portal.panel import client
from portal.pterodactyl import errors
from portal.pterodactyl.models import AppServer, ServerView
from portal.servers import records
from portal.servers.facts import Facts, facts_of
from portal.servers.models import PanelServer
from portal.servers.records import SERVICE, LastReading
from portal.servers.rights import FRESH_S, Rights, masked

AGAIN_S = 10.0
"""A list or server that was read, or could not be read, this lately is not asked for again by a page."""
PER_CALL = 100
STALE_S = 90.0
"""What is older than this although somebody looks at it is said to be late."""


class NoSuchServer(Exception):
    """There is no such server for this person; missing and forbidden look the same."""


@dataclass(frozen=True)
class Opened:
    """One server as one person sees it. `problem` says why it is not fresh (see `problem_of`)."""

    facts: Facts
    rights: Rights
    read_at: float
    problem: str | None


@dataclass(frozen=True)
class Entitled:
    """A server that the stored rights let a person see; of the server itself nothing else has to be known.

    `facts` are the last ones that this person was shown, if any ever were.
    """

    uuid: str
    identifier: str
    internal_id: int
    rights: Rights
    facts: Facts | None


def problem_of(error: errors.PanelError) -> str:
    """One word for what went wrong, as stored and as turned into a sentence by the templates."""
    match error:
        case errors.PanelUnreachable(maintenance=True):
            return "maintenance"
        case errors.KeyRefused():
            return "key"
        case errors.Busy():
            return "busy"
        case errors.BadAnswer():
            return "nonsense"
        case _:
            return "panel"


def list_name(credential: Credential | NoCredential) -> str | None:
    """Under which name a list's last reading is kept."""
    if isinstance(credential, NoCredential):
        return None
    return "service" if credential.kind == "service" else f"account:{credential.account_id}"


def scope_of(viewer: Viewer, credential: Credential | NoCredential) -> int:
    """Whose reading of the servers a person is shown, also while the key for it is refused."""
    if isinstance(credential, NoCredential):
        return SERVICE if credential.cause == "service_refused" else viewer.account_id
    return SERVICE if credential.kind == "service" else viewer.account_id


def refresh_list(viewer: Viewer, credential: Credential) -> LastReading:
    """Read the list of a person with their own key, unless that was just done; with the service key only look it up."""
    name = list_name(credential) or ""
    last = records.last_reading(name)
    if credential.kind == "service" or not _is_due(last.read_at, last.error_at) or last.total > PER_CALL:
        return last
    try:
        read_list(viewer.account_id, viewer.panel_user_id, credential)
    except errors.PanelError as error:
        records.save_failure(name, problem_of(error))
    return records.last_reading(name)


def read_list(account_id: int, panel_user_id: int | None, credential: Credential, *, pages: int = 1) -> None:
    """Read and remember up to `pages` pages of a person's own list, oldest servers first."""
    read_at = clock.now()
    api = client(credential.key, who=str(account_id))
    uuids: set[str] = set()
    for page in range(1, pages + 1):
        with credentials.noticing(credential):
            answer = api.servers.list(page=page, per_page=PER_CALL)
        servers = [facts_of(one) for one in answer.items]
        uuids |= {one.uuid for one in servers}
        is_last = page >= answer.total_pages
        is_whole = is_last and len(uuids) == answer.total
        records.save_list(account_id, list_name(credential) or "", servers, answer.total, read_at, is_whole=is_whole)
        if panel_user_id is not None:
            owned = [one.uuid for one in answer.items if one.server_owner]
            records.save_ownership(panel_user_id, owned, read_at)
        if is_last:
            return


def open_server(viewer: Viewer, identifier: str) -> Opened:
    """One server for a page: from the panel with one call, else as last known.

    Raises NoSuchServer, and the library's errors when nothing is known that could be shown instead.
    """
    credential = credentials.for_account(viewer.account_id, viewer.panel_user_id)
    server = records.identity(identifier)
    scope = scope_of(viewer, credential)
    if isinstance(credential, NoCredential):
        return _last_known(viewer, server, scope, credential.cause, None)
    if credential.kind == "service" and (server is None or _stored_rights(viewer, server) is None):
        raise NoSuchServer
    stored = records.known_one(scope, server.uuid) if server else None
    rights = _stored_rights(viewer, server) if server else None
    if stored and rights and rights.is_fresh(clock.now()) and clock.now() - stored.read_at < AGAIN_S:
        return Opened(stored.facts.seen_by(rights), rights, stored.read_at, None)
    try:
        return _ask(viewer, credential, server, identifier)
    except errors.KeyRefused as error:
        return _last_known(viewer, server, scope, "key" if credential.kind == "own" else "service_refused", error)
    except errors.NotFound as error:
        if credential.kind == "service":  # the rights say otherwise, and they come from another key
            return _last_known(viewer, server, scope, "nonsense", error)
        _lost(viewer, server)
        raise NoSuchServer from None
    except errors.PanelError as error:
        if isinstance(error, errors.PanelUnreachable):  # the polls of this page and the list shall know it as well
            records.save_failure(list_name(credential) or "", problem_of(error))
        return _last_known(viewer, server, scope, problem_of(error), error)


def stored_server(viewer: Viewer, identifier: str) -> Opened:
    """One server without any panel call, unless it is theirs and was never looked at. Raises NoSuchServer."""
    credential = credentials.for_account(viewer.account_id, viewer.panel_user_id)
    server = records.identity(identifier)
    scope = scope_of(viewer, credential)
    if server and _stored_rights(viewer, server) and not records.known_one(scope, server.uuid):
        return open_server(viewer, identifier)
    problem = credential.cause if isinstance(credential, NoCredential) else None
    return _last_known(viewer, server, scope, problem, None)


def entitled(viewer: Viewer, identifier: str) -> Entitled:
    """One server by stored rights alone, also for somebody without a key. Raises NoSuchServer."""
    server = records.identity(identifier)
    rights = _stored_rights(viewer, server) if server else None
    if server is None or rights is None:
        raise NoSuchServer
    credential = credentials.for_account(viewer.account_id, viewer.panel_user_id)
    known = records.known_one(scope_of(viewer, credential), server.uuid)
    facts = known.facts.seen_by(rights) if known else None
    return Entitled(server.uuid, server.identifier, server.internal_id, rights, facts)


def fresh_rights(viewer: Viewer, opened: Opened, *, older_than_s: float = FRESH_S) -> Rights:
    """Rights that are young enough for a change; asks the panel when the stored ones are older than 60 s.

    Raises NoSuchServer, and the library's errors when the panel cannot be asked.
    """
    if abs(clock.now() - opened.rights.read_at) <= older_than_s:
        return opened.rights
    credential = credentials.for_account(viewer.account_id, viewer.panel_user_id)
    server = records.identity(opened.facts.identifier)
    if server is None or isinstance(credential, NoCredential):
        raise errors.KeyRefused("There is no key to act with for this account.")
    try:
        if credential.kind == "service":
            return _read_rights(viewer, server)
        return _ask(viewer, credential, server, server.identifier).rights
    except errors.NotFound:
        if credential.kind == "own":
            _lost(viewer, server)
        raise NoSuchServer from None


def own_rights(view: ServerView, read_at: float) -> Rights:
    """The rights that a customer's own key was told. Raises KeyRefused when its owner is an administrator by now."""
    if "*" in view.user_permissions and not view.is_server_owner:
        raise errors.KeyRefused("the key of a panel administrator", cause="wrong_kind", request="GET /api/client")
    return Rights(view.is_server_owner, () if view.is_server_owner else view.user_permissions, read_at)


def rights_in(server: AppServer, panel_user_id: int, read_at: float) -> Rights | None:
    """The rights of a panel user as the application API's server with its subusers says; BadAnswer without them."""
    if server.subusers is None:
        raise errors.BadAnswer("the application key may not read users", path="attributes.relationships.subusers")
    if server.user == panel_user_id:
        return Rights(True, (), read_at)
    for subuser in server.subusers:
        if subuser.user_id == panel_user_id:
            return Rights(False, subuser.permissions, read_at)
    return None


def _ask(viewer: Viewer, credential: Credential, server: PanelServer | None, identifier: str) -> Opened:
    read_at = clock.now()
    api = client(credential.key, who=str(viewer.account_id))
    if credential.kind == "own":
        with credentials.noticing(credential):
            view = api.servers.view(identifier)
            rights = own_rights(view, read_at)
        facts = facts_of(view.server)
        records.save_view(viewer.account_id, facts, viewer.panel_user_id or 0, rights)
        return Opened(facts, rights, read_at, None)
    if server is None or (stored := _stored_rights(viewer, server)) is None:
        raise NoSuchServer
    known = records.known_one(SERVICE, server.uuid)
    if known and not stored.is_fresh(read_at):
        rights = _read_rights(viewer, server)
        problem = "late" if read_at - known.read_at > STALE_S else None
        return Opened(known.facts.seen_by(rights), rights, known.read_at, problem)
    with credentials.noticing(credential):
        view = api.servers.view(server.identifier)
    records.save_facts(SERVICE, facts_of(view.server), read_at)
    shown = masked(view, stored, records.startup_of(server))
    return Opened(facts_of(shown.server), stored, read_at, None)


def _read_rights(viewer: Viewer, server: PanelServer) -> Rights:
    read_at = clock.now()
    panel_user_id = viewer.panel_user_id or 0
    try:
        with credentials.as_portal(who=str(viewer.account_id)) as api:
            seen = api.servers.view(server.internal_id, include=("subusers",))
    except errors.NotAllowed as error:  # that is said to the portal's own key, not to this person
        raise errors.BadAnswer("the application key may not read servers", request=error.request) from error
    rights = rights_in(seen, panel_user_id, read_at) if seen.uuid == server.uuid else None
    records.save_rights(server.uuid, panel_user_id, rights, read_at)
    if rights is None:
        raise NoSuchServer
    return rights


def _last_known(
    viewer: Viewer, server: PanelServer | None, scope: int, problem: str | None, error: errors.PanelError | None
) -> Opened:
    rights = _stored_rights(viewer, server) if server else None
    known = records.known_one(scope, server.uuid) if server else None
    if rights is None or known is None:
        raise error or NoSuchServer
    return Opened(known.facts.seen_by(rights), rights, known.read_at, problem)


def _stored_rights(viewer: Viewer, server: PanelServer) -> Rights | None:
    return None if viewer.panel_user_id is None else records.rights(server.uuid, viewer.panel_user_id)


def _lost(viewer: Viewer, server: PanelServer | None) -> None:
    """The panel said to a person's own key that there is no such server."""
    if server is None:
        return
    records.forget(viewer.account_id, server.uuid)
    if viewer.panel_user_id is not None:
        records.save_rights(server.uuid, viewer.panel_user_id, None, clock.now())


def _is_due(read_at: float | None, error_at: float | None) -> bool:
    return clock.now() - max(read_at or 0.0, error_at or 0.0) >= AGAIN_S
