"""An invitation: a link with which somebody chooses a password, once, within seven days."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import select
from sqlalchemy.exc import OperationalError

from portal.auth import links, sessions
from portal.auth import service as accounts
from portal.auth.models import Invite
from portal.store import read
from tests.auth.conftest import is_signed_in, log_in
from tests.conftest import PASSWORD, World

CHOSEN = "a password of my own"
FORM = {"password": CHOSEN, "again": CHOSEN}


@pytest.fixture
def link(portal: World) -> str:
    return invite(portal)


def invite(world: World, email: str = "owner@example.com") -> str:
    """The path that the command prints for an account."""
    ran = world.app.test_cli_runner().invoke(args=["user", "invite", email])
    assert (ran.exit_code, ran.stderr) == (0, "")
    found = re.fullmatch(r"http://localhost(/invite/[\w-]{43})\n", ran.stdout)
    assert found, ran.stdout
    return found[1]


def test_the_link_shows_for_whom_it_is(portal: World, link: str) -> None:
    page = portal.browser().get(link)
    assert page.status_code == 200
    assert "owner@example.com" in page.text


def test_choosing_a_password_signs_in(portal: World, link: str) -> None:
    browser = portal.browser()
    answer = browser.post(link, data=FORM)
    assert (answer.status_code, answer.location) == (303, "/servers")
    assert is_signed_in(browser)
    assert log_in(portal.browser(), password=CHOSEN).status_code == 303
    assert log_in(portal.browser(), password=PASSWORD).status_code == 422


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_used_link_is_over(method: str, portal: World, link: str) -> None:
    portal.browser().post(link, data=FORM)
    answer = portal.browser().open(
        link, method=method, data={"password": "another password", "again": "another password"}
    )
    assert answer.status_code == 410
    assert "This link no longer works" in answer.text
    assert log_in(portal.browser(), password=CHOSEN).status_code == 303


def test_looking_at_a_link_does_not_use_it(portal: World, link: str) -> None:
    """Mail programs fetch links before their reader does."""
    for method in ("GET", "HEAD", "GET"):
        portal.browser().open(link, method=method)
    assert portal.browser().post(link, data=FORM).status_code == 303


def test_a_link_lasts_for_a_week(portal: World, link: str) -> None:
    portal.clock.advance(7 * 86_400 - 1)
    assert portal.browser().get(link).status_code == 200
    portal.clock.advance(2)
    assert portal.browser().get(link).status_code == 410
    assert portal.browser().post(link, data=FORM).status_code == 410


def test_an_older_link_dies_with_a_newer_one(portal: World, link: str) -> None:
    newer = invite(portal)
    assert portal.browser().get(link).status_code == 410
    assert portal.browser().get(newer).status_code == 200


def test_a_link_of_somebody_else_lives_on(portal: World, link: str) -> None:
    invite(portal, "stranger@example.com")
    assert portal.browser().get(link).status_code == 200


def test_a_password_set_meanwhile_ends_the_link(portal: World, link: str) -> None:
    portal.app.test_cli_runner().invoke(args=["user", "set-password", "owner@example.com"], input="set by the host\n")
    assert portal.browser().get(link).status_code == 410


def test_a_disabled_account_cannot_come_in_by_a_link(portal: World, link: str) -> None:
    portal.app.test_cli_runner().invoke(args=["user", "disable", "owner@example.com"])
    assert portal.browser().get(link).status_code == 410
    assert portal.browser().post(link, data=FORM).status_code == 410


def test_a_new_password_ends_the_sessions_of_before(portal: World, link: str) -> None:
    old = portal.browser("owner")
    portal.browser().post(link, data=FORM)
    assert not is_signed_in(old)


@pytest.mark.parametrize(
    ("form", "message"),
    [
        ({"password": "", "again": ""}, "Choose a password."),
        ({"password": "short", "again": "short"}, "Use at least 10 characters."),
        ({"password": CHOSEN, "again": "something else"}, "The two passwords are not the same."),
        ({"password": CHOSEN}, "The two passwords are not the same."),
        ({}, "Choose a password."),
        ({"password": "x" * 201, "again": "x" * 201}, "at most 200"),
    ],
)
def test_a_password_that_does_not_do_is_refused_and_the_link_lives(
    form: dict[str, str], message: str, portal: World, link: str
) -> None:
    answer = portal.browser().post(link, data=form)
    assert answer.status_code == 422
    assert message in answer.text
    assert CHOSEN not in answer.text
    assert portal.browser().get(link).status_code == 200


@pytest.mark.parametrize("token", ["x", "x" * 43, "x" * 5000, "%00", "%ff%fe", "%ed%a0%80", "..%2f", "%3Cscript%3E"])
def test_a_link_that_never_was_is_over(token: str, portal: World) -> None:
    assert portal.browser().get(f"/invite/{token}").status_code in (404, 410)
    assert portal.browser().post(f"/invite/{token}", data=FORM).status_code in (404, 410)


def test_somebody_else_who_is_signed_in_becomes_the_invited_person(portal: World, link: str) -> None:
    browser = portal.browser("stranger")
    browser.post(link, data=FORM)
    assert "owner@example.com" in browser.get("/servers").text


def test_the_store_holds_only_a_hash_of_the_token(portal: World, link: str) -> None:
    with portal.app.app_context(), read() as session:
        kept = session.scalars(select(Invite.token_hash)).all()
        nonces = session.scalars(select(Invite.nonce)).all()
    assert link.rpartition("/")[2] not in [*kept, *nonces]


def test_a_link_dies_with_the_secret_key_of_the_portal(portal: World) -> None:
    """What is in the store alone makes no link."""
    with portal.app.app_context():
        link = links.make(accounts.find("owner@example.com").id)
        portal.app.secret_key = b"another key that somebody who has only the store would have to guess"
        forged = links.url_of(link.nonce)
    assert portal.browser().get(forged.removeprefix("http://localhost")).status_code == 410


def test_a_store_that_fails_in_between_leaves_password_and_link_as_they_were(
    portal: World, link: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> str:
        raise OperationalError("INSERT", {}, Exception("database is locked"))

    with monkeypatch.context() as patched:
        patched.setattr(sessions, "start_in", fail)
        assert portal.browser().post(link, data=FORM).status_code == 503
    assert log_in(portal.browser(), password=PASSWORD).status_code == 303
    assert portal.browser().post(link, data=FORM).status_code == 303
