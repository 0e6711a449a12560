"""Each reference credits once, ever; corrections are rows of their own."""

from __future__ import annotations

import multiprocessing
import os
from collections import Counter
from collections.abc import Callable
from multiprocessing.connection import Connection
from pathlib import Path

import pytest
from sqlalchemy.exc import OperationalError

from portal import create_app
from portal.billing import payment_reference, renewing
from portal.billing.money import LARGEST, Money
from portal.config import Settings
from portal.credit import service
from portal.credit.service import CreditError
from portal.store import db, locked
from tests.conftest import World
from tests.credit.conftest import assert_whole, entries
from tests.support import money

EUR = 1250


def credit(world: World, person: str = "owner", minor: int = EUR, reference: str = "order 1", **more: str) -> bool:
    """Credit; returns whether it was new."""
    with world.app.app_context():
        amount = Money(minor, more.get("currency", "EUR"))
        return service.credit(money.account_id(world, person), amount, reference, by=None, source="command").is_new


def refused(world: World, wrong: str, **how: object) -> str:
    with pytest.raises(CreditError) as caught:
        credit(world, **how)  # type: ignore[arg-type]
    assert caught.value.wrong == wrong
    return str(caught.value)


def test_a_reference_credits_once(portal: World) -> None:
    assert credit(portal)
    assert not credit(portal)
    for spelled in (" order 1 ", "order  1", "order\u00a01"):
        assert not credit(portal, reference=spelled)
    assert credit(portal, reference="order 2")
    assert money.balance(portal, "owner") == 2 * EUR
    assert [(one.kind, one.reference, one.note) for one in entries(portal)] == [
        ("credit", "order 1", "Credit by the host"), ("credit", "order 2", "Credit by the host"),
    ]  # fmt: skip
    assert_whole(portal)


def test_accents_written_in_two_ways_are_one_reference(portal: World) -> None:
    assert credit(portal, reference="M\u00fcller 1")
    assert not credit(portal, reference="Mu\u0308ller 1")


@pytest.mark.parametrize("how", [{"minor": EUR + 1}, {"person": "subuser"}, {"minor": 1}], ids=str)
def test_the_same_reference_with_anything_else_is_a_conflict(how: dict[str, object], portal: World) -> None:
    credit(portal)
    said = refused(portal, "conflict", **how)
    assert "12.50 EUR to owner@example.com" in said
    assert len(entries(portal)) == 1


def test_the_same_reference_in_another_currency_is_a_conflict(portal: World) -> None:
    credit(portal)
    refused(portal, "conflict", currency="USD")


@pytest.mark.parametrize(
    ("wrong", "how"),
    [
        ("amount", {"minor": 0}),
        ("amount", {"minor": -1}),
        ("currency", {"currency": "USD"}),
        ("reference", {"reference": ""}),
        ("reference", {"reference": " \t "}),
        ("reference", {"reference": "x" * 121}),
        ("reference", {"reference": "a\u200bb"}),
        ("reference", {"reference": "a\0b"}),
        ("reference", {"reference": "a\ud800b"}),
        ("reference", {"reference": "a\nb"}),
    ],
    ids=repr,
)
def test_what_cannot_be_is_refused_and_nothing_is_written(wrong: str, how: dict[str, object], portal: World) -> None:
    refused(portal, wrong, **how)
    assert entries(portal) == []


def test_an_account_that_there_is_not(portal: World) -> None:
    with portal.app.app_context():
        with pytest.raises(CreditError) as caught:
            service.credit(999, Money(1, "EUR"), "x", by=None, source="command")
        assert caught.value.wrong == "account"
        for who in ("", "nobody@example.com", "999", "R1-00", "\ud800", "1" * 30, "owner"):
            with pytest.raises(CreditError):
                service.payee(who)


def test_an_account_goes_by_address_number_and_payment_reference(portal: World) -> None:
    number = money.account_id(portal, "owner")
    with portal.app.app_context():
        for who in (" Owner@Example.com ", str(number), payment_reference.reference_of(number)):
            assert service.payee(who).email == "owner@example.com"


def test_no_balance_overflows(portal: World) -> None:
    credit(portal, minor=LARGEST)
    refused(portal, "amount", minor=1, reference="order 2")
    assert money.balance(portal, "owner") == LARGEST
    assert_whole(portal)


def test_a_float_is_no_amount(portal: World) -> None:
    with portal.app.app_context(), pytest.raises(TypeError):
        service.credit(1, Money(12.5, "EUR"), "x", by=None, source="command")  # type: ignore[arg-type]


@pytest.mark.parametrize(("billing", "works"), [("off", False), ("observe", True), ("on", True)])
def test_credit_is_shut_only_while_billing_is_off(
    billing: str, works: bool, make_world: Callable[..., World]
) -> None:
    world = make_world("own", billing=billing)
    if works:
        assert credit(world)
    else:
        refused(world, "off")


def work(line: Connection, instance: Path, account: int, amounts: list[int]) -> None:
    """In a process of its own: credit again and again under one reference; a store that is busy is asked again."""
    ended: Counter[str] = Counter()
    try:
        app = create_app(Settings(panel_url="http://panel.test", application_key="a" * 48, instance=instance))
        line.send("ready")
        line.recv()
        with app.app_context():
            while amounts:
                try:
                    done = service.credit(account, Money(amounts[-1], "EUR"), "one", by=None, source="command")
                except OperationalError as wrong:
                    if locked(wrong):
                        continue
                    raise
                amounts.pop()
                ended["new" if done.is_new else "known"] += 1
    except BaseException as error:
        ended[repr(error)] += 1
        raise
    finally:
        line.send(ended)
        os._exit(0)


