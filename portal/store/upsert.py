"""Insert or replace, in one statement for many rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy.dialects.sqlite import insert
from sqlalchemy.orm import Session

from portal.store.model import Model


def upsert(session: Session, table: type[Model], rows: Sequence[Mapping[str, Any]]) -> None:
    """Insert rows or replace those with the same primary key; columns that `rows` do not name stay.

    Two readings may be stored in another order than they were made: a row with `read_at` never replaces a newer one.
    """
    if not rows:
        return
    keys = [column.name for column in table.__table__.primary_key]
    statement = insert(table)
    changed = {name: statement.excluded[name] for name in rows[0] if name not in keys}
    stored = table.__table__.c.get("read_at")
    newer = None
    if stored is not None and "read_at" in rows[0]:
        newer = stored.is_(None) | (stored <= statement.excluded.read_at)
    session.execute(statement.on_conflict_do_update(index_elements=keys, set_=changed, where=newer), [*rows])
