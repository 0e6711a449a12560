"""What one process has for consoles: the hub, who sits where, the keeper. Made at the first console, after the fork."""

from __future__ import annotations

import logging
import threading
from typing import cast

from flask import Flask, current_app

from portal.console.closing import RESTART
from portal.console.keeper import Keeper
from portal.console.seats import Seats
from portal.console.turns import Turns
from portal.wings import Hub

log = logging.getLogger("roost.console")
NAME = "roost_console"
AT_ONCE = 2
PATIENCE_S = 2.0
"""Of those who come in, and of calls for a ticket: one after the other is no slower, and leaves room for pages."""
_making = threading.Lock()


class Relay:
    """The consoles of one process."""

    def __init__(self, app: Flask) -> None:
        self.hub = Hub()
        self.seats = Seats()
        self.keeper = Keeper(app, self.seats, self.hub)
        self.entrances = Turns(AT_ONCE, PATIENCE_S)
        self.tickets = Turns(AT_ONCE, PATIENCE_S)

    def drain(self) -> None:
        """The process stops: every browser is told so, and nobody new is let in."""
        if taken := self.seats.taken():
            log.info("this process stops: its %d consoles are closed", taken)
        self.seats.stop()
        self.keeper.stop()
        self.hub.stop(RESTART, "restart")


def relay() -> Relay:
    """The relay of the running app."""
    extensions = current_app.extensions
    if NAME not in extensions:
        with _making:
            if NAME not in extensions:
                extensions[NAME] = Relay(current_app._get_current_object())  # type: ignore[attr-defined]
    return cast(Relay, extensions[NAME])


def drain(app: Flask) -> None:
    """Close every console of an app; one that never had any has none from now on."""
    with app.app_context():
        relay().drain()
