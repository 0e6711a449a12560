from __future__ import annotations

import pytest

from portal.demo import Demo, ManualClock
from tests.demo.conftest import Asker, says

EMAIL, PASSWORD = "/api/client/account/email", "/api/client/account/password"
KNOWN = "a-long-password"
WRONG = (400, "InvalidPasswordProvidedException", "The password provided was invalid for this account.")


def events(demo: Demo) -> list[tuple[str, dict[str, object]]]:
    return [(entry.event, entry.properties) for entry in demo.world.activity_logs
            if entry.event.startswith("user:account")]


@pytest.mark.parametrize("body", [{}, {"password": None}, {"password": "wrong"}, {"email": 5, "password": "wrong"}])
def test_a_wrong_password_hides_what_else_is_wrong(ask: Asker, body: dict[str, object]) -> None:
    assert says(ask("kim", "PUT", EMAIL, body)) == WRONG
    assert says(ask("kim", "PUT", PASSWORD, {"current_password": body.get("password"), "password": "x"})) == WRONG


def test_a_list_for_a_password_breaks_the_panel(ask: Asker) -> None:
    assert says(ask("kim", "PUT", EMAIL, {"password": ["x"]}))[:2] == (500, "TypeError")


def test_an_account_without_a_password_knows_none(ask: Asker) -> None:
    assert says(ask("lee", "PUT", EMAIL, {"email": "l@example.org", "password": ""})) == WRONG


@pytest.mark.parametrize(("email", "detail", "rule"), [
    (None, "The email field is required.", "required"),
    ("", "The email field is required.", "required"),
    ("nonsense", "The email must be a valid email address.", "email"),
    (12, "The email must be a valid email address.", "email"),
    (f"{'x' * 200}@example.org", "The email must be between 1 and 191 characters.", "between"),
    ("LEE@example.org ", "The email has already been taken.", "unique"),
])
def test_email_rules(ask: Asker, email: object, detail: str, rule: str) -> None:
    response = ask("kim", "PUT", EMAIL, {"email": email, "password": KNOWN})
    assert says(response) == (422, "ValidationException", detail)
    assert response.json is not None
    assert [error["meta"] for error in response.json["errors"]] == [{"source_field": "email", "rule": rule}]


def test_the_email_changes_and_the_log_tells(ask: Asker, demo: Demo) -> None:
    response = ask("kim", "PUT", EMAIL, {"email": "  new@example.org ", "password": KNOWN})
    assert (response.status_code, response.data, response.headers.get("Content-Type")) == (204, b"", None)
    assert ask.get("kim", "/api/client/account").json["attributes"]["email"] == "new@example.org"  # type: ignore[index]
    assert events(demo) == [("user:account.email-changed", {"old": "kim@example.org", "new": "new@example.org"})]


def test_the_same_email_is_no_change(ask: Asker, demo: Demo, clock: ManualClock) -> None:
    clock.advance(60)
    assert ask("kim", "PUT", EMAIL, {"email": "kim@example.org", "password": KNOWN}).status_code == 204
    assert events(demo) == []
    kim = next(user for user in demo.world.users if user.username == "kim")
    assert kim.updated_at == kim.created_at


@pytest.mark.parametrize(("password", "confirmation", "rules"), [
    (None, None, ["required"]),
    ("          ", "          ", ["required"]),
    ("short", "short", ["min"]),
    ("short", "other", ["confirmed", "min"]),
    (12345678, 12345678, ["string"]),
    ("long-enough", None, ["confirmed"]),
])
def test_password_rules(ask: Asker, password: object, confirmation: object, rules: list[str]) -> None:
    response = ask("kim", "PUT", PASSWORD, {"current_password": KNOWN, "password": password,
                                            "password_confirmation": confirmation})
    assert response.json is not None
    assert [error["meta"]["rule"] for error in response.json["errors"]] == rules


def test_a_new_password_keeps_its_spaces_and_the_key_works_on(ask: Asker, demo: Demo) -> None:
    body = {"current_password": f" {KNOWN} ", "password": " spaces stay ", "password_confirmation": " spaces stay "}
    assert ask("kim", "PUT", PASSWORD, body).status_code == 204
    assert says(ask("kim", "PUT", EMAIL, {"email": "k@example.org", "password": "spaces stay"})) == WRONG
    assert ask("kim", "PUT", EMAIL, {"email": "k@example.org", "password": " spaces stay "}).status_code == 204
    assert events(demo)[0] == ("user:account.password-changed", {})


def test_passwords_are_told_apart_by_their_first_72_bytes(ask: Asker) -> None:
    long = "x" * 80
    body = {"current_password": KNOWN, "password": long, "password_confirmation": long}
    assert ask("kim", "PUT", PASSWORD, body).status_code == 204
    assert ask("kim", "PUT", EMAIL, {"email": "k@example.org", "password": "x" * 72 + "?"}).status_code == 204
    assert says(ask("kim", "PUT", EMAIL, {"email": "kk@example.org", "password": "x" * 71})) == WRONG


def test_form_bodies_are_understood(ask: Asker) -> None:
    response = ask("kim", "PUT", EMAIL, data={"email": "form@example.org", "password": KNOWN})
    assert response.status_code == 204


@pytest.mark.parametrize(("text", "is_whole"), [(r"\ud83d\ude00", True), (r"\ud83d", False), (r"\ude00", False)])
def test_half_a_surrogate_pair_is_no_json(ask: Asker, text: str, is_whole: bool) -> None:
    body = f'{{"email": "{text}@example.org", "password": "{KNOWN}"}}'
    response = ask("kim", "PUT", EMAIL, data=body, headers={"Content-Type": "application/json"})
    if is_whole:
        assert response.status_code == 204
    else:
        assert says(response) == (400, "BadRequestHttpException", "The JSON data passed in the request appears to be "
                                  "malformed: Single unpaired high surrogate in Unicode escape")
