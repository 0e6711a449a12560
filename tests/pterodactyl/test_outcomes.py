"""Writes: known refusals are told as such, everything else is unknown, and nothing is sent twice."""

from __future__ import annotations

from typing import Any

import pytest
from requests.exceptions import ConnectionError as Cut
from requests.exceptions import ReadTimeout

from portal.pterodactyl import errors
from tests.pterodactyl import app_routes, app_rows
from tests.pterodactyl.fakes import MAINTENANCE, NODE_SILENT, Failing, World, error
from tests.pterodactyl.objects import backup, schedule, signed, subuser, task
from tests.pterodactyl.routes import TWO_STEPS, call
from tests.pterodactyl.routes import WRITES as CLIENT_WRITES
from tests.pterodactyl.test_envelope import server
from tests.support.wsgi_adapter import WsgiAdapter

UNKNOWN = [
    NODE_SILENT,
    error(500, "DaemonConnectionException", "There was an error while communicating"),
    error(500, "QueryException", "An unexpected error"),
    (502, b"<html>Bad Gateway</html>"),
    (200, b"<html>"),
    (200, b'{"half": '),
    (200, {"object": "something"}),
    (404, {"message": "not in the panel's form"}),
]
CHANGES = {"backups.create", "backups.toggle_lock", "files.compress", "two_factor.setup", "two_factor.enable"} | {
    "api_keys.create", "databases.create", "databases.rotate_password", "network.create", "network.update_notes",
    "network.make_primary", "schedules.create", "schedules.replace", "ssh_keys.create", "startup.update_variable",
    "subusers.create", "subusers.replace_permissions", "tasks.create", "tasks.replace",
}  # fmt: skip
"""Writes that are answered with 200 and what it is now."""
BEGUN = {"schedules.execute", "settings.reinstall"}
"""Writes that are answered with 202 and an empty list."""
BEFORE: dict[str, Any] = {
    "backups.set_locked": backup(),
    "files.upload": signed(),
    "files.upload_all": signed(),
    "schedules.update_schedule": schedule(),
    "settings.update_description": server(),
    "subusers.update_permissions": subuser("control.start"),
    "tasks.update_task": schedule(task(9)),
}
APP_WRITES = {name: f"application {name}" for name in sorted(app_rows.WRITES) if name != "servers.create_once"}
"""`create_once` looks what came of it: test_app_creating.py."""
CREATED = {f"application {name}" for name in APP_WRITES if name.endswith(".create")} - {
    "application allocations.create"
}  # answered with 201
REPLACED = {f"application {name}" for name in APP_WRITES if ".replace" in name}
EMPTY = set(CLIENT_WRITES) - CHANGES - BEGUN | (set(APP_WRITES.values()) - CREATED - REPLACED)
WRITES: dict[str, Any] = {name: (lambda world, name=name: call(world.client, name)) for name in CLIENT_WRITES} | {
    told: (lambda world, name=name: app_rows.call(world.application, name)) for name, told in APP_WRITES.items()
}


@pytest.mark.parametrize("write", WRITES.values(), ids=WRITES)
@pytest.mark.parametrize("answer", UNKNOWN)
def test_a_write_without_a_clear_answer_is_unknown_and_not_repeated(write: Any, answer: Any) -> None:
    world = World(answer)
    with pytest.raises(errors.OutcomeUnknown) as caught:
        write(world)
    assert isinstance(caught.value.cause, errors.PanelError)
    assert caught.value.status == answer[0]
    assert world.calls == 1


@pytest.mark.parametrize("write", WRITES.values(), ids=WRITES)
@pytest.mark.parametrize("failure", [Cut("reset"), ReadTimeout("slow"), ConnectionResetError()])
def test_a_write_that_was_cut_off_is_unknown(write: Any, failure: Exception) -> None:
    world = World(adapter=Failing(failure))
    with pytest.raises(errors.OutcomeUnknown) as caught:
        write(world)
    assert isinstance(caught.value.cause, errors.PanelUnreachable)
    assert world.calls == 1


@pytest.mark.parametrize("write", WRITES.values(), ids=WRITES)
def test_a_write_refused_by_maintenance_did_not_happen(write: Any) -> None:
    with pytest.raises(errors.PanelUnreachable) as caught:
        write(World(MAINTENANCE))
    assert caught.value.maintenance


