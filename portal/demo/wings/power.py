"""Why a power action is refused (`server/power.go`); over HTTP nobody hears of it."""
from __future__ import annotations

from typing import Literal

Signal = Literal["start", "stop", "restart", "kill"]
SIGNALS: tuple[Signal, ...] = ("start", "stop", "restart", "kill")
Work = Literal["installing", "restoring", "transferring"]

IS_RUNNING = "server is running"
IS_SUSPENDED = "server is currently in a suspended state"
IS_FULL = "server does not have enough disk space available"
IS_UNKNOWN = "attempting to handle unknown power action"
IS_LOCKED = "another power action is currently being processed for this server, please try again later"
_BUSY: dict[Work, str] = {
    "installing": "server is currently installing",
    "restoring": "server is currently being restored",
    "transferring": "server is currently being transferred",
}


class PowerRefused(Exception):
    """`text` is for whoever may read the node's errors."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.text = text


class PowerLocked(PowerRefused):
    """Another action is at work; everybody may read that."""

    def __init__(self) -> None:
        super().__init__(IS_LOCKED)


def busy(work: Work) -> PowerRefused:
    return PowerRefused(_BUSY[work])
