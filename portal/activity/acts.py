"""Every act on a server that Roost keeps (`portal/audit`): its sentence, and what the panel's log has of it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from flask_babel import lazy_gettext as _l

from portal.activity.sentences import Sentence, say
from portal.pterodactyl import errors
from portal.web.i18n import _
from portal.web.text import one_line

QUICK_S = 120.0
LONG_S = 7200.0
_MORE = re.compile(r" \(\+(\d{1,6})\)$")
_WITHOUT = re.compile(r":? %\(detail\)s")
_REASON = re.compile(r"([A-Za-z]+)(?:: |$)")


@dataclass(frozen=True)
class Act:
    """`said` is the sentence with %(detail)s, and for files with %(directory)s and %(names)s.

    `events` are the panel's events of it, with how many of each one act may write (0: one for each file). So much
    later than the act begins they come at most: `slow_s`. `group` is the filter that finds it where there are none.
    `is_for_admins`: only administrators of the portal are told.
    """

    said: object
    events: Mapping[str, int]
    group: str = ""
    slow_s: float = QUICK_S
    is_for_admins: bool = False


def _one(said: object, *events: str, slow_s: float = QUICK_S) -> Act:
    return Act(said, dict.fromkeys(events, 1), slow_s=slow_s)


ACTS: Mapping[str, Act] = {
    "power.start": _one(_l("Asked the server to start."), "server:power.start"),
    "power.stop": _one(_l("Asked the server to stop."), "server:power.stop"),
    "power.restart": _one(_l("Asked the server to restart."), "server:power.restart"),
    "power.kill": _one(_l("Asked to kill the server."), "server:power.kill"),
    "console.command": _one(_l("Sent the command %(detail)s."), "server:console.command"),
    "file.read": _one(_l("Opened the file %(detail)s."), "server:file.read"),
    "file.download": _one(_l("Downloaded the file %(detail)s."), "server:file.download"),
    "file.create_folder": _one(_l("Created the folder %(names)s in %(directory)s."), "server:file.create-directory"),
    "file.create_file": _one(
        _l("Created the file %(names)s in %(directory)s."), "server:file.write", "server:file.uploaded"
    ),
    "file.write": _one(_l("Wrote the file %(detail)s."), "server:file.write", "server:file.uploaded"),
    "file.rename": _one(_l("Renamed in %(directory)s: %(names)s."), "server:file.rename"),
    "file.move": _one(_l("Moved out of %(directory)s: %(names)s."), "server:file.rename"),
    "file.copy": _one(_l("Made a copy in %(directory)s of %(names)s."), "server:file.copy"),
    "file.delete": _one(_l("Deleted in %(directory)s: %(names)s."), "server:file.delete"),
    "file.permissions": Act(_l("Changed file permissions in %(directory)s: %(names)s."), {}, "files"),
    "file.upload": Act(_l("Uploaded to %(directory)s: %(names)s."), {"server:file.uploaded": 0}, slow_s=LONG_S),
    "file.pull": _one(_l("Fetched into %(directory)s: %(names)s."), "server:file.pull", slow_s=LONG_S),
    "file.archive": _one(_l("Archived in %(directory)s: %(names)s."), "server:file.compress", slow_s=LONG_S),
    "file.unarchive": _one(_l("Unarchived %(names)s in %(directory)s."), "server:file.decompress", slow_s=LONG_S),
    "egg_feature.eula": _one(_l("Accepted the Minecraft EULA."), "server:file.write"),
    "egg_feature.java_version": _one(_l("Chose the version of Java %(detail)s."), "server:startup.image"),
    "egg_feature.gsl_token": _one(_l("Entered a game server token."), "server:startup.edit"),
    "backup.create": _one(_l("Started the backup %(detail)s."), "server:backup.start"),
    "backup.lock": _one(_l("Locked the backup %(detail)s."), "server:backup.lock"),
    "backup.unlock": _one(_l("Unlocked the backup %(detail)s."), "server:backup.unlock"),
    "backup.restore": _one(_l("Started to restore the backup %(detail)s."), "server:backup.restore"),
    "backup.delete": _one(_l("Deleted the backup %(detail)s."), "server:backup.delete"),
    "backup.download": _one(_l("Downloaded the backup %(detail)s."), "server:backup.download"),
    "backup.retention": Act(_l("Changed which backups are kept: %(detail)s."), {}, "backups"),
    "database.create": _one(_l("Created the database %(detail)s."), "server:database.create"),
    "database.rotate": _one(_l("Changed the password of the database %(detail)s."), "server:database.rotate-password"),
    "database.delete": _one(_l("Deleted the database %(detail)s."), "server:database.delete"),
    "database.reveal": Act(_l("Looked at the password of the database %(detail)s."), {}, "databases"),
    "schedule.create": Act(
        _l("Created the schedule %(detail)s."), {"server:schedule.create": 1, "server:task.create": 1}
    ),
    "schedule.update": _one(_l("Changed the schedule %(detail)s."), "server:schedule.update"),
    "schedule.delete": _one(_l("Deleted the schedule %(detail)s."), "server:schedule.delete"),
    "schedule.execute": _one(_l("Ran the schedule %(detail)s by hand."), "server:schedule.execute"),
    "schedule.import": Act(
        _l("Imported the schedule %(detail)s."), {"server:schedule.create": 1, "server:task.create": 10}
    ),
    "task.create": _one(_l("Added a task to a schedule: %(detail)s."), "server:task.create"),
    "task.update": _one(_l("Changed a task of a schedule: %(detail)s."), "server:task.update"),
    "task.delete": _one(_l("Deleted a task of a schedule: %(detail)s."), "server:task.delete"),
    "allocation.create": _one(_l("Added the allocation %(detail)s."), "server:allocation.create"),
    "allocation.notes": _one(_l("Changed the notes of the allocation %(detail)s."), "server:allocation.notes"),
    "allocation.primary": _one(_l("Made %(detail)s the primary allocation."), "server:allocation.primary"),
    "allocation.delete": _one(_l("Removed the allocation %(detail)s."), "server:allocation.delete"),
    "subuser.create": _one(_l("Added the subuser %(detail)s."), "server:subuser.create"),
    "subuser.update": _one(_l("Changed the permissions of the subuser %(detail)s."), "server:subuser.update"),
    "subuser.delete": _one(_l("Removed the subuser %(detail)s."), "server:subuser.delete"),
    "subuser.resend": Act(_l("Sent the invitation of the subuser %(detail)s again."), {}, "subusers"),
    "startup.update": _one(_l("Changed the variable %(detail)s."), "server:startup.edit"),
    "startup.image": _one(_l("Changed the Docker image to %(detail)s."), "server:startup.image"),
    "settings.rename": _one(
        _l("Changed the name or the description of the server: %(detail)s."),
        "server:settings.rename", "server:settings.description",
    ),
    "settings.reinstall": _one(_l("Started to reinstall the server."), "server:reinstall"),
    "billing.retry": Act(
        _l("Asked for the suspension to be sent to the panel again."), {}, "billing", is_for_admins=True
    ),
}  # fmt: skip


def act_of(action: str) -> Act:
    """What is known of an action; of an unknown one that it is none of the panel's."""
    return ACTS.get(action) or Act(_l("Something that this page has no words for: %(action)s."), {})


