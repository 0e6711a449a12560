"""`/healthz` and `/readyz`: whether the process lives, and whether it can do its work. Nothing else, to anybody."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import event

from portal.health import readiness
from portal.store import db, disk
from tests.conftest import World


@pytest.fixture
def portal(make_world: Callable[..., World]) -> World:
    return make_world("own")


def ready(world: World) -> tuple[int, dict[str, object]]:
    answer = world.browser().get("/readyz")
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.mimetype == "application/json"
    assert "Set-Cookie" not in answer.headers
    return answer.status_code, answer.get_json()


def test_healthz_says_ok_and_touches_nothing(portal: World) -> None:
    asked: list[object] = []
    with portal.app.app_context():
        event.listen(db.engine, "checkout", lambda *args: asked.append(args))
    answer = portal.browser().get("/healthz")
    assert (answer.status_code, answer.text, answer.mimetype) == (200, "ok\n", "text/plain")
    assert answer.headers["Cache-Control"] == "no-store"
    assert "Set-Cookie" not in answer.headers
    assert asked == portal.calls() == []


def test_healthz_answers_without_a_store(portal: World) -> None:
    for path in portal.instance.glob("roost.db*"):
        path.unlink()
    assert portal.browser().get("/healthz").status_code == 200


def test_all_is_well(portal: World) -> None:
    assert ready(portal) == (200, {"ready": True})
    assert portal.calls() == []


@pytest.mark.parametrize("condition", ["panel-gateway", "panel-maintenance"])
def test_the_panel_has_no_say_in_it(condition: str, portal: World) -> None:
    portal.demo.set_condition(condition)
    assert ready(portal) == (200, {"ready": True})


def test_the_worker_has_no_say_in_it(portal: World) -> None:
    portal.clock.advance(10 * 86_400)
    assert ready(portal) == (200, {"ready": True})


def test_a_probe_writes_nothing(portal: World) -> None:
    with closing(sqlite3.connect(portal.instance / "roost.db")) as connection:
        before = [*connection.iterdump()]
        assert ready(portal)[0] == 200
        assert [*connection.iterdump()] == before


@pytest.fixture
def impatient(portal: World, monkeypatch: pytest.MonkeyPatch) -> World:
    monkeypatch.setattr(readiness, "PATIENCE_MS", 20)
    return portal


def test_a_store_that_somebody_keeps_locked_is_not_ready(impatient: World) -> None:
    with closing(sqlite3.connect(impatient.instance / "roost.db", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        assert ready(impatient) == (503, {"ready": False, "because": ["store"]})
        other.execute("ROLLBACK")
    assert ready(impatient)[0] == 200


def test_a_writer_of_a_moment_is_waited_for(portal: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """The probe waits for the lock; the wait is SQLite's own, so it is enough that it is asked for."""
    said: list[str] = []
    real = readiness.copies.connect

    def connect(*args: object) -> sqlite3.Connection:
        connection = real(*args)
        connection.set_trace_callback(said.append)
        return connection

    monkeypatch.setattr(readiness.copies, "connect", connect)
    assert ready(portal)[0] == 200
    assert said[:2] == ["PRAGMA busy_timeout=2000", "BEGIN IMMEDIATE"]
    assert said[-1] == "ROLLBACK"


def test_a_missing_store_is_not_made(portal: World) -> None:
    for path in portal.instance.glob("roost.db*"):
        path.unlink()
    assert ready(portal) == (503, {"ready": False, "because": ["store"]})
    assert not (portal.instance / "roost.db").exists()


def test_a_file_that_is_no_store_is_not_ready(portal: World) -> None:
    (portal.instance / "roost.db").write_bytes(b"this is no database " * 500)
    assert ready(portal) == (503, {"ready": False, "because": ["store"]})


@pytest.mark.parametrize("version", ["0001", "9999"])
def test_another_schema_is_not_ready(version: str, portal: World) -> None:
    with closing(sqlite3.connect(portal.instance / "roost.db")) as connection, connection:
        connection.execute("UPDATE alembic_version SET version_num = ?", (version,))
    assert ready(portal) == (503, {"ready": False, "because": ["schema"]})


@pytest.mark.parametrize(("free", "status"), [(49.9, 503), (50.0, 200), (10_000.0, 200)])
def test_below_50_mib_free_it_is_not_ready(
    free: float, status: int, portal: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(disk, "free_mib", lambda _path: free)
    code, said = ready(portal)
    assert (code, said.get("because")) == (status, None if status == 200 else ["disk"])


def test_a_clock_before_this_release_is_not_ready(portal: World) -> None:
    portal.clock.advance(readiness.RELEASED - portal.clock.now() - 1)
    assert ready(portal) == (503, {"ready": False, "because": ["clock"]})
    portal.clock.advance(1)
    assert ready(portal)[0] == 200


def test_everything_that_is_wrong_is_named_in_words_only(portal: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def gone(_path: Path) -> float:
        raise OSError(5, "Input/output error")

    monkeypatch.setattr(disk, "free_mib", gone)
    portal.clock.advance(-portal.clock.now())
    (portal.instance / "roost.db").unlink()
    assert ready(portal) == (503, {"ready": False, "because": ["store", "disk", "clock"]})


def test_free_space_is_told_in_mib(tmp_path: Path) -> None:
    assert 0 < disk.free_mib(tmp_path) < 2**40


def test_both_are_marked_for_the_request_log(portal: World) -> None:
    for name in ("health.healthz", "health.readyz"):
        assert portal.app.view_functions[name].is_quiet is True
