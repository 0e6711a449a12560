"""Databases of servers, for both APIs: records only, no database server is there (`DatabaseManagementService`)."""
from __future__ import annotations

import re

from portal.demo.collation import same_number, same_text
from portal.demo.context import Context
from portal.demo.errors import PanelError, crashed, not_found
from portal.demo.people import refused_by_model
from portal.demo.seed import Chance
from portal.demo.transformers.databases import hash_id
from portal.demo.world import Database, DatabaseHost

_NAME_BYTES = 48
_LONGEST_HOST_NAME = 255
_PASSWORD_LENGTH = 24
_SPECIAL = "!@=.+^"
_DIGITS = re.compile(r"[0-9]+")


def find_database(context: Context, text: str) -> Database:
    """By hash or plain id, on whatever server; only the client API asks later whether it is this one's."""
    is_plain = _DIGITS.fullmatch(text) is not None
    for database in context.world.databases:
        if same_number(database.id, text) if is_plain else hash_id(database.id) == text:
            return database
    raise not_found()


def make_database(context: Context, asked: str, remote: str, host: DatabaseHost) -> Database:
    """The switch, the server's limit, the name, the database server's own rule, in this order."""
    server, world = context.server, context.world
    if not context.services.config.client_databases:
        raise crashed("DatabaseClientFeatureNotEnabledException")
    limit = server.feature_limits.databases
    if limit is not None and len(world.databases_of(server)) >= limit:
        raise PanelError(400, "TooManyDatabasesException", "Operation aborted: creating a new database would put this "
                         "server over the defined limit.", redirects_back=True)
    name = _real_name(server.id, asked)
    if any(same_text(database.database, name) for database in world.databases_of(server)):
        raise PanelError(400, "DuplicateDatabaseNameException",
                         "A database with that name already exists for this server.", redirects_back=True)
    if len(remote) > _LONGEST_HOST_NAME:
        raise crashed("QueryException")
    chance = context.services.chance
    database = Database(
        id=world.next_id("databases"), server=server, host=host, database=name,
        username=f"u{server.id}_{chance.text(10)}", remote=remote, password=_new_password(chance),
        created_at=context.now, updated_at=context.now)
    world.databases.append(database)
    return database


def change_password(context: Context, database: Database) -> None:
    database.password, database.updated_at = _new_password(context.services.chance), context.now


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
