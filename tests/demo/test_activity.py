from __future__ import annotations

from typing import Any

import pytest

from portal.demo import Demo, ManualClock
from portal.demo.activity import has_additional_metadata, shown_properties
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


def written(event: str, **properties: Any) -> ActivityLog:
    return ActivityLog(1, event, None, "127.0.0.1", True, (), properties, 0)


@pytest.mark.parametrize(("event", "properties", "is_more"), [
    ("server:power.start", {}, False),
    ("server:file.rename", {"directory": "/", "files": []}, True),
    ("server:file.create-directory", {"name": "x", "directory": "/"}, False),
    ("server:file.pull", {"directory": "/", "url": "x"}, False),
    ("server:backup.start", {"name": "x", "locked": False}, True),
    ("server:backup.restore", {"name": "x", "truncate": True}, False),
    ("server.backup.restore-failed", {"name": "x"}, False),
    ("server:schedule.update", {"name": "x", "active": True}, True),
    ("server:task.create", {"name": "x", "action": "power", "payload": "start"}, True),
    ("server:subuser.delete", {"email": "x", "revoked": True}, True),
    ("server:allocation.notes", {"allocation": "x", "old": None, "new": "y"}, False),
    ("server:startup.edit", {"variable": "x", "old": "", "new": "y"}, False),
    ("server:sftp.write", {"files": ["x"]}, True),
    ("user:account.email-changed", {"old": "x", "new": "y"}, False),
    ("user:ssh-key.create", {"fingerprint": "x", "ip": "x", "user_agent": "y", "using_sftp": True}, False),
    ("auth:fail", {"username": "x"}, True),
])
def test_more_than_the_text_tells(event: str, properties: dict[str, Any], is_more: bool) -> None:
    assert has_additional_metadata(written(event, **properties)) is is_more


@pytest.mark.parametrize(("sent", "shown"), [("/", "/"), ("", "/"), (None, "/"), ("a", "/a/"), ("/a/b/", "/a/b/"),
                                            ("a//b", "/a/b/")])
def test_directories_have_a_slash_at_both_ends(demo: Demo, sent: str | None, shown: str) -> None:
    assert shown_properties(written("x", directory=sent), demo.world.users[0]) == {"directory": shown}


def test_two_lists_keep_the_names_of_their_counts(demo: Demo) -> None:
    assert shown_properties(written("x", old=["a"], new=["a", "b"]), demo.world.users[0]) == {
        "old": ["a"], "old_count": 1, "new": ["a", "b"], "new_count": 2}


def test_uploads_are_never_listed_and_old_entries_are_gone(ask: Asker, clock: ManualClock, demo: Demo) -> None:
    server, kim = demo.world.servers[0], demo.world.users[1]
    writer = demo.panel.services.activity
    writer.log("server:file.upload", kim, (server, kim), ip="127.0.0.1")
    writer.log("server:file.uploaded", kim, (server, kim), ip="127.0.0.1")
    assert [entry["event"] for entry in entries(ask, "kim")] == ["server:subuser.create", "server:file.uploaded"]
    account = ask.get("kim", "/api/client/account/activity").json
    assert account is not None
    assert [row["attributes"]["event"] for row in account["data"]] == ["server:file.uploaded"]
    clock.advance(90 * 86400)
    assert len(entries(ask, "kim")) == 2
    clock.advance(1)
    assert entries(ask, "kim") == []


def test_a_panel_may_hide_its_administrators(ask: Asker, demo: Demo) -> None:
    path = ask.server("Uno")
    ask.post("chief", path + "/power", {"signal": "start"})
    assert [entry["event"] for entry in entries(ask, "kim", "filter[event]=power")] == ["server:power.start"]
    demo.panel.services.config.hide_admin_activity = True
    assert entries(ask, "kim", "filter[event]=power") == []
    ask.post("kim", path + "/users", {"email": "chief@example.org", "permissions": ["control.start"]})
    assert len(entries(ask, "kim", "filter[event]=power")) == 1
