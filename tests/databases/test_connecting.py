"""The addresses that programs take say the same as the panel does, whatever letters are in it."""

from __future__ import annotations

from urllib.parse import parse_qs, unquote, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.databases.connecting import access_of
from portal.pterodactyl.models import Database

texts = st.text(st.characters(exclude_categories=("Cs",)), min_size=1, max_size=30)


def database(**values: object) -> Database:
    about: dict[str, object] = {
        "id": "abc", "host_address": "192.0.2.50", "host_port": 3306, "name": "s1_web", "username": "u1_x",
        "connections_from": "%", "max_connections": 0, "password": "secret",
    }  # fmt: skip
    return Database(**(about | values))  # type: ignore[arg-type]


def test_plain_ones_are_as_everybody_writes_them() -> None:
    access = access_of(database())
    assert access is not None

    assert access.url == "mysql://u1_x:secret@192.0.2.50:3306/s1_web"
    assert access.jdbc == "jdbc:mysql://192.0.2.50:3306/s1_web?user=u1_x&password=secret"


def test_signs_of_a_real_password_are_encoded() -> None:
    access = access_of(database(password="2+a+YRK!=O@Y^.C/x:y"))
    assert access is not None

    assert access.url == "mysql://u1_x:2%2Ba%2BYRK%21%3DO%40Y%5E.C%2Fx%3Ay@192.0.2.50:3306/s1_web"
    assert access.jdbc.endswith("&password=2%2Ba%2BYRK%21%3DO%40Y%5E.C%2Fx%3Ay")


@given(name=texts, user=texts, password=texts)
def test_whatever_is_put_in_comes_out_again(name: str, user: str, password: str) -> None:
    access = access_of(database(name=name, username=user, password=password))
    assert access is not None
    parts, jdbc = urlsplit(access.url), urlsplit(access.jdbc.removeprefix("jdbc:"))

    assert access.url.isascii()
    assert access.jdbc.isascii()
    assert (unquote(parts.username or ""), unquote(parts.password or "")) == (user, password)
    assert unquote(parts.path) == unquote(jdbc.path) == f"/{name}"
    assert parse_qs(jdbc.query, keep_blank_values=True) == {"user": [user], "password": [password]}
    assert (parts.hostname, parts.port) == ("192.0.2.50", 3306)


@pytest.mark.parametrize(
    ("host", "shown"),
    [
        ("2001:db8::5", "[2001:db8::5]"),
        ("::1", "[::1]"),
        ("db.example.com", "db.example.com"),
        ("a b/c@d", "a%20b%2Fc%40d"),
    ],
)
def test_a_host_keeps_its_place(host: str, shown: str) -> None:
    access = access_of(database(host_address=host))
    assert access is not None

    assert f"@{shown}:3306/" in access.url
    assert f"//{shown}:3306/" in access.jdbc


def test_without_a_password_there_is_nothing() -> None:
    assert access_of(database(password=None)) is None


def test_nothing_that_is_printed_has_the_password() -> None:
    access = access_of(database(password="hush-hush"))

    assert "hush-hush" not in f"{access!r} {access} {access!s}"
