"""A bank's file: what each row would do, what is posted, and that nothing is guessed."""

from __future__ import annotations

import io
import re
from collections.abc import Callable

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from portal.billing.money import Money
from portal.billing.payment_reference import reference_of
from portal.credit import importing, matching, service
from portal.credit.importing import Stale
from portal.credit.matching import Preview
from tests.conftest import World
from tests.credit.conftest import assert_whole, entries
from tests.site.test_pages import check
from tests.support import money

HEAD = "Date;Amount;Payer;Reference"
TOKEN = re.compile(r'name="list" value="([^"]+)"')


@pytest.fixture
def admin(portal: World) -> FlaskClient:
    return portal.browser("admin")


def named(world: World, person: str = "owner") -> str:
    return reference_of(money.account_id(world, person))


def looked(world: World, *rows: str, head: str = HEAD) -> Preview:
    with world.app.app_context():
        return matching.preview("\n".join([head, *rows]).encode())


def post(world: World, shown: Preview) -> tuple[int, int, int]:
    with world.app.app_context():
        done = importing.post(importing.entries(shown), None)
    return done.credited, done.known, len(done.failed)


def upload(browser: FlaskClient, *rows: str, head: str = HEAD, **more: str) -> TestResponse:
    file = (io.BytesIO("\n".join([head, *rows]).encode()), "bank.csv")
    return browser.post("/admin/credit/import", data={"file": file, **more}, content_type="multipart/form-data")


def test_rows_that_name_one_account_are_credited_and_no_others(portal: World) -> None:
    shown = looked(
        portal,
        f"2026-06-01;12,50;Ann;Server {named(portal)} June",
        "2026-06-01;5,00;Bob;for subuser@example.com",
        "2026-06-01;7,00;Owner;server, please",
        f"2026-06-01;8,00;Carl;{named(portal)} and {named(portal, 'subuser')}",
        f"2026-06-01;9,00;Dora;{named(portal)} owner@example.com",
        f"2026-06-01;-20,00;Rent;{named(portal)}",
        f"2026-06-01;0,00;Nothing;{named(portal)}",
    )
    assert [(one.state, one.email, one.why) for one in shown.rows] == [
        ("ready", "owner@example.com", ""),
        ("ready", "subuser@example.com", ""),
        ("unmatched", "", "it names no account"),
        ("unmatched", "", "it names more than one account"),
        ("ready", "owner@example.com", ""),
        ("out", "", "it is no payment to you"),
        ("out", "", "it is no payment to you"),
    ]
    assert str(shown.total) == "26.50 EUR"
    assert post(portal, shown) == (3, 0, 0)
    assert (money.balance(portal, "owner"), money.balance(portal, "subuser")) == (2150, 500)
    assert {one.note for one in entries(portal)} == {"Bank transfer of 2026-06-01"}
    assert_whole(portal)


def test_a_payers_name_is_nobodys_account(portal: World) -> None:
    assert looked(portal, f"2026-06-01;5,00;{named(portal)};thanks").rows[0].state == "unmatched"


def test_the_second_import_of_a_file_credits_nothing(portal: World) -> None:
    rows = [f"2026-06-01;12,50;Ann;{named(portal)}", f"2026-06-02;5,00;Ann;{named(portal)}"]
    first = looked(portal, *rows)
    assert post(portal, first) == (2, 0, 0)
    again = looked(portal, *rows)
    assert [one.state for one in again.rows] == ["known", "known"]
    assert post(portal, first) == (0, 2, 0), "not even by the list that was shown before"
    assert money.balance(portal, "owner") == 1750


def test_a_longer_file_of_the_same_time_credits_only_what_is_new(portal: World) -> None:
    row = f"2026-06-01;5,00;Ann;{named(portal)}"
    assert post(portal, looked(portal, row)) == (1, 0, 0)
    shown = looked(portal, "2026-05-31;1,00;Bob;x", row, row, head=HEAD)
    assert [one.state for one in shown.rows] == ["unmatched", "known", "ready"]
    assert post(portal, shown) == (1, 0, 0)
    assert money.balance(portal, "owner") == 1000


