"""Which state of a server closes which routes, and with which text."""
from __future__ import annotations

import pytest

from portal.demo import Demo
from tests.demo.conftest import Asker, says

SUSPENDED = "This server is currently suspended and the functionality requested is unavailable."
MAINTENANCE = "The node of this server is currently under maintenance and the functionality requested is unavailable."
INSTALLING = "This server has not yet completed its installation process, please try again later."
RESTORING = "This server is currently restoring from a backup, please try again later."
TRANSFERRING = "This server is currently being transferred to a new machine, please try again later."


def put(demo: Demo, state: str) -> None:
    server = demo.world.servers[0]
    if state == "maintenance":
        server.node.maintenance_mode = True
    elif state == "transferring":
        server.is_transferring = True
    else:
        server.status = state  # type: ignore[assignment]


@pytest.mark.parametrize(("state", "detail", "admin_gets_a_websocket"), [
    ("suspended", SUSPENDED, False), ("maintenance", MAINTENANCE, False), ("installing", INSTALLING, True),
    ("install_failed", INSTALLING, True), ("restoring_backup", RESTORING, True), ("transferring", TRANSFERRING, True),
])
def test_conflicts(ask: Asker, demo: Demo, state: str, detail: str, admin_gets_a_websocket: bool) -> None:
    put(demo, state)
    path = ask.server("Uno")
    for who in ("kim", "lee", "chief"):
        assert ask.get(who, path).status_code == 200
        for method, route in (("GET", "resources"), ("POST", "power"), ("POST", "command"), ("GET", "activity")):
            assert says(ask(who, method, f"{path}/{route}")) == (409, "ServerStateConflictException", detail)
    assert says(ask.get("kim", f"{path}/websocket"))[2] == detail
    assert ask.get("chief", f"{path}/websocket").status_code == (200 if admin_gets_a_websocket else 409)


def test_a_failed_reinstallation_is_no_conflict(ask: Asker, demo: Demo) -> None:
    put(demo, "reinstall_failed")
    assert ask.get("kim", ask.server("Uno") + "/resources").status_code == 200
    assert ask.get("kim", ask.server("Uno")).json["attributes"]["is_installing"] is False


def test_precedence(ask: Asker, demo: Demo) -> None:
    path = ask.server("Uno") + "/resources"
    for state, detail in (("transferring", TRANSFERRING), ("restoring_backup", RESTORING), ("installing", INSTALLING),
                          ("maintenance", MAINTENANCE), ("suspended", SUSPENDED)):
        put(demo, state)
        assert says(ask.get("kim", path))[2] == detail


def test_an_admin_gets_no_websocket_of_an_installation_on_a_node_in_maintenance(ask: Asker, demo: Demo) -> None:
    put(demo, "installing")
    put(demo, "maintenance")
    assert says(ask.get("chief", ask.server("Uno") + "/websocket"))[2] == MAINTENANCE


def test_flags_that_mirror_the_status(ask: Asker, demo: Demo) -> None:
    put(demo, "install_failed")
    shown = ask.get("kim", ask.server("Uno")).json["attributes"]
    assert (shown["status"], shown["is_installing"], shown["is_suspended"]) == ("install_failed", True, False)
    assert ask.get("kim", ask.server("Due")).json["attributes"]["is_suspended"] is True
