"""Every event of the panel's log as a sentence (panel 1.11, `config/activity.php` and what writes to it).

The places of a sentence are named like the event's properties. Account events never concern a server; they have
sentences because the panel's list is one.
"""

from __future__ import annotations

from collections.abc import Mapping

from flask_babel import lazy_gettext as _l

from portal.activity.sentences import Props, Sentence, Teller, say
from portal.web.i18n import _, counted
from portal.web.text import one_line

PLAIN: Mapping[str, object] = {
    "server:power.start": _l("Asked the server to start."),
    "server:power.stop": _l("Asked the server to stop."),
    "server:power.restart": _l("Asked the server to restart."),
    "server:power.kill": _l("Asked to kill the server."),
    "server:console.command": _l("Sent the command %(command)s."),
    "server:reinstall": _l("Started to reinstall the server."),
    "server:settings.rename": _l("Renamed the server from %(old)s to %(new)s."),
    "server:settings.description": _l("Changed the description from %(old)s to %(new)s."),
    "server:startup.edit": _l("Changed the variable %(variable)s from %(old)s to %(new)s."),
    "server:startup.image": _l("Changed the Docker image from %(old)s to %(new)s."),
    "server:allocation.create": _l("Added the allocation %(allocation)s."),
    "server:allocation.primary": _l("Made %(allocation)s the primary allocation."),
    "server:allocation.delete": _l("Removed the allocation %(allocation)s."),
    "server:allocation.notes": _l("Changed the notes of %(allocation)s from %(old)s to %(new)s."),
    "server:database.create": _l("Created the database %(name)s."),
    "server:database.rotate-password": _l("Changed the password of the database %(name)s."),
    "server:database.delete": _l("Deleted the database %(name)s."),
    "server:backup.lock": _l("Locked the backup %(name)s."),
    "server:backup.unlock": _l("Unlocked the backup %(name)s."),
    "server:backup.download": _l("Downloaded the backup %(name)s."),
    "server:backup.complete": _l("The backup %(name)s is done."),
    "server:backup.fail": _l("The backup %(name)s failed."),
    "server:backup.restore-complete": _l("The backup %(name)s has been restored."),
    "server:backup.restore-failed": _l("The backup %(name)s could not be restored."),
    "server.backup.restore-failed": _l("The backup %(name)s could not be restored."),
    "server:file.read": _l("Opened the file %(file)s."),
    "server:file.download": _l("Downloaded the file %(file)s."),
    "server:file.write": _l("Wrote the file %(file)s."),
    "server:file.copy": _l("Made a copy of %(file)s."),
    "server:file.create-directory": _l("Created the folder %(name)s in %(directory)s."),
    "server:file.rename": _l("Renamed or moved in %(directory)s: %(files)s."),
    "server:file.compress": _l("Archived in %(directory)s: %(files)s."),
    "server:file.decompress": _l("Unarchived %(files)s in %(directory)s."),
    "server:file.delete": _l("Deleted in %(directory)s: %(files)s."),
    "server:file.pull": _l("Fetched %(url)s into %(directory)s."),
    "server:file.upload": _l("Started to upload files."),
    "server:file.uploaded": _l("Uploaded %(file)s to %(directory)s."),
    "server:schedule.create": _l("Created the schedule %(name)s."),
    "server:schedule.execute": _l("Ran the schedule %(name)s by hand."),
    "server:schedule.delete": _l("Deleted the schedule %(name)s."),
    "server:task.delete": _l("Deleted a task of the schedule %(name)s."),
    "server:subuser.delete": _l("Removed the subuser %(email)s."),
    "server:sftp.denied": _l("Was refused at SFTP."),
    "server:sftp.write": _l("Wrote over SFTP: %(files)s."),
    "server:sftp.create": _l("Created over SFTP: %(files)s."),
    "server:sftp.create-directory": _l("Created folders over SFTP: %(files)s."),
    "server:sftp.rename": _l("Renamed or moved over SFTP: %(files)s."),
    "server:sftp.delete": _l("Deleted over SFTP: %(files)s."),
    "user:account.email-changed": _l("Changed the e-mail address from %(old)s to %(new)s."),
    "user:account.password-changed": _l("Changed the password."),
    "user:api-key.create": _l("Created the API key %(identifier)s."),
    "user:api-key.delete": _l("Deleted the API key %(identifier)s."),
    "user:ssh-key.create": _l("Added the SSH key %(fingerprint)s."),
    "user:ssh-key.delete": _l("Removed the SSH key %(fingerprint)s."),
    "user:two-factor.create": _l("Switched two-factor sign-in on."),
    "user:two-factor.delete": _l("Switched two-factor sign-in off."),
    "auth:ip-blocked": _l("The API key %(identifier)s was used from an address that it does not allow."),
    "auth:success": _l("Signed in to the panel."),
    "auth:fail": _l("Failed to sign in to the panel."),
    "auth:checkpoint": _l("Was asked for the second factor by the panel."),
    "auth:token": _l("Signed in to the panel with a second factor."),
    "auth:recovery-token": _l("Signed in to the panel with a recovery token."),
    "auth:reset-password": _l("Asked the panel for a new password."),
    "auth:sftp.fail": _l("Failed to sign in at SFTP."),
    "event:password-reset": _l("Set a new password on the panel."),
}


