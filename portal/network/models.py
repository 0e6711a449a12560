"""What the page Network shows."""

from __future__ import annotations

from dataclasses import dataclass

from portal.pterodactyl.models import Allocation
from portal.servers.facts import place


@dataclass(frozen=True)
class Allocations:
    """The allocations of a server. `limit` None or 0: what it has is what it has, the primary one counts too."""

    all: tuple[Allocation, ...]
    limit: int | None

    @property
    def is_fixed(self) -> bool:
        """Whether the host lets none be added or taken away."""
        return not self.limit

    @property
    def has_room(self) -> bool:
        """Whether the host allows one more."""
        return len(self.all) < (self.limit or 0)


def numeric(allocation: Allocation) -> str:
    """The address itself and the port, whatever alias the host has given it."""
    return place(allocation.ip, allocation.port)
