"""The activity log."""

from __future__ import annotations

from portal.pterodactyl.client.reading.people import read_actor
from portal.pterodactyl.envelope import Reader
from portal.pterodactyl.models import ActivityEntry


def read_activity(item: Reader) -> ActivityEntry:
    """An `activity_log` entry."""
    attributes = item.attributes("activity_log")
    actor = attributes.included("actor")
    return ActivityEntry(
        id=attributes.field("id").text(),
        event=attributes.field("event").text(),
        is_api=attributes.field("is_api").flag(),
        ip=attributes.field("ip").text_or_none(),
        description=attributes.field("description").text_or_none(),
        properties=attributes.field("properties").php_mapping(),
        has_additional_metadata=attributes.field("has_additional_metadata").flag(),
        timestamp=attributes.field("timestamp").moment(),
        actor=read_actor(actor) if actor else None,
    )
