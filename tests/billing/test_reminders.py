"""Reminders: each told once, by mail and on the page; only what surely arrived counts as notice."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest
from sqlalchemy import delete, select, update

from portal import clock, mode
from portal.background.tidy import tidy
from portal.billing import auto, owners, reminding, renewing, terms
from portal.billing.mails import in_zone
from portal.billing.models import Reminder, Term
from portal.billing.payment_reference import reference_of
from portal.billing.periods import grace_end
from portal.billing.reminding import EXPIRED, NOT_RENEWED, SUSPENDED, Reminded
from portal.demo import by_hand
from portal.mail.models import Mail
from portal.servers.models import Grant
from portal.store import read, restored, write
from portal.store.engine import db
from portal.store.restored import Quarantine
from portal.suspension import holds
from tests.billing.plans import plan
from tests.conftest import World
from tests.mail.conftest import Mailbox, mail_settings, send, serving
from tests.support import money
from tests.support.money import DAY_S

SERVER = "Survival SMP"
HOUR_S = 3600


@pytest.fixture
def mailbox() -> Iterator[Mailbox]:
    with serving() as box:
        yield box


@pytest.fixture
def make_mailing(make_world: Callable[..., World], mailbox: Mailbox) -> Callable[..., World]:
    def make(**settings: object) -> World:
        chosen = {"billing": "on", "how_to_pay": "Send it to <our> bank.", "pay_url": "https://pay.example.com/in"}
        return make_world("own", is_ready=True, **mail_settings(mailbox, **(chosen | settings)))

    return make


@pytest.fixture
def mailing(make_mailing: Callable[..., World]) -> World:
    return make_mailing()


@pytest.fixture
def silent(make_world: Callable[..., World]) -> World:
    """A portal that sends no mail."""
    return make_world("own", is_ready=True, billing="on")


def remind(world: World) -> Reminded:
    with world.app.app_context():
        return reminding.remind()


def days_told(world: World) -> list[int]:
    with world.app.app_context(), read() as session:
        return list(session.scalars(select(Reminder.days).order_by(Reminder.id)))


def mails(world: World) -> list[Mail]:
    with world.app.app_context(), read() as session:
        return list(session.scalars(select(Mail).order_by(Mail.id)))


def due(world: World) -> list[tuple[str, int, int]]:
    with world.app.app_context():
        return reminding._due(int(clock.now()))


def is_noticed(world: World, age_s: int = 0, *, of: str = SERVER, person: str = "owner") -> bool:
    shown = money.terms_of(world, of)
    assert shown is not None
    assert shown.expires_at is not None
    uuid = shown.server.uuid
    wanted = {uuid: (shown.expires_at, money.account_id(world, person))}
    with world.app.app_context():
        return reminding.noticed(wanted, int(clock.now()) - age_s) == {uuid}


def test_each_day_of_the_setting_is_told_once(mailing: World, mailbox: Mailbox) -> None:
    money.price(mailing, SERVER, expires_in_s=8 * DAY_S)
    told = []
    for _ in range(8 * 4):
        remind(mailing)
        send(mailing)
        told.append(len(mailbox.received))
        mailing.clock.advance(6 * HOUR_S)
    assert days_told(mailing) == [7, 3, 1]
    assert [told.index(number) / 4 for number in (1, 2, 3)] == [1, 5, 7]
    assert {one["To"] for one in mailbox.received} == {"owner@example.com"}
    assert is_noticed(mailing, 7 * DAY_S)


def test_of_several_days_that_were_missed_only_the_nearest_is_told(mailing: World, mailbox: Mailbox) -> None:
    money.price(mailing, SERVER, expires_in_s=2 * DAY_S)
    assert remind(mailing) == Reminded(made=1, mailed=1)
    assert days_told(mailing) == [3]
    mailing.clock.advance(3600)
    assert remind(mailing) == Reminded()


def test_a_message_that_waited_until_a_nearer_one_was_due_is_not_sent(mailing: World, mailbox: Mailbox) -> None:
    money.price(mailing, SERVER, expires_in_s=7 * DAY_S)
    mailbox.answer = "451 later"
    remind(mailing)
    send(mailing)
    mailing.clock.advance(4 * DAY_S)
    remind(mailing)
    mailbox.answer = "250 OK"
    send(mailing)
    mailing.clock.advance(4000)
    send(mailing)
    assert len(mailbox.received) == 1
    assert [one.state for one in mails(mailing)] == ["dropped", "sent"]


def test_the_mail_says_everything_that_is_needed(make_mailing: Callable[..., World], mailbox: Mailbox) -> None:
    world = make_mailing(time_zone="Europe/Berlin", grace_hours=24, grace_ends_hour=12)
    shown = money.price(world, SERVER, 500, expires_in_s=2 * DAY_S)
    money.fund(world, "owner", 120)
    remind(world)
    send(world)
    assert shown.expires_at is not None
    with world.app.app_context():
        until, ends = in_zone(shown.expires_at), in_zone(grace_end(shown.expires_at, 24, 12, mode.zone()))
        paid_until = in_zone(renewing.offer(shown, 1).to_expiry)
    assert until.endswith(("CET (Europe/Berlin)", "CEST (Europe/Berlin)"))
    assert "12:00" in ends
    link, owner = f"https://my.example.com/servers/{shown.server.identifier}/billing", money.account_id(world, "owner")
    pages = mailbox.text(), mailbox.html()
    for page in pages:
        for part in (
            SERVER, until, ends, paid_until, "5.00 EUR", "Your balance is 1.20 EUR: 3.80 EUR are missing", link,
            "https://pay.example.com/in", "Nothing of it is deleted",
        ):  # fmt: skip
            assert part in page, part
    assert "Send it to <our> bank." in pages[0]
    assert "Send it to &lt;our&gt; bank." in pages[1]
    assert (
        pages[0]
        == f"""\
