"""`/servers/{server}/databases`: records only, there is no database server behind them (`DatabaseController`)."""
from __future__ import annotations

from werkzeug.wrappers import Response

from portal.demo import php
from portal.demo.context import Context
from portal.demo.databases import change_password, make_database
from portal.demo.envelopes import listing
from portal.demo.errors import PanelError, crashed
from portal.demo.http import json_response, no_content
from portal.demo.routing import Route
from portal.demo.transformers.databases import database_object
from portal.demo.validation import validate
from portal.demo.world import Database, DatabaseHost

_REMOTE_COLUMN = 191
_RULES = {"database": ["required", "alpha_dash", "min:3", "max:48"],
          "remote": ["required", "string", r"regex:/^[\w\-\/.%:]+$/"]}


def list_databases(context: Context) -> Response:
    with_password = "password" in context.includes
    return json_response(listing([database_object(database, context.user, with_password=with_password)
                                  for database in context.world.databases_of(context.server)]))


def create_database(context: Context) -> Response:
    values = context.request.input
    validate(values, _RULES)
    if values["remote"] == "0":
        raise crashed("InvalidArgumentException")  # what PHP holds to be empty
    host = _choose_host(context)
    database = make_database(context, php.to_string(values["database"]), values["remote"], host)
    context.log("server:database.create", context.server, database, name=database.database)
    shown = database_object(database, context.user, with_password=True, is_new=True)
    database.remote = database.remote[:_REMOTE_COLUMN]
    return json_response(shown)


def rotate_password(context: Context) -> Response:
    database = _database(context)
    change_password(context, database)
    context.log("server:database.rotate-password", context.server, database, name=database.database)
    return json_response(database_object(database, context.user, with_password=True))


def delete_database(context: Context) -> Response:
    database = _database(context)
    context.world.databases.remove(database)
    context.log("server:database.delete", context.server, database, name=database.database)
    return no_content()


def _database(context: Context) -> Database:
    database: Database = context.models["database"]
    return database


def _choose_host(context: Context) -> DatabaseHost:
    """One of the node's own, else any if the panel lets it."""
    hosts = context.world.database_hosts
    own = [host for host in hosts if host.node is context.server.node]
    if not hosts or not (own or context.services.config.random_database_host):
        raise PanelError(400, "NoSuitableDatabaseHostException", "No database host was found that meets the "
                         "requirements for this server.", redirects_back=True)
    return context.services.chance.choice(own or hosts)


_PREFIX = "/api/client/servers/{server}/databases"
ROUTES = (
    Route("GET", _PREFIX, list_databases, requires="database.read"),
    Route("POST", _PREFIX, create_database, requires="database.create"),
    Route("POST", _PREFIX + "/{database}/rotate-password", rotate_password, requires="database.update"),
    Route("DELETE", _PREFIX + "/{database}", delete_database, requires="database.delete"),
)
