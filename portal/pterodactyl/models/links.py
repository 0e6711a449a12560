"""Addresses that carry their own permission."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class SignedUrl:
    """An address that whoever holds it may use: 15 minutes and once at the node, 5 minutes at an object store."""

    url: str = field(repr=False)
