"""The states of a server in words: what it is, and what to do now."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from portal.servers.state import State
from portal.web.i18n import _


@dataclass(frozen=True)
class Words:
    """`label` stands in the badge, `advice` says what to do now (may be empty)."""

    label: str
    tone: Literal["good", "busy", "quiet", "warn", "bad"]
    advice: str


def words(state: State) -> Words:
    """A state in words."""
    match state:
        case State.RUNNING:
            return Words(_("Running"), "good", "")
        case State.STARTING:
            return Words(_("Starting"), "busy", "")
        case State.STOPPING:
            return Words(_("Stopping"), "busy", "")
        case State.OFFLINE:
            return Words(_("Offline"), "quiet", "")
        case State.STOPPED_AGAIN:
            advice = _("It went offline within a minute of its start. Look at the console for the reason.")
            return Words(_("Stopped again"), "bad", advice)
        case State.SUSPENDED:
            advice = _("Your host has suspended this server. Its files are kept. Ask your host what to do.")
            return Words(_("Suspended"), "bad", advice)
        case State.MAINTENANCE:
            advice = _("The machine that runs this server is being worked on. Come back later.")
            return Words(_("Maintenance"), "warn", advice)
        case State.INSTALLING:
            return Words(_("Installing"), "busy", _("It is being set up. You can use it when that is done."))
        case State.INSTALL_FAILED:
            advice = _("Setting it up did not work. Ask your host to install it again.")
            return Words(_("Install failed"), "bad", advice)
        case State.REINSTALL_FAILED:
            advice = _("The last reinstall did not work. Files may be incomplete; you can still start it.")
            return Words(_("Reinstall failed"), "warn", advice)
        case State.RESTORING:
            advice = _("A backup is being restored. You can use the server when that is done.")
            return Words(_("Restoring"), "busy", advice)
        case State.TRANSFERRING:
            advice = _("It is being moved to another machine. You can use it when that is done.")
            return Words(_("Moving"), "busy", advice)
        case State.NODE_UNREACHABLE:
            advice = _("The machine that runs this server does not answer. Your files are safe; try again later.")
            return Words(_("Node unreachable"), "bad", advice)
        case State.PANEL_UNREACHABLE:
            advice = _("The panel does not answer, so nobody can say how this server is just now.")
            return Words(_("Not known"), "warn", advice)
        case State.UNKNOWN:
            return Words(_("Checking"), "quiet", "")


def refusal_words(detail: str) -> str:
    """The panel's sentence for a server whose state allows nothing now (409, panel 1.11), in the words of Roost."""
    named = {
        "suspended": State.SUSPENDED,
        "maintenance": State.MAINTENANCE,
        "restoring": State.RESTORING,
        "transferred": State.TRANSFERRING,
    }
    for part, state in named.items():
        if part in detail:
            return words(state).advice
    if "installation" in detail:  # the panel says the same of one that failed
        return _("This server is still being set up, or setting it up did not work.")
    return detail


def problem_words(problem: str) -> Words:
    """What a page says about a reading that is not fresh, by the word that `reading.problem_of` gave it."""
    last_known = _("You see what was known last. Actions work again when it is back.")
    match problem:
        case "panel":
            return Words(_("The panel does not answer"), "warn", last_known)
        case "maintenance":
            return Words(_("Your host is working on the panel"), "warn", last_known)
        case "nonsense":
            return Words(_("The panel gives answers that make no sense"), "warn", last_known)
        case "busy":
            return Words(_("The panel is busy"), "warn", _("Some figures may be older than usual."))
        case "late":
            advice = _("The background process of this portal does not run.")
            return Words(_("These figures are older than they should be"), "warn", advice)
        case "service_refused":
            advice = _("Your host has to look at it. Your servers are not affected.")
            return Words(_("The portal has lost its access to the panel"), "bad", advice)
        case "missing":
            advice = _("Connect it on the page Account; then your servers show here.")
            return Words(_("Your panel account is not connected yet"), "warn", advice)
        case "unlinked":
            advice = _("Ask your host to link it; then your servers show here.")
            return Words(_("Your account is not linked to the panel"), "warn", advice)
        case "key" | "refused" | "unreadable":
            advice = _("Connect it again on the page Account.")
            return Words(_("The panel no longer accepts your key"), "bad", advice)
        case _:
            return Words(_("Something is wrong with the panel"), "warn", _("You see what was known last."))


def signal_words(signal: str) -> tuple[str, str, str]:
    """Name of a power signal, the question before it, and how it is said once it was asked."""
    match signal:
        case "start":
            return _("Start"), _("Start this server?"), _("Start asked")
        case "stop":
            return _("Stop"), _("Stop this server? Players are disconnected."), _("Stop asked")
        case "restart":
            return _("Restart"), _("Restart this server? Players are disconnected for a moment."), _("Restart asked")
        case _:
            return _("Kill"), _("Kill this server? It ends at once; what it has not saved is lost."), _("Kill asked")
