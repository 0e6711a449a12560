from __future__ import annotations

import pytest

from portal.demo import Demo, ManualClock
from portal.demo.world import Status
from tests.demo.conftest import Asker, says

SERVER = "/api/application/servers/1"


def test_suspending_stops_the_process(ask: Asker, demo: Demo, clock: ManualClock) -> None:
    uno = demo.world.servers[0]
    process = demo.processes[uno.uuid]
    process.run_since(100)
    assert ask.post("all", f"{SERVER}/suspend").status_code == 204
    assert (uno.status, process.state, process.is_suspended) == ("suspended", "stopping", True)
    clock.advance(5)
    assert process.state == "offline"
    assert ask.post("all", f"{SERVER}/unsuspend").status_code == 204
    assert (uno.status, process.state, process.is_suspended) == (None, "offline", False)


@pytest.mark.parametrize("before", [None, "installing", "install_failed", "reinstall_failed", "restoring_backup"])
def test_the_status_before_is_forgotten(ask: Asker, demo: Demo, before: Status | None) -> None:
    uno = demo.world.servers[0]
    uno.status = before
    ask.post("all", f"{SERVER}/unsuspend")
    assert uno.status == before
    ask.post("all", f"{SERVER}/suspend")
    ask.post("all", f"{SERVER}/unsuspend")
    assert uno.status is None


def test_a_node_that_fails_rolls_back_to_fixed_values(ask: Asker, demo: Demo) -> None:
    uno = demo.world.servers[0]
    uno.status = "installing"
    demo.set_condition("node-refuses")
    assert says(ask.post("all", f"{SERVER}/suspend"))[:2] == (403, "DaemonConnectionException")
    assert uno.status is None
    uno.status = "suspended"
    assert ask.post("all", f"{SERVER}/unsuspend").status_code == 403
    assert uno.status == "suspended"


def test_what_changes_nothing_does_not_ask_the_node(ask: Asker, demo: Demo) -> None:
    demo.set_condition("node-down")
    assert ask.post("all", f"{SERVER}/unsuspend").status_code == 204
    assert ask.post("all", "/api/application/servers/2/suspend").status_code == 204


def test_not_during_a_transfer(ask: Asker, demo: Demo) -> None:
    demo.world.servers[0].is_transferring = True
    assert ask.post("all", f"{SERVER}/unsuspend").status_code == 204
    assert says(ask.post("all", f"{SERVER}/suspend")) == (
        409, "ConflictHttpException",
        "Cannot toggle suspension status on a server that is currently being transferred.")


def test_nothing_is_written_to_the_activity_log(ask: Asker, demo: Demo) -> None:
    before = len(demo.world.activity_logs)
    ask.post("all", f"{SERVER}/suspend")
    assert len(demo.world.activity_logs) == before


def test_an_installation_goes_on_behind_a_lifted_suspension(ask: Asker, demo: Demo) -> None:
    process = demo.processes[demo.world.servers[0].uuid]
    process.is_busy = True
    assert ask.post("kim", ask.server("Uno") + "/power", {"signal": "start"}).status_code == 204
    assert process.state == "offline"
