"""When kill is offered, and which power signal still explains what is seen."""

from __future__ import annotations

import pytest

from portal.servers.facts import Facts
from portal.servers.state import Asked, Live, State, Usage, condition

FACTS = Facts(
    uuid="1a2b3c4d-0000-4000-8000-000000000000", identifier="1a2b3c4d", internal_id=1, name="x", description="",
    node="n", is_node_under_maintenance=False, sftp_host="n", sftp_port=2022, memory_mib=1, swap_mib=0, disk_mib=1,
    io=500, cpu_percent=100, threads=None, databases=0, allocations_limit=0, backups=0, docker_image="i", status=None,
    is_transferring=False, allocations=(),
)  # fmt: skip
NOW = 1_000_000.0


def seen(state: str, *, read_at: float = NOW, since: float = NOW) -> Live:
    return Live(Usage(state, 0, 0.0, 0, 0, 0, 0, read_at, since=since), read_at, None)


@pytest.mark.parametrize(("since", "offered"), [(NOW - 5, ()), (NOW - 29, ()), (NOW - 30, ("kill",))])
def test_kill_is_offered_once_a_stop_made_elsewhere_takes_half_a_minute(since: float, offered: tuple[str, ...]) -> None:
    assert condition(FACTS, seen("stopping", since=since), None, NOW, panel_down=False).signals == offered


def test_yesterdays_signal_does_not_explain_todays_stop() -> None:
    asked = Asked("stop", NOW - 86_400, "running", "accepted")
    assert condition(FACTS, seen("stopping"), asked, NOW, panel_down=False).asked is None


def test_a_cached_offline_is_not_believed_when_nothing_was_known_before_the_stop() -> None:
    asked = Asked("stop", NOW - 1, None, "accepted")
    shown = condition(FACTS, seen("offline"), asked, NOW, panel_down=False)
    assert shown.state is State.STOPPING
    later = condition(FACTS, seen("offline", read_at=NOW + 21), asked, NOW + 21, panel_down=False)
    assert later.state is State.OFFLINE
