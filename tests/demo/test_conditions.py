"""Every condition acts on panel or node link, and ends without a trace."""
from __future__ import annotations

import pytest

from portal.demo import CONDITIONS, Demo, ManualClock, build
from tests.demo.conftest import Asker, says
from tests.demo.worlds import FIXTURE

NO_ANSWER = "Could not establish a connection to the machine running this server. Please try again."


def answers(ask: Asker) -> dict[str, int]:
    path = ask.server("Uno")
    return {
        "list": ask.get("kim", "/api/client").status_code,
        "account": ask.get("kim", "/api/client/account").status_code,
        "resources": ask.get("kim", path + "/resources").status_code,
        "power": ask.post("kim", path + "/power", {"signal": "start"}).status_code,
        "other": ask.get("lee", ask.server("Tre") + "/websocket").status_code,
        "application": ask.get("all", "/api/application/servers/1").status_code,
    }


WELL = {"list": 200, "account": 200, "resources": 200, "power": 204, "other": 200, "application": 200}


DIFFERS: dict[str, dict[str, int]] = {
    "node-down": {"resources": 504, "power": 504},
    "node-refuses": {"resources": 504, "power": 403},
    "node-garbage": {"resources": 500},
    "node-hangs": {"resources": 504, "power": 504},
    "node-maintenance": {"resources": 409, "power": 409, "other": 409},
    "server-transferring": {"resources": 409, "power": 409},
    "install-failed": {"resources": 409, "power": 409},
    "reinstall-failed": {},
    "panel-maintenance": dict.fromkeys(WELL, 503),
    "panel-gateway": dict.fromkeys(WELL, 502),
    "panel-database-down": dict.fromkeys(WELL, 500),
    "rate-limited": {},
    "key-of-another-address": {},
    "two-factor-required": {**dict.fromkeys(WELL, 400), "account": 200},
}


@pytest.mark.parametrize("condition", CONDITIONS)
def test_each(ask: Asker, demo: Demo, condition: str) -> None:
    demo.set_condition(condition)
    assert answers(ask) == {**WELL, **DIFFERS[condition]}
    demo.set_condition(None)
    assert answers(ask) == WELL


def test_texts(ask: Asker, demo: Demo) -> None:
    path = ask.server("Uno")
    demo.set_condition("node-down")
    assert says(ask.post("kim", path + "/command", {"command": "x"})) == (
        504, "DaemonConnectionException", NO_ANSWER)
    demo.set_condition("node-refuses")
    assert "(code: 403) (request_id: " in says(ask.get("kim", path + "/resources"))[2]
    assert says(ask.post("kim", path + "/power", {"signal": "start"}))[2].startswith(
        "An error occurred on the remote host: You are not authorized to access this endpoint.. (request id: ")
    demo.set_condition("node-garbage")
    assert says(ask.get("kim", path + "/resources"))[1] == "TypeError"
    demo.set_condition("panel-maintenance")
    assert says(ask.get(None, "/nowhere")) == (503, "HttpException", "Service Unavailable")
    demo.set_condition("panel-database-down")
    assert says(ask.get("kim", "/api/client"))[1] == "QueryException"
    assert ask.get(None, "/api/client").status_code == 401
    demo.set_condition("panel-gateway")
    gateway = ask.get("kim", "/api/client")
    assert (gateway.content_type, b"<center>nginx/1.22.1</center>" in gateway.data) == ("text/html", True)


def test_a_node_that_hangs_costs_15_seconds(ask: Asker, demo: Demo, clock: ManualClock) -> None:
    demo.set_condition("node-hangs")
    before = clock.now()
    assert says(ask.get("kim", ask.server("Uno") + "/resources"))[2] == NO_ANSWER
    assert clock.now() - before == 15


def test_rate_limited(ask: Asker, demo: Demo) -> None:
    demo.set_condition("rate-limited")
    statuses = [ask.get("kim", "/api/client/account").status_code for _ in range(6)]
    assert statuses == [200] * 5 + [429]
    assert ask.get("all", "/api/application/users").headers["X-RateLimit-Limit"] == "20"


def test_one_condition_at_a_time(demo: Demo) -> None:
    demo.set_condition("install-failed")
    demo.set_condition("node-maintenance")
    assert (demo.world.servers[0].status, demo.world.nodes[0].maintenance_mode) == (None, True)
    with pytest.raises(ValueError, match="no condition"):
        demo.set_condition("nonsense")


def test_a_condition_from_the_start() -> None:
    demo = build(fixture=FIXTURE, clock=ManualClock(), condition="panel-maintenance")
    assert (demo.condition, Asker(demo).get("kim", "/api/client").status_code) == ("panel-maintenance", 503)
