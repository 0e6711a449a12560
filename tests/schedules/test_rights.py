"""Each permission as the panel's routes have it: not shown without, and refused by hand without asking the panel."""

from __future__ import annotations

from dataclasses import replace
from io import BytesIO

import pytest

from portal.auth import sessions
from portal.schedules import presets, service, tasks
from portal.schedules.models import TaskPlan
from portal.servers import reading
from portal.web.access import Forbidden
from tests.conftest import World
from tests.schedules.support import FORM, PLAYED, SHARED, allow, at, put, schedules_of
from tests.schedules.test_exchange import FILE
from tests.servers.support import HTMX, account_id, said

TASK = {"action": "command", "command": "say hi", "signal": "start", "time_offset_s": "0"}
ALL = ("schedule.read", "schedule.create", "schedule.update", "schedule.delete")
ROUTES: tuple[tuple[str, str, str, dict[str, str]], ...] = (
    ("GET", "", "schedule.read", {}),
    ("GET", "/live", "schedule.read", {}),
    ("GET", "/export", "schedule.read", {}),
    ("GET", "/{s}", "schedule.read", {}),
    ("GET", "/{s}/live", "schedule.read", {}),
    ("GET", "/{s}/export", "schedule.read", {}),
    ("GET", "/new", "schedule.create", {}),
    ("POST", "/new", "schedule.create", FORM),
    ("GET", "/import", "schedule.create", {}),
    ("POST", "/import", "schedule.create", {"content": FILE, "sure": "1"}),
    ("GET", "/{s}/edit", "schedule.update", {}),
    ("POST", "/{s}/edit", "schedule.update", FORM),
    ("GET", "/{s}/execute", "schedule.update", {}),
    ("POST", "/{s}/execute", "schedule.update", {}),
    ("GET", "/{s}/active", "schedule.update", {}),
    ("POST", "/{s}/active", "schedule.update", {"on": "0"}),
    ("GET", "/{s}/delete", "schedule.delete", {}),
    ("POST", "/{s}/delete", "schedule.delete", {}),
    ("GET", "/{s}/tasks/new", "schedule.update", {}),
    ("POST", "/{s}/tasks/new", "schedule.update", TASK),
    ("GET", "/{s}/tasks/{t}/edit", "schedule.update", {}),
    ("POST", "/{s}/tasks/{t}/edit", "schedule.update", TASK),
    ("POST", "/{s}/tasks/{t}/move", "schedule.update", {"direction": "up"}),
    ("GET", "/{s}/tasks/{t}/delete", "schedule.update", {}),
    ("POST", "/{s}/tasks/{t}/delete", "schedule.update", {}),
)


def test_without_its_permission_each_route_refuses_and_asks_nobody(world: World) -> None:
    row = put(world, SHARED, "0 4 * * *", ("command", "a", 0), ("command", "b", 0))
    for permission in ALL:
        allow(world, *(one for one in ALL if one != permission), "control.console", "backup.create")
        browser = world.browser("subuser")
        browser.get(f"/servers/{world.server(SHARED)}")
        world.calls()
        for method, rest, needed, form in ROUTES:
            if needed != permission:
                continue
            path = at(world, SHARED, rest.format(s=row.id, t=row.tasks[0].id))
            for headers in ({}, HTMX):
                answer = browser.open(path, method=method, data=form, headers=headers)
                assert answer.status_code == 403, (method, rest)
                assert needed in answer.text
        assert world.calls() == [], permission
    assert schedules_of(world, SHARED) == [row]
    assert (row.is_active, row.last_run_at, len(row.tasks)) == (True, None, 2)


def test_strangers_and_visitors_learn_nothing(world: World) -> None:
    row = put(world, PLAYED, "0 4 * * *", ("command", "a", 0))
    for method, rest, _needed, form in ROUTES:
        path = at(world, PLAYED, rest.format(s=row.id, t=row.tasks[0].id))
        assert world.browser("stranger").open(path, method=method, data=form).status_code == 404, path
        assert world.browser().open(path, method=method, data=form).status_code in (303, 286)
    assert schedules_of(world, PLAYED) == [row]


@pytest.mark.parametrize(
    ("permissions", "offered", "missing"),
    [
        (("schedule.read", "schedule.create"), ("s/new", "s/import"), ("/execute", "/active", "1/delete", "nightly")),
        (("schedule.read", "schedule.update"), ("/execute", "/active"),
         ("schedules/new", "s/import", "schedules/1/delete")),
        (("schedule.read", "schedule.delete"), ("s/1/delete",), ("s/new", "s/import", "/execute", "/active")),
    ],
)  # fmt: skip
def test_only_what_is_allowed_is_offered(
    world: World, permissions: tuple[str, ...], offered: tuple[str, ...], missing: tuple[str, ...]
) -> None:
    row = put(world, SHARED, "0 4 * * *", ("command", "a", 0))
    allow(world, *permissions)
    page = "".join(world.browser("subuser").get(at(world, SHARED, rest)).text for rest in ("", f"/{row.id}"))
    assert all(one in page for one in offered)
    assert not any(one in page for one in missing)
    assert ("/edit" in page) is ("schedule.update" in permissions)


