"""The worker, keys that were put aside, and mail, as the store knows them."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import delete

from portal.background import lease
from portal.background.models import Lease
from portal.credentials import refusals
from portal.doctor.lines import Line
from portal.doctor.work_checks import CAUSES, FINDINGS, check_mail, check_refused, check_worker, send_test_mail
from portal.mail import sending
from portal.mail.models import Mail
from portal.mail.sending import MailProblem
from portal.pterodactyl import ApiKey
from portal.pterodactyl.errors import KeyRefused
from portal.servers import records
from portal.servers.models import Reading
from portal.store import write
from tests.conftest import World


def in_app(world: World, check: Any, *args: Any) -> Any:
    with world.app.app_context():
        return check(*args)


def put(world: World, *rows: Any) -> None:
    with world.app.app_context(), write() as session:
        session.add_all(rows)


def mail(number: int, state: str, at: float, error: str | None = None) -> Mail:
    return Mail(
        message_id=f"<{number}@x>", kind="invite", recipient="a@example.com", detail="{}", state=state, created_at=at,
        next_at=at, error=error,
    )  # fmt: skip


def test_a_worker_that_holds_the_lease_is_well(own_world: World) -> None:
    in_app(own_world, lease.take, "worker", "me")
    line = in_app(own_world, check_worker)
    assert (line.status, line.said) == ("ok", "The worker runs; rights were read just now.")


def test_a_worker_that_never_ran_is_told_with_what_to_do(own_world: World) -> None:
    line = in_app(own_world, check_worker)
    assert line == FINDINGS["worker_dead"].line("worker", rights="just now", figures="never")
    assert "systemctl start roost-worker" in line.cure


def test_a_worker_that_died_is_told_with_how_old_everything_is(own_world: World) -> None:
    in_app(own_world, lease.take, "worker", "me")
    own_world.browser("owner").get("/servers")
    own_world.read_live()
    own_world.clock.advance(600)
    line = in_app(own_world, check_worker)
    assert line == FINDINGS["worker_dead"].line("worker", rights="10 minutes ago", figures="10 minutes ago")


def test_a_worker_that_cannot_read_rights_is_told_with_why(own_world: World) -> None:
    own_world.clock.advance(600)
    put(own_world, Lease(name="worker", owner="me", until=own_world.clock.now() + 30))
    in_app(own_world, records.save_failure, "directory", "maintenance")
    line = in_app(own_world, check_worker)
    values = {"rights": "10 minutes ago", "error": "the panel is in maintenance"}
    assert line == FINDINGS["rights_old"].line("worker", **values)


def test_a_worker_that_runs_is_not_well_while_rights_are_old(own_world: World) -> None:
    """Whatever keeps it from reading them, and though it could not write down what."""
    own_world.clock.advance(300)
    in_app(own_world, lease.take, "worker", "me")
    assert in_app(own_world, check_worker).status == "ok"
    own_world.clock.advance(20)
    assert in_app(own_world, check_worker) == FINDINGS["rights_stuck"].line("worker", rights="5 minutes ago")


def test_a_worker_that_has_not_read_rights_yet_is_told_as_such(own_world: World) -> None:
    in_app(own_world, lease.take, "worker", "me")
    with own_world.app.app_context(), write() as session:
        session.execute(delete(Reading))
    assert in_app(own_world, check_worker) == FINDINGS["rights_unread"].line("worker")
    in_app(own_world, records.save_failure, "directory", "key")
    values = {"rights": "never", "error": "the panel refuses the application key"}
    assert in_app(own_world, check_worker) == FINDINGS["rights_old"].line("worker", **values)


@pytest.mark.parametrize("cause", CAUSES)
def test_a_key_that_was_put_aside_is_told_with_the_exact_cause(cause: Any, service_world: World) -> None:
    key = service_world.demo.keys["service"]
    error = KeyRefused("This IP address (203.0.113.7) does not have permission", cause=cause)
    in_app(service_world, refusals.refused, "service", ApiKey(key, shared=True), error)
    service_world.clock.advance(300)
    wanted = FINDINGS["key_put_aside"].line(
        "service key", which="service", hint=key[:8], age="5 minutes ago",
        cause=CAUSES[cause].format(address="203.0.113.7"),
    )  # fmt: skip
    assert in_app(service_world, check_refused) == [wanted]


def test_a_key_that_was_replaced_is_not_told_of_any_more(service_world: World) -> None:
    other = ApiKey("ptlc_" + "x" * 43, shared=True)
    in_app(service_world, refusals.refused, "service", other, KeyRefused("", cause="unauthenticated"))
    assert in_app(service_world, check_refused) == []


def test_without_a_mail_server_links_are_the_way(own_world: World) -> None:
    line = in_app(own_world, check_mail)
    assert (line.status, "links that you hand on" in line.said) == ("ok", True)


@pytest.fixture
def mailing(make_world: Any) -> World:
    world: World = make_world("own", smtp_host="mail.example.com", mail_from="a@example.com")
    return world


def test_mail_that_goes_out_is_well(mailing: World) -> None:
    put(mailing, mail(1, "sent", mailing.clock.now()), mail(2, "waiting", mailing.clock.now()))
    line = in_app(mailing, check_mail)
    assert (line.status, line.said) == ("ok", "Mail goes out through mail.example.com; 1 waiting, none failed.")


def test_mail_that_was_never_tried_is_not_said_to_go_out(mailing: World) -> None:
    line = in_app(mailing, check_mail)
    assert (line.status, line.said) == ("ok", "Mail is set to go out through mail.example.com; 0 waiting, none failed.")


@pytest.mark.parametrize("end", [".", "?", "!", "?.", ". "])
def test_what_a_mail_server_says_ends_with_one_full_stop(end: str, mailing: World) -> None:
    put(mailing, mail(1, "failed", mailing.clock.now(), f"Is that the right port{end}"))
    assert in_app(mailing, check_mail).said.endswith("the last one: Is that the right port.")


def test_mail_that_failed_is_told_with_the_last_reason(mailing: World) -> None:
    now = mailing.clock.now()
    put(mailing, mail(1, "failed", now - 50, "550 no\r\nsuch user."), mail(2, "failed", now, "535 bad\nlogin."))
    wanted = FINDINGS["mail_failed"].line("mail", count=2, error="535 bad login")
    assert in_app(mailing, check_mail) == wanted


def test_mail_that_failed_long_ago_is_forgotten(mailing: World) -> None:
    put(mailing, mail(1, "failed", mailing.clock.now() - 8 * 86_400, "550 no"))
    assert in_app(mailing, check_mail).status == "ok"


@pytest.mark.parametrize(("error", "shown"), [(None, ""), ("It is not reached.", ": It is not reached")])
def test_mail_that_waits_for_long_is_told(error: str | None, shown: str, mailing: World) -> None:
    put(mailing, mail(1, "waiting", mailing.clock.now() - 1200, error), mail(2, "waiting", mailing.clock.now()))
    wanted = FINDINGS["mail_slow"].line("mail", count=2, age="20 minutes ago", error=shown)
    assert in_app(mailing, check_mail) == wanted


def test_a_test_mail_goes_to_the_address_that_was_given(mailing: World, monkeypatch: pytest.MonkeyPatch) -> None:
    sent: list[str] = []
    monkeypatch.setattr(sending, "send_test", sent.append)
    line: Line = in_app(mailing, send_test_mail, "me@example.com")
    assert (line.status, sent) == ("ok", ["me@example.com"])


def test_a_test_mail_that_is_not_taken_is_told_with_why(mailing: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_address: str) -> None:
        raise MailProblem("The mail server refuses the login.")

    monkeypatch.setattr(sending, "send_test", refuse)
    line = in_app(mailing, send_test_mail, "me@example.com")
    assert line == FINDINGS["mail_test"].line("test mail", reason="The mail server refuses the login")
