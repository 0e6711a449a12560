"""People with access to a server that is not theirs."""

from __future__ import annotations

from dataclasses import dataclass

from portal.pterodactyl.models.people import Actor


@dataclass(frozen=True, slots=True)
class Subuser(Actor):
    """Somebody with access to a server; `created_at` is that of the account, not of the access."""

    permissions: tuple[str, ...]
