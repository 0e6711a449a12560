"""The signed door for programs: who signs right credits once; everybody else learns nothing."""

from __future__ import annotations

import json
import threading
from collections import Counter
from collections.abc import Callable

import pytest
from sqlalchemy import select
from werkzeug.test import TestResponse

from portal.audit.models import AuditChange
from portal.auth import throttle
from portal.credit import signature
from portal.store import db, engine, read, write
from tests.conftest import World
from tests.credit.conftest import KEY, assert_whole, entries
from tests.support import money

PAYMENT = {"account": "owner@example.com", "amount": "12.50", "currency": "EUR", "reference": "order 1001"}
JSON = "application/json"
FORM = "application/x-www-form-urlencoded"


def body_of(**changed: object) -> bytes:
    return json.dumps({name: value for name, value in (PAYMENT | changed).items() if value is not None}).encode()


def send(
    world: World, body: bytes, *, key: str = KEY, off_s: int = 0, signed: bytes | None = None, kind: str = JSON,
    **headers: str,
) -> TestResponse:  # fmt: skip
    """One request, signed now (or `off_s` from now) for its body (or for another one)."""
    stamp = int(world.clock.now()) + off_s
    said = {
        signature.TIME_HEADER: str(stamp),
        signature.SIGNATURE_HEADER: signature.sign(key, stamp, body if signed is None else signed),
    }
    said |= {name.replace("_", "-"): value for name, value in headers.items()}
    return world.app.test_client().post("/api/credit", data=body, headers=said, content_type=kind)


def test_a_signed_request_credits_and_says_what_it_did(portal: World) -> None:
    answer = send(portal, body_of(note="Order 1001"))
    assert answer.status_code == 201
    assert json.loads(answer.text) == {
        "id": 1, "new": True, "account": money.account_id(portal, "owner"), "email": "owner@example.com",
        "amount": "12.50", "currency": "EUR", "reference": "order 1001", "balance": "12.50",
    }  # fmt: skip
    assert answer.mimetype == JSON
    assert answer.headers["Cache-Control"] == "no-store"
    assert [one.note for one in entries(portal)] == ["Order 1001"]


def test_the_same_again_is_the_same_answer_and_no_second_row(portal: World) -> None:
    first = json.loads(send(portal, body_of()).text)
    portal.clock.advance(10)
    again = send(portal, body_of())
    assert again.status_code == 200
    assert json.loads(again.text) == first | {"new": False}
    assert len(entries(portal)) == 1


def test_a_caught_request_sent_again_credits_nothing(portal: World) -> None:
    stamp, body = int(portal.clock.now()), body_of()
    headers = {signature.TIME_HEADER: str(stamp), signature.SIGNATURE_HEADER: signature.sign(KEY, stamp, body)}
    browser = portal.app.test_client()
    said = [browser.post("/api/credit", data=body, headers=headers).status_code for _ in range(5)]
    portal.clock.advance(301)
    said.append(browser.post("/api/credit", data=body, headers=headers).status_code)
    assert said == [201, 200, 200, 200, 200, 401]
    assert len(entries(portal)) == 1


def test_a_form_does_as_well(portal: World) -> None:
    body = b"account=owner%40example.com&amount=12.50&currency=EUR&reference=order+1001"
    assert send(portal, body, kind=FORM).status_code == 201
    assert send(portal, body_of()).status_code == 200


@pytest.mark.parametrize(
    "how",
    [
        {"key": "another key, long enough"},
        {"key": ""},
        {"off_s": 301},
        {"off_s": -301},
        {"signed": b""},
        {"signed": body_of(amount="99.00")},
        {"Roost_Signature": ""},
        {"Roost_Signature": "sha256="},
        {"Roost_Signature": "0" * 64},
        {"Roost_Signature": "sha256=" + "0" * 64},
        {"Roost_Signature": "sha256=\u00e9"},
        {"Roost_Timestamp": ""},
        {"Roost_Timestamp": "1"},
        {"Roost_Timestamp": "-1"},
        {"Roost_Timestamp": "now"},
        {"Roost_Timestamp": "9" * 5000},
    ],
    ids=lambda how: str(how)[:60],
)
def test_a_request_that_is_not_signed_right_does_nothing(how: dict[str, object], portal: World) -> None:
    answer = send(portal, body_of(), **how)  # type: ignore[arg-type]
    assert answer.status_code == 401
    assert json.loads(answer.text)["error"] == "signature"
    assert entries(portal) == []


