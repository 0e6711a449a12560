"""The catalogue of permissions."""

from __future__ import annotations

from portal.pterodactyl.envelope import Reader
from portal.pterodactyl.models import Permission, PermissionGroup


def read_permissions(answer: Reader) -> tuple[PermissionGroup, ...]:
    """The catalogue `system_permissions`."""
    groups = answer.attributes("system_permissions").field("permissions")
    return tuple(_group(name, group) for name, group in groups.fields())


def _group(name: str, group: Reader) -> PermissionGroup:
    return PermissionGroup(
        name=name,
        description=group.field("description").text(),
        permissions=tuple(
            Permission(f"{name}.{key}", sentence.text()) for key, sentence in group.field("keys").fields()
        ),
    )
