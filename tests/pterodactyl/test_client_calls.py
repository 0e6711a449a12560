"""What the typed methods of the client API send and answer, where that is more than the recordings show."""

from __future__ import annotations

import dataclasses
import json
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest

from portal.pterodactyl import errors
from tests.pterodactyl.fakes import World
from tests.pterodactyl.objects import backup, listed, schedule, subuser, task
from tests.pterodactyl.routes import CRON
from tests.pterodactyl.test_envelope import server

TEXT = (("Content-Type", "text/plain; charset=UTF-8"),)
NOTHING = (204, b"", ())


def sent(world: World, index: int = -1) -> Any:
    return json.loads(world.adapter.requests[index].body)


def query(world: World) -> dict[str, str]:
    return dict(parse_qsl(urlsplit(world.adapter.requests[-1].path_url).query))


# Schedules and tasks


def test_a_schedule_is_written_flat_and_whole() -> None:
    world = World((200, schedule()))
    world.client.schedules.create("x", name="n", cron=CRON, is_active=False, only_when_online=False)
    assert sent(world) == {
        "name": "n", "is_active": False, "only_when_online": False,
        "minute": "*/5", "hour": "*", "day_of_month": "*", "month": "*", "day_of_week": "*",
    }  # fmt: skip


@pytest.mark.parametrize("field", ["minute", "hour", "day_of_month", "month", "day_of_week"])
@pytest.mark.parametrize("value", [5, "", " ", None])
def test_a_cron_field_is_text_that_says_something(field: str, value: Any) -> None:
    world = World((200, schedule()))
    cron = dataclasses.replace(CRON, **{field: value})
    with pytest.raises(ValueError):
        world.client.schedules.create("x", name="n", cron=cron, is_active=True, only_when_online=True)
    assert world.calls == 0


def test_updating_a_schedule_keeps_what_is_not_named() -> None:
    world = World((200, schedule()), (200, schedule(is_active=False)))
    assert not world.client.schedules.update_schedule("x", 7, is_active=False).is_active
    assert sent(world) == {
        "name": "nightly", "is_active": False, "only_when_online": True,
        "minute": "0", "hour": "4", "day_of_month": "*", "month": "*", "day_of_week": "1-5",
    }  # fmt: skip


def test_updating_all_of_a_schedule() -> None:
    world = World((200, schedule()), (200, schedule()))
    world.client.schedules.update_schedule("x", 7, name="m", cron=CRON, only_when_online=False)
    assert (sent(world)["name"], sent(world)["minute"], sent(world)["is_active"]) == ("m", "*/5", True)
    assert sent(world)["only_when_online"] is False


def test_tasks_come_in_their_order() -> None:
    world = World((200, schedule(task(1, sequence_id=2), task(2, sequence_id=1))))
    assert [one.id for one in world.client.schedules.view("x", 7).tasks] == [2, 1]


def test_updating_a_task_keeps_what_is_not_named_and_its_place() -> None:
    world = World((200, schedule(task(8), task(9))), (200, task(9)))
    world.client.tasks.update_task("x", 7, 9, payload="stop")
    assert sent(world) == {"action": "power", "payload": "stop", "time_offset": 5, "continue_on_failure": True}
    assert world.adapter.requests[-1].path_url == "/api/client/servers/x/schedules/7/tasks/9"


def test_updating_all_of_a_task() -> None:
    world = World((200, schedule(task(9))), (200, task(9)))
    world.client.tasks.update_task(
        "x", 7, 9, action="backup", payload="", time_offset_s=0, sequence_id=3, continue_on_failure=False
    )
    assert sent(world) == {
        "action": "backup", "payload": "", "time_offset": 0, "continue_on_failure": False, "sequence_id": 3,
    }  # fmt: skip


def test_a_task_that_the_schedule_does_not_have_is_not_found() -> None:
    world = World((200, schedule(task(8))))
    with pytest.raises(errors.NotFound) as caught:
        world.client.tasks.update_task("x", 7, 9, payload="stop")
    assert (world.calls, caught.value.request) == (1, "POST /api/client/servers/x/schedules/7/tasks/9")


