"""API keys: 16 characters that name the key, then 32 that prove it."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

_SENDABLE = re.compile(r"[\x21-\x7e]{1,200}")


@dataclass(frozen=True, slots=True)
class ApiKey:
    """A client or application key; its secret appears in no representation.

    `shared` marks a key that acts for many people (the service key): one of them may then use only part of
    its budget.
    """

    secret: str = field(repr=False)
    shared: bool = False

    def __post_init__(self) -> None:
        if not _SENDABLE.fullmatch(self.secret):
            raise ValueError("an API key is up to 200 printable ASCII characters without spaces")

    @property
    def identifier(self) -> str:
        """The first 16 characters, by which the panel looks the key up; no secret, but needless in logs."""
        return self.secret[:16]

    @property
    def hint(self) -> str:
        """The first 8 characters: enough to tell keys apart in a log line."""
        return self.secret[:8]

    def __repr__(self) -> str:
        return f"ApiKey({self.hint}...)"
