"""From the application API's answers to dataclasses.

Shapes: `app/Transformers/Api/Application` (panel 1.11).
"""

from __future__ import annotations

from portal.pterodactyl.envelope import Reader
from portal.pterodactyl.models import AppNode, AppServer, AppSubuser, AppUser
from portal.pterodactyl.shared_reading import read_feature_limits, read_limits


def read_app_server(item: Reader) -> AppServer:
    """A `server`; of its environment only the names leave this function."""
    attributes = item.attributes("server")
    container = attributes.field("container")
    subusers = attributes.included("subusers")
    return AppServer(
        id=attributes.field("id").integer(),
        external_id=attributes.field("external_id").text_or_none(),
        uuid=attributes.field("uuid").text(),
        identifier=attributes.field("identifier").text(),
        name=attributes.field("name").text(),
        description=attributes.field("description").text(),
        status=attributes.field("status").text_or_none(),
        is_suspended=attributes.field("suspended").flag(),
        limits=read_limits(attributes.field("limits")),
        feature_limits=read_feature_limits(attributes.field("feature_limits")),
        user=attributes.field("user").integer(),
        node=attributes.field("node").integer(),
        allocation=attributes.field("allocation").integer(),
        nest=attributes.field("nest").integer(),
        egg=attributes.field("egg").integer(),
        startup_command=container.field("startup_command").text(),
        image=container.field("image").text(),
        environment_names=tuple(container.field("environment").php_mapping()),
        created_at=attributes.field("created_at").moment(),
        updated_at=attributes.field("updated_at").moment(),
        subusers=subusers.each(read_app_subuser) if subusers else None,
    )


def read_app_subuser(item: Reader) -> AppSubuser:
    """A `subuser`."""
    attributes = item.attributes("subuser")
    return AppSubuser(
        id=attributes.field("id").integer(),
        user_id=attributes.field("user_id").integer(),
        server_id=attributes.field("server_id").integer(),
        permissions=attributes.field("permissions").words(),
        created_at=attributes.field("created_at").moment(),
        updated_at=attributes.field("updated_at").moment(),
    )


def read_node(item: Reader) -> AppNode:
    """A `node`, as far as anything asks for it."""
    attributes = item.attributes("node")
    return AppNode(
        id=attributes.field("id").integer(),
        uuid=attributes.field("uuid").text(),
        name=attributes.field("name").text(),
        upload_size_mib=attributes.field("upload_size").integer(),
    )


def read_user(item: Reader) -> AppUser:
    """A `user`; names may be null on very old rows."""
    attributes = item.attributes("user")
    servers = attributes.included("servers")
    return AppUser(
        id=attributes.field("id").integer(),
        external_id=attributes.field("external_id").text_or_none(),
        uuid=attributes.field("uuid").text(),
        username=attributes.field("username").text(),
        email=attributes.field("email").text(),
        first_name=attributes.field("first_name").text_or_none() or "",
        last_name=attributes.field("last_name").text_or_none() or "",
        language=attributes.field("language").text(),
        root_admin=attributes.field("root_admin").flag(),
        two_factor_enabled=attributes.field("2fa").flag(),
        created_at=attributes.field("created_at").moment(),
        updated_at=attributes.field("updated_at").moment(),
        servers=servers.each(read_app_server) if servers else None,
    )
