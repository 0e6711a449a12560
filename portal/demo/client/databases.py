"""`/servers/{server}/databases`: records only, there is no database server behind them (`DatabaseController`)."""
from __future__ import annotations

import re

from werkzeug.wrappers import Response

from portal.demo import php
from portal.demo.collation import same_number, same_text
from portal.demo.context import Context
from portal.demo.envelopes import listing
from portal.demo.errors import PanelError, crashed, not_found
from portal.demo.http import json_response, no_content
from portal.demo.people import refused_by_model
from portal.demo.routing import Route
from portal.demo.seed import Chance
from portal.demo.transformers.databases import database_object, hash_id
from portal.demo.validation import validate
from portal.demo.world import Database, DatabaseHost

_NAME_BYTES = 48
_LONGEST_HOST_NAME = 255
_REMOTE_COLUMN = 191
_PASSWORD_LENGTH = 24
_SPECIAL = "!@=.+^"
_DIGITS = re.compile(r"[0-9]+")
_RULES = {"database": ["required", "alpha_dash", "min:3", "max:48"],
          "remote": ["required", "string", r"regex:/^[\w\-\/.%:]+$/"]}


def find_database(context: Context, text: str) -> Database:
    """By hash or plain id, on whatever server; that it is this one's is asked later."""
    is_plain = _DIGITS.fullmatch(text) is not None
    for database in context.world.databases:
        if same_number(database.id, text) if is_plain else hash_id(database.id) == text:
            return database
    raise not_found()


def list_databases(context: Context) -> Response:
    with_password = "password" in context.includes
    return json_response(listing([database_object(database, context.user, with_password=with_password)
                                  for database in context.world.databases_of(context.server)]))


def create_database(context: Context) -> Response:
    values, server = context.request.input, context.server
    validate(values, _RULES)
    if values["remote"] == "0":
        raise crashed("InvalidArgumentException")  # what PHP holds to be empty
    host = _choose_host(context)
    if not context.services.config.client_databases:
        raise crashed("DatabaseClientFeatureNotEnabledException")
    limit = server.feature_limits.databases
    if limit is not None and len(context.world.databases_of(server)) >= limit:
        raise PanelError(400, "TooManyDatabasesException", "Operation aborted: creating a new database would put this "
                         "server over the defined limit.", redirects_back=True)
    name = _real_name(server.id, php.to_string(values["database"]))
    if any(same_text(database.database, name) for database in context.world.databases_of(server)):
        raise PanelError(400, "DuplicateDatabaseNameException",
                         "A database with that name already exists for this server.", redirects_back=True)
    if len(values["remote"]) > _LONGEST_HOST_NAME:
        raise crashed("QueryException")
    chance = context.services.chance
    database = Database(
        id=context.world.next_id("databases"), server=server, host=host, database=name,
        username=f"u{server.id}_{chance.text(10)}", remote=values["remote"], password=_new_password(chance),
        created_at=context.now, updated_at=context.now)
    context.world.databases.append(database)
    context.log("server:database.create", server, database, name=name)
    shown = database_object(database, context.user, with_password=True, is_new=True)
    database.remote = database.remote[:_REMOTE_COLUMN]
    return json_response(shown)


def rotate_password(context: Context) -> Response:
    database = _database(context)
    database.password, database.updated_at = _new_password(context.services.chance), context.now
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


def _real_name(server_id: int, asked: str) -> str:
    """Cut by bytes; a letter that is cut in two does not pass the model's own rules."""
    try:
        return f"s{server_id}_{asked}".encode()[:_NAME_BYTES].decode()
    except UnicodeDecodeError as error:
        raise refused_by_model("Database", None, {
            "database": ["The database may only contain letters, numbers, and dashes."]}) from error


def _new_password(chance: Chance) -> str:
    """Letters and digits, a few of them replaced by signs."""
    letters = list(chance.text(_PASSWORD_LENGTH))
    for _ in range(chance.choice(range(2, 7))):
        letters[chance.choice(range(_PASSWORD_LENGTH))] = chance.choice(_SPECIAL)
    return "".join(letters)


_PREFIX = "/api/client/servers/{server}/databases"
ROUTES = (
    Route("GET", _PREFIX, list_databases, requires="database.read"),
    Route("POST", _PREFIX, create_database, requires="database.create"),
    Route("POST", _PREFIX + "/{database}/rotate-password", rotate_password, requires="database.update"),
    Route("DELETE", _PREFIX + "/{database}", delete_database, requires="database.delete"),
)
