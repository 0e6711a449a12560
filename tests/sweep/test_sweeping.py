"""One sweep: who is held, who is not, and that nothing happens unless billing is on."""

from __future__ import annotations

import pytest
from sqlalchemy import func, select, update

from portal.alerts import service as alerts
from portal.audit import changes
from portal.billing import reminding, terms
from portal.billing.models import Reminder, Term
from portal.servers.models import Grant
from portal.store import read, restored, write
from portal.suspension import holds, panic
from portal.suspension.models import Hold, Intent, SweepRun
from portal.sweep import candidates, holding, runs, sweeping
from tests.sweep.conftest import MakeFleet
from tests.sweep.fleet import DAY_S, HOUR_S, Fleet


def count(fleet: Fleet, what: type[Hold] | type[Intent] | type[SweepRun]) -> int:
    with fleet.world.app.app_context(), read() as session:
        return session.scalar(select(func.count()).select_from(what)) or 0


def states(fleet: Fleet) -> list[str]:
    with fleet.world.app.app_context():
        return [one.state for one in candidates.find(int(fleet.clock.now())).due]


def test_an_overdue_server_is_held_once_with_run_intent_and_mail(fleet: Fleet) -> None:
    (uuid,) = fleet.overdue(1)
    swept = fleet.sweep()

    assert swept.held == (uuid,)
    assert fleet.sweep().held == ()
    with fleet.world.app.app_context():
        (run,) = runs.latest()
        assert (run.state, [one.state for one in run.entries]) == ("done", ["held"])
        (hold,) = holds.of(uuid)
        assert (hold.kind, hold.run_id) == ("unpaid", run.id)
        assert list(changes.verify()) == []
        with read() as session:
            (intent,) = session.scalars(select(Intent))
            assert (intent.server_uuid, intent.wants_suspended, intent.run_id) == (uuid, True, run.id)
            told = session.scalars(select(Reminder.days).where(Reminder.server_uuid == uuid)).all()
            assert reminding.SUSPENDED in told


def test_nothing_is_held_before_grace_is_over(fleet: Fleet) -> None:
    now = int(fleet.clock.now())
    fleet.expire(fleet.uuids[:1], now - 23 * HOUR_S)
    fleet.notice(fleet.uuids[:1], now - 23 * HOUR_S)
    assert states(fleet) == []
    assert fleet.sweep().held == ()

    with fleet.world.app.app_context():
        over = candidates.grace_over_at(now - 23 * HOUR_S)
    fleet.sweep(after_s=over - fleet.clock.now() - 1)
    assert count(fleet, Hold) == 0
    assert len(fleet.sweep(after_s=1).held) == 1


@pytest.mark.parametrize("mode", ["off", "observe"])
def test_unless_billing_is_on_nothing_is_written_and_nothing_done(make_fleet: MakeFleet, mode: str) -> None:
    fleet = make_fleet(billing=mode)
    fleet.confirm()
    fleet.overdue(1)
    before = fleet.world.app.app_context()
    with before, read() as session:
        rows = session.scalar(select(func.count()).select_from(Reminder))
    for _ in range(3):
        swept = fleet.sweep()
        assert swept.held == ()
    assert len(swept.found.ready) == (1 if mode == "observe" else 0)
    assert count(fleet, Hold) + count(fleet, Intent) + count(fleet, SweepRun) == 0
    with fleet.world.app.app_context(), read() as session:
        assert session.scalar(select(func.count()).select_from(Reminder)) == rows
    assert fleet.panel_writes() == []


def test_a_dry_run_says_what_would_be_and_does_nothing(fleet: Fleet) -> None:
    fleet.overdue(1)
    swept = fleet.sweep(is_dry_run=True)
    assert (len(swept.found.ready), swept.closed, swept.held) == (1, [], ())
    assert count(fleet, Hold) + count(fleet, SweepRun) == 0


def test_free_unpriced_and_gone_servers_are_never_due(fleet: Fleet) -> None:
    first, second, third = fleet.overdue(3)
    with fleet.world.app.app_context(), write() as session:
        free = terms.get_in(session, first)
        assert free is not None
        terms.set_free_in(session, free.server, by=None, why="test")
        session.execute(update(Term).where(Term.server_uuid == second).values(gone_at=1))
        session.delete(session.get_one(Term, third))
    assert states(fleet) == []
    assert fleet.sweep().held == ()


def test_what_is_not_noticed_assigned_or_is_suspended_already_is_left_alone(fleet: Fleet) -> None:
    noticed, told_late, other, unassigned = fleet.overdue(4, is_noticed=False)
    at = int(fleet.clock.now() - 3 * DAY_S)
    fleet.notice([other, unassigned], at)
    fleet.notice([noticed], at - 1)  # of another expiry
    fleet.notice([told_late], at, ago_s=23 * HOUR_S)
    with fleet.world.app.app_context(), write() as session:
        holds.place_in(session, other, "admin", reason="test", by=None, sends=False)
        session.execute(update(Grant).where(Grant.server_uuid == unassigned).values(panel_user_id=999))
    assert sorted(states(fleet)) == ["no_notice", "no_notice", "suspended", "unassigned"]
    assert fleet.sweep(after_s=1, is_synced=False).held == ()
    assert count(fleet, SweepRun) == 0


