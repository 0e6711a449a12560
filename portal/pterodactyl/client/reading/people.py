"""People as others see them."""

from __future__ import annotations

from portal.pterodactyl.envelope import Reader
from portal.pterodactyl.models import Actor, Subuser


def read_actor(item: Reader) -> Actor:
    """The public `user`."""
    return read_public_user(item.attributes("user"))


def read_subuser(item: Reader) -> Subuser:
    """A `server_subuser`: a public user and the permissions."""
    attributes = item.attributes("server_subuser")
    person = read_public_user(attributes)
    return Subuser(
        uuid=person.uuid,
        username=person.username,
        email=person.email,
        image=person.image,
        two_factor_enabled=person.two_factor_enabled,
        created_at=person.created_at,
        permissions=attributes.field("permissions").words(),
    )


def read_public_user(attributes: Reader) -> Actor:
    """The attributes that every `user` has who is not oneself."""
    return Actor(
        uuid=attributes.field("uuid").text(),
        username=attributes.field("username").text(),
        email=attributes.field("email").text(),
        image=attributes.field("image").text(),
        two_factor_enabled=attributes.field("2fa_enabled").flag(),
        created_at=attributes.field("created_at").moment(),
    )
