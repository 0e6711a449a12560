"""The background process following rules: on a clock that moved on it deletes exactly what the page announced."""

from __future__ import annotations

import pytest
from sqlalchemy import update

from portal.auth.models import Account
from portal.background.worker import Worker
from portal.server_backups import keeping, retention, service, thinning
from portal.server_backups.models import RetentionRule
from portal.servers import reading
from portal.store import restored, write
from tests.background.test_worker import Steps
from tests.conftest import World
from tests.server_backups.support import (
    DAY_S,
    PLAYED,
    SHARED,
    account_viewer,
    add,
    answers_lost,
    left,
    made,
    post,
    see,
    server,
    share,
)
from tests.server_backups.test_retention import set_rule
from tests.servers.support import account_id, audit_of, row_of, said, share_of


def thin(world: World) -> None:
    with world.app.app_context():
        thinning.thin()


def announced(world: World, at: float, who: str = "owner", name: str = PLAYED) -> list[str]:
    """What the page says will be gone by then."""
    with world.app.test_request_context():
        viewer = account_viewer(world, who)
        opened = reading.stored_server(viewer, world.server(name))
        standing = service.listing(viewer, opened).standing
    return [going.backup.name for going in standing.going if going.at is not None and going.at <= at]


def problem(world: World, name: str = PLAYED) -> str:
    with world.app.app_context():
        kept = retention.kept(row_of(world, name).uuid)
    assert kept
    return kept.problem


def fill(world: World, name: str = PLAYED, days: int = 9) -> None:
    """A backup for each day, with one locked, one failed, one running among them."""
    for day in range(days):
        add(world, f"day {day}", name, age_s=day * DAY_S + 60)
    add(world, "locked", name, age_s=20 * DAY_S, locked=True)
    add(world, "failed", name, age_s=21 * DAY_S, state="failed")
    add(world, "running", name, age_s=22 * DAY_S, state="running")


@pytest.mark.parametrize(("number", "unit"), [(4, "count"), (5, "days"), (1, "count"), (1, "days")])
def test_exactly_what_was_announced_goes_as_time_passes(number: int, unit: str, world: World) -> None:
    fill(world)
    set_rule(world, number, unit)
    for hours in (0, 1, 30, 24 * 8):
        world.clock.advance(hours * 3600)
        world.work()
        expected = announced(world, world.clock.now())
        before = left(world)
        thin(world)

        assert sorted(set(before) - set(left(world))) == sorted(expected)
    assert {"day 0", "locked", "failed", "running"} <= set(left(world))
    assert problem(world) == ""


def test_the_worker_does_it_by_itself_and_says_so_in_the_log(world: World) -> None:
    made(world, "older")
    world.clock.advance(700)
    world.work()
    made(world, "newer")
    set_rule(world, 1, "count")
    expected = announced(world, world.clock.now())
    assert expected == ["older"]
    worker = Worker(world.app)
    worker._stop = Steps(world, worker, 130)
    worker.run()

    assert left(world) == ["newer"]
    assert audit_of(world, "backup.delete") == [("done", "older (retention rule: keep the newest 1)")]
    assert "Goes next: newer" in said(see(world).text)


def test_nothing_goes_before_the_newer_one_is_done(world: World) -> None:
    add(world, "old", age_s=3 * DAY_S)
    newer = add(world, "new", state="running", age_s=60)
    set_rule(world, 1, "count")
    thin(world)
    assert left(world) == ["old", "new"]
    newer.completed_at = world.clock.now()  # it failed
    world.clock.advance(3601)
    thin(world)
    assert left(world) == ["old", "new"]
    newer.is_successful = True
    world.clock.advance(3601)
    thin(world)
    assert left(world) == ["new"]


def test_without_a_rule_nothing_is_ever_deleted(world: World) -> None:
    fill(world)
    world.clock.advance(400 * DAY_S)
    thin(world)

    assert len(left(world)) == 12
    assert audit_of(world, "backup.") == []


def test_a_rule_that_was_taken_back_deletes_nothing(world: World) -> None:
    fill(world)
    set_rule(world, 2, "count")
    post(world, "/retention/remove")
    thin(world)
    assert len(left(world)) == 12


