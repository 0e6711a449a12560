"""Reading usage of the servers that somebody is looking at, into the snapshot that all web processes share.

The panel caches usage for 20 s, so a server is asked every 22 s at most: three times a minute however many look. A
server in a state in which the panel answers 409 is viewed instead, so that its end is noticed at the same cost.
"""

from __future__ import annotations

import logging
import threading
from collections import Counter
from concurrent.futures import Executor
from dataclasses import dataclass

from flask import Flask
from sqlalchemy import select

from portal import clock
from portal.auth.models import Account
from portal.credentials import service as credentials
from portal.credentials.models import ClientKey
from portal.credentials.service import Credential
from portal.panel import client
from portal.pterodactyl import errors
from portal.pterodactyl.models import Stats
from portal.servers import reading, records
from portal.servers.facts import Facts, facts_of
from portal.servers.models import LiveState, PanelServer, Snapshot, Watch
from portal.servers.records import SERVICE
from portal.servers.state import Usage, standing
from portal.store import read
from portal.store.types import load

log = logging.getLogger("roost.worker")
EVERY_S = 22.0
PAUSE_S = 5.0
PER_NODE = 6
PER_SILENT_NODE = 2
"""How many calls may wait for one node, so that others are not held up."""
WHOLE_LIST_EVERY_S = 60.0


@dataclass(frozen=True)
class Watched:
    """A server that somebody looks at, and the accounts that do."""

    uuid: str
    identifier: str
    accounts: tuple[tuple[int, int], ...]
    facts: Facts | None
    tried_at: float
    error: str | None

    @property
    def node(self) -> str:
        """The node's name, for limiting how many calls wait for one node."""
        return self.facts.node if self.facts else ""


class LiveReader:
    """Hands due servers to threads; no server twice, no node more than a few times at once."""

    def __init__(self, app: Flask, threads: Executor) -> None:
        self._app = app
        self._threads = threads
        self._lock = threading.Lock()
        self._flying: dict[str, str] = {}
        self._paused_until = 0.0

    def tick(self) -> int:
        """Start the readings that are due; returns how many were started."""
        now = clock.now()
        if now < self._paused_until:
            return 0
        started = 0
        for one in sorted(watched(now), key=lambda item: item.tried_at):
            if now - one.tried_at >= EVERY_S and self._claim(one):
                self._threads.submit(self._run, one)
                started += 1
        return started

    def _claim(self, one: Watched) -> bool:
        with self._lock:
            most = PER_SILENT_NODE if one.error == "node" else PER_NODE
            if one.uuid in self._flying or Counter(self._flying.values())[one.node] >= most:
                return False
            self._flying[one.uuid] = one.node
            return True

    def _run(self, one: Watched) -> None:
        try:
            with self._app.app_context():
                wait = read_one(one)
            if wait:
                self._paused_until = clock.now() + wait
        except Exception:
            log.exception("reading server %s failed", one.identifier)
        finally:
            with self._lock:
                self._flying.pop(one.uuid, None)


def watched(now: float) -> list[Watched]:
    """The servers that somebody looks at now."""
    looking: dict[str, list[tuple[int, int]]] = {}
    with read() as session:
        rows = session.execute(
            select(Watch.server_uuid, Account.id, Account.panel_user_id)
            .join(Account, Account.id == Watch.account_id)
            .where(Watch.until > now, ~Account.is_disabled)
        )
        for uuid, account_id, panel_user_id in rows:
            looking.setdefault(uuid, []).append((account_id, panel_user_id or 0))
        names = select(PanelServer.uuid, PanelServer.identifier).where(PanelServer.uuid.in_(looking))
        identifiers = {row.uuid: row.identifier for row in session.execute(names)}
        states = session.scalars(select(LiveState).where(LiveState.server_uuid.in_(looking)))
        lives = {one.server_uuid: one for one in states}
        newest = session.scalars(select(Snapshot).where(Snapshot.server_uuid.in_(looking)).order_by(Snapshot.read_at))
        facts = {one.server_uuid: load(Facts, one.facts) for one in newest}
    return [
        Watched(
            uuid, identifiers[uuid], tuple(accounts), facts.get(uuid),
            lives[uuid].tried_at if uuid in lives else 0.0, lives[uuid].error if uuid in lives else None,
        )
        for uuid, accounts in looking.items()
        if uuid in identifiers
    ]  # fmt: skip


