"""Money: whole numbers of minor units with their currency's own decimals; nothing is lost and nothing appears."""

from __future__ import annotations

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from portal.billing import money
from portal.billing.money import EXPONENTS, LARGEST, Money, MoneyError, parse, shares

THREE = {"JPY": 0, "EUR": 2, "KWD": 3}
amounts = st.integers(-LARGEST, LARGEST)
currencies = st.sampled_from([*THREE, *sorted(EXPONENTS)])


@pytest.mark.parametrize(("currency", "exponent"), THREE.items())
def test_three_currencies_with_0_2_and_3_decimals(currency: str, exponent: int) -> None:
    assert EXPONENTS[currency] == exponent
    said = {0: ("1234", "1,234 JPY"), 2: ("12.34", "12.34 EUR"), 3: ("1.234", "1.234 KWD")}[exponent]
    assert (Money(1234, currency).decimal, str(Money(1234, currency))) == said
    assert parse(said[0], currency) == Money(1234, currency)
    with pytest.raises(MoneyError, match="decimals"):
        parse(f"1.{'1' * (exponent + 1)}", currency)


def test_the_table_of_decimals_is_iso_4217s() -> None:
    assert len(EXPONENTS) > 150
    assert all(len(code) == 3 and code.isascii() and code.isupper() for code in EXPONENTS)
    assert {code for code, decimals in EXPONENTS.items() if decimals == 3} == {
        "BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"
    }  # fmt: skip
    assert [EXPONENTS[code] for code in ("KRW", "VND", "CLP", "ISK", "HUF", "CHF", "USD", "TWD")] == [
        0, 0, 0, 0, 2, 2, 2, 2
    ]  # fmt: skip


@given(amounts, currencies)
def test_what_is_written_is_read_again(minor: int, currency: str) -> None:
    written = Money(minor, currency).decimal
    if minor > 0:
        assert parse(written, currency) == Money(minor, currency)
        assert parse(written.replace(".", ","), currency) == Money(minor, currency)
    assert str(Money(minor, currency)).replace(",", "") == f"{written} {currency}"


@pytest.mark.parametrize(
    "typed",
    ["0", "0.00", "-1", "+1", "0.001", "1e9", "1E9", "nine", "", " ", ".", "1.", ".5", "1 000", "1,000.00", "1.000,00",
     "NaN", "inf", "0x10", "١٢", "1_0", "1\x00", "9" * 15, "9" * 400, "10000000000.01"],
)  # fmt: skip
def test_what_is_no_positive_amount_is_refused_with_a_sentence(typed: str) -> None:
    with pytest.raises(MoneyError) as caught:
        parse(typed, "EUR")
    assert str(caught.value).endswith(".")
    assert "Traceback" not in str(caught.value)


@given(st.text(max_size=30), currencies)
def test_whatever_is_typed_is_an_amount_or_refused(typed: str, currency: str) -> None:
    try:
        found = parse(typed, currency)
    except MoneyError:
        return
    assert 0 < found.minor <= LARGEST
    assert typed.strip().isascii()


def test_zero_is_taken_only_where_it_may_be() -> None:
    assert parse("0", "EUR", may_be_zero=True) == Money(0, "EUR")


@pytest.mark.parametrize("value", [1.0, 0.1, True, "1", None])
def test_nothing_but_a_whole_number_is_money(value: object) -> None:
    with pytest.raises(TypeError):
        Money(value, "EUR")  # type: ignore[arg-type]
    with pytest.raises(TypeError):
        Money(1, "EUR").times(value)  # type: ignore[arg-type]


@pytest.mark.parametrize("currency", ["", "eur", "XXX", "EURO", "€"])
def test_only_currencies_of_the_table_are_money(currency: str) -> None:
    with pytest.raises(MoneyError):
        Money(1, currency)
    with pytest.raises(MoneyError):
        parse("1", currency)


def test_too_much_is_refused_and_not_wrapped() -> None:
    top = Money(LARGEST, "EUR")
    for over in (lambda: top + Money(1, "EUR"), lambda: -top - Money(1, "EUR"), lambda: top.times(2)):
        with pytest.raises(MoneyError, match="too large"):
            over()
    with pytest.raises(MoneyError, match="too large"):
        Money(2**63, "EUR")


def test_two_currencies_are_never_added_up_or_compared() -> None:
    one, other = Money(1, "EUR"), Money(1, "JPY")
    for mixed in (lambda: one + other, lambda: one - other, lambda: one < other, lambda: one <= other):
        with pytest.raises(MoneyError):
            mixed()
    assert one != other


@given(amounts, amounts)
@settings(max_examples=300)
def test_sums_are_exact(first: int, second: int) -> None:
    if abs(first + second) <= LARGEST:
        assert Money(first, "EUR") + Money(second, "EUR") == Money(first + second, "EUR")
        assert Money(first + second, "EUR") - Money(second, "EUR") == Money(first, "EUR")


def test_the_parts_of_an_amount_add_up_to_it_in_100_000_cases() -> None:
    chance = random.Random(20)
    for _ in range(100_000):
        weights = [chance.choice((0, 1, 2, 3, 7, 30, 31, 365)) for _ in range(chance.randint(1, 6))]
        if not sum(weights):
            continue
        total = chance.randint(-(10 ** chance.randint(1, 12)), 10 ** chance.randint(1, 12))
        parts = [part.minor for part in shares(Money(total, "KWD"), weights)]
        assert sum(parts) == total
        for part, weight in zip(parts, weights, strict=True):
            exact = abs(total) * weight
            assert abs(abs(part) * sum(weights) - exact) < sum(weights)
            assert part == 0 or (part > 0) == (total > 0)


@pytest.mark.parametrize("weights", [[], [0], [0, 0], [-1, 2]])
def test_an_amount_is_not_divided_by_nothing(weights: list[int]) -> None:
    with pytest.raises(ValueError):
        shares(Money(1, "EUR"), weights)


def test_the_largest_remainder_gets_what_is_left() -> None:
    assert [one.minor for one in shares(Money(100, "EUR"), [1, 1, 1])] == [34, 33, 33]
    assert [one.minor for one in shares(Money(-100, "EUR"), [1, 1, 1])] == [-34, -33, -33]
    assert [one.minor for one in shares(Money(10, "JPY"), [2, 3, 6])] == [2, 3, 5]
    assert money.LARGEST == 10**12
