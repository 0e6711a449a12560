"""Groups of permissions and presets in words."""

from __future__ import annotations

from portal.web.i18n import _


def group_title(name: str) -> str:
    """What a group of the panel is about; one that Roost does not know by the panel's own name."""
    titles = {
        "websocket": _("Console, to look at"),
        "control": _("Commands and power"),
        "user": _("Subusers"),
        "file": _("Files"),
        "backup": _("Backups"),
        "allocation": _("Network"),
        "startup": _("Startup"),
        "database": _("Databases"),
        "schedule": _("Schedules"),
        "settings": _("Settings"),
        "activity": _("Activity"),
    }
    return titles.get(name, name)


def preset_title(name: str) -> str:
    """A preset, as it is chosen."""
    titles = {
        "viewer": _("Viewer"),
        "operator": _("Operator"),
        "files": _("File manager"),
        "everything": _("Everything"),
    }
    return titles[name]


def preset_text(name: str) -> str:
    """Who a preset is for."""
    texts = {
        "viewer": _("Looks at the console and at lists, and changes nothing."),
        "operator": _("Runs the server: power, commands, backups and schedules."),
        "files": _("Works on files, here and over SFTP, and makes backups."),
        "everything": _("All that the panel has, also deleting and inviting others."),
    }
    return texts[name]
