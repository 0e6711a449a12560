"""`flask data migrate-servers` with a person at the keyboard: the questions, the answers, and what is written."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from portal.billing.models import Price
from portal.store import read
from portal.suspension.models import Hold
from portal.sweep import confirming
from tests.conftest import World
from tests.data.support import DAY_S, migrate, terms, writes
from tests.servers.support import account_id, row_of, said, see
from tests.support.money import known

FIRST = "Survival SMP"


@pytest.fixture
def world(make_world: Callable[..., World]) -> World:
    """The lively demo; everybody but the owner of two servers has an account."""
    return make_world("service", is_ready=True)


def price_of(world: World, name: str) -> Price:
    with world.app.app_context(), read() as session:
        return session.get_one(Price, terms(world)[name].price_id)


def test_the_questions_are_asked_word_for_word(world: World) -> None:
    ran = migrate(world, "--limit", "1", says="\n\n5\n")
    asked = ran.stdout.splitlines()
    assert asked[0] == f"Do you want to migrate server {FIRST}#{world.server(FIRST)}? [Y/n]: "
    assert asked[1] == "How long should the server be active? (in days) [30]: "
    assert asked[2] == "How much should the server cost? (EUR): 5"
    assert ran.exit_code == 0


@pytest.mark.parametrize("answer", ["y", "yes", "Y", ""])
def test_yes_is_yes_and_so_is_enter(world: World, answer: str) -> None:
    migrate(world, "--limit", "1", says=f"{answer}\n\n5\n")
    assert set(terms(world)) == {FIRST}


def test_no_skips_and_asks_nothing_more(world: World) -> None:
    ran = migrate(world, "--limit", "1", says="n\n")
    assert terms(world) == {}
    assert "How long" not in ran.stdout
    assert "Migrated: 0, skipped: 1, errors: 0." in ran.stdout


def test_price_period_anchor_and_expiry_are_written_and_renewal_is_off(world: World) -> None:
    now = int(world.clock.now())
    migrate(world, "--limit", "1", says="y\n14\n7,50\n")
    term, price = terms(world)[FIRST], price_of(world, FIRST)
    assert (price.amount_minor, price.currency, price.period_count, price.period_unit) == (750, "EUR", 14, "days")
    assert (term.kind, term.anchor, term.periods, term.expires_at) == ("priced", now, 1, now + 14 * DAY_S)
    assert term.auto_renew_by is None
    assert (term.identifier, term.internal_id) == (known(world, FIRST).identifier, known(world, FIRST).internal_id)


@pytest.mark.parametrize("wrong", ["0", "-1", "0.001", "1e9", "letters", "1.5", "99999"])
def test_wrong_days_are_asked_again_with_the_reason(world: World, wrong: str) -> None:
    ran = migrate(world, "--limit", "1", says=f"y\n{wrong}\n7\n5\n")
    assert "Error: Enter a whole number of days, from 1 to 1826." in ran.output
    assert price_of(world, FIRST).period_count == 7


@pytest.mark.parametrize(
    ("wrong", "reason"),
    [
        ("0", "The amount must be more than zero. Type free for a server that costs nothing."),
        ("-1", "Enter an amount in figures, like 9 or 9.50."),
        ("0.001", "EUR has 2 decimals."),
        ("1e9", "Enter an amount in figures, like 9 or 9.50."),
        ("letters", "Enter an amount in figures, like 9 or 9.50."),
        ("", "Enter an amount in figures, like 9 or 9.50."),
        ("99999999999", "That amount is too large."),
    ],
)
def test_a_wrong_price_is_asked_again_with_the_reason(world: World, wrong: str, reason: str) -> None:
    ran = migrate(world, "--limit", "1", says=f"y\n\n{wrong}\n5\n")
    assert f"Error: {reason}" in ran.output
    assert price_of(world, FIRST).amount_minor == 500


def test_a_currency_without_decimals_takes_none(make_world: Callable[..., World]) -> None:
    world = make_world("service", is_ready=True, currency="JPY")
    ran = migrate(world, "--limit", "1", says="y\n\n9.5\n900\n")
    assert "How much should the server cost? (JPY): " in ran.stdout
    assert "JPY has no decimals." in ran.output
    assert price_of(world, FIRST).amount_minor == 900


def test_free_makes_it_free(world: World) -> None:
    migrate(world, "--limit", "1", says="y\n\nFree\n")
    term = terms(world)[FIRST]
    assert (term.kind, term.price_id, term.expires_at) == ("free", None, None)


def test_each_server_is_written_before_the_next_question(world: World) -> None:
    ran = migrate(world, says="y\n\n5\ny\n\n6\ny\n10\n")
    assert len(terms(world)) == 2
    assert ran.exit_code == 0
    assert "run the command again to go on" in ran.stdout
    assert ran.stdout.rstrip().endswith("Migrated: 2, skipped: 0, errors: 0.")


def test_it_goes_on_where_it_was_stopped(world: World) -> None:
    migrate(world, says="y\n\n5\n")
    ran = migrate(world, "--limit", "1", says="y\n\n6\n")
    assert f"skipped\t{FIRST}#{world.server(FIRST)}\tit is imported already" in ran.stdout
    assert "Migrated: 1, skipped: 1, errors: 0." in ran.stdout
    assert price_of(world, FIRST).amount_minor == 500


def test_a_server_without_a_registered_owner_is_skipped_saying_so(world: World) -> None:
    ran = migrate(world, "--dry-run")
    assert f"skipped\tHarbour Town#{world.server('Harbour Town')}\tits owner, panel user" in ran.stdout
    assert "roost data sync --create" in ran.stdout


def test_nobody_at_the_keyboard_is_told_what_to_do(world: World) -> None:
    ran = migrate(world, says="")
    assert ran.exit_code == 1
    assert "--yes --days 30 --price" in ran.stderr
    assert "--map FILE.csv" in ran.stderr
    assert "Migrated: 0" in ran.stdout
    assert terms(world) == {}


def test_a_dry_run_asks_and_writes_nothing(world: World) -> None:
    ran = migrate(world, "--dry-run", says="y\n\n5\n")
    assert ran.exit_code == 0
    assert "Do you want" not in ran.stdout
    assert f"would migrate\t{FIRST}#{world.server(FIRST)}" in ran.stdout
    assert terms(world) == {}


def test_a_server_suspended_on_the_panel_is_held_as_external_and_nothing_is_sent(world: World) -> None:
    row_of(world, FIRST).status = "suspended"
    migrate(world, "--limit", "2", says="y\n\nfree\ny\n\n5\n")
    with world.app.app_context(), read() as session:
        (hold,) = session.query(Hold).all()
        from portal.suspension.models import Intent

        assert session.query(Intent).count() == 0
    assert (hold.server_uuid, hold.kind, hold.released_at) == (known(world, FIRST).uuid, "external", None)
    assert writes(world) == []


def test_a_hold_that_explains_the_suspension_stays_the_only_one(world: World) -> None:
    from portal.store import write
    from portal.suspension import holds

    row_of(world, FIRST).status = "suspended"
    with world.app.app_context(), write() as session:
        holds.place_in(session, known(world, FIRST).uuid, "abuse", reason="spam", by=None)
    migrate(world, "--limit", "1", says="y\n\n5\n")
    with world.app.app_context():
        assert [one.kind for one in holds.of(known(world, FIRST).uuid)] == ["abuse"]


def test_a_subuser_sees_it_too_even_if_nobody_read_whose_it_is(make_world: Callable[..., World]) -> None:
    world = make_world("service")
    migrate(world, "--yes", "--price", "5", "--spread", "30")
    from portal.servers import records

    subuser = next(one.id for one in world.demo.world.users if one.username == "subuser")
    with world.app.app_context():
        rights = records.rights(known(world, "The Factory").uuid, subuser)
    assert rights is not None
    assert not rights.is_owner
    page = said(see(world, "subuser", f"/servers/{world.server('The Factory')}/billing"))
    assert "5.00 EUR" in page


def test_nothing_is_suspended_until_somebody_confirms(world: World) -> None:
    with world.app.app_context():
        confirming.confirm(account_id(world, "admin"))
        assert confirming.open_questions() == []
    migrate(world, "--limit", "1", says="y\n\n5\n")
    with world.app.app_context():
        assert any("taken over" in one for one in confirming.open_questions())


def test_a_server_that_changed_hands_while_somebody_thought_is_not_imported(world: World) -> None:
    from portal.data import asking

    def think(*args: object, **more: object) -> object:
        world.clock.advance(120)
        row_of(world, FIRST).owner = next(one for one in world.demo.world.users if one.username == "solo")
        return ask(*args, **more)  # type: ignore[arg-type]

    ask, asking.ask = asking.ask, think  # type: ignore[assignment]
    try:
        ran = migrate(world, "--limit", "1", says="y\n\n5\n")
    finally:
        asking.ask = ask
    assert "it has another owner by now" in ran.stdout
    assert "errors: 1." in ran.stdout
    assert ran.exit_code == 1
    assert terms(world) == {}


def test_a_crowded_day_is_told_when_each_date_was_chosen_by_hand(world: World) -> None:
    ran = migrate(world, "--limit", "4", says="y\n\n5\n" * 4)
    assert len(terms(world)) == 4
    assert "Note: 4 servers would be suspended on" in ran.stdout
