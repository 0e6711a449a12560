"""`flask ledger ...`"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result

from portal.billing.payment_reference import reference_of
from portal.store import db
from tests.conftest import World
from tests.credit.conftest import assert_whole, entries
from tests.support import money

CREDIT = ("credit", "--account", "owner@example.com", "--amount", "12.50", "--currency", "EUR", "--reference", "r 1")


def run(world: World, *args: str, typed: str | None = None) -> Result:
    with world.app.app_context():
        db.engine.dispose()
    return world.app.test_cli_runner().invoke(args=["ledger", *args], input=typed)


def done(world: World, *args: str, typed: str | None = None) -> str:
    ran = run(world, *args, typed=typed)
    assert ran.exit_code == 0, ran.output
    return ran.stdout


def refused(world: World, *args: str, typed: str | None = None) -> str:
    ran = run(world, *args, typed=typed)
    assert ran.exit_code == 1, ran.output
    assert ran.stderr.strip().endswith("."), ran.stderr
    return ran.stderr


def test_credit_once_and_again(portal: World) -> None:
    assert done(portal, *CREDIT) == "Movement 1: 12.50 EUR for owner@example.com; the balance is 12.50 EUR.\n"
    assert done(portal, *CREDIT).startswith("Credited before, nothing was done now.")
    assert len(entries(portal)) == 1


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"--amount": "13"}, "credited before"),
        ({"--account": "subuser@example.com"}, "credited before"),
        ({"--account": "nobody@example.com", "--reference": "r 2"}, "There is no account nobody@example.com."),
        ({"--amount": "0", "--reference": "r 2"}, "more than zero"),
        ({"--amount": "-1", "--reference": "r 2"}, "in figures"),
        ({"--amount": "0.001", "--reference": "r 2"}, "2 decimals"),
        ({"--amount": "1e9", "--reference": "r 2"}, "in figures"),
        ({"--currency": "USD", "--reference": "r 2"}, "kept in EUR"),
        ({"--currency": "XXX", "--reference": "r 2"}, "no currency"),
        ({"--reference": " "}, "A reference has"),
    ],
    ids=str,
)
def test_what_cannot_be_is_refused(changed: dict[str, str], said: str, portal: World) -> None:
    done(portal, *CREDIT)
    args = [changed.get(before, one) for before, one in zip(("", *CREDIT), CREDIT, strict=False)]
    assert said in refused(portal, *args)
    assert len(entries(portal)) == 1


def test_the_currency_goes_without_saying(portal: World) -> None:
    assert "1.00 EUR" in done(portal, "credit", "--account", "owner@example.com", "--amount", "1", "--reference", "x")


def test_refund_shows_what_it_is_about_and_asks(portal: World) -> None:
    done(portal, *CREDIT)
    assert "Nothing was changed." in refused(portal, "refund", "1", "--reason", "wrong", typed="n\n")
    assert len(entries(portal)) == 1
    said = done(portal, "refund", "1", "--amount", "2.50", "--reason", "wrong", typed="y\n")
    assert "credit of 12.50 EUR, owner@example.com" in said
    assert "the balance is 10.00 EUR" in said
    assert "the balance is 0.00 EUR" in done(portal, "refund", "1", "--reason", "all", "--yes")
    assert "Enter an amount" in refused(portal, "refund", "1", "--amount", "x", "--reason", "all", "--yes")
    nothing = refused(portal, "refund", "1", "--amount", "1", "--reason", "a", "--yes")
    assert "Nothing of that movement is left" in nothing
    assert "There is no movement 9." in refused(portal, "refund", "9", "--reason", "x", "--yes")
    assert_whole(portal)


def test_a_statement_for_a_spreadsheet_holds_no_formula(portal: World) -> None:
    for number, text in enumerate(("=1+1", "+1", "-1", "@SUM(A1)", "plain, with a comma")):
        money_args = ("--amount", "1", "--reference", text, "--note", f'{text}"')
        done(portal, "credit", "--account", "owner@example.com", *money_args)
        assert len(entries(portal)) == number + 1
    done(portal, "refund", "1", "--reason", "=cmd|' /C calc'!A0", "--yes")
    table = list(csv.reader(io.StringIO(done(portal, "statement", "--account", "owner@example.com", "--csv"))))
    assert len(table) == 7
    texts = [row[place] for row in table[1:] for place in (table[0].index("reference"), table[0].index("note"))]
    assert len([text for text in texts if text.startswith("'")]) == 9
    assert not [text for text in texts if text.startswith(("=", "+", "-", "@", "\t"))]
    plain = done(portal, "statement", "--account", "owner@example.com")
    assert "correction\t-1.00 EUR\t4.00 EUR" in plain
    assert "There is no account x." in refused(portal, "statement", "--account", "x")


def test_verify_says_what_is_wrong_and_exits_with_1(portal: World) -> None:
    done(portal, *CREDIT)
    assert done(portal, "verify") == "All is well: 1 movements of 1 accounts, 1 changes.\n"
    with portal.app.app_context(), db.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE balance SET balance_minor = 9999")
    ran = run(portal, "verify")
    assert ran.exit_code == 1
    assert "the balance is not the sum of the rows" in ran.stdout
    assert "the trail of changes tells another balance" in ran.stdout


def test_import_from_a_file(portal: World, tmp_path: Path) -> None:
    named = reference_of(money.account_id(portal, "owner"))
    file = tmp_path / "bank.csv"
    file.write_text(f"Date;Amount;Reference\n2026-06-01;12,50;{named}\n2026-06-01;1,00;nobody\n")
    assert "1 to be credited, 12.50 EUR in all; 1 left to you" in done(portal, "import", str(file), "--dry-run")
    assert "Nothing was changed." in refused(portal, "import", str(file), typed="n\n")
    assert entries(portal) == []
    assert "1 credited, 0 credited before, 0 failed." in done(portal, "import", str(file), "--yes")
    assert "0 to be credited" in done(portal, "import", str(file), "--yes")
    file.write_bytes(b"a;b\n" * 1_100_000)
    assert "larger than 4 MiB" in refused(portal, "import", str(file))
    file.write_text("x;y\n")
    assert "Say which they are" in refused(portal, "import", str(file))


def test_with_billing_off_every_way_in_is_shut(make_world: Callable[..., World], tmp_path: Path) -> None:
    world = make_world("own", billing="off")
    (tmp_path / "x.csv").write_text("Date;Amount;Reference\n2026-06-01;1,00;x\n")
    assert "Billing is off." in refused(world, *CREDIT)
    assert "Billing is off." in refused(world, "import", str(tmp_path / "x.csv"), "--yes")
    assert entries(world) == []
