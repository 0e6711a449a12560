"""The end of setup: settings written, store made ready, first administrator invited."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

from alembic.util.exc import CommandError
from flask import Flask
from sqlalchemy.exc import SQLAlchemyError

from portal.audit import service as audit
from portal.auth import links
from portal.auth import service as accounts
from portal.auth.models import Account
from portal.auth.service import AccountError
from portal.backup import starting
from portal.config import BadSetting, load
from portal.doctor.lines import Line, ok
from portal.setup import config_file
from portal.setup.answers import Answers
from portal.setup.findings import FINDINGS, stop
from portal.store import db, schema
from portal.store.schema import BadStore

Standing = Literal["none", "customer", "admin", "disabled", "unknown"]
"""What account an address has; unknown while settings or store are not ready to be asked."""


@dataclass(frozen=True)
class Finished:
    """What to tell: `invitation` is the first administrator's link, None when they have a password already."""

    is_new: bool
    invitation: str | None
    lines: tuple[Line, ...]


def finish(instance: Path, answers: Answers, environ: Mapping[str, str]) -> Finished:
    """Write, upgrade, invite. Raises SetupProblem; what it made belongs to the owner of the folder in any case.

    Raises BadStore, before anything is written, while a store is being put back.
    """
    config_file.check(answers.values)
    config_file.make_folder(instance)
    with in_use(instance):
        config_file.write(instance / "config.toml", answers.values)
        return _make_ready(instance, answers, {**environ, "ROOST_INSTANCE": str(instance)})


def _make_ready(instance: Path, answers: Answers, inside: Mapping[str, str]) -> Finished:
    try:
        schema.upgrade(instance / "roost.db")
        schema.check(instance / "roost.db")
        finished = _invite(inside, answers)
    except (BadStore, AccountError, SQLAlchemyError, CommandError, OSError) as wrong:
        raise stop("store_not_made", reason=str(wrong).splitlines()[0].rstrip(".")) from None
    finally:
        for path in instance.iterdir():
            if path.is_file() and not path.is_symlink():
                config_file.give_to_owner(instance, path)
    return finished


@contextmanager
def in_use(instance: Path) -> Iterator[None]:
    """Nobody puts another store in place meanwhile. Raises BadStore while somebody does."""
    release = starting.check_file(instance / "roost.db", for_owner=True)
    try:
        yield
    finally:
        release()


def shadowed(answers: Answers, environ: Mapping[str, str]) -> Line | None:
    """A line when the environment says something else than what was just written."""
    names = [
        variable
        for name, value in answers.values.items()
        if (variable := f"ROOST_{name.upper()}") and _says(environ, variable) not in ("", _text(value))
    ]
    return FINDINGS["environment_wins"].line("settings", names=", ".join(names)) if names else None


def renamed(before: str | None, answers: Answers) -> Line | None:
    """A line when the portal has another host than the address that was written `before`: nginx goes by the old one."""
    now = answers.values.get("portal_url")
    old, new = (urlsplit(str(one or "")).hostname for one in (before, now))
    return FINDINGS["portal_renamed"].line("portal address", old=old, new=new) if old and new and old != new else None


def first_admin(environ: Mapping[str, str]) -> str | None:
    """The address of an administrator that there is already; None when store or settings are not ready."""
    try:
        settings = load(environ)
        schema.check(settings.database)
    except (BadSetting, BadStore):
        return None
    with _app(environ).app_context():
        found = next((one.email for one in accounts.everybody() if one.is_admin and not one.is_disabled), None)
        db.engine.dispose()
    return found


def standing(environ: Mapping[str, str], instance: Path, email: str) -> Standing:
    """What account an address has now. Raises BadStore while a store is being put back."""
    with in_use(instance):
        try:
            schema.check(load(environ).database)
        except (BadSetting, BadStore):
            return "unknown"
        with _app(environ).app_context():
            try:
                return _standing(accounts.find(email))
            except AccountError:
                return "none"
            finally:
                db.engine.dispose()


def _standing(account: Account) -> Standing:
    if account.is_disabled:
        return "disabled"
    return "admin" if account.is_admin else "customer"


def _invite(environ: Mapping[str, str], answers: Answers) -> Finished:
    with _app(environ).app_context():
        try:
            account, is_new, lines = _account(answers)
            link = None if account.password_hash or account.is_disabled else links.make(account.id).url
            return Finished(is_new, link, lines)
        finally:
            db.engine.dispose()


def _account(answers: Answers) -> tuple[Account, bool, tuple[Line, ...]]:
    """The administrator's account: the one that is there, promoted if that was agreed, else a new one."""
    try:
        account = accounts.find(answers.admin)
    except AccountError:
        return _new_account(answers)
    lines = []
    match _standing(account):
        case "disabled":
            lines.append(FINDINGS["admin_disabled"].line("admin", email=account.email))
        case "customer" if answers.may_promote:
            accounts.make_admin(account.id, admin=True)
            audit.record(None, "account.admin", outcome="done", detail=account.email)
            lines.append(ok("admin", f"The account {account.email} is an administrator of this portal now."))
        case "customer":
            lines.append(FINDINGS["admin_customer"].line("admin", email=account.email))
    user = answers.panel_user
    if user is not None and account.panel_user_id != user.id:
        lines.append(FINDINGS["admin_link_kept"].line("admin", email=account.email, number=user.id))
    return accounts.find(answers.admin), False, tuple(lines)


def _new_account(answers: Answers) -> tuple[Account, bool, tuple[Line, ...]]:
    lines: tuple[Line, ...] = ()
    user, same = answers.panel_user, answers.same_address
    if same is not None:
        lines = (FINDINGS["admin_unlinked"].line("admin", number=same.id, username=same.username),)
    if user is not None and any(one.panel_user_id == user.id for one in accounts.everybody()):
        lines, user = (FINDINGS["admin_linked"].line("admin", number=user.id),), None
    accounts.create(answers.admin, panel_user=user, is_admin=True)
    return accounts.find(answers.admin), True, lines


def _app(environ: Mapping[str, str]) -> Flask:
    from portal.app import create_app  # imported here: the app knows this command

    # Without the lines of the log between the questions.
    return create_app(load({**environ, "ROOST_LOG_LEVEL": "ERROR"}))


def _says(environ: Mapping[str, str], variable: str) -> str:
    """What the environment says; that it names a file counts as something else."""
    return "a file" if f"{variable}_FILE" in environ else environ.get(variable, "")


def _text(value: str | bool | int | None) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
