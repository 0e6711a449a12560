"""Telling operators: once an hour a cause, however it comes and goes."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from sqlalchemy import select

from portal import clock
from portal.alerts import service as alerts
from portal.auth import service as accounts
from portal.background.mail import send_mail
from portal.mail.models import Mail
from portal.store import read, restored, write
from portal.store.state import StoreState
from tests.conftest import World
from tests.mail.conftest import Mailbox, mail_settings, serving
from tests.sweep.fleet import Skewed


@pytest.fixture
def mailbox():
    with serving() as box:
        yield box


@pytest.fixture
def world(make_world: Callable[..., World], mailbox: Mailbox) -> World:
    return make_world("own", **mail_settings(mailbox))


def raise_it(cause: str = "test", title: str = "It broke") -> bool:
    return alerts.alert(cause, title, "This is how.", "Do that.")


def recipients() -> list[str]:
    with read() as session:
        return list(session.scalars(select(Mail.recipient).order_by(Mail.id)))


def test_it_is_mailed_to_administrators_with_what_to_do(world: World, mailbox: Mailbox) -> None:
    with world.app.app_context():
        assert raise_it()
        send_mail()
    (message,) = mailbox.received
    assert (message["To"], message["Subject"]) == ("admin@example.com", "Roost: It broke")
    assert "Do that." in mailbox.text()
    assert "https://my.example.com/admin/doctor" in mailbox.html()


def test_a_disabled_administrator_gets_none(world: World) -> None:
    with world.app.app_context():
        owner = accounts.find("owner@example.com")
        accounts.make_admin(owner.id, admin=True)
        accounts.disable(owner.id)
        raise_it()
        assert recipients() == ["admin@example.com"]


def test_a_cause_that_comes_and_goes_is_told_once_an_hour(world: World) -> None:
    with world.app.app_context():
        told = []
        for _ in range(70):
            told.append(raise_it())
            alerts.over("test")
            assert alerts.current() == []
            world.clock.advance(60)
        assert told.count(True) == 2
        assert len(recipients()) == 2


def test_two_causes_are_two_alerts(world: World) -> None:
    with world.app.app_context():
        assert raise_it("one")
        assert raise_it("two")
        assert not raise_it("one")
        assert len(alerts.current()) == 2


def test_one_that_came_back_is_as_old_as_it_is_back(world: World) -> None:
    with world.app.app_context():
        raise_it()
        alerts.over("test")
        world.clock.advance(500)
        raise_it()
        assert alerts.current()[0].since == world.clock.now()


def test_a_title_of_many_lines_stays_a_subject(world: World, mailbox: Mailbox) -> None:
    with world.app.app_context():
        raise_it(title="It broke\nBcc: somebody@example.com")
        send_mail()
    assert mailbox.received[0]["Subject"] == "Roost: It broke Bcc: somebody@example.com"
    assert mailbox.received[0]["Bcc"] is None


def test_a_restored_store_sends_nothing_until_somebody_confirmed(world: World, mailbox: Mailbox) -> None:
    with world.app.app_context():
        raise_it()
        with write() as session:
            value = {"since": 1.0, "backup_at": None, "audit_before": 1, "audit_now": 1}
            session.add(StoreState(name=restored.NAME, value=json.dumps(value)))
        assert restored.since() == 1.0
        send_mail()
    assert mailbox.received == []
    assert "restored from a backup" in world.browser("admin").get("/servers").text
    assert "restored from a backup" not in world.browser("owner").get("/servers").text
    with world.app.app_context():
        restored.confirm()
        send_mail()
    assert len(mailbox.received) == 1


def test_what_was_told_while_the_clock_was_ahead_is_told_again(world: World) -> None:
    skewed = Skewed(world.clock, ahead=86_400.0)
    clock.use(skewed)
    with world.app.app_context():
        assert raise_it()
        skewed.ahead = 0
        assert raise_it()
        assert not raise_it()


def test_the_causes_that_last_are_known(world: World) -> None:
    with world.app.app_context():
        raise_it("one")
        raise_it("two")
        alerts.over("one")
        assert alerts.causes() == {"two"}
