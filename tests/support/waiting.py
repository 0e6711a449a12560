"""Waiting for what is sure to come, and ports that wait for whoever is to listen there."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable
from typing import Any

PATIENCE_S = 60.0
"""A machine that is busy several times over may take its time."""


def until(
    holds: Callable[[], object],
    told: Callable[[], Any] = lambda: "",
    within_s: float = PATIENCE_S,
    every_s: float = 0.01,
) -> None:
    """Look until it is so; else fails with what is told then."""
    deadline = time.monotonic() + within_s
    while not holds():
        assert time.monotonic() < deadline, told()
        time.sleep(every_s)


def held_port() -> socket.socket:
    """A port of loopback that nobody has, and that nobody gets by chance while this socket is open.

    It is bound and does not listen: the system gives the port to nobody who asks for any, and who asks for this one and
    allows others beside it, as servers do, may listen there.
    """
    holder = socket.socket()
    holder.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    holder.bind(("127.0.0.1", 0))
    return holder


def port_of(held: socket.socket) -> int:
    """Its number."""
    return int(held.getsockname()[1])
