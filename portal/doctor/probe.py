"""The panel, asked for a check: a connection of its own, so that each call's duration and headers are known.

No Flask and no store: `flask setup` uses it before there is either.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import Any

from portal import clock
from portal.pterodactyl import ApiKey, ApplicationApi, Budgets, CallRecord, ClientApi, Panel, Transport
from portal.web.log import fields

log = logging.getLogger("roost.panel")


@dataclass(frozen=True)
class Heard:
    """One call, and our own clock (UTC epoch seconds) when its answer was in."""

    at: float
    call: CallRecord


class Probe:
    """One panel. `heard` is every call so far, from whichever thread."""

    def __init__(self, panel_url: str, *, adapter: Any = None) -> None:
        """Raises ValueError when the address is none. `adapter` stands in for the wire, in tests."""
        self.url = panel_url
        self.heard: list[Heard] = []
        transport = Transport(
            panel_url,
            budget=Budgets(clock=clock.monotonic),
            adapter=adapter,
            user_agent="Roost",
            clock=clock.monotonic,
            sleep=clock.sleep,
            on_call=self._hear,
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
