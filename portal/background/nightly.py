"""The nightly backup as a chore, and telling administrators when there is none of the last 36 hours."""

from __future__ import annotations

from contextlib import suppress

from sqlalchemy.exc import OperationalError

from portal import clock
from portal.alerts import service as alerts
from portal.backup import service as backups
from portal.panel import settings
from portal.store import backup
from portal.store.files import BackupError
from portal.web.i18n import _

CAUSE = "backup_old"
OLD_S = 36 * 3600.0


def nightly() -> None:
    """Make the backup if it is time. Raises BackupError; then somebody is told if the last one is too old."""
    try:
        backups.nightly_chore()
    except BackupError as wrong:
        if not any(one.at > clock.now() - OLD_S for one in backup.kept(settings().instance)):
            with suppress(OperationalError):  # a full disk takes no note of it; the log does
                alerts.alert(
                    CAUSE,
                    _("There is no backup of the last 36 hours"),
                    str(wrong),
                    _("Put it right, then make one with `roost backup create`. The doctor says more."),
                )
        raise
    alerts.over(CAUSE)
