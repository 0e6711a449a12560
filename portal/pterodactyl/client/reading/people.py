"""People as others see them."""

from __future__ import annotations

from typing import Any

from portal.pterodactyl.envelope import Reader
from portal.pterodactyl.models import Actor, Subuser


def read_actor(item: Reader) -> Actor:
    """The public `user`."""
    return Actor(**_person(item.attributes("user")))


def read_subuser(item: Reader) -> Subuser:
    """A `server_subuser`: a public user and the permissions."""
    attributes = item.attributes("server_subuser")
    return Subuser(**_person(attributes), permissions=attributes.field("permissions").words())


def _person(attributes: Reader) -> dict[str, Any]:
    """The attributes that everybody has who is not oneself."""
    return {
        "uuid": attributes.field("uuid").text(),
        "username": attributes.field("username").text(),
        "email": attributes.field("email").text(),
        "image": attributes.field("image").text(),
        "two_factor_enabled": attributes.field("2fa_enabled").flag(),
        "created_at": attributes.field("created_at").moment(),
    }
