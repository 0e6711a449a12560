"""Guessing is slow, and nobody can lock somebody else out by guessing."""

from __future__ import annotations

import threading

import pytest
from sqlalchemy import func, select

from portal.auth import throttle
from portal.auth.models import Attempt
from portal.store import read
from tests.auth.conftest import log_in
from tests.conftest import World

HOME, CAFE, EVIL = "192.0.2.1", "198.51.100.7", "203.0.113.9"


def guess(
    world: World, times: int, email: str = "owner@example.com", *, address: str = EVIL, browser=None
) -> list[int]:
    browser = browser or world.browser()
    return [log_in(browser, email, f"wrong password {n}", address=address).status_code for n in range(times)]


def test_after_five_wrong_guesses_even_the_right_password_waits(portal: World) -> None:
    assert guess(portal, 5) == [422] * 5
    answer = log_in(portal.browser(), address=EVIL)
    assert answer.status_code == 429
    assert "Too many attempts" in answer.text
    assert 0 < int(answer.headers["Retry-After"]) <= throttle.WINDOW_S


def test_retry_after_is_honest(portal: World) -> None:
    guess(portal, 5)
    wait = int(log_in(portal.browser(), address=EVIL).headers["Retry-After"])
    portal.clock.advance(wait - 1)
    assert log_in(portal.browser(), address=EVIL).status_code == 429
    portal.clock.advance(2)
    assert log_in(portal.browser(), address=EVIL).status_code == 303


def test_waiting_attempts_do_not_make_the_wait_longer(portal: World) -> None:
    guess(portal, 5)
    portal.clock.advance(300)
    assert guess(portal, 20) == [429] * 20
    portal.clock.advance(301)
    assert log_in(portal.browser(), address=EVIL).status_code == 303


def test_a_stranger_does_not_lock_the_owner_out_elsewhere(portal: World) -> None:
    guess(portal, 30, address=EVIL)
    assert log_in(portal.browser(), address=HOME).status_code == 303


def test_a_stranger_behind_the_same_address_does_not_lock_out_a_known_browser(portal: World) -> None:
    known = portal.browser()
    log_in(known, address=CAFE)
    known.post("/logout")
    guess(portal, 40, address=CAFE)
    assert log_in(portal.browser(), address=CAFE).status_code == 429
    assert log_in(known, address=CAFE).status_code == 303


def test_a_known_browser_is_throttled_by_itself(portal: World) -> None:
    """A stolen mark is no way around the limit."""
    known = portal.browser()
    log_in(known, address=HOME)
    assert guess(portal, 6, address=HOME, browser=known) == [422] * 5 + [429]
    assert guess(portal, 1, address=CAFE, browser=known) == [429]


def test_a_browser_known_for_one_account_is_a_stranger_to_another(portal: World) -> None:
    known = portal.browser()
    log_in(known, "stranger@example.com", address=EVIL)
    assert guess(portal, 6, "owner@example.com", address=EVIL, browser=known) == [422] * 5 + [429]
    assert guess(portal, 1, "owner@example.com", address=EVIL) == [429]


def test_a_browser_stays_known_for_several_accounts(portal: World) -> None:
    known = portal.browser()
    for name in ("owner", "stranger"):
        log_in(known, f"{name}@example.com", address=CAFE)
    guess(portal, 6, address=CAFE)
    assert log_in(known, address=CAFE).status_code == 303


@pytest.mark.parametrize(
    "forged", ["", "x", "a.b.c", "WyJtYXJrIixbIm93bmVyQGV4YW1wbGUuY29tIl1d.forged", "é" * 50, "A" * 3000]
)
def test_a_forged_mark_is_no_mark(forged: str, portal: World) -> None:
    browser = portal.browser()
    browser.set_cookie("roost_device", forged)
    guess(portal, 5)
    assert log_in(browser, address=EVIL).status_code == 429


def test_the_mark_outlives_signing_out_and_is_kept_for_a_year(portal: World) -> None:
    browser = portal.browser()
    line = [one for one in log_in(browser).headers.getlist("Set-Cookie") if one.startswith("roost_device=")][0]
    assert "Max-Age=31536000" in line
    browser.post("/logout")
    assert browser.get_cookie("roost_device") is not None


def test_one_address_cannot_try_account_after_account(portal: World) -> None:
    codes = [guess(portal, 1, f"user{n}@example.com")[0] for n in range(31)]
    assert codes == [422] * 30 + [429]
    assert guess(portal, 1, "user99@example.com", address=HOME) == [422]


def test_an_address_of_version_6_is_its_network(portal: World) -> None:
    """Whoever has one address has 2**64 of them."""
    codes = [guess(portal, 1, address=f"2001:db8:1:2::{n:x}")[0] for n in range(1, 7)]
    assert codes == [422] * 5 + [429]
    assert guess(portal, 1, address="2001:db8:1:3::1") == [422]


def test_the_right_password_forgives_the_guesses_before(portal: World) -> None:
    for _ in range(3):
        guess(portal, 4, address=HOME)
        assert log_in(portal.browser(), address=HOME).status_code == 303


def test_a_right_password_of_ones_own_does_not_forgive_the_guesses_of_the_address(portal: World) -> None:
    for n in range(29):
        guess(portal, 1, f"user{n}@example.com")
    assert log_in(portal.browser(), "stranger@example.com", address=EVIL).status_code == 303
    assert guess(portal, 2, "user50@example.com") == [422, 429]


def test_old_guesses_are_forgotten(portal: World) -> None:
    guess(portal, 4)
    portal.clock.advance(throttle.WINDOW_S + 1)
    assert guess(portal, 5) == [422] * 5
    with portal.app.app_context(), read() as session:
        assert session.scalar(select(func.count()).select_from(Attempt)) == 10  # two buckets each


def test_the_store_does_not_hold_who_was_guessed_from_where(portal: World) -> None:
    guess(portal, 1)
    with portal.app.app_context(), read() as session:
        kept = session.scalars(select(Attempt.bucket)).all()
    assert not any("owner" in bucket or EVIL in bucket for bucket in kept)


def test_all_spellings_of_an_address_count_together(portal: World) -> None:
    spellings = [
        "owner@example.com",
        "OWNER@example.com",
        " owner@example.com",
        "Owner@Example.Com",
        "owner@EXAMPLE.com ",
    ]
    for one in spellings:
        guess(portal, 1, one)
    assert log_in(portal.browser(), address=EVIL).status_code == 429


def test_guesses_at_the_same_moment_are_all_counted(portal: World) -> None:
    threads = [threading.Thread(target=guess, args=(portal, 2, f"user{n}@example.com")) for n in range(4)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    with portal.app.app_context(), read() as session:
        assert session.scalar(select(func.count()).select_from(Attempt)) == 16


def test_people_behind_one_reverse_proxy_have_addresses_of_their_own(portal: World) -> None:
    """Roost stands behind nginx on loopback: without this a stranger locks everybody out."""

    def attempt(client: str, password: str) -> int:
        return (
            portal.browser()
            .post(
                "/login",
                data={"email": "owner@example.com", "password": password},
                headers={"X-Forwarded-For": client},
                environ_overrides={"REMOTE_ADDR": "127.0.0.1"},
            )
            .status_code
        )

    assert [attempt(EVIL, "wrong password") for _ in range(6)] == [422] * 5 + [429]
    assert attempt(HOME, "correct horse") == 303
