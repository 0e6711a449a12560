"""In which state a server is said to be: a pure function of what was read and what was asked."""

from __future__ import annotations

from dataclasses import replace

import pytest

from portal.servers.facts import Facts
from portal.servers.state import Asked, Condition, Live, State, Usage, condition, has_stopped_again, standing

T = 10_000.0
"""When the signal was sent."""
FACTS = Facts(
    uuid="u", identifier="i", internal_id=1, name="n", description="", node="fra", is_node_under_maintenance=False,
    sftp_host="h", sftp_port=1, memory_mib=0, swap_mib=0, disk_mib=0, io=500, cpu_percent=0, threads=None,
    databases=None, allocations_limit=None, backups=0, docker_image="", status=None, is_transferring=False,
    allocations=(),
)  # fmt: skip


def usage(state: str, at: float) -> Usage:
    return Usage(state, 1, 1.0, 1, 1, 1, 1, at)


def live(state: str, at: float, *, tried_at: float | None = None, error: str | None = None) -> Live:
    return Live(usage(state, at), at if tried_at is None else tried_at, error)


def asked(signal: str, before: str | None = "offline", outcome: str = "accepted") -> Asked:
    return Asked(signal, T, before, outcome)


def seen(
    known: Live, signal: Asked | None = None, now: float = T, facts: Facts = FACTS, *, down: bool = False
) -> Condition:
    return condition(facts, known, signal, now, panel_down=down)


@pytest.mark.parametrize(
    ("state", "expected", "signals"),
    [("running", State.RUNNING, ("restart", "stop")), ("starting", State.STARTING, ("restart", "stop")),
     ("stopping", State.STOPPING, ("kill",)), ("offline", State.OFFLINE, ("start",)),
     ("stopped", State.OFFLINE, ("start",)), ("of a later release", State.OFFLINE, ("start",))],
)  # fmt: skip
def test_what_was_read_is_what_is_said(state: str, expected: State, signals: tuple[str, ...]) -> None:
    """Stopping that nobody asked for through Roost can be killed at once."""
    said = seen(live(state, T))

    assert (said.state, said.signals, said.asked) == (expected, signals, None)
    assert said.is_changing == (state in ("starting", "stopping"))


def test_never_read_is_unknown_and_offers_start_and_stop() -> None:
    said = seen(Live())

    assert (said.state, said.signals, said.usage) == (State.UNKNOWN, ("start", "stop"), None)


@pytest.mark.parametrize(
    ("signal", "before", "expected"),
    [("start", "offline", State.STARTING), ("restart", "running", State.STARTING), ("stop", "running", State.STOPPING),
     ("kill", "stopping", State.STOPPING)],
)  # fmt: skip
@pytest.mark.parametrize("age", [-15.0, 0.0, 10.0, 20.0])
def test_an_older_reading_never_overwrites_a_signal(signal: str, before: str, expected: State, age: float) -> None:
    """The panel caches for 20 s: what comes within that time may be from before the signal."""
    said = seen(live(before, T + age), asked(signal, before), T + 20)

    assert (said.state, said.asked) == (expected, asked(signal, before))
    assert said.is_changing


@pytest.mark.parametrize(
    ("signal", "before", "state", "expected"),
    [("start", "offline", "starting", State.STARTING), ("start", "offline", "running", State.RUNNING),
     ("stop", "running", "stopping", State.STOPPING), ("stop", "running", "offline", State.OFFLINE),
     ("kill", "stopping", "offline", State.OFFLINE), ("restart", "running", "stopping", State.STOPPING),
     ("restart", "running", "starting", State.STARTING)],
)  # fmt: skip
def test_a_reading_that_moved_as_asked_counts_at_once(signal: str, before: str, state: str, expected: State) -> None:
    assert seen(live(state, T + 3), asked(signal, before), T + 3).state is expected


def test_running_says_nothing_of_a_restart_that_was_just_asked() -> None:
    """It may be from before; a cache life later it is from after."""
    assert seen(live("running", T + 5), asked("restart", "running"), T + 5).state is State.STARTING
    assert seen(live("running", T + 21), asked("restart", "running"), T + 21).state is State.RUNNING


def test_without_a_reading_for_a_minute_a_signal_says_nothing_more() -> None:
    assert seen(Live(), asked("start", None), T + 61).state is State.STARTING
    assert seen(Live(), asked("start", None), T + 62).state is State.UNKNOWN


@pytest.mark.parametrize("signal", ["start", "restart"])
@pytest.mark.parametrize("after", [20.5, 40.0, 60.0, 80.0])
def test_offline_within_a_minute_of_a_start_is_stopped_again(signal: str, after: float) -> None:
    said = seen(live("offline", T + after), asked(signal, "running"), T + after)

    assert (said.state, said.signals, said.asked) == (State.STOPPED_AGAIN, ("start",), None)


def test_offline_long_after_a_start_is_just_offline() -> None:
    assert seen(live("offline", T + 90), asked("start"), T + 90).state is State.OFFLINE


