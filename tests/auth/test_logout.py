"""Signing out, and what ends a session from outside."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from portal.auth.models import LoginSession
from portal.store import read
from tests.auth.conftest import is_signed_in, log_in
from tests.conftest import World


def test_signing_out_ends_the_row_and_leads_to_the_login_page(portal: World) -> None:
    browser = portal.browser()
    log_in(browser)
    answer = browser.post("/logout")
    assert (answer.status_code, answer.location) == (303, "/login")
    assert not is_signed_in(browser)
    with portal.app.app_context(), read() as session:
        assert session.scalars(select(LoginSession)).all() == []


def test_a_cookie_kept_from_before_signing_out_is_worth_nothing(portal: World) -> None:
    browser, kept = portal.browser(), portal.browser()
    log_in(browser)
    kept.set_cookie("roost", browser.get_cookie("roost").value)
    browser.post("/logout")
    assert not is_signed_in(kept)


def test_signing_out_here_leaves_other_browsers_signed_in(portal: World) -> None:
    here, there = portal.browser("owner"), portal.browser("owner")
    here.post("/logout")
    assert is_signed_in(there)


def test_signing_out_needs_a_post(portal: World) -> None:
    browser = portal.browser("owner")
    assert browser.get("/logout").status_code == 405
    assert is_signed_in(browser)


@pytest.mark.parametrize("how", ["disable", "set-password"])
def test_all_sessions_end_at_their_next_request(how: str, portal: World) -> None:
    browsers = [portal.browser("owner"), portal.browser("owner")]
    others = portal.browser("stranger")
    assert all(is_signed_in(one) for one in browsers)
    typed = "a new password\n" if how == "set-password" else None
    assert portal.app.test_cli_runner().invoke(args=["user", how, "owner@example.com"], input=typed).exit_code == 0
    assert not any(is_signed_in(one) for one in browsers)
    assert is_signed_in(others)


def test_sessions_from_before_do_not_come_back_when_an_account_is_opened_again(portal: World) -> None:
    browser = portal.browser("owner")
    runner = portal.app.test_cli_runner()
    runner.invoke(args=["user", "disable", "owner@example.com"])
    runner.invoke(args=["user", "disable", "owner@example.com", "--undo"])
    assert not is_signed_in(browser)


def test_a_fragment_of_an_ended_session_sends_the_browser_to_the_login_page(portal: World) -> None:
    answer = portal.browser().get(
        "/servers", headers={"HX-Request": "true", "HX-Current-URL": "http://localhost/servers?q=a"}
    )
    assert answer.status_code == 401
    assert answer.headers["HX-Redirect"] == "/login?next=/servers?q%3Da"
