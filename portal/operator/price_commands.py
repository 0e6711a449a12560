"""`flask billing price`, `free`, `expiry`, `undo-prices`: the preview is printed, then asked about."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any, Final

import click
from flask.cli import with_appcontext

from portal import clock, mode
from portal.billing import money
from portal.billing.dates import date_in
from portal.billing.money import MoneyError
from portal.billing.periods import DAY_S, LONGEST_PAYABLE
from portal.operator import changing, writing
from portal.operator.changing import Change, ChangeError, Plan
from portal.operator.choosing import choose
from portal.operator.console import moment, ready, stop, table
from portal.operator.words import period
from portal.operator.writing import Standing
from portal.pterodactyl.errors import PanelError


def _chosen(command: Callable[..., None]) -> Callable[..., None]:
    """The options with which servers are chosen, and what is asked of every change."""
    options = (
        click.argument("servers", nargs=-1),
        click.option("--owner", help="Only servers of the account with this address."),
        click.option("--node", help="Only servers on this node: its name, or its number in the panel."),
        click.option("--egg", type=click.IntRange(min=1), help="Only servers with this egg: its number in the panel."),
        click.option("--without-price", is_flag=True, help="Only servers that have no price and are not free."),
        click.option("--all", "everything", is_flag=True, help="Every server."),
        click.option("--spread", type=click.IntRange(0, 365), default=0, help="Set expiry over so many days."),
        click.option("--why", default="", help="Reason, for the trail."),
        click.option("--dry-run", is_flag=True, help="Only say what would change."),
        click.option("--yes", is_flag=True, help="Do not ask."),
    )
    for option in reversed(options):
        command = option(command)
    return command


def _when(command: Callable[..., None]) -> Callable[..., None]:
    for option in (
        click.option("--move", type=click.IntRange(-3660, 3660), help="Move the expiry by so many days."),
        click.option("--in-days", type=click.IntRange(-3660, 3660), help="Expire so many days from now."),
        click.option("--on", "date", help="Expire on this date, like 2026-12-31, at the host's hour."),
    ):
        command = option(command)
    return command


@click.command("price")
@click.argument("amount")
@click.option("--months", type=click.IntRange(1, LONGEST_PAYABLE["months"]), help="For so many months (default 1).")
@click.option("--days", type=click.IntRange(1, LONGEST_PAYABLE["days"]), help="For so many days.")
@_when
@_chosen
@with_appcontext
def price(
    amount: str, months: int | None, days: int | None, date: str | None, in_days: int | None, move: int | None,
    **chosen: Any,
) -> None:  # fmt: skip
    """Set what servers cost from now on. Time that is paid stays."""
    ready()
    if months and days:
        stop("Give --months or --days, not both.")
    try:
        minor = money.parse(amount, mode.currency()).minor
    except MoneyError as wrong:
        stop(wrong)
    change = Change(
        price="set", amount_minor=minor, currency=mode.currency(), period_count=days or months or 1,
        period_unit="days" if days else "months",
    )  # fmt: skip
    _do(_with_expiry(change, date, in_days, move), **chosen)


@click.command("free")
@_chosen
@with_appcontext
def free(**chosen: Any) -> None:
    """Let servers cost nothing: they never expire."""
    ready()
    _do(Change(price="free"), **chosen)


@click.command("expiry")
@_when
@_chosen
@with_appcontext
def expiry(date: str | None, in_days: int | None, move: int | None, **chosen: Any) -> None:
    """Set until when servers are paid."""
    ready()
    change = _with_expiry(Change(), date, in_days, move)
    if change.expiry == "keep":
        stop("Give --on, --in-days or --move.")
    _do(change, **chosen)


@click.command("undo-prices")
@click.option("--yes", is_flag=True, help="Do not ask.")
@with_appcontext
def undo_prices(yes: bool) -> None:
    """Take the last change of prices and expiry back."""
    ready()
    last = writing.last()
    if last is None or not last.can_be_undone:
        stop("There is no change to undo.")
    click.echo(f"{moment(last.at)}: {last.said}, {last.servers} servers.")
    if not (yes or click.confirm("Undo it?")):
        stop("Nothing was changed.")
    done = writing.undo(None, last.id)
    click.echo(f"{done.servers} are as they were, {done.left} had changed meanwhile and were left alone.")


def _with_expiry(change: Change, date: str | None, in_days: int | None, move: int | None) -> Change:
    if sum(one is not None for one in (date, in_days, move)) > 1:
        stop("Give one of --on, --in-days and --move.")
    if date is not None:
        at = date_in(date)
        if at is None:
            stop(f"{date} is no date like 2026-12-31.")
        return replace(change, expiry="at", at=at)
    if in_days is not None:
        return replace(change, expiry="at", at=int(clock.now()) + in_days * DAY_S)
    return replace(change, expiry="move", move_days=move) if move is not None else change


def _do(
    change: Change, *, servers: tuple[str, ...], owner: str | None, node: str | None, egg: int | None,
    without_price: bool, everything: bool, spread: int, why: str, dry_run: bool, yes: bool,
) -> None:  # fmt: skip
    change = replace(change, spread_days=spread, why=why, made_at=int(clock.now()))
    try:
        names, told = choose(
            servers, owner=owner, node=node, egg=egg, without_price=without_price, everything=everything
        )
        if told:
            click.echo(told, err=True)
        plan = changing.plan(change, names)
        _show(plan)
        if dry_run:
            return
        if not (yes or click.confirm(f"Change {len(plan.steps)} servers?")):
            stop("Nothing was changed.")
        done = changing.apply(None, changing.token_of(None, plan))
    except ChangeError as wrong:
        stop(wrong)
    except PanelError as wrong:
        stop(f"The panel could not be asked: {wrong.detail or type(wrong).__name__}")
    click.echo(f"{done.servers} changed, {done.left} left alone. `roost billing undo-prices` takes it back.")


def _show(plan: Plan) -> None:
    """The difference; ends the command when it cannot be done, with status 1, or changes nothing."""
    for step in plan.steps:
        known = step.server.known
        table([[known.identifier, known.name, step.server.owner or "-", _told(step.before), "->", _told(step.after)]])
    for server, reason in plan.skipped:
        table([[server.known.identifier, server.known.name, f"left out: {reason}"]])
    for name in plan.unknown:
        table([[name, "left out: not known here"]])
    for count, text in (
        (plan.due_at_once, "are overdue at once"), (plan.earlier, "expire earlier than now"),
        (plan.lifted, "are no longer held as unpaid"), (plan.unpayable, "belong to balances of another currency"),
    ):  # fmt: skip
        if count:
            click.echo(f"{count} {text}.")
    if plan.too_many is not None:
        stop(f"{plan.too_many.sentence} Use --spread {plan.too_many.days} or more, or choose fewer servers.")
    if not plan.steps:
        click.echo("Nothing would change.")
        click.get_current_context().exit(1 if plan.unknown or plan.skipped else 0)


def _told(one: Standing) -> str:
    if one.kind is None:
        return "no price"
    if one.amount is None or one.period is None or one.expires_at is None:
        return "free"
    return f"{one.amount} / {period(one.period)} until {moment(one.expires_at)}"


COMMANDS: Final = (price, free, expiry, undo_prices)