def test_a_rule_that_was_changed_in_the_same_moment_deletes_nothing_by_the_old_one(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(world)
    set_rule(world, 2, "count")
    due, uuid = keeping.due, row_of(world, PLAYED).uuid

    def meanwhile(*args: object) -> object:
        with write() as session:
            session.execute(update(RetentionRule).where(RetentionRule.server_uuid == uuid).values(keep_count=9))
        return due(*args)  # type: ignore[arg-type]

    monkeypatch.setattr(keeping, "due", meanwhile)
    thin(world)

    assert len(left(world)) == 12


def test_each_rule_is_looked_at_once_an_hour(own_world: World) -> None:
    add(own_world, "a")
    set_rule(own_world, 2, "count")
    thin(own_world)
    own_world.calls()
    own_world.clock.advance(3000)
    thin(own_world)
    assert own_world.calls() == []
    own_world.clock.advance(601)
    thin(own_world)
    assert [one for one in own_world.calls() if one.endswith("/backups")]


def test_many_go_over_several_rounds(world: World) -> None:
    for number in range(25):
        add(world, f"n{number:02}", age_s=number * 3600 + 60)
    set_rule(world, 2, "count")
    gone = []
    for _ in range(4):
        before = left(world)
        thin(world)
        gone.append(len(before) - len(left(world)))
        world.clock.advance(300)

    assert gone == [10, 10, 3, 0]


def rule_of_subuser(world: World) -> None:
    """A rule that the subuser set, by which one backup goes."""
    share(world, "backup.read", "backup.delete")
    add(world, "old", SHARED, age_s=9 * DAY_S)
    add(world, "new", SHARED, age_s=60)
    set_rule(world, 1, "count", "subuser", SHARED)


def test_it_acts_as_who_set_it(world: World) -> None:
    rule_of_subuser(world)
    thin(world)

    assert left(world, SHARED) == ["new"]


@pytest.mark.parametrize("kept", [["backup.read"], ["backup.delete"], []])
def test_nothing_goes_once_who_set_it_may_not_any_more(kept: list[str], world: World) -> None:
    rule_of_subuser(world)
    share_of(world, SHARED).permissions = kept
    world.clock.advance(61)
    thin(world)

    assert left(world, SHARED) == ["old", "new"]
    assert problem(world, SHARED) == "permission"
    assert "may not delete backups here any more" in said(see(world, name=SHARED).text)
    assert audit_of(world, "backup.delete") == []


def test_nothing_goes_once_they_have_no_access_at_all(world: World) -> None:
    rule_of_subuser(world)
    row_of(world, SHARED).subusers.clear()
    world.clock.advance(61)
    thin(world)

    assert left(world, SHARED) == ["old", "new"]
    assert problem(world, SHARED) == "permission"


def test_nothing_goes_for_an_account_that_is_closed(world: World) -> None:
    rule_of_subuser(world)
    with world.app.app_context(), write() as session:
        session.execute(update(Account).where(Account.id == account_id(world, "subuser")).values(is_disabled=True))
    world.calls()
    thin(world)

    assert left(world, SHARED) == ["old", "new"]
    assert world.calls() == []
    assert problem(world, SHARED) == "account"


@pytest.mark.parametrize(
    ("condition", "word"), [("panel-gateway", "panel"), ("panel-maintenance", "panel")]
)
def test_a_panel_that_cannot_be_asked_is_asked_again_by_the_next_round(condition: str, word: str, world: World) -> None:
    add(world, "old", age_s=9 * DAY_S)
    add(world, "new", age_s=60)
    set_rule(world, 1, "count")
    world.demo.set_condition(condition)
    thin(world)
    assert left(world) == ["old", "new"]
    assert problem(world) == word
    world.demo.set_condition(None)
    assert "It is tried again in some minutes." in said(see(world).text)
    world.clock.advance(300)
    thin(world)

    assert left(world) == ["new"]
    assert problem(world) == ""


def test_a_suspended_server_keeps_its_backups(world: World) -> None:
    add(world, "old", age_s=9 * DAY_S)
    add(world, "new", age_s=60)
    set_rule(world, 1, "count")
    row_of(world, PLAYED).status = "suspended"
    thin(world)

    assert left(world) == ["old", "new"]
    assert problem(world) == "state"


def test_after_an_unknown_outcome_the_list_is_read_before_anything_else(own_world: World) -> None:
    for number, label in enumerate(("newest", "older", "oldest")):
        add(own_world, label, age_s=number * DAY_S + 60)
    set_rule(own_world, 1, "count")
    with answers_lost(own_world, "DELETE"):
        thin(own_world)
    calls = own_world.calls()
    assert problem(own_world) == "unknown"
    assert len([one for one in calls if one.startswith("DELETE")]) == 1
    assert audit_of(own_world, "backup.delete") == [("unknown", "oldest (retention rule: keep the newest 1)")]
    own_world.clock.advance(300)
    thin(own_world)
    calls = [one.split()[0] for one in own_world.calls() if "/backups" in one]

    assert calls == ["GET", "DELETE", "GET"]
    assert left(own_world) == ["newest"]


def test_a_lock_that_was_set_meanwhile_counts(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    old = add(world, "old", age_s=9 * DAY_S)
    add(world, "older", age_s=10 * DAY_S)
    add(world, "new", age_s=60)
    set_rule(world, 1, "count")
    due = keeping.due

    def meanwhile(*args: object) -> object:
        found = due(*args)  # type: ignore[arg-type]
        old.is_locked = True
        return found

    monkeypatch.setattr(keeping, "due", meanwhile)
    thin(world)

    assert left(world) == ["old", "new"]


def test_a_store_that_was_put_back_deletes_nothing(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    fill(world)
    set_rule(world, 1, "count")
    monkeypatch.setattr(restored, "since", world.clock.now)
    thin(world)

    assert len(left(world)) == 12


def test_one_rule_that_fails_holds_no_other_up(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    server(world)
    for name in (PLAYED, SHARED):
        add(world, "old", name, age_s=9 * DAY_S)
        add(world, "new", name, age_s=60)
        set_rule(world, 1, "count", on=name)
    follow = thinning._follow

    def fails(server_uuid: str, kept: retention.Kept) -> str:
        if server_uuid == row_of(world, PLAYED).uuid:
            raise RuntimeError("a surprise")
        return follow(server_uuid, kept)

    monkeypatch.setattr(thinning, "_follow", fails)
    thin(world)

    assert left(world, SHARED) == ["new"]
    assert problem(world) == "wrong"

