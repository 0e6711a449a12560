"""`/users`: list and view."""
from __future__ import annotations

from werkzeug.wrappers import Response

from portal.demo.application.access import find_external, item_response, page_response
from portal.demo.context import Context
from portal.demo.querybuilder import apply_filters, apply_sorts, partial
from portal.demo.routing import Route

_FILTERS = {
    "email": partial(lambda user: user.email),
    "uuid": partial(lambda user: user.uuid),
    "username": partial(lambda user: user.username),
    "external_id": partial(lambda user: user.external_id),
}
_SORTS = {"id": lambda user: user.id, "uuid": lambda user: user.uuid}


def list_users(context: Context) -> Response:
    rows = apply_filters(context.world.users, context.request, _FILTERS)
    return page_response(context, "user", apply_sorts(rows, context.request, _SORTS))


def view_user(context: Context) -> Response:
    return item_response(context, "user", context.models["user"])


def view_external_user(context: Context) -> Response:
    return item_response(context, "user", find_external(context.world.users, context.parameters["external_id"]))


ROUTES = (
    Route("GET", "/api/application/users", list_users, requires="users.read"),
    Route("GET", "/api/application/users/{user}", view_user, requires="users.read"),
    Route("GET", "/api/application/users/external/{external_id}", view_external_user, requires="users.read"),
)
