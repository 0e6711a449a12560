"""Servers, their usage, their socket."""

from __future__ import annotations

from portal.pterodactyl.addresses import is_socket
from portal.pterodactyl.client.reading.network import read_allocation
from portal.pterodactyl.client.reading.people import read_subuser
from portal.pterodactyl.client.reading.startup import read_variable
from portal.pterodactyl.envelope import Reader
from portal.pterodactyl.models import Egg, Server, ServerView, SftpDetails, Stats, WebsocketCredentials
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


def read_egg(item: Reader) -> Egg:
    """An `egg`."""
    attributes = item.attributes("egg")
    return Egg(uuid=attributes.field("uuid").text(), name=attributes.field("name").text())


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


def read_websocket(answer: Reader) -> WebsocketCredentials:
    """The credentials, which come without the usual envelope."""
    data = answer.field("data")
    socket = data.field("socket")
    if not is_socket(socket.text()):
        socket.fail("the address of a socket")
    return WebsocketCredentials(token=data.field("token").text(), socket=socket.text())
