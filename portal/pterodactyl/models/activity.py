"""The activity log."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from portal.pterodactyl.models.people import Actor

ActivitySort = Literal["timestamp", "-timestamp"]


@dataclass(frozen=True, slots=True)
class ActivityEntry:
    """One line of the activity log.

    `ip` only for the actor and admins; `actor` None: not asked for, or no person.
    """

    id: str
    event: str
    is_api: bool
    ip: str | None
    description: str | None
    properties: Mapping[str, Any]
    has_additional_metadata: bool
    timestamp: datetime
    actor: Actor | None
