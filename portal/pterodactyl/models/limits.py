"""What a server may use and have, spelt alike by both APIs."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What a server may use. Memory and disk 0: no limit; swap 0: none, -1: no limit; cpu 0: no limit.

    The defaults, for a server that is to be made, are those of the panel's own form.
    """

    memory_mib: int
    swap_mib: int = 0
    disk_mib: int
    io: int = 500  # block IO weight, 10-1000
    cpu_percent: int = 0  # of one core
    threads: str | None = None  # pinned cores, "0-1,3"
    oom_disabled: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class FeatureLimits:
    """How many a server may have.

    Databases None: no limit; allocations None or 0: the client may not add any.
    """

    databases: int | None
    allocations: int | None
    backups: int
