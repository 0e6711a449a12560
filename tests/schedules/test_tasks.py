"""Tasks: made, changed, moved, deleted; what each kind takes, and what the panel refuses."""

from __future__ import annotations

import re

import pytest

from tests.conftest import World
from tests.schedules.support import EMPTY, PLAYED, at, panel, put, row_of
from tests.servers.support import HTMX, audit_of, said, see

COMMAND = {"action": "command", "command": "say hi", "signal": "start", "ignored": "", "time_offset_s": "0"}


def seen_in(page: str) -> str:
    return re.findall(r'name="seen" value="([^"]*)"', page)[0]


@pytest.mark.parametrize(
    ("form", "want"),
    [
        ({}, ("command", "say hi", 0, False)),
        ({"command": "/say <b>&\"'", "time_offset_s": "900", "continue_on_failure": "y"},
         ("command", "/say <b>&\"'", 900, True)),
        ({"action": "power", "signal": "restart"}, ("power", "restart", 0, False)),
        ({"action": "power", "signal": "kill", "command": ""}, ("power", "kill", 0, False)),
        ({"action": "backup", "ignored": "logs/\r\n*.tmp\r\n"}, ("backup", "logs/\n*.tmp", 0, False)),
        ({"action": "backup", "command": ""}, ("backup", "", 0, False)),
    ],
)  # fmt: skip
@pytest.mark.parametrize("headers", [{}, HTMX], ids=["page", "htmx"])
def test_a_task_is_added_at_the_end(
    own_world: World, form: dict[str, str], want: tuple[object, ...], headers: dict[str, str]
) -> None:
    row = put(own_world, PLAYED, "0 4 * * *", ("command", "first", 0))
    path = at(own_world, PLAYED, f"/{row.id}/tasks/new")
    answer = own_world.browser("owner").post(path, data=COMMAND | form, headers=headers)
    assert answer.status_code == (200 if headers else 303)
    made = row.tasks[-1]
    assert (made.action, made.payload, made.time_offset, made.continue_on_failure) == want
    assert made.sequence_id == 2
    assert audit_of(own_world, "task.create") == [("done", str(want[0]))]


@pytest.mark.parametrize(
    ("form", "field", "text"),
    [
        ({"command": " "}, "command", "Enter the command."),
        ({"time_offset_s": "901"}, "time_offset_s", "from 0 to 900"),
        ({"time_offset_s": "-1"}, "time_offset_s", "from 0 to 900"),
        ({"time_offset_s": ""}, "time_offset_s", "Enter a number of seconds"),
        ({"time_offset_s": "1.5"}, "time_offset_s", ""),
        ({"action": "reinstall"}, "action", ""),
        ({"action": "power", "signal": "explode"}, "signal", ""),
    ],
)
def test_what_does_not_fit_is_said_beside_its_field(
    world: World, form: dict[str, str], field: str, text: str
) -> None:
    row = put(world, PLAYED)
    browser = world.browser("owner")
    world.calls()
    answer = browser.post(at(world, PLAYED, f"/{row.id}/tasks/new"), data=COMMAND | form)
    assert answer.status_code == 422
    found = re.search(rf'<p id="{field}-help" class="wrong">(.*?)</p>', answer.text, re.DOTALL)
    assert found
    assert text in said(found[1])
    assert row.tasks == []
    assert [one for one in world.calls() if one.startswith("POST")] == []


def test_the_eleventh_task_is_refused_in_the_panels_words(world: World) -> None:
    row = put(world, PLAYED, "0 4 * * *", *(("command", f"say {n}", 0) for n in range(10)))
    answer = world.browser("owner").post(at(world, PLAYED, f"/{row.id}/tasks/new"), data=COMMAND)
    assert answer.status_code == 409
    assert "Schedules may not have more than 10 tasks" in answer.text
    assert 'value="say hi"' in answer.text
    assert len(row.tasks) == 10


def test_a_backup_task_where_there_may_be_none(world: World) -> None:
    row = put(world, PLAYED, "0 4 * * *", ("command", "x", 0))
    backup = COMMAND | {"action": "backup"}
    browser = world.browser("owner")
    browser.get(at(world, PLAYED))
    row_of(world, PLAYED).feature_limits.backups = 0  # Roost does not know yet: the panel refuses
    for rest in ("/tasks/new", f"/tasks/{row.tasks[0].id}/edit"):
        page = see(world, "owner", at(world, PLAYED, f"/{row.id}{rest}"))
        answer = browser.post(at(world, PLAYED, f"/{row.id}{rest}"), data=backup | {"seen": seen_in(page)})
        assert answer.status_code == 422
        assert "this server may have no backups" in answer.text
    world.clock.advance(100)
    world.work()
    browser.get(f"/servers/{world.server(PLAYED)}")
    world.calls()
    answer = browser.post(at(world, PLAYED, f"/{row.id}/tasks/new"), data=backup)
    assert answer.status_code == 422
    assert "Your host gives this server no backups" in said(answer.text)
    assert [one for one in world.calls() if one.startswith("POST")] == []
    assert len(row.tasks) == 1


def test_a_task_is_changed_whole_and_keeps_its_place(world: World) -> None:
    row = put(world, PLAYED, "0 4 * * *", ("command", "a", 0), ("backup", "logs/", 30), ("command", "c", 5))
    task = row.tasks[1]
    path = at(world, PLAYED, f"/{row.id}/tasks/{task.id}/edit")
    page = see(world, "owner", path)
    assert '<option selected value="backup">' in page
    assert "logs/</textarea>" in page
    form = COMMAND | {"action": "power", "signal": "stop", "time_offset_s": "60", "continue_on_failure": "y"}
    answer = world.browser("owner").post(path, data=form | {"seen": seen_in(page)}, headers=HTMX)
    assert "The task was saved." in answer.text
    assert (task.action, task.payload, task.time_offset, task.continue_on_failure, task.sequence_id) == (
        "power", "stop", 60, True, 2,
    )  # fmt: skip
    assert audit_of(world, "task.update") == [("done", "power")]


