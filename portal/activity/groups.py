"""What a person can ask the log for: groups of events."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from portal.activity.acts import act_of
from portal.web.i18n import _


@dataclass(frozen=True)
class Group:
    """Events by how their names begin. `asks` is the part of a name that the panel can look for; "" where no single
    part has them all, so that everything is read and looked through here. None: the panel has nothing of it."""

    beginnings: tuple[str, ...]
    asks: str | None = ""


GROUPS: Mapping[str, Group] = {
    "power": Group(("server:power.",), "server:power"),
    "console": Group(("server:console.",), "server:console"),
    "files": Group(("server:file.",), "server:file"),
    "sftp": Group(("server:sftp.",), "server:sftp"),
    "backups": Group(("server:backup.", "server.backup."), "backup."),
    "databases": Group(("server:database.",), "server:database"),
    "schedules": Group(("server:schedule.", "server:task.")),
    "network": Group(("server:allocation.",), "server:allocation"),
    "subusers": Group(("server:subuser.",), "server:subuser"),
    "startup": Group(("server:startup.",), "server:startup"),
    "settings": Group(("server:settings.", "server:reinstall")),
    "billing": Group((), None),
}


def labels(*, is_admin: bool) -> dict[str, str]:
    """The groups in words; only administrators are told of what billing asks of the panel."""
    known = {
        "power": _("Power"), "console": _("Console"), "files": _("Files"), "sftp": _("SFTP"), "backups": _("Backups"),
        "databases": _("Databases"), "schedules": _("Schedules"), "network": _("Network"), "subusers": _("Subusers"),
        "startup": _("Startup"), "settings": _("Settings"), "billing": _("Billing"),
    }  # fmt: skip
    return {name: label for name, label in known.items() if is_admin or name != "billing"}


def has_event(group: str, event: str) -> bool:
    """Whether an event of the panel belongs to a group; "" has all of them."""
    return not group or event.startswith(GROUPS[group].beginnings)


def has_action(group: str, action: str) -> bool:
    """Whether an act of Roost's own log belongs to a group."""
    act = act_of(action)
    return not group or act.group == group or any(has_event(group, event) for event in act.events)
