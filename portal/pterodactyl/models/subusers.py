"""People with access to a server that is not theirs."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Subuser:
    """Somebody with access to a server; `created_at` is that of the account, not of the access."""

    uuid: str
    username: str
    email: str
    image: str
    two_factor_enabled: bool
    created_at: datetime
    permissions: tuple[str, ...]
