"""How SQLite goes about a query."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Select


def plan(connection: Connection, query: Select[*tuple[Any, ...]]) -> list[str]:
    """The steps of a query with its parameters bound, as it runs: a literal in a test could fit another index."""
    said = query.compile(connection, compile_kwargs={"render_postcompile": True})
    values = tuple(said.params[name] for name in said.positiontup or ())
    return [row[3] for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {said}", values)]
