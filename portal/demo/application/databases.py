"""`/servers/{server}/databases`.  Which server the path names does not matter to a database that is there already."""
from __future__ import annotations

from typing import Any

from werkzeug.wrappers import Response

from portal.demo import php
from portal.demo.application.access import created_response, item_response, scope_of
from portal.demo.columns import whole_number
from portal.demo.context import Context
from portal.demo.databases import change_password, make_database
from portal.demo.envelopes import listing
from portal.demo.http import json_response, no_content
from portal.demo.routing import Route
from portal.demo.transformers.relationships import transform
from portal.demo.validation import exists, validate
from portal.demo.world import Database, DatabaseHost

_KIND = "server_database"
_NAMES = {"database": "Database Name", "remote": "Remote Connection String", "host": "Database Host Server ID"}


def list_databases(context: Context) -> Response:
    scope = scope_of(context)
    return json_response(listing([transform(_KIND, database, scope)
                                  for database in context.world.databases_of(context.server)]))


def view_database(context: Context) -> Response:
    return item_response(context, _KIND, _database(context))


def create_database(context: Context) -> Response:
    """The answer does not know yet what the database's default for `max_connections` is."""
    values = context.request.input
    validate(values, {
        "database": ["required", "alpha_dash", "min:1", "max:48"],
        "remote": ["required", "string", "regex:/^[0-9%.]{1,15}$/"],
        "host": ["required", "integer", exists(lambda value: _host(context, value) is not None)],
    }, _NAMES)
    host = _host(context, values["host"])
    assert host is not None
    database = make_database(context, php.to_string(values["database"]), values["remote"], host)
    database.max_connections = None
    response = created_response(context, _KIND, database, f"servers/{context.server.id}/databases/{database.id}")
    database.max_connections = 0
    return response


def reset_password(context: Context) -> Response:
    change_password(context, _database(context))
    return no_content()


def delete_database(context: Context) -> Response:
    context.world.databases.remove(_database(context))
    return no_content()


def _database(context: Context) -> Database:
    database: Database = context.models["database"]
    return database


def _host(context: Context, number: Any) -> DatabaseHost | None:
    return next((host for host in context.world.database_hosts if host.id == whole_number(number)), None)


_PREFIX = "/api/application/servers/{server}/databases"
ROUTES = (
    Route("GET", _PREFIX, list_databases, requires="server_databases.read"),
    Route("GET", _PREFIX + "/{database}", view_database, requires="server_databases.read"),
    Route("POST", _PREFIX, create_database, requires="server_databases.write"),
    Route("POST", _PREFIX + "/{database}/reset-password", reset_password, requires="server_databases.write"),
    Route("DELETE", _PREFIX + "/{database}", delete_database, requires="server_databases.write"),
)
