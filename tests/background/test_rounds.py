"""The worker's rounds: what goes wrong in one does not end it."""

from __future__ import annotations

import pytest
from sqlalchemy.exc import OperationalError

from portal.background import worker
from tests.conftest import World


def test_a_round_that_fails_does_not_end_the_worker(own_world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """A store that stays locked for longer than we wait is such a round."""
    monkeypatch.setattr(worker, "TICK_S", 0.0)
    one = worker.Worker(own_world.app)
    rounds: list[int] = []

    def holds_lease() -> bool:
        rounds.append(1)
        if len(rounds) == 3:
            one.stop()
        raise OperationalError("BEGIN IMMEDIATE", {}, Exception("database is locked"))

    monkeypatch.setattr(one, "_holds_lease", holds_lease)
    one.run()

    assert len(rounds) == 3
