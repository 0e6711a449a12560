"""From the client API's answers to dataclasses. Shapes: `app/Transformers/Api/Client` (panel 1.11)."""

from __future__ import annotations

from urllib.parse import urlsplit

from portal.pterodactyl.envelope import Reader
from portal.pterodactyl.models import (
    Account,
    ActivityEntry,
    Actor,
    Allocation,
    Egg,
    EggVariable,
    Permission,
    PermissionGroup,
    Server,
    ServerView,
    SftpDetails,
    Stats,
    Subuser,
    WebsocketCredentials,
)
from portal.pterodactyl.shared_reading import read_feature_limits, read_limits


def read_server(item: Reader) -> Server:
    """A `server`, with whatever relationships came along."""
    attributes = item.attributes("server")
    sftp = attributes.field("sftp_details")
    relationships = attributes.field("relationships")
    variables, egg, subusers = (attributes.included(name) for name in ("variables", "egg", "subusers"))
    return Server(
        server_owner=attributes.field("server_owner").flag(),
        identifier=attributes.field("identifier").text(),
        internal_id=attributes.field("internal_id").integer(),
        uuid=attributes.field("uuid").text(),
        name=attributes.field("name").text(),
        node=attributes.field("node").text(),
        is_node_under_maintenance=attributes.field("is_node_under_maintenance").flag(),
        sftp=SftpDetails(ip=sftp.field("ip").text(), port=sftp.field("port").integer()),
        description=attributes.field("description").text(),
        limits=read_limits(attributes.field("limits")),
        invocation=attributes.field("invocation").text(),
        docker_image=attributes.field("docker_image").text(),
        egg_features=attributes.field("egg_features").words_or_none(),
        feature_limits=read_feature_limits(attributes.field("feature_limits")),
        status=attributes.field("status").text_or_none(),
        is_suspended=attributes.field("is_suspended").flag(),
        is_installing=attributes.field("is_installing").flag(),
        is_transferring=attributes.field("is_transferring").flag(),
        allocations=relationships.field("allocations").each(read_allocation),
        variables=variables.each(read_variable) if variables else None,
        egg=read_egg(egg) if egg else None,
        subusers=subusers.each(read_subuser) if subusers else None,
    )


def read_view(item: Reader) -> ServerView:
    """A `server` with the `meta` that only its own route adds."""
    meta = item.field("meta")
    return ServerView(
        server=read_server(item),
        is_server_owner=meta.field("is_server_owner").flag(),
        user_permissions=meta.field("user_permissions").words(),
    )


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


def read_variable(item: Reader) -> EggVariable:
    """An `egg_variable`."""
    attributes = item.attributes("egg_variable")
    return EggVariable(
        name=attributes.field("name").text(),
        description=attributes.field("description").text(),
        env_variable=attributes.field("env_variable").text(),
        default_value=attributes.field("default_value").text(),
        server_value=attributes.field("server_value").text_or_none(),
        is_editable=attributes.field("is_editable").flag(),
        rules=attributes.field("rules").text(),
    )


def read_egg(item: Reader) -> Egg:
    """An `egg`."""
    attributes = item.attributes("egg")
    return Egg(uuid=attributes.field("uuid").text(), name=attributes.field("name").text())


def read_actor(item: Reader) -> Actor:
    """The public `user`."""
    return _public_user(item.attributes("user"))


def read_subuser(item: Reader) -> Subuser:
    """A `server_subuser`: a public user and the permissions."""
    attributes = item.attributes("server_subuser")
    person = _public_user(attributes)
    return Subuser(
        uuid=person.uuid,
        username=person.username,
        email=person.email,
        image=person.image,
        two_factor_enabled=person.two_factor_enabled,
        created_at=person.created_at,
        permissions=attributes.field("permissions").words(),
    )


def _public_user(attributes: Reader) -> Actor:
    return Actor(
        uuid=attributes.field("uuid").text(),
        username=attributes.field("username").text(),
        email=attributes.field("email").text(),
        image=attributes.field("image").text(),
        two_factor_enabled=attributes.field("2fa_enabled").flag(),
        created_at=attributes.field("created_at").moment(),
    )


def read_stats(attributes: Reader) -> Stats:
    """The attributes of `stats`."""
    used = attributes.field("resources")
    return Stats(
        current_state=attributes.field("current_state").text(),
        is_suspended=attributes.field("is_suspended").flag(),
        memory_bytes=used.field("memory_bytes").integer(),
        cpu_percent=used.field("cpu_absolute").number(),
        disk_bytes=used.field("disk_bytes").integer(),
        network_rx_bytes=used.field("network_rx_bytes").integer(),
        network_tx_bytes=used.field("network_tx_bytes").integer(),
        uptime_ms=used.field("uptime").integer(),
    )


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


def read_account(attributes: Reader) -> Account:
    """The attributes of the account `user`."""
    return Account(
        id=attributes.field("id").integer(),
        admin=attributes.field("admin").flag(),
        username=attributes.field("username").text(),
        email=attributes.field("email").text(),
        first_name=attributes.field("first_name").text_or_none() or "",
        last_name=attributes.field("last_name").text_or_none() or "",
        language=attributes.field("language").text(),
    )


def read_websocket(answer: Reader) -> WebsocketCredentials:
    """The credentials, which come without the usual envelope."""
    data = answer.field("data")
    socket = data.field("socket")
    try:
        parts = urlsplit(socket.text())
        usable = parts.scheme in ("ws", "wss") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        usable = False
    if not usable:
        socket.fail("the address of a socket")
    return WebsocketCredentials(token=data.field("token").text(), socket=socket.text())


def read_permissions(answer: Reader) -> tuple[PermissionGroup, ...]:
    """The catalogue `system_permissions`."""
    groups = answer.attributes("system_permissions").field("permissions")
    return tuple(_group(name, group) for name, group in groups.fields())


def _group(name: str, group: Reader) -> PermissionGroup:
    return PermissionGroup(
        name=name,
        description=group.field("description").text(),
        permissions=tuple(
            Permission(f"{name}.{key}", sentence.text()) for key, sentence in group.field("keys").fields()
        ),
    )
