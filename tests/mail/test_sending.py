"""The queue: at least once, always the same Message-ID, and nothing is lost while the mail server is down."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import select

from portal.auth import links, mails
from portal.auth import service as accounts
from portal.auth.models import Account
from portal.background.mail import send_mail
from portal.mail import queue, sending
from portal.mail.models import Mail
from portal.mail.sending import MailProblem
from portal.store import read, write
from tests.conftest import World
from tests.mail.conftest import Mailbox, accepts, mail_settings, send, serving, tls


def invite(world: World, email: str = "owner@example.com") -> None:
    with world.app.app_context(), write() as session:
        account = session.scalar(select(Account).where(Account.email == email))
        assert account is not None
        mails.invite_in(session, account)


def rows(world: World) -> list[Mail]:
    with world.app.app_context(), read() as session:
        return list(session.scalars(select(Mail).order_by(Mail.id)))


def test_an_invitation_is_sent_once(mailing: World, mailbox: Mailbox) -> None:
    invite(mailing)
    send(mailing)
    send(mailing)
    (message,) = mailbox.received
    assert message["Subject"] == "Your access to Roost"
    assert message["Auto-Submitted"] == "auto-generated"
    assert [row.state for row in rows(mailing)] == ["sent"]


def test_no_link_lies_in_the_store(mailing: World, mailbox: Mailbox) -> None:
    invite(mailing)
    send(mailing)
    token = mailbox.text().partition("/invite/")[2].split()[0]
    for path in mailing.instance.iterdir():
        assert token.encode() not in path.read_bytes(), path.name


def test_a_message_that_is_tried_again_has_the_same_id_and_link(mailing: World, mailbox: Mailbox) -> None:
    invite(mailing)
    mailbox.answer = "451 try later"
    send(mailing)
    (row,) = rows(mailing)
    assert (row.state, row.attempts) == ("waiting", 1)
    assert row.error == "The mail server refused the message: 451 try later"
    mailbox.answer = "250 OK"
    send(mailing)
    assert mailbox.received == []  # not due yet
    mailing.clock.advance(3)
    send(mailing)
    (message,) = mailbox.received
    assert message["Message-ID"] == row.message_id
    assert mailing.browser().get(mailbox.text().partition("example.com")[2].split()[0]).status_code == 200


def test_a_process_that_dies_between_sending_and_noting_sends_again(
    mailing: World, mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    from portal.mail import dispatch

    def die(*args: object) -> None:
        raise KeyboardInterrupt

    invite(mailing)
    with monkeypatch.context() as patched:
        patched.setattr(dispatch, "_ended", die)
        with pytest.raises(KeyboardInterrupt):
            send(mailing)
    send(mailing)
    assert len(mailbox.received) == 1  # the row is put off for two minutes
    mailing.clock.advance(121)
    send(mailing)
    first, second = mailbox.received
    assert first["Message-ID"] == second["Message-ID"]
    assert mailbox.text(0) == mailbox.text(1)


def test_two_processes_at_once_send_once(mailing: World, mailbox: Mailbox, monkeypatch: pytest.MonkeyPatch) -> None:
    from portal.mail import dispatch

    invite(mailing)
    with mailing.app.app_context():
        seen = dispatch._due()
        monkeypatch.setattr(dispatch, "_due", lambda: seen)  # both read the row before either claims it
        send_mail()
        send_mail()
    assert len(mailbox.received) == 1


def test_a_mail_server_that_is_down_loses_nothing(mailing: World, mailbox: Mailbox, make_world) -> None:
    invite(mailing)
    invite(mailing, "subuser@example.com")
    mailbox.answer = "421 closing"
    waits = []
    for _ in range(12):
        send(mailing)
        first = rows(mailing)[0]
        waits.append(first.next_at - mailing.clock.now())
        mailing.clock.advance(max(1.0, first.next_at - mailing.clock.now()))
    assert max(waits[:9]) <= 300
    assert waits[-1] == 3600
    mailbox.answer = "250 OK"
    for _ in range(3):
        mailing.clock.advance(3601)
        send(mailing)
    assert sorted(one["To"] for one in mailbox.received) == ["owner@example.com", "subuser@example.com"]


def test_a_recipient_who_is_refused_for_good_is_not_tried_again_and_others_go_on(
    mailing: World, mailbox: Mailbox
) -> None:
    mailbox.refused["owner@example.com"] = "550 no such mailbox"
    invite(mailing)
    invite(mailing, "subuser@example.com")
    send(mailing)
    mailing.clock.advance(4000)
    send(mailing)
    assert [row.state for row in rows(mailing)] == ["failed", "sent"]
    assert rows(mailing)[0].error == "The mail server does not take mail for this address: no such mailbox"
    with mailing.app.app_context():
        (troubled,) = queue.troubled()
        mailbox.refused.clear()
        queue.retry(troubled.id)
    send(mailing)
    assert [row.state for row in rows(mailing)] == ["sent", "sent"]


def test_a_link_that_was_used_meanwhile_is_not_mailed(mailing: World, mailbox: Mailbox) -> None:
    invite(mailing)
    mailing.clock.advance(8 * 86_400)
    send(mailing)
    assert mailbox.received == []
    assert [(row.state, row.error) for row in rows(mailing)] == [("dropped", "its link is over")]


def test_a_message_that_cannot_be_written_does_not_hold_up_others(mailing: World, mailbox: Mailbox) -> None:
    with mailing.app.app_context(), write() as session:
        queue.add_in(session, "invite", "owner@example.com", detail={"other": "shape"})
    invite(mailing)
    send(mailing)
    assert [row.state for row in rows(mailing)] == ["waiting", "sent"]
    assert rows(mailing)[0].error == "It could not be written: KeyError."


def test_mail_of_a_kind_that_this_release_does_not_know_is_dropped(mailing: World) -> None:
    with mailing.app.app_context(), write() as session:
        queue.add_in(session, "from-the-future", "owner@example.com")
    send(mailing)
    assert [row.state for row in rows(mailing)] == ["dropped"]


def test_without_a_mail_server_nothing_is_queued(own_world: World) -> None:
    invite(own_world)
    send(own_world)
    assert rows(own_world) == []


def test_counts_are_by_state(mailing: World) -> None:
    invite(mailing)
    with mailing.app.app_context():
        assert queue.counts() == {"waiting": 1}


def problem(world: World) -> str:
    with world.app.app_context(), pytest.raises(MailProblem) as caught:
        sending.send_test("you@example.com")
    return str(caught.value)


def test_a_test_mail_goes_at_once(mailing: World, mailbox: Mailbox) -> None:
    with mailing.app.app_context():
        sending.send_test("you@example.com")
    assert mailbox.received[0]["Subject"] == "Roost: test"
    assert mailbox.received[0]["Message-ID"].endswith("@my.example.com>")


def test_what_is_wrong_with_the_way_to_the_mail_server_is_said(
    make_world: Callable[..., World], mailbox: Mailbox, tmp_path: Path
) -> None:
    def said(**settings: object) -> str:
        return problem(make_world("own", **mail_settings(mailbox, **settings)))

    assert "smtp_security fits this port" in said(smtp_security="tls")
    assert "does not offer what is set" in said(smtp_security="starttls")
    assert "does not offer what is set" in said(smtp_user="roost", smtp_password="x")
    assert "cannot be resolved" in said(smtp_host="mail.invalid")
    assert "connection was refused" in said(smtp_port=1)
    assert "No mail server is set" in said(smtp_host=None)
    mailbox.answer = "554 spam"
    assert said() == "The mail server refused the message: 554 spam"
    with serving(tls_context=tls(tmp_path)) as encrypted:
        mailbox.port = encrypted.port
        assert "certificate" in said(smtp_security="starttls")


def test_a_wrong_password_is_said_and_shown_nowhere(make_world: Callable[..., World]) -> None:
    with serving(authenticator=accepts, auth_require_tls=False) as box:
        world = make_world("own", **mail_settings(box, smtp_user="roost", smtp_password="wrong password"))
        said = problem(world)
        assert said.startswith("The mail server refuses name or password: 535")
        assert "wrong password" not in said
        right = make_world("own", **mail_settings(box, smtp_user="roost", smtp_password="right password"))
        with right.app.app_context():
            sending.send_test("you@example.com")
        assert len(box.received) == 1


def test_an_address_that_is_none_is_refused_for_good(mailing: World) -> None:
    for address in ("", "two words", "a@b.c\nBcc: x@y.z", "<>"):
        with mailing.app.app_context(), pytest.raises(MailProblem):
            sending.send_test(address)


def test_hostile_words_of_the_server_stay_on_one_line(mailing: World, mailbox: Mailbox) -> None:
    mailbox.answer = "554 \u202e" + "x" * 400
    assert len(problem(mailing)) < 300
    assert "\u202e" not in problem(mailing)


def test_an_invitation_to_a_disabled_account_is_not_made(mailing: World) -> None:
    with mailing.app.app_context():
        account = accounts.find("owner@example.com")
        accounts.disable(account.id)
        with pytest.raises(accounts.AccountError):
            links.make(account.id)


def test_an_address_that_the_server_cannot_write_to_fails_alone(
    make_world: Callable[..., World], monkeypatch: pytest.MonkeyPatch
) -> None:
    with serving(enable_SMTPUTF8=False) as box:
        world = make_world("own", **mail_settings(box))
        with world.app.app_context():
            account_id = accounts.create("jürgen@example.com", panel_user=None)
            with write() as session:
                mails.invite_in(session, session.get_one(Account, account_id))
        invite(world)
        send(world)
        assert [one["To"] for one in box.received] == ["owner@example.com"]
        assert [row.state for row in rows(world)] == ["failed", "sent"]
        assert rows(world)[0].error == "The mail server does not take addresses with letters beyond a to z."