@pytest.mark.parametrize("write", WRITES.values(), ids=WRITES)
@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (
            error(403, "DaemonConnectionException", "An error occurred on the remote host: no."),
            errors.NodeRefused,
        ),
        (error(409, "ServerStateConflictException"), errors.ServerStateConflict),
        (
            error(502, "HttpException", "Server must be online in order to send commands."),
            errors.ServerOffline,
        ),
        (error(429, "ThrottleRequestsException"), errors.Busy),
    ],
)
def test_a_refused_write_is_known(write: Any, answer: Any, kind: type[Exception]) -> None:
    with pytest.raises(kind):
        write(World(answer))


@pytest.mark.parametrize("name", sorted(EMPTY))
def test_a_write_that_works_answers_nothing(name: str) -> None:
    assert WRITES[name](World((204, b"", ()))) is None


@pytest.mark.parametrize("name", sorted(BEGUN))
def test_a_write_that_is_under_way_answers_nothing(name: str) -> None:
    assert WRITES[name](World((202, []))) is None


@pytest.mark.parametrize("name", sorted(WRITES))
def test_a_success_of_another_kind_is_no_success(name: str) -> None:
    other = [(204, b"", ()), (202, []), (200, {"object": "something"}), (201, {}), (202, {"a": 1})]
    for answer in other:
        if (answer[0] == 204 and name in EMPTY) or (answer == (202, []) and name in BEGUN):
            continue
        world = World(answer)
        with pytest.raises(errors.OutcomeUnknown) as caught:
            WRITES[name](world)
        assert isinstance(caught.value.cause, errors.BadAnswer)
        assert (caught.value.status, world.calls) == (answer[0], 1)


@pytest.mark.parametrize(
    ("name", "method", "status", "other"),
    [
        *((name, "POST", 201, 200) for name in sorted(CREATED)),
        *((name, "PATCH", 200, 201) for name in sorted(REPLACED)),
    ],
)
def test_what_is_new_comes_with_201_and_what_is_replaced_with_200(
    name: str, method: str, status: int, other: int
) -> None:
    row = app_rows.ROWS[name.removeprefix("application ")]
    found = app_routes.matched(method, row.requests[0].path)
    assert found is not None
    body = app_routes.ANSWERS[found[0]][1]
    assert app_rows.number_of(WRITES[name](World((status, body)))) == body["attributes"]["id"]
    with pytest.raises(errors.OutcomeUnknown):
        WRITES[name](World((other, body)))


@pytest.mark.parametrize("name", sorted(CHANGES | CREATED | REPLACED))
def test_a_change_whose_answer_cannot_be_read_says_where(name: str) -> None:
    with pytest.raises(errors.OutcomeUnknown) as caught:
        WRITES[name](World((201 if name in CREATED else 200, {"object": 5, "data": 5})))
    assert caught.value.path in ("object", "data", "meta")
    assert caught.value.path == caught.value.cause.path  # type: ignore[attr-defined]


def test_an_unknown_outcome_without_an_answer_has_no_path() -> None:
    assert errors.OutcomeUnknown(errors.PanelUnreachable("x")).path == ""


@pytest.mark.parametrize("name", sorted(TWO_STEPS))
def test_the_second_step_is_unknown_and_not_repeated(name: str) -> None:
    world = World((200, BEFORE[name]), (500, {"errors": [{"code": "QueryException"}]}))
    with pytest.raises(errors.OutcomeUnknown):
        call(world.client, name)
    assert world.calls == 2


@pytest.mark.parametrize("name", sorted(app_rows.TWO_STEPS))
def test_the_second_step_of_the_application_api_is_unknown_and_not_repeated(name: str) -> None:
    broken = (500, {"errors": [{"code": "QueryException"}]})
    app = app_routes.Routes({route: broken for route in app_routes.ROUTES if not route.startswith("GET")})
    with pytest.raises(errors.OutcomeUnknown):
        app_rows.call(World(adapter=WsgiAdapter(app)).application, name)
    assert [one.method for one in app.sent] == [one.method for one in app_rows.ROWS[name].requests]


@pytest.mark.parametrize("name", sorted(app_rows.TWO_STEPS))
def test_a_first_step_of_the_application_api_that_fails_has_changed_nothing(name: str) -> None:
    world = World(error(404, "NotFoundHttpException"))
    with pytest.raises(errors.NotFound):
        app_rows.call(world.application, name)
    assert world.calls == 1


@pytest.mark.parametrize("name", sorted(TWO_STEPS))
def test_a_first_step_that_fails_has_changed_nothing(name: str) -> None:
    world = World(error(404, "NotFoundHttpException"))
    with pytest.raises(errors.NotFound):
        call(world.client, name)
    assert world.calls == 1
