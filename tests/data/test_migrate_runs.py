"""`flask data migrate-servers` for many servers: limits, filters, the guard, and a panel that misbehaves."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import func, select

from portal import clock as portal_clock
from portal.audit import changes
from portal.billing.models import Price
from portal.data import importing
from portal.store import read
from tests.conftest import PortalSide, World
from tests.data.support import DAY_S, crowd, migrate, terms, with_accounts, writes
from tests.servers.support import Bent
from tests.support.money import price

Make = Callable[..., World]
ALL = ("--yes", "--price", "5")


@pytest.fixture(scope="module")
def many() -> dict[str, Any]:
    """300 users and 250 servers."""
    return crowd(300, 250)


@pytest.fixture
def big(make_world: Make, many: dict[str, Any]) -> World:
    """All of the users have accounts; nothing was read yet."""
    world = make_world("service", fixture=many)
    return with_accounts(world, [f"user{n:03}" for n in range(300)])


@pytest.fixture
def world(make_world: Make) -> World:
    """The lively demo."""
    return make_world("service", is_ready=True)


class Waiting(PortalSide):
    """The test's clock, which goes on while somebody waits."""

    def sleep(self, seconds: float) -> None:
        self.clock.advance(seconds)


def count(world: World, table: type) -> int:
    with world.app.app_context(), read() as session:
        return session.scalar(select(func.count()).select_from(table)) or 0


def test_250_servers_in_three_runs_of_100_are_imported_once_each_and_the_panel_is_never_written(big: World) -> None:
    told = [migrate(big, *ALL, "--limit", "100", "--spread", "30").stdout for _ in range(3)]
    assert [one.splitlines()[-1] for one in told] == [
        "Migrated: 100, skipped: 0, errors: 0.", "Migrated: 100, skipped: 100, errors: 0.",
        "Migrated: 50, skipped: 200, errors: 0.",
    ]  # fmt: skip
    assert len(terms(big)) == count(big, Price) == 250
    assert "150 more can be migrated" in told[0]
    assert "Migrated: 0, skipped: 250" in migrate(big, *ALL, "--limit", "100", "--spread", "30").stdout
    assert count(big, Price) == 250
    assert big.demo.calls
    assert writes(big) == []
    with big.app.app_context():
        assert list(changes.verify()) == []


def test_250_servers_answered_one_by_one_are_imported_once_each(big: World) -> None:
    for _ in range(3):
        assert migrate(big, "--limit", "100", says="y\n30\n5\n" * 100).exit_code == 0
    assert len(terms(big)) == count(big, Price) == 250
    assert writes(big) == []


def test_servers_without_a_registered_owner_do_not_count_for_the_limit(make_world: Make, many: dict[str, Any]) -> None:
    world = with_accounts(make_world("service", fixture=many), [f"user{n:03}" for n in range(150, 300)])
    ran = migrate(world, *ALL, "--limit", "100", "--spread", "30")
    assert "Migrated: 100, skipped: 150, errors: 0." in ran.stdout
    assert "Server 150" in terms(world)


def test_more_on_one_day_than_the_guard_allows_is_refused_with_the_figure(big: World) -> None:
    ran = migrate(big, *ALL)
    assert ran.exit_code == 1
    assert "100 servers would be suspended on" in ran.stdout
    assert "the guard allows 10 on one day" in ran.stdout
    assert "--spread 10" in ran.stdout
    assert terms(big) == {}