def test_a_hundred_from_eight_processes_are_one_row(portal: World) -> None:
    account = money.account_id(portal, "owner")
    with portal.app.app_context():
        db.engine.dispose()
    context, lines = multiprocessing.get_context("fork"), []
    for _ in range(8):
        mine, theirs = context.Pipe()
        context.Process(target=work, args=(theirs, portal.instance, account, [EUR] * 13)).start()
        lines.append(mine)
    for line in lines:
        assert line.recv() == "ready"
    for line in lines:
        line.send("go")
    assert sum((line.recv() for line in lines), Counter()) == {"new": 1, "known": 103}
    assert [one.amount_minor for one in entries(portal)] == [EUR]
    assert_whole(portal)


def test_a_credit_is_taken_back_by_a_row_that_names_it(portal: World) -> None:
    credit(portal)
    with portal.app.app_context():
        done = service.correct(1, Money(250, "EUR"), "typed wrongly", by=None)
        assert (done.amount.minor, done.balance.minor) == (-250, 1000)
        service.correct(1, None, "all of it", by=None)
        with pytest.raises(CreditError, match="Nothing of that movement is left"):
            service.correct(1, None, "again", by=None)
    assert [(one.kind, one.amount_minor, one.corrects) for one in entries(portal)] == [
        ("credit", 1250, None), ("correction", -250, 1), ("correction", -1000, 1),
    ]  # fmt: skip
    assert not credit(portal), "a reference is used up for ever, also when it was taken back"
    assert_whole(portal)


@pytest.mark.parametrize("minor", [0, -1, 1251, LARGEST])
def test_no_more_is_corrected_than_there_was(minor: int, portal: World) -> None:
    credit(portal)
    credit(portal, minor=LARGEST - EUR, reference="order 2")
    with portal.app.app_context(), pytest.raises(CreditError):
        service.correct(1, Money(minor, "EUR"), "x", by=None)
    assert len(entries(portal)) == 2


def test_a_form_sent_twice_corrects_once(portal: World) -> None:
    credit(portal)
    with portal.app.app_context():
        for is_new in (True, False, False):
            assert service.correct(1, Money(100, "EUR"), "x", by=None, after=0).is_new == is_new
        for after, minor in ((0, 200), (2, 100), (-1, 100)):
            with pytest.raises(CreditError, match="meanwhile"):
                service.correct(1, Money(minor, "EUR"), "x", by=None, after=after)
    assert money.balance(portal, "owner") == EUR - 100


def test_a_charge_is_given_back_and_its_time_stays(make_world: Callable[..., World]) -> None:
    world = make_world("own", is_ready=True, billing="on")
    shown = money.price(world, "Survival SMP", 500)
    money.fund(world, "owner", 500)
    owner = money.account_id(world, "owner")
    with world.app.app_context():
        renewed = renewing.renew(owner, renewing.token_of(owner, renewing.offer(shown, 1)))
        with pytest.raises(CreditError, match="spent already"):
            service.correct(1, None, "the payment bounced", by=None)
        done = service.correct(renewed.ledger_id, None, "a gift", by=None)
        assert (done.amount.minor, done.balance.minor) == (500, 500)
    last = entries(world)[-1]
    assert (last.kind, last.corrects, last.server_uuid) == ("refund", renewed.ledger_id, shown.server.uuid)
    after = money.terms_of(world, "Survival SMP")
    assert after is not None
    assert after.expires_at == renewed.until
    assert_whole(world)


def test_what_is_no_movement_or_has_no_reason_is_refused(portal: World) -> None:
    credit(portal)
    with portal.app.app_context():
        for number, reason in ((2, "x"), (1, " "), (10**15, "x")):
            with pytest.raises(CreditError):
                service.correct(number, None, reason, by=None)


def test_check_digits_notice_every_slip(portal: World) -> None:
    for number in (1, 12, 487, 99_001, 999_999_999):
        named = payment_reference.reference_of(number)
        assert payment_reference.accounts_named(f"for my server {named}, thank you") == {number}
        assert payment_reference.accounts_named(named.replace("-", "").lower()) == {number}
        digits = named[1:].replace("-", "")
        for at, digit in enumerate(digits):
            for other in "0123456789".replace(digit, ""):
                slipped = digits[:at] + other + digits[at + 1 :]
                assert number not in payment_reference.accounts_named(f"R{slipped[:-2]}-{slipped[-2:]}")
                assert payment_reference.accounts_named(f"R{slipped[:-2]}-{slipped[-2:]}") == set()
            swapped = digits[:at] + digits[at : at + 2][::-1] + digits[at + 2 :]
            if swapped != digits:
                assert payment_reference.accounts_named(f"R{swapped[:-2]}-{swapped[-2:]}") == set()


@pytest.mark.parametrize("text", ["", "R", "R1", "SR12-62", "R12-62x", "R12-6", "R0-98", "R12-98", "PR 12", "R2D2"])
def test_what_only_looks_like_a_payment_reference_names_nobody(text: str) -> None:
    assert payment_reference.accounts_named(text) == set()
