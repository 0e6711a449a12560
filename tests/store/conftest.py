"""A portal whose store is looked at; nobody asks the panel here."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy import Engine, event

from tests.conftest import World


@pytest.fixture
def bare_world(make_world: Callable[..., World]) -> World:
    """People and keys, and nothing read from the panel yet."""
    return make_world("own")


@contextmanager
def traced(engine: Engine) -> Iterator[list[str]]:
    """The statements that reach SQLite through an engine, BEGIN and COMMIT included."""
    seen: list[str] = []
    proxied = []

    def checked_out(connection, _record, _proxy) -> None:
        connection.set_trace_callback(seen.append)
        proxied.append(connection)

    event.listen(engine, "checkout", checked_out)
    try:
        yield seen
    finally:
        event.remove(engine, "checkout", checked_out)
        for connection in proxied:
            connection.set_trace_callback(None)
