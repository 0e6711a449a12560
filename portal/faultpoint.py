"""Named places where a crash would hurt most: around each commit and each call that leaves this process.

In production nothing listens and a place costs one comparison. A driver (tests/faults) listens and kills, raises or
pauses at one of them, to prove that whatever is found after a restart is whole.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager

Listener = Callable[[str], None]
_listener: Listener | None = None
_NAME_OF_ONE = re.compile(r"(?<=/)[^/? ]*\d[^/? ]*")


def listen(listener: Listener | None) -> Listener | None:
    """Let a driver hear of every place that is reached in this process; returns who listened before."""
    global _listener
    before, _listener = _listener, listener
    return before


def is_heard() -> bool:
    """Whether anybody listens."""
    return _listener is not None


def reach(name: str) -> None:
    """Say that the place `name` is reached."""
    if _listener is not None:
        _listener(name)


@contextmanager
def around(call: str) -> Iterator[None]:
    """Say that a call which leaves this process begins, and that it is over, however it ended.

    What names one of many in a path (`/servers/5`) is left out, so that all calls of a kind have the same places.
    """
    name = _NAME_OF_ONE.sub("*", call) if is_heard() else ""
    reach(f"{name} before")
    try:
        yield
    finally:
        reach(f"{name} after")
