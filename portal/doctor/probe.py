"""The panel, asked for a check: a connection of its own, so that each call's duration and headers are known.

No Flask and no store: `flask setup` uses it before there is either.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import Any

from portal import clock, faultpoint
from portal.pterodactyl import ApiKey, ApplicationApi, Budgets, CallRecord, ClientApi, Panel, Transport
from portal.pterodactyl.budget import CallBudget, Kind
from portal.pterodactyl.errors import PanelError
from portal.web.log import fields

log = logging.getLogger("roost.panel")


@dataclass(frozen=True)
class Heard:
    """One call, and our own clock (UTC epoch seconds) when its answer was in."""

    at: float
    call: CallRecord


class OutOfTime(PanelError):
    """A call that was not made any more: the ones before it took all the time that there was."""


class _Timed(Budgets):
    """Budgets that end with a moment of our own clock."""

    def __init__(self, seconds: float | None) -> None:
        super().__init__(clock=clock.monotonic)
        self._ends_at = None if seconds is None else clock.monotonic() + seconds

    def of(self, kind: Kind, key: ApiKey) -> CallBudget:
        """The budget of a key; raises OutOfTime when the moment is over."""
        if self._ends_at is not None and clock.monotonic() >= self._ends_at:
            raise OutOfTime("it was not asked any more, its answers take too long")
        return super().of(kind, key)


class Probe:
    """One panel. `heard` is every call so far, from whichever thread."""

    def __init__(self, panel_url: str, *, adapter: Any = None, seconds: float | None = None) -> None:
        """Raises ValueError when the address is none. `adapter` stands in for the wire, in tests.

        After `seconds` no call is begun any more: then each raises OutOfTime.
        """
        self.url = panel_url
        self.heard: list[Heard] = []
        transport = Transport(
            panel_url,
            budget=_Timed(seconds),
            adapter=adapter,
            user_agent="Roost",
            clock=clock.monotonic,
            sleep=clock.sleep,
            on_call=self._hear,
            around=faultpoint.around,
        )
        self._panel = Panel(transport)

    def application(self, key: str) -> ApplicationApi:
        """The application API with a key as text."""
        return self._panel.application(ApiKey(key), purpose="page")

    def client(self, key: str) -> ClientApi:
        """The client API with a key as text."""
        return self._panel.client(ApiKey(key), purpose="page")

    def of(self, key: str) -> list[Heard]:
        """The calls that were made with a key."""
        return [one for one in self.heard if one.call.key == ApiKey(key).hint]

    def _hear(self, call: CallRecord) -> None:
        self.heard.append(Heard(clock.now(), call))
        figures = fields(
            status=call.status, outcome=call.outcome, ms=round(call.duration_s * 1000), key=call.key, who="doctor",
            attempt=call.attempt, left=call.remaining,
        )  # fmt: skip
        log.info("panel %s %s", call.method, call.path, extra=figures)
