from __future__ import annotations

from typing import Any

import pytest

from portal.demo import Demo, ManualClock
from portal.demo.world import User
from tests.demo.conftest import Asker, says

USERS = "/api/application/users"
BODY = {"email": "new@example.org", "username": "Newcomer", "first_name": "New", "last_name": "Comer"}
USERNAME = ("The username must start and end with alpha-numeric characters and\n                contain only letters, "
            "numbers, dashes, underscores, and periods.")


@pytest.fixture
def kim(demo: Demo) -> User:
    return next(user for user in demo.world.users if user.username == "kim")


def failures(response: Any) -> list[str]:
    assert response.status_code == 422, response.json
    return [" ".join(error["meta"].values()) for error in response.json["errors"]]


def test_a_new_account_is_shown_with_its_address(ask: Asker, demo: Demo) -> None:
    response = ask.post("all", USERS, {**BODY, "external_id": "e-1"})
    assert response.status_code == 201
    assert response.json is not None
    shown = response.json["attributes"]
    assert (shown["username"], shown["external_id"], shown["root_admin"]) == ("newcomer", "e-1", False)
    assert response.json["meta"] == {"resource": f"http://localhost/api/application/users/{shown['id']}"}
    assert demo.world.users[-1].password != ""
    assert demo.world.activity_logs[-1].event != "user:create"


@pytest.mark.parametrize(("change", "expected"), [
    ({"email": "nonsense", "username": "x", "first_name": None, "last_name": ""},
     ["email email", "username p_username", "first_name required", "last_name required"]),
    ({"email": "kim@example.org", "username": "KIM"}, ["email unique", "username unique"]),
    ({"external_id": 5}, ["external_id string"]),
    ({"username": "_ab"}, ["username p_username"]),
    ({"username": "x" * 192}, ["username between"]),
    ({"root_admin": "yes", "language": "de"}, ["root_admin boolean", "language in"]),
    ({"password": 5}, ["password string"]),
    ({"root_admin": None, "language": None}, ["root_admin boolean", "language string", "language in"]),
])
def test_rules(ask: Asker, change: dict[str, Any], expected: list[str]) -> None:
    assert failures(ask.post("all", USERS, {**BODY, **change})) == expected


def test_a_number_is_a_username_and_a_list_breaks_the_panel(ask: Asker, kim: User) -> None:
    assert ask.post("all", USERS, {**BODY, "username": 1234}).json["attributes"]["username"] == "1234"
    response = ask("all", "PATCH", f"{USERS}/{kim.id}", {**BODY, "email": "k@example.org", "username": 2.5})
    assert response.json["attributes"]["username"] == "2.5"
    assert says(ask.post("all", USERS, {**BODY, "email": "x@example.org", "username": ["kim"]}))[:2] == (
        500, "TypeError")


def test_texts_with_names_of_their_own(ask: Asker) -> None:
    response = ask.post("all", USERS, {**BODY, "username": "a b", "external_id": 5, "root_admin": 5})
    assert response.json is not None
    assert [error["detail"] for error in response.json["errors"]] == [
        "The Third Party Identifier must be a string.", USERNAME,
        "The Root Administrator Status field must be true or false."]


def test_a_change_keeps_what_is_absent(ask: Asker, kim: User, clock: ManualClock) -> None:
    kim.external_id = "old"
    clock.advance(10)
    body = {"email": "kim@example.org", "username": "Kim", "first_name": "K", "last_name": "Kay", "password": None}
    response = ask("all", "PATCH", f"{USERS}/{kim.id}", body)
    assert response.json is not None
    assert response.json["attributes"]["first_name"] == "K"
    assert (kim.external_id, kim.password, kim.username, kim.updated_at) == (
        "old", "a-long-password", "kim", clock.now())
    ask("all", "PATCH", f"{USERS}/{kim.id}", {**body, "external_id": None, "password": "x", "root_admin": "1"})
    assert (kim.external_id, kim.password, kim.root_admin) == (None, "x", True)
    assert ask.get("kim", "/api/client/account").status_code == 200


def test_the_required_fields_are_required_again(ask: Asker, kim: User) -> None:
    assert failures(ask("all", "PATCH", f"{USERS}/{kim.id}", {"email": "lee@example.org"})) == [
        "email unique", "username required", "first_name required", "last_name required"]


def test_owners_cannot_be_deleted_and_others_leave_nothing(ask: Asker, demo: Demo, kim: User) -> None:
    assert says(ask("all", "DELETE", f"{USERS}/{kim.id}")) == (
        400, "DisplayException", "Cannot delete a user with active servers attached to their account. Please delete "
        "their servers before continuing.")
    lee = next(user for user in demo.world.users if user.username == "lee")
    ask.post("lee", f"{ask.server('Uno')}/power", {"signal": "start"})
    demo.world.servers[2].owner = kim
    assert ask("all", "DELETE", f"{USERS}/{lee.id}").status_code == 204
    assert says(ask.get("lee", "/api/client/account"))[0] == 401
    assert demo.world.servers[0].subusers == []
    listed = ask.get("kim", f"{ask.server('Uno')}/activity?filter[event]=power&include=actor").json
    assert listed is not None
    assert listed["data"][0]["attributes"]["relationships"]["actor"] == {"object": "null_resource", "attributes": None}


def test_reading_keys_write_nothing(ask: Asker, kim: User) -> None:
    for method, path in (("POST", USERS), ("PATCH", f"{USERS}/{kim.id}"), ("DELETE", f"{USERS}/{kim.id}")):
        assert says(ask("reading", method, path, {})) == (
            403, "AccessDeniedHttpException", "This action is unauthorized.")
