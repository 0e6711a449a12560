"""`flask data ...`: bringing what the panel has into this portal."""

from __future__ import annotations

import sys

import click
from flask.cli import AppGroup

from portal.admin import importing
from portal.admin.importing import Imported
from portal.auth import mails
from portal.backup import starting
from portal.panel import settings
from portal.pterodactyl.errors import NotAllowed, PanelError
from portal.store.schema import BadStore

data = AppGroup("data", help="Bring what the panel has into this portal.")


@data.command("import-users")
@click.option("--dry-run", is_flag=True, help="Say what would be done, and do nothing.")
@click.option("--invite", is_flag=True, help="Invite everybody who never chose a password: by mail, else print links.")
def import_users(dry_run: bool, invite: bool) -> None:
    """Make an account for every panel user who owns or shares a server, linked by the panel's number.

    Nobody is mailed without --invite. Exit status 1 if something was left for you to decide.
    """
    try:
        click.get_current_context().call_on_close(starting.check(settings().database))
        people = importing.people_of_the_panel()
    except BadStore as wrong:
        sys.exit(str(wrong))
    except NotAllowed:
        sys.exit("The application key lacks rights: it must read Servers and Users.")
    except PanelError as wrong:
        sys.exit(f"The panel could not be asked: {wrong.detail or type(wrong).__name__}")
    done = importing.import_users(people, invite=invite, is_dry_run=dry_run)
    _tell(done, dry_run=dry_run, invite=invite)
    sys.exit(1 if done.conflicts else 0)


def _tell(done: Imported, *, dry_run: bool, invite: bool) -> None:
    for email in done.made:
        click.echo(f"{'would make' if dry_run else 'made'}\t{email}", err=True)
    for sentence in done.conflicts:
        click.echo(f"left alone\t{sentence}", err=True)
    if not mails.can_mail():
        for email, url in done.invited:
            click.echo(f"{email}\t{url}")
    verb = "would be made" if dry_run else "made"
    told = f"{_counted(done.made)} {verb}, {len(done.known)} already there, {len(done.conflicts)} left alone."
    if invite and not dry_run:
        told += (
            f" {_counted(done.invited, 'invitation')} will be mailed by the background process."
            if mails.can_mail()
            else f" {_counted(done.invited, 'link')} printed, each good once and for seven days: no mail server is set."
        )
    click.echo(told, err=True)


def _counted(things: list[object] | list[str] | list[tuple[str, str]], word: str = "account") -> str:
    return f"{len(things)} {word}{'' if len(things) == 1 else 's'}"
