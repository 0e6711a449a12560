"""The node stand-in by itself: its HTTP surface and the processes behind it."""
from __future__ import annotations

import pytest
from werkzeug.test import Client

from portal.demo import Demo, ManualClock
from portal.demo.wings.daemon import Daemon
from portal.demo.wings.process import Process
from portal.demo.wings.usage import Profile, memory_limit_bytes, usage_of


@pytest.fixture
def daemon(demo: Demo) -> Client:
    return Client(Daemon(demo.nodes[demo.world.nodes[0].uuid]))


def bearer(demo: Demo) -> dict[str, str]:
    return {"Authorization": f"Bearer {demo.world.nodes[0].daemon_token}"}


def test_keys_are_checked_first(demo: Demo, daemon: Client) -> None:
    missing = daemon.get("/api/servers/nothing")
    assert (missing.status_code, missing.headers["WWW-Authenticate"]) == (401, "Bearer")
    wrong = daemon.get("/api/servers/nothing", headers={"Authorization": "Bearer nonsense"})
    assert (wrong.status_code, wrong.json) == (403, {"error": "You are not authorized to access this endpoint."})
    unknown = daemon.get("/api/servers/nothing", headers=bearer(demo))
    assert (unknown.status_code, unknown.json) == (
        404, {"error": "The requested resource does not exist on this instance."})
    assert all("X-Request-Id" in answer.headers for answer in (missing, wrong, unknown))


def test_details_and_power(demo: Demo, daemon: Client) -> None:
    path = f"/api/servers/{demo.world.servers[0].uuid}"
    details = daemon.get(path, headers=bearer(demo)).json
    assert details is not None
    assert (details["state"], details["utilization"]["disk_bytes"]) == ("offline", 5)
    assert details["utilization"]["memory_limit_bytes"] == 588_800_000
    assert daemon.post(path + "/power", json={"action": "start"}, headers=bearer(demo)).status_code == 202
    assert daemon.post(path + "/power", json={"action": "fly"}, headers=bearer(demo)).status_code == 422
    assert daemon.get(path, headers=bearer(demo)).json["state"] == "starting"  # type: ignore[index]
    assert daemon.get(path + "/nothing", headers=bearer(demo)).status_code == 404


def states(process: Process, clock: ManualClock, seconds: int) -> list[str]:
    """The state now and after each of the following seconds, repeats left out."""
    seen = [process.state]
    for _ in range(seconds):
        clock.advance(1)
        if process.state != seen[-1]:
            seen.append(process.state)
    return [str(state) for state in seen]


def test_a_life(clock: ManualClock) -> None:
    process = Process(clock)
    process.power("start")
    assert states(process, clock, 3) == ["starting", "running"]
    process.power("restart")
    assert states(process, clock, 5) == ["stopping", "starting", "running"]
    process.power("stop")
    process.power("start")
    assert states(process, clock, 3) == ["stopping", "offline"]


def test_a_restart_comes_back_up_with_a_new_uptime(clock: ManualClock) -> None:
    process = Process(clock)
    process.run_since(1000)
    process.power("restart")
    clock.advance(10)
    assert (process.state, process.usage.uptime_ms) == ("running", 8000)


def test_a_crash(clock: ManualClock) -> None:
    process = Process(clock, Profile(crash_after_seconds=3))
    for _ in range(2):
        process.power("start")
        assert states(process, clock, 5) == ["starting", "offline"]


def test_stubborn_until_killed(clock: ManualClock) -> None:
    process = Process(clock, Profile(stop_seconds=float("inf")))
    process.run_since(100)
    process.power("stop")
    clock.advance(600)
    process.power("start")
    assert process.state == "stopping"
    process.power("kill")
    assert process.state == "offline"


def test_after_ten_minutes_a_stop_is_a_kill(clock: ManualClock) -> None:
    process = Process(clock, Profile(stop_seconds=float("inf")))
    process.run_since(100)
    process.power("stop")
    assert states(process, clock, 602)[-2:] == ["stopping", "offline"]


def test_a_command_that_stops_knows_no_ten_minutes(clock: ManualClock) -> None:
    process = Process(clock, Profile(stop_seconds=float("inf")))
    process.run_since(100)
    process.send_command("stop")
    clock.advance(10_000)
    assert process.state == "stopping"
    process.power("stop")
    clock.advance(602)
    assert process.state == "offline"


def test_suspension_kills_even_the_stubborn(clock: ManualClock) -> None:
    process = Process(clock, Profile(stop_seconds=float("inf")))
    process.run_since(100)
    process.sync(is_suspended=True)
    clock.advance(59)
    assert process.state == "stopping"
    clock.advance(1)
    assert process.state == "offline"


def test_a_busy_server_takes_no_signals(clock: ManualClock) -> None:
    process = Process(clock, is_busy=True)
    process.power("start")
    assert process.state == "offline"


def test_usage_moves_and_totals_only_grow() -> None:
    profile = Profile(phase=0.3)
    samples = [usage_of(profile, second * 10.0) for second in range(200)]
    assert len({sample.cpu_absolute for sample in samples}) > 150
    for before, after in zip(samples, samples[1:], strict=False):
        assert after.rx_bytes > before.rx_bytes
        assert after.tx_bytes > before.tx_bytes
    assert all(0 <= sample.memory_bytes <= profile.memory_bytes for sample in samples)


def test_an_offline_server_uses_only_disk(clock: ManualClock) -> None:
    process = Process(clock, Profile(disk_bytes=100, disk_growth=1.0))
    process.run_since(50)
    assert process.disk_bytes == 150
    process.power("kill")
    clock.advance(100)
    assert (process.disk_bytes, process.usage.memory_bytes, process.usage.uptime_ms) == (150, 0, 0)


def test_memory_limits_have_headroom() -> None:
    assert [memory_limit_bytes(mib) for mib in (0, 1000, 4000, 10000)] == [
        0, 1_150_000_000, 4_400_000_000, 10_500_000_000]
    assert memory_limit_bytes(0, 64_000) == 64_000
