"""`flask billing ...`: what the host's pages about billing do, with the same services."""

from __future__ import annotations

import click
from flask.cli import AppGroup

from portal import mode
from portal.mode import BillingOff
from portal.operator import due as expiring
from portal.operator import fleet, holding, overview
from portal.operator.console import YES, counting, moment, ready, stop, table
from portal.operator.fleet import Filter
from portal.operator.machinery import Machinery
from portal.operator.panel_commands import COMMANDS as PANEL
from portal.operator.price_commands import COMMANDS as PRICES
from portal.operator.run_commands import COMMANDS as RUNS
from portal.operator.words import hold_kind, hold_reason
from portal.suspension import pace
from portal.suspension import panic as switch
from portal.suspension.holds import KINDS, HoldError, Kind
from portal.sweep import confirming
from portal.sweep import forecast as coming
from portal.sweep.forecast import Line

billing = AppGroup("billing", help="Prices, expiry and suspension.")
for _command in (*PRICES, *RUNS, *PANEL):
    billing.add_command(_command)


@billing.command("status")
def status() -> None:
    """How billing stands: mode, gates, what is due, what needs attention. Status 1 when something does."""
    ready(shown=False)
    click.echo(f"Billing: {mode.mode()}.")
    if not mode.is_shown():
        return
    now = overview.overview()
    told = now.figures
    click.echo(
        f"{told.priced} with a price, {told.free} free, {told.unset} without; {told.overdue} overdue, "
        f"{len(now.found.ready)} would be suspended, {told.unpaid} suspended as unpaid, {told.gone} gone."
    )
    table([[one.name, "open" if one.is_open else "CLOSED", one.sentence] for one in now.gates])
    for trouble in now.troubles:
        wanted = "suspend" if trouble.wants_suspended else "lift"
        table([["attention", str(trouble.id), trouble.identifier, wanted, moment(trouble.made_at), trouble.error]])
    if now.drift:
        click.echo(f"The panel shows {counting(now.drift, 'server', 'servers')} otherwise than the holds want.")
    _tell_of_machinery(now.machinery)
    if now.troubles or now.drift or now.frozen:
        click.get_current_context().exit(1)


def _tell_of_machinery(seen: Machinery) -> None:
    verified = "never" if seen.verified_at is None else moment(seen.verified_at)
    faults = f", {counting(seen.faults, 'fault', 'faults')}" if seen.faults else ""
    since = f", the oldest since {moment(seen.oldest_at)}" if seen.oldest_at is not None else ""
    offset = "unknown" if seen.offset_s is None else f"{seen.offset_s:+d} s"
    click.echo(
        f"Ledger looked through: {verified}{faults}. Waiting for the panel: {seen.waiting}{since}. "
        f"Panel's clock against this one: {offset}."
    )


@billing.command("needs-price")
def needs_price() -> None:
    """Servers whose price is not set: they never expire. Status 1 when there are any."""
    ready()
    found = fleet.fitting(Filter("unset"))
    table([[one.known.identifier, one.known.name, one.owner or "-"] for one in found])
    click.echo(f"{counting(len(found), 'server needs', 'servers need')} a price.", err=True)
    if found:
        click.get_current_context().exit(1)


@billing.command("due")
@click.option("--days", type=click.Choice(["7", "30", "all"]), default="30", show_default=True)
@click.option("--overdue", is_flag=True, help="Only those whose expiry has passed.")
def due(days: expiring.When, overdue: bool) -> None:
    """Who expires when, and whether their balance will do."""
    ready()
    after = ""
    while True:
        listed = expiring.listing("overdue" if overdue else days, after)
        if not listed.rows and not after:
            click.echo("Nobody is due.")
        table(
            [
                [
                    moment(one.expires_at), one.server.known.identifier, one.server.known.name,
                    one.server.owner or "-", str(one.amount), f"short of {one.missing}" if one.missing else "will do",
                    "renews itself" if one.renews_itself else "", " ".join(one.server.holds),
                ]
                for one in listed.rows
            ]
        )  # fmt: skip
        if listed.further is None:
            return
        after = listed.further


