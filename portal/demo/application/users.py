"""`/users`: list, view, create, change, delete."""
from __future__ import annotations

from dataclasses import replace
from typing import Any

from werkzeug.wrappers import Response

from portal.demo.application.access import created_response, item_response, page_response
from portal.demo.context import Context
from portal.demo.errors import display
from portal.demo.finding import by_text
from portal.demo.http import no_content
from portal.demo.people import create_user, user_rules
from portal.demo.php import as_boolean, to_string
from portal.demo.querybuilder import apply_filters, apply_sorts, partial
from portal.demo.routing import Route
from portal.demo.validation import validate
from portal.demo.world import User

_FILTERS = {
    "email": partial(lambda user: user.email),
    "uuid": partial(lambda user: user.uuid),
    "username": partial(lambda user: user.username),
    "external_id": partial(lambda user: user.external_id),
}
_SORTS = {"id": lambda user: user.id, "uuid": lambda user: user.uuid}
_NAMES = {"external_id": "Third Party Identifier", "root_admin": "Root Administrator Status"}
_COLUMNS = ("email", "external_id", "username", "password", "root_admin", "language", "first_name", "last_name")


def list_users(context: Context) -> Response:
    rows = apply_filters(context.world.users, context.request, _FILTERS)
    return page_response(context, "user", apply_sorts(rows, context.request, _SORTS))


def view_user(context: Context) -> Response:
    return item_response(context, "user", context.models["user"])


def view_external_user(context: Context) -> Response:
    user = by_text(context.world.users, lambda row: row.external_id, context.parameters["external_id"])
    return item_response(context, "user", user)


def add_user(context: Context) -> Response:
    validate(context.request.input, user_rules(context), _NAMES)
    user = create_user(context, _sent(context))
    return created_response(context, "user", user, f"users/{user.id}")


def change_user(context: Context) -> Response:
    """What is absent stays as it is; so does the password when it is null."""
    user: User = context.models["user"]
    validate(context.request.input, user_rules(context, user), _NAMES)
    values = _sent(context)
    values["username"] = to_string(values["username"]).lower()
    if not values.get("password"):
        values.pop("password", None)
    if any(getattr(user, column) != value for column, value in values.items()):
        user.updated_at = context.now
    for column, value in values.items():
        setattr(user, column, value)
    return item_response(context, "user", user)


def delete_user(context: Context) -> Response:
    """Keys and shares go with the account; its servers would not, so they keep it."""
    user: User = context.models["user"]
    world = context.world
    if any(server.owner is user for server in world.servers):
        raise display("Cannot delete a user with active servers attached to their account. Please delete their "
                      "servers before continuing.")
    world.users.remove(user)
    world.api_keys = [key for key in world.api_keys if key.user is not user]
    world.ssh_keys = [key for key in world.ssh_keys if key.user is not user]
    for server in world.servers:
        server.subusers = [subuser for subuser in server.subusers if subuser.user is not user]
    world.activity_logs = [replace(entry, actor=None) if entry.actor is user else entry
                           for entry in world.activity_logs]
    return no_content()


def _sent(context: Context) -> dict[str, Any]:
    """The columns that were sent."""
    values = {column: context.request.input[column] for column in _COLUMNS if column in context.request.input}
    if "root_admin" in values:
        values["root_admin"] = as_boolean(values["root_admin"])
    return values


ROUTES = (
    Route("GET", "/api/application/users", list_users, requires="users.read"),
    Route("GET", "/api/application/users/{user}", view_user, requires="users.read"),
    Route("GET", "/api/application/users/external/{external_id}", view_external_user, requires="users.read"),
    Route("POST", "/api/application/users", add_user, requires="users.write"),
    Route("PATCH", "/api/application/users/{user}", change_user, requires="users.write"),
    Route("DELETE", "/api/application/users/{user}", delete_user, requires="users.write"),
)
