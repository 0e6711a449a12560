"""What is stored of many people and servers at once, for who looks after open consoles: one query each, every 2 s."""

from __future__ import annotations

import json
from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import select

from portal.servers.facts import Facts
from portal.servers.models import Grant, Snapshot
from portal.servers.rights import Rights
from portal.servers.state import State, standing
from portal.store import read
from portal.store.types import load


@dataclass(frozen=True)
class Looks:
    """How servers looked last: the newest facts of each by uuid, and when each scope read it."""

    standings: dict[str, State | None]
    read_at: dict[tuple[int, str], float]


def rights_of(server_uuids: Collection[str], panel_user_ids: Collection[int]) -> dict[tuple[str, int], Rights]:
    """What each of these people may do with each of these servers; who may nothing is not in it."""
    query = select(Grant).where(
        Grant.server_uuid.in_(server_uuids), Grant.panel_user_id.in_(panel_user_ids), ~Grant.is_revoked
    )
    with read() as session:
        rows = session.scalars(query).all()
    return {
        (row.server_uuid, row.panel_user_id): Rights(row.is_owner, tuple(json.loads(row.permissions)), row.read_at)
        for row in rows
    }


def looks_of(server_uuids: Collection[str]) -> Looks:
    """How these servers looked last, to whoever looked."""
    query = select(Snapshot).where(Snapshot.server_uuid.in_(server_uuids)).order_by(Snapshot.read_at)
    with read() as session:
        rows = session.scalars(query).all()
    newest = {row.server_uuid: row.facts for row in rows}
    return Looks(
        {uuid: standing(load(Facts, facts)) for uuid, facts in newest.items()},
        {(row.scope, row.server_uuid): row.read_at for row in rows},
    )
