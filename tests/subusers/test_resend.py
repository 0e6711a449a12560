"""Writing again to who has not signed in: not too often, and to nobody else."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.conftest import World
from tests.servers.support import HTMX, audit_of, row_of, said
from tests.subusers.support import (
    HELPER,
    MAILS,
    PLAYED,
    added,
    invite,
    let,
    link,
    look,
    mail,
    make_account,
    page,
    path,
    person,
    resend,
    subuser_of,
)


@pytest.fixture(params=["own", "service"])
def mailing(request: pytest.FixtureRequest, make_world: Callable[..., World]) -> World:
    """A portal that sends mail, through each key."""
    world: World = make_world(request.param, is_ready=True, **MAILS)
    look(world)
    return world


def invited(world: World) -> str:
    invite(world)
    link(world)
    share = subuser_of(world, HELPER)
    assert share is not None
    return share.user.uuid


def test_it_is_offered_and_sends_the_same_message_again(mailing: World) -> None:
    uuid = invited(mailing)
    assert "Send again" in said(page(mailing).text)
    mailing.clock.advance(301)
    mailing.work()
    question = mailing.browser("owner").get(path(mailing, f"/{uuid}/resend"), headers=HTMX)
    assert f"Send the invitation to {HELPER} ?" in said(question.text)
    answer = resend(mailing, uuid, headers=HTMX)
    assert "The invitation is on its way to helper@example.net." in said(answer.text)
    link(mailing)
    assert [one.recipient for one in mail(mailing)] == [HELPER, HELPER]
    assert audit_of(mailing, "subuser.resend") == [("done", HELPER)]
    assert "written to again just now" in said(page(mailing).text)
    assert "Invited, not yet signed in" in said(page(mailing).text)


def test_not_twice_within_minutes(mailing: World) -> None:
    uuid = invited(mailing)
    mailing.calls()
    answer = resend(mailing, uuid)
    assert answer.status_code == 409
    assert "Try again in 5 minutes." in said(answer.text)
    assert mailing.calls() == []
    link(mailing)
    assert len(mail(mailing)) == 1


def test_nothing_is_sent_to_who_signed_in(mailing: World) -> None:
    invite(mailing, email="stranger@example.com")
    link(mailing)
    mailing.clock.advance(400)
    mailing.work()
    mailing.browser("stranger")
    assert "Send again" not in said(page(mailing).text)
    assert resend(mailing, person(mailing, "stranger").uuid).status_code == 409
    assert len(mail(mailing)) == 1


def test_whoever_was_added_on_the_panel_can_be_invited(mailing: World) -> None:
    uuid = added(mailing, "stranger", "file.read")
    assert resend(mailing, uuid).status_code == 303
    link(mailing)
    assert [one.recipient for one in mail(mailing)] == ["stranger@example.com"]
    assert "stranger@example.com Invited, not yet signed in" in said(page(mailing).text)


def test_the_answer_is_the_same_for_an_address_that_is_somebody_elses(mailing: World) -> None:
    make_account(mailing, HELPER, None, password="a password of theirs")
    uuid = invited(mailing)
    mailing.clock.advance(301)
    mailing.work()
    answer = resend(mailing, uuid, headers=HTMX)
    assert "The invitation is on its way to helper@example.net." in said(answer.text)
    link(mailing)
    assert mail(mailing) == []


def test_nobody_is_written_to_whose_access_ended_on_the_panel(mailing: World) -> None:
    uuid = invited(mailing)
    row_of(mailing, PLAYED).subusers[:] = []
    mailing.clock.advance(301)
    mailing.work()
    answer = resend(mailing, uuid)
    assert answer.status_code == 409
    assert "They have no access to this server any more" in said(answer.text)
    link(mailing)
    assert len(mail(mailing)) == 1


def test_it_needs_to_invite_and_to_read(mailing: World) -> None:
    uuid = invited(mailing)
    mailing.clock.advance(301)
    let(mailing, "user.read", "user.update", "user.delete")
    assert resend(mailing, uuid, who="subuser").status_code == 403
    let(mailing, "user.create")
    assert resend(mailing, uuid, who="subuser").status_code == 403
    assert mailing.browser("subuser").get(path(mailing, f"/{uuid}/resend")).status_code == 403
    assert mailing.calls() == []
    let(mailing, "user.create", "user.read")
    assert resend(mailing, uuid, who="subuser").status_code == 303


def test_a_portal_without_mail_says_so(world: World) -> None:
    uuid = invited(world)
    answer = resend(world, uuid)
    assert answer.status_code == 409
    assert "sends no mail" in said(answer.text)
