"""What every group of calls shares: the key, who asks and why, deadlines, and how answers become objects."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeVar

from portal.pterodactyl.calls import Answer, Purpose
from portal.pterodactyl.deadlines import PANEL_READ_S, SYNC_READ_S
from portal.pterodactyl.envelope import Reader
from portal.pterodactyl.errors import BadAnswer, OutcomeUnknown
from portal.pterodactyl.keys import ApiKey
from portal.pterodactyl.models import Page
from portal.pterodactyl.paths import Query
from portal.pterodactyl.transport import Transport

T = TypeVar("T")

MOST_PAGES: Final = 1000
"""More pages than this (100,000 entries of 100) are taken for a panel that counts wrongly."""


@dataclass(frozen=True, slots=True)
class Caller:
    """A key on a panel, on behalf of somebody (`who`) and for a purpose."""

    transport: Transport
    key: ApiKey
    who: str | None
    purpose: Purpose

    @property
    def read_deadline_s(self) -> float:
        """For reads that need only the panel: shorter where a page waits."""
        return PANEL_READ_S if self.purpose == "page" else SYNC_READ_S

    def read(self, path: str, query: Query | None = None, deadline_s: float | None = None) -> Reader:
        """GET something; the answer must have a body."""
        answer = self._call("GET", path, query, None, deadline_s or self.read_deadline_s, effect=False)
        return Reader.of(answer)

    def write(self, path: str, json: Any, deadline_s: float) -> None:
        """POST something that the panel answers with 204 and nothing else."""
        answer = self._call("POST", path, None, json, deadline_s, effect=True)
        if answer.status != 204:
            raise OutcomeUnknown(BadAnswer("expected an empty answer", status=answer.status, request=answer.request))

    def _call(
        self, method: str, path: str, query: Query | None, json: Any, deadline_s: float, *, effect: bool
    ) -> Answer:
        return self.transport.call(
            self.key,
            method,
            path,
            query=query,
            json=json,
            deadline_s=deadline_s,
            effect=effect,
            who=self.who,
            retry=self.purpose != "live",  # the next round comes soon, and counts
            purpose=self.purpose,
        )


def joined(names: Sequence[str]) -> dict[str, str]:
    """The `include` part of a query, or nothing."""
    return {"include": ",".join(names)} if names else {}


def every_item(path: str, ask: Callable[[int], Page[T]]) -> Iterator[T]:
    """All items of the paged list at `path`, asking for one page after the other.

    The panel's links are never followed: they lose parts of the query and name a host of their own. Raises
    BadAnswer if the panel does not answer the page that was asked for, never comes to an end, or gives another number
    of items than it said (the list changed while it was read).
    """
    seen = 0
    for number in range(1, MOST_PAGES + 1):
        page = ask(number)
        if page.current_page != number:
            raise BadAnswer("another page than asked for", path="meta.pagination.current_page", request=f"GET {path}")
        yield from page.items
        seen += len(page.items)
        if not page.items or number >= page.total_pages:
            if seen != page.total:
                raise BadAnswer("another number than it said", path="meta.pagination.total", request=f"GET {path}")
            return
    raise BadAnswer("the list has no end", path="meta.pagination.total_pages", request=f"GET {path}")