# Subusers, settings, backups


def test_permissions_are_sent_once_each() -> None:
    world = World((200, subuser("a")))
    world.client.subusers.replace_permissions("x", "u", permissions=["b", "a", "b"])
    assert sent(world) == {"permissions": ["b", "a"]}
    world.client.subusers.create("x", email="e@example.com", permissions=("a", "a"))
    assert sent(world)["permissions"] == ["a"]


def test_updating_permissions_keeps_the_others() -> None:
    world = World((200, subuser("websocket.connect", "file.read", "file.update")), (200, subuser("a")))
    world.client.subusers.update_permissions("x", "u", add=["control.start"], remove=["file.update"])
    assert sent(world) == {"permissions": ["websocket.connect", "file.read", "control.start"]}


@pytest.mark.parametrize(
    ("add", "remove"), [(["file.read"], []), ([], ["file.delete"]), ([], []), ([], ["websocket.connect"])]
)
def test_updating_permissions_writes_nothing_where_nothing_changes(add: list[str], remove: list[str]) -> None:
    world = World((200, subuser("websocket.connect", "file.read")))
    found = world.client.subusers.update_permissions("x", "u", add=add, remove=remove)
    assert found.permissions == ("websocket.connect", "file.read")
    assert world.calls == 1


def test_the_last_permission_leaves_the_one_that_everybody_has() -> None:
    world = World((200, subuser("file.read")), (200, subuser("websocket.connect")))
    world.client.subusers.update_permissions("x", "u", remove=["file.read"])
    assert sent(world) == {"permissions": ["websocket.connect"]}


def test_a_description_is_kept_cleared_or_changed() -> None:
    world = World(NOTHING)
    world.client.settings.rename("x", name="n")
    assert sent(world) == {"name": "n"}
    world.client.settings.rename("x", name="n", description="")
    assert sent(world) == {"name": "n", "description": ""}
    world = World((200, server()), NOTHING)
    world.client.settings.update_description("x", description="d")
    assert sent(world) == {"name": "Lobby", "description": "d"}


@pytest.mark.parametrize(("is_locked", "wanted", "calls"), [(False, True, 2), (True, True, 1), (False, False, 1)])
def test_a_lock_is_toggled_only_if_need_be(is_locked: bool, wanted: bool, calls: int) -> None:
    world = World((200, backup(is_locked=is_locked)), (200, backup(is_locked=not is_locked)))
    assert world.client.backups.set_locked("x", "b", locked=wanted).is_locked is wanted
    assert world.calls == calls


def test_a_backup_is_asked_for_with_what_is_given() -> None:
    world = World((200, backup()))
    world.client.backups.create("x", name="n", ignored=["*.log", "cache/*"], is_locked=False)
    assert sent(world) == {"name": "n", "ignored": "*.log\ncache/*", "is_locked": False}
    world.client.backups.create("x")
    assert sent(world) == {}


@pytest.mark.parametrize(
    ("changed", "state"),
    [
        ({}, "done"),
        ({"is_successful": False}, "failed"),
        ({"is_successful": False, "completed_at": None}, "in progress"),
    ],
)
def test_the_state_of_a_backup(changed: dict[str, Any], state: str) -> None:
    assert World((200, backup(**changed))).client.backups.view("x", "b").state == state


def test_all_backups_page_by_page() -> None:
    def page(number: int, *items: Any) -> tuple[int, Any]:
        numbers = {"total": 3, "count": len(items), "per_page": 50, "current_page": number, "total_pages": 2}
        return 200, listed(*items, backup_count=3, pagination=numbers)

    world = World(page(1, backup(uuid="a"), backup(uuid="b")), page(2, backup(uuid="c")))
    assert [one.uuid for one in world.client.backups.iterate("x")] == ["a", "b", "c"]
    assert query(world) == {"page": "2", "per_page": "50"}


def test_one_include_instead_of_several_is_refused_before_any_call() -> None:
    world = World((200, {}))
    with pytest.raises(ValueError, match="several"):
        world.client.servers.view("abcd1234", include="egg")  # type: ignore[arg-type]
    assert world.calls == 0
