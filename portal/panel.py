"""The portal's connection to the panel: one transport in each process, made after the fork, one log line a call."""

from __future__ import annotations

import logging
import threading
from typing import cast

from flask import Flask, current_app, has_app_context

from portal import clock, faultpoint
from portal.config import Settings
from portal.pterodactyl import ApiKey, ApplicationApi, Budgets, CallRecord, ClientApi, Panel, Transport
from portal.pterodactyl.calls import Purpose
from portal.web.log import fields

log = logging.getLogger("roost.panel")
_making = threading.Lock()


def settings() -> Settings:
    """The settings of the running app."""
    return cast(Settings, current_app.config["ROOST"])


def panel() -> Panel:
    """The panel of the running app."""
    extensions = current_app.extensions
    if "roost_panel" not in extensions:
        with _making:
            if "roost_panel" not in extensions:
                extensions["roost_panel"] = _connect(current_app)
    return cast(Panel, extensions["roost_panel"])


def application(*, who: str | None = None, purpose: Purpose = "sync") -> ApplicationApi:
    """The application API with the portal's own key; `who` is the customer who waits for it, if one does."""
    return panel().application(ApiKey(settings().application_key), who=who, purpose=purpose)


def client(key: ApiKey, *, who: str | None, purpose: Purpose = "page") -> ClientApi:
    """The client API with a customer's key or the service key; `who` is the customer whose share is used."""
    return panel().client(key, who=who, purpose=purpose)


def _connect(app: Flask) -> Panel:
    chosen: Settings = app.config["ROOST"]
    budgets = Budgets(
        client_per_minute=chosen.client_calls_per_minute,
        application_per_minute=chosen.application_calls_per_minute,
        processes=chosen.web_processes + 1,
        clock=clock.monotonic,
    )
    adapter = app.config.get("ROOST_PANEL_ADAPTER")
    transport = Transport(
        chosen.panel_url,
        budget=budgets,
        adapter=adapter,
        stream_adapter=app.config.get("ROOST_NODE_ADAPTER"),
        user_agent="Roost",
        clock=clock.monotonic,
        sleep=clock.sleep,
        on_call=_log_call,
        around=faultpoint.around,
    )
    return Panel(transport)


def last_date() -> tuple[str, float] | None:
    """The last `Date` header of the panel in this process, and by our clock when it came."""
    return cast("tuple[str, float] | None", current_app.extensions.get("roost_panel_date"))


def _log_call(call: CallRecord) -> None:
    if call.date is not None and has_app_context():
        current_app.extensions["roost_panel_date"] = (call.date, clock.now())
    figures = fields(
        status=call.status, outcome=call.outcome, ms=round(call.duration_s * 1000), key=call.key, who=call.who,
        attempt=call.attempt, left=call.remaining,
    )  # fmt: skip
    log.info("panel %s %s", call.method, call.path, extra=figures)
