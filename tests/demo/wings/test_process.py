"""A server's process: its console, its failures, and what it costs to look away for long."""
from __future__ import annotations

from dataclasses import replace

import pytest

from portal.demo import ManualClock
from portal.demo.storage import Storage
from portal.demo.wings.bus import Event
from portal.demo.wings.configuration import Configuration
from portal.demo.wings.filesystem import Filesystem
from portal.demo.wings.game import EULA_LINE
from portal.demo.wings.process import PowerLocked, PowerRefused, Process
from portal.demo.wings.usage import Profile

MINECRAFT = Configuration(uuid="some-server", done=")! For help, type ", address="192.0.2.1:25565")
COMPLAINTS = [
    "java.lang.UnsupportedClassVersionError: it has been compiled by a more recent version of the Java Runtime",
    "(GSL token expired)", "pthread_create failed", "SteamCMD needs 250MB of free disk space to update",
]


def minecraft(clock: ManualClock, eula: bytes | None = b"eula=true\n", **profile: object) -> Process:
    first = {} if eula is None else {"/eula.txt": eula}
    process = Process(clock, replace(Profile(), **profile), Filesystem(Storage(), "server", first))  # type: ignore[arg-type]
    process.read_configuration = lambda: MINECRAFT
    return process


def heard(process: Process) -> list[Event]:
    events: list[Event] = []
    process.bus.subscribe(events.append)
    return events


def lines(events: list[Event]) -> list[str]:
    return [event.args[0] for event in events if event.channel == "line"]


def test_lines_come_when_they_are_due_and_in_one_order_with_the_states(clock: ManualClock) -> None:
    process = minecraft(clock, start_seconds=4.0)
    events = heard(process)
    process.power("start")
    early = len(lines(events))
    clock.advance(2)
    process.tick()
    middle = len(lines(events))
    clock.advance(2)
    process.tick()
    assert early < middle < len(lines(events))
    last = [event for event in events if event.name != "stats"][-2:]
    assert (last[0].channel, last[1]) == ("line", Event("status", ("running",)))
    assert 'Done (4.000s)! For help, type "help"' in last[0].args[0]


@pytest.mark.parametrize("eula", [b"eula=false\n", b"# nothing\n", None])
def test_without_the_eula_it_says_so_and_exits(clock: ManualClock, eula: bytes | None) -> None:
    process = minecraft(clock, eula)
    events = heard(process)
    process.power("start")
    clock.advance(2)
    assert process.state == "offline"
    assert lines(events)[-1] == EULA_LINE
    assert any("Exit code: 0" in event.args[0] for event in events)
    assert b"eula=false" in process.files.place("eula.txt").read_bytes() or eula == b"# nothing\n"


def test_with_the_eula_agreed_it_starts(clock: ManualClock) -> None:
    process = minecraft(clock, None)
    process.power("start")
    clock.advance(5)
    assert process.state == "offline"
    process.files.write("/eula.txt", (b"# by hand\nEULA = TRUE\n",))
    process.power("start")
    clock.advance(5)
    assert process.state == "running"


@pytest.mark.parametrize("complaint", COMPLAINTS)
def test_a_complaint_is_printed_instead_of_booting(clock: ManualClock, complaint: str) -> None:
    process = minecraft(clock, complaint=complaint)
    events = heard(process)
    process.power("start")
    clock.advance(5)
    assert (process.state, lines(events)[-1]) == ("offline", complaint)
    assert [event.args[0] for event in events if event.name == "status"] == ["starting", "offline"]


@pytest.mark.parametrize(("cured_by", "image", "token"), [
    (("image", "java_(17|21)$"), "example.org/yolks:java_17", ""),
    (("TOKEN", "^[a-z]{3}$"), "example.org/image", "abc"),
])
def test_a_complaint_ends_when_somebody_does_what_helps(clock: ManualClock, cured_by: tuple[str, str], image: str,
                                                         token: str) -> None:
    process = minecraft(clock, complaint="no", cured_by=cured_by)
    process.read_configuration = lambda: replace(MINECRAFT, image="example.org/yolks:java_8", environment={"TOKEN": ""})
    process.power("start")
    clock.advance(5)
    assert process.state == "offline"
    process.read_configuration = lambda: replace(MINECRAFT, image=image, environment={"TOKEN": token})
    process.power("start")
    clock.advance(5)
    assert process.state == "running"