def test_the_same_rows_with_other_separators_and_letters_are_known_again(portal: World) -> None:
    text = f"2026-06-01;1.234,50;M\u00fcller;{named(portal)}"
    post(portal, looked(portal, text, "2026-06-02;1,00;x;y"))
    with portal.app.app_context():
        other = "\n".join([HEAD.replace(";", ","), f'01.06.2026,"1,234.50",M\u00fcller,{named(portal)}'])
        assert [one.state for one in matching.preview(other.encode("cp1252")).rows] == ["known"]


@pytest.mark.parametrize(
    ("head", "row", "why"),
    [
        (HEAD, "2026-06-01;x;Ann;{}", "its amount cannot be read"),
        (HEAD, "2026-06-01;1,234;Ann;{}", "whether its amount has decimals cannot be told"),
        (HEAD, "yesterday;5,00;Ann;{}", "its date cannot be read"),
        (HEAD, "2026-06-01;5,00 USD;Ann;{}", "its currency is USD"),
        (f"{HEAD};Currency", "2026-06-01;5,00;Ann;{};USD", "its currency is USD"),
        (f"{HEAD};Currency", "2026-06-01;5,00 USD;Ann;{};EUR", "its currency is USD"),
        (f"{HEAD};S/H", "2026-06-01;5,00;Ann;{};?", "whether it came in or went out cannot be told"),
        (f"{HEAD};S/H", "2026-06-01;5,00;Ann;{}", "whether it came in or went out cannot be told"),
        (f"{HEAD};Status", "2026-06-01;5,00;Ann;{};PENDING", "its state is PENDING"),
        (f"{HEAD};Status", "2026-06-01;5,00;Ann;{};", "its state is empty"),
    ],
)
def test_what_cannot_be_read_in_one_way_is_left_to_people(head: str, row: str, why: str, portal: World) -> None:
    shown = looked(portal, row.format(named(portal)), head=head)
    assert [(one.state, one.why) for one in shown.rows] == [("unmatched", why)]


def test_money_that_went_out_is_no_credit(portal: World) -> None:
    row = f"2026-06-01;5,00;Ann;{named(portal)};"
    for word in ("S", "Soll", "DR", "debit"):
        assert looked(portal, row + word, head=f"{HEAD};S/H").rows[0].state == "out"
    for word in ("H", "Haben", "cr", "Credit"):
        assert looked(portal, row + word, head=f"{HEAD};S/H").rows[0].state == "ready"
    paid = looked(portal, f"2026-06-01;;5,00;{named(portal)}", head="Date;Paid in;Paid out;Reference")
    assert paid.rows[0].state == "out"


def test_the_banks_own_number_names_a_row(portal: World) -> None:
    head = f"{HEAD};Transaction ID"
    row = f"2026-06-01;5,00;Ann;{named(portal)};"
    shown = looked(portal, f"{row}A1", f"{row}A2", f"{row}A2", head=head)
    assert [one.state for one in shown.rows] == ["ready", "ready", "unmatched"]
    assert post(portal, shown) == (2, 0, 0)
    changed = looked(portal, f"2026-06-01;6,00;Ann;{named(portal)};A1", head=head)
    assert changed.rows[0].why == "it was credited before with another amount or account"


def test_a_payment_that_was_credited_by_hand_is_not_credited_again(portal: World) -> None:
    money.fund(portal, "owner", 500)
    shown = looked(portal, f"2026-06-01;5,00;Ann;{named(portal)}", f"2026-06-01;6,00;Ann;{named(portal)}")
    assert [one.state for one in shown.rows] == ["unmatched", "ready"]
    assert "credited there without a bank's file" in shown.rows[0].why


def test_an_account_of_another_currency_is_left_to_people(make_world: Callable[..., World]) -> None:
    world = make_world("own", currency="USD")
    money.fund(world, "owner", 500, currency="EUR")
    shown = looked(world, f"2026-06-01;6,00;Ann;{named(world)}")
    assert shown.rows[0].why == "the account is kept in EUR"


