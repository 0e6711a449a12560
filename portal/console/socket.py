"""One browser at one server's console: checked before the upgrade, let in, kept told, and said goodbye to.

Each socket has the thread of its request, and that thread alone writes to the browser. It holds no connection of the
store. What is said is in `wire.py`, what goes up and down between here and the node in `portal/wings`.
"""

from __future__ import annotations

import logging
from typing import Any

from flask import Blueprint, abort, request
from simple_websocket import ConnectionClosed
from sqlalchemy.exc import OperationalError

from portal import clock
from portal.console import closing, wire
from portal.console.browser import Browser
from portal.console.closing import Goodbye
from portal.console.relay import Relay, relay
from portal.console.visit import Visit
from portal.extensions import sock
from portal.panel import settings
from portal.pterodactyl import errors
from portal.servers.reading import NoSuchServer, Opened
from portal.servers.state import standing
from portal.web.access import Forbidden, SignedOut, allowed_socket, viewer
from portal.web.log import fields
from portal.web.origin import is_ours
from portal.wings import Full, Place

log = logging.getLogger("roost.console")
bp = Blueprint("console_socket", __name__)

HELLO_S = 10.0


@bp.before_request
def check_handshake() -> None:
    """What a browser sends before it is let in: its own page's origin, and a real handshake.

    Compression is not offered any further: it costs 95 kB a console and a third of the lines (docs/console.md).
    """
    headers = request.headers
    if request.method != "GET" or headers.get("Sec-WebSocket-Version") != "13":
        abort(400)
    if len(headers.get("Sec-WebSocket-Key", "")) != 24:
        abort(400)
    if not is_ours(request, settings().portal_url):
        log.warning("a console was refused to a page of another origin: %s", headers.get("Origin", "none"))
        abort(403)
    request.environ.pop("HTTP_SEC_WEBSOCKET_EXTENSIONS", None)


def refuse(ws: Any, error: Exception) -> None:
    """Close a socket on which something ended; only the close frame can tell the browser what."""
    if isinstance(error, ConnectionClosed):
        return
    goodbye = _goodbye(error)
    Browser(ws).close(goodbye.code, closing.reason(goodbye.code, goodbye.word))
    if not goodbye.is_logged:
        log.info("a console was refused", extra=fields(path=request.path, code=goodbye.code, why=goodbye.word))


@sock.route("/servers/<server:identifier>/console/socket", bp=bp)  # type: ignore[untyped-decorator]
@allowed_socket(
    "websocket.connect", refuse,
    lambda ws: relay().seats.place(Browser(ws), viewer().account_id), lambda: relay().entrances.turn(),
)
def console(ws: Any, server: Opened) -> None:
    """The console of one server for one browser, until one of them has enough."""
    browser, here, person = Browser(ws), relay(), viewer()
    if (state := standing(server.facts)) is not None:
        raise Goodbye(closing.STATE, state.value)
    place = _first_word(browser, here)
    Visit(browser, here, person, server).run(place)


def _goodbye(error: Exception) -> Goodbye:
    match error:
        case Goodbye():
            return error
        case Full():
            is_stopping = relay().seats.is_stopping
            return Goodbye(closing.RESTART, "restart") if is_stopping else Goodbye(closing.NO_ROOM, error.of)
        case SignedOut():
            return Goodbye(closing.SIGNED_OUT, "session")
        case Forbidden():
            return Goodbye(closing.NOT_ALLOWED, "refused")
        case NoSuchServer():
            return Goodbye(closing.GONE, "gone")
        case errors.ServerStateConflict():
            return Goodbye(closing.STATE, "state")
        case errors.PanelError():
            return Goodbye(closing.NO_ROOM, "panel")
        case OperationalError():
            return Goodbye(closing.NO_ROOM, "store")
        case _:
            log.error("unexpected %s at a console", type(error).__name__, exc_info=error)
            return Goodbye(closing.OUR_FAULT, "unexpected")


def _first_word(browser: Browser, here: Relay) -> Place | None:
    """Where the page stood before; it has 10 s to say so."""
    until = clock.monotonic() + HELLO_S
    while (message := browser.next_message()) is None:
        left = until - clock.monotonic()
        if here.seats.is_stopping:
            raise Goodbye(closing.RESTART, "restart")
        if not browser.is_open:
            raise ConnectionClosed
        if left <= 0 or not browser.wait(left):
            raise Goodbye(closing.NONSENSE, "hello")
    said = wire.read(message)
    if not isinstance(said, wire.Hello):
        raise Goodbye(closing.NONSENSE, "hello")
    return said.place