def test_a_start_that_never_ends_prints_no_done_line(clock: ManualClock) -> None:
    process = minecraft(clock, start_seconds=float("inf"))
    process.power("start")
    clock.advance(1000)
    assert process.state == "starting"
    assert "Preparing spawn area" in "".join(process.history(100))
    assert "Done" not in "".join(process.history(100))


def test_typing_stop_in_a_game_with_another_stop_command_is_a_crash(clock: ManualClock) -> None:
    process = minecraft(clock)
    process.read_configuration = lambda: replace(MINECRAFT, stop="^C")
    process.run_since(100)
    events = heard(process)
    process.send_command("stop")
    clock.advance(5)
    assert process.state == "offline"
    assert [event.args[0] for event in events if event.name == "status"][-1:] == ["offline"]
    assert any("Exit code: 0" in event.args[0] for event in events)


def test_several_lines_are_several_commands(clock: ManualClock) -> None:
    process = minecraft(clock)
    process.run_since(100)
    process.send_command("say one\nsay two")
    assert process.history(4)[0::2] == ["say one", "say two"]
    assert process.commands == ["say one\nsay two"]


def test_a_server_up_for_a_year_has_a_recent_past_and_no_long_one(clock: ManualClock) -> None:
    process = minecraft(clock)
    process.run_since(365 * 86_400)
    history = process.history(1000)
    assert "Done (" in "".join(history[:15])
    assert 11 < len(history) < 200
    again = minecraft(clock)
    again.run_since(365 * 86_400)
    assert again.history(1000) == history


def test_a_pulse_after_a_long_pause_is_one_sample(clock: ManualClock) -> None:
    process = minecraft(clock)
    process.run_since(100)
    process.tick()
    events = heard(process)
    clock.advance(10_000)
    process.tick()
    process.tick()
    assert [event.name for event in events if event.name == "stats"] == ["stats"]


def test_refusals_have_reasons_and_power_swallows_them(clock: ManualClock) -> None:
    process = Process(clock)
    process.run_since(100)
    with pytest.raises(PowerRefused, match="server is running"):
        process.request("start")
    process.request("stop")
    with pytest.raises(PowerLocked):
        process.request("start")
    process.power("start")
    clock.advance(3)
    assert process.state == "offline"
    process.request("stop")
    process.request("kill")
    assert process.state == "offline"


def test_restart_starts_what_is_offline(clock: ManualClock) -> None:
    process = Process(clock)
    process.request("restart")
    assert (process.state, process.is_powering) == ("starting", False)


def test_a_full_disk_refuses_a_start_and_stops_what_runs(clock: ManualClock) -> None:
    process = Process(clock, Profile(disk_bytes=2 * 1024 * 1024))
    process.read_configuration = lambda: Configuration(disk_mib=2)
    with pytest.raises(PowerRefused):
        process.request("start")
    process.run_since(10)
    assert process.state == "running"
    events = heard(process)
    process.profile = Profile(disk_bytes=2 * 1024 * 1024 + 1)
    clock.advance(1)
    process.tick()
    assert process.state == "stopping"
    assert sum("exceeding the assigned disk space" in event.args[0] for event in events) == 1


def test_a_suspended_server_is_refused_after_the_panel_was_asked(clock: ManualClock) -> None:
    process = Process(clock, is_suspended=True)
    with pytest.raises(PowerRefused, match="suspended"):
        process.request("start")
    process.read_configuration = lambda: Configuration(is_suspended=False)
    process.request("start")
    assert process.is_suspended is False


