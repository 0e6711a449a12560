"""Amounts, dates and rows as banks write them, and as they must not be read."""

from __future__ import annotations

import pytest

from portal.credit import columns, figures, table
from portal.credit.columns import Chosen
from portal.credit.figures import Unreadable
from portal.credit.table import BadFile


@pytest.mark.parametrize(
    ("figure", "mark", "minor"),
    [
        ("12.50", ".", 1250),
        ("12,50", ",", 1250),
        ("12,5", ",", 1250),
        ("12", None, 1200),
        ("12", ",", 1200),
        ("1.234,56", ",", 123456),
        ("1,234.56", ".", 123456),
        ("1 234,56", ",", 123456),
        ("1'234.56", ".", 123456),
        ("1\u2019234.56", ".", 123456),
        ("1.234.567,00", ",", 123456700),
        ("1,234", ".", 123400),
        ("12.5000", ".", 1250),
        ("+12.50", ".", 1250),
        ("-12.50", ".", -1250),
        ("\u221212.50", ".", -1250),
        ("12,50-", ",", -1250),
        ("(12.50)", ".", -1250),
        ("0.00", ".", 0),
    ],
)
def test_a_figure_that_can_be_read_in_one_way(figure: str, mark: str | None, minor: int) -> None:
    assert figures.minor_units(figure, "EUR", mark) == (minor, None)


@pytest.mark.parametrize("figure", ["12.50 EUR", "EUR 12.50", "12.50 \u20ac", "\u20ac12.50", "\u20ac 12.50"])
def test_a_currency_may_stand_beside_it(figure: str) -> None:
    assert figures.minor_units(figure, "EUR", ".") == (1250, "EUR")


@pytest.mark.parametrize(
    ("figure", "mark"),
    [
        ("", "."), ("x", "."), ("1,234", None), ("1.234", None), ("12.345", "."), ("1,23,456.00", "."),
        ("12,34.5", "."), ("1.2.3", "."), ("--5", "."), ("-5-", "."), ("(5", "."), ("5)", "."), ("(-5)", "."),
        ("1e9", "."), ("0x10", "."), ("NaN", "."), ("12.50 EUR USD", "."), ("EUR 12.50 USD", "."), ("$5", "."),
        ("1" * 20, "."), ("9999999999999", "."), ("=5+5", "."), ("\u0661\u0662", "."), ("1 23,50", ","), ("5 5", "."),
    ],
)  # fmt: skip
def test_a_figure_that_cannot(figure: str, mark: str | None) -> None:
    with pytest.raises(Unreadable):
        figures.minor_units(figure, "EUR", mark)


@pytest.mark.parametrize(
    ("column", "currency", "mark"),
    [
        (["12.50", "1,234.00"], "EUR", "."),
        (["1,234", "5,00"], "EUR", ","),
        (["1,234", "2,345"], "EUR", None),
        (["12", "x", ""], "EUR", None),
        (["1.234.567"], "EUR", ","),
        (["0.500"], "KWD", "."),
        (["1.500"], "KWD", None),
        (["1,234"], "JPY", "."),
    ],
)
def test_the_whole_column_tells_the_decimal_sign(column: list[str], currency: str, mark: str | None) -> None:
    assert figures.decimal_mark(column, currency) == mark


def test_a_column_that_tells_both_is_refused() -> None:
    with pytest.raises(BadFile):
        figures.decimal_mark(["12.50", "12,50"], "EUR")


@pytest.mark.parametrize(
    ("currency", "figure", "mark", "minor"),
    [("JPY", "1,234", ".", 1234), ("JPY", "1234", None, 1234), ("KWD", "1.5", ".", 1500), ("KWD", "1.500", ".", 1500)],
)
def test_other_currencies_have_other_decimals(currency: str, figure: str, mark: str | None, minor: int) -> None:
    assert figures.minor_units(figure, currency, mark)[0] == minor


def test_a_yen_has_no_sen() -> None:
    with pytest.raises(Unreadable):
        figures.minor_units("12.50", "JPY", ".")


