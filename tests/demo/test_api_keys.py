from __future__ import annotations

import pytest

from portal.demo import Demo
from tests.demo.conftest import Asker, says

PATH = "/api/client/account/api-keys"


def test_a_new_key_works_and_can_delete_itself(ask: Asker, demo: Demo) -> None:
    made = ask.post("kim", PATH, {"description": " mine ", "allowed_ips": ["127.0.0.1", "10.0.0.0/8"]}).json
    identifier = made["attributes"]["identifier"]
    assert made["attributes"] | {"created_at": ""} == {
        "identifier": identifier, "description": "mine", "allowed_ips": ["127.0.0.1", "10.0.0.0/8"],
        "last_used_at": None, "created_at": ""}
    key = identifier + made["meta"]["secret_token"]
    assert (len(identifier), len(key)) == (16, 48)
    assert [item["attributes"]["description"] for item in ask.get(key, PATH).json["data"]] == ["conformance", "mine"]
    assert ask(key, "DELETE", f"{PATH}/{identifier}").status_code == 204
    assert ask.get(key, PATH).status_code == 401
    assert [entry.event for entry in demo.world.activity_logs[-2:]] == ["user:api-key.create", "user:api-key.delete"]


def test_keys_of_others_are_not_there(ask: Asker, demo: Demo) -> None:
    assert says(ask("kim", "DELETE", f"{PATH}/{demo.keys['lee'][:16]}"))[0] == 404
    assert says(ask("chief", "DELETE", f"{PATH}/{demo.keys['all'][:16]}"))[0] == 404


@pytest.mark.parametrize(("body", "field", "rule", "detail"), [
    ({}, "description", "required", "The description field is required."),
    ({"description": "x" * 501}, "description", "max", "The description may not be greater than 500 characters."),
    ({"description": 5}, "description", "string", "The description must be a string."),
    ({"description": "x", "allowed_ips": "10.0.0.1"}, "allowed_ips", "array", "The allowed ips must be an array."),
    ({"description": "x", "allowed_ips": ["10.0.0.1"] * 51}, "allowed_ips", "max",
     "The allowed ips may not have more than 50 items."),
    ({"description": "x", "allowed_ips": ["10.0.0.1", "home"]}, "allowed_ips.1", "",
     '"home" is not a valid IP address or CIDR range.'),
])
def test_refused_keys(ask: Asker, body: dict[str, object], field: str, rule: str, detail: str) -> None:
    answer = ask.post("kim", PATH, body)
    assert says(answer) == (422, "ValidationException", detail)
    assert answer.json["errors"][0]["meta"] == {"source_field": field, "rule": rule}


def test_an_impossible_prefix_crashes_the_panel(ask: Asker) -> None:
    assert ask.post("kim", PATH, {"description": "x", "allowed_ips": ["10.0.0.0/33"]}).status_code == 500


def test_25_keys_are_enough(ask: Asker) -> None:
    for number in range(24):
        assert ask.post("kim", PATH, {"description": str(number)}).status_code == 200
    assert says(ask.post("kim", PATH, {"description": "one more"})) == (
        400, "DisplayException", "You have reached the account limit for number of API keys.")


def test_account(ask: Asker) -> None:
    assert ask.get("kim", "/api/client/account").json == {"object": "user", "attributes": {
        "id": 2, "admin": False, "username": "kim", "email": "kim@example.org", "first_name": "Kim",
        "last_name": "Kay", "language": "en"}}
