"""What a subuser can be given."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Permission:
    """One permission, spelt `control.console`, and the panel's sentence about it."""

    name: str
    description: str


@dataclass(frozen=True, slots=True)
class PermissionGroup:
    """Permissions that share a first word, in the panel's order."""

    name: str
    description: str
    permissions: tuple[Permission, ...]
