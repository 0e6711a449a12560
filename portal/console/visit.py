"""One browser's time at one console: its place at the channel, the loop that tells it what is new, and its end."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from flask import current_app, request

from portal import clock
from portal.auth.sessions import Viewer as Person
from portal.auth.sessions import token_hash
from portal.console import checks, closing, link_words, wire
from portal.console.browser import Browser
from portal.console.closing import Goodbye
from portal.console.commands import PERMISSION, Commands
from portal.console.rates import Bucket
from portal.console.relay import Relay
from portal.console.seats import Seat
from portal.console.tickets import tickets
from portal.credentials import service as credentials
from portal.credentials.service import Credential
from portal.panel import settings
from portal.servers.reading import Opened
from portal.servers.records import SERVICE
from portal.web.log import fields
from portal.wings import ChannelKey, Place, Update, Viewer
from portal.wings.ring import KEPT

log = logging.getLogger("roost.console")

BEAT_S = 15.0
"""A page that hears nothing for longer takes the connection for lost."""
LAST_WORDS = {"state": closing.STATE, "refused": closing.NOT_ALLOWED, "gone": closing.GONE}
"""What the panel says for good instead of a token, and the code that a page is sent away with."""
FRAMES_AT_ONCE, FRAMES_PER_S = 4, 16
"""Never more than 20 in any second, and the first ones after a pause go at once."""


class Visit:
    """What the thread of the request does from the page's first word on."""

    def __init__(self, browser: Browser, here: Relay, person: Person, server: Opened) -> None:
        self._browser = browser
        self._here = here
        self._person = person
        self._server = server
        self._origin = settings().node_origin
        self._frames = Bucket(FRAMES_AT_ONCE, FRAMES_PER_S)
        self._lines = self._dropped = 0

    def run(self, place: Place | None) -> None:
        """Until the browser is gone. Raises Goodbye when it has to go, and wings' Full."""
        credential = credentials.for_account(self._person.account_id, self._person.panel_user_id)
        if not isinstance(credential, Credential):
            raise Goodbye(closing.NOT_ALLOWED, "key")
        own_key = credential.key.identifier if credential.kind == "own" else None
        session = token_hash(self._person.token)
        seat = Seat(self._person, session, self._server.facts, own_key, self._server.rights)
        for _, goodbye in checks.leaving((seat,), checks.stored((seat,))):  # the page's first word may have come late
            raise goodbye
        with self._attached(seat, place) as viewer, self._told(), self._here.seats.seated(seat):
            self._here.keeper.start()
            self._talk(seat, viewer)

    @contextmanager
    def _attached(self, seat: Seat, place: Place | None) -> Iterator[Viewer]:
        """A viewer of the channel that this person may share."""
        uuid, is_own = self._server.facts.uuid, seat.own_key is not None
        owner = self._person.account_id if is_own else SERVICE
        held = {"*"} if seat.rights.is_owner or not is_own else seat.rights.permissions
        app = current_app._get_current_object()  # type: ignore[attr-defined]
        fetch = tickets(app, owner, self._person.panel_user_id, self._server.facts.identifier, self._here.tickets)
        viewer = self._here.hub.attach(
            ChannelKey(uuid, owner, frozenset(held)), self._person.account_id, fetch, self._origin,
            allow=seat.allow, wake=self._browser.wake, place=place,
            address=request.remote_addr if is_own else None,
        )  # fmt: skip
        seat.viewer = viewer
        try:
            yield viewer
        finally:
            viewer.detach()

    @contextmanager
    def _told(self) -> Iterator[None]:
        """One line in the log when it begins and one when it ends."""
        about: dict[str, Any] = {"account": self._person.account_id, "server": self._server.facts.identifier}
        log.info("a console is open", extra=fields(**about))
        began, code = clock.monotonic(), 0
        try:
            yield
            code = self._browser.ended_with
        except Goodbye as goodbye:
            code, goodbye.is_logged = goodbye.code, True
            raise
        finally:
            about |= {"seconds": round(clock.monotonic() - began), "lines": self._lines, "dropped": self._dropped}
            log.info("a console is over", extra=fields(**about, code=code))

    def _talk(self, seat: Seat, viewer: Viewer) -> None:
        """The loop. It reads before it takes, and waits only when there was nothing of either."""
        commands = Commands(self._person, self._server, viewer.channel)
        told = wire.hello(viewer.stream, may_command=seat.allow(PERMISSION), kept=KEPT)
        while self._browser.is_open:
            if (close := viewer.closing) is not None:
                raise Goodbye(close.code, close.word)
            told |= self._obey(commands)
            self._rest()
            told |= self._news(viewer.take())
            if told or not self._browser.wait(BEAT_S):
                self._say(told or {"beat": 1})
            told = {}

    def _obey(self, commands: Commands) -> dict[str, Any]:
        """Do what the browser asks for next, if it does; the answer."""
        message = self._browser.next_message()
        if message is None:
            return {}
        asked = wire.read(message)
        if not isinstance(asked, wire.Command):
            raise Goodbye(closing.NONSENSE, "shape")
        outcome = commands.send(asked.text)
        return wire.answer(asked.number, outcome.word, outcome.said)

    def _news(self, update: Update) -> dict[str, Any]:
        if not update:
            return {}
        self._lines += len(update.lines)
        self._dropped += update.dropped
        told = wire.news(update)
        if update.link is not None:
            if update.link.phase == "over" and update.link.cause in LAST_WORDS:
                raise Goodbye(LAST_WORDS[update.link.cause], update.link.cause)
            told["link"] = link_words.shown(update.link, is_admin=self._person.is_admin, origin=self._origin)
        return told

    def _rest(self) -> None:
        """Let what comes in quick succession gather, so that it goes as one frame."""
        if (seconds := self._frames.wait_s()) > 0:
            clock.sleep(seconds)

    def _say(self, told: dict[str, Any]) -> None:
        self._frames.spend()
        self._browser.send(wire.frame(told))