def greeted(process: Process) -> list[Event]:
    """As a socket's viewer: what is told from its beginning on."""
    events: list[Event] = []
    process.listen(events.append, lambda state: events.append(Event("status", (state,))))
    return events


def test_who_listens_is_not_told_what_was_before(clock: ManualClock) -> None:
    """A day of play and the boot itself are in the log, each line once, and nowhere else."""
    process = minecraft(clock)
    process.run_since(86_400)
    events = greeted(process)
    process.tick()
    log = process.history(1000)
    assert [event for event in events if event.name != "stats"] == [Event("status", ("running",))]
    assert any("joined the game" in line for line in log)
    assert len(log) == len(set(log))
    for _ in range(3600):
        clock.advance(1)
        process.tick()
    assert log + lines(events) == process.history(1000)
    assert len(lines(events)) > 0


def test_a_second_listener_takes_nothing_from_the_first(clock: ManualClock) -> None:
    process = minecraft(clock)
    process.run_since(100)
    first = greeted(process)
    clock.advance(7200)
    second = greeted(process)
    assert lines(first)
    assert lines(second) == []


def test_typing_stop_again_does_not_put_the_stop_off(clock: ManualClock) -> None:
    process = minecraft(clock, stop_seconds=3.0)
    process.run_since(100)
    events = heard(process)
    for _ in range(3):
        process.send_command("stop")
        clock.advance(1)
        process.tick()
    assert process.state == "offline"
    assert sum("Stopping the server" in line for line in lines(events)) == 1


@pytest.mark.parametrize("end", ["type", "kill"])
def test_a_restart_comes_back_however_the_process_ended(clock: ManualClock, end: str) -> None:
    process = minecraft(clock, stop_seconds=30.0)
    process.run_since(100)
    process.power("restart")
    clock.advance(1)
    if end == "kill":
        process.power("kill")
    else:
        process.send_command("stop")
        clock.advance(30)
    clock.advance(3)
    assert process.state == "running"


def test_a_process_that_is_ended_for_good_does_not_come_back(clock: ManualClock) -> None:
    process = minecraft(clock, stop_seconds=30.0)
    process.run_since(100)
    process.power("restart")
    process.end()
    clock.advance(60)
    assert process.state == "offline"


def test_a_clock_that_is_put_back_silences_nothing_and_repeats_nothing(clock: ManualClock) -> None:
    process = minecraft(clock)
    process.run_since(7200)
    events = greeted(process)
    clock.advance(1800)
    process.tick()
    said = lines(events)
    clock.advance(-1800)
    samples = 0
    for _ in range(10):
        clock.advance(1)
        before = len(events)
        process.tick()
        samples += any(event.name == "stats" for event in events[before:])
    assert samples == 10
    assert lines(events) == said
    clock.advance(-86_400)
    assert (process.state, process.usage.uptime_ms) == ("running", 0)
    assert process.disk_bytes > 0


def test_over_its_disk_limit_it_is_stopped_though_nobody_watches(clock: ManualClock) -> None:
    process = minecraft(clock, stop_seconds=float("inf"))
    process.read_configuration = lambda: replace(MINECRAFT, disk_mib=1)
    process.run_since(100)
    process.tick()
    process.files.write("/big", (b"x" * 1_100_000,))
    clock.advance(1)
    process.tick()
    assert process.state == "stopping"
    clock.advance(60)
    assert process.state == "offline"


@pytest.mark.parametrize(("done", "line"), [
    ("Done (", "Done (2.00s)!"), ("Hosting game at", "Hosting game at 192.0.2.1:25565"), ("Ready", "Ready"),
])
def test_the_line_that_an_egg_waits_for_is_a_whole_one(clock: ManualClock, done: str, line: str) -> None:
    process = minecraft(clock)
    process.read_configuration = lambda: replace(MINECRAFT, done=done)
    process.power("start")
    clock.advance(2)
    assert process.state == "running"
    assert process.history(1) == [line]
