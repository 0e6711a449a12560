"""`/servers`: list, view, details, suspend and unsuspend, reinstall, delete."""
from __future__ import annotations

from typing import Any

from werkzeug.wrappers import Response

from portal.demo.application.access import item_response, page_response
from portal.demo.collation import same_text
from portal.demo.columns import whole_number
from portal.demo.context import Context
from portal.demo.errors import PanelError
from portal.demo.finding import by_text
from portal.demo.http import no_content
from portal.demo.link import NodeError
from portal.demo.orders import reinstall, revoke_tokens
from portal.demo.querybuilder import apply_filters, apply_sorts, partial
from portal.demo.routing import Route
from portal.demo.validation import Rules, exists, unique, validate
from portal.demo.world import Server, Status, User

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
    server = by_text(context.world.servers, lambda row: row.external_id, context.parameters["external_id"])
    return item_response(context, "server", server)


def change_details(context: Context) -> Response:
    """A full replacement: an external id or a description that is absent is cleared."""
    values, server = context.request.input, context.server
    validate(values, identity_rules(context, context.server), {"user": "User ID", "name": "Server Name"})
    before = server.owner
    details = {"external_id": values.get("external_id"), "name": values["name"],
               "owner": find_user(context, values["user"]), "description": values.get("description") or ""}
    if any(getattr(server, column) != value for column, value in details.items()):
        server.updated_at = context.now
    for column, value in details.items():
        setattr(server, column, value)
    if server.owner is not before:
        revoke_tokens(context, server, before)
    return item_response(context, "server", server)


def identity_rules(context: Context, own: Server | None = None) -> Rules:
    """What a server is called and whose it is; `own` may keep its external id."""
    def is_taken(external_id: Any) -> bool:
        return any(other.external_id is not None and same_text(other.external_id, external_id)
                   for other in context.world.servers if other is not own)

    return {
        "external_id": ["sometimes", "nullable", "string", "between:1,191", unique(is_taken)],
        "name": "required|string|min:1|max:191",
        "user": ["required", "integer", exists(lambda value: find_user(context, value) is not None)],
        "description": "nullable|string",
    }


def find_user(context: Context, number: Any) -> User | None:
    return next((user for user in context.world.users if user.id == whole_number(number)), None)


def reinstall_server(context: Context) -> Response:
    reinstall(context, context.server)
    return no_content()


def delete_server(context: Context) -> Response:
    """The node first: one that does not know the server is no obstacle, and none is when it is forced."""
    server = context.server
    try:
        context.services.link.call(server, "DELETE")
    except NodeError as error:
        is_unknown = error.response is not None and error.response.status_code == 404
        if not is_unknown and context.parameters.get("force") != "force":
            raise error.as_panel_error() from error
    context.world.remove(server)
    return no_content()


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
        context.services.link.ask(server, "POST", "/sync")
    except PanelError:
        _set_status(server, falls_back_to, context.now)
        raise
    return no_content()


def _set_status(server: Server, status: Status | None, now: float) -> None:
    server.status = status
    server.updated_at = now


ROUTES = (
    Route("GET", "/api/application/servers", list_servers, requires="servers.read"),
    Route("GET", "/api/application/servers/{server}", view_server, requires="servers.read"),
    Route("GET", "/api/application/servers/external/{external_id}", view_external_server, requires="servers.read"),
    Route("PATCH", "/api/application/servers/{server}/details", change_details, requires="servers.write"),
    Route("POST", "/api/application/servers/{server}/suspend", suspend_server, requires="servers.write"),
    Route("POST", "/api/application/servers/{server}/unsuspend", unsuspend_server, requires="servers.write"),
    Route("POST", "/api/application/servers/{server}/reinstall", reinstall_server, requires="servers.write"),
    Route("DELETE", "/api/application/servers/{server}", delete_server, requires="servers.write"),
    # Its optional last segment may be any word (`routes/api-application.php`).
    Route("DELETE", "/api/application/servers/{server}/{force}", delete_server, requires="servers.write"),
)
