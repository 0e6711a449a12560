"""`flask user set-key`: a customer's own key, and nobody else's."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from click.testing import Result
from sqlalchemy import select

from portal.auth import service as accounts
from portal.credentials import service as credentials
from portal.credentials.models import ClientKey
from portal.credentials.service import Credential
from portal.store import read
from tests.conftest import World


@pytest.fixture
def keyless(make_world: Callable[..., World]) -> World:
    """The people have accounts; none has given a key yet."""
    world = make_world("service", use_service_key=False)
    world.adapter.requests.clear()
    return world


def set_key(world: World, email: str, typed: str) -> Result:
    return world.app.test_cli_runner().invoke(args=["user", "set-key", email], input=f"{typed}\n")


def stored(world: World) -> list[ClientKey]:
    with world.app.app_context(), read() as session:
        return list(session.scalars(select(ClientKey)).all())


def refused(world: World, email: str, typed: str) -> str:
    ran = set_key(world, email, typed)
    assert ran.exit_code == 1
    assert ran.stdout == ""
    assert len(ran.stderr.strip().splitlines()) == 1
    assert stored(world) == []
    assert not typed or typed not in ran.output
    return ran.stderr


def test_the_linked_users_own_key_is_stored(keyless: World) -> None:
    key = keyless.demo.keys["owner"]
    ran = set_key(keyless, "owner@example.com", key)
    assert (ran.exit_code, ran.stderr) == (0, "")
    assert ran.stdout == f"Stored the key {key[:16]} of owner@example.com.\n"
    with keyless.app.app_context():
        account = accounts.find("owner@example.com")
        acting = credentials.for_account(account.id, account.panel_user_id)
    assert isinstance(acting, Credential)
    assert (acting.kind, acting.key.secret) == ("own", key)


def test_the_panel_is_asked_once_whose_key_it_is(keyless: World) -> None:
    set_key(keyless, "owner@example.com", keyless.demo.keys["owner"])
    assert keyless.calls() == ["GET /api/client/account"]


def test_the_address_may_be_written_as_one_likes(keyless: World) -> None:
    assert set_key(keyless, " Owner@Example.COM", keyless.demo.keys["owner"]).exit_code == 0


@pytest.mark.parametrize("around", ["  {}", "{}  ", "{}\r", "\t{}"])
def test_spaces_around_a_key_do_not_matter(around: str, keyless: World) -> None:
    assert set_key(keyless, "owner@example.com", around.format(keyless.demo.keys["owner"])).exit_code == 0


def test_a_new_key_takes_the_place_of_the_old_one(keyless: World) -> None:
    for _ in range(2):
        set_key(keyless, "owner@example.com", keyless.demo.keys["owner"])
    assert len(stored(keyless)) == 1


@pytest.mark.parametrize("whose", ["stranger", "subuser", "solo"])
def test_another_users_key_is_refused(whose: str, keyless: World) -> None:
    assert "another panel user" in refused(keyless, "owner@example.com", keyless.demo.keys[whose])


@pytest.mark.parametrize("whose", ["admin", "service"])
@pytest.mark.parametrize("email", ["owner@example.com", "admin@example.com"])
def test_an_administrators_key_is_refused_for_everybody(whose: str, email: str, keyless: World) -> None:
    assert "administrator" in refused(keyless, email, keyless.demo.keys[whose])


@pytest.mark.parametrize("name", ["application", "application_ro"])
def test_an_application_key_is_refused(name: str, keyless: World) -> None:
    refused(keyless, "owner@example.com", keyless.demo.keys[name])


def test_a_key_that_the_panel_does_not_know_is_refused(keyless: World) -> None:
    assert "refuses this key" in refused(keyless, "owner@example.com", "ptlc_" + "x" * 43)


@pytest.mark.parametrize(
    "typed", ["", "nonsense", "ptlc_zzz", "ptlc_" + "x" * 200, "ptlc_" + "é" * 43, "p\0" * 24, "x" * 47]
)
def test_nonsense_is_refused_without_asking_the_panel(typed: str, keyless: World) -> None:
    refused(keyless, "owner@example.com", typed)
    assert keyless.calls() == []


def test_an_unlinked_account_gets_no_key(keyless: World) -> None:
    with keyless.app.app_context():
        accounts.create("nobody@example.com", panel_user=None)
    assert "not linked" in refused(keyless, "nobody@example.com", keyless.demo.keys["owner"])
    assert keyless.calls() == []


def test_an_unknown_account_gets_no_key(keyless: World) -> None:
    assert "no account" in refused(keyless, "missing@example.com", keyless.demo.keys["owner"])


@pytest.mark.parametrize("condition", ["panel-maintenance", "panel-gateway"])
def test_a_key_is_not_stored_while_the_panel_is_down(condition: str, keyless: World) -> None:
    keyless.demo.set_condition(condition)
    assert "could not be asked" in refused(keyless, "owner@example.com", keyless.demo.keys["owner"])


def test_a_refused_key_leaves_the_one_before_in_place(keyless: World) -> None:
    set_key(keyless, "owner@example.com", keyless.demo.keys["owner"])
    assert set_key(keyless, "owner@example.com", keyless.demo.keys["stranger"]).exit_code == 1
    assert [one.identifier for one in stored(keyless)] == [keyless.demo.keys["owner"][:16]]