def test_the_spread_that_is_named_is_enough_and_even(big: World) -> None:
    now = int(big.clock.now())
    assert migrate(big, *ALL, "--spread", "10").exit_code == 0
    days = Counter((one.expires_at - now) // DAY_S for one in terms(big).values() if one.expires_at)
    assert days == {30 + n: 10 for n in range(10)}


def test_a_spread_that_is_too_small_is_refused_too(big: World) -> None:
    ran = migrate(big, *ALL, "--spread", "3")
    assert ran.exit_code == 1
    assert "the guard allows 10" in ran.stdout
    assert terms(big) == {}


def test_free_servers_fill_no_day(big: World) -> None:
    assert migrate(big, "--yes", "--price", "free").exit_code == 0
    assert {one.kind for one in terms(big).values()} == {"free"}


def test_a_dry_run_says_what_would_be_and_whether_the_guard_would_refuse(world: World) -> None:
    ran = migrate(world, *ALL, "--dry-run", "--spread", "30")
    assert "5.00 EUR for 30 days, until " in ran.stdout
    assert ran.exit_code == 0
    assert migrate(world, *ALL, "--dry-run").exit_code == 1
    assert terms(world) == {}


@pytest.mark.parametrize(
    ("options", "why"),
    [
        (("--yes",), "say also what they cost"),
        (("--yes", "--price", "-1"), "Enter an amount in figures"),
        (("--yes", "--price", "0"), "more than zero"),
        (("--yes", "--price", "0.001"), "EUR has 2 decimals"),
        (("--yes", "--price", "5", "--days", "0"), "--days"),
        (("--limit", "0"), "--limit"),
        (("--spread", "0"), "--spread"),
    ],
)
def test_options_that_make_no_sense_are_refused(world: World, options: tuple[str, ...], why: str) -> None:
    ran = migrate(world, *options)
    assert ran.exit_code == 2
    assert why in ran.stderr
    assert writes(world) == []


def test_filters_by_owner_node_and_egg(world: World) -> None:
    solo = next(one for one in world.demo.world.users if one.username == "solo")
    one = next(one for one in world.demo.world.servers if one.name == "Solo Survival")
    for options in (("--owner", "solo@example.com"), ("--owner", str(solo.id))):
        ran = migrate(world, "--dry-run", *options)
        assert "Migrated: 1, skipped: 0" in ran.stdout
        assert "Solo Survival" in ran.stdout
    for name, number in (("node", one.node.id), ("egg", one.egg.id)):
        kept = [row for row in world.demo.world.servers if getattr(row, name).id == number]
        ran = migrate(world, "--dry-run", f"--{name}", str(number))
        assert ran.stdout.count("would migrate\t") + ran.stdout.count("skipped\t") == len(kept)
    assert "There is no account for" in migrate(world, "--owner", "nobody@example.com").stderr


def test_a_server_that_has_a_price_already_is_imported(world: World) -> None:
    price(world, "Lobby", 900)
    ran = migrate(world, *ALL, "--spread", "30")
    assert "Lobby" in ran.stdout
    assert "it is imported already" in ran.stdout
    with world.app.app_context(), read() as session:
        assert session.get_one(Price, terms(world)["Lobby"].price_id).amount_minor == 900


def test_one_that_somebody_prices_meanwhile_is_skipped(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def late(wish: Any, read_at: float) -> bool:
        if wish.candidate.server.name == "Lobby":
            price(world, "Lobby", 900)
        return import_one(wish, read_at)

    import_one = importing.import_one
    monkeypatch.setattr(importing, "import_one", late)
    ran = migrate(world, *ALL, "--spread", "30")
    assert "somebody set its price meanwhile" in ran.stdout
    assert ran.exit_code == 0
    with world.app.app_context(), read() as session:
        assert session.get_one(Price, terms(world)["Lobby"].price_id).amount_minor == 900


def test_a_failing_server_is_told_leaves_nothing_half_done_and_stops_no_other(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    def break_in(session: Any, *_: Any) -> None:
        if session.scalar(select(func.count()).select_from(Price)) == 3:
            raise importing.NotImported("it broke")

    monkeypatch.setattr(importing.confirming, "demand_in", break_in)
    ran = migrate(world, *ALL, "--limit", "4", "--spread", "30")
    assert "Migrated: 2, skipped: 0, errors: 2." in ran.stdout
    assert ran.exit_code == 1
    assert len(terms(world)) == count(world, Price) == 2


def test_ctrl_c_ends_between_two_servers_with_the_sum(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(wish: Any, read_at: float) -> bool:
        if len(terms(world)) == 2:
            raise KeyboardInterrupt
        return import_one(wish, read_at)

    import_one = importing.import_one
    monkeypatch.setattr(importing, "import_one", interrupted)
    ran = migrate(world, *ALL, "--spread", "30")
    assert "Migrated: 2, skipped: 2, errors: 0." in ran.stdout
    assert len(terms(world)) == 2


@pytest.mark.parametrize("condition", ["panel-gateway", "panel-maintenance", "panel-database-down"])
def test_a_panel_that_is_down_imports_nothing_and_says_so(world: World, condition: str) -> None:
    world.demo.set_condition(condition)
    ran = migrate(world, *ALL, "--spread", "30")
    assert ran.exit_code == 1
    assert "nothing was imported" in ran.stderr
    assert terms(world) == {}


def bent(change: Callable[[Any], None], *, times: int = 99) -> Callable[[str, Any], Any]:
    """The second page of the list of servers is changed, so often."""
    left = [times]

    def bend(_path: str, document: Any) -> Any:
        if document.get("object") == "list" and document["meta"]["pagination"]["current_page"] == 2 and left[0]:
            left[0] -= 1
            change(document)
        return document

    return bend


def emptied(document: Any) -> None:
    document["data"] = []


def repeated(document: Any) -> None:
    document["data"] = document["data"][:1] * len(document["data"])


def shrunk(document: Any) -> None:
    document["meta"]["pagination"]["total"] -= 1


def nonsense(document: Any) -> None:
    document["data"][7]["attributes"]["uuid"] = 7


def without_subusers(document: Any) -> None:
    for one in document["data"]:
        del one["attributes"]["relationships"]


@pytest.mark.parametrize("change", [emptied, repeated, shrunk, nonsense, without_subusers])
def test_a_list_that_contradicts_itself_imports_nothing(big: World, change: Callable[[Any], None]) -> None:
    Bent(big, bent(change))
    ran = migrate(big, *ALL, "--spread", "30")
    assert ran.exit_code == 1
    assert "nothing was imported" in ran.stderr
    assert terms(big) == {}


def test_a_list_that_changed_while_it_was_read_is_read_once_more(big: World) -> None:
    Bent(big, bent(shrunk, times=1))
    ran = migrate(big, *ALL, "--spread", "30")
    assert ran.exit_code == 0
    assert len(terms(big)) == 100


def test_a_page_that_fails_in_the_middle_imports_nothing(big: World) -> None:
    def fail(_path: str, document: Any) -> Any:
        if document.get("object") == "list" and document["meta"]["pagination"]["current_page"] == 2:
            raise ConnectionResetError
        return document

    Bent(big, fail)
    ran = migrate(big, *ALL, "--spread", "30")
    assert ran.exit_code == 1
    assert "nothing was imported" in ran.stderr
    assert terms(big) == {}


def test_a_panel_that_asks_to_wait_is_waited_for(big: World) -> None:
    portal_clock.use(Waiting(big.clock))
    big.demo.knobs.turn({"where": "panel", "fault": "throttle", "settings": {"retry_after": "20"}, "times": 3})
    began = big.clock.now()
    assert migrate(big, *ALL, "--spread", "30").exit_code == 0
    assert len(terms(big)) == 100
    assert 60 <= big.clock.now() - began < 90


def test_a_panel_that_always_asks_to_wait_is_given_up(big: World) -> None:
    portal_clock.use(Waiting(big.clock))
    big.demo.knobs.turn({"where": "panel", "fault": "throttle", "settings": {"retry_after": "20"}})
    ran = migrate(big, *ALL, "--spread", "30")
    assert ran.exit_code == 1
    assert "asked too often" in ran.stderr
    assert terms(big) == {}
