"""`flask backup ...`: making, checking and putting back backups of the store."""

from __future__ import annotations

import sqlite3
import sys
from pathlib import Path
from typing import NoReturn

import click
from flask.cli import AppGroup

from portal import mode
from portal.backup import differences, service, starting
from portal.backup.service import Found
from portal.panel import settings
from portal.store import restored, schema
from portal.store.files import BackupError
from portal.store.schema import BadStore
from portal.web.text import one_line

group = AppGroup("backup", help="Backups of the store.")
FILE = click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))


@group.command("create")
@click.option("--reason", default="manual", help="One word that becomes part of the file's name.")
@click.option("--nightly", is_flag=True, help="Only if the last nightly one is older than 20 hours; keeps 14 and 8.")
def create(reason: str, nightly: bool) -> None:
    """Make a backup while Roost runs or not; the last line says where it is."""
    try:
        database = settings().database
        is_ours = schema.version(database) == schema.SCHEMA  # a backup is also made before an upgrade
        click.get_current_context().call_on_close((starting.check if is_ours else starting.check_file)(database))
        path = service.nightly() if nightly else service.create(reason)
    except (BackupError, BadStore) as wrong:
        _stop(wrong)
    except sqlite3.DatabaseError as wrong:
        _stop(f"The store could not be copied: {wrong}.")
    click.echo(str(path) if path else "The last nightly backup is younger than 20 hours.")


@group.command("verify")
@FILE
def verify(file: Path) -> None:
    """Look through a backup: whole, readable with our key, of a schema that this release knows."""
    try:
        found = service.verify(file)
    except BackupError as wrong:
        _stop(wrong)
    click.echo(f"{file.name}: {_told(found)}.")


@group.command("restore")
@FILE
@click.option("--yes", is_flag=True, help="Do not ask.")
def restore(file: Path, yes: bool) -> None:
    """Put a backup in the place of the store. Roost must be stopped; the old store is moved aside."""

    def agreed(found: Found) -> bool:
        click.echo(f"{file.name}: {_told(found)}.")
        click.echo("It takes the place of the store. Everything since then is lost to the portal; the old store stays")
        click.echo("in the instance folder. All sessions and open links end, waiting mail is not sent.")
        return yes or click.confirm("Put it in place?")

    try:
        aside = service.restore(file, agreed)
    except (BackupError, BadStore) as wrong:
        _stop(wrong)
    if aside is None:
        _stop("Nothing was changed.")
    click.echo(f"The backup is in place; what was there before is in {aside}.")
    click.echo("Start Roost (`systemctl start roost-web.socket roost-web roost-worker`), look around, then leave")
    click.echo("quarantine with `roost backup confirm`.")


@group.command("confirm")
@click.option("--yes", is_flag=True, help="Do not ask.")
def confirm(yes: bool) -> None:
    """Show what is known to differ after a restore, and leave quarantine."""
    try:
        click.get_current_context().call_on_close(starting.check(settings().database))
    except BadStore as wrong:
        _stop(wrong)
    quarantine = restored.state()
    if quarantine is None:
        click.echo("The store is not in quarantine.")
        return
    for line in differences.lines(quarantine):
        click.echo(line)
    if not (yes or click.confirm("Leave quarantine? Mail is sent, servers are renewed and lifted again then.")):
        _stop("Nothing was changed.")
    service.confirm()
    click.echo("The store is out of quarantine.")
    if mode.is_shown():
        click.echo("Nothing is suspended until prices and expiry are confirmed as well: `roost billing confirm`.")


def _told(found: Found) -> str:
    older = f" (this release needs {schema.SCHEMA} and will upgrade it)" if found.schema < schema.SCHEMA else ""
    marker = found.marker
    made = "it does not say when it was made"
    if marker:
        made = f"made {differences.moment(marker.at)} ({one_line(marker.reason, 40)})"
    counts = f"{found.accounts} accounts, {found.servers} servers, {found.audit_entries} audit entries"
    return f"{made}, schema {found.schema}{older}, {counts}"


def _stop(reason: object) -> NoReturn:
    click.echo(str(reason), err=True)
    sys.exit(1)
