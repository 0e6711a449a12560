"""The commands of `flask`: they call the services that the buttons call."""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable
from functools import partial
from typing import NoReturn

import click
from flask import Flask, current_app
from flask.cli import AppGroup

from portal.audit import service as audit
from portal.auth import links
from portal.auth import service as accounts
from portal.auth.service import AccountError, PanelUser
from portal.backup import commands as backup
from portal.backup import starting
from portal.credentials import service as credentials
from portal.credentials.service import KeyProblem
from portal.credit import commands as ledger
from portal.data.commands import data
from portal.doctor.commands import doctor
from portal.operator.commands import billing
from portal.panel import settings
from portal.pterodactyl.errors import NotFound, PanelError
from portal.setup.commands import setup
from portal.store import schema
from portal.store.schema import BadStore
from portal.web.text import one_line

user = AppGroup("user", help="Accounts of this portal.")
store_group = AppGroup("store", help="The store: one SQLite file.")


def register(app: Flask) -> None:
    """Add the commands to an app."""
    for group in (user, store_group, data, billing, backup.group, ledger.group):
        group.callback = _quietly(app)
    app.cli.add_command(user)
    app.cli.add_command(store_group)
    app.cli.add_command(worker)
    app.cli.add_command(data)
    app.cli.add_command(billing)
    app.cli.add_command(backup.group)
    app.cli.add_command(doctor)
    app.cli.add_command(ledger.group)
    app.cli.add_command(setup)


def _quietly(app: Flask) -> Callable[[], None]:
    """What a group does before its command: log from warnings on, as the command says itself what it does.

    The background process logs as it is set; so does everything with `log_level = "DEBUG"`.
    """

    def quieten() -> None:
        log = logging.getLogger("roost")
        if app.config["ROOST"].log_level == "INFO":
            click.get_current_context().call_on_close(partial(log.setLevel, log.level))
            log.setLevel(logging.WARNING)

    return quieten


@store_group.command("upgrade")
def upgrade() -> None:
    """Make the store, or bring it to the schema of this release."""
    try:
        click.get_current_context().call_on_close(starting.check_file(settings().database))
    except BadStore as wrong:
        _stop(wrong)
    schema.upgrade(settings().database)
    click.echo(f"The store has schema {schema.SCHEMA}.")


@click.command("worker")
def worker() -> None:
    """The one background process: reads servers that somebody is looking at. Ends with SIGTERM."""
    from portal.background.worker import run

    _check_store(closely=True)
    run(current_app)


@user.command("create")
@click.argument("email")
@click.option("--panel-user", type=int, help="Numeric id of the panel user that this account belongs to.")
@click.option("--admin", is_flag=True, help="An administrator of this portal.")
@click.option("--password", "with_password", is_flag=True, help="Read a password from standard input.")
def create(email: str, panel_user: int | None, admin: bool, with_password: bool) -> None:
    """Make an account. Without --password, invite its owner next."""
    _check_store()
    try:
        password = accounts.acceptable(_from_stdin()) if with_password else None
        linked = _panel_user(panel_user) if panel_user is not None else None
        account_id = accounts.create(email, panel_user=linked, is_admin=admin)
        if password is not None:
            accounts.set_password(account_id, password)
        audit.record(None, "account.create", outcome="done", detail=accounts.normal(email))
    except AccountError as wrong:
        _stop(wrong)
    linked_to = f", linked to panel user {linked.id} ({linked.username})" if linked else ", not linked to the panel"
    click.echo(f"Made the account {accounts.normal(email)}{linked_to}.")


@user.command("list")
def list_() -> None:
    """All accounts."""
    _check_store()
    for one in accounts.everybody():
        marks = [word for word, holds in (("admin", one.is_admin), ("disabled", one.is_disabled)) if holds]
        named = one_line(one.panel_username or "")
        linked = f"panel user {one.panel_user_id} ({named})" if one.panel_user_id else "not linked"
        click.echo("\t".join([one.email, linked, " ".join(marks) or "-"]))


@user.command("disable")
@click.argument("email")
@click.option("--undo", is_flag=True, help="Open the account again.")
def disable(email: str, undo: bool) -> None:
    """Lock an account; all its sessions end at their next request."""
    _check_store()
    try:
        accounts.disable(accounts.find(email).id, disabled=not undo)
        audit.record(None, "account.enable" if undo else "account.disable", outcome="done", detail=email)
    except AccountError as wrong:
        _stop(wrong)
    click.echo(f"{email} can sign in again." if undo else f"{email} can no longer sign in; all sessions have ended.")


@user.command("admin")
@click.argument("email")
@click.option("--undo", is_flag=True, help="Make it an ordinary account again.")
def admin(email: str, undo: bool) -> None:
    """Make an account an administrator of this portal."""
    _check_store()
    try:
        accounts.make_admin(accounts.find(email).id, admin=not undo)
        audit.record(None, "account.no_admin" if undo else "account.admin", outcome="done", detail=email)
    except AccountError as wrong:
        _stop(wrong)
    click.echo(f"{email} is {'no administrator any more' if undo else 'an administrator of this portal'}.")


@user.command("set-password")
@click.argument("email")
def set_password(email: str) -> None:
    """Set a password, read from standard input; all sessions of the account end."""
    _check_store()
    try:
        accounts.set_password(accounts.find(email).id, _from_stdin())
        audit.record(None, "account.password", outcome="done", detail=email)
    except AccountError as wrong:
        _stop(wrong)
    click.echo(f"The password of {email} is set; all sessions have ended.")


@user.command("set-key")
@click.argument("email")
def set_key(email: str) -> None:
    """Store a customer's own client key, read from standard input and checked with the panel."""
    _check_store()
    try:
        identifier = credentials.set_key(accounts.find(email), _from_stdin())
        audit.record(None, "account.key", outcome="done", detail=f"{email}: {identifier}")
    except (AccountError, KeyProblem) as wrong:
        _stop(wrong)
    except PanelError as wrong:
        _stop(f"The panel could not be asked: {wrong.detail or type(wrong).__name__}")
    click.echo(f"Stored the key {identifier} of {email}.")


@user.command("invite")
@click.argument("email")
def invite(email: str) -> None:
    """Print a link, good once and for seven days, with which the account's owner sets a password."""
    _check_store()
    try:
        link = links.make(accounts.find(email).id)
    except AccountError as wrong:
        _stop(wrong)
    click.echo(link.url)


def _panel_user(number: int) -> PanelUser:
    try:
        if number < 1:
            raise NotFound
        with credentials.as_portal("operator") as api:
            found = api.users.view(number)
    except NotFound:
        raise AccountError(f"The panel has no user {number}.") from None
    except PanelError as wrong:
        raise AccountError(f"The panel could not be asked: {wrong.detail or type(wrong).__name__}") from None
    return PanelUser(found.id, found.username, found.email)


def _from_stdin() -> str:
    if sys.stdin.isatty():
        return str(click.prompt("Value", hide_input=True))
    return sys.stdin.readline().rstrip("\r\n")


def _check_store(*, closely: bool = False) -> None:
    try:
        click.get_current_context().call_on_close(starting.check(settings().database, closely=closely))
    except BadStore as wrong:
        _stop(wrong)


def _stop(reason: object) -> NoReturn:
    click.echo(str(reason), err=True)
    sys.exit(1)
