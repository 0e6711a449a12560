"""What a subuser can be given: the panel's catalogue, kept in this process for hours, and presets made of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal, get_args

from flask import current_app

from portal import clock
from portal.auth.sessions import Viewer
from portal.pterodactyl import errors
from portal.pterodactyl.client.subusers import ALWAYS_GIVEN
from portal.pterodactyl.models import Permission, PermissionGroup
from portal.servers.door import looking

KEPT_S: Final = 6 * 3600.0
AGAIN_S: Final = 60.0
"""After the catalogue could not be read it is asked for again by whoever comes this much later."""
_NAMES: Final = {
    "websocket": ("connect",),
    "control": ("console", "start", "stop", "restart"),
    "user": ("create", "read", "update", "delete"),
    "file": ("create", "read", "read-content", "update", "delete", "archive", "sftp"),
    "backup": ("create", "read", "delete", "download", "restore"),
    "allocation": ("read", "create", "update", "delete"),
    "startup": ("read", "update", "docker-image"),
    "database": ("create", "read", "update", "delete", "view_password"),
    "schedule": ("create", "read", "update", "delete"),
    "settings": ("rename", "reinstall"),
    "activity": ("read",),
}
"""As the panel 1.11 has them: what is offered, without descriptions, while the panel cannot be asked."""
PresetName = Literal["viewer", "operator", "files", "everything"]
PRESETS: tuple[PresetName, ...] = get_args(PresetName)
_READING: Final = ("file.read", "backup.read", "allocation.read", "database.read", "schedule.read", "activity.read")
_GIVES: Final[dict[PresetName, tuple[str, ...]]] = {
    "viewer": _READING,
    "operator": (
        *_READING, "control.console", "control.start", "control.stop", "control.restart", "file.read-content",
        "backup.create", "startup.read", "schedule.create", "schedule.update",
    ),
    "files": (
        "file.create", "file.read", "file.read-content", "file.update", "file.delete", "file.archive", "file.sftp",
        "backup.read", "backup.create",
    ),
}  # fmt: skip
"""Beside `websocket.connect`. Everything is all that the catalogue has."""


@dataclass(frozen=True)
class Catalogue:
    """The panel's groups in its order. `is_described`: with its own texts, and not only the names that Roost knows."""

    groups: tuple[PermissionGroup, ...]
    is_described: bool

    @property
    def names(self) -> tuple[str, ...]:
        """All permissions in the panel's order."""
        return tuple(one.name for group in self.groups for one in group.permissions)

    def gives(self, preset: str) -> tuple[str, ...]:
        """What a preset is made of, in the panel's order; nothing for a name that is none."""
        if preset == "everything":
            return self.names
        wanted = next((given for name, given in _GIVES.items() if name == preset), None)
        return () if wanted is None else tuple(one for one in self.names if one in wanted or one == ALWAYS_GIVEN)


@dataclass(frozen=True)
class _Kept:
    catalogue: Catalogue
    until: float


BUILT_IN = Catalogue(
    tuple(
        PermissionGroup(group, "", tuple(Permission(f"{group}.{key}", "") for key in keys))
        for group, keys in _NAMES.items()
    ),
    False,
)


def catalogue(viewer: Viewer) -> Catalogue:
    """What there is to give. One panel call, unless this process knows it already; names alone when that fails."""
    kept = current_app.extensions.get("roost_permissions")
    if isinstance(kept, _Kept) and clock.now() < kept.until:
        return kept.catalogue
    try:
        with looking(viewer) as api:
            found = Catalogue(api.permissions.catalogue(), True)
        until = clock.now() + KEPT_S
    except errors.PanelError:
        found, until = BUILT_IN, clock.now() + AGAIN_S
        if isinstance(kept, _Kept) and kept.catalogue.is_described:
            found = kept.catalogue
    current_app.extensions["roost_permissions"] = _Kept(found, until)
    return found


def at_hand() -> Catalogue:
    """What this process knows of it, without any call: the answer to a form that was refused."""
    kept = current_app.extensions.get("roost_permissions")
    return kept.catalogue if isinstance(kept, _Kept) else BUILT_IN


def is_known(viewer: Viewer, permissions: Sequence[str]) -> bool:
    """Whether the panel has all of these; it is asked only about what Roost does not know by itself."""
    unknown = set(permissions) - set(BUILT_IN.names)
    return not unknown or unknown <= set(catalogue(viewer).names)
