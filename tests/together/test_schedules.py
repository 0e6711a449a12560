"""Schedules fire when the clock says so, also one that is shifted."""

from __future__ import annotations

from portal.pterodactyl.models import Cron
from tests.together.conftest import Pair

NIGHTLY = Cron(minute="0", hour="4", day_of_month="*", month="*", day_of_week="*")


def test_a_schedule_fires_under_a_shifted_clock(pair: Pair) -> None:
    client, uuid = pair.client, pair.uuid
    client.servers.send_power(uuid, "start")
    pair.work(30)
    schedule = client.schedules.create(uuid, name="nightly", cron=NIGHTLY, is_active=True, only_when_online=True)
    client.tasks.create(uuid, schedule.id, action="command", payload="say good night", time_offset_s=0)
    client.tasks.create(uuid, schedule.id, action="backup", payload="", time_offset_s=10)
    pair.work(60)
    assert client.schedules.view(uuid, schedule.id).last_run_at is None
    assert schedule.next_run_at is not None
    pair.work(schedule.next_run_at.timestamp() - pair.clock.now())
    pair.work(60)
    assert pair.demo.processes[uuid].commands == ["say good night"]
    pair.work(30)
    seen = client.schedules.view(uuid, schedule.id)
    assert seen.last_run_at is not None
    assert seen.next_run_at is not None
    assert (seen.next_run_at - schedule.next_run_at).total_seconds() == 24 * 3600
    assert not seen.is_processing
    assert [backup.state for backup in client.backups.list(uuid).items] == ["done"]


def test_a_run_that_was_due_while_nobody_looked_happens_once(pair: Pair) -> None:
    client, uuid = pair.client, pair.uuid
    client.servers.send_power(uuid, "start")
    pair.work(30)
    schedule = client.schedules.create(uuid, name="hourly", cron=Cron("0", "*", "*", "*", "*"), is_active=True,
                                       only_when_online=False)  # fmt: skip
    client.tasks.create(uuid, schedule.id, action="command", payload="save-all", time_offset_s=0)
    pair.work(5 * 3600)
    assert pair.demo.processes[uuid].commands == ["save-all"]


def test_a_schedule_that_is_off_or_whose_server_is_off_does_nothing(pair: Pair) -> None:
    client, uuid = pair.client, pair.uuid
    for is_active, only_when_online in ((False, False), (True, True)):
        made = client.schedules.create(uuid, name="x", cron=NIGHTLY, is_active=is_active,
                                       only_when_online=only_when_online)  # fmt: skip
        client.tasks.create(uuid, made.id, action="power", payload="start", time_offset_s=0)
    pair.work(25 * 3600)
    assert pair.demo.processes[uuid].state == "offline"
