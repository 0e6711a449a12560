"""The administrators' pages of credit."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from flask.testing import FlaskClient

from portal.billing.payment_reference import reference_of
from tests.conftest import World
from tests.credit.conftest import assert_whole, entries
from tests.site.test_pages import check
from tests.support import money

FORM = {"account": "owner@example.com", "amount": "12,50", "reference": "receipt 1", "note": ""}
PATHS = ("/admin/credit", "/admin/credit/import", "/admin/credit/movements/1")


@pytest.fixture
def admin(portal: World) -> FlaskClient:
    return portal.browser("admin")


@pytest.mark.parametrize("who", ["owner", "subuser", "stranger"])
def test_only_administrators_see_or_do_anything(who: str, portal: World) -> None:
    money.fund(portal, "owner", 500)
    browser = portal.browser(who)
    for path in PATHS:
        assert browser.get(path).status_code == 404, path
    for path in ("/admin/credit", "/admin/credit/movements/1", "/admin/credit/import", "/admin/credit/import/post"):
        assert browser.post(path, data=FORM | {"reason": "x", "after": "0"}).status_code == 404, path
    assert len(entries(portal)) == 1


def test_with_billing_off_there_is_nothing(make_world: Callable[..., World]) -> None:
    admin = make_world("own", billing="off").browser("admin")
    for path in PATHS[:2]:
        assert admin.get(path).status_code == 404
    assert admin.post("/admin/credit", data=FORM).status_code == 404
    assert "/admin/credit" not in admin.get("/admin/accounts").text


def test_a_payment_is_credited_once_however_often_it_is_sent(portal: World, admin: FlaskClient) -> None:
    first = admin.post("/admin/credit", data=FORM)
    assert first.status_code == 303
    page = admin.get(first.location).text
    check("done", page)
    assert "12.50 EUR credited to owner@example.com." in page
    again = admin.post("/admin/credit", data=FORM)
    page = admin.get(again.location).text
    assert "That reference was credited before" in page
    assert "credited to owner" not in page
    (one,) = entries(portal)
    assert (one.amount_minor, one.by_account) == (1250, money.account_id(portal, "admin"))


@pytest.mark.parametrize(
    ("changed", "status", "said"),
    [
        ({"account": ""}, 422, "Say which account."),
        ({"account": "nobody@example.com"}, 422, "There is no account nobody@example.com."),
        ({"amount": "0"}, 422, "The amount must be more than zero."),
        ({"amount": "-5"}, 422, "Enter an amount in figures"),
        ({"amount": "1.005"}, 422, "EUR has 2 decimals."),
        ({"amount": "99999999999999"}, 422, "That amount is too large."),
        ({"reference": ""}, 422, "Enter what names this payment."),
        ({"reference": "a\u200bb"}, 422, "signs that cannot be seen"),
        ({"reference": "taken"}, 409, "was credited before: 1.00 EUR to subuser@example.com"),
    ],
    ids=str,
)
def test_what_cannot_be_is_told_beside_its_field(
    changed: dict[str, str], status: int, said: str, portal: World, admin: FlaskClient
) -> None:
    money.fund(portal, "subuser", 100, reference="taken")
    answer = admin.post("/admin/credit", data=FORM | changed)
    assert answer.status_code == status
    check("refused", answer.text)
    assert said in answer.text
    assert len(entries(portal)) == 1


def test_a_movement_is_corrected_on_its_page(portal: World, admin: FlaskClient) -> None:
    admin.post("/admin/credit", data=FORM)
    page = admin.get("/admin/credit/movements/1").text
    check("movement", page)
    assert 'value="12.50"' in page
    form = {"amount": "2.50", "reason": "typed wrongly", "after": re.search(r'name="after"[^>]*value="(\d+)"', page)[1]}
    for _ in range(3):
        assert admin.post("/admin/credit/movements/1", data=form).status_code == 303
    assert [one.amount_minor for one in entries(portal)] == [1250, -250]
    stale = admin.post("/admin/credit/movements/1", data=form | {"amount": "1.00"})
    assert stale.status_code == 409
    assert "corrected meanwhile" in stale.text
    page = admin.get("/admin/credit/movements/1").text
    assert "typed wrongly" in page
    assert "At most 10.00 EUR can be taken back." in page
    admin.post("/admin/credit/movements/1", data={"amount": "10", "reason": "x", "after": "1"})
    assert "All of it was corrected." in admin.get("/admin/credit/movements/1").text
    assert money.balance(portal, "owner") == 0
    check("correction", admin.get("/admin/credit/movements/2").text)
    assert_whole(portal)


@pytest.mark.parametrize(
    ("changed", "status"),
    [({"amount": "99"}, 422), ({"amount": "x"}, 422), ({"amount": ""}, 422), ({"reason": ""}, 422),
     ({"reason": "\u200b"}, 422), ({"after": ""}, 409), ({"after": "9"}, 409), ({"after": "-1"}, 409)],
    ids=str,
)  # fmt: skip
def test_a_correction_that_cannot_be_is_told(
    changed: dict[str, str], status: int, portal: World, admin: FlaskClient
) -> None:
    admin.post("/admin/credit", data=FORM)
    form = {"amount": "1", "reason": "x", "after": "0"} | changed
    answer = admin.post("/admin/credit/movements/1", data=form)
    assert answer.status_code == status
    check("refused", answer.text)
    assert len(entries(portal)) == 1


def test_what_there_is_not(admin: FlaskClient) -> None:
    assert admin.get("/admin/credit/movements/7").status_code == 404
    answer = admin.post("/admin/credit/movements/7", data={"amount": "1", "reason": "x", "after": "0"})
    assert answer.status_code == 409
    assert "There is no such movement." in answer.text


def test_movements_of_one_account_and_in_pages(portal: World, admin: FlaskClient) -> None:
    for number in range(60):
        money.fund(portal, "owner", 100 + number, reference=f"<i>{number}</i>")
    money.fund(portal, "subuser", 7777)
    page = admin.get("/admin/credit").text
    check("list", page)
    assert page.count('class="line"') == 50
    assert "77.77 EUR" in page
    assert "<i>" not in page
    older = re.search(r'rel="next" href="([^"]+)"', page)[1].replace("&amp;", "&")
    assert admin.get(older).text.count('class="line"') == 11
    mine = admin.get(f"/admin/credit?account={reference_of(money.account_id(portal, 'owner'))}").text
    assert "77.77 EUR" not in mine
    assert reference_of(money.account_id(portal, "owner")) in mine
    assert "There is no account nobody." in admin.get("/admin/credit?account=nobody").text


@pytest.mark.parametrize(
    "query", ["done=x", "done=99", "before=x", "before=0", "account=%ED%A0%80", "known=1", "done=0"]
)
def test_addresses_that_say_nothing_are_no_error(query: str, admin: FlaskClient) -> None:
    for path in ("/admin/credit", "/admin/credit/import"):
        answer = admin.get(f"{path}?{query}")
        assert answer.status_code == 200
        check(path, answer.text)


def test_no_page_asks_the_panel(portal: World, admin: FlaskClient) -> None:
    portal.calls()
    admin.post("/admin/credit", data=FORM)
    for path in PATHS:
        assert admin.get(path).status_code == 200
    assert portal.calls() == []