def test_offline_after_a_stop_is_just_offline() -> None:
    assert seen(live("offline", T + 30), asked("stop", "running"), T + 30).state is State.OFFLINE


def test_stopped_again_stays_as_long_as_it_is_kept() -> None:
    kept = asked("start", outcome="stopped_again")

    assert seen(live("offline", T + 5000), kept, T + 5000).state is State.STOPPED_AGAIN
    assert seen(live("running", T + 5000), kept, T + 5000).state is State.RUNNING


def test_the_reading_before_a_start_is_not_its_end() -> None:
    """Offline, read just before or within the cache's life: nothing has stopped again."""
    for at in (T - 1, T, T + 19):
        assert not has_stopped_again(asked("start"), usage("offline", at))


def test_a_restart_from_running_that_reads_offline_at_once_is_not_believed_yet() -> None:
    assert seen(live("offline", T + 5), asked("restart", "running"), T + 5).state is State.STARTING


@pytest.mark.parametrize(("now", "signals"), [(T + 29, ()), (T + 30, ("kill",)), (T + 300, ("kill",))])
def test_kill_is_offered_after_half_a_minute_of_stopping(now: float, signals: tuple[str, ...]) -> None:
    assert seen(live("stopping", T + 3), asked("stop", "running"), now).signals == signals


def test_kill_is_offered_also_while_no_newer_reading_comes() -> None:
    for now, signals in ((T + 29, ()), (T + 31, ("kill",))):
        assert seen(live("running", T - 5), asked("stop", "running"), now).signals == signals


def test_an_unreachable_node_is_said_without_actions() -> None:
    said = seen(live("running", T, tried_at=T + 22, error="node"), None, T + 22)

    assert (said.state, said.signals) == (State.NODE_UNREACHABLE, ())


def test_an_unreachable_node_keeps_what_was_asked_for_a_while() -> None:
    silent = live("offline", T - 9, tried_at=T + 10, error="node")

    assert seen(silent, asked("start"), T + 74).asked == asked("start")
    assert seen(silent, asked("start"), T + 75).asked is None


def test_a_node_that_answers_again_is_believed() -> None:
    assert seen(live("running", T + 44, tried_at=T + 44), None, T + 44).state is State.RUNNING


def test_panel_down_keeps_the_last_state_without_actions() -> None:
    said = seen(live("running", T), None, T + 600, down=True)

    assert (said.state, said.signals) == (State.RUNNING, ())
    assert said.usage is not None


def test_panel_down_and_nothing_known_is_not_known() -> None:
    assert seen(Live(), None, T, down=True).state is State.PANEL_UNREACHABLE


def test_figures_are_hidden_after_a_quarter_of_an_hour() -> None:
    assert seen(live("running", T), None, T + 900, down=True).usage is not None
    late = seen(live("running", T), None, T + 901, down=True)

    assert (late.usage, late.state) == (None, State.PANEL_UNREACHABLE)


@pytest.mark.parametrize(
    ("changed", "expected"),
    [({"status": "suspended"}, State.SUSPENDED), ({"is_node_under_maintenance": True}, State.MAINTENANCE),
     ({"status": "installing"}, State.INSTALLING), ({"status": "install_failed"}, State.INSTALL_FAILED),
     ({"status": "restoring_backup"}, State.RESTORING), ({"is_transferring": True}, State.TRANSFERRING)],
)  # fmt: skip
@pytest.mark.parametrize("down", [False, True])
def test_each_standing_state_comes_before_all_else(changed: dict[str, object], expected: State, down: bool) -> None:
    facts = replace(FACTS, **changed)  # type: ignore[arg-type]
    said = seen(live("running", T + 1, error="node", tried_at=T + 2), asked("start"), T + 2, facts, down=down)

    assert (said.state, said.signals, said.asked) == (expected, (), None)


def test_standing_states_have_the_panels_precedence() -> None:
    everything = replace(FACTS, status="suspended", is_node_under_maintenance=True, is_transferring=True)
    expected = [State.SUSPENDED, State.MAINTENANCE, State.INSTALLING, State.TRANSFERRING, None]
    steps: tuple[dict[str, object], ...] = (
        {},
        {"status": "installing"},
        {"is_node_under_maintenance": False},
        {"status": None},
        {"is_transferring": False},
    )
    found = []
    for step in steps:
        everything = replace(everything, **step)  # type: ignore[arg-type]
        found.append(standing(everything))

    assert found == expected


def test_a_failed_reinstall_is_said_while_offline_and_can_be_started() -> None:
    facts = replace(FACTS, status="reinstall_failed")

    assert seen(live("offline", T), None, T, facts).state is State.REINSTALL_FAILED
    assert seen(live("offline", T), None, T, facts).signals == ("start",)
    assert seen(live("running", T), None, T, facts).state is State.RUNNING
    assert standing(facts) is None