@pytest.mark.parametrize(
    ("text", "iso"),
    [
        ("2026-01-31", "2026-01-31"), ("2026/1/31", "2026-01-31"), ("31.01.2026", "2026-01-31"),
        ("31.1.26", "2026-01-31"), ("20260131", "2026-01-31"), ("2026-01-31 10:11:12", "2026-01-31"),
        ("2026-01-31T10:11:12Z", "2026-01-31"), ("01/02/2026", "01/02/2026"), ("1-Feb-2026", "1-Feb-2026"),
    ],
)  # fmt: skip
def test_dates(text: str, iso: str) -> None:
    assert figures.day(text) == iso


@pytest.mark.parametrize(
    "text", ["", "x", "31.02.2026", "2026-13-01", "99.99.9999", "=TODAY()", "\u0663\u0661.01.2026"]
)
def test_what_is_no_date(text: str) -> None:
    with pytest.raises(Unreadable):
        figures.day(text)


ROWS = 'Date;Amount;Reference\n2026-01-31;12,50;"a ""quoted"" text; with a semicolon"\n'


@pytest.mark.parametrize(
    "content",
    [
        ROWS.encode(),
        ROWS.encode("utf-8-sig"),
        ROWS.encode("utf-16"),
        ROWS.replace("\n", "\r\n").encode(),
        b"\n\n" + ROWS.encode() + b"\n;;\n",
    ],
    ids=["plain", "bom", "utf-16", "crlf", "blank lines"],
)
def test_a_file_reads_the_same_however_it_is_written(content: bytes) -> None:
    lines = table.rows_of(content)
    assert [one.cells for one in lines] == [
        ("Date", "Amount", "Reference"), ("2026-01-31", "12,50", 'a "quoted" text; with a semicolon'),
    ]  # fmt: skip


def test_what_windows_wrote_is_read_as_such() -> None:
    lines = table.rows_of("Datum;Betrag;Verwendungszweck\n1.1.26;5,00;M\u00fcller \u20ac\n".encode("cp1252"))
    assert lines[1].cells[2] == "M\u00fcller \u20ac"


@pytest.mark.parametrize("separator", table.SEPARATORS)
def test_every_separator_is_found(separator: str) -> None:
    text = "My bank\n\n" + "\n".join(separator.join(("Date", "Amount", "Reference", "")) for _ in range(3))
    assert table.rows_of(text.encode())[1].cells[:3] == ("Date", "Amount", "Reference")


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\n\n",
        b"a;b\0c\n",
        b"\xff\xfea",
        b"x" * 5000,
        b";" * 200,
        b'a;"b\n',
        b'"' * 999,
        b"a;b\n" * (table.MOST_ROWS + 1),
        b"a;b\n" * 1_100_000,
        b'a;"' + b"\n" * 100_000,
    ],
    ids=[
        "empty", "blank", "nul", "half a letter", "one long cell", "columns", "open quote", "quotes", "rows", "huge",
        "newlines",
    ],
)  # fmt: skip
def test_a_hostile_file_is_refused_with_a_sentence(content: bytes) -> None:
    with pytest.raises(BadFile) as caught:
        columns.find(table.rows_of(content), Chosen())
    assert str(caught.value).endswith(".")


def test_columns_are_found_by_their_names_below_what_banks_write_first() -> None:
    text = "Umsatz-Export;;\nKonto;DE00;\n\nBuchungstag;Verwendungszweck;Betrag (EUR)\n1.1.26;x;5,00\n"
    found, head = columns.find(table.rows_of(text.encode()), Chosen())
    assert (found.date, found.text, found.amount, head) == (0, (1,), 2, 3)


def test_columns_that_are_not_found_are_named() -> None:
    lines = table.rows_of(b"Wann;Was;Wieviel\n1.1.26;x;5,00\n")
    with pytest.raises(BadFile, match="it has: Wann, Was, Wieviel"):
        columns.find(lines, Chosen())
    found, head = columns.find(lines, Chosen(date="wann", amount="WIEVIEL", text="Was"))
    assert (found.date, found.text, found.amount, head) == (0, (1,), 2, 1)
    with pytest.raises(BadFile):
        columns.find(lines, Chosen(date="wann", amount="missing", text="Was"))


def test_two_columns_that_could_be_the_amount_are_not_guessed() -> None:
    lines = table.rows_of(b"Date;Amount;Credit;Details\n2026-01-01;1;2;x\n")
    with pytest.raises(BadFile, match="say which"):
        columns.find(lines, Chosen())
    assert columns.find(lines, Chosen(amount="Credit"))[0].amount == 2
