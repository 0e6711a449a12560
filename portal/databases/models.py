"""What the page Databases shows."""

from __future__ import annotations

from dataclasses import dataclass

from portal.pterodactyl.models import Database

LONGEST = 48
"""Letters of a name, with what the panel puts in front of it."""


@dataclass(frozen=True)
class Databases:
    """The databases of a server, without their passwords. `limit` None: as many as one likes, 0: none at all."""

    all: tuple[Database, ...]
    limit: int | None

    @property
    def has_room(self) -> bool:
        """Whether the host allows one more."""
        return self.limit is None or len(self.all) < self.limit


@dataclass(frozen=True)
class Naming:
    """What becomes of the name that somebody chooses: the panel puts `prefix` in front and cuts the whole."""

    prefix: str

    @property
    def room(self) -> int:
        """How many letters of one's own fit."""
        return max(0, LONGEST - len(self.prefix))

    def cuts(self, name: str) -> bool:
        """Whether the panel does not keep the whole of a name."""
        return len(name.encode()) > self.room


@dataclass(frozen=True)
class Named:
    """A database that somebody was asked about: the panel's word for it, and its name."""

    id: str
    name: str
