"""Databases of a server. A password leaves here only for who may see passwords, whosever key asked for it."""

from __future__ import annotations

from dataclasses import replace

from flask import current_app
from itsdangerous import BadSignature, URLSafeSerializer

from portal.audit import service as audit
from portal.auth.sessions import Viewer
from portal.databases.connecting import Access, access_of
from portal.databases.models import Databases, Named, Naming
from portal.pterodactyl import errors
from portal.pterodactyl.models import Database
from portal.servers.door import acting, demand, looking
from portal.servers.reading import Opened
from portal.unfit import Unfit
from portal.web.access import Forbidden
from portal.web.i18n import _
from portal.web.text import as_typed

SWITCHED_OFF = "DatabaseClientFeatureNotEnabledException"
"""The panel answers 500 with this code where its settings let nobody make databases; nothing was made then."""
TAKEN = "DuplicateDatabaseNameException"


class Gone(Exception):
    """There is no such database on this server any more."""


def listed(viewer: Viewer, opened: Opened) -> Databases:
    """All databases, without passwords. Raises the library's errors."""
    with looking(viewer) as api:
        found = api.databases.list(opened.facts.identifier)
    return Databases(tuple(replace(one, password=None) for one in found), opened.facts.databases)


def naming(opened: Opened) -> Naming:
    """What becomes of the name of a new database."""
    return Naming(f"s{opened.facts.internal_id}_")


def create(viewer: Viewer, opened: Opened, *, name: str, remote: str) -> Database:
    """A new database; its password only for who may see it. The panel holds its own rules and limit.

    Raises Unfit (the name is in use; a remote that the panel breaks on) and the library's errors; OutcomeUnknown when
    it is not known whether it was made: then look at the list.
    """
    if remote == "0":  # PHP takes it for nothing
        raise Unfit(_("Enter an IP address, or % for everywhere."), field="remote")
    try:
        with acting(viewer, "database.create", opened.facts.uuid, name) as api:
            try:
                made = api.databases.create(opened.facts.identifier, database=name, remote=remote)
            except errors.OutcomeUnknown as error:
                if error.code != SWITCHED_OFF:
                    raise
                raise errors.Refused(
                    _("Your host has switched off making databases. Nothing was made: ask your host for one."),
                    status=error.status, code=error.code, request=error.request,
                ) from error  # fmt: skip
    except errors.Refused as error:
        if error.code == TAKEN:
            raise Unfit(error.detail, field="database") from error
        raise
    return _as_seen(opened, made)


def named(viewer: Viewer, opened: Opened, database: str) -> Named:
    """The database that somebody is asked about. Raises Gone, Forbidden (no `database.read`), the library's errors."""
    demand(opened, "database.read")
    with looking(viewer) as api:
        found = api.databases.list(opened.facts.identifier)
    one = _one_of(found, database)
    return Named(one.id, one.name)


def reveal(viewer: Viewer, opened: Opened, database: str) -> Access:
    """How to connect to a database, with its password; kept in the audit log before anybody sees it.

    Raises Gone, Forbidden (no `database.view_password` or no `database.read`), the library's errors.
    """
    demand(opened, "database.view_password")
    demand(opened, "database.read")
    with looking(viewer) as api:
        found = api.databases.list(opened.facts.identifier, include_password=True)
    one = _one_of(found, database)
    access = access_of(one)
    if access is None:  # the panel knows better than the rights that were read last
        raise Forbidden("database.view_password")
    audit.record(viewer, "database.reveal", opened.facts.uuid, outcome="done", detail=one.name)
    return access


def rotate(viewer: Viewer, opened: Opened, named: Named) -> Database:
    """Give the database a new password; it comes back only for who may see it. Raises Gone, the library's errors."""
    try:
        with acting(viewer, "database.rotate", opened.facts.uuid, named.name) as api:
            changed = api.databases.rotate_password(opened.facts.identifier, named.id)
    except errors.NotFound as error:
        raise Gone from error
    return _as_seen(opened, changed)


def delete(viewer: Viewer, opened: Opened, named: Named, *, typed: str) -> None:
    """Drop a database with all that is in it. Raises Unfit unless its name was typed, Gone, the library's errors."""
    if as_typed(typed) != as_typed(named.name):
        raise Unfit(_("This is not its name. Nothing was deleted."), field="name")
    try:
        with acting(viewer, "database.delete", opened.facts.uuid, named.name) as api:
            api.databases.delete(opened.facts.identifier, named.id)
    except errors.NotFound as error:
        raise Gone from error


def token_of(opened: Opened, named: Named) -> str:
    """What a question carries, so that the answer to it is about the database that it showed."""
    return str(_signer().dumps([opened.facts.uuid, named.id, named.name]))


def named_by(opened: Opened, database: str, token: str) -> Named | None:
    """The database that a question was about; None when it was about another one, or made by somebody else."""
    try:
        server_uuid, its_id, name = _signer().loads(token)
    except (BadSignature, TypeError, ValueError):
        return None
    return Named(its_id, name) if (server_uuid, its_id) == (opened.facts.uuid, database) else None


def _as_seen(opened: Opened, database: Database) -> Database:
    """Without the password for whom the panel would not show it to; the service key is shown everything."""
    return database if opened.rights.allow("database.view_password") else replace(database, password=None)


def _one_of(found: tuple[Database, ...], database: str) -> Database:
    for one in found:
        if one.id == database:
            return one
    raise Gone


def _signer() -> URLSafeSerializer:
    return URLSafeSerializer(str(current_app.secret_key), salt="database")
