"""`/servers`: list, view, suspend and unsuspend."""
from __future__ import annotations

from werkzeug.wrappers import Response

from portal.demo.application.access import find_external, item_response, page_response
from portal.demo.context import Context
from portal.demo.errors import PanelError
from portal.demo.http import no_content
from portal.demo.link import NodeError
from portal.demo.querybuilder import apply_filters, apply_sorts, partial
from portal.demo.routing import Route
from portal.demo.validation import validate
from portal.demo.world import Server, Status

_FILTERS = {
    "uuid": partial(lambda server: server.uuid),
    "uuidShort": partial(lambda server: server.identifier),
    "name": partial(lambda server: server.name),
    "description": partial(lambda server: server.description),
    "image": partial(lambda server: server.image),
    "external_id": partial(lambda server: server.external_id),
}
_SORTS = {"id": lambda server: server.id, "uuid": lambda server: server.uuid}


def list_servers(context: Context) -> Response:
    validate(context.request.input, {"search": "string|max:100"})
    rows = apply_filters(context.world.servers, context.request, _FILTERS)
    return page_response(context, "server", apply_sorts(rows, context.request, _SORTS))


def view_server(context: Context) -> Response:
    return item_response(context, "server", context.server)


def view_external_server(context: Context) -> Response:
    return item_response(context, "server", find_external(context.world.servers, context.parameters["external_id"]))


def suspend_server(context: Context) -> Response:
    return _toggle_suspension(context, becomes="suspended", falls_back_to=None)


def unsuspend_server(context: Context) -> Response:
    return _toggle_suspension(context, becomes=None, falls_back_to="suspended")


def _toggle_suspension(context: Context, *, becomes: Status | None, falls_back_to: Status | None) -> Response:
    """`SuspensionService`: whatever the status was before is forgotten, also when the node refuses."""
    server = context.server
    if server.is_suspended == (becomes == "suspended"):
        return no_content()
    if server.is_transferring:
        raise PanelError(409, "ConflictHttpException",
                         "Cannot toggle suspension status on a server that is currently being transferred.")
    _set_status(server, becomes, context.now)
    try:
        context.services.link.call(server.node, "POST", f"/api/servers/{server.uuid}/sync")
    except NodeError as error:
        _set_status(server, falls_back_to, context.now)
        raise error.as_panel_error() from error
    return no_content()


def _set_status(server: Server, status: Status | None, now: float) -> None:
    server.status = status
    server.updated_at = now


ROUTES = (
    Route("GET", "/api/application/servers", list_servers, requires="servers.read"),
    Route("GET", "/api/application/servers/{server}", view_server, requires="servers.read"),
    Route("GET", "/api/application/servers/external/{external_id}", view_external_server, requires="servers.read"),
    Route("POST", "/api/application/servers/{server}/suspend", suspend_server, requires="servers.write"),
    Route("POST", "/api/application/servers/{server}/unsuspend", unsuspend_server, requires="servers.write"),
)
