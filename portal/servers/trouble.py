"""Reading something of a server for a page: what was read, or why it could not be, never an empty list instead."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from portal.pterodactyl import errors
from portal.servers.reading import Opened
from portal.servers.state import standing
from portal.servers.words import words
from portal.web.errors import sentence

T = TypeVar("T")


@dataclass(frozen=True)
class Trouble:
    """Why something could not be read: a sentence, and the status that a whole page of it has.

    `label` names the state of the server that forbids it just now ("Suspended"); empty for anything else.
    `wait_s` is how long not to ask again, 0 when nothing says so.
    """

    message: str
    status: int
    label: str = ""
    wait_s: int = 0

    @property
    def is_blocked(self) -> bool:
        """Whether the server's state forbids it, so that asking again does not help."""
        return bool(self.label)


def seen(server: Opened, read: Callable[[], T]) -> T | Trouble:
    """What `read` gives, or what kept it from giving it."""
    try:
        return read()
    except errors.ServerStateConflict as error:
        state = standing(server.facts)
        said = words(state) if state else None
        message = said.advice if said and said.advice else sentence(error, is_read=True)[1]
        return Trouble(message, 409, said.label if said else "")
    except errors.PanelError as error:
        status, message = sentence(error, is_read=True)
        wait_s = max(1, round(error.retry_after_s)) if isinstance(error, errors.Busy) else 5 if status == 503 else 0
        return Trouble(message, status, wait_s=wait_s)