def test_the_time_is_part_of_what_is_signed(portal: World) -> None:
    stamp, body = int(portal.clock.now()) - 400, body_of()
    headers = {
        signature.SIGNATURE_HEADER: signature.sign(KEY, stamp, body),
        signature.TIME_HEADER: str(int(portal.clock.now())),
    }
    assert portal.app.test_client().post("/api/credit", data=body, headers=headers).status_code == 401


@pytest.mark.parametrize("zeros", ["0", "00"])
def test_a_time_is_spelled_in_one_way(zeros: str, portal: World) -> None:
    assert send(portal, body_of(), Roost_Timestamp=zeros + str(int(portal.clock.now()))).status_code == 401


@pytest.mark.parametrize("off_s", [-300, -1, 0, 1, 300])
def test_five_minutes_to_either_side_are_good(off_s: int, portal: World) -> None:
    assert send(portal, body_of(), off_s=off_s).status_code == 201


def test_the_same_reference_with_another_amount_is_409(portal: World) -> None:
    send(portal, body_of())
    for changed in ({"amount": "12.51"}, {"amount": "1250"}, {"account": "subuser@example.com"}):
        answer = send(portal, body_of(**changed))
        assert (answer.status_code, json.loads(answer.text)["error"]) == (409, "conflict")
    assert [one.amount_minor for one in entries(portal)] == [1250]


@pytest.mark.parametrize(
    ("changed", "error"),
    [
        ({"amount": "0"}, "amount"),
        ({"amount": "0.00"}, "amount"),
        ({"amount": "-5"}, "amount"),
        ({"amount": "12.505"}, "amount"),
        ({"amount": "1e9"}, "amount"),
        ({"amount": "NaN"}, "amount"),
        ({"amount": "Infinity"}, "amount"),
        ({"amount": "99999999999999"}, "amount"),
        ({"amount": "9" * 3000}, "amount"),
        ({"amount": "\u0661"}, "amount"),
        ({"amount": ""}, "amount"),
        ({"currency": "USD"}, "currency"),
        ({"currency": "eur"}, "amount"),
        ({"currency": "\ud800"}, "amount"),
        ({"account": "nobody@example.com"}, "account"),
        ({"account": ""}, "account"),
        ({"account": "\ud800"}, "account"),
        ({"reference": ""}, "reference"),
        ({"reference": "a\u0000b"}, "reference"),
        ({"reference": "x" * 500}, "reference"),
    ],
    ids=lambda one: str(one)[:40].encode("ascii", "replace").decode(),
)
def test_what_cannot_be_is_422_and_changes_nothing(changed: dict[str, str], error: str, portal: World) -> None:
    answer = send(portal, body_of(**changed))
    assert (answer.status_code, json.loads(answer.text)["error"]) == (422, error)
    assert entries(portal) == []


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b'"x"',
        b"[" * 4000,
        b'{"a":' * 600,
        b"\xff\xfe",
        b"\xef\xbb\xbf{}",
        body_of(amount=12.5),
        body_of(amount=12),
        body_of(account=3),
        body_of(amount=True),
        body_of(amount=["12.50"]),
        body_of(amount={"x": "1"}),
        body_of(note=None, extra="x"),
        body_of(reference=None),
        body_of()[:-1] + b', "amount": "99.00"}',
        body_of().replace(b'"12.50"', b"NaN"),
        body_of().replace(b'"12.50"', b"1" * 3000),
    ],
    ids=lambda body: repr(body[:40]),
)
def test_a_body_that_is_not_what_was_agreed_is_400(body: bytes, portal: World) -> None:
    answer = send(portal, body)
    assert (answer.status_code, json.loads(answer.text)["error"]) == (400, "body")
    assert entries(portal) == []


