"""`/nodes`: list, view, configuration, create, change, delete."""
from __future__ import annotations

from dataclasses import replace
from typing import Any

from werkzeug.wrappers import Response

from portal.demo import php
from portal.demo.application.access import created_response, item_response, page_response, scope_of
from portal.demo.collation import same_number
from portal.demo.columns import HIGHEST_SIGNED, text, whole_number
from portal.demo.context import Context
from portal.demo.errors import PanelError
from portal.demo.http import json_response, no_content
from portal.demo.link import NodeError
from portal.demo.querybuilder import apply_filters, apply_sorts, partial
from portal.demo.routing import Route
from portal.demo.transformers.application import node_configuration
from portal.demo.transformers.relationships import transform
from portal.demo.validation import Rules, exists, validate
from portal.demo.world import Location, Node

_FILTERS = {
    "uuid": partial(lambda node: node.uuid),
    "name": partial(lambda node: node.name),
    "fqdn": partial(lambda node: node.fqdn),
    "daemon_token_id": partial(lambda node: node.daemon_token_id),
}
_SORTS = {
    "id": lambda node: node.id,
    "uuid": lambda node: node.uuid,
    "memory": lambda node: node.memory,
    "disk": lambda node: node.disk,
}
_NAMES = {"location_id": "Location", "public": "Node Visibility", "daemon_base": "Daemon Base Path",
          "upload_size": "File Upload Size Limit"}
_FLAGS = ("public", "behind_proxy", "maintenance_mode")
_TEXTS = ("name", "fqdn", "scheme", "daemon_base")
_USUAL_BASE = "/var/lib/pterodactyl/volumes"
_TOKEN_ID_LENGTH, _TOKEN_LENGTH = 16, 64
_NOT_PERSISTED = (
    "The daemon configuration <strong>has been updated</strong>, however there was an error encountered while "
    "attempting to automatically update the configuration file on the Daemon. You will need to manually update the "
    "configuration file (config.yml) for the daemon to apply these changes.")


def list_nodes(context: Context) -> Response:
    rows = apply_filters(context.world.nodes, context.request, _FILTERS)
    return page_response(context, "node", apply_sorts(rows, context.request, _SORTS))


def view_node(context: Context) -> Response:
    return item_response(context, "node", context.models["node"])


def view_configuration(context: Context) -> Response:
    return json_response(node_configuration(context.models["node"], context.request.host_url))


def add_node(context: Context) -> Response:
    values, world, chance = _validated(context), context.world, context.services.chance
    node = Node(id=world.next_id("nodes"), uuid=chance.uuid(), daemon_token_id=chance.text(_TOKEN_ID_LENGTH),
                daemon_token=chance.text(_TOKEN_LENGTH), created_at=context.now, updated_at=context.now, **values)
    world.nodes.append(node)
    return created_response(context, "node", node, f"nodes/{node.id}")


def change_node(context: Context) -> Response:
    """Saved whatever the node says, who is told under its new name, but with the old scheme, port and token."""
    node: Node = context.models["node"]
    values = _validated(context)
    if context.request.input.get("reset_secret") is True:
        chance = context.services.chance
        values |= {"daemon_token": chance.text(_TOKEN_LENGTH), "daemon_token_id": chance.text(_TOKEN_ID_LENGTH)}
    if any(getattr(node, column) != value for column, value in values.items()):
        values["updated_at"] = context.now
    is_told = _tell(context, node, values)
    for column, value in values.items():
        setattr(node, column, value)
    if not is_told:
        raise PanelError(400, "ConfigurationNotPersistedException", _NOT_PERSISTED, redirects_back=True)
    shown = transform("node", node, scope_of(context))
    return json_response({**shown, "attributes": {**shown["attributes"], "mounts": []}})


def _tell(context: Context, node: Node, values: dict[str, Any]) -> bool:
    """The machine stays where it is, and knows its old token as long as it was told of no other."""
    node.listens_at = node.listens_at or node.address
    node.configured_token = node.configured_token or node.daemon_token
    document = node_configuration(replace(node, **values), context.request.host_url)
    try:
        context.services.link.call_node(replace(node, fqdn=values["fqdn"]), "POST", "/api/update", document)
    except NodeError:
        return False
    return True


def delete_node(context: Context) -> Response:
    """Its allocations go with it, hosts of databases only lose sight of it."""
    node, world = context.models["node"], context.world
    if world.servers_of(node):
        raise PanelError(400, "HasActiveServersException",
                         "A node must have no servers linked to it in order to be deleted.", redirects_back=True)
    for host in world.database_hosts:
        host.node = None if host.node is node else host.node
    world.allocations = [allocation for allocation in world.allocations if allocation.node is not node]
    world.nodes.remove(node)
    return no_content()


def _validated(context: Context) -> dict[str, Any]:
    """The columns that were sent, and the base path in any case."""
    sent = context.request.input
    rules: Rules = {
        "name": ["required", r"regex:/^([\w .-]{1,100})$/"],
        "location_id": ["required", exists(lambda value: _location(context, value) is not None)],
        "public": "boolean",
        "fqdn": "required|string",
        "scheme": "required",
        "behind_proxy": "boolean",
        "memory": "required|numeric|min:1",
        "memory_overallocate": "required|numeric|min:-1",
        "disk": "required|numeric|min:1",
        "disk_overallocate": "required|numeric|min:-1",
        "daemon_base": ["sometimes", "required", r"regex:/^([\/][\d\w.\-\/]+)$/"],
        "daemon_sftp": "required|numeric|between:1,65535",
        "daemon_listen": "required|numeric|between:1,65535",
        "maintenance_mode": "boolean",
        "upload_size": "int|between:1,1024",
    }
    validate(sent, rules, _NAMES)
    values = {name: _column(name, sent[name]) for name in rules if name in sent and name != "location_id"}
    return {"daemon_base": _USUAL_BASE, **values, "location": _location(context, text(sent["location_id"]))}


def _column(name: str, value: Any) -> Any:
    if name in _FLAGS:
        return php.as_boolean(value)
    if name in _TEXTS:
        return text(value)
    return whole_number(value) if name in ("memory", "disk") else whole_number(value, highest=HIGHEST_SIGNED)


def _location(context: Context, number: Any) -> Location | None:
    """Of a list any one that there is."""
    wanted = [php.to_string(part) for part in php.items(number)]
    return next((location for location in context.world.locations
                 if any(same_number(location.id, part) for part in wanted)), None)


_ALL = "/api/application/nodes"
_ONE = f"{_ALL}/{{node}}"
ROUTES = (
    Route("GET", _ALL, list_nodes, requires="nodes.read"),
    Route("GET", _ONE, view_node, requires="nodes.read"),
    Route("GET", f"{_ONE}/configuration", view_configuration, requires="nodes.read"),
    Route("POST", _ALL, add_node, requires="nodes.write"),
    Route("PATCH", _ONE, change_node, requires="nodes.write"),
    Route("DELETE", _ONE, delete_node, requires="nodes.write"),
)
