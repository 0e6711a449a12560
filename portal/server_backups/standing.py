"""One backup as a page shows it: how it stands, and what a person may do with it in that state.

The panel refuses next to nothing of this: it hands out half a backup, and puts a failed one into an emptied server.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

from portal.pterodactyl.models import Backup
from portal.servers.rights import Rights
from portal.web.i18n import _

Act = Literal["download", "restore", "lock", "unlock", "delete"]
NEEDS: Final[dict[Act, str]] = {
    "download": "backup.download",
    "restore": "backup.restore",
    "lock": "backup.delete",
    "unlock": "backup.delete",
    "delete": "backup.delete",
}
STUCK_S: Final = 7200.0
"""Even a big server is packed in less; the panel itself gives up only after six hours, and looks every half hour."""


@dataclass(frozen=True)
class Row:
    """A backup and what is offered for it. `is_stuck`: it runs for longer than backups take."""

    backup: Backup
    acts: tuple[Act, ...]
    is_stuck: bool = False
    is_only_good: bool = False

    @property
    def began_at(self) -> float:
        """Since when it runs, or when it was started."""
        return self.backup.created_at.timestamp()

    @property
    def ended_at(self) -> float | None:
        """When it was done or failed."""
        return self.backup.completed_at.timestamp() if self.backup.completed_at else None

    @property
    def checksum(self) -> tuple[str, str]:
        """How the checksum was made and what it is; empty when there is none."""
        kind, _colon, digits = (self.backup.checksum or "").rpartition(":")
        return kind, digits


def refusal(backup: Backup, act: Act) -> str:
    """Why something cannot be done with a backup in its state; empty when it can."""
    if backup.state == "in progress":
        return _("This backup is still being made. Until it is done there is nothing to do but wait.")
    if backup.state == "failed" and act != "delete":
        return _("This backup failed, so there is nothing in it. It can only be deleted.")
    if act == "delete" and backup.state == "done" and backup.is_locked:
        return _("This backup is locked, so it is not deleted. Unlock it first if it really shall go.")
    return ""


def row_of(backup: Backup, rights: Rights, now: float, *, is_only_good: bool = False) -> Row:
    """A backup as somebody with these rights sees it."""
    wanted: tuple[Act, ...] = ("download", "restore", "unlock" if backup.is_locked else "lock", "delete")
    acts = tuple(one for one in wanted if rights.allow(NEEDS[one]) and not refusal(backup, one))
    is_stuck = backup.state == "in progress" and now - backup.created_at.timestamp() > STUCK_S
    return Row(backup, acts, is_stuck, is_only_good)
