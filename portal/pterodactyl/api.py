"""What every group of calls shares: the key, who asks and why, deadlines, and how answers become objects."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal, TypeVar

from portal.pterodactyl.calls import Answer, Purpose
from portal.pterodactyl.deadlines import BACKGROUND_WRITE_S, INTERACTIVE_WRITE_S, PANEL_READ_S, SYNC_READ_S
from portal.pterodactyl.envelope import Reader
from portal.pterodactyl.errors import BadAnswer, OutcomeUnknown
from portal.pterodactyl.keys import ApiKey
from portal.pterodactyl.models import Page
from portal.pterodactyl.paths import Query
from portal.pterodactyl.text import several
from portal.pterodactyl.transport import Transport

T = TypeVar("T")

Method = Literal["POST", "PUT", "PATCH", "DELETE"]

MOST_PAGES: Final = 1000
"""More pages than this (100,000 entries of 100) are taken for a panel that counts wrongly."""


@dataclass(frozen=True, slots=True)
class Caller:
    """A key on a panel, on behalf of somebody (`who`) and for a purpose; with `deadline_s` every call has that one."""

    transport: Transport
    key: ApiKey
    who: str | None
    purpose: Purpose
    deadline_s: float | None = None

    def __post_init__(self) -> None:
        if self.deadline_s is not None and not 0 < self.deadline_s < math.inf:
            raise ValueError("a deadline is some seconds from now")

    @property
    def read_deadline_s(self) -> float:
        """For reads that need only the panel: shorter where a page waits."""
        return PANEL_READ_S if self.purpose == "page" else SYNC_READ_S

    @property
    def write_deadline_s(self) -> float:
        """For writes that say nothing else: shorter where somebody waits."""
        return BACKGROUND_WRITE_S if self.purpose == "sync" else INTERACTIVE_WRITE_S

    def read(self, path: str, query: Query | None = None, deadline_s: float | None = None) -> Reader:
        """GET something; the answer must have a body."""
        return Reader.of(self._call("GET", path, deadline_s or self.read_deadline_s, query=query))

    def read_text(self, path: str, query: Query, deadline_s: float) -> bytes:
        """GET a plain text, as the bytes that came."""
        return self._call("GET", path, deadline_s, query=query, as_text=True).content

    def write(
        self,
        path: str,
        json: Any = None,
        deadline_s: float | None = None,
        *,
        method: Method = "POST",
        query: Query | None = None,
        content: bytes | None = None,
    ) -> None:
        """Change something; the panel answers with 204 and nothing else."""
        answer = self._call(
            method, path, deadline_s or self.write_deadline_s, query=query, json=json, content=content, effect=True
        )
        _demand(answer, 204)

    def change(
        self,
        path: str,
        read: Callable[[Reader], T],
        json: Any = None,
        deadline_s: float | None = None,
        *,
        method: Method | Literal["GET"] = "POST",
        status: Literal[200, 201] = 200,
    ) -> T:
        """Change something; the panel answers with 200, or 201, and what it is now. GET: the reads that write.

        An answer that `read` does not understand leaves the outcome unknown: OutcomeUnknown, with its path.
        """
        answer = self._call(method, path, deadline_s or self.write_deadline_s, json=json, effect=True)
        _demand(answer, status)
        try:
            return read(Reader.of(answer))
        except BadAnswer as bad:
            bad.status = answer.status
            raise OutcomeUnknown(bad) from None

    def accepted(self, path: str, json: Any = None, deadline_s: float | None = None) -> None:
        """POST something that the panel answers with 202 and an empty list: it is under way."""
        answer = self._call("POST", path, deadline_s or self.write_deadline_s, json=json, effect=True)
        _demand(answer, 202)
        if answer.json != []:
            raise OutcomeUnknown(BadAnswer("expected an empty list", status=answer.status, request=answer.request))

    def _call(self, method: str, path: str, deadline_s: float, *, effect: bool = False, **what: Any) -> Answer:
        return self.transport.call(
            self.key,
            method,
            path,
            deadline_s=self.deadline_s or deadline_s,
            effect=effect,
            who=self.who,
            retry=self.purpose != "live",  # the next round comes soon, and counts
            purpose=self.purpose,
            **what,
        )


class Group:
    """Calls about one thing, with one key."""

    def __init__(self, caller: Caller) -> None:
        self._caller = caller


def _demand(answer: Answer, status: int) -> None:
    """A write that succeeds in another way than it should has done nobody knows what."""
    if answer.status != status:
        bad = BadAnswer(f"expected an answer of status {status}", status=answer.status, request=answer.request)
        raise OutcomeUnknown(bad)


def joined(names: Sequence[str]) -> dict[str, str]:
    """The `include` part of a query, or nothing. Raises ValueError for one text instead of several."""
    return {"include": ",".join(several(names))} if names else {}


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
