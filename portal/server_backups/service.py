"""Backups of a server: the page, and what is done with one. Each act reads the backup first and refuses what its state
does not allow; the panel would let it through.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from portal import clock
from portal.auth.sessions import Viewer
from portal.pterodactyl import errors
from portal.pterodactyl.models import Backup
from portal.server_backups import keeping, leaving_out, retention
from portal.server_backups.retention import Standing
from portal.server_backups.standing import Act, Row, refusal, row_of
from portal.server_backups.throttle import Throttle, throttle
from portal.servers.door import acting, demand, looking
from portal.servers.reading import Opened
from portal.servers.trouble import Trouble, seen
from portal.unfit import Unfit
from portal.web.i18n import _

THROTTLED: Final = "TooManyRequestsHttpException"
"""The panel's word for too many backups; too many calls have another one."""


class TooSoon(Exception):
    """The panel makes no backup yet; `at` is when it says that it will again (epoch seconds)."""

    def __init__(self, at: float) -> None:
        super().__init__()
        self.at = at


@dataclass(frozen=True)
class Listing:
    """All backups of a server, newest first. `used` of `limit` are taken; 0 means that there may be none at all."""

    rows: tuple[Row, ...]
    limit: int
    used: int
    total_bytes: int
    throttle: Throttle
    standing: Standing

    @property
    def is_full(self) -> bool:
        """Whether the panel refuses another one."""
        return self.used >= self.limit

    @property
    def running(self) -> tuple[Row, ...]:
        """Those that are being made, and are expected to end."""
        return tuple(one for one in self.rows if one.backup.state == "in progress" and not one.is_stuck)

    @property
    def poll_s(self) -> int:
        """How often to look again; 0: nothing runs that would end by itself."""
        if not self.running:
            return 0
        return 4 if clock.now() - max(one.began_at for one in self.running) < 120 else 15

    @property
    def good(self) -> int:
        """How many can be restored."""
        return sum(one.backup.state == "done" for one in self.rows)


@dataclass(frozen=True)
class Restoring:
    """Instead of a list: a backup is being restored, and until that is done the panel says nothing of them."""

    message: str


def page(viewer: Viewer, opened: Opened) -> Listing | Restoring | Trouble:
    """All that the page says, or why it cannot be said. One panel call for each 50 backups."""
    demand(opened, "backup.read")

    def look() -> Listing | Restoring:
        try:
            return listing(viewer, opened)
        except errors.ServerStateConflict as error:
            if "restoring" not in error.detail:
                raise
            return Restoring(_("A backup is being restored. Until that is done, the server cannot be used."))

    return seen(opened, look)


def listing(viewer: Viewer, opened: Opened) -> Listing:
    """The same without catching the library's errors."""
    found = every(viewer, opened)
    now = clock.now()
    good = keeping.good(found)
    rows = sorted(found, key=lambda one: (one.created_at, one.uuid), reverse=True)
    return Listing(
        rows=tuple(row_of(one, opened.rights, now, is_only_good=good == [one]) for one in rows),
        limit=opened.facts.backups,
        used=sum(one.state != "failed" for one in found),
        total_bytes=sum(one.bytes for one in found if one.state == "done"),
        throttle=throttle(opened.facts.uuid, found),
        standing=retention.standing(viewer, opened.facts.uuid, found),
    )


def every(viewer: Viewer, opened: Opened) -> list[Backup]:
    """All backups of a server. Raises the library's errors."""
    with looking(viewer) as api:
        return list(api.backups.iterate(opened.facts.uuid))


def read_one(viewer: Viewer, opened: Opened, backup_uuid: str, act: Act) -> Backup:
    """The backup that something shall be done with; one panel call.

    Raises Unfit when it is gone or its state does not allow it, Forbidden, and the library's errors.
    """
    demand(opened, "backup.read")
    try:
        with looking(viewer) as api:
            backup = api.backups.view(opened.facts.uuid, backup_uuid)
    except errors.NotFound as error:
        raise Unfit(_("This backup is not there any more. It may have been deleted meanwhile.")) from error
    if why := refusal(backup, act):
        raise Unfit(why)
    return backup


def create(viewer: Viewer, opened: Opened, name: str = "", ignored: str = "", *, is_locked: bool = False) -> Backup:
    """Start a backup. `ignored` has a pattern on each line; none at all: the server's own list counts.

    Raises Unfit, TooSoon, and the library's errors.
    """
    demand(opened, "backup.create")
    if is_locked and not opened.rights.allow("backup.delete"):
        message = _("Locking a backup needs backup.delete, which your access to this server does not include.")
        raise Unfit(message, field="is_locked")
    if opened.facts.backups <= 0:
        raise Unfit(_("Your host gives this server no backups."))
    patterns = leaving_out.lines_of(ignored)
    try:
        with acting(viewer, "backup.create", opened.facts.uuid, name) as api:
            return api.backups.create(
                opened.facts.uuid, name=name or None, ignored=patterns or None, is_locked=is_locked or None
            )
    except errors.Busy as error:
        if error.code == THROTTLED and not error.local:
            raise TooSoon(clock.now() + max(1.0, error.retry_after_s)) from error
        raise


def set_locked(viewer: Viewer, opened: Opened, backup_uuid: str, *, locked: bool) -> Backup:
    """Lock or unlock; the panel can only turn a lock over, so what comes back is how it is now, wanted or not."""
    demand(opened, "backup.delete")
    backup = read_one(viewer, opened, backup_uuid, "lock" if locked else "unlock")
    if backup.is_locked == locked:
        return backup
    with acting(viewer, "backup.lock" if locked else "backup.unlock", opened.facts.uuid, backup.name) as api:
        now = api.backups.set_locked(opened.facts.uuid, backup_uuid, locked=locked)
        if now.is_locked == locked:
            return now
        return api.backups.set_locked(opened.facts.uuid, backup_uuid, locked=locked)  # sent twice, or by two people


def restore(viewer: Viewer, opened: Opened, backup_uuid: str, *, truncate: bool) -> Backup:
    """Start to restore a backup; `truncate` empties the server first. Only one that is done: the node empties the
    server before it looks whether there is an archive."""
    demand(opened, "backup.restore")
    backup = read_one(viewer, opened, backup_uuid, "restore")
    with acting(viewer, "backup.restore", opened.facts.uuid, backup.name) as api:
        api.backups.restore(opened.facts.uuid, backup_uuid, truncate=truncate)
    return backup


def delete(viewer: Viewer, opened: Opened, backup_uuid: str) -> Backup:
    """Delete a backup that is done and not locked, or one that failed."""
    demand(opened, "backup.delete")
    backup = read_one(viewer, opened, backup_uuid, "delete")
    with acting(viewer, "backup.delete", opened.facts.uuid, backup.name) as api:
        api.backups.delete(opened.facts.uuid, backup_uuid)
    return backup
