"""Readers for the parts that both APIs spell alike."""

from __future__ import annotations

from portal.pterodactyl.envelope import Reader
from portal.pterodactyl.models import FeatureLimits, Limits


def read_limits(limits: Reader) -> Limits:
    """`limits` of a server."""
    return Limits(
        memory_mib=limits.field("memory").integer(),
        swap_mib=limits.field("swap").integer(),
        disk_mib=limits.field("disk").integer(),
        io=limits.field("io").integer(),
        cpu_percent=limits.field("cpu").integer(),
        threads=limits.field("threads").text_or_none(),
        oom_disabled=limits.field("oom_disabled").flag(),
    )


def read_feature_limits(limits: Reader) -> FeatureLimits:
    """`feature_limits` of a server."""
    return FeatureLimits(
        databases=limits.field("databases").integer_or_none(),
        allocations=limits.field("allocations").integer_or_none(),
        backups=limits.field("backups").integer(),
    )
