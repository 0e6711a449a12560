"""How the way to a server's console is, from this portal on; the way to here only the browser knows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Phase = Literal["connecting", "live", "renewing", "lost", "over"]
"""`renewing`: live, and a new token is being fetched. `lost` is tried again at `retry_at`; `over` is not, by itself."""
Cause = Literal[
    "panel", "maintenance", "busy", "key", "refused", "state", "gone", "name", "port", "tls", "origin", "full",
    "unknown_server", "odd", "silent", "cut", "token", "deleted", "tired",
]  # fmt: skip
"""Which leg, and what about it.

Panel: panel (unreachable), maintenance, busy (too many calls), key (refuses the key), refused (no permission), state
(suspended, installing, ...), gone (no such server). Node: name (cannot be resolved), port (refuses or unreachable),
tls, origin (403), full (400: too many sockets), unknown_server (404), odd (another answer), silent (no answer, or none
any more), cut (the socket ended), token (it does not take the token), deleted (the server left the node).
tired: ten minutes of trying were in vain.
"""


@dataclass(frozen=True)
class Link:
    """The state of the way. `retry_at`: when it is tried again, by the monotonic clock of `portal.clock`."""

    phase: Phase
    cause: Cause | None = None
    retry_at: float | None = None


Sent = Literal["sent", "dropped", "unknown"]
"""What became of a command (`Channel.send_command`)."""
