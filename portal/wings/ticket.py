"""What a console's socket needs from the panel: the node's address and a token for ten minutes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from portal.wings.link import Cause


@dataclass(frozen=True)
class Ticket:
    """`url` is the socket's address, `wss://node:8080/api/servers/<uuid>/ws`. Neither ever reaches a browser."""

    url: str = field(repr=False)
    token: str = field(repr=False)


class NoTicket(Exception):
    """There is none now. With `is_final` there will be none: access is over (state, refused, gone)."""

    def __init__(self, cause: Cause, *, is_final: bool = False, retry_after_s: float | None = None) -> None:
        super().__init__(cause)
        self.cause: Cause = cause
        self.is_final = is_final
        self.retry_after_s = retry_after_s


Tickets = Callable[[], Ticket]
"""Fetches a new one; called in threads of the relay. Raises NoTicket."""
