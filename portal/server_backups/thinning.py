"""The background process following retention rules: exactly what the page says goes next, and nothing else.

It acts with the key and the rights of who set the rule, as they are now. The list is read anew before each deletion, so
that nothing is judged by what was: a lock set a moment ago counts, and an answer that did not come is not asked again.
"""

from __future__ import annotations

import logging
from typing import Final

from sqlalchemy import or_, select

from portal import clock
from portal.auth.models import Account
from portal.auth.sessions import Viewer, without_session
from portal.pterodactyl import errors
from portal.server_backups import keeping, retention
from portal.server_backups.models import RetentionRule
from portal.server_backups.retention import NEEDED, Kept
from portal.servers import reading
from portal.servers.door import acting, looking
from portal.servers.models import PanelServer
from portal.servers.reading import NoSuchServer
from portal.store import read, restored, write

log = logging.getLogger("roost.backups")
EVERY_S: Final = 3600.0
AGAIN_S: Final = 240.0
"""What went wrong in passing is looked at again by the next round."""
AT_ONCE: Final = 50
"""Servers in one round; the next one goes on."""
MOST: Final = 10
"""Backups of one server in one round."""
PASSING: Final = ("panel", "busy", "unknown", "wrong")


def thin() -> None:
    """One round. Nothing while the store is restored and unconfirmed: the rules in it may be old ones."""
    if restored.since() is not None:
        return
    for server_uuid in _due():
        kept = retention.kept(server_uuid)
        if kept is None:
            continue
        problem = "wrong"
        try:
            problem = _follow(server_uuid, kept)
        except Exception:  # this one server must not keep the others
            log.exception("the retention rule of server %s could not be followed", server_uuid)
        _note(server_uuid, kept, problem)


def _due() -> list[str]:
    now = clock.now()
    is_passing = RetentionRule.problem.in_(PASSING) & (RetentionRule.checked_at <= now - AGAIN_S)
    may = or_(RetentionRule.checked_at.is_(None), RetentionRule.checked_at <= now - EVERY_S, is_passing)
    may = or_(may, RetentionRule.checked_at > now)  # the clock was put back
    with read() as session:
        query = select(RetentionRule.server_uuid).where(may).order_by(RetentionRule.checked_at).limit(AT_ONCE)
        return list(session.scalars(query))


def _follow(server_uuid: str, kept: Kept) -> str:
    """Delete what is due; a word for what kept it from that, "" when nothing did."""
    with read() as session:
        account = session.get(Account, kept.account_id)
        server = session.get(PanelServer, server_uuid)
    if account is None or account.is_disabled:
        return "account"
    if server is None:
        return "server"
    viewer = without_session(account)
    try:
        for _one in range(MOST):
            if not _may(viewer, server.identifier):
                return "permission"
            if not _delete_next(viewer, server_uuid, kept):
                return ""
    except NoSuchServer:
        return "permission"
    except errors.PanelError as error:
        log.warning("the retention rule of server %s waits: %s", server_uuid, error)
        return problem_of(error)
    return "more"


def _may(viewer: Viewer, identifier: str) -> bool:
    """Whether this person may still do that; asks the panel when what is known of it is older than 60 s."""
    opened = reading.stored_server(viewer, identifier)
    rights = reading.fresh_rights(viewer, opened)
    return all(rights.allow(one) for one in NEEDED)


def _delete_next(viewer: Viewer, server_uuid: str, kept: Kept) -> bool:
    """Delete the backup that goes next, as the list says at this moment; whether there was one."""
    with looking(viewer) as api:
        backups = list(api.backups.iterate(server_uuid))
    going = keeping.due(backups, kept.rule, clock.now())
    now = retention.kept(server_uuid)
    if not going or retention.mark(now) != retention.mark(kept):  # somebody changed the rule meanwhile
        return False
    backup = going[0].backup
    detail = f"{backup.name} (retention rule: {retention.words(kept.rule)})"
    try:
        with acting(viewer, "backup.delete", server_uuid, detail) as api:
            api.backups.delete(server_uuid, backup.uuid)
    except errors.NotFound:
        log.info("a backup of server %s was gone already", server_uuid)
    return True


def problem_of(error: errors.PanelError) -> str:
    """One word for what kept a rule from being followed."""
    match error:
        case errors.OutcomeUnknown():
            return "unknown"
        case errors.ServerStateConflict():
            return "state"
        case errors.KeyRefused():
            return "key"
        case errors.NotAllowed():
            return "permission"
        case errors.Busy():
            return "busy"
        case errors.Refused():
            return "refused"
        case _:
            return "panel"


def _note(server_uuid: str, kept: Kept, problem: str) -> None:
    """Keep how it went, unless the rule is another one by now. `more` was left for the next round, which is soon."""
    with write() as session:
        row = session.get(RetentionRule, server_uuid)
        if row is not None and (row.set_at, row.account_id) == (kept.set_at, kept.account_id):
            row.problem = "" if problem == "more" else problem
            row.checked_at = None if problem == "more" else clock.now()
