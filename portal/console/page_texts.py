"""What the console's script says: texts by the script's own names, with {n}, {at} and {command} for it to fill in."""

from __future__ import annotations

from portal.servers.state import State
from portal.servers.words import words
from portal.web.i18n import _

LIVE_STATES = (State.OFFLINE, State.STARTING, State.RUNNING, State.STOPPING)
REPLACED = (*LIVE_STATES, State.UNKNOWN)
"""What the badge may say when the socket knows better."""


def state_words() -> dict[str, tuple[str, str]]:
    """Label and tone of the badge for each of Wings' states, and for the one that is not known yet."""
    return {str(state): (words(state).label, words(state).tone) for state in REPLACED}


def texts() -> dict[str, str]:
    """Everything that the script writes into the page, but for what the relay says itself."""
    return {**_link(), **_log(), **_events(), **_line()}


def _link() -> dict[str, str]:
    return {
        "connecting": _("Connecting…"),
        "live": _("Live"),
        "renewing": _("renewing access"),
        "lost": _("The connection is lost."),
        "lost_portal": _("The connection to this portal is lost."),
        "over": _("The connection has ended."),
        "again_in": _("Trying again in %(number)s s.", number="{n}"),
        "again_now": _("Trying again now…"),
        "again_soon": _("It goes on by itself."),
    }


def _log() -> dict[str, str]:
    return {
        "jump": _("Jump to end"),
        "jump_one": _("1 new line · jump to end"),
        "jump_many": _("%(number)s new lines · jump to end", number="{n}"),
        "dropped_one": _("1 line dropped"),
        "dropped_many": _("%(number)s lines dropped", number="{n}"),
        "too_many": _("%(number)s lines went by too fast to be shown", number="{n}"),
        "gap": _("Lines may be missing here"),
        "found": _("%(number)s found", number="{n}"),
        "found_at": _("%(at)s of %(number)s", at="{at}", number="{n}"),
        "found_none": _("Nothing found"),
        "copied": _("Copied"),
        "not_copied": _("The browser did not allow it"),
        "cleared": _("Cleared"),
        "downloaded": _("Downloaded"),
        "is_offline": _("The server is offline"),
        "is_starting": _("The server is starting"),
        "is_running": _("The server is running"),
        "is_stopping": _("The server is stopping"),
    }


def _events() -> dict[str, str]:
    return {
        "daemon": _("Node:"),
        "install started": _("The server is being installed"),
        "install completed": _("The installation is over"),
        "backup completed": _("A backup is complete"),
        "backup failed": _("A backup did not work"),
        "backup restore completed": _("The restore of a backup is over"),
        "transfer": _("The server is being moved to another machine"),
        "transfer completed": _("The server has been moved to another machine"),
        "transfer success": _("The server has been moved to another machine"),
        "transfer failure": _("Moving the server to another machine did not work"),
        "transfer cancelling": _("Moving the server to another machine is being cancelled"),
    }


def _line() -> dict[str, str]:
    return {
        "empty": _("Enter a command."),
        "granted": _("You may send commands now: load the page again."),
        "sending": _("Sending…"),
        "sending_more": _("Sending… %(number)s more wait.", number="{n}"),
        "sent": _("Sent: %(command)s", command="{command}"),
        "not_sent": _("The connection was lost before this was sent."),
        "unknown": _("The connection was lost. Whether the command was run is not known; look at the output first."),
    }
