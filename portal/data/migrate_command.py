"""`flask data migrate-servers`: prices and expiry for the servers that the panel has. The panel is only read."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

import click
from flask.cli import with_appcontext

from portal import clock
from portal.auth.service import AccountError
from portal.backup import starting
from portal.billing.periods import LONGEST_PAYABLE, Period, PeriodError
from portal.data import candidates, map_file, planning, progress, walking, wishes
from portal.data.asking import DEFAULT_DAYS, Given, Price, price_in
from portal.data.candidates import Candidate, Filters, Skipped, Sorted
from portal.data.map_file import MapError
from portal.data.migrating import Migration
from portal.data.planning import Mapped, Plan
from portal.panel import settings
from portal.pterodactyl.errors import PanelError
from portal.pterodactyl.models import AppServer
from portal.store.schema import BadStore
from portal.sweep import forecast

NOBODY_ANSWERS = (
    "Nobody answers here. Say what all servers cost with --yes --days 30 --price 9.50 (or --price free), "
    "or give a file with --map FILE.csv. With --dry-run it only says which servers are meant."
)


@dataclass(frozen=True)
class Options:
    """What was given on the command line."""

    limit: int
    is_dry_run: bool
    given: Given
    map_path: Path | None
    spread_days: int
    filters: Filters


@click.command("migrate-servers")
@click.option("--limit", type=click.IntRange(1), default=100, show_default=True,
              help="At most so many servers that are not imported and whose owner has an account.")  # fmt: skip
@click.option("--dry-run", is_flag=True, help="Say what would be done; ask and write nothing.")
@click.option("--yes", is_flag=True, help="Migrate every server without asking; needs --price.")
@click.option("--days", type=click.IntRange(1, LONGEST_PAYABLE["days"]), help="Answer for all: how long, in days.")
@click.option("--price", help="Answer for all: what it costs for these days, or free.")
@click.option("--map", "map_path", type=click.Path(exists=True, dir_okay=False, path_type=Path),
              help="CSV file with the columns identifier, price, currency, period, expires_at, auto_renew."
              )  # fmt: skip
@click.option("--spread", type=click.IntRange(1, LONGEST_PAYABLE["days"]), metavar="DAYS",
              help="Let servers that would expire on one day expire later, evenly over so many days.")  # fmt: skip
@click.option("--owner", multiple=True, help="Only servers of this panel user (number), or account (e-mail).")
@click.option("--node", multiple=True, type=click.IntRange(1), help="Only servers on this node, by its number.")
@click.option("--egg", multiple=True, type=click.IntRange(1), help="Only servers of this egg, by its number.")
@with_appcontext
def migrate_servers(
    limit: int, dry_run: bool, yes: bool, days: int | None, price: str | None, map_path: Path | None,
    spread: int | None, owner: tuple[str, ...], node: tuple[int, ...], egg: tuple[int, ...],
) -> None:  # fmt: skip
    """Set price and expiry of servers that the panel has already, asking for each. The panel is only read.

    Can be stopped and run again: what is imported is skipped. Exit status 1 if anything could not be done.
    """
    if map_path is not None and price is not None:
        raise click.UsageError("The file of --map says what each server costs: leave out --price.")
    if yes and map_path is None and price is None:
        raise click.UsageError("Without questions say also what they cost: --price 9.50, or --price free.")
    try:
        click.get_current_context().call_on_close(starting.check(settings().database))
        filters = Filters(frozenset(map(candidates.owner_number, owner)), frozenset(node), frozenset(egg))
    except (BadStore, AccountError) as wrong:
        _stop(str(wrong))
    given = Given(yes, days, _given_price(price))
    _run(Options(limit, dry_run, given, map_path, spread or 0, filters))


def _given_price(text: str | None) -> Price | None:
    try:
        return None if text is None else price_in(text)
    except click.BadParameter as wrong:
        wrong.param_hint = "--price"
        raise


def _run(chosen: Options) -> None:
    default_period = Period(chosen.given.days or DEFAULT_DAYS, "days")
    try:
        lines = map_file.load(chosen.map_path, default_period) if chosen.map_path else None
    except MapError as wrong:
        _stop(str(wrong))
    read_at = clock.now()
    servers = _read_servers()
    mapped = planning.match(*lines, servers) if lines else None
    found = candidates.sort_out(
        servers, chosen.filters, chosen.limit, only=mapped.lines.keys() if mapped else None
    )
    with progress.shown("Servers", max(1, len(found.items))) as bar:
        run = Migration(read_at, bar, is_dry_run=chosen.is_dry_run)
        for sentence in mapped.errors if mapped else ():
            run.fail(sentence)
        if mapped is not None or (chosen.given.price is not None and (chosen.given.is_yes or chosen.is_dry_run)):
            _as_planned(run, chosen, found.items, mapped)
        elif chosen.is_dry_run:
            _only_list(run, found.items)
        else:
            run.ask_for_each(found.items, chosen.given, chosen.spread_days)
    _tell(run, chosen, found)


def _read_servers() -> list[AppServer]:
    try:
        with progress.shown("Reading the panel") as bar:
            return walking.servers(bar)
    except PanelError as wrong:
        _stop(f"{walking.in_words(wrong)} The servers were not read to the end, so nothing was imported.")


def _as_planned(run: Migration, chosen: Options, items: Sequence[Candidate | Skipped], mapped: Mapped | None) -> None:
    """Write without a question for each server; nothing at all if a day would be fuller than the guard allows."""
    run.skip_all(items)
    plan = _plan(chosen, [one for one in items if isinstance(one, Candidate)], mapped)
    for sentence in plan.errors:
        run.fail(sentence)
    wanted = wishes.spread(plan.wishes, chosen.spread_days) if chosen.spread_days else plan.wishes
    full = wishes.too_many(wanted)
    if full is not None:
        at_least = max(full.days, chosen.spread_days + 1)
        run.fail(f"{full.sentence} Nothing was imported: let them expire on different days with --spread {at_least}.")
    elif chosen.map_path is None or chosen.given.is_yes or chosen.is_dry_run or _agreed(run, wanted):
        run.write_all(wanted)


def _plan(chosen: Options, found: Sequence[Candidate], mapped: Mapped | None) -> Plan:
    try:
        if mapped is not None:
            return planning.plan(found, mapped.lines)
        period, price = Period(chosen.given.days or DEFAULT_DAYS, "days"), chosen.given.price
        return Plan([wishes.wish(one, price, period) for one in found if price is not None], [])
    except PeriodError as wrong:
        _stop(str(wrong))


def _agreed(run: Migration, wanted: Sequence[wishes.Wish]) -> bool:
    """On a terminal somebody looks at what a file would do; elsewhere the file is the answer."""
    if not wanted or not sys.stdin.isatty():
        return True
    for one in wanted:
        run.preview(one)
    try:
        is_agreed = click.confirm(f"Migrate these {len(wanted)} servers?", default=True)
    except click.Abort:
        click.echo()
        is_agreed = False
    if not is_agreed:
        run.tally.skipped += len(wanted)
    return is_agreed


def _only_list(run: Migration, items: Sequence[Candidate | Skipped]) -> None:
    run.skip_all(items)
    for one in items:
        if isinstance(one, Candidate):
            run.would_ask(one)


def _tell(run: Migration, chosen: Options, found: Sorted) -> None:
    tally = run.tally
    if tally.is_deserted:
        click.echo(NOBODY_ANSWERS, err=True)
        tally.errors += 1
    if tally.expiries:
        full = forecast.too_many(tally.expiries.values(), replaced=tally.expiries.keys())
        if full is not None:
            click.echo(f"Note: {full.sentence} That day waits for your approval, unless you move some of them.")
        click.echo("Nothing is suspended until an administrator has confirmed the new prices: `roost billing confirm`.")
    if any(isinstance(one, Skipped) and one.has_no_owner for one in found.items):
        click.echo("Owners without an account get one with `roost data sync --create`.")
    if found.left or tally.is_stopped:
        more = "Stopped" if tally.is_stopped else f"{found.left} more can be migrated"
        click.echo(f"{more}: run the command again to go on.")
    click.echo(f"{'Dry run, nothing was written: ' if chosen.is_dry_run else ''}{tally.sentence}")
    sys.exit(1 if tally.errors else 0)


def _stop(reason: str) -> NoReturn:
    click.echo(reason, err=True)
    sys.exit(1)
