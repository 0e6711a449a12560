"""`flask data migrate-servers --map`: prices and expiry from a file, as they stood in another billing system."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from portal.billing import terms as billing
from portal.billing.terms import Terms
from tests.conftest import World
from tests.data.support import DAY_S, map_file, migrate, terms
from tests.servers.support import account_id
from tests.support.money import fund, known

HEAD = "identifier,price,currency,period,expires_at,auto_renew"


@pytest.fixture
def world(make_world: Callable[..., World]) -> World:
    """The lively demo of a host in Berlin; it is the end of May 2026."""
    return make_world("service", is_ready=True, time_zone="Europe/Berlin")


def of(world: World, name: str) -> Terms:
    with world.app.app_context():
        found = billing.of(known(world, name).uuid)
    assert found is not None
    return found


def test_a_line_sets_price_period_expiry_and_renewal(world: World, tmp_path: Path) -> None:
    lines = (HEAD, f"{world.server('Lobby')},12.50,EUR,1 month,2026-06-15T18:00,yes")
    ran = migrate(world, "--map", map_file(tmp_path, *lines))
    assert ran.exit_code == 0, ran.output
    assert "Migrated: 1, skipped: 0, errors: 0." in ran.stdout
    shown = of(world, "Lobby")
    assert shown.price is not None
    assert (str(shown.price.amount), shown.price.period.count, shown.price.period.unit) == ("12.50 EUR", 1, "months")
    berlin = ZoneInfo("Europe/Berlin")
    assert shown.expires_at == datetime(2026, 6, 15, 18, tzinfo=berlin).timestamp()
    with world.app.app_context():
        assert shown.end_after(1) == datetime(2026, 7, 15, 18, tzinfo=berlin).timestamp()
    assert shown.auto_renew_by == account_id(world, "owner")


def test_only_identifier_and_price_are_needed(world: World, tmp_path: Path) -> None:
    now = int(world.clock.now())
    lines = ("price;identifier", f"12,50;{known(world, 'Lobby').uuid}", f"free;{world.server('Skyblock')}")
    ran = migrate(world, "--map", map_file(tmp_path, *lines), "--days", "14")
    assert "Migrated: 2, skipped: 0, errors: 0." in ran.stdout
    shown = of(world, "Lobby")
    assert (shown.anchor, shown.periods, shown.expires_at, shown.auto_renew_by) == (now, 1, now + 14 * DAY_S, None)
    assert shown.price is not None
    assert str(shown.price.amount) == "12.50 EUR"
    assert of(world, "Skyblock").kind == "free"


@pytest.mark.parametrize(
    ("text", "count", "unit"),
    [("30", 30, "days"), ("7d", 7, "days"), ("3 months", 3, "months"), ("1m", 1, "months"), ("Monthly", 1, "months"),
     ("quarterly", 3, "months"), ("annually", 12, "months")],
)  # fmt: skip
def test_periods_are_read_as_hosts_write_them(
    world: World, tmp_path: Path, text: str, count: int, unit: str
) -> None:
    migrate(world, "--map", map_file(tmp_path, "identifier,price,period", f"{world.server('Lobby')},5,{text}"))
    price = of(world, "Lobby").price
    assert price is not None
    assert (price.period.count, price.period.unit) == (count, unit)


@pytest.mark.parametrize(
    ("cells", "reason"),
    [
        ("0,EUR,,,", "The amount must be more than zero."),
        ("0.001,EUR,,,", "EUR has 2 decimals."),
        ("5,XXY,,,", "XXY is no currency"),
        (",,,,", "Enter an amount in figures"),
        ("5,EUR,fortnight,,", "'fortnight' is no period"),
        ("5,EUR,0 days,,", "A period has 1 to 3660 days."),
        ("5,EUR,61 months,,", "at most five years"),
        ("5,EUR,1827,,", "at most five years"),
        ("5,EUR,,soon,", "'soon' is no date"),
        ("5,EUR,,1782000000,", "'1782000000' is no date"),
        ("5,EUR,,1970-01-21,", "more than a year ago"),
        ("5,EUR,,2060-01-01,", "five years ahead"),
        ("5,EUR,,2026-02-30,", "'2026-02-30' is no date"),
        ("5,EUR,,,maybe", "auto_renew is yes or no."),
        ("free,,,2026-07-01,", "A free server never expires"),
        ("5,EUR", "not as many columns"),
    ],
)
def test_a_wrong_line_is_told_by_its_number_and_keeps_no_other_back(
    world: World, tmp_path: Path, cells: str, reason: str
) -> None:
    lines = (HEAD, f"{world.server('Skyblock')},5,EUR,30,,", f"{world.server('Lobby')},{cells}")
    ran = migrate(world, "--map", map_file(tmp_path, *lines))
    assert "error\tline 3: " in ran.stdout
    assert reason in ran.stdout
    assert "Migrated: 1, skipped: 0, errors: 1." in ran.stdout
    assert ran.exit_code == 1
    assert set(terms(world)) == {"Skyblock"}


def test_a_server_that_the_panel_has_not_and_one_named_twice_are_errors(world: World, tmp_path: Path) -> None:
    lobby = known(world, "Lobby")
    lines = ("identifier,price", "00000000,5", f"{lobby.identifier},5", f"{lobby.uuid},6", "no thing,5")
    ran = migrate(world, "--map", map_file(tmp_path, *lines))
    assert "line 2: the panel has no server 00000000" in ran.stdout
    assert f"line 4: {lobby.uuid} stands in the file twice." in ran.stdout
    assert "line 5: 'no thing' is no identifier" in ran.stdout
    assert "Migrated: 0, skipped: 0, errors: 4." in ran.stdout


def test_a_price_is_in_the_currency_in_which_the_owner_pays(world: World, tmp_path: Path) -> None:
    lines = ("identifier,price,currency", f"{world.server('Lobby')},5,USD", f"{world.server('Skyblock')},5,eur")
    ran = migrate(world, "--map", map_file(tmp_path, *lines))
    assert "line 2: its owner owner@example.com pays in EUR" in ran.stdout
    assert set(terms(world)) == {"Skyblock"}


def test_an_account_with_a_balance_goes_on_paying_in_its_currency(world: World, tmp_path: Path) -> None:
    fund(world, "owner", 1000, currency="USD")
    lines = ("identifier,price,currency", f"{world.server('Lobby')},5,USD", f"{world.server('Skyblock')},5,EUR")
    ran = migrate(world, "--map", map_file(tmp_path, *lines))
    assert "line 3: its owner owner@example.com pays in USD" in ran.stdout
    assert set(terms(world)) == {"Lobby"}


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"identifier\n1a2b3c4d\n", "has no column price"),
        (b"identifier,price,expiry\n", "has a column 'expiry'"),
        (b"identifier,price,price\n", "has a column twice"),
        (b"", "has no column identifier"),
        ("identifier,price\n".encode("utf-16"), "is not in UTF-8"),
        (b'identifier,price\n"1a2b3c4d,5\n', "is no CSV file from line"),
    ],
)
def test_a_file_that_is_none_is_refused_before_the_panel_is_asked(
    world: World, tmp_path: Path, content: bytes, reason: str
) -> None:
    path = tmp_path / "servers.csv"
    path.write_bytes(content)
    world.calls()
    ran = migrate(world, "--map", str(path))
    assert ran.exit_code == 1
    assert reason in ran.stderr
    assert world.calls() == []


def test_what_spreadsheets_put_in_front_of_a_file_does_no_harm(world: World, tmp_path: Path) -> None:
    path = tmp_path / "servers.csv"
    path.write_bytes(f"\ufeffIdentifier\tPrice\r\n{world.server('Lobby').upper()}\t5\r\n".encode())
    assert migrate(world, "--map", str(path)).exit_code == 0
    assert set(terms(world)) == {"Lobby"}


NAMES = ("Lobby", "Skyblock", "Proxy", "Pixelmon", "Crashy", "Stubborn")


def test_dates_that_crowd_one_day_are_refused_and_spread_only_there(world: World, tmp_path: Path) -> None:
    rows = [f"{world.server(name)},5,2026-07-01" for name in NAMES[:5]] + [f"{world.server('Stubborn')},5,2026-08-01"]
    path = map_file(tmp_path, "identifier,price,expires_at", *rows)
    ran = migrate(world, "--map", path)
    assert ran.exit_code == 1
    assert "5 servers would be suspended on 2026-07-02" in ran.stdout
    assert terms(world) == {}

    assert migrate(world, "--map", path, "--spread", "10").exit_code == 0
    berlin = ZoneInfo("Europe/Berlin")
    ends = [datetime.fromtimestamp(of(world, name).expires_at or 0, berlin).isoformat()[:10] for name in NAMES]
    assert sorted(ends) == ["2026-07-01", "2026-07-03", "2026-07-05", "2026-07-07", "2026-07-09", "2026-08-01"]


def test_a_run_stops_at_the_limit_and_the_next_takes_the_rest(world: World, tmp_path: Path) -> None:
    path = map_file(tmp_path, "identifier,price", *(f"{world.server(name)},free" for name in NAMES))
    assert "2 more can be migrated" in migrate(world, "--map", path, "--limit", "4").stdout
    assert "Migrated: 2, skipped: 4, errors: 0." in migrate(world, "--map", path, "--limit", "4").stdout


def test_a_dry_run_shows_what_a_file_would_do(world: World, tmp_path: Path) -> None:
    path = map_file(tmp_path, HEAD, f"{world.server('Lobby')},12.50,EUR,monthly,2026-06-15,yes")
    ran = migrate(world, "--map", path, "--dry-run")
    told = "12.50 EUR for 1 month, until 2026-06-15 12:00 CEST, renews by itself"
    assert f"would migrate\tLobby#{world.server('Lobby')}\t{told}" in ran.stdout
    assert terms(world) == {}


def test_a_price_besides_the_file_is_refused(world: World, tmp_path: Path) -> None:
    ran = migrate(world, "--map", map_file(tmp_path, "identifier,price"), "--price", "5")
    assert ran.exit_code == 2