def test_notice_to_somebody_else_is_none(fleet: Fleet) -> None:
    (uuid,) = fleet.overdue(1, is_noticed=False)
    fleet.notice([uuid], int(fleet.clock.now() - 3 * DAY_S), person="subuser")
    assert states(fleet) == ["no_notice"]


def test_what_was_paid_between_looking_and_holding_is_not_held(fleet: Fleet, monkeypatch: pytest.MonkeyPatch) -> None:
    (uuid,) = fleet.overdue(1)
    plain = holding.each

    def late(*args: object, **kwargs: object) -> object:
        fleet.expire([uuid], int(fleet.clock.now() + DAY_S))
        return plain(*args, **kwargs)  # type: ignore[arg-type]

    monkeypatch.setattr(holding, "each", late)
    assert fleet.sweep().held == ()
    assert count(fleet, Hold) == 0


@pytest.mark.parametrize("cause", ["panic", "restored"])
def test_a_run_stops_in_the_middle(fleet: Fleet, monkeypatch: pytest.MonkeyPatch, cause: str) -> None:
    fleet.overdue(2)
    plain = holding.hold_in

    def once(*args: object) -> bool:
        done = plain(*args)  # type: ignore[arg-type]
        if cause == "panic":
            panic.path().touch()
        else:
            monkeypatch.setattr(restored, "since", lambda: 1.0)
        return done

    monkeypatch.setattr(holding, "hold_in", once)
    assert len(fleet.sweep().held) == 1
    assert count(fleet, Hold) == 1


def test_a_run_that_was_held_up_stops(fleet: Fleet, monkeypatch: pytest.MonkeyPatch) -> None:
    fleet.overdue(2)
    plain = holding.hold_in

    def slow(*args: object) -> bool:
        fleet.world.clock.advance(holding.STALE_S + 1)
        return plain(*args)  # type: ignore[arg-type]

    monkeypatch.setattr(holding, "hold_in", slow)
    assert len(fleet.sweep().held) == 1


def test_one_server_that_fails_never_stops_the_rest(fleet: Fleet, monkeypatch: pytest.MonkeyPatch) -> None:
    poison, other = fleet.overdue(2)
    plain = holds.place_in

    def place_in(session: object, server_uuid: str, *args: object, **kwargs: object) -> object:
        if server_uuid == poison:
            raise RuntimeError("poison")
        return plain(session, server_uuid, *args, **kwargs)  # type: ignore[arg-type]

    monkeypatch.setattr(holds, "place_in", place_in)
    swept = fleet.sweep()
    assert (swept.held, swept.failed) == ((other,), 1)
    with fleet.world.app.app_context():
        assert any("failed at 1 servers" in one.text for one in alerts.current())
    with fleet.world.app.app_context():
        (run,) = runs.latest()
        assert [one.server_uuid for one in run.entries] == [other]


def test_another_hold_that_somebody_lifted_by_hand_does_not_keep_a_server_running(fleet: Fleet) -> None:
    (uuid,) = fleet.overdue(1)
    with fleet.world.app.app_context(), write() as session:
        holds.place_in(session, uuid, "admin", reason="test", by=None, sends=False)
        session.execute(update(Hold).values(lifted_at=1))
    assert fleet.sweep().held == (uuid,)


@pytest.mark.parametrize("step", ["renew_due", "remind"])
def test_a_step_that_fails_never_stops_the_others(fleet: Fleet, monkeypatch: pytest.MonkeyPatch, step: str) -> None:
    def fail() -> None:
        raise RuntimeError("poison")

    fleet.overdue(1)
    monkeypatch.setattr(sweeping.auto if step == "renew_due" else sweeping.reminding, step, fail)
    swept = fleet.sweep()
    assert (len(swept.held), swept.failed) == (1, 1)


def test_with_a_wrong_clock_nobody_is_reminded_and_nothing_renewed(
    fleet: Fleet, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    monkeypatch.setattr(sweeping.auto, "renew_due", lambda: asked.append("renew"))
    monkeypatch.setattr(sweeping.reminding, "remind", lambda: asked.append("remind"))
    fleet.clock.ahead = 3600
    fleet.sweep()
    assert asked == []
    fleet.clock.ahead = 0
    fleet.sweep()
    fleet.sweep()
    assert asked == ["renew", "remind"]


def test_looking_for_who_is_due_uses_the_index_of_expiries(fleet: Fleet) -> None:
    with fleet.world.app.app_context(), read() as session:
        compiled = candidates._due(int(fleet.clock.now())).compile(
            session.get_bind(), compile_kwargs={"literal_binds": False}
        )
        plan = session.connection().exec_driver_sql(
            f"EXPLAIN QUERY PLAN {compiled}", tuple(compiled.params[name] for name in compiled.positiontup or ())
        )
        steps = [row[3] for row in plan]
    assert any("ix_term_expiring (expires_at<" in one for one in steps), steps
    assert any("uq_hold_open" in one for one in steps), steps
    assert not [one for one in steps if one.startswith("SCAN")], steps
