from __future__ import annotations

import re
from typing import Any

import pyotp
import pytest

from portal.demo import Demo, ManualClock
from tests.demo.conftest import Asker, says

SETUP = "/api/client/account/two-factor"
DISABLE = f"{SETUP}/disable"
PASSWORD = "a-long-password"  # noqa: S105 - the fixture's
BAD_PASSWORD = (400, "BadRequestHttpException", "The password provided was not valid.")
BAD_CODE = (400, "TwoFactorAuthenticationTokenInvalid", "The provided two-factor authentication token was not valid.")


def set_up(ask: Asker) -> dict[str, Any]:
    response = ask.get("kim", SETUP)
    assert response.json is not None
    assert set(response.json) == {"data"}
    data: dict[str, Any] = response.json["data"]
    return data


def test_every_setup_is_a_new_secret(ask: Asker) -> None:
    first, second = set_up(ask), set_up(ask)
    assert first["secret"] != second["secret"]
    assert re.fullmatch("[A-Z2-7]{32}", second["secret"])
    assert second["image_url_data"] == (
        f"otpauth://totp/Pterodactyl:kim%40example.org?secret={second['secret']}&issuer=Pterodactyl")


def test_codes_of_four_steps_around_now_are_good(ask: Asker, clock: ManualClock) -> None:
    code = pyotp.TOTP(set_up(ask)["secret"])
    start = int(clock.now())
    for seconds, status in ((-150, 400), (-120, 200), (0, 200), (120, 200), (150, 400)):
        response = ask.post("kim", SETUP, {"code": code.at(start + seconds), "password": PASSWORD})
        assert response.status_code == status, seconds


def test_the_password_is_asked_before_the_code(ask: Asker, clock: ManualClock) -> None:
    code = pyotp.TOTP(set_up(ask)["secret"]).at(int(clock.now()))
    assert says(ask.post("kim", SETUP, {"code": code, "password": "wrong"})) == BAD_PASSWORD
    assert says(ask.post("kim", SETUP, {"code": "000000", "password": "wrong"})) == BAD_PASSWORD
    assert says(ask.post("kim", SETUP, {"code": "abcdef", "password": PASSWORD})) == BAD_CODE


@pytest.mark.parametrize(("body", "failures"), [
    ({}, [("code", "required"), ("password", "required")]),
    ({"code": 123456, "password": "x"}, [("code", "string")]),
    ({"code": "12345", "password": 5}, [("code", "size"), ("password", "string")]),
])
def test_rules_come_first(ask: Asker, body: dict[str, object], failures: list[tuple[str, str]]) -> None:
    response = ask.post("kim", SETUP, body)
    assert response.json is not None
    told = [(error["meta"]["source_field"], error["meta"]["rule"]) for error in response.json["errors"]]
    assert told == failures
    if failures[0][1] == "size":
        assert response.json["errors"][0]["detail"] == "The code must be 6 characters."


def test_without_a_setup_there_is_nothing_to_decrypt(ask: Asker) -> None:
    assert says(ask.post("kim", SETUP, {"code": "000000", "password": PASSWORD}))[:2] == (500, "DecryptException")


def test_on_again_and_off(ask: Asker, demo: Demo, clock: ManualClock) -> None:
    code = pyotp.TOTP(set_up(ask)["secret"]).at(int(clock.now()))
    first = ask.post("kim", SETUP, {"code": code, "password": PASSWORD}).json
    assert first is not None
    assert first["object"] == "recovery_tokens"
    assert [len(token) for token in first["attributes"]["tokens"]] == [10] * 10
    assert says(ask.get("kim", SETUP)) == (
        400, "BadRequestHttpException", "Two-factor authentication is already enabled on this account.")
    again = ask.post("kim", SETUP, {"code": code, "password": PASSWORD}).json
    assert again is not None
    assert again["attributes"]["tokens"] != first["attributes"]["tokens"]

    assert says(ask.post("kim", DISABLE)) == BAD_PASSWORD
    assert ask.post("kim", DISABLE, {"password": PASSWORD}).status_code == 204
    assert ask.post("kim", DISABLE, {"password": PASSWORD}).status_code == 204
    assert ask.get("kim", SETUP).status_code == 200
    assert [entry.event for entry in demo.world.activity_logs if "two-factor" in entry.event] == [
        "user:two-factor.create"] * 2 + ["user:two-factor.delete"] * 2


def test_it_is_open_where_two_factor_is_demanded(ask: Asker, demo: Demo) -> None:
    demo.panel.switches.requires_two_factor = True
    assert ask.get("kim", SETUP).status_code == 200
    assert says(ask.post("kim", DISABLE, {})) == BAD_PASSWORD
    assert says(ask("kim", "PUT", "/api/client/account/email", {}))[1] == "TwoFactorAuthRequiredException"


def test_disabling_is_no_delete(ask: Asker) -> None:
    assert says(ask("kim", "DELETE", SETUP)) == (
        405, "MethodNotAllowedHttpException", "The DELETE method is not supported for route "
        "api/client/account/two-factor. Supported methods: GET, HEAD, POST.")
