"""What pages say of backups in words."""

from __future__ import annotations

from portal.web.i18n import _


def problem(word: str) -> str:
    """Why a retention rule is not followed just now."""
    said = {
        "account": _("The account of who set it is closed. Somebody else has to set it again."),
        "permission": _("Who set it may not delete backups here any more. Somebody else has to set it again."),
        "server": _("The panel does not have this server any more."),
        "key": _("The connection to the panel of who set it has to be set up again."),
        "state": _("The state of the server allowed nothing when it was looked at last."),
        "unknown": _("The panel did not answer a deletion in time. The list is read again before anything else."),
        "refused": _("The panel refused a deletion."),
        "busy": _("The panel was too busy. It is tried again in some minutes."),
        "panel": _("The panel could not be asked. It is tried again in some minutes."),
        "wrong": _("Something went wrong on our side. It is tried again in some minutes."),
    }
    return said.get(word, "")
