"""From the application API's answers to dataclasses: accounts, servers, and where they run.

Shapes: `app/Transformers/Api/Application` (panel 1.11). Each reads what was included with it, if anything was.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from portal.pterodactyl.application import reading_eggs as eggs
from portal.pterodactyl.envelope import Reader
from portal.pterodactyl.models import (
    AppAllocation,
    AppDatabase,
    AppEgg,
    AppLocation,
    AppNest,
    AppNode,
    AppServer,
    AppSubuser,
    AppUser,
    DatabaseHost,
    NodeConfiguration,
)
from portal.pterodactyl.shared_reading import read_feature_limits, read_limits

T = TypeVar("T")


def several(attributes: Reader, name: str, read: Callable[[Reader], T]) -> tuple[T, ...] | None:
    """An included list, or None where there is none."""
    found = attributes.included(name)
    return found.each(read) if found else None


def single(attributes: Reader, name: str, read: Callable[[Reader], T]) -> T | None:
    """An included thing, or None where there is none."""
    found = attributes.included(name)
    return read(found) if found else None


def read_app_server(item: Reader) -> AppServer:
    """A `server`; of its environment only the names leave this function."""
    attributes = item.attributes("server")
    container = attributes.field("container")
    return AppServer(
        internal_id=attributes.field("id").integer(),
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
        subusers=several(attributes, "subusers", read_app_subuser),
        allocations=several(attributes, "allocations", read_app_allocation),
        variables=several(attributes, "variables", eggs.read_server_variable),
        databases=several(attributes, "databases", read_included_database),
        included_user=single(attributes, "user", read_user),
        included_node=single(attributes, "node", read_node),
        included_location=single(attributes, "location", read_location),
        included_nest=single(attributes, "nest", read_nest),
        included_egg=single(attributes, "egg", read_egg),
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
        included_user=single(attributes, "user", read_user),
        included_server=single(attributes, "server", read_app_server),
    )


def read_user(item: Reader) -> AppUser:
    """A `user`; names may be null on very old rows."""
    attributes = item.attributes("user")
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
        servers=several(attributes, "servers", read_app_server),
    )


def read_location(item: Reader) -> AppLocation:
    """A `location`."""
    attributes = item.attributes("location")
    return AppLocation(
        id=attributes.field("id").integer(),
        short=attributes.field("short").text(),
        long=attributes.field("long").text_or_none(),
        created_at=attributes.field("created_at").moment(),
        updated_at=attributes.field("updated_at").moment(),
        nodes=several(attributes, "nodes", read_node),
        servers=several(attributes, "servers", read_app_server),
    )


def read_node(item: Reader) -> AppNode:
    """A `node`."""
    attributes = item.attributes("node")
    allocated = attributes.field("allocated_resources")
    return AppNode(
        id=attributes.field("id").integer(),
        uuid=attributes.field("uuid").text(),
        name=attributes.field("name").text(),
        description=attributes.field("description").text_or_none(),
        location_id=attributes.field("location_id").integer(),
        fqdn=attributes.field("fqdn").text(),
        scheme=attributes.field("scheme").text(),
        public=attributes.field("public").flag(),
        behind_proxy=attributes.field("behind_proxy").flag(),
        maintenance_mode=attributes.field("maintenance_mode").flag(),
        memory_mib=attributes.field("memory").integer(),
        memory_overallocate_percent=attributes.field("memory_overallocate").integer(),
        disk_mib=attributes.field("disk").integer(),
        disk_overallocate_percent=attributes.field("disk_overallocate").integer(),
        upload_size_mib=attributes.field("upload_size").integer(),
        daemon_listen=attributes.field("daemon_listen").integer(),
        daemon_sftp=attributes.field("daemon_sftp").integer(),
        daemon_base=attributes.field("daemon_base").text(),
        allocated_memory_mib=allocated.field("memory").integer(),
        allocated_disk_mib=allocated.field("disk").integer(),
        created_at=attributes.field("created_at").moment(),
        updated_at=attributes.field("updated_at").moment(),
        allocations=several(attributes, "allocations", read_app_allocation),
        servers=several(attributes, "servers", read_app_server),
        included_location=single(attributes, "location", read_location),
    )


def read_configuration(document: Reader) -> NodeConfiguration:
    """A node's configuration, which comes without an envelope."""
    api, system = document.field("api"), document.field("system")
    ssl = api.field("ssl")
    return NodeConfiguration(
        uuid=document.field("uuid").text(),
        token_id=document.field("token_id").text(),
        token=document.field("token").text(),
        remote=document.field("remote").text(),
        is_debug=document.field("debug").flag(),
        api_host=api.field("host").text(),
        api_port=api.field("port").integer(),
        is_ssl=ssl.field("enabled").flag(),
        ssl_certificate=ssl.field("cert").text(),
        ssl_key=ssl.field("key").text(),
        upload_limit_mib=api.field("upload_limit").integer(),
        data_folder=system.field("data").text(),
        sftp_port=system.field("sftp").field("bind_port").integer(),
        allowed_mounts=document.field("allowed_mounts").words(),
    )


def read_app_allocation(item: Reader) -> AppAllocation:
    """An `allocation`."""
    attributes = item.attributes("allocation")
    return AppAllocation(
        id=attributes.field("id").integer(),
        ip=attributes.field("ip").text(),
        alias=attributes.field("alias").text_or_none(),
        port=attributes.field("port").integer(),
        notes=attributes.field("notes").text_or_none(),
        assigned=attributes.field("assigned").flag(),
        included_node=single(attributes, "node", read_node),
        included_server=single(attributes, "server", read_app_server),
    )


def read_app_database(item: Reader, kind: str = "server_database") -> AppDatabase:
    """A `server_database`."""
    attributes = item.attributes(kind)
    return AppDatabase(
        id=attributes.field("id").integer(),
        server=attributes.field("server").integer(),
        host=attributes.field("host").integer(),
        database=attributes.field("database").text(),
        username=attributes.field("username").text(),
        remote=attributes.field("remote").text(),
        max_connections=attributes.field("max_connections").integer_or_none(),
        created_at=attributes.field("created_at").moment(),
        updated_at=attributes.field("updated_at").moment(),
        password=single(attributes, "password", _read_password),
        included_host=single(attributes, "host", read_database_host),
    )


def read_included_database(item: Reader) -> AppDatabase:
    """The same below a server, where the panel calls it `databases`."""
    return read_app_database(item, "databases")


def read_database_host(item: Reader) -> DatabaseHost:
    """A `database_host`."""
    attributes = item.attributes("database_host")
    return DatabaseHost(
        id=attributes.field("id").integer(),
        name=attributes.field("name").text(),
        host=attributes.field("host").text(),
        port=attributes.field("port").integer(),
        username=attributes.field("username").text(),
        node=attributes.field("node").integer_or_none(),
        created_at=attributes.field("created_at").moment(),
        updated_at=attributes.field("updated_at").moment(),
        databases=several(attributes, "databases", read_app_database),
    )


def _read_password(item: Reader) -> str:
    return item.attributes("database_password").field("password").text()


def read_nest(item: Reader) -> AppNest:
    """A `nest`."""
    return eggs.read_nest(item, read_app_server)


def read_egg(item: Reader) -> AppEgg:
    """An `egg`."""
    return eggs.read_egg(item, read_app_server)
