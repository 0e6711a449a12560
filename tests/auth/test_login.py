"""Signing in: the right password, the wrong one, and what the browser gets."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from argon2 import PasswordHasher
from sqlalchemy import select

from portal.audit.models import AuditEntry
from portal.auth import passwords
from portal.auth.models import Account, LoginSession
from portal.store import read
from tests.auth.conftest import cookie, is_signed_in, log_in
from tests.conftest import PASSWORD, World

DAY_S = 86_400


def sessions_of(world: World) -> list[LoginSession]:
    with world.app.app_context(), read() as session:
        return list(session.scalars(select(LoginSession)).all())


def test_the_right_password_signs_in(portal: World) -> None:
    browser = portal.browser()
    answer = log_in(browser)
    assert (answer.status_code, answer.location) == (303, "/servers")
    assert is_signed_in(browser)


@pytest.mark.parametrize("email", [" owner@example.com ", "OWNER@Example.com"])
def test_an_address_may_be_written_as_one_likes(email: str, portal: World) -> None:
    assert log_in(portal.browser(), email).status_code == 303


def shown(text: str) -> str:
    """A page without what differs between two requests for it."""
    return re.sub(r'value="[^"]*"|<code>[0-9a-f]{8}</code>', "", text)


@pytest.mark.parametrize("email", ["nobody@example.com", "disabled@example.com", "invited@example.com", "no address"])
def test_a_wrong_password_and_an_unknown_address_look_the_same(email: str, portal: World) -> None:
    runner = portal.app.test_cli_runner()
    runner.invoke(args=["user", "create", "invited@example.com"])
    runner.invoke(args=["user", "create", "disabled@example.com", "--password"], input=f"{PASSWORD}\n")
    runner.invoke(args=["user", "disable", "disabled@example.com"])
    wrong = log_in(portal.browser(), password="wrong password")
    other = log_in(portal.browser(), email)
    assert (other.status_code, shown(other.text)) == (wrong.status_code, shown(wrong.text)) == (422, shown(wrong.text))
    assert "do not belong together" in wrong.text


def test_an_unknown_address_costs_as_much_work_as_a_wrong_password(
    portal: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    work: list[str] = []

    class Counting(PasswordHasher):
        def hash(self, *args, **kwargs):
            work.append("hash")
            return super().hash(*args, **kwargs)

        def verify(self, *args, **kwargs):
            work.append("verify")
            return super().verify(*args, **kwargs)

    monkeypatch.setattr(passwords, "hasher", Counting(time_cost=1, memory_cost=8, parallelism=1))
    for email in ("owner@example.com", "nobody@example.com"):
        work.clear()
        log_in(portal.browser(), email, "wrong password")
        assert len(work) == 1


def test_the_address_stays_typed_and_the_password_does_not(portal: World) -> None:
    page = log_in(portal.browser(), password="wrong password").text
    assert 'value="owner@example.com"' in page
    assert "wrong password" not in page


@pytest.mark.parametrize(
    "data", [{}, {"email": "owner@example.com"}, {"password": PASSWORD}, {"email": "", "password": ""}]
)
def test_a_form_with_something_missing_is_refused_beside_the_field(data: dict[str, str], portal: World) -> None:
    answer = portal.browser().post("/login", data=data)
    assert answer.status_code == 422
    assert "Enter your" in answer.text
    assert 'aria-invalid="true"' in answer.text


@pytest.mark.parametrize("password", ["x" * 201, "x" * 60_000, "\0" * 20, "\u202e" * 20])
def test_an_odd_password_is_just_wrong(password: str, portal: World) -> None:
    assert log_in(portal.browser(), password=password).status_code == 422


def test_an_account_without_a_password_cannot_sign_in(portal: World) -> None:
    portal.app.test_cli_runner().invoke(args=["user", "create", "new@example.com"])
    for password in ("", "None", "new@example.com"):
        assert log_in(portal.browser(), "new@example.com", password).status_code == 422


def test_an_outdated_hash_is_renewed_at_login(portal: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(passwords, "hasher", PasswordHasher(time_cost=2, memory_cost=16, parallelism=1))
    assert log_in(portal.browser()).status_code == 303
    with portal.app.app_context(), read() as session:
        stored = session.scalar(select(Account.password_hash).where(Account.email == "owner@example.com"))
    assert "m=16,t=2" in stored
    assert log_in(portal.browser()).status_code == 303


def test_passwords_are_stored_as_argon2id(portal: World) -> None:
    with portal.app.app_context(), read() as session:
        stored = session.scalars(select(Account.password_hash)).all()
    assert all(one.startswith("$argon2id$") for one in stored)


def test_stay_signed_in_keeps_the_cookie_for_the_days_of_the_setting(make_world: Callable[..., World]) -> None:
    world = make_world("own", stay_signed_in_days=14)
    browser = world.browser()
    line = cookie(log_in(browser, stay="y"), "roost")
    assert "Expires=" in line
    world.clock.advance(14 * DAY_S - 60)
    assert is_signed_in(browser)
    world.clock.advance(120)
    assert not is_signed_in(browser)


def test_without_staying_the_cookie_ends_with_the_browser_and_after_a_day(portal: World) -> None:
    browser = portal.browser()
    line = cookie(log_in(browser), "roost")
    assert "Expires=" not in line
    assert "Max-Age=" not in line
    portal.clock.advance(DAY_S - 60)
    assert is_signed_in(browser)
    portal.clock.advance(120)
    assert not is_signed_in(browser)


@pytest.mark.parametrize(("address", "is_secure"), [("http://localhost", False), ("https://my.example.com", True)])
def test_cookies_are_out_of_reach_for_scripts_and_other_sites(
    address: str, is_secure: bool, make_world: Callable[..., World]
) -> None:
    answer = log_in(make_world("own", portal_url=address).browser(), stay="y")
    lines = answer.headers.getlist("Set-Cookie")
    assert {line.split("=")[0] for line in lines} == {"roost", "roost_device"}
    for line in lines:
        marks = {mark.strip() for mark in line.split(";")[1:]}
        assert {"HttpOnly", "SameSite=Lax", "Path=/"} <= marks
        assert ("Secure" in marks) == is_secure
        assert not any(mark.startswith("Domain") for mark in marks)


def test_the_cookie_of_before_the_login_is_worth_nothing_afterwards(portal: World) -> None:
    """Somebody who planted a session cookie in a browser does not share the session that begins there."""
    browser, planted = portal.browser(), portal.browser()
    browser.get("/login")
    before = browser.get_cookie("roost")
    log_in(browser)
    if before is not None:
        planted.set_cookie("roost", before.value)
    assert is_signed_in(browser)
    assert not is_signed_in(planted)


def test_signing_in_again_ends_the_session_of_before(portal: World) -> None:
    browser, kept = portal.browser(), portal.browser()
    log_in(browser)
    kept.set_cookie("roost", browser.get_cookie("roost").value)
    assert is_signed_in(kept)
    log_in(browser, "stranger@example.com")
    assert is_signed_in(browser)
    assert not is_signed_in(kept)
    assert len(sessions_of(portal)) == 1


def test_the_csrf_token_changes_at_login(portal: World) -> None:
    portal.app.config["WTF_CSRF_ENABLED"] = True
    browser = portal.browser()
    token = re.search(r'name="csrf_token" value="([^"]+)"', browser.get("/login").text)[1]
    assert log_in(browser, csrf_token=token).status_code == 303
    assert browser.post("/logout", data={"csrf_token": token}).status_code == 400
    fresh = re.search(r'name="csrf_token" value="([^"]+)"', browser.get("/servers").text)[1]
    assert browser.post("/logout", data={"csrf_token": fresh}).status_code == 303


def test_the_store_holds_only_a_hash_of_the_session(portal: World) -> None:
    browser = portal.browser()
    log_in(browser)
    with browser.session_transaction() as session:
        token = session["_user_id"]
    assert token not in {one.token_hash for one in sessions_of(portal)}


def test_logins_are_written_down_without_passwords(portal: World) -> None:
    log_in(portal.browser(), password="wrong password")
    log_in(portal.browser())
    with portal.app.app_context(), read() as session:
        entries = session.scalars(select(AuditEntry)).all()
    assert [(one.action, one.outcome, one.address) for one in entries] == [
        ("login", "refused", "192.0.2.1"), ("login", "done", "192.0.2.1"),
    ]  # fmt: skip
    assert "wrong password" not in str([vars(one) for one in entries])


def test_sessions_that_ran_out_are_forgotten(portal: World) -> None:
    log_in(portal.browser())
    portal.clock.advance(2 * DAY_S)
    log_in(portal.browser())
    assert len(sessions_of(portal)) == 1


def test_a_visitor_who_is_signed_in_goes_on_from_the_login_page(portal: World) -> None:
    browser = portal.browser("owner")
    assert browser.get("/login").location == "/servers"
    assert browser.get("/login?next=/servers/abcd1234/console").location == "/servers/abcd1234/console"
    assert browser.get("/login?next=//evil.example").location == "/servers"


def test_the_login_page_says_that_panel_passwords_do_not_work_here(portal: World) -> None:
    page = portal.browser().get("/login").text
    assert "Passwords of the panel do not work here" in page
    assert "https://example.com/support" in page