def test_with_one_permission_alone_it_works_as_in_the_panel(world: World) -> None:
    """The panel asks for no right to read before it makes, runs or deletes; nothing of a schedule is told, though."""
    row = put(world, SHARED, "0 4 * * *", ("command", "a secret", 0), name="Hidden")
    browser = world.browser("subuser")
    allow(world, "schedule.create")
    assert browser.get(at(world, SHARED, "/new")).status_code == 200
    made = browser.post(at(world, SHARED, "/new"), data=FORM)
    assert (made.status_code, made.location) == (303, f"/servers/{world.server(SHARED)}")
    assert len(schedules_of(world, SHARED)) == 2
    allow(world, "schedule.update")
    assert browser.post(at(world, SHARED, f"/{row.id}/execute")).status_code == 303
    assert browser.post(at(world, SHARED, f"/{row.id}/tasks/new"), data=TASK).status_code == 303
    for rest in ("/execute", "/edit", "/active", "/tasks/1/edit"):
        page = browser.get(at(world, SHARED, f"/{row.id}{rest}"))
        assert page.status_code == (200 if rest == "/execute" else 403)
        assert "Hidden" not in said(page.text)
        assert "a secret" not in page.text
    assert browser.post(at(world, SHARED, f"/{row.id}/active"), data={"on": "0"}).status_code == 403
    allow(world, "schedule.delete")
    assert "Hidden" not in browser.get(at(world, SHARED, f"/{row.id}/delete")).text
    assert browser.post(at(world, SHARED, f"/{row.id}/delete")).status_code == 303
    assert row not in schedules_of(world, SHARED)


def test_importing_tasks_needs_the_right_to_change_schedules(world: World) -> None:
    allow(world, "schedule.read", "schedule.create")
    world.calls()
    browser = world.browser("subuser")
    answer = browser.post(at(world, SHARED, "/import"), data={"content": FILE, "sure": "1"})
    assert answer.status_code == 409
    assert "schedule.update, which tasks need" in answer.text
    assert [one for one in world.calls() if one.startswith("POST")] == []
    shown = browser.post(
        at(world, SHARED, "/import"), data={"file": (BytesIO(FILE.encode()), "x.json")},
        content_type="multipart/form-data",
    )  # fmt: skip
    assert shown.status_code == 200


def test_what_begins_with_reading_asks_nobody_without_the_right_to_read(service_world: World) -> None:
    """Also past the routes: the service key could read everything."""
    row = put(service_world, SHARED, "0 4 * * *", ("command", "a", 0), ("command", "b", 0))
    allow(service_world, "schedule.create", "schedule.update", "schedule.delete")
    plan, task = presets.nightly(), TaskPlan("command", "x")
    with service_world.app.test_request_context():
        person = sessions.load(sessions.start(account_id(service_world, "subuser"), days=None))
        assert person is not None
        opened = reading.stored_server(person, service_world.server(SHARED))
        service_world.calls()
        for act in (
            lambda: service.update(person, opened, row.id, plan, ""),
            lambda: service.switch(person, opened, row.id, is_active=False),
            lambda: tasks.update_task(person, opened, row.id, row.tasks[0].id, task, ""),
            lambda: tasks.move_task(person, opened, row.id, row.tasks[0].id, "down"),
        ):
            with pytest.raises(Forbidden) as caught:
                act()
            assert caught.value.permission == "schedule.read"
        rights = replace(opened.rights, permissions=("schedule.create", "schedule.read"))
        with pytest.raises(Forbidden) as caught:
            service.create(person, replace(opened, rights=rights), plan)
        assert caught.value.permission == "schedule.update"
        assert service_world.calls() == []


def test_rights_that_ended_at_the_panel_end_here(service_world: World) -> None:
    """With the service key the panel would allow everything: only Roost is in the way."""
    row = put(service_world, SHARED, "0 4 * * *", ("command", "a", 0))
    allow(service_world, *ALL)
    from tests.servers.support import share_of

    share_of(service_world, SHARED).permissions[:] = ["websocket.connect", "schedule.read"]
    service_world.clock.advance(61)
    answer = service_world.browser("subuser").post(at(service_world, SHARED, f"/{row.id}/delete"))
    assert answer.status_code == 403
    assert row in schedules_of(service_world, SHARED)
