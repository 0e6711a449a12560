"""What a call leaves behind: its answer, and one record for log and figures."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Any, Literal

Purpose = Literal["page", "live", "sync"]
Around = Callable[[str], AbstractContextManager[object]]

log = logging.getLogger("portal.pterodactyl")


@dataclass(frozen=True, slots=True)
class Answer:
    """A successful answer: status, parsed body (None when empty) and the few headers that somebody reads.

    `content` is the body as it came where a text was asked for, which is not parsed.
    """

    status: int
    json: Any = field(repr=False)
    headers: Mapping[str, str]
    request: str
    content: bytes = field(default=b"", repr=False)


@dataclass(frozen=True, slots=True)
class CallRecord:
    """One HTTP request. `outcome` is "ok" or the exception's name; `attempt` is 0 if our budget forbade it.

    `path` has no query, `key` is the first 8 characters of the key, `duration_s` is in seconds. `date` is the
    panel's clock as it wrote it (an HTTP date), `limit` and `remaining` are its count of the key's minute; None
    where it said none.
    """

    method: str
    path: str
    status: int | None
    duration_s: float
    key: str
    who: str | None
    attempt: int
    outcome: str
    date: str | None = None
    limit: int | None = None
    remaining: int | None = None


def log_call(record: CallRecord) -> None:
    """The default listener: one line per request."""
    log.info(
        "%s %s -> %s %s in %.3f s (key %s, for %s, attempt %d)",
        record.method,
        record.path,
        record.status,
        record.outcome,
        record.duration_s,
        record.key,
        record.who,
        record.attempt,
    )
