"""A person's own account: password, connection to the panel, other browsers."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask.testing import FlaskClient

from tests.admin.conftest import audited
from tests.auth.conftest import is_signed_in, log_in
from tests.conftest import PASSWORD, World

CHOSEN = "a password of my own"
FORM = {"current": PASSWORD, "password": CHOSEN, "again": CHOSEN}


@pytest.fixture
def owner(own_world: World) -> FlaskClient:
    return own_world.browser("owner")


def test_the_page_says_how_one_is_connected(own_world: World, owner: FlaskClient) -> None:
    page = owner.get("/account").text
    assert "Connected" in page
    assert own_world.demo.keys["owner"][:16] in page
    assert own_world.demo.keys["owner"] not in page
    assert own_world.calls() == []


def test_with_the_service_key_no_own_key_is_needed(service_world: World) -> None:
    assert "Your host has connected you" in service_world.browser("owner").get("/account").text


def test_a_new_password_ends_every_other_session_and_not_this_one(own_world: World, owner: FlaskClient) -> None:
    other = own_world.browser("owner")
    assert owner.post("/account/password", data=FORM).status_code == 303
    assert is_signed_in(owner)
    assert not is_signed_in(other)
    assert log_in(own_world.browser(), password=CHOSEN).status_code == 303
    assert log_in(own_world.browser(), password=PASSWORD).status_code == 422
    assert ("account.password", "") in audited(own_world)


@pytest.mark.parametrize(
    ("form", "message"),
    [
        ({**FORM, "current": "wrong"}, "That is not your password."),
        ({**FORM, "current": ""}, "Enter your password."),
        ({**FORM, "password": "short", "again": "short"}, "Use at least 10 characters."),
        ({**FORM, "again": "another one"}, "The two passwords are not the same."),
        ({**FORM, "password": "\ud800" * 12, "again": "\ud800" * 12}, ""),
        ({}, "Enter your password."),
    ],
)
def test_what_does_not_do_changes_nothing(
    form: dict[str, str], message: str, own_world: World, owner: FlaskClient
) -> None:
    data = "&".join(f"{name}={value.encode('utf-8', 'surrogatepass').hex('%')}" for name, value in form.items())
    if "\ud800" not in "".join(form.values()):
        answer = owner.post("/account/password", data=form)
    else:
        answer = owner.post("/account/password", data=data, content_type="application/x-www-form-urlencoded")
    assert answer.status_code == 422
    assert message in answer.text
    assert CHOSEN not in answer.text
    assert log_in(own_world.browser()).status_code == 303


def test_a_thief_of_a_session_cannot_guess_the_password(own_world: World, owner: FlaskClient) -> None:
    wrong = {**FORM, "current": "wrong"}
    assert [owner.post("/account/password", data=wrong).status_code for _ in range(6)] == [422] * 5 + [429]
    assert owner.post("/account/password", data=FORM).status_code == 429


def test_connecting_with_a_key_shows_the_servers(make_world: Callable[..., World]) -> None:
    world = make_world("own")
    browser = world.browser("owner")
    browser.post("/account/key/forget")
    assert "not connected yet" in browser.get("/servers").text
    assert 'href="/account"' in browser.get("/servers").text
    answer = browser.post("/account/key", data={"key": f" {world.demo.keys['owner']}\n"})
    assert (answer.status_code, answer.location) == (303, "/account?done=connected")
    assert "Lobby" in browser.get("/servers").text
    assert ("account.key", world.demo.keys["owner"][:16]) in audited(world)


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("stranger", "belongs to another panel user"),
        ("admin", "the key of a panel administrator"),
        ("application", "The panel refuses this key"),
    ],
)
def test_a_key_that_is_not_ones_own_is_refused(
    name: str, message: str, own_world: World, owner: FlaskClient
) -> None:
    answer = owner.post("/account/key", data={"key": own_world.demo.keys[name]})
    assert answer.status_code == 422
    assert message in answer.text
    assert own_world.demo.keys[name] not in answer.text
    assert own_world.demo.keys["owner"][:16] in owner.get("/account").text


@pytest.mark.parametrize("key", ["", "short", "ptlc_" + "x" * 43, "x" * 300, "<script>"])
def test_what_is_no_key_is_refused(key: str, owner: FlaskClient) -> None:
    answer = owner.post("/account/key", data={"key": key})
    assert answer.status_code == 422
    assert "<script>" not in answer.text.replace("<script src", "")


def test_with_the_panel_down_the_old_key_stays(own_world: World, owner: FlaskClient) -> None:
    own_world.demo.set_condition("panel-gateway")
    answer = owner.post("/account/key", data={"key": own_world.demo.keys["owner"]})
    assert (answer.status_code, "cannot be reached" in answer.text) == (503, True)
    own_world.demo.set_condition(None)
    assert "Lobby" in owner.get("/servers").text


def test_a_forgotten_key_takes_what_it_saw_with_it(own_world: World, owner: FlaskClient) -> None:
    owner.get("/servers")
    owner.post("/account/key/forget")
    page = owner.get("/servers").text
    assert "Lobby" not in page
    assert "not connected yet" in page


def test_signing_out_everywhere_else(own_world: World, owner: FlaskClient) -> None:
    others = [own_world.browser("owner"), own_world.browser("owner")]
    stranger = own_world.browser("stranger")
    assert "3 browsers" in owner.get("/account").text
    assert "2 other browsers were signed out" in owner.post("/account/sign-out-others").text
    assert is_signed_in(owner)
    assert not any(is_signed_in(one) for one in others)
    assert is_signed_in(stranger)


def test_an_account_without_a_panel_user_is_told_whom_to_ask(own_world: World) -> None:
    from portal.auth import service as accounts
    from portal.auth import sessions

    with own_world.app.app_context():
        account_id = accounts.create("new@example.org", panel_user=None)
        token = sessions.start(account_id, days=None)
    browser = own_world.app.test_client()
    with browser.session_transaction() as session:
        session["_user_id"] = token
    assert "not linked" in browser.get("/account").text
    assert browser.post("/account/key", data={"key": own_world.demo.keys["owner"]}).status_code == 422


def test_trying_keys_again_and_again_is_not_passed_on_to_the_panel(own_world: World, owner: FlaskClient) -> None:
    own_world.calls()
    statuses = [owner.post("/account/key", data={"key": "ptlc_" + "x" * 43}).status_code for _ in range(20)]
    assert statuses == [422] * 5 + [429] * 15
    assert len(own_world.calls()) == 5


def test_a_key_that_was_refused_and_works_again_is_shown_as_working(own_world: World, owner: FlaskClient) -> None:
    key = next(
        one for one in own_world.demo.world.api_keys if one.identifier == own_world.demo.keys["owner"][:16]
    )
    key.allowed_ips = ["203.0.113.9"]
    own_world.clock.advance(60)
    owner.get("/servers")
    assert "Refused by the panel" in owner.get("/account").text
    key.allowed_ips = []
    own_world.clock.advance(901)
    owner.get("/servers")
    assert "Refused by the panel" not in owner.get("/account").text


def test_a_key_is_not_stored_for_an_account_that_was_linked_elsewhere_meanwhile(
    own_world: World, owner: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    from portal.auth.models import Account
    from portal.credentials import service as credentials
    from portal.store import write

    asked = credentials.client

    def relinked(*args: object, **more: object):
        with write() as session:
            session.query(Account).filter_by(email="owner@example.com").one().panel_user_id = 4242
        return asked(*args, **more)

    owner.post("/account/key/forget")
    monkeypatch.setattr(credentials, "client", relinked)
    answer = owner.post("/account/key", data={"key": own_world.demo.keys["owner"]})
    assert (answer.status_code, "changed just now" in answer.text) == (422, True)
    with own_world.app.app_context():
        assert credentials.stored_key(1) is None