def test_what_somebody_else_changed_of_a_task_is_not_overwritten_blindly(world: World) -> None:
    row = put(world, PLAYED, "0 4 * * *", ("command", "a", 0))
    path = at(world, PLAYED, f"/{row.id}/tasks/{row.tasks[0].id}/edit")
    seen = seen_in(see(world, "owner", path))
    row.tasks[0].payload = "theirs"
    answer = world.browser("owner").post(path, data=COMMAND | {"command": "mine", "seen": seen})
    assert answer.status_code == 409
    assert "Somebody changed this task since you opened it." in answer.text
    assert "“theirs”" in answer.text
    assert 'value="mine"' in answer.text
    assert row.tasks[0].payload == "theirs"
    again = world.browser("owner").post(path, data=COMMAND | {"command": "mine", "seen": seen_in(answer.text)})
    assert again.status_code == 303
    assert row.tasks[0].payload == "mine"


def test_tasks_change_places_and_keep_all_else(world: World) -> None:
    row = put(world, PLAYED, "0 4 * * *", ("command", "a", 0), ("backup", "x\ny", 30), ("power", "start", 5))
    row.tasks[1].continue_on_failure = True
    first, second, third = row.tasks
    browser = world.browser("owner")
    path = at(world, PLAYED, f"/{row.id}/tasks/{second.id}/move")

    def order() -> list[str]:
        return [one.action for one in sorted(row.tasks, key=lambda one: one.sequence_id)]

    answer = browser.post(path, data={"direction": "down"}, headers=HTMX)
    assert answer.headers["HX-Trigger"] == "schedules-changed"
    assert order() == ["command", "power", "backup"]
    assert browser.post(path, data={"direction": "up"}).status_code == 303
    assert order() == ["command", "backup", "power"]
    assert (second.payload, second.time_offset, second.continue_on_failure) == ("x\ny", 30, True)
    page = browser.get(at(world, PLAYED, f"/{row.id}")).text
    assert f'id="up-{first.id}"' not in page
    assert f'id="down-{first.id}"' in page
    assert f'id="down-{third.id}"' not in page


def test_holes_in_the_order_are_stepped_over(world: World) -> None:
    row = put(world, PLAYED, "0 4 * * *", ("command", "a", 0), ("command", "b", 0), ("command", "c", 0))
    for task, place in zip(row.tasks, (1, 4, 9), strict=True):
        task.sequence_id = place
    world.browser("owner").post(
        at(world, PLAYED, f"/{row.id}/tasks/{row.tasks[0].id}/move"), data={"direction": "down"}
    )
    assert [one.payload for one in sorted(row.tasks, key=lambda one: one.sequence_id)] == ["b", "a", "c"]


def test_what_cannot_be_moved_says_why(world: World) -> None:
    row = put(world, PLAYED, "0 4 * * *", ("command", "a", 0))
    browser = world.browser("owner")
    answer = browser.post(at(world, PLAYED, f"/{row.id}/tasks/{row.tasks[0].id}/move"), data={"direction": "up"})
    assert answer.status_code == 409
    assert "This task is at the end already." in answer.text
    answer = browser.post(at(world, PLAYED, f"/{row.id}/tasks/99/move"), data={"direction": "up"})
    assert answer.status_code == 409
    assert "is not there any more" in answer.text


def test_a_task_is_deleted_after_a_question_and_the_rest_moves_up(world: World) -> None:
    row = put(world, PLAYED, "0 4 * * *", ("command", "a", 0), ("command", "b", 0))
    path = at(world, PLAYED, f"/{row.id}/tasks/{row.tasks[0].id}/delete")
    assert "The tasks after it move up." in see(world, "owner", path)
    assert "The task was deleted." in world.browser("owner").post(path, headers=HTMX).text
    assert [(one.payload, one.sequence_id) for one in row.tasks] == [("b", 1)]
    assert world.browser("owner").post(path).status_code == 409


def test_a_task_of_another_schedule_is_out_of_reach(world: World) -> None:
    row = put(world, PLAYED, "0 4 * * *", ("command", "a", 0))
    other = put(world, PLAYED)
    elsewhere = put(world, EMPTY)
    for name, number in ((PLAYED, other.id), (EMPTY, elsewhere.id)):
        for act in ("edit", "delete", "move"):
            path = at(world, name, f"/{number}/tasks/{row.tasks[0].id}/{act}")
            assert world.browser("owner").post(path, data=COMMAND).status_code == 409, path
    assert row.tasks[0].payload == "a"
    assert panel(world, PLAYED)


def test_the_page_says_when_and_what_follows_a_failure(world: World) -> None:
    row = put(world, PLAYED, "0 4 * * *", ("command", "a", 20), ("power", "restart", 60), ("backup", "", 0))
    row.tasks[1].continue_on_failure = True
    text = said(see(world, "owner", at(world, PLAYED, f"/{row.id}")))
    assert "1. Send a command a 20 s after the run starts; at once with Run now. When it fails, the run ends." in text
    assert "2. Restart the server 60 s after the task before. The next one follows even when it fails." in text
    assert "3. Create a backup Leaves out what the file .pteroignore says, if there is one. At once after" in text