def capacity(action: str, detail: str) -> int:
    """How many entries of the panel's log one act may have."""
    events = act_of(action).events
    if 0 in events.values():
        more = _MORE.search(detail)
        return min(1000, detail.count(", ") + 1 + (int(more[1]) if more else 0))
    return sum(events.values())


def reason(detail: str) -> tuple[str, str]:
    """Of the detail of what did not work: what kept it from working, for a page, and the detail itself."""
    found = _REASON.match(detail)
    kind = getattr(errors, found[1], None) if found else None
    if found is None or not (isinstance(kind, type) and issubclass(kind, errors.PanelError)):
        return "", detail
    return _why(kind), detail[found.end() :]


def _why(kind: type[errors.PanelError]) -> str:
    if issubclass(kind, errors.PanelUnreachable | errors.NodeUnreachable):
        return _("The panel or the node did not answer.")
    if issubclass(kind, errors.ServerOffline):
        return _("The server was not running.")
    if issubclass(kind, errors.ServerStateConflict):
        return _("The state of the server forbade it.")
    if issubclass(kind, errors.Busy):
        return _("It was too much at once.")
    if issubclass(kind, errors.NotAllowed | errors.KeyRefused):
        return _("The access was missing.")
    return ""


def told(action: str, detail: str) -> Sentence:
    """What somebody did through Roost."""
    directory, colon, names = detail.partition(": ")
    values = {"detail": detail, "action": one_line(action, 60)}
    values |= {"directory": directory, "names": names} if colon else {"directory": "", "names": detail}
    said = str(act_of(action).said)
    return say(said if detail else _WITHOUT.sub("", said), values)
