"""`flask ledger ...`: the ledger from the command line, through the services that the pages use."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import NoReturn

import click
from flask.cli import AppGroup

from portal import mode
from portal.backup import starting
from portal.billing import statement, verifying
from portal.billing.money import MoneyError, parse
from portal.credit import importing, listing, matching, service
from portal.credit.columns import Chosen
from portal.credit.matching import Preview
from portal.credit.service import Credited, CreditError
from portal.credit.table import LARGEST, BadFile
from portal.panel import settings
from portal.store.schema import BadStore
from portal.web.text import one_line

group = AppGroup("ledger", help="Every movement of money.")
WHO = click.option("--account", "who", required=True, help="E-mail address, number or payment reference.")
AMOUNT_HELP = "Like 12.50."


@group.command("credit")
@WHO
@click.option("--amount", required=True, help=AMOUNT_HELP)
@click.option("--currency", help="Of ISO 4217; the account's own without it.")
@click.option("--reference", required=True, help="What names this payment and no other: it credits once.")
@click.option("--note", default="", help="What the customer's statement says.")
def credit(who: str, amount: str, currency: str | None, reference: str, note: str) -> None:
    """Add to a balance. The same again changes nothing; the same reference with another amount is refused."""
    _check_store()
    try:
        account = service.payee(who)
        wanted = parse(amount, currency or account.currency)
        done = service.credit(account.id, wanted, reference, by=None, source="command", note=note)
    except (CreditError, MoneyError) as wrong:
        _stop(wrong)
    click.echo(_told(done) if done.is_new else f"Credited before, nothing was done now. {_told(done)}")


@group.command("refund")
@click.argument("movement", type=click.IntRange(1, 10**15))
@click.option("--amount", help="Less than all that is left of it.")
@click.option("--reason", required=True, help="Why; the customer reads it.")
@click.option("--yes", is_flag=True, help="Do not ask.")
def refund(movement: int, amount: str | None, reason: str, yes: bool) -> None:
    """Give a charge back, or take a credit back, by a row that names it. MOVEMENT is its number in the ledger."""
    _check_store()
    found = listing.whole(movement)
    if found is None:
        _stop(f"There is no movement {movement}.")
    one = found.movement
    back = "given back" if one.kind == "charge" else "taken back"
    click.echo(f"{one.kind} of {one.amount}, {one.email}: {one_line(one.note)}; {found.left} can be {back}.")
    try:
        wanted = parse(amount, found.left.currency) if amount else found.left
        verb = "Give back" if one.kind == "charge" else "Take back"
        if not (yes or click.confirm(f"{verb} {wanted}?")):
            _stop("Nothing was changed.")
        done = service.correct(movement, wanted, reason, by=None, after=len(found.corrections))
    except (CreditError, MoneyError) as wrong:
        _stop(wrong)
    click.echo(_told(done))


@group.command("statement")
@WHO
@click.option("--csv", "as_csv", is_flag=True, help="As CSV, with every column.")
def show(who: str, as_csv: bool) -> None:
    """All movements of an account, the newest first."""
    _check_store()
    try:
        account = service.payee(who)
    except CreditError as wrong:
        _stop(wrong)
    lines = statement.each(account.id, statement.Asked(), mode.zone())
    if as_csv:
        for piece in statement.as_csv(lines):
            click.echo(piece, nl=False)
        return
    for one in lines:
        said = (str(one.id), verifying.moment(one.at), one.kind, str(one.amount), str(one.balance),
                one_line(one.server or "") or "-",
                one_line(one.reference) or "-", one_line(one.note))  # fmt: skip
        click.echo("\t".join(said))
    click.echo(f"{account.email}: {account.balance or 'never had any balance'}.", err=True)


@group.command("verify")
def verify() -> None:
    """Walk every row of the ledger and of the trail, and rebuild balances, expiry and holds from the trail.

    Exit status 1, and an alert, when anything is not as it must be.
    """
    _check_store()
    found = verifying.verify()
    for sentence in found.faults:
        click.echo(sentence)
    if found.faults:
        _stop(f"{len(found.faults)} faults. Nothing was changed; see docs/credit.md.")
    click.echo(f"All is well: {found.entries} movements of {found.accounts} accounts, {found.changes} changes.")


@group.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--date", default="", help="Name of the column, if it is not found.")
@click.option("--amount", default="", help="The same for the amount.")
@click.option("--text", default="", help="The same for the text that names the account.")
@click.option("--id", "own", default="", help="The same for the bank's own number of a row, if it never comes twice.")
@click.option("--dry-run", is_flag=True, help="Show what would be credited, and do nothing.")
@click.option("--yes", is_flag=True, help="Do not ask.")
def import_(file: Path, date: str, amount: str, text: str, own: str, dry_run: bool, yes: bool) -> None:
    """Credit the payments of a bank's CSV file that name an account. The same row never credits twice."""
    _check_store()
    try:
        service.demand_shown()
        with file.open("rb") as opened:
            shown = matching.preview(opened.read(LARGEST + 1), Chosen(date, amount, text, own))
    except (BadFile, CreditError) as wrong:
        _stop(wrong)
    except OSError as wrong:
        _stop(f"The file cannot be read: {wrong.strerror}.")
    listed = importing.entries(shown)
    _show(shown, importing.digest(listed))
    if dry_run or not listed:
        return
    if not (yes or click.confirm(f"Credit exactly {'this 1' if len(listed) == 1 else f'these {len(listed)}'}?")):
        _stop("Nothing was changed.")
    outcome = importing.post(listed, None)
    for one, why in outcome.failed:
        click.echo(f"row {one.number}\t{why}", err=True)
    click.echo(f"{outcome.credited} credited, {outcome.known} credited before, {len(outcome.failed)} failed.")
    sys.exit(1 if outcome.failed else 0)


def _show(shown: Preview, digest: str) -> None:
    for one in shown.of("ready"):
        said = (f"row {one.number}", one.date, str(one.amount), one.email, one_line(one.text, 100))
        click.echo("\t".join(said))
    for one in shown.of("unmatched"):
        click.echo(f"row {one.number}\tleft to you\t{one.why}\t{one_line(one.text, 100)}")
    click.echo(
        f"{len(shown.of('ready'))} to be credited, {shown.total} in all; {len(shown.of('unmatched'))} left to you, "
        f"{len(shown.of('known'))} credited before, {len(shown.of('out'))} no payments to you. This list is {digest}."
    )


def _told(done: Credited) -> str:
    return f"Movement {done.id}: {done.amount} for {done.email}; the balance is {done.balance}."


def _check_store() -> None:
    try:
        click.get_current_context().call_on_close(starting.check(settings().database))
    except BadStore as wrong:
        _stop(wrong)


def _stop(reason: object) -> NoReturn:
    click.echo(str(reason), err=True)
    sys.exit(1)