def read_one(one: Watched) -> float:
    """Read one server; returns for how many seconds all reading should pause, because the panel is down."""
    found = _credential(one)
    if found is None:
        records.save_no_usage(one.uuid, "key")
        return 0.0
    credential, panel_user_id = found
    try:
        with credentials.noticing(credential):
            if one.error == "conflict" or (one.facts and standing(one.facts) is not None):
                _view(one, credential, panel_user_id)
            else:
                read_at = clock.now()
                stats = client(credential.key, who=None, purpose="live").servers.resources(one.identifier)
                records.save_usage(one.uuid, _usage(stats, read_at))
    except errors.PanelError as error:
        return _failed(one, error)
    return 0.0


def _view(one: Watched, credential: Credential, panel_user_id: int) -> None:
    read_at = clock.now()
    view = client(credential.key, who=None, purpose="live").servers.view(one.identifier)
    facts = facts_of(view.server)
    if credential.kind == "own":
        rights = reading.own_rights(view, read_at)
        records.save_view(credential.account_id, facts, panel_user_id, rights)
    else:
        records.save_facts(SERVICE, facts, read_at)
    records.save_no_usage(one.uuid, None)


def _failed(one: Watched, error: errors.PanelError) -> float:
    match error:
        case errors.NodeUnreachable() | errors.NodeRefused():
            records.save_no_usage(one.uuid, "node")
        case errors.ServerStateConflict():
            records.save_no_usage(one.uuid, "conflict")
        case errors.KeyRefused():
            records.save_no_usage(one.uuid, "key")
        case errors.PanelUnreachable(fault="timeout") if error.request.endswith("/resources"):
            # The panel waits 15 s for a node that hangs, we wait 8 s for the panel.
            records.save_no_usage(one.uuid, "node")
        case errors.PanelUnreachable(status=500) if error.code is not None:
            # The panel stumbles over what the node of this one server says; whether it is ill itself, others find out.
            records.save_no_usage(one.uuid, "nonsense")
        case errors.PanelUnreachable():
            records.save_no_usage(one.uuid, reading.problem_of(error))
            return PAUSE_S
        case errors.Busy():  # the budget keeps this key back; other keys go on
            records.save_no_usage(one.uuid, "busy")
        case _:
            records.save_no_usage(one.uuid, "nonsense")
    return 0.0


def _credential(one: Watched) -> tuple[Credential, int] | None:
    """A key of somebody who looks, their own before the service key."""
    looking = [account_id for account_id, _ in one.accounts]
    with read() as session:
        with_key = set(session.scalars(select(ClientKey.account_id).where(ClientKey.account_id.in_(looking))))
    for account_id, panel_user_id in sorted(one.accounts, key=lambda pair: pair[0] not in with_key):
        credential = credentials.for_account(account_id, panel_user_id or None)
        if isinstance(credential, Credential):
            return credential, panel_user_id
    return None


def _usage(stats: Stats, read_at: float) -> Usage:
    return Usage(
        stats.current_state, stats.memory_bytes, stats.cpu_percent, stats.disk_bytes, stats.network_rx_bytes,
        stats.network_tx_bytes, stats.uptime_ms, read_at,
    )  # fmt: skip


def read_long_lists(now: float) -> None:
    """Read in whole the lists of people who look and have more servers than one call gives."""
    with read() as session:
        rows = session.execute(
            select(Account.id, Account.panel_user_id)
            .join(Watch, Watch.account_id == Account.id)
            .where(Watch.until > now, ~Account.is_disabled)
            .distinct()
        ).all()
    for account_id, panel_user_id in rows:
        last = records.last_reading(f"account:{account_id}")
        if last.total <= reading.PER_CALL or _recently_whole(account_id, last.total, now):
            continue
        credential = credentials.for_account(account_id, panel_user_id)
        if isinstance(credential, Credential) and credential.kind == "own":
            try:
                reading.read_list(account_id, panel_user_id, credential, pages=50)
            except errors.PanelError as error:
                records.save_failure(f"account:{account_id}", reading.problem_of(error))


def _recently_whole(account_id: int, total: int, now: float) -> bool:
    knowns = records.known(account_id)
    return len(knowns) >= total and min(one.read_at for one in knowns) > now - WHOLE_LIST_EVERY_S