def test_the_page_shows_everything_and_then_posts_exactly_that(portal: World, admin: FlaskClient) -> None:
    rows = [f"2026-06-01;12,50;=HYPERLINK(\"x\");<b>{named(portal)}</b>", "2026-06-01;5,00;Bob;who knows"]
    rows[0] = rows[0].replace('"x"', "x")
    answer = upload(admin, *rows)
    assert answer.status_code == 200
    check("preview", answer.text)
    assert "owner@example.com" in answer.text
    assert "it names no account" in answer.text
    assert "<b>R" not in answer.text
    assert entries(portal) == [], "a preview writes nothing"
    token = TOKEN.search(answer.text)[1]
    done = admin.post("/admin/credit/import/post", data={"list": token})
    assert done.status_code == 303
    assert "credited=1" in done.location
    assert "Credited: 1. Credited before: 0." in admin.get(done.location).text
    assert admin.post("/admin/credit/import/post", data={"list": token}).location.endswith("credited=0&known=1")
    (one,) = entries(portal)
    assert (one.amount_minor, one.by_account) == (1250, money.account_id(portal, "admin"))


def test_a_list_that_was_not_shown_posts_nothing(portal: World, admin: FlaskClient) -> None:
    token = TOKEN.search(upload(admin, f"2026-06-01;12,50;Ann;{named(portal)}").text)[1]
    for wrong in ("", "x", token[:-2], token[:10] + "A" + token[11:], f".{token}"):
        answer = admin.post("/admin/credit/import/post", data={"list": wrong})
        assert answer.status_code == 409
        assert "Choose the file again" in answer.text
    portal.clock.advance(importing.GOOD_FOR_S + 1)
    assert admin.post("/admin/credit/import/post", data={"list": token}).status_code == 409
    assert entries(portal) == []


def test_a_list_is_for_whom_it_was_shown_to(portal: World) -> None:
    with portal.app.app_context():
        shown = matching.preview(f"{HEAD}\n2026-06-01;1,00;Ann;{named(portal)}".encode())
        listed = importing.entries(shown)
        token = importing.token_of(1, listed)
        assert token is not None
        assert importing.read_token(1, token) == listed
        with pytest.raises(Stale):
            importing.read_token(2, token)


def test_what_became_impossible_meanwhile_is_told_and_the_rest_is_credited(portal: World, admin: FlaskClient) -> None:
    rows = [f"2026-06-01;1,00;Ann;{named(portal)}", f"2026-06-01;2,00;Bob;{named(portal, 'subuser')}"]
    token = TOKEN.search(upload(admin, *rows).text)[1]
    reference = looked(portal, *rows).rows[0].reference
    with portal.app.app_context():
        service.credit(money.account_id(portal, "solo"), Money(1, "EUR"), reference, by=None, source="page")
    answer = admin.post("/admin/credit/import/post", data={"list": token})
    assert answer.status_code == 409
    check("failed", answer.text)
    assert "was credited before: 0.01 EUR to solo@example.com" in answer.text
    assert money.balance(portal, "subuser") == 200


def test_names_of_columns_can_be_given(portal: World, admin: FlaskClient) -> None:
    row, head = f"2026-06-01;1,00;{named(portal)}", "Wann;Wieviel;Was"
    refused = upload(admin, row, head=head)
    assert refused.status_code == 422
    assert "it has: Wann, Wieviel, Was" in refused.text
    check("refused", refused.text)
    answer = upload(admin, row, head=head, date="Wann", value="Wieviel", text="Was")
    assert TOKEN.search(answer.text)


def test_the_longest_list_fits_into_its_form(portal: World, admin: FlaskClient) -> None:
    rows = [f"2026-06-01;1,00;x;{named(portal)} {number}" for number in range(1900)]
    token = TOKEN.search(upload(admin, *rows).text)[1]
    portal.clock.advance(importing.GOOD_FOR_S + 1)
    assert admin.post("/admin/credit/import/post", data={"list": token}).status_code == 409, "it arrived, too late"


def test_a_list_too_long_for_a_form_is_for_the_command(
    portal: World, admin: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importing, "LONGEST_TOKEN", 100)
    answer = upload(admin, f"2026-06-01;1,00;x;{named(portal)}")
    assert answer.status_code == 200
    assert TOKEN.search(answer.text) is None
    assert "roost ledger import FILE" in answer.text


@pytest.mark.parametrize(
    "data", [{}, {"file": "text"}, {"file": (io.BytesIO(b""), "x.csv")}], ids=["none", "text", "empty"]
)
def test_no_file_is_no_error(data: dict[str, object], admin: FlaskClient) -> None:
    answer = admin.post("/admin/credit/import", data=dict(data), content_type="multipart/form-data")
    assert answer.status_code == 422
    assert admin.post("/admin/credit/import", data={"file": (io.BytesIO(b"x" * 70_000), "x")}).status_code == 413
