"""`flask data sync`: whether accounts, keys and servers here are what the panel says."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from typing import NoReturn

import click
from flask.cli import with_appcontext

from portal import clock
from portal.auth import mails
from portal.backup import starting
from portal.data import keys, progress, sync, walking
from portal.data.sync import Line, Panel, Synced
from portal.panel import settings
from portal.pterodactyl.errors import PanelError
from portal.store.schema import BadStore

NO_MINTING = "Keys cannot be made through the panel's API"


@click.command("sync")
@click.option("--create", is_flag=True, help="Make an account for every panel user without one, and invite them.")
@click.option("--dry-run", is_flag=True, help="Compare and say what would be done; write nothing.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object instead (docs/take-over.md).")
@with_appcontext
def sync_command(create: bool, dry_run: bool, as_json: bool) -> None:
    """Compare every account with the panel, and keep what the panel says. Nothing is removed, the panel is only read.

    Exit status 1 if anything failed.
    """
    try:
        click.get_current_context().call_on_close(starting.check(settings().database))
    except BadStore as wrong:
        sys.exit(str(wrong))
    panel = _read(is_dry_run=dry_run, as_json=as_json)
    with progress.shown("Comparing", is_wanted=not as_json) as bar:
        done = sync.sync(panel, create=create, is_dry_run=dry_run, progress=bar.long)
    if as_json:
        click.echo(_json(done))
    else:
        _tell(done, create=create)
    sys.exit(1 if done.has_failed else 0)


def _read(*, is_dry_run: bool, as_json: bool) -> Panel:
    """Both lists to their ends; else the command ends here: nothing is compared, and nothing removed."""
    read_at = clock.now()
    try:
        with progress.shown("Reading users", is_wanted=not as_json) as bar:
            users = walking.users(bar)
        with progress.shown("Reading servers", is_wanted=not as_json) as bar:
            servers = walking.servers(bar)
    except PanelError as wrong:
        _stop(f"{walking.in_words(wrong)} Nothing was compared, and nothing was removed.", is_dry_run, as_json=as_json)
    return Panel({one.id: one for one in users}, servers, read_at)


def _stop(reason: str, is_dry_run: bool, *, as_json: bool) -> NoReturn:
    if as_json:
        click.echo(_json(Synced(is_dry_run, problems=[reason])))
    else:
        click.echo(reason, err=True)
    sys.exit(1)


def _json(done: Synced) -> str:
    return json.dumps(
        {
            "dry_run": done.is_dry_run, "totals": done.totals, "problems": done.problems,
            "accounts": [asdict(one) for one in done.lines],
            "panel_users_without_account": [asdict(one) for one in done.without_account],
            "accounts_without_key": done.without_key,
        },
        indent=2,
    )  # fmt: skip


def _tell(done: Synced, *, create: bool) -> None:
    would = "would be " if done.is_dry_run else ""
    for line in done.lines:
        prefix = would if line.result == "created" else ""
        click.echo("\t".join([f"{prefix}{line.result}", line.email, "; ".join(_details(line)) or "-"]))
        if line.invitation and not mails.can_mail():
            click.echo(f"invitation\t{line.email}\t{line.invitation}")
    if done.without_account and not create:
        click.echo(f"\nPanel users without an account ({len(done.without_account)}); --create makes and invites them:")
        for one in done.without_account:
            click.echo(f"  {one.panel_user}\t{one.username}\t{one.email}\t{one.servers} servers")
    if done.without_key:
        click.echo(f"\nAccounts without a client key ({len(done.without_key)}). {_about_keys()}")
        for email in done.without_key:
            click.echo(f"  {email}")
    for problem in done.problems:
        click.echo(problem, err=True)
    told = ", ".join(f"{count} {result}" for result, count in done.totals.items())
    click.echo(f"\n{'Dry run, nothing was written: ' if done.is_dry_run else ''}{told}.")


def _details(line: Line) -> list[str]:
    said = [*line.problems, *line.notes]
    owns = [one.server or "" for one in line.differences if one.what == "owner" and one.here is None]
    said += [f"now owns {', '.join(owns)}"] if owns else []
    for one in line.differences:
        if one.what == "owner" and one.here is None:
            continue
        where = f"{one.what} of {one.server}" if one.server else one.what
        left = "" if one.is_taken_over else " (left as it is here)"
        said.append(f"{where}: here {one.here or 'nothing'}, on the panel {one.panel or 'nothing'}{left}")
    if line.key == "valid":
        said.append(keys.WORDS["valid"])
    return said


def _about_keys() -> str:
    if settings().use_service_key:
        return f"They need none while the service key acts for them. {NO_MINTING}."
    return f"{NO_MINTING}: each customer makes one in the panel and pastes it on the page Account."
