"""Commands that come up a browser's socket: who may, how often, and one line in the audit for each."""

from __future__ import annotations

from dataclasses import dataclass, replace

from sqlalchemy.exc import OperationalError

from portal.audit import service as audit
from portal.auth import sessions
from portal.auth.sessions import Viewer as Person
from portal.console.rates import Bucket
from portal.pterodactyl import errors
from portal.servers import reading, records
from portal.servers.reading import NoSuchServer, Opened
from portal.web.errors import sentence
from portal.web.i18n import _
from portal.wings import Channel

LONGEST = 500
PERMISSION = "control.console"


@dataclass(frozen=True)
class Outcome:
    """What became of a command: sent, dropped, unknown or refused; `said` is a sentence unless it was sent."""

    word: str
    said: str | None = None


class Commands:
    """The commands of one person at one console. Nothing is ever sent twice."""

    def __init__(self, person: Person, server: Opened, channel: Channel) -> None:
        self._person = person
        self._server = server
        self._channel = channel
        self._bucket = Bucket(10, 4)

    def send(self, text: str) -> Outcome:
        """Send one line, if it may be sent; waits until its fate is known (3 s at most)."""
        line = one_line(text)
        if not line:
            return Outcome("refused", _("Enter a command."))
        if len(line) > LONGEST:
            return Outcome("refused", _("A command may have at most %(max)d characters.", max=LONGEST))
        if not self._bucket.take():
            return Outcome("refused", _("Too many commands at once. Wait a moment."))
        try:
            return self._send(line)
        except NoSuchServer:
            return Outcome("refused", _("There is no such server for your account."))
        except errors.PanelError as error:
            return Outcome("refused", sentence(error)[1])
        except OperationalError:
            return Outcome("refused", _("The portal is busy. It was not sent; try again."))

    def _send(self, line: str) -> Outcome:
        if not self._may():
            return Outcome("refused", _("You do not have the permission for that."))
        if sessions.load(self._person.token) is None:  # last: asking the panel may have taken long
            return Outcome("refused", _("You are signed out. The command was not sent."))
        try:
            with audit.acting(self._person, "console.command", self._server.facts.uuid, line):
                self._hand_over(line)
        except errors.OutcomeUnknown:
            return Outcome("unknown", _("Whether the command was run is not known: the connection was lost."))
        except errors.ServerOffline:
            return Outcome("dropped", _("The server is not running. Start it first."))
        except errors.NodeUnreachable:
            return Outcome("dropped", _("The console is not connected. The command was not sent."))
        return Outcome("sent")

    def _may(self) -> bool:
        """By what is stored now, or what the panel says when that is more than a minute old."""
        rights = records.rights(self._server.facts.uuid, self._person.panel_user_id or 0)
        if rights is None or not rights.allow(PERMISSION):
            return False
        return reading.fresh_rights(self._person, replace(self._server, rights=rights)).allow(PERMISSION)

    def _hand_over(self, line: str) -> None:
        """Raises what the same refusal of the panel is called, so that the audit has one language."""
        outcome = self._channel.send_command(line)
        if outcome == "unknown":
            raise errors.OutcomeUnknown(errors.NodeUnreachable())
        if outcome == "dropped" and self._channel.state == "offline":
            raise errors.ServerOffline
        if outcome == "dropped":
            raise errors.NodeUnreachable


def one_line(text: str) -> str:
    """A command as it is sent: what was several lines is one."""
    return " ".join(text.splitlines()).strip()
