"""Keys, passwords and addresses that are secrets."""

from __future__ import annotations

import dataclasses
import inspect
from typing import Any

import pytest

from portal.pterodactyl import ApiKey, errors, models, transport
from tests.pterodactyl.fakes import World, error
from tests.pterodactyl.objects import STAMP, database, item, listed, signed
from tests.pterodactyl.routes import call


def test_the_usable_key_is_both_parts() -> None:
    attributes = {
        "identifier": "ptlc_Ab3dE6gH9jK", "description": "d", "allowed_ips": None, "last_used_at": None,
        "created_at": STAMP,
    }  # fmt: skip
    answer = item("api_key", **attributes) | {"meta": {"secret_token": "s" * 32}}
    made = World((200, answer)).client.api_keys.create(description="d")
    assert made.secret == "ptlc_Ab3dE6gH9jK" + "s" * 32
    assert ApiKey(made.secret).identifier == made.key.identifier
    assert made.key.allowed_ips == ()
    assert "ssss" not in repr(made)


@pytest.mark.parametrize(
    ("name", "answer", "secret"),
    [
        ("two_factor.setup", {"data": {"secret": "S3CRET", "image_url_data": "otpauth://S3CRET"}}, "S3CRET"),
        ("two_factor.enable", item("recovery_tokens", tokens=["S3CRET"]), "S3CRET"),
        ("databases.create", database("S3CRET"), "S3CRET"),
        ("servers.websocket", {"data": {"token": "S3CRET", "socket": "wss://node.test/x"}}, "S3CRET"),
        ("files.upload_url", signed("http://node.test/x?token=S3CRET"), "S3CRET"),
    ],
)
def test_what_is_secret_is_in_no_representation(name: str, answer: Any, secret: str) -> None:
    found = call(World((200, answer)).client, name)
    assert secret in str(dataclasses.astuple(found))
    assert secret not in repr(found) + str(found)


@pytest.mark.parametrize("where", ["(Connection: dynamic, SQL:", "(SQL:"])
def test_what_a_panel_in_debug_mode_wanted_to_store_is_told_to_nobody(where: str) -> None:
    said = f"SQLSTATE[HY000] [2002] Connection refused {where} CREATE USER `u1`@`%`\n IDENTIFIED BY 'S3CRET')"
    with pytest.raises(errors.OutcomeUnknown) as caught:
        call(World(error(500, "QueryException", said)).client, "databases.rotate_password")
    assert caught.value.detail == "SQLSTATE[HY000] [2002] Connection refused"
    assert "S3CRET" not in str(vars(caught.value)) + str(vars(caught.value.cause))


def test_a_body_is_in_no_representation() -> None:
    names = inspect.signature(transport._Request).parameters
    request = transport._Request(**dict.fromkeys(names) | {"body": b"S3CRET"})  # type: ignore[arg-type]
    assert "S3CRET" not in repr(request)


def test_a_password_that_is_withheld_is_none() -> None:
    assert World((200, listed(database(None)))).client.databases.list("x")[0].password is None


@pytest.mark.parametrize(
    "url",
    ["", "/x", "ftp://h/x", "http://", "http:///x", "http://a:b@h/x", "http://u@h/", "http://h:0/", "http://h:99999/",
     "http://h/a b", "http://h/\n", "javascript:x", "http://[::1/x", "http://h\\@other/"],
)  # fmt: skip
def test_an_address_that_nobody_should_fetch_is_a_bad_answer(url: str) -> None:
    with pytest.raises(errors.BadAnswer) as caught:
        World((200, signed(url))).client.files.upload_url("x")
    assert caught.value.path == "attributes.url"


def test_what_a_variable_holds_is_in_no_representation() -> None:
    variable = models.EggVariable("Token", "", "TOKEN", "", "hunter2", True, "nullable|string")
    startup = models.Startup((variable,), "./run --token hunter2", "./run --token {{TOKEN}}", {})
    assert "hunter2" not in repr(startup)
