"""Statements that are built once and run often: on the session's own connection, past the ORM.

To build a statement and to make objects of its rows takes the ORM longer than SQLite needs to run it. The paths that
every renewal takes (ledger, audit trail, terms, holds) therefore keep theirs as constants with named parameters.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

from sqlalchemy import Executable, Result, Table
from sqlalchemy.orm import Session

from portal.store.engine import DeferredWrite
from portal.store.model import Model

NO_VALUES: Mapping[str, Any] = {}


def table(model: type[Model]) -> Table:
    """The table of a model, to build statements from."""
    return cast(Table, model.__table__)


def execute(session: Session, statement: Executable, values: Mapping[str, Any] = NO_VALUES) -> Result[Any]:
    """Run a statement inside a session's transaction, after whatever the session still has to write.

    Objects that the session holds of the same rows stay as they are. Raises DeferredWrite for a change outside
    `write()`.
    """
    if getattr(statement, "is_dml", False) and not session.info.get("writes"):
        raise DeferredWrite("rows are changed only inside store.write()")
    session.flush()
    return session.connection().execute(statement, values)
