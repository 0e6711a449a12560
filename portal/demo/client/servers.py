"""`GET /` with its filters, `GET /permissions` and `GET /servers/{server}`."""
from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from werkzeug.wrappers import Response

from portal.demo import php
from portal.demo.collation import same_text
from portal.demo.context import Context
from portal.demo.envelopes import Paging, item, paginate
from portal.demo.errors import crashed
from portal.demo.http import json_response
from portal.demo.permissions import PERMISSIONS, shown_permissions
from portal.demo.querybuilder import Filter, apply_filters, like, partial
from portal.demo.routing import Route
from portal.demo.transformers.client import server_object
from portal.demo.world import Server, World

_PAGING = Paging(default=50, cap=100, keeps_query=True)
_ADDRESS = re.compile(r"(?P<ip>(?:\d{1,3}\.){3}\d{1,3})?(?::(?P<port>\d{1,5}))?", re.ASCII)


def list_servers(context: Context) -> Response:
    allowed: dict[str, Filter] = {
        "uuid": partial(lambda server: server.uuid),
        "name": partial(lambda server: server.name),
        "description": partial(lambda server: server.description),
        "external_id": partial(lambda server: server.external_id),
        "*": lambda value: _anything(value, context.world),
    }
    rows = apply_filters(_servers_of_type(context), context.request, allowed)
    return json_response(paginate(rows, context.request, _PAGING, lambda server: server_object(
        server, context.user, context.world, context.includes)))


def list_permissions(_context: Context) -> Response:
    return json_response(item("system_permissions", {"permissions": PERMISSIONS}))


def view_server(context: Context) -> Response:
    server, user = context.server, context.user
    return json_response({
        **server_object(server, user, context.world, context.includes),
        "meta": {"is_server_owner": server.owner is user, "user_permissions": shown_permissions(user, server)},
    })


def _servers_of_type(context: Context) -> list[Server]:
    kind, user, servers = context.request.input.get("type"), context.user, context.world.servers
    if kind in ("admin", "admin-all"):
        is_shown = user.root_admin
        return [server for server in servers
                if is_shown and (kind == "admin-all" or not server.is_accessible_to(user))]
    if kind == "owner":
        return [server for server in servers if server.owner is user]
    return [server for server in servers if server.is_accessible_to(user)]


def _anything(value: Any, world: World) -> Callable[[Server], bool]:
    """`MultiFieldServerFilter`: an address or port of any allocation, else identifiers or part of the name."""
    if isinstance(value, (list, dict)):
        raise crashed("TypeError")
    text = php.to_string(value)
    address = _ADDRESS.fullmatch(text) if text else None
    if address:
        ip, port = address["ip"], address["port"] or ""
        return lambda server: any(ip in (None, allocation.ip) and str(allocation.port).startswith(port)
                                  for allocation in world.allocations_of(server))
    return lambda server: (
        like(server.uuid, f"{text}%")
        or same_text(server.external_id or "", text)
        or like(server.name, f"%{text}%")
    )


ROUTES = (
    Route("GET", "/api/client", list_servers),
    Route("GET", "/api/client/permissions", list_permissions),
    Route("GET", "/api/client/servers/{server}", view_server, in_conflict="everyone"),
)
