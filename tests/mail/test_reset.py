"""A new password for somebody who forgot theirs, without telling anybody whether there is such an account."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import select

from portal.auth import service as accounts
from portal.mail.models import Mail
from portal.store import read
from tests.auth.conftest import log_in
from tests.conftest import PASSWORD, World
from tests.mail.conftest import Mailbox, send

CHOSEN = "a password of my own"
FORM = {"password": CHOSEN, "again": CHOSEN}


def ask(world: World, email: str, address: str = "192.0.2.1"):
    return world.browser().post("/forgot", data={"email": email}, environ_overrides={"REMOTE_ADDR": address})


def link_in(text: str) -> str:
    return re.search(r"https://my\.example\.com(/invite/[\w-]{43})", text)[1]


def test_a_link_comes_and_sets_the_password(mailing: World, mailbox: Mailbox) -> None:
    assert ask(mailing, " Owner@Example.com ").status_code == 200
    send(mailing)
    (message,) = mailbox.received
    assert message["To"] == "owner@example.com"
    assert message["From"] == "Höst <help@example.com>"
    assert link_in(mailbox.text()) == link_in(mailbox.html())
    browser = mailing.browser()
    assert browser.post(link_in(mailbox.text()), data=FORM).status_code == 303
    assert log_in(mailing.browser(), password=CHOSEN).status_code == 303
    assert log_in(mailing.browser(), password=PASSWORD).status_code == 422


def test_the_answer_is_the_same_for_an_address_that_nobody_has(mailing: World, mailbox: Mailbox) -> None:
    known, unknown = ask(mailing, "owner@example.com"), ask(mailing, "nobody@example.com")
    assert known.status_code == unknown.status_code == 200
    assert known.text.replace("owner@", "X@") == unknown.text.replace("nobody@", "X@")
    send(mailing)
    assert [one["To"] for one in mailbox.received] == ["owner@example.com"]


def test_the_same_is_written_for_an_address_that_nobody_has(mailing: World) -> None:
    """Equal work: the account is looked up later, by the background process."""
    statements: list[str] = []
    from sqlalchemy import event

    with mailing.app.app_context():
        from portal.store import db

        engine = db.engine
    event.listen(engine, "before_cursor_execute", lambda *args: statements.append(args[2]))
    ask(mailing, "owner@example.com")
    first = statements.copy()
    statements.clear()
    ask(mailing, "nobody@example.com")
    assert first == statements
    assert not [one for one in first if "FROM account" in one]


def test_nothing_of_an_unknown_address_stays(mailing: World) -> None:
    ask(mailing, "nobody@example.com")
    send(mailing)
    with mailing.app.app_context(), read() as session:
        assert session.scalars(select(Mail)).all() == []


def test_a_disabled_account_gets_nothing(mailing: World, mailbox: Mailbox) -> None:
    with mailing.app.app_context():
        accounts.disable(accounts.find("owner@example.com").id)
    ask(mailing, "owner@example.com")
    send(mailing)
    assert mailbox.received == []
    with mailing.app.app_context(), read() as session:
        assert session.scalars(select(Mail)).all() == []


def test_asking_again_and_again_mails_once(mailing: World, mailbox: Mailbox) -> None:
    for number in range(5):
        ask(mailing, "owner@example.com", f"192.0.2.{number}")
    send(mailing)
    assert len(mailbox.received) == 1
    mailing.clock.advance(301)
    ask(mailing, "owner@example.com")
    send(mailing)
    assert len(mailbox.received) == 2
    for number in (0, 1):
        assert mailing.browser().get(link_in(mailbox.text(number))).status_code == 200


def test_a_link_is_over_after_two_hours(mailing: World, mailbox: Mailbox) -> None:
    ask(mailing, "owner@example.com")
    send(mailing)
    mailing.clock.advance(2 * 3600 + 1)
    assert mailing.browser().get(link_in(mailbox.text())).status_code == 410


def test_asking_leaves_an_invitation_alone(mailing: World) -> None:
    invite = mailing.app.test_cli_runner().invoke(args=["user", "invite", "owner@example.com"]).stdout.strip()
    ask(mailing, "owner@example.com")
    send(mailing)
    assert mailing.browser().get(invite.removeprefix("https://my.example.com")).status_code == 200


def test_who_asks_too_often_waits(mailing: World) -> None:
    statuses = [ask(mailing, "owner@example.com").status_code for _ in range(6)]
    assert statuses == [200] * 5 + [429]
    assert ask(mailing, "owner@example.com", "198.51.100.7").status_code == 200


def test_one_address_cannot_ask_for_everybody(mailing: World) -> None:
    statuses = [ask(mailing, f"user{number}@example.com").status_code for number in range(31)]
    assert statuses == [200] * 30 + [429]


def test_asking_does_not_use_up_attempts_to_sign_in(mailing: World) -> None:
    for _ in range(6):
        ask(mailing, "owner@example.com")
    assert log_in(mailing.browser()).status_code == 303


@pytest.mark.parametrize("email", ["", "x" * 192])
def test_no_address_is_refused_with_a_message(email: str, mailing: World) -> None:
    assert ask(mailing, email).status_code == 422


@pytest.mark.parametrize("email", ["no address", "<script>@x.y", "a\r\nBcc: b@c.d", "a@b.c, d@e.f", "\u202e@x.y"])
def test_what_is_no_address_is_told_the_same_and_goes_nowhere(email: str, mailing: World, mailbox: Mailbox) -> None:
    assert ask(mailing, email).status_code == 200
    send(mailing)
    assert mailbox.received == []


def test_without_a_mail_server_the_page_says_whom_to_ask(own_world: World) -> None:
    browser = own_world.browser()
    assert "sends no mail" in browser.get("/forgot").text
    assert browser.post("/forgot", data={"email": "owner@example.com"}).status_code == 409


def test_the_login_page_leads_there(own_world: World) -> None:
    assert 'href="/forgot"' in own_world.browser().get("/login").text


def test_who_has_used_the_link_may_ask_at_once_again(mailing: World, mailbox: Mailbox) -> None:
    ask(mailing, "owner@example.com")
    send(mailing)
    mailing.browser().post(link_in(mailbox.text()), data=FORM)
    ask(mailing, "owner@example.com")
    send(mailing)
    assert len(mailbox.received) == 2
    assert mailing.browser().get(link_in(mailbox.text(1))).status_code == 200


def test_a_request_that_waited_for_hours_is_not_mailed(mailing: World, mailbox: Mailbox) -> None:
    ask(mailing, "owner@example.com")
    mailing.clock.advance(2 * 3600 + 1)
    send(mailing)
    assert mailbox.received == []


def test_nobodys_mailbox_is_filled_however_many_ask(mailing: World, mailbox: Mailbox) -> None:
    for number in range(60):
        ask(mailing, "owner@example.com", f"198.51.{number}.1")
        send(mailing)
        mailing.clock.advance(301)
    assert len(mailbox.received) == 8
    mailing.clock.advance(86_400)
    ask(mailing, "owner@example.com")
    send(mailing)
    assert len(mailbox.received) == 9


def test_an_old_page_is_told_as_one_and_does_not_lead_to_signing_in(mailing: World) -> None:
    mailing.app.config["WTF_CSRF_ENABLED"] = True
    answer = ask(mailing, "owner@example.com")
    assert (answer.status_code, "Load the page again" in answer.text) == (400, True)
