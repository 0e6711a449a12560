"""The account behind an invitation: by the panel's number of the person, behind the inviter's back."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy import select

from portal.alerts import service as alerts
from portal.audit.models import AuditEntry
from portal.auth import links, mails
from portal.auth import service as accounts
from portal.auth.models import Account
from portal.mail.writing import Dropped, Written
from portal.store import read, write
from tests.conftest import World
from tests.servers.support import Bent, account_id, audit_of, row_of, said
from tests.subusers.support import (
    HELPER,
    MAILS,
    PLAYED,
    SOME,
    account_of,
    invitations,
    invite,
    link,
    look,
    mail,
    make_account,
    page,
    person,
    remove,
    rights,
    subuser_of,
)


@pytest.fixture(params=["own", "service"])
def mailing(request: pytest.FixtureRequest, make_world: Callable[..., World]) -> World:
    """A portal that sends mail, through each key."""
    return make_world(request.param, is_ready=True, **MAILS)


def written(world: World, number: int = -1) -> Written:
    """A message as it is sent."""
    with world.app.app_context():
        return mails.WRITERS["server_invite"](mail(world)[number])


def waits(world: World, email: str = HELPER) -> bool:
    """Whether the list says that somebody has not signed in."""
    html = page(world).text
    return "Invited, not yet signed in" in html[html.index(email) :].split("</li>")[0]


def test_a_stranger_gets_an_account_and_a_link_to_choose_a_password(mailing: World) -> None:
    invite(mailing)
    assert mail(mailing) == []
    link(mailing)
    share, account = subuser_of(mailing, HELPER), account_of(mailing, HELPER)
    assert share is not None
    assert account is not None
    assert (account.panel_user_id, account.panel_username) == (share.user.id, share.user.username)
    assert [one.recipient for one in mail(mailing)] == [HELPER]
    one = written(mailing)
    assert "owner has given you access to the game server Survival SMP" in one.text
    assert "/invite/" in one.text
    token = one.text.partition("/invite/")[2].split()[0]
    browser = mailing.browser()
    mailing.clock.advance(60)
    browser.post(f"/invite/{token}", data={"password": "a password of my own", "again": "a password of my own"})
    assert not waits(mailing)


def test_they_may_use_the_server_as_soon_as_they_are_linked(service_world: World) -> None:
    invite(service_world)
    link(service_world)
    share = subuser_of(service_world, HELPER)
    assert share is not None
    held = rights(service_world, share.user)
    assert held is not None
    assert set(held.permissions) == {*SOME, "websocket.connect"}


def test_a_known_account_is_told_without_a_link(mailing: World) -> None:
    invite(mailing, email="stranger@example.com")
    link(mailing)
    one = written(mailing)
    assert "owner has given you access" in one.text
    assert "/invite/" not in one.text
    assert "/invite/" not in one.html
    assert audit_of(mailing, "account.create") == []


def test_a_known_account_waits_until_they_sign_in_again(mailing: World) -> None:
    mailing.browser("stranger")
    mailing.clock.advance(5)
    invite(mailing, email="stranger@example.com")
    link(mailing)
    assert waits(mailing, "stranger@example.com")
    mailing.clock.advance(5)
    mailing.browser("stranger")
    assert not waits(mailing, "stranger@example.com")


def test_an_account_is_found_by_number_whatever_its_address(mailing: World) -> None:
    stranger = person(mailing, "stranger")
    stranger.email = "moved@example.net"
    invite(mailing, email="moved@example.net")
    link(mailing)
    assert account_of(mailing, "moved@example.net") is None
    assert [one.recipient for one in mail(mailing)] == ["stranger@example.com"]


@pytest.mark.parametrize("kind", ["unlinked", "another", "disabled"])
def test_an_address_that_is_somebody_elses_is_neither_taken_nor_told(mailing: World, kind: str) -> None:
    linked = {"another": person(mailing, "mika")}.get(kind)
    number = make_account(mailing, HELPER, linked, password="a password of theirs")
    if kind == "disabled":
        invite(mailing)
        share = subuser_of(mailing, HELPER)
        assert share is not None
        with mailing.app.app_context(), write() as session:
            account = session.get_one(Account, number)
            account.panel_user_id = share.user.id
            accounts.disable_in(session, account, disabled=True)
    else:
        invite(mailing)
    before = account_of(mailing, HELPER)
    link(mailing)
    after = account_of(mailing, HELPER)
    assert before is not None
    assert after is not None
    assert (after.panel_user_id, after.password_hash) == (before.panel_user_id, before.password_hash)
    assert mail(mailing) == []
    assert waits(mailing)
    (told,) = audit_of(mailing, "account.link")
    assert told[0] == "refused"
    with mailing.app.app_context():
        (alert,) = [one for one in alerts.current() if "invited to a server" in one.title]
    assert HELPER in alert.text
    assert "account" not in said(page(mailing).text.split('<section id="subusers"')[1]).lower()


def test_once_an_administrator_linked_it_they_are_written_to(mailing: World) -> None:
    number = make_account(mailing, HELPER, None)
    invite(mailing)
    link(mailing)
    share = subuser_of(mailing, HELPER)
    assert share is not None
    with mailing.app.app_context(), write() as session:
        session.get_one(Account, number).panel_user_id = share.user.id
    mailing.clock.advance(3601)
    link(mailing)
    assert [one.recipient for one in mail(mailing)] == [HELPER]
    with mailing.app.app_context():
        assert not [one for one in alerts.current() if "invited to a server" in one.title]


def test_what_fails_is_done_later_and_never_lost(mailing: World) -> None:
    answer = invite(mailing)
    assert answer.status_code == 303
    mailing.demo.set_condition("panel-gateway")
    for _ in range(3):
        link(mailing)
        mailing.clock.advance(10)
    assert account_of(mailing, HELPER) is None
    mailing.demo.set_condition(None)
    assert waits(mailing)
    mailing.clock.advance(60)
    link(mailing)
    assert account_of(mailing, HELPER) is not None
    assert len(mail(mailing)) == 1


def test_nonsense_links_nobody(mailing: World) -> None:
    """A filter finds parts, so another person may come first: only the very uuid counts."""
    invite(mailing)

    def bend(path: str, body: dict[str, object]) -> object:
        if "/api/application/users" in path:
            for one in body["data"]:  # type: ignore[attr-defined]
                one["attributes"]["uuid"] = "00000000-0000-4000-8000-000000000000"
        return body

    Bent(mailing, bend)
    link(mailing)
    assert account_of(mailing, HELPER) is None


def test_it_is_done_once(mailing: World) -> None:
    invite(mailing)
    link(mailing)
    link(mailing)
    mailing.clock.advance(7200)
    link(mailing)
    assert len(mail(mailing)) == 1
    with mailing.app.app_context():
        assert mailing.calls() == []


def test_two_servers_share_one_link(mailing: World) -> None:
    invite(mailing)
    invite(mailing, name="Skyblock")
    link(mailing)
    first, second = (written(mailing, number).text for number in (0, 1))
    assert first.partition("/invite/")[2].split()[0] == second.partition("/invite/")[2].split()[0]
    assert "Skyblock" in second


def test_a_link_that_is_over_is_not_sent_and_a_password_needs_none(mailing: World) -> None:
    invite(mailing)
    link(mailing)
    account = account_of(mailing, HELPER)
    assert account is not None
    mailing.clock.advance(8 * 86_400)
    with pytest.raises(Dropped):
        written(mailing)
    with mailing.app.app_context():
        accounts.set_password(account.id, "a password of my own")
    assert "/invite/" not in written(mailing).text
    with mailing.app.app_context():
        accounts.disable(account.id)
    with pytest.raises(Dropped):
        written(mailing)


def test_taking_access_away_calls_the_message_back(mailing: World) -> None:
    invite(mailing)
    link(mailing)
    share = subuser_of(mailing, HELPER)
    assert share is not None
    assert remove(mailing, share.user.uuid).status_code == 303
    assert [one.state for one in mail(mailing)] == ["dropped"]
    assert invitations(mailing) == []
    link(mailing)
    assert len(mail(mailing)) == 1


def test_access_that_ended_before_it_was_linked_makes_no_account(mailing: World) -> None:
    invite(mailing)
    share = subuser_of(mailing, HELPER)
    assert share is not None
    remove(mailing, share.user.uuid)
    link(mailing)
    assert account_of(mailing, HELPER) is None


def test_without_mail_the_account_is_made_and_nothing_waits(world: World) -> None:
    invite(world)
    link(world)
    account = account_of(world, HELPER)
    assert account is not None
    assert mail(world) == []
    with world.app.app_context():
        assert links.make(account.id).url


def test_hostile_names_stay_text_in_the_message(mailing: World) -> None:
    hostile = "<b>Free</b> money\u2028Bcc: x@example.com"
    row_of(mailing, PLAYED).name = hostile
    mailing.clock.advance(30)
    mailing.work()
    look(mailing, name=hostile)
    invite(mailing, name=hostile)
    link(mailing)
    one = written(mailing)
    assert "<b>Free" not in one.html
    assert "\u2028" not in one.subject + one.text + one.html
    assert "\n" not in one.subject


def test_nothing_of_the_linking_is_a_line_of_the_server(mailing: World) -> None:
    """What the log of a server shows must not say whether somebody was known."""
    invite(mailing)
    link(mailing)
    with mailing.app.app_context(), read() as session:
        found = [one.action for one in session.scalars(select(AuditEntry).where(AuditEntry.server_uuid.is_not(None)))]
    assert found == ["subuser.create"]


def test_an_inviter_without_a_name_is_not_called_by_their_address(mailing: World) -> None:
    invite(mailing)
    with mailing.app.app_context(), write() as session:
        session.get_one(Account, account_id(mailing, "owner")).panel_username = None
    link(mailing)
    one = written(mailing)
    assert "You were given access to the game server Survival SMP" in one.text
    assert "owner@" not in one.text + one.html + one.subject


def test_nobody_is_written_to_without_end(mailing: World) -> None:
    """Inviting and removing somebody again and again is no way to fill their mailbox, and the inviter sees nothing."""
    answers = set()
    for _ in range(mails.TOLD_PER_DAY + 3):
        answers.add(invite(mailing).status_code)
        link(mailing)
        share = subuser_of(mailing, HELPER)
        assert share is not None
        remove(mailing, share.user.uuid)
        mailing.clock.advance(200)
        mailing.work()
    assert answers == {303}
    assert len(mail(mailing)) == mails.TOLD_PER_DAY
    mailing.clock.advance(86_400)
    mailing.work()
    invite(mailing)
    link(mailing)
    assert len(mail(mailing)) == mails.TOLD_PER_DAY + 1


def test_access_that_ended_on_the_panel_before_it_was_linked_comes_to_nothing(mailing: World) -> None:
    """An operator links the account days later: no message tells of it, and no old permissions are in force again."""
    number = make_account(mailing, HELPER, None)
    invite(mailing)
    link(mailing)
    share = subuser_of(mailing, HELPER)
    assert share is not None
    row_of(mailing, PLAYED).subusers.remove(share)
    mailing.clock.advance(86_400)
    mailing.work()
    with mailing.app.app_context(), write() as session:
        session.get_one(Account, number).panel_user_id = share.user.id
    link(mailing)
    assert rights(mailing, share.user) is None
    assert mail(mailing) == []
    assert invitations(mailing) == []
    with mailing.app.app_context():
        assert not [one for one in alerts.current() if "invited to a server" in one.title]


def test_access_that_a_later_reading_still_has_is_linked(mailing: World) -> None:
    number = make_account(mailing, HELPER, None)
    invite(mailing)
    link(mailing)
    share = subuser_of(mailing, HELPER)
    assert share is not None
    mailing.clock.advance(86_400)
    mailing.work()
    with mailing.app.app_context(), write() as session:
        session.get_one(Account, number).panel_user_id = share.user.id
    link(mailing)
    assert [one.recipient for one in mail(mailing)] == [HELPER]
    held = rights(mailing, share.user)
    assert held is not None
    assert set(held.permissions) == {*SOME, "websocket.connect"}