def _started(props: Props) -> Sentence:
    template = _("Started the locked backup %(name)s.") if props.flag("locked") else _("Started the backup %(name)s.")
    return props.sentence(template)


def _deleted(props: Props) -> Sentence:
    template = _("Deleted the failed backup %(name)s.") if props.flag("failed") else _("Deleted the backup %(name)s.")
    return props.sentence(template)


def _restored(props: Props) -> Sentence:
    if props.flag("truncate"):
        return props.sentence(_("Started to restore the backup %(name)s after deleting all files of the server."))
    return props.sentence(_("Started to restore the backup %(name)s."))


def _schedule(props: Props) -> Sentence:
    if "active" not in props.values:
        return props.sentence(_("Changed the schedule %(name)s."))
    if props.flag("active"):
        return props.sentence(_("Changed the schedule %(name)s, which is active."))
    return props.sentence(_("Changed the schedule %(name)s, which is not active."))


def _task_made(props: Props) -> Sentence:
    return props.sentence(_("Added a task to the schedule %(name)s: %(does)s."), does=_does(props))


def _task_changed(props: Props) -> Sentence:
    return props.sentence(_("Changed a task of the schedule %(name)s: %(does)s."), does=_does(props))


def _does(props: Props) -> str:
    return " ".join(text for text in (props.text("action", 60), props.text("payload", 100)) if text)


def _invited(props: Props) -> Sentence:
    return props.sentence(_("Added the subuser %(email)s with %(many)s."), many=_permissions(props, "permissions"))


def _rights(props: Props) -> Sentence:
    return props.sentence(
        _("Changed the permissions of the subuser %(email)s from %(before)s to %(after)s."),
        before=_permissions(props, "old"), after=_permissions(props, "new"),
    )  # fmt: skip


def _permissions(props: Props, key: str) -> str:
    held = props.values.get(key)
    if not isinstance(held, list | dict):
        return ""
    return counted("%(num)d permission", "%(num)d permissions", len(held))


SPECIAL: Mapping[str, Teller] = {
    "server:backup.start": _started,
    "server:backup.delete": _deleted,
    "server:backup.restore": _restored,
    "server:schedule.update": _schedule,
    "server:task.create": _task_made,
    "server:task.update": _task_changed,
    "server:subuser.create": _invited,
    "server:subuser.update": _rights,
}
KNOWN = frozenset(PLAIN) | frozenset(SPECIAL)
FROM_NODES = frozenset(("server:console.command", "server:file.uploaded"))
"""What nodes report themselves of the portal's sockets and uploads: that is not marked as done with an API key."""


def told(event: str, props: Props) -> Sentence:
    """What happened. An event that Roost does not know is said to be so, by its name."""
    if event in SPECIAL:
        return SPECIAL[event](props)
    if event in PLAIN:
        return props.sentence(PLAIN[event])
    return say(_("Something that this portal has no words for: %(event)s."), {"event": one_line(event, 100)})
