"""`flask billing sweep`, `runs`, `approve`, `drop`, `undo`: what the sweeper did, and what waits for the host."""

from __future__ import annotations

from typing import Final

import click
from flask.cli import with_appcontext

from portal import mode
from portal.mode import BillingOff
from portal.operator.console import YES, counting, moment, ready, stop, table
from portal.sweep import gates, runs, sweeping
from portal.sweep.runs import Run, RunError


@click.command("sweep")
@click.option("--dry-run", is_flag=True, help="Only say what would be done.")
@with_appcontext
def sweep(dry_run: bool) -> None:
    """Look once for servers whose grace is over. Status 1 when a list waits, or something failed."""
    ready()
    done = sweeping.sweep(is_dry_run=dry_run)
    acts = mode.is_on() and not dry_run
    table(
        [[one.server.identifier, one.server.name, moment(one.expires_at), one.state, one.why] for one in done.found.due]
    )
    table([["closed", one.name, one.sentence] for one in done.closed])
    if not acts:
        closed = " if the gates were open" if done.closed else ""
        click.echo(f"{len(done.found.ready)} would be suspended{closed}; nothing was done.")
        waiting = done.found.of("no_notice")
        if waiting and not mode.is_on():
            click.echo(gates.would_remind(len(waiting)))
        return
    click.echo(
        f"{done.renewed} renewed by themselves, {done.reminded} reminded, {len(done.held)} held, {done.failed} failed."
    )
    if done.frozen_run is not None:
        click.echo(f"Run {done.frozen_run} waits for you: `roost billing runs {done.frozen_run}`.")
    if done.failed or done.frozen_run is not None:
        click.get_current_context().exit(1)


@click.command("runs")
@click.argument("run", type=int, required=False)
@with_appcontext
def show(run: int | None) -> None:
    """The last runs, or one with its list."""
    ready()
    if run is None:
        for one in runs.latest(50):
            table([[str(one.id), moment(one.at), one.state, counting(len(one.entries), "server", "servers")]])
        return
    _tell(_existing(run))


@click.command("approve")
@click.argument("run", type=int)
@click.option("--digest", help="Only if the list is still the one with this digest.")
@YES
@with_appcontext
def approve(run: int, digest: str | None, yes: bool) -> None:
    """Suspend exactly the servers of a list that waits; who has paid meanwhile is left alone."""
    ready()
    found = _existing(run)
    _tell(found)
    if not (yes or click.confirm(f"Suspend {counting(len(found.entries), 'server', 'servers')}?")):
        stop("Nothing was changed.")
    try:
        done = runs.approve(run, digest or found.digest, None)
    except (RunError, BillingOff) as wrong:
        stop(wrong)
    later = f" {done.waiting} follow on the next days: no more may be suspended in one." if done.waiting > 0 else ""
    click.echo(f"{done.held} held, {done.skipped} left alone.{later}")


@click.command("drop")
@click.argument("run", type=int)
@YES
@with_appcontext
def drop(run: int, yes: bool) -> None:
    """Suspend nothing of a list that waits; its servers are left alone for three days."""
    ready()
    found = _existing(run)
    _tell(found)
    if not (yes or click.confirm("Suspend none of them?")):
        stop("Nothing was changed.")
    try:
        runs.drop(run, None)
    except (RunError, BillingOff) as wrong:
        stop(wrong)
    click.echo("Nothing of this list is suspended.")


@click.command("undo")
@click.argument("run", type=int)
@YES
@with_appcontext
def undo(run: int, yes: bool) -> None:
    """Lift exactly what a run suspended."""
    ready()
    found = _existing(run)
    _tell(found)
    if not (yes or click.confirm("Lift what this run suspended?")):
        stop("Nothing was changed.")
    try:
        count = runs.undo(run, None)
    except (RunError, BillingOff) as wrong:
        stop(wrong)
    click.echo(f"{counting(count, 'hold', 'holds')} released.")
    if count and runs.is_pace_stopped():
        click.echo("Suspending has stopped (Pace) until `roost billing resume`.")


def _existing(number: int) -> Run:
    found = runs.show(number) if 0 < number < 10**9 else None
    if found is None:
        stop(f"There is no run {number}.")
    return found


def _tell(run: Run) -> None:
    click.echo(f"Run {run.id}, {moment(run.at)}, {run.state}, digest {run.digest}.")
    table([["closed", one.name, one.sentence] for one in run.gates if not one.is_open])
    for one in run.entries:
        paid = f"last paid {moment(one.last_paid_at)}" if one.last_paid_at else "never paid here"
        table([[one.identifier, one.name, f"expiry {moment(one.expires_at)}", paid, one.state, one.why]])


COMMANDS: Final = (sweep, show, approve, drop, undo)
