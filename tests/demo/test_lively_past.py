"""What the served demo has behind it is what the panel itself would have made."""

from __future__ import annotations

from typing import Any

import pytest
import requests

from portal.demo import Demo, ManualClock, build
from portal.demo.lively_past import furnish
from tests.support.wsgi_adapter import WsgiAdapter

KINDS = ("backups", "databases", "schedules", "network/allocations", "activity?per_page=100")


@pytest.fixture
def demo() -> Demo:
    made = build(clock=ManualClock())
    furnish(made)
    return made


def listed(demo: Demo, kind: str) -> list[dict[str, Any]]:
    session = requests.Session()
    session.mount("http://panel.test", WsgiAdapter(demo.wsgi))
    session.headers["Authorization"] = f"Bearer {demo.keys['owner']}"
    answer = session.get(f"http://panel.test/api/client/servers/{demo.vars['server']}/{kind}")
    assert answer.status_code == 200
    return [one["attributes"] for one in answer.json()["data"]]


def test_every_page_of_the_first_server_has_something_to_show(demo: Demo) -> None:
    assert all(listed(demo, kind) for kind in KINDS)


def test_a_backup_has_the_archive_that_it_says(demo: Demo) -> None:
    backups = listed(demo, "backups")

    assert {one["is_successful"] for one in backups} == {True}
    assert [one["is_locked"] for one in backups] == [True, False, False, False]
    assert all(one["bytes"] > 500 and one["checksum"].startswith("sha1:") for one in backups)


def test_schedules_run_next_when_their_lines_say(demo: Demo) -> None:
    for one in listed(demo, "schedules"):
        assert one["next_run_at"] > one["last_run_at"]
        assert one["relationships"]["tasks"]["data"]


def test_the_log_is_in_the_order_of_time(demo: Demo) -> None:
    times = [one["timestamp"] for one in listed(demo, "activity?per_page=100&sort=timestamp")]

    assert times == sorted(times)
    assert len(times) > 15
