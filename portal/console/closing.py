"""Why a browser's socket is closed: the code that its page acts on, and the reason that it shows (docs/console.md)."""

from __future__ import annotations

from portal.web.i18n import _

RESTART = 1012
NO_ROOM = 1013
OUR_FAULT = 1011
NONSENSE = 4400
SIGNED_OUT = 4401
NOT_ALLOWED = 4403
GONE = 4404
STATE = 4409
CHANGED = 4410
FLOOD = 4429

LONGEST_BYTES = 120
"""Of a reason in UTF-8; a close frame has room for 123."""


class Goodbye(Exception):
    """This browser's socket is to be closed with a code; `word` says which reason is told."""

    def __init__(self, code: int, word: str) -> None:
        super().__init__(code, word)
        self.code = code
        self.word = word
        self.is_logged = False


def reason(code: int, word: str) -> str:
    """What the page shows. A word that is not known here gets the sentence of its code."""
    text = _of_word(word) or _of_code(code)
    return text.encode()[:LONGEST_BYTES].decode(errors="ignore")


def _of_word(word: str) -> str | None:
    return {
        "process": _("All places for consoles are taken. It is tried again by itself."),
        "person": _("You have too many consoles open. Close one of them."),
        "panel": _("The panel cannot be asked now. It is tried again by itself."),
        "key": _("Your connection to the panel has to be set up again. Ask your host."),
        "store": _("The portal is busy. It is tried again by itself."),
        "binary": _("This page sent something that is no text. Load it again."),
        "hello": _("This page did not say what it wants. Load it again."),
        "suspended": _("This server is suspended."),
        "maintenance": _("Your host is working on the machine that runs this server."),
        "installing": _("This server is being installed."),
        "install_failed": _("The installation of this server failed."),
        "restoring_backup": _("A backup of this server is being restored."),
        "transferring": _("This server is being moved to another machine."),
    }.get(word)


def _of_code(code: int) -> str:
    return {
        RESTART: _("The portal restarts. The console comes back by itself."),
        NO_ROOM: _("There is no room now. It is tried again by itself."),
        NONSENSE: _("This page sent something that the portal does not understand. Load it again."),
        SIGNED_OUT: _("You are signed out. Sign in again."),
        NOT_ALLOWED: _("You no longer have access to this console."),
        GONE: _("There is no such server for your account."),
        STATE: _("The server's state does not allow a console just now."),
        CHANGED: _("Your permissions have changed. The console comes back by itself."),
        FLOOD: _("This page sent too much at once. Load it again."),
    }.get(code, _("Something went wrong on our side. It is tried again by itself."))
