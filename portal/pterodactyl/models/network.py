"""Addresses and ports of a server."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Allocation:
    """An address and port of a server; `is_default` marks the primary one."""

    id: int
    ip: str
    ip_alias: str | None
    port: int
    notes: str | None
    is_default: bool
