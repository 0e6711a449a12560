"""Every node that has a server which Roost knows: asked the panel for its socket, then tried from here."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from sqlalchemy import select

from portal.auth.models import Account
from portal.credentials import service as credentials
from portal.credentials.service import Credential
from portal.doctor import dialling
from portal.doctor.lines import FINDINGS as ANY
from portal.doctor.lines import Finding, Line, ok
from portal.doctor.parallel import MOST, in_parallel
from portal.doctor.probe import Probe
from portal.panel import settings
from portal.pterodactyl import errors
from portal.servers import records
from portal.servers.facts import Facts
from portal.servers.models import Snapshot
from portal.servers.records import SERVICE
from portal.servers.state import standing
from portal.store import read
from portal.store.types import load

PANEL_S: Final = 8.0
WAIT_PER_ROUND_S: Final = dialling.DEADLINE_S + PANEL_S + 2.0
WAIT_S: Final = 18.0
"""For all nodes together at most."""

FINDINGS: Final = {
    "node_maintenance": Finding(
        "warn", "The node is in maintenance, so the panel gives nobody its consoles.",
        "End the maintenance in the panel (Admin > Nodes) when the work is done.",
    ),
    "node_nobody": Finding(
        "warn", "The node could not be tried: no key of ours may open the console of a server there just now.",
        "Look again when a customer of that node has signed in, or use a service key.",
    ),
    "node_key_refused": Finding(
        "warn", "The node could not be tried: the service key is refused, or did not work just now.",
        "Cure what the line of the service key says first, then check again.",
    ),
    "node_panel": Finding(
        "warn", "The node could not be tried: the panel did not give the address of a console ({error}).",
        "Look at the lines of the panel and of its keys first, then check again.",
    ),
    "node_slow": Finding(
        "fail", "The node could not be tried within {seconds} s: its name is not resolved in time, or many nodes hang.",
        "Cure what the other nodes' lines say, and look at the name servers of this machine (/etc/resolv.conf).",
    ),
}  # fmt: skip


@dataclass(frozen=True)
class Candidate:
    """A server through which a node can be tried, and the key to ask with."""

    identifier: str
    credential: Credential


def check_nodes(probe: Probe, origin: str, *, service_works: bool, within_s: float = WAIT_S) -> list[Line]:
    """Lines of all nodes by name, there after `within_s` seconds at the latest; one call of the panel for each.

    `origin` is what consoles send (`Settings.node_origin`).
    """
    lines: dict[str, list[Line]] = {}
    jobs: dict[str, Callable[[], tuple[list[Line], errors.KeyRefused | None]]] = {}
    candidates: dict[str, Candidate] = {}
    for node, servers in sorted(_by_node().items()):
        name = f"node {node}"
        if all(facts.is_node_under_maintenance for _, facts in servers):
            lines[node] = [FINDINGS["node_maintenance"].line(name)]
            continue
        found = _candidate(servers, service_works=service_works)
        if found is None:
            is_refused = settings().use_service_key and not service_works
            lines[node] = [FINDINGS["node_key_refused" if is_refused else "node_nobody"].line(name)]
            continue
        candidates[node] = found
        jobs[node] = _job(probe, origin, name, found)
    wait_s = min(WAIT_S, within_s, WAIT_PER_ROUND_S * -(-len(jobs) // MOST))
    names = list(jobs)
    results = in_parallel(
        list(jobs.values()), wait_s=wait_s,
        otherwise=lambda index, error: ([_untried(f"node {names[index]}", error, wait_s)], None),
    )  # fmt: skip
    for node, (said, refused) in zip(names, results, strict=True):
        lines[node] = said
        if refused is not None:
            credentials.refused(candidates[node].credential, refused)
    if not lines:
        return [ok("nodes", "No server is known yet, so there was no node to try.")]
    return [line for node in sorted(lines) for line in lines[node]]


def _untried(name: str, error: Exception | None, wait_s: float) -> Line:
    if error is not None:
        return ANY["not_checked"].line(name, reason=type(error).__name__)
    return FINDINGS["node_slow"].line(name, seconds=round(wait_s))


def _job(
    probe: Probe, origin: str, name: str, found: Candidate
) -> Callable[[], tuple[list[Line], errors.KeyRefused | None]]:
    """What one thread does; it knows no app and no store."""

    def run() -> tuple[list[Line], errors.KeyRefused | None]:
        try:
            socket = probe.client(found.credential.key.secret).servers.websocket(found.identifier).socket
        except errors.PanelError as error:
            said = error.detail or type(error).__name__
            line = FINDINGS["node_panel"].line(name, error=said.rstrip("."))
            return [line], error if isinstance(error, errors.KeyRefused) else None
        return dialling.try_socket(name, socket, origin), None

    return run


def _by_node() -> dict[str, list[tuple[int, Facts]]]:
    """The servers of each node's name, with the scope that saw each."""
    with read() as session:
        rows = session.execute(select(Snapshot.scope, Snapshot.facts).order_by(Snapshot.scope, Snapshot.server_uuid))
        known = [(scope, load(Facts, facts)) for scope, facts in rows]
    found: dict[str, list[tuple[int, Facts]]] = defaultdict(list)
    for scope, facts in known:
        found[facts.node].append((scope, facts))
    return found


def _candidate(servers: list[tuple[int, Facts]], *, service_works: bool) -> Candidate | None:
    """A server that no state locks, with the service key if there is one, else with a key of somebody who may."""
    for scope, facts in sorted(servers, key=lambda pair: (standing(pair[1]) is not None, pair[0])):
        if facts.is_node_under_maintenance:
            continue
        credential = _credential(scope, facts, service_works=service_works)
        if credential is not None:
            return Candidate(facts.identifier, credential)
    return None


def _credential(scope: int, facts: Facts, *, service_works: bool) -> Credential | None:
    if scope == SERVICE:
        return credentials.service() if service_works else None
    with read() as session:
        account = session.get(Account, scope)
    if account is None or account.is_disabled or account.panel_user_id is None:
        return None
    rights = records.rights(facts.uuid, account.panel_user_id)
    if rights is None or not rights.allow("websocket.connect"):
        return None
    found = credentials.for_account(account.id, account.panel_user_id)
    return found if isinstance(found, Credential) and (found.kind == "own" or service_works) else None
