"""Reading a whole list of the panel for who waits at a terminal: slowly if the panel says so, or not at all."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, TypeVar

from portal import clock
from portal.credentials import service as credentials
from portal.data.progress import Progress
from portal.pterodactyl import errors
from portal.pterodactyl.api import every_item
from portal.pterodactyl.models import AppServer, AppUser, Page

T = TypeVar("T")
Row = TypeVar("Row", AppServer, AppUser)
TRIES: Final = 2
"""A list that changes while it is read is read once more."""
MOST_WAITS: Final = 10
LONGEST_WAIT_S: Final = 300.0


def servers(progress: Progress) -> list[AppServer]:
    """All servers of the panel by number, with their subusers. Raises the library's errors, then nothing was read."""
    with credentials.as_portal("operator") as api:
        found = _whole(
            "/api/application/servers", progress, lambda page: api.servers.list(include=("subusers",), page=page)
        )
    if any(one.subusers is None for one in found):
        raise errors.NotAllowed("the application key may not read users")
    if len({one.uuid for one in found}) != len(found):
        raise errors.BadAnswer("two servers have the same uuid")
    return found


def users(progress: Progress) -> list[AppUser]:
    """All users of the panel by number. Raises the library's errors, then nothing was read."""
    with credentials.as_portal("operator") as api:
        return _whole("/api/application/users", progress, lambda page: api.users.list(page=page))


def patiently(ask: Callable[[], T], progress: Progress) -> T:
    """Ask, and ask again after the time that the panel or our own call budget wants; at most ten times."""
    for _ in range(MOST_WAITS):
        try:
            return ask()
        except errors.Busy as busy:
            wait_s = min(LONGEST_WAIT_S, max(1.0, busy.retry_after_s))
            progress.note(f"waiting {round(wait_s)} s, so as not to ask the panel too often")
            clock.sleep(wait_s)
    return ask()


def in_words(error: errors.PanelError) -> str:
    """What kept the panel from answering, in a sentence for who runs the command."""
    match error:
        case errors.NotAllowed():
            return "The application key lacks rights: it must read Servers and Users."
        case errors.KeyRefused():
            return f"The panel refuses the application key: {error.detail or error.cause}"
        case errors.BadAnswer():
            return f"The panel's answer cannot be used: {error.detail}."
        case errors.Busy():
            return "The panel is asked too often just now: run the command again in a few minutes."
        case _:
            return f"The panel could not be asked: {error.detail or type(error).__name__}"


def _whole(path: str, progress: Progress, ask: Callable[[int], Page[Row]]) -> list[Row]:
    """A list read to its end, of which no page contradicts another; once more if one did."""
    for left in reversed(range(TRIES)):
        try:
            return _read(path, progress, ask)
        except errors.BadAnswer:
            if not left:
                raise
            progress.note("the list changed while it was read, or came in part: reading it again")
    raise AssertionError("a list is read at least once")


def _read(path: str, progress: Progress, ask: Callable[[int], Page[Row]]) -> list[Row]:
    totals: set[int] = set()
    numbers: list[int] = []

    def page_of(number: int) -> Page[Row]:
        page = patiently(lambda: ask(number), progress)
        totals.add(page.total)
        numbers.extend(one.id if isinstance(one, AppUser) else one.internal_id for one in page.items)
        if len(totals) > 1 or len(set(numbers)) != len(numbers):
            raise errors.BadAnswer("the list changed while it was read", request=f"GET {path}")
        progress.of(page.total, len(numbers))
        return page

    return list(every_item(path, page_of))
