"""Money that must not come in twice, to the wrong person, or while the books are shut."""

from __future__ import annotations

import io
import json

import pytest
from click.testing import Result

from portal.auth import service as accounts
from portal.billing.ledger import STOPPED
from portal.billing.models import Term
from portal.billing.money import Money
from portal.billing.payment_reference import reference_of
from portal.credit import importing, matching, service
from portal.credit.columns import Chosen
from portal.credit.matching import Preview
from portal.credit.service import CreditError
from portal.store import write
from portal.store.state import StoreState
from tests.conftest import World
from tests.credit.conftest import assert_whole, entries
from tests.credit.test_door import body_of, send
from tests.support import money

HEAD = "Buchungstag;Betrag;Name;Verwendungszweck;Bank-Nr"


def named(world: World) -> str:
    return reference_of(money.account_id(world, "owner"))


def looked(world: World, *rows: str, head: str = HEAD, chosen: Chosen | None = None) -> Preview:
    with world.app.app_context():
        return matching.preview("\n".join([head, *rows]).encode(), chosen)


def post(world: World, shown: Preview) -> tuple[int, int, int]:
    with world.app.app_context():
        done = importing.post(importing.entries(shown), None)
    return done.credited, done.known, len(done.failed)


def stop_money(world: World) -> None:
    with world.app.app_context(), write() as session:
        session.merge(StoreState(name=STOPPED, value="a fault"))


@pytest.mark.parametrize(
    ("head", "row", "chosen"),
    [
        (HEAD, "2026-06-01;50,00;Ann;{};X1", Chosen(id="Bank-Nr")),
        (HEAD, "2026-06-01;50,00;Ann;{};X1", Chosen(text="Bank-Nr")),
        ("Buchungstag;Betrag;Verwendungszweck", "2026-06-01;50,00;{}", None),
        ("Buchungstag;Betrag;Name;Verwendungszweck;Buchungstext", "01.06.2026;50,00;Ann;{};Gutschrift", None),
    ],
)
def test_a_row_read_in_another_way_credits_no_second_time(
    head: str, row: str, chosen: Chosen | None, portal: World
) -> None:
    first = looked(portal, f"2026-06-01;50,00;Ann;{named(portal)};X1")
    assert post(portal, first) == (1, 0, 0)
    again = looked(portal, row.format(named(portal)), head=head, chosen=chosen)
    (one,) = again.rows
    assert one.state == "unmatched"
    assert post(portal, again) == (0, 0, 0)
    assert money.balance(portal, "owner") == 5000
    assert_whole(portal)
    if chosen is None or not chosen.text:
        assert "from a bank's file before" in one.why


def test_two_payments_of_a_day_and_amount_are_two_in_one_file(portal: World) -> None:
    row = f"2026-06-01;50,00;Ann;{named(portal)};X"
    assert post(portal, looked(portal, row)) == (1, 0, 0)
    both = looked(portal, row, row)
    assert [one.state for one in both.rows] == ["known", "ready"]
    assert post(portal, both) == (1, 0, 0)
    other_day = looked(portal, f"2026-06-02;50,00;{named(portal)}", head="Buchungstag;Betrag;Verwendungszweck")
    assert [one.state for one in other_day.rows] == ["ready"]


def test_a_sum_larger_than_any_amount_is_shown(portal: World) -> None:
    rows = [f"2026-06-0{day};6.000.000.000,00;Ann;{named(portal)};X{day}" for day in (1, 2)]
    file = (io.BytesIO("\n".join([HEAD, *rows]).encode()), "bank.csv")
    answer = portal.browser("admin").post(
        "/admin/credit/import", data={"file": file}, content_type="multipart/form-data"
    )
    assert answer.status_code == 200
    assert "12,000,000,000.00 EUR" in answer.text


def test_an_address_that_looks_like_a_reference_is_only_itself(portal: World) -> None:
    address = f"{named(portal).lower()}@x.co"
    with portal.app.app_context():
        with pytest.raises(CreditError, match="There is no account"):
            service.payee(address)
        number = accounts.create(address, panel_user=None)
        assert service.payee(address).email == address
        assert number
    assert json.loads(send(portal, body_of(account=address)).text)["email"] == address
    for text in (f"{named(portal)} thanks", f"for {named(portal)}"):
        assert send(portal, body_of(account=text, reference=text)).status_code == 422
    assert money.balance(portal, "owner") == 0


def test_while_the_books_are_shut_programs_are_told_to_come_again(portal: World) -> None:
    assert send(portal, body_of()).status_code == 201
    stop_money(portal)
    assert send(portal, body_of()).status_code == 200, "what is there already is there"
    answer = send(portal, body_of(reference="order 1002"))
    assert (answer.status_code, json.loads(answer.text)["error"]) == (503, "stopped")
    assert int(answer.headers["Retry-After"]) > 0
    page = portal.browser("admin").post(
        "/admin/credit", data={"account": "owner@example.com", "amount": "5", "reference": "order 1003"}
    )
    assert (page.status_code, "books do not add up" in page.text) == (409, True)
    with portal.app.app_context(), pytest.raises(CreditError) as caught:
        service.correct(1, None, "x", by=None)
    assert caught.value.wrong == "stopped"
    assert len(entries(portal)) == 1


@pytest.mark.parametrize("unseen", ["\ufe0f", "\u034f", "\u3164", "\u115f", "\u2800", "\uffa0", "\U000e0100", "\u180b"])
def test_a_reference_holds_no_sign_that_cannot_be_seen(unseen: str, portal: World) -> None:
    with portal.app.app_context():
        service.credit(1, Money(100, "EUR"), "order 1", by=None, source="command")
        for text in (f"order 1{unseen}", f"{unseen}order 1", f"order{unseen} 1"):
            with pytest.raises(CreditError, match="cannot be seen"):
                service.credit(1, Money(100, "EUR"), text, by=None, source="command")
    assert len(entries(portal)) == 1


def test_a_name_stays_on_its_line_of_a_printed_statement(portal: World) -> None:
    shown = money.price(portal, "Survival SMP", 500)
    money.fund(portal, "owner", 1000)
    with portal.app.app_context():
        from portal.billing import ledger
        from portal.billing.ledger import Posting

        me = money.account_id(portal, "owner")
        with write() as session:
            ledger.post_in(session, Posting(me, "charge", Money(-5, "EUR"), "x", server_uuid=shown.server.uuid))
            session.get_one(Term, shown.server.uuid).name = "evil\x1b[2J\nowner@example.com: 999 EUR"
    ran: Result = portal.app.test_cli_runner().invoke(
        args=["ledger", "statement", "--account", "owner@example.com"]
    )
    assert len(ran.stdout.splitlines()) == 2
    assert "\x1b" not in ran.stdout
