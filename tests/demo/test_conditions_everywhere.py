"""Every client route under every condition: what was never recorded fails in the same way."""
from __future__ import annotations

from typing import Any

import pytest
from werkzeug.test import TestResponse

from portal.demo import CONDITIONS, Demo, ManualClock, build, client
from portal.demo.routing import Route
from tests.demo.client_routes import SENT, furnish, request_of
from tests.demo.conftest import Asker
from tests.demo.worlds import FIXTURE

UNLIMITED: dict[str, Any] = {
    **FIXTURE, "panel": {"rate_limit": {"client_per_minute": 0, "application_per_minute": 0}}}
ON_A_SERVER = "/api/client/servers/{server}"

# The panel tells the node, but goes on without its answer.
SHRUGS = {("POST", f"{ON_A_SERVER}/users/{{user}}"), ("DELETE", f"{ON_A_SERVER}/users/{{user}}")}
# The panel works with what the node says; where it only wants to hear of no error, a page in HTML is none.
READS_THE_ANSWER = {f"{ON_A_SERVER}/{end}" for end in ("resources", "files/list", "files/compress")}
CONFLICTS = ("node-maintenance", "server-transferring", "install-failed")
NODE = ("node-down", "node-hangs", "node-refuses", "node-garbage")
EVERYWHERE = {"panel-maintenance": 503, "panel-gateway": 502, "panel-database-down": 500, "rate-limited": 429}


def asked(route: Route, condition: str | None) -> tuple[TestResponse, bool]:
    """The answer in a fresh world, and whether the node was called for it."""
    demo = build(fixture=UNLIMITED, clock=ManualClock())
    furnish(demo)
    server = demo.world.servers[0]
    demo.processes[server.uuid].run_since(100)
    path, body = request_of(route, demo, server)
    demo.set_condition(condition)
    ask = Asker(demo)
    if condition == "rate-limited":
        for _ in range(5):
            ask.get("kim", "/api/client/account")
    demo.log.clear()
    raw = {"data": body, "content_type": "text/plain"} if isinstance(body, bytes) else {"json": body}
    answer = ask("kim", route.method, path, **raw)
    return answer, any(call.where != "panel" for call in demo.log.all)


def refusal(answer: TestResponse) -> tuple[int, str | None]:
    errors = (answer.json or {}).get("errors") if answer.is_json and isinstance(answer.json, dict) else None
    return answer.status_code, errors[0]["code"] if errors else None


def expected(route: Route, condition: str, well: tuple[int, str | None], *, calls_node: bool) -> tuple[int, str | None]:
    if condition == "two-factor-required" and route.needs_two_factor:
        return 400, "TwoFactorAuthRequiredException"
    if condition in CONFLICTS and route.path.startswith(ON_A_SERVER) and route.in_conflict != "everyone":
        return 409, "ServerStateConflictException"
    if condition == "reinstall-failed" and route.path.endswith("/restore"):
        return 400, "BadRequestHttpException"  # only a server without any status is restored
    if condition not in NODE or not calls_node or (route.method, route.path) in SHRUGS:
        return well
    if condition == "node-garbage":
        return (500, "TypeError") if route.path in READS_THE_ANSWER else (200, None)
    refused = condition == "node-refuses" and not route.path.endswith("/resources")
    return 403 if refused else 504, "DaemonConnectionException"


@pytest.mark.parametrize("route", client.API.routes, ids=lambda route: f"{route.method} {route.path}")
def test_every_route_under_every_condition(route: Route) -> None:
    first, calls_node = asked(route, None)
    well = refusal(first)
    assert well[0] not in (404, 405) or "{identifier}" in route.path, first.text
    for condition in CONDITIONS:
        answer, _ = asked(route, condition)
        if condition in EVERYWHERE:
            assert answer.status_code == EVERYWHERE[condition], (condition, answer.text)
            continue
        wanted = expected(route, condition, well, calls_node=calls_node)
        if wanted == (200, None):
            assert answer.status_code < 300, (condition, answer.text)
        else:
            assert refusal(answer) == wanted, (condition, answer.text)


def test_each_request_of_the_table_belongs_to_a_route() -> None:
    known = {(route.method, route.path.removeprefix("/api/client").removeprefix("/servers/{server}").strip("/"))
             for route in client.API.routes}
    assert known >= SENT.keys()


def test_the_routes_that_need_a_node_do_call_it() -> None:
    """The table would prove nothing if none of its requests got so far."""
    reaching = [route for route in client.API.routes if asked(route, None)[1]]
    assert len(reaching) >= 20


def world_of(demo: Demo) -> list[Any]:
    return [(server.status, server.is_transferring) for server in demo.world.servers] + [
        (node.maintenance_mode, demo.link.fault_of(node), demo.nodes[node.uuid].key) for node in demo.world.nodes
    ] + [vars(demo.panel.switches).copy(), dict(demo.limiter.per_minute)]


def test_conditions_one_after_the_other_leave_no_trace() -> None:
    demo = build(fixture=FIXTURE, clock=ManualClock())
    before = world_of(demo)
    for name in (*CONDITIONS, *reversed(CONDITIONS)):
        demo.set_condition(name)
    demo.set_condition(None)
    assert world_of(demo) == before
