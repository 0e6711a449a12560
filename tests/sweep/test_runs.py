"""Lists that wait for an administrator: bound to what was shown, evaluated again, undone in one go."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from portal.audit.models import AuditChange
from portal.billing import terms
from portal.mode import BillingOff
from portal.store import read, write
from portal.suspension import holds, intents, panic
from portal.suspension.models import Intent, SweepRun
from portal.sweep import confirming, holding, runs
from portal.sweep.runs import Approved, Run, RunError
from tests.sweep.conftest import MakeFleet
from tests.sweep.fleet import DAY_S, Fleet

FROZEN = 6


@pytest.fixture
def waiting(make_fleet: MakeFleet) -> Fleet:
    """A fleet with six servers in a frozen list, as many as may be suspended in a day."""
    fleet = make_fleet(34)
    fleet.settle()
    fleet.overdue(FROZEN)
    assert fleet.sweep().frozen_run is not None
    return fleet


def listed(fleet: Fleet) -> Run:
    with fleet.world.app.app_context():
        found = runs.frozen()
    assert found is not None
    return found


def approve(fleet: Fleet, run: Run, digest: str | None = None) -> Approved:
    with fleet.world.app.app_context():
        return runs.approve(run.id, digest or run.digest, by=None)


def states(fleet: Fleet, run: Run) -> list[str]:
    with fleet.world.app.app_context():
        shown = runs.show(run.id)
    assert shown is not None
    return sorted(one.state for one in shown.entries)


def held(fleet: Fleet) -> int:
    with fleet.world.app.app_context():
        return sum(len(holds.of(uuid)) for uuid in fleet.uuids)


def wanted(fleet: Fleet) -> int:
    with fleet.world.app.app_context(), read() as session:
        return sum(intents.is_wanted_suspended(session, uuid) for uuid in fleet.uuids)


def test_an_approved_list_is_held_as_it_was_shown(waiting: Fleet) -> None:
    run = listed(waiting)
    assert approve(waiting, run) == Approved(FROZEN, 0, 0)
    assert states(waiting, run) == ["held"] * FROZEN
    assert held(waiting) == FROZEN
    with waiting.world.app.app_context(), read() as session:
        said = session.scalars(select(AuditChange.after).where(AuditChange.what == "run")).all()
    assert '"approved"' in said[-1]


def test_the_same_list_waits_on_and_another_replaces_it(waiting: Fleet) -> None:
    first = listed(waiting)
    waiting.sweep()
    assert listed(waiting).id == first.id
    waiting.overdue(FROZEN + 1)
    waiting.sweep()
    second = listed(waiting)
    assert (second.id != first.id, len(second.entries)) == (True, FROZEN + 1)
    with pytest.raises(RunError, match="does not wait"):
        approve(waiting, first)
    with pytest.raises(RunError, match="changed meanwhile"):
        approve(waiting, second, first.digest)
    assert held(waiting) == 0
    with waiting.world.app.app_context():
        assert [one.id for one in runs.latest()] == [second.id]


def test_each_server_is_evaluated_again(waiting: Fleet) -> None:
    run = listed(waiting)
    waiting.expire(waiting.uuids[:2], int(waiting.clock.now() + DAY_S))
    with waiting.world.app.app_context(), write() as session:
        holds.place_in(session, waiting.uuids[2], "admin", reason="test", by=None, sends=False)
    assert approve(waiting, run) == Approved(3, 3, 0)
    assert states(waiting, run) == ["held"] * 3 + ["skipped"] * 3


def test_an_approval_is_no_way_round_the_limit_of_a_day(waiting: Fleet) -> None:
    waiting.overdue(FROZEN + 4)
    waiting.sweep()
    run = listed(waiting)
    assert approve(waiting, run) == Approved(FROZEN, 0, 0, 4)
    later = waiting.sweep()
    assert (later.held, later.frozen_run, len(later.found.of("approved"))) == ((), None, 4)
    waiting.settle()
    assert len(waiting.sweep(after_s=DAY_S).held) == 4
    assert states(waiting, run) == ["held"] * (FROZEN + 4)


def test_nobody_approves_twice(waiting: Fleet) -> None:
    run = listed(waiting)
    approve(waiting, run)
    with pytest.raises(RunError):
        approve(waiting, run)


@pytest.mark.parametrize("gate", ["G3", "G4", "G6", "G8"])
def test_an_approval_opens_no_other_gate(waiting: Fleet, gate: str) -> None:
    run = listed(waiting)
    if gate == "G3":
        waiting.clock.ahead = 3600
    elif gate == "G4":
        waiting.world.clock.advance(1900)
    elif gate == "G6":
        with waiting.world.app.app_context(), write() as session:
            confirming.demand_in(session, "Prices were imported.")
    else:
        (waiting.world.instance / panic.FILE).touch()
    with pytest.raises(RunError, match=gate):
        approve(waiting, run)
    assert held(waiting) == 0
    assert states(waiting, run) == ["candidate"] * FROZEN


def test_nothing_is_approved_while_billing_only_observes(make_fleet: MakeFleet) -> None:
    fleet = make_fleet(billing="observe")
    with fleet.world.app.app_context(), pytest.raises(BillingOff):
        runs.approve(1, "", by=None)


def test_an_approval_that_was_interrupted_is_finished_by_the_next_sweep(
    waiting: Fleet, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = listed(waiting)
    with monkeypatch.context() as patched:
        patched.setattr(holding, "hold_in", _fail)
        assert approve(waiting, run) == Approved(0, 0, FROZEN)
    assert len(waiting.sweep().held) == FROZEN
    assert states(waiting, run) == ["held"] * FROZEN


def test_an_interrupted_approval_that_was_undone_is_not_finished(
    waiting: Fleet, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = listed(waiting)
    with monkeypatch.context() as patched:
        patched.setattr(holding, "hold_in", _fail)
        approve(waiting, run)
    with waiting.world.app.app_context():
        assert runs.undo(run.id, by=None) == 0
    assert waiting.sweep().held == ()


def test_an_undo_in_the_middle_of_an_approval_stops_it(waiting: Fleet, monkeypatch: pytest.MonkeyPatch) -> None:
    run = listed(waiting)
    plain = holding.each

    def late(*args: object) -> object:
        runs.undo(run.id, by=None)
        return plain(*args)  # type: ignore[arg-type]

    monkeypatch.setattr(holding, "each", late)
    assert approve(waiting, run).held == 0
    assert held(waiting) == 0


def test_undoing_a_run_releases_exactly_its_holds_and_starts_the_servers(waiting: Fleet) -> None:
    run = listed(waiting)
    uuid = waiting.uuids[0]
    with waiting.world.app.app_context(), write() as session:
        holds.place_in(session, waiting.uuids[10], "unpaid", reason="by hand", by=None)
    approve(waiting, run)
    with waiting.world.app.app_context():
        with write() as session:
            holds.place_in(session, uuid, "abuse", reason="test", by=None)
        assert runs.undo(run.id, by=None) == FROZEN
        assert runs.undo(run.id, by=None) == 0
        assert [one.kind for one in holds.of(uuid)] == ["abuse"]
        assert [one.kind for one in holds.of(waiting.uuids[10])] == ["unpaid"]
        with read() as session:
            lifting = session.scalars(select(Intent).where(~Intent.wants_suspended)).all()
    assert states(waiting, run) == ["undone"] * FROZEN
    assert wanted(waiting) == 2
    assert len(lifting) == FROZEN - 1
    assert all(one.start_as is not None and one.run_id == run.id for one in lifting)


def test_what_was_undone_is_left_alone_for_three_days(waiting: Fleet) -> None:
    run = listed(waiting)
    approve(waiting, run)
    with waiting.world.app.app_context():
        runs.undo(run.id, by=None)
    swept = waiting.sweep()
    assert (swept.found.ready, len(swept.found.of("put_off"))) == ([], FROZEN)
    swept = waiting.sweep(after_s=3 * DAY_S)
    assert len(swept.found.ready) >= FROZEN
    assert swept.held == ()


def test_a_dropped_list_is_left_alone_for_three_days(waiting: Fleet) -> None:
    run = listed(waiting)
    with waiting.world.app.app_context():
        runs.drop(run.id, by=None)
        with pytest.raises(RunError):
            runs.drop(run.id, by=None)
    assert waiting.sweep().found.ready == []
    waiting.expire(waiting.uuids[:1], int(waiting.clock.now() - 4 * DAY_S))  # another expiry is another matter
    waiting.notice(waiting.uuids[:1], int(waiting.clock.now() - 4 * DAY_S))
    assert len(waiting.sweep().held) == 1


def test_a_frozen_list_cannot_be_undone_and_a_done_run_not_dropped(waiting: Fleet) -> None:
    run = listed(waiting)
    with waiting.world.app.app_context():
        with pytest.raises(RunError):
            runs.undo(run.id, by=None)
        with pytest.raises(RunError):
            runs.undo(99, by=None)
        runs.drop(run.id, by=None)
    waiting.expire(waiting.uuids[7:8], int(waiting.clock.now() - 4 * DAY_S))
    waiting.notice(waiting.uuids[7:8], int(waiting.clock.now() - 4 * DAY_S))
    waiting.sweep()
    with waiting.world.app.app_context(), pytest.raises(RunError):
        runs.drop(runs.latest()[0].id, by=None)


def test_two_sweeps_at_once_freeze_one_list(waiting: Fleet) -> None:
    with waiting.world.app.app_context():
        found = waiting.sweep().found
        assert runs.freeze(found, ()) == runs.freeze(found, ()) == listed(waiting).id
        with read() as session:
            assert len(session.scalars(select(SweepRun)).all()) == 1


def test_a_run_names_who_decided_and_what_the_gates_were(waiting: Fleet) -> None:
    run = listed(waiting)
    assert [one.name for one in run.gates] == ["G1"]
    with waiting.world.app.app_context():
        runs.drop(run.id, by=4)
        after = runs.show(run.id)
        assert terms.of(waiting.uuids[0]) is not None
    assert after is not None
    assert (after.state, after.decided_by, after.decided_at) == ("dropped", 4, int(waiting.clock.now()))


def _fail(*_: object) -> bool:
    raise RuntimeError("interrupted")
