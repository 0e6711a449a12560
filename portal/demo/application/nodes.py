"""`/nodes`: list and view."""
from __future__ import annotations

from werkzeug.wrappers import Response

from portal.demo.application.access import item_response, page_response
from portal.demo.context import Context
from portal.demo.querybuilder import apply_filters, apply_sorts, partial
from portal.demo.routing import Route

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


def list_nodes(context: Context) -> Response:
    rows = apply_filters(context.world.nodes, context.request, _FILTERS)
    return page_response(context, "node", apply_sorts(rows, context.request, _SORTS))


def view_node(context: Context) -> Response:
    return item_response(context, "node", context.models["node"])


ROUTES = (
    Route("GET", "/api/application/nodes", list_nodes, requires="nodes.read"),
    Route("GET", "/api/application/nodes/{node}", view_node, requires="nodes.read"),
)
