"""Nightly backups: one a day, 14 days and 8 weeks of them are kept, and a failure is not silent."""

from __future__ import annotations

import logging
from datetime import UTC, datetime

import pytest

from portal.alerts import service as alerts
from portal.background import nightly
from portal.backup import service
from portal.store import backup as backups
from portal.store import disk
from portal.store.files import BackupError
from tests.backup.conftest import backup, done, worked
from tests.conftest import World

DAY_S = 86_400.0
NAME = "roost-%Y%m%dT%H%M%SZ-{}.db"


def pretend(world: World, at: float, reason: str = "nightly", ending: str = "") -> str:
    """A file as an earlier night left it."""
    folder = world.instance / "backups"
    folder.mkdir(exist_ok=True)
    name = datetime.fromtimestamp(at, UTC).strftime(NAME.format(reason)) + ending
    (folder / name).touch()
    return name


def names(world: World, reason: str = "nightly") -> list[str]:
    return [one.path.name for one in backups.kept(world.instance) if one.reason == reason]


def test_one_is_made_and_then_none_for_twenty_hours(portal: World) -> None:
    assert names(portal) == []
    backup(portal, "--nightly")
    assert "younger" in done(portal, "create", "--nightly")
    portal.clock.advance(19 * 3600)
    done(portal, "create", "--nightly")
    assert len(names(portal)) == 1
    portal.clock.advance(3600)
    backup(portal, "--nightly")
    assert len(names(portal)) == 2


def test_one_made_by_hand_does_not_stand_for_the_worked(portal: World) -> None:
    backup(portal)
    backup(portal, "--nightly")
    assert len(names(portal)) == 1


def test_one_from_a_clock_that_was_ahead_does_not_stop_the_nights(portal: World) -> None:
    pretend(portal, portal.clock.now() + 10 * 365 * DAY_S)
    backup(portal, "--nightly")
    assert len(names(portal)) == 2


def test_fourteen_days_and_eight_weeks_are_kept(portal: World) -> None:
    """Of 100 nights: the last 14, and the newest of each of the last 8 weeks."""
    last = datetime(2026, 6, 14, 3, 0, tzinfo=UTC).timestamp()  # a Sunday, the last day of its week
    made = [pretend(portal, last - day * DAY_S, ending=".enc" if day % 2 else "") for day in range(100)]
    backups.thin_out(portal.instance)
    assert names(portal) == made[:14] + [made[day] for day in range(14, 56, 7)]


def test_of_several_of_a_day_the_newest_is_kept(portal: World) -> None:
    noon = datetime(2026, 6, 10, 12, 0, tzinfo=UTC).timestamp()
    pretend(portal, noon - 3600)
    newest = pretend(portal, noon)
    backups.thin_out(portal.instance)
    assert names(portal) == [newest]


def test_only_what_nightly_runs_made_is_ever_removed(portal: World) -> None:
    first = portal.clock.now()
    for day in range(40):
        for reason in ("manual", "before-upgrade", "nightly"):
            pretend(portal, first - day * DAY_S, reason)
    others = [portal.instance / "backups" / name for name in ("notes.txt", "roost-x-nightly.db", "roost.db")]
    others.append(portal.instance / "backups" / "roost-20269999T999999Z-nightly.db")
    for path in others:
        path.touch()
    backups.thin_out(portal.instance)
    assert len(names(portal, "manual")) == len(names(portal, "before-upgrade")) == 40
    assert len(names(portal)) < 40
    assert all(path.exists() for path in others)


def test_a_clock_that_jumps_ahead_takes_no_backups_away(portal: World) -> None:
    made = [pretend(portal, portal.clock.now() - day * DAY_S) for day in range(1, 11)]
    portal.clock.advance(50 * 365 * DAY_S)
    backup(portal, "--nightly")
    assert names(portal)[1:] == made


def test_the_worker_makes_one_a_day(portal: World) -> None:
    worked(portal, 200)
    assert names(portal) == []  # not at once
    worked(portal, 400)
    assert len(names(portal)) == 1
    worked(portal, 400)
    assert len(names(portal)) == 1


def test_a_failure_is_kept_until_one_succeeds(portal: World, monkeypatch: pytest.MonkeyPatch) -> None:
    with portal.app.app_context():
        assert service.last_failure() is None
        with monkeypatch.context() as patch:
            patch.setattr(disk, "free_mib", lambda _path: 1.0)
            with pytest.raises(BackupError):
                service.nightly_chore()
        failure = service.last_failure()
        assert failure is not None
        assert failure.at == portal.clock.now()
        assert "make room" in failure.error
        service.nightly_chore()
        assert service.last_failure() is None


def test_administrators_are_told_when_there_is_no_backup_of_36_hours(
    portal: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    with portal.app.app_context():
        nightly.nightly()
        with monkeypatch.context() as patch:
            patch.setattr(disk, "free_mib", lambda _path: 1.0)
            for hours, is_told in ((30, False), (7, True)):
                portal.clock.advance(hours * 3600)
                with pytest.raises(BackupError):
                    nightly.nightly()
                assert (nightly.CAUSE in alerts.causes()) == is_told
        nightly.nightly()
        assert nightly.CAUSE not in alerts.causes()


def test_a_failure_is_in_the_log_and_other_chores_go_on(
    portal: World, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(disk, "free_mib", lambda _path: 1.0)
    with caplog.at_level(logging.ERROR, logger="roost.worker"):
        read = worked(portal, 400)
    assert read >= 12
    assert any("make room" in str(one.exc_info[1]) for one in caplog.records if one.exc_info)
