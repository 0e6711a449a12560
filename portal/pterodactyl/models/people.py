"""People as others see them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Actor:
    """A panel account as others see it; `created_at` is that of the account."""

    uuid: str
    username: str
    email: str
    image: str
    two_factor_enabled: bool
    created_at: datetime