Your server {SERVER} is paid until {until}.

Renewing it costs 5.00 EUR and pays for it until {paid_until}.
Your balance is 1.20 EUR: 3.80 EUR are missing.

Send it to <our> bank.
https://pay.example.com/in
If you pay by transfer, name this reference: {reference_of(owner)}

Everything about it, and renewing it:
{link}

If it is not renewed, it is suspended, at the earliest on {ends}: then it is stopped and cannot be started. \
Nothing of it is deleted by that.

--{" "}
Roost · https://example.com/support
""".replace("\n", "\r\n")
    )
    assert mailbox.received[0]["Subject"] == f"Roost: {SERVER} expires soon"


def test_the_mail_says_whether_the_balance_will_do(mailing: World, mailbox: Mailbox) -> None:
    shown = money.price(mailing, SERVER, 500, expires_in_s=2 * DAY_S)
    money.fund(mailing, "owner", 500)
    remind(mailing)
    send(mailing)
    assert "Your balance is 5.00 EUR: that is enough." in mailbox.text()
    assert "bank" not in mailbox.text()
    with mailing.app.app_context(), write() as session:
        owner = money.account_id(mailing, "owner")
        terms.set_auto_renew_in(session, shown.server.uuid, owner, by=owner, why="test")
    mailing.clock.advance(DAY_S)
    remind(mailing)
    send(mailing)
    for page in (mailbox.text(), mailbox.html()):
        assert "it is renewed by itself, and you need not do anything" in page
        assert "suspended, at the earliest" not in page


def test_a_balance_in_another_currency_is_called_so(mailing: World, mailbox: Mailbox) -> None:
    money.price(mailing, SERVER, 500, currency="JPY", expires_in_s=DAY_S)
    money.fund(mailing, "owner", 5000)
    remind(mailing)
    send(mailing)
    assert "Your balance of 50.00 EUR is of another currency" in mailbox.text()
    assert "500 JPY" in mailbox.text()


def test_a_server_that_the_host_holds_is_not_called_renewable(mailing: World, mailbox: Mailbox) -> None:
    shown = money.price(mailing, SERVER, 500, expires_in_s=2 * DAY_S)
    money.fund(mailing, "owner", 1000)
    owner = money.account_id(mailing, "owner")
    with mailing.app.app_context(), write() as session:
        terms.set_auto_renew_in(session, shown.server.uuid, owner, by=owner, why="test")
        external = holds.place_in(session, shown.server.uuid, "external", reason="x", by=None, sends=False)
    remind(mailing)
    send(mailing)
    assert "It stays suspended also when you renew it." in mailbox.text()
    assert "by itself" not in mailbox.text()
    with mailing.app.app_context(), write() as session:
        holds.release_in(session, external, reason="x", by=None)
        holds.place_in(session, shown.server.uuid, "abuse", reason="phishing", by=None)
        holds.place_in(session, shown.server.uuid, "unpaid", reason="not paid", by=None)
        assert reminding.told_in(session, shown)
    send(mailing)
    for page in (mailbox.text(), mailbox.html()):
        assert "ask your host" in page
        assert "at the earliest" not in page
        assert "Renewing it costs" not in page
        assert "phishing" not in page


def test_what_was_renewed_meanwhile_is_not_mailed(mailing: World, mailbox: Mailbox) -> None:
    shown = money.price(mailing, SERVER, 500, expires_in_s=2 * DAY_S)
    money.fund(mailing, "owner", 1000)
    remind(mailing)
    with mailing.app.app_context():
        renewing.pay(money.account_id(mailing, "owner"), renewing.offer(shown, 1))
    send(mailing)
    assert mailbox.received == []
    assert [one.state for one in mails(mailing)] == ["dropped"]
    assert remind(mailing) == Reminded()


def test_who_renews_within_the_days_before_is_not_reminded_of_what_they_just_saw(mailing: World) -> None:
    shown = money.price(mailing, SERVER, 500, days=2, expires_in_s=HOUR_S)
    money.fund(mailing, "owner", 1000)
    with mailing.app.app_context():
        renewing.pay(money.account_id(mailing, "owner"), renewing.offer(shown, 1))
    assert remind(mailing) == Reminded()
    mailing.clock.advance(DAY_S + 2 * HOUR_S)
    assert remind(mailing).made == 1
    assert days_told(mailing) == [1]


def test_an_expiry_that_nobody_was_told_of_is_told_once_it_is_over(mailing: World, mailbox: Mailbox) -> None:
    money.price(mailing, SERVER, 500, expires_in_s=-5 * DAY_S)
    for _ in range(3):
        remind(mailing)
        send(mailing)
        mailing.clock.advance(HOUR_S)
    assert days_told(mailing) == [EXPIRED]
    (message,) = mailbox.received
    assert message["Subject"] == f"Roost: {SERVER} has expired"
    assert "was paid until" in mailbox.text()
    with mailing.app.app_context():
        assert in_zone(int(clock.now()) - 3 * HOUR_S + DAY_S) in mailbox.text()  # nobody is suspended without notice
    assert not is_noticed(mailing, DAY_S)
    mailing.clock.advance(DAY_S)
    assert is_noticed(mailing, DAY_S)


def test_after_mail_that_failed_the_owner_is_told_once_more_at_the_end(mailing: World, mailbox: Mailbox) -> None:
    money.price(mailing, SERVER, 500, expires_in_s=DAY_S)
    mailbox.refused["owner@example.com"] = "550 no such mailbox"
    remind(mailing)
    send(mailing)
    mailing.clock.advance(DAY_S + HOUR_S)
    remind(mailing)
    assert not is_noticed(mailing)
    mailbox.refused.clear()
    send(mailing)
    assert days_told(mailing) == [1, EXPIRED]
    assert is_noticed(mailing)
    remind(mailing)
    assert len(mails(mailing)) == 2


def test_what_cannot_be_told_does_not_stand_in_the_way_for_ever(mailing: World, mailbox: Mailbox) -> None:
    shown = money.price(mailing, SERVER, 500, expires_in_s=-DAY_S)
    assert len(due(mailing)) == 1
    mailbox.refused["owner@example.com"] = "550 no such mailbox"
    remind(mailing)
    send(mailing)
    assert [one.state for one in mails(mailing)] == ["failed"]
    assert due(mailing) == []
    with mailing.app.app_context(), write() as session:
        session.execute(delete(Reminder))
        session.execute(update(Grant).where(Grant.server_uuid == shown.server.uuid).values(is_revoked=True))
    assert due(mailing) == []


def test_without_mail_the_row_alone_is_made_and_the_page_counts(silent: World) -> None:
    shown = money.price(silent, SERVER, 500, expires_in_s=2 * DAY_S)
    assert remind(silent) == Reminded(made=1, mailed=0)
    assert remind(silent) == Reminded()
    assert mails(silent) == []
    assert not is_noticed(silent)
    with silent.app.app_context():
        reminding.shown(shown.server.uuid, money.account_id(silent, "subuser"))
    assert not is_noticed(silent)
    with silent.app.app_context():
        reminding.shown(shown.server.uuid, money.account_id(silent, "owner"))
    assert is_noticed(silent)
    assert not is_noticed(silent, DAY_S)
    silent.clock.advance(DAY_S)
    with silent.app.app_context():
        reminding.shown(shown.server.uuid, money.account_id(silent, "owner"))
    assert is_noticed(silent, DAY_S)  # the first time counts


def test_once_mail_is_set_up_what_waits_is_mailed(silent: World, mailing: World, mailbox: Mailbox) -> None:
    money.price(silent, SERVER, 500, expires_in_s=DAY_S)
    remind(silent)
    silent.app.config["ROOST"] = replace(
        silent.app.config["ROOST"], smtp_host="127.0.0.1", smtp_port=mailbox.port, smtp_security="none",
        mail_from="help@example.com",
    )  # fmt: skip
    assert remind(silent) == Reminded(made=1, mailed=1)
    send(silent)
    assert len(mailbox.received) == 1
    assert days_told(silent) == [1]
    assert is_noticed(silent)


def test_an_answer_that_is_lost_is_no_notice_and_the_same_message_goes_again(mailing: World, mailbox: Mailbox) -> None:
    money.price(mailing, SERVER, 500, expires_in_s=DAY_S)
    remind(mailing)
    mailbox.hangs_up = True
    send(mailing)
    assert len(mailbox.received) == 1  # it was taken, and nobody said so
    assert [one.state for one in mails(mailing)] == ["waiting"]
    assert not is_noticed(mailing)
    mailbox.hangs_up = False
    mailing.clock.advance(5)
    remind(mailing)
    send(mailing)
    first, second = mailbox.received
    assert first["Message-ID"] == second["Message-ID"]
    assert [one.state for one in mails(mailing)] == ["sent"]
    assert is_noticed(mailing)


def test_the_suspension_is_told_once(mailing: World, mailbox: Mailbox) -> None:
    shown = money.price(mailing, SERVER, 500, expires_in_s=-3 * DAY_S)
    for _ in range(2):
        with mailing.app.app_context(), write() as session:
            if not holds.open_in(session, shown.server.uuid):
                holds.place_in(session, shown.server.uuid, "unpaid", reason="not paid", by=None)
            reminding.told_in(session, shown)
        send(mailing)
    assert days_told(mailing) == [SUSPENDED]
    (message,) = mailbox.received
    assert message["Subject"] == f"Roost: {SERVER} is suspended"
    for page in (mailbox.text(), mailbox.html()):
        assert "is suspended, because it was paid only until" in page
        assert "5.00 EUR are missing" in page
    assert remind(mailing) == Reminded()


def test_no_mail_of_a_suspension_that_is_over(mailing: World, mailbox: Mailbox) -> None:
    shown = money.price(mailing, SERVER, 500, expires_in_s=-3 * DAY_S)
    with mailing.app.app_context(), write() as session:
        hold = holds.place_in(session, shown.server.uuid, "unpaid", reason="not paid", by=None)
        assert reminding.told_in(session, shown)
    with mailing.app.app_context(), write() as session:
        holds.release_in(session, hold, reason="undone", by=None)
    send(mailing)
    assert mailbox.received == []


def test_moving_the_clock_back_and_forth_tells_nobody_twice(mailing: World, mailbox: Mailbox) -> None:
    money.price(mailing, SERVER, 500, expires_in_s=8 * DAY_S)
    for step in (2 * DAY_S, -2 * DAY_S, 6 * DAY_S, -5 * DAY_S, 7 * DAY_S, -8 * DAY_S, 7.5 * DAY_S):
        mailing.clock.advance(step)
        remind(mailing)
    told = days_told(mailing)
    assert sorted(told) == [1, 3, 7]


@pytest.mark.parametrize("how", ["off", "observe"])
def test_nobody_is_reminded_unless_billing_is_on(
    make_mailing: Callable[..., World], mailbox: Mailbox, how: str
) -> None:
    world = make_mailing(billing=how)
    money.price(world, SERVER, 500, expires_in_s=DAY_S)
    assert remind(world) == Reminded()
    with world.app.app_context():
        assert auto.renew_due() == auto.Renewals()
    assert days_told(world) == []


def test_what_waits_is_not_mailed_once_billing_is_not_on(mailing: World, mailbox: Mailbox) -> None:
    money.price(mailing, SERVER, 500, expires_in_s=DAY_S)
    remind(mailing)
    mailing.app.config["ROOST"] = replace(mailing.app.config["ROOST"], billing="observe")
    send(mailing)
    assert mailbox.received == []
    assert [one.error for one in mails(mailing)] == ["billing is not on"]


def test_a_restored_store_reminds_nobody(mailing: World) -> None:
    money.price(mailing, SERVER, 500, expires_in_s=DAY_S)
    with mailing.app.app_context():
        with write() as session:
            restored.begin_in(session.connection().connection.dbapi_connection, Quarantine(clock.now(), None, 0, 0))
        assert reminding.remind() == Reminded()
        restored.confirm()
        assert reminding.remind().made == 1


def test_free_unset_and_gone_servers_and_those_of_nobody_are_never_told_of(mailing: World) -> None:
    money.free(mailing, SERVER)
    assert remind(mailing) == Reminded()
    shown = money.price(mailing, SERVER, 500, expires_in_s=DAY_S)
    with mailing.app.app_context(), write() as session:
        session.execute(update(Term).values(gone_at=int(clock.now())))
    assert remind(mailing) == Reminded()
    with mailing.app.app_context(), write() as session:
        session.execute(update(Term).values(gone_at=None))
        session.execute(update(Grant).where(Grant.server_uuid == shown.server.uuid).values(is_revoked=True))
    assert remind(mailing) == Reminded()
    with mailing.app.app_context():
        assert owners.of([shown.server.uuid]) == {}
        with write() as session:
            assert not reminding.told_in(session, shown)


def test_a_new_owner_is_told_again_and_the_old_ones_notice_counts_no_more(mailing: World, mailbox: Mailbox) -> None:
    shown = money.price(mailing, SERVER, 500, expires_in_s=DAY_S)
    remind(mailing)
    demo = mailing.demo
    by_hand.set_owner(demo, by_hand.find_server(demo, SERVER), by_hand.find_user(demo, "stranger"))
    mailing.work()
    send(mailing)
    assert mailbox.received == []  # what waited for the old owner is dropped
    remind(mailing)
    send(mailing)
    assert [one["To"] for one in mailbox.received] == ["stranger@example.com"]
    assert is_noticed(mailing, person="stranger")
    assert not is_noticed(mailing)
    with mailing.app.app_context():
        assert owners.of([shown.server.uuid])[shown.server.uuid].email == "stranger@example.com"


def test_one_that_fails_does_not_keep_the_others(mailing: World, monkeypatch: pytest.MonkeyPatch) -> None:
    first = money.price(mailing, SERVER, 500, expires_in_s=DAY_S)
    owned = (one.name for one in mailing.demo.world.servers if one.owner.username == "owner" and one.name != SERVER)
    money.price(mailing, next(owned), 500, expires_in_s=DAY_S + 60)
    real = reminding.told_in

    def told_in(session: object, standing: terms.Terms, days: int) -> bool:
        if standing.server.uuid == first.server.uuid:
            raise ValueError("odd")
        return real(session, standing, days)  # type: ignore[arg-type]

    monkeypatch.setattr(reminding, "told_in", told_in)
    assert remind(mailing) == Reminded(made=1, mailed=1, failed=1)


def test_a_notice_outlives_old_mail_and_no_other_mail_is_taken_for_it(mailing: World) -> None:
    money.price(mailing, SERVER, 500, expires_in_s=DAY_S)
    remind(mailing)
    send(mailing)
    mailing.clock.advance(40 * DAY_S)
    with mailing.app.app_context():
        tidy()
    assert is_noticed(mailing)
    with mailing.app.app_context(), write() as session:
        session.execute(update(Mail).values(created_at=clock.now()))  # its number was given to another one
    assert not is_noticed(mailing)


def test_what_is_due_is_found_by_the_index_on_the_expiry(mailing: World) -> None:
    with mailing.app.app_context(), db.engine.connect() as connection:
        for query in (reminding._expired(10), reminding._nearing(3, 10, 20)):
            steps = plan(connection, query.order_by(Term.expires_at))
            assert steps[0].startswith("SEARCH term USING INDEX ix_term_expiring"), steps
            assert not [step for step in steps if step.startswith("SCAN")], steps


def test_a_day_that_auto_renew_already_spoke_of_is_not_told_again(mailing: World, mailbox: Mailbox) -> None:
    shown = money.price(mailing, SERVER, 500, expires_in_s=DAY_S)
    with mailing.app.app_context():
        owner = money.account_id(mailing, "owner")
        with write() as session:
            terms.set_auto_renew_in(session, shown.server.uuid, owner, by=owner, why="test")
        assert auto.renew_due().short == 1
    assert remind(mailing) == Reminded()
    assert days_told(mailing) == [NOT_RENEWED]
    send(mailing)
    assert is_noticed(mailing)
    (message,) = mailbox.received
    assert message["Subject"] == f"Roost: {SERVER} could not be renewed"
    for page in (mailbox.text(), mailbox.html()):
        assert "was to be renewed by itself, but your balance is not enough" in page
        assert "5.00 EUR are missing" in page


def test_a_server_that_is_blocked_for_abuse_is_not_spoken_of_until_it_no_longer_is(
    mailing: World, mailbox: Mailbox
) -> None:
    shown = money.price(mailing, SERVER, 500, expires_in_s=DAY_S)
    owner = money.account_id(mailing, "owner")
    remind(mailing)
    with mailing.app.app_context(), write() as session:
        terms.set_auto_renew_in(session, shown.server.uuid, owner, by=owner, why="test")
        blocked = holds.place_in(session, shown.server.uuid, "abuse", reason="phishing", by=None)
    send(mailing)  # what waited is dropped
    mailing.clock.advance(2 * DAY_S)
    assert remind(mailing) == Reminded()
    with mailing.app.app_context():
        assert auto.renew_due() == auto.Renewals()
    assert mailbox.received == []
    assert days_told(mailing) == [1]
    with mailing.app.app_context(), write() as session:
        holds.release_in(session, blocked, reason="it was a mistake", by=None)
    remind(mailing)
    with mailing.app.app_context(), write() as session:
        blocked = holds.place_in(session, shown.server.uuid, "abuse", reason="no, it was not", by=None)
    send(mailing)
    assert mailbox.received == []
    with mailing.app.app_context(), write() as session:
        holds.release_in(session, blocked, reason="it was", by=None)
    assert remind(mailing).made == 1, "a last word that was never sent is said again"
    assert remind(mailing) == Reminded()
    send(mailing)
    assert len(mailbox.received) == 1
    assert is_noticed(mailing)


@pytest.mark.parametrize("state", ["dropped", "failed"])
def test_a_mail_of_a_failed_renewal_that_never_went_is_not_the_last_word(
    mailing: World, mailbox: Mailbox, state: str
) -> None:
    shown = money.price(mailing, SERVER, 500, expires_in_s=20 * HOUR_S)
    owner = money.account_id(mailing, "owner")
    with mailing.app.app_context():
        with write() as session:
            terms.set_auto_renew_in(session, shown.server.uuid, owner, by=owner, why="test")
        assert auto.renew_due().short == 1
        with write() as session:
            payer = None if state == "dropped" else owner
            terms.set_auto_renew_in(session, shown.server.uuid, payer, by=owner, why="test")
    mailbox.refused["owner@example.com"] = "550 no such mailbox"
    send(mailing)
    mailbox.refused.clear()
    assert [one.state for one in mails(mailing)] == [state]
    remind(mailing)
    assert days_told(mailing) == [NOT_RENEWED, 1]
    with mailing.app.app_context(), write() as session:
        session.execute(delete(Reminder).where(Reminder.days == 1))
    mailing.clock.advance(DAY_S)
    remind(mailing)
    assert days_told(mailing) == [NOT_RENEWED, EXPIRED]
    send(mailing)
    assert is_noticed(mailing)


def test_enough_for_one_server_is_not_called_enough_for_all(mailing: World, mailbox: Mailbox) -> None:
    owned = [one.name for one in mailing.demo.world.servers if one.owner.username == "owner" and one.name != SERVER]
    money.price(mailing, SERVER, 500, expires_in_s=2 * DAY_S)
    money.price(mailing, owned[0], 700, expires_in_s=25 * DAY_S)
    money.price(mailing, owned[1], 90_000, expires_in_s=40 * DAY_S)
    money.fund(mailing, "owner", 1199)
    remind(mailing)
    send(mailing)
    for page in (mailbox.text(), mailbox.html()):
        assert "that is enough for this server. All your servers together need 12.00 EUR within 30 days." in page
        assert "bank" in page
    page = mailing.browser("owner").get(f"/servers/{mailing.server(SERVER)}/billing").text
    assert "All your servers together need" in page
    money.fund(mailing, "owner", 1, reference="the rest")
    page = mailing.browser("owner").get(f"/servers/{mailing.server(SERVER)}/billing").text
    assert "All your servers together need" not in page


def test_what_a_mail_says_of_a_suspension_counts_from_the_first_notice(mailing: World, mailbox: Mailbox) -> None:
    shown = money.price(mailing, SERVER, 500, expires_in_s=-5 * DAY_S)
    remind(mailing)
    send(mailing)
    assert shown.expires_at is not None
    first = int(clock.now())
    mailing.clock.advance(DAY_S / 2)
    with mailing.app.app_context():
        wanted = {shown.server.uuid: (shown.expires_at, money.account_id(mailing, "owner"))}
        assert reminding.heard_at(wanted) == {shown.server.uuid: first}
        with write() as session:
            owner = money.account_id(mailing, "owner")
            terms.set_auto_renew_in(session, shown.server.uuid, owner, by=owner, why="test")
        assert auto.renew_due().short == 1
    send(mailing)
    with mailing.app.app_context():
        assert in_zone(first + DAY_S) in mailbox.text()
