"""Making and deleting backups, for people and for schedules alike (`app/Services/Backups`)."""
from __future__ import annotations

from datetime import UTC, datetime

from portal.demo.errors import PanelError
from portal.demo.panel import Services
from portal.demo.world import Backup, Server, World

_PHP_BLANKS = " \t\n\r\0\x0b"
_GONE = 404


def non_failed(world: World, server: Server) -> list[Backup]:
    """In progress or successful."""
    return [backup for backup in world.backups_of(server) if _is_non_failed(backup)]


def initiate(services: Services, server: Server, name: str | None, ignored: str, *, is_locked: bool = False,
             rotates: bool = False) -> Backup:
    """`ignored` is one pattern a line.  `rotates`: at the limit the oldest one that is not locked makes room.

    Refuses by throttle, then by limit; what the node refuses leaves no row.
    """
    _refuse_too_often(services, server)
    _refuse_too_many(services, server, rotates=rotates)
    now = services.clock.now()
    moment = datetime.fromtimestamp(int(now), UTC).strftime("%Y-%m-%d %H:%M:%S")
    given = (name or "").strip(_PHP_BLANKS)
    backup = Backup(
        id=services.world.next_id("backups"), uuid=services.chance.uuid(), server=server,
        name=f"Backup at {moment}" if given in ("", "0") else given,
        ignored_files=[line for line in ignored.split("\n") if line], disk=services.config.backup_disk,
        created_at=now, is_locked=is_locked)
    services.link.ask(server, "POST", "/backup", {
        "adapter": backup.disk, "uuid": backup.uuid, "ignore": "\n".join(backup.ignored_files)})
    services.world.backups.append(backup)
    return backup


def delete(services: Services, backup: Backup) -> None:
    """A locked one stays, unless it failed; a node that does not know it has nothing against it."""
    if backup.is_locked and backup.is_successful and backup.completed_at is not None:
        raise PanelError(400, "BackupLockedException", "Cannot delete a backup that is marked as locked.",
                         redirects_back=True)
    if backup.disk == "s3":
        services.objects.delete(backup.server.uuid, backup.uuid)
    else:
        try:
            services.link.ask(backup.server, "DELETE", f"/backup/{backup.uuid}")
        except PanelError as error:
            if error.status != _GONE:
                raise
    backup.deleted_at = services.clock.now()


def restore(services: Services, backup: Backup, *, truncate: bool, download_url: str) -> None:
    """The server counts as restoring from the moment the node has agreed."""
    services.link.ask(backup.server, "POST", f"/backup/{backup.uuid}/restore", {
        "adapter": backup.disk, "truncate_directory": truncate, "download_url": download_url})
    backup.server.status = "restoring_backup"


def _refuse_too_often(services: Services, server: Server) -> None:
    limit, period = services.config.backup_throttle_limit, services.config.backup_throttle_period
    now = services.clock.now()
    recent = [backup for backup in services.world.backups_of(server, deleted=True)
              if _is_non_failed(backup) and int(backup.created_at) >= int(now) - period]
    if period > 0 and len(recent) >= limit:
        wait = str(int(int(recent[-1].created_at) + period - now)) if recent else str(period)
        raise PanelError(429, "TooManyRequestsHttpException",
                         f"Only {limit} backups may be generated within a {period} second span of time.",
                         headers={"Retry-After": wait})


def _refuse_too_many(services: Services, server: Server, *, rotates: bool) -> None:
    limit = server.feature_limits.backups
    existing = non_failed(services.world, server)
    if limit and len(existing) < limit:
        return
    unlocked = [backup for backup in existing if not backup.is_locked] if rotates and limit > 0 else []
    if not unlocked:
        raise PanelError(400, "TooManyBackupsException", "Cannot create a new backup, this server has reached its "
                         f"limit of {limit} backups.", redirects_back=True)
    delete(services, min(unlocked, key=lambda backup: int(backup.created_at)))


def _is_non_failed(backup: Backup) -> bool:
    return backup.completed_at is None or backup.is_successful
