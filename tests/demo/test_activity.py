from __future__ import annotations

from typing import Any

from portal.demo import Demo, ManualClock
from portal.demo.activity import shown_properties
from portal.demo.world import ActivityLog
from tests.demo.conftest import Asker, says


def entries(ask: Asker, who: str, query: str = "") -> list[dict[str, Any]]:
    answer = ask.get(who, f"{ask.server('Uno')}/activity?{query}")
    assert answer.status_code == 200, answer.json
    return [item["attributes"] for item in answer.json["data"]]


def act(ask: Asker, clock: ManualClock) -> None:
    path = ask.server("Uno")
    ask.post("lee", path + "/power", {"signal": "start"})
    clock.advance(5)
    ask.post("kim", path + "/command", {"command": "say hi"})
    ask.post("kim", path + "/command", {"command": "list"})


def test_what_is_written(ask: Asker, clock: ManualClock) -> None:
    act(ask, clock)
    shared, power, command, _ = entries(ask, "kim")
    assert shared["event"] == "server:subuser.create"
    assert shared["properties"] == {
        "email": "lee@example.org", "permissions": ["control.start", "control.console", "websocket.connect"],
        "count": 3}
    assert shared["has_additional_metadata"] is True
    assert (power["event"], power["properties"], power["ip"]) == ("server:power.start", {}, None)
    assert (command["event"], command["properties"], command["ip"]) == (
        "server:console.command", {"command": "say hi"}, "127.0.0.1")
    assert command["has_additional_metadata"] is False
    assert (command["batch"], command["description"], command["is_api"]) == (None, None, True)


def test_nothing_is_written_of_what_failed(ask: Asker, demo: Demo) -> None:
    demo.set_condition("node-down")
    ask.post("kim", ask.server("Uno") + "/power", {"signal": "start"})
    assert [entry["event"] for entry in entries(ask, "kim")] == ["server:subuser.create"]


def test_newest_first_keeps_the_order_of_one_second(ask: Asker, clock: ManualClock) -> None:
    act(ask, clock)
    shown = [entry["properties"].get("command") for entry in entries(ask, "kim", "sort=-timestamp")]
    assert shown == ["say hi", "list", None, None]


def test_filter_and_refusals(ask: Asker, clock: ManualClock) -> None:
    act(ask, clock)
    assert len(entries(ask, "kim", "filter[event]=POWER")) == 1
    assert says(ask.get("kim", ask.server("Uno") + "/activity?filter[ip]=1")) == (
        400, "InvalidFilterQuery", "Requested filter(s) `ip` are not allowed. Allowed filter(s) are `event`.")
    assert says(ask.get("kim", ask.server("Uno") + "/activity?sort=-ip")) == (
        400, "InvalidSortQuery", "Requested sort(s) `ip` is not allowed. Allowed sort(s) are `timestamp`.")


def test_actor_and_addresses(ask: Asker, demo: Demo, clock: ManualClock) -> None:
    act(ask, clock)
    actors = [entry["relationships"]["actor"]["attributes"]["username"]
              for entry in entries(ask, "chief", "include=actor")]
    assert actors == ["kim", "lee", "kim", "kim"]
    assert {entry["ip"] for entry in entries(ask, "chief")} == {"127.0.0.1"}
    assert ask.get("lee", ask.server("Uno") + "/activity").status_code == 403


def test_paging(ask: Asker, clock: ManualClock) -> None:
    act(ask, clock)
    meta = ask.get("kim", ask.server("Uno") + "/activity").json["meta"]["pagination"]
    assert (meta["per_page"], meta["total"]) == (25, 4)


def test_how_properties_are_shown(demo: Demo) -> None:
    kim, lee = demo.world.users[1:3]
    entry = ActivityLog(1, "server:file.delete", kim, "127.0.0.1", True, (), {
        "directory": "//plugins", "files": ["a", "b"], "ip": "192.0.2.1", "old": [1]}, 0)
    assert shown_properties(entry, lee) == {
        "directory": "/plugins/", "files": ["a", "b"], "files_count": 2, "ip": "[hidden]", "old": [1], "old_count": 1}
    assert shown_properties(entry, kim)["ip"] == "192.0.2.1"