@pytest.mark.parametrize("body", [b"a", b"amount=1&amount=2", b"amount=%ff", b"&".join([b"a=1"] * 20), b"\xe9"])
def test_a_form_that_is_not_what_was_agreed_is_400(body: bytes, portal: World) -> None:
    assert send(portal, body, kind=FORM).status_code == 400


def test_a_long_body_is_413(portal: World) -> None:
    answer = send(portal, body_of(note="x" * 5000))
    assert (answer.status_code, json.loads(answer.text)["error"]) == (413, "body")
    assert entries(portal) == []


def test_without_a_key_or_with_billing_off_the_door_is_shut(make_world: Callable[..., World]) -> None:
    for settings in ({}, {"credit_key": KEY, "billing": "off"}):
        answer = send(make_world("own", **settings), body_of())
        assert (answer.status_code, json.loads(answer.text)["error"]) == (404, "off")


def test_it_needs_no_page_before_it_and_gives_no_cookie(portal: World) -> None:
    portal.app.config["WTF_CSRF_ENABLED"] = True
    answer = send(portal, body_of())
    assert answer.status_code == 201
    assert "Set-Cookie" not in answer.headers


def test_a_signature_does_not_open_anything_else(portal: World) -> None:
    stamp = int(portal.clock.now())
    headers = {signature.TIME_HEADER: str(stamp), signature.SIGNATURE_HEADER: signature.sign(KEY, stamp, b"")}
    assert portal.app.test_client().post("/admin/credit", headers=headers).status_code == 303
    assert portal.app.test_client().get("/api/credit", headers=headers).status_code == 405


def test_who_guesses_has_to_wait_and_who_knows_has_not(portal: World) -> None:
    said = [send(portal, body_of(), key="wrong" * 4) for _ in range(throttle.PER_ADDRESS + 1)]
    assert {one.status_code for one in said[:-1]} == {401}
    assert said[-1].status_code == 429
    assert int(said[-1].headers["Retry-After"]) > 0
    assert send(portal, body_of()).status_code == 201


def test_even_right_requests_have_a_limit(portal: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(throttle, "PER_DOOR", 3)
    assert [send(portal, body_of()).status_code for _ in range(4)] == [201, 200, 200, 429]
    portal.clock.advance(throttle.WINDOW_S + 1)
    assert send(portal, body_of()).status_code == 200


def test_a_hundred_at_once_are_one_row(portal: World) -> None:
    gate, said = threading.Barrier(100), []

    def one() -> None:
        gate.wait()
        while (status := send(portal, body_of()).status_code) == 503:  # as the manual says: the same again
            pass
        said.append(status)

    threads = [threading.Thread(target=one) for _ in range(100)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert Counter(said) == {201: 1, 200: 99}
    assert len(entries(portal)) == 1
    assert money.balance(portal, "owner") == 1250
    assert_whole(portal)


def test_a_store_that_is_locked_says_so_and_credits_nothing(portal: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(engine.PRAGMAS, "busy_timeout", "1")
    answers: list[TestResponse] = []
    with portal.app.app_context():
        db.engine.dispose()
        with write() as session:
            session.execute(select(1))
            thread = threading.Thread(target=lambda: answers.append(send(portal, body_of())))
            thread.start()
            thread.join()
    assert (answers[0].status_code, json.loads(answers[0].text)["error"]) == (503, "store")
    assert answers[0].headers["Retry-After"] == "2"
    assert entries(portal) == []


def test_who_credited_from_where_is_in_the_trail(portal: World) -> None:
    send(portal, body_of())
    with portal.app.app_context(), read() as session:
        row = session.scalars(select(AuditChange)).one()
    assert (row.what, row.account_id, row.address, row.about_account) == (
        "ledger", None, "127.0.0.1", money.account_id(portal, "owner"),
    )  # fmt: skip
    assert row.request
