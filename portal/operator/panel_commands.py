"""`flask billing retry`, `gone`, `believe`, `leave`: what is between billing and the panel."""

from __future__ import annotations

from typing import Final

import click
from flask.cli import with_appcontext

from portal.mode import BillingOff
from portal.operator import leaving, overview
from portal.operator.console import YES, counting, moment, ready, stop, table
from portal.suspension import observing
from portal.suspension.holds import HoldError
from portal.sweep import gone as vanished
from portal.web.text import one_line


@click.command("retry")
@click.argument("number", type=click.IntRange(1, 10**15))
@with_appcontext
def retry(number: int) -> None:
    """Try a change of the panel now that does not get through. NUMBER is in `roost billing status`."""
    ready()
    if not overview.try_again(None, number):
        stop(f"No change {number} waits.")
    click.echo("It is tried again now by the background process.")


@click.command("gone")
@with_appcontext
def gone() -> None:
    """Servers with a price, or free ones, that the panel has no more."""
    ready()
    found = vanished.listed()
    table([[one.server.identifier, one.server.name, moment(one.gone_at or 0)] for one in found])
    click.echo(f"{counting(len(found), 'server is', 'servers are')} gone from the panel.", err=True)


@click.command("believe")
@YES
@with_appcontext
def believe(yes: bool) -> None:
    """Say that the panel's list of servers is right although many vanished (gate G4)."""
    ready()
    doubt = observing.doubt()
    if doubt is None:
        click.echo("The list is believed.")
        return
    click.echo(one_line(doubt.why, 500))
    if not (yes or click.confirm("Is the list right?")):
        stop("Nothing was changed.")
    observing.believe(None)
    click.echo("The list of servers is taken as it is.")


@click.command("leave")
@YES
@with_appcontext
def leave(yes: bool) -> None:
    """Before Roost is taken away: lift every suspension for non-payment. Status 1 when any is left."""
    ready(shown=False)
    standing = leaving.standing()
    table([[one.identifier, one.name, one.owner or "-", moment(one.hold.placed_at)] for one in standing])
    if not standing:
        click.echo("No server is suspended for non-payment.")
        return
    told = counting(len(standing), "server is", "servers are")
    click.echo(f"{told} suspended for non-payment. What the host suspended stays suspended.")
    try:
        leaving.demand_possible()
        if not (yes or click.confirm("Switch suspending off and lift these?")):
            stop("Nothing was changed.")
        done = leaving.leave(None, lambda left: click.echo(f"{left} to go", err=True))
    except BillingOff as wrong:
        stop(f'{wrong} To lift anything, set billing = "on" first.')
    except HoldError as wrong:
        stop(wrong)
    if done.waiting:
        table([[one, "still suspended"] for one in done.waiting])
        said = counting(len(done.waiting), "is", "are")
        stop(f"{said} not lifted yet: look at Needs attention, then run this again.")
    click.echo(f"{done.released} lifted. The panic switch stays on: nothing is suspended any more.")


COMMANDS: Final = (retry, gone, believe, leave)
