"""Allocations."""

from __future__ import annotations

from portal.pterodactyl.envelope import Reader
from portal.pterodactyl.models import Allocation


def read_allocation(item: Reader) -> Allocation:
    """An `allocation`."""
    attributes = item.attributes("allocation")
    return Allocation(
        id=attributes.field("id").integer(),
        ip=attributes.field("ip").text(),
        ip_alias=attributes.field("ip_alias").text_or_none(),
        port=attributes.field("port").integer(),
        notes=attributes.field("notes").text_or_none(),
        is_default=attributes.field("is_default").flag(),
    )
