"""What the groups of the application API share."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from typing import Any, Protocol, TypeVar

from portal.pterodactyl.api import Group
from portal.pterodactyl.envelope import Reader
from portal.pterodactyl.errors import BadAnswer, NotFound
from portal.pterodactyl.models import LocationBody, NodeBody, ServerDetails, UserBody

__all__ = ["Group", "body_of", "exactly", "flag", "known", "the_same"]


Thing = TypeVar("Thing")


def the_same(found: Thing, found_id: int, asked: int, reader: Reader) -> Thing:
    """What was found, if it is what was asked for; else BadAnswer."""
    if found_id != asked:
        raise BadAnswer("another one than asked for", path="attributes.id", request=reader.request)
    return found


class External(Protocol):
    """Whatever another system may have an id for."""

    @property
    def external_id(self) -> str | None:
        """The other system's id."""


Owned = TypeVar("Owned", bound=External)


def exactly(found: Owned, external_id: str, reader: Reader) -> Owned:
    """What was found, if it has this very id; else NotFound. The panel's database takes A for a, and more such."""
    if found.external_id != external_id:
        raise NotFound("only one with a similar external id is there", request=reader.request)
    return found


Body = TypeVar("Body", LocationBody, NodeBody, ServerDetails, UserBody)


def body_of(thing: object, body: type[Body]) -> Body:
    """A thing that was read as it would be written: it has all that its body has, under the same names."""
    return body(**{one.name: getattr(thing, one.name) for one in fields(body)})


def known(changes: Mapping[str, Any], body: type[Any]) -> None:
    """Raises TypeError for a change of something that such a body does not have: before anything is asked."""
    for name in changes.keys() - {one.name for one in fields(body)}:
        raise TypeError(f"{body.__name__} has no {name!r}")


def flag(value: bool, name: str) -> bool:
    """True or false. Raises ValueError for what Python would only take for it, such as "no"."""
    if not isinstance(value, bool):
        raise ValueError(f"{name} is true or false")
    return value