@billing.command("forecast")
def forecast() -> None:
    """What the sweeps of the next seven days would do if nobody paid. Status 1 when a day would be frozen."""
    ready()
    days = coming.forecast()
    for day in days:
        mark = "  FROZEN: " + day.why if day.is_frozen else ""
        worth = " + ".join(str(one) for one in day.amounts)
        told = counting(day.count, "server", "servers")
        click.echo(f"{day.date.isoformat()}  {told}{', ' + worth if worth else ''}{mark}")
        table([["", one.server.identifier, one.server.name, str(one.amount), _note(one)] for one in day.struck])
        if day.left:
            click.echo(f"  {len(day.left)} left alone:")
            table([["", one.server.identifier, one.server.name, str(one.amount), one.why] for one in day.left])
    if any(day.is_frozen for day in days):
        click.get_current_context().exit(1)


def _note(line: Line) -> str:
    return "its owner is reminded first" if line.is_reminded_first else ""


@billing.command("holds")
@click.option("--kind", type=click.Choice(KINDS))
def holds(kind: Kind | None) -> None:
    """Open holds: why servers are suspended."""
    ready()
    table(
        [
            [
                one.identifier, one.name, one.hold.kind, moment(one.hold.placed_at), one.placed_by or "-",
                f"run {one.hold.run_id}" if one.hold.run_id else "", hold_reason(one.hold),
            ]
            for one in holding.listing(kind, most=None)
        ]
    )  # fmt: skip


@billing.command("hold")
@click.argument("server")
@click.option("--kind", type=click.Choice(holding.BY_HAND), default="admin", show_default=True)
@click.option("--reason", required=True, help="For you and other administrators.")
def hold(server: str, kind: Kind, reason: str) -> None:
    """Hold a server (identifier, uuid or whole name): it is suspended until the hold is released."""
    ready()
    try:
        done = holding.place(None, server, kind, reason)
    except (HoldError, BillingOff) as wrong:
        stop(wrong)
    table([[f"{done.name} is held ({hold_kind(kind)}).", done.hint]])


@billing.command("release")
@click.argument("server")
@click.option("--kind", type=click.Choice(KINDS), required=True)
@click.option("--reason", required=True, help="For you and other administrators.")
def release(server: str, kind: Kind, reason: str) -> None:
    """Release a hold; the suspension is lifted unless another one stands."""
    ready()
    try:
        uuid = holding.find(server).known.uuid
        found = [one for one in holding.listing(kind, most=None) if one.hold.server_uuid == uuid]
        if not found:
            stop(f"{server} has no open hold of the kind {kind}.")
        holding.release(None, found[0].hold.id, reason)
    except (HoldError, BillingOff) as wrong:
        stop(wrong)
    table([[f"{found[0].name}: the hold is released."]])


@billing.command("confirm")
@YES
def confirm(yes: bool) -> None:
    """Say that prices, expiry and the clock are right (gate G6)."""
    ready()
    asked = confirming.open_questions()
    for one in asked:
        click.echo(one)
    if not asked:
        click.echo("Nothing waits for that.")
        return
    if not (yes or click.confirm("Are prices and expiry right?")):
        stop("Nothing was changed.")
    confirming.confirm(None)
    left = confirming.open_questions()
    click.echo("Confirmed." if not left else " ".join(left))
    if left:
        click.get_current_context().exit(1)


@billing.command("resume")
def resume() -> None:
    """Let suspending go on after suspensions were taken back by hand (gate G7)."""
    ready()
    pace.go_on(None)
    click.echo("Suspending goes on.")


@billing.command("panic")
@click.argument("word", type=click.Choice(["on", "off"]))
def panic(word: str) -> None:
    """The panic switch: while it is on nothing is suspended. Payments and lifting go on."""
    ready(shown=False)
    try:
        (switch.stop if word == "on" else switch.go_on)(None)
    except OSError as wrong:
        stop(f"The switch could not be set: {wrong.strerror}.")
    click.echo("Nothing is suspended any more." if word == "on" else "The panic switch is off.")
