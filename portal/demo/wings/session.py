"""What one peer of a server's websocket may say and is told (`router/websocket/websocket.go`)."""
from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable

from portal.demo.remote import Unknown
from portal.demo.wings import grants
from portal.demo.wings.bus import Event
from portal.demo.wings.console import OUTPUT
from portal.demo.wings.frames import Message, decode, encode
from portal.demo.wings.grants import Grant, JwtError, grant_of
from portal.demo.wings.node import WingsNode
from portal.demo.wings.outbox import Outbox
from portal.demo.wings.process import PowerLocked, PowerRefused, Process
from portal.demo.wings.stats import stats_text
from portal.demo.wings.tokens import BadToken

EXPIRY_TICK_SECONDS = 30.0
EXPIRING_SECONDS = 60
UNEXPECTED = "an unexpected error was encountered while handling this request"


class Session:
    """One socket's state; it never closes anything because of a token."""

    def __init__(self, node: WingsNode, server_uuid: str, process: Process, ip: str, outbox: Outbox) -> None:
        self._node = node
        self._server_uuid = server_uuid
        self._process = process
        self._ip = ip
        self._outbox = outbox
        self._grant: Grant | None = None
        self._leave: Callable[[], None] | None = None
        self._watched_since = 0.0
        self._ticks = 0
        self._has_ended = False
        self._held: list[tuple[float, Message]] = []
        self._lock = threading.RLock()
        self._acts: dict[str, Callable[[Grant, Message], None]] = {
            "set state": self._set_state, "send command": self._send_command,
            "send logs": self._send_logs, "send stats": self._send_stats,
        }

    def receive(self, data: bytes) -> None:
        """One inbound message; what cannot be decoded is dropped without a word."""
        message = decode(data)
        if message is None:
            return
        faults = self._node.socket_faults
        if message.event == "auth" and faults.delay_auth:
            self._hold(message, faults.delay_auth)
        elif faults.reorders and not self._held:
            self._hold(message, 0.0)
        else:
            self._handle(message)
            if faults.reorders:
                self._handle_held()

    def tick(self) -> None:
        """Messages that were held back, and each 30 seconds a look at the token's end."""
        self._handle_held()
        grant = self._grant
        if grant is None:
            return
        ticks = int((self._node.clock.now() - self._watched_since) // EXPIRY_TICK_SECONDS)
        is_due, self._ticks = ticks > self._ticks, ticks
        if is_due:
            if grant.seconds_left <= 0:
                self._send("token expired")
            elif grant.seconds_left <= EXPIRING_SECONDS:
                self._send("token expiring")

    def end(self) -> None:
        """Nothing is heard any more, nor by an `auth` that is still at work."""
        with self._lock:
            self._has_ended = True
            if self._leave is not None:
                self._leave()

    def hear(self, event: Event) -> None:
        """Something happened to the server; the node's bus cuts a name at its colon."""
        name = event.name if self._node.config.backup_event_has_suffix else event.name.partition(":")[0]
        frame = self._checked(name, *event.args)
        if frame is not None:
            self._outbox.offer(event.channel, frame)

    def _hold(self, message: Message, seconds: float) -> None:
        with self._lock:
            self._held.append((self._node.clock.now() + seconds, message))

    def _handle_held(self) -> None:
        now = self._node.clock.now()
        with self._lock:
            due = [message for at, message in self._held if at <= now]
            self._held = [(at, message) for at, message in self._held if at > now]
        for message in due:
            self._handle(message)

    def _handle(self, message: Message) -> None:
        try:
            if message.event == "auth":
                self._authenticate(message)
                return
            try:
                grant = self._valid()
            except JwtError as error:
                self._say("jwt error", error.text)
                return
            act = self._acts.get(message.event)
            if act is not None:
                act(grant, message)
        except JwtError as error:
            self._say("jwt error", self._marked(error.text))
        except PowerLocked as error:
            self._send("daemon error", self._marked(error.text))
        except (BadToken, PowerRefused) as error:
            reads_errors = self._grant is not None and self._grant.may(grants.ERRORS)
            self._say("daemon error", self._marked(str(error) if reads_errors else UNEXPECTED))

    def _authenticate(self, message: Message) -> None:
        grant = grant_of(self._node, message.text)
        with self._lock:
            is_first = self._grant is None
            self._grant = grant
        self._say("auth success")
        if not is_first:
            return
        self._watched_since = self._node.clock.now()
        with self._lock:
            if self._has_ended:
                return
            self._leave = self._process.listen(self.hear, lambda state: self._send("status", state))
        state = self._process.state
        is_at_work = self._process.is_busy and self._process.busy_with != "restoring"
        if state == "offline" and not is_at_work:
            self._send_stats(grant, message)

    def _set_state(self, grant: Grant, message: Message) -> None:
        action = message.text
        needed = grants.POWER.get(action)
        if needed is not None and not grant.may(needed):
            return
        self._process.request(action)
        self._report(grant, f"server:power.{action}", {})

    def _send_command(self, grant: Grant, message: Message) -> None:
        if not grant.may(grants.CONSOLE) or self._process.state == "offline":
            return
        self._process.send_command(message.text)
        self._report(grant, "server:console.command", {"command": message.text})

    def _send_logs(self, _grant: Grant, _message: Message) -> None:
        for line in self._process.history(self._node.config.websocket_log_count):
            self._send(OUTPUT, line)

    def _send_stats(self, _grant: Grant, _message: Message) -> None:
        self._send("stats", stats_text(self._process, sorted_keys=False))

    def _report(self, grant: Grant, event: str, properties: dict[str, str]) -> None:
        with contextlib.suppress(Unknown):
            self._node.remote.report_activity(self._server_uuid, grant.user_uuid, event, properties, self._ip)

    def _valid(self) -> Grant:
        grant = self._grant
        if grant is None:
            raise JwtError(grants.NOT_PRESENT)
        grant.require(self._server_uuid)
        return grant

    def _checked(self, event: str, *args: str) -> str | None:
        """The frame; an error about the token instead of it, or nothing when the token does not show such events."""
        try:
            grant = self._valid()
        except JwtError as error:
            return encode("jwt error", error.text)
        needed = grants.NEEDED_TO_SEE.get(event.partition(":")[0])
        return encode(event, *args) if needed is None or grant.may(needed) else None

    def _send(self, event: str, *args: str) -> None:
        frame = self._checked(event, *args)
        if frame is not None:
            self._outbox.send(frame)

    def _say(self, event: str, *args: str) -> None:
        """Whatever the token is."""
        self._outbox.send(encode(event, *args))

    def _marked(self, text: str) -> str:
        return f"Error Event [{self._node.chance.uuid()}]: {text}"
