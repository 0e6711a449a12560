"""What is secret in the application API is in no representation, no error and no log line."""

from __future__ import annotations

import logging
from dataclasses import asdict, replace
from typing import Any

import pytest

from portal.pterodactyl import Panel, errors, models
from portal.pterodactyl.transport import Transport
from tests.pterodactyl import app_objects as made
from tests.pterodactyl.app_routes import ROUTES, Routes
from tests.pterodactyl.app_rows import NEW, ROWS, STARTUP_BODY, call
from tests.pterodactyl.fakes import APP_KEY, BASE, World, error
from tests.pterodactyl.objects import item, listed
from tests.support.wsgi_adapter import WsgiAdapter

SECRET = "S3CRET"
DATABASE = made.related(made.app_database(), password=item("database_password", password=SECRET))
BELOW = made.related(made.app_database(kind="databases"), password=item("database_password", password=SECRET))
VARIABLES = listed(made.variable(server_value=SECRET))
SERVER = made.related(
    made.app_server(external_id="order#12", container={
        "startup_command": "./run {{JAR}}", "image": "i", "installed": 1,
        "environment": {"JAR": SECRET, "STARTUP": SECRET},
    }),
    variables=VARIABLES, databases=listed(BELOW),
)  # fmt: skip
HIDING: list[tuple[str, str, Any]] = [
    ("nodes.configuration", "GET /nodes/{node}/configuration", made.configuration(token=SECRET)),
    ("nodes.configuration", "GET /nodes/{node}/configuration", made.configuration(token_id=SECRET, token="t")),
    ("databases.view", "GET /servers/{server}/databases/{database}", DATABASE),
    ("databases.list", "GET /servers/{server}/databases", listed(DATABASE)),
    ("servers.view", "GET /servers/{server}", SERVER),
    ("servers.list", "GET /servers", made.paged(SERVER)),
    ("servers.view_external", "GET /servers/external/{external_id}", SERVER),
    ("users.view", "GET /users/{user}", made.related(made.user(), servers=listed(SERVER))),
    ("nests.view", "GET /nests/{nest}", made.related(made.nest(), servers=listed(SERVER))),
]


@pytest.mark.parametrize(("name", "route", "answer"), HIDING)
def test_what_is_secret_is_in_no_representation(name: str, route: str, answer: Any) -> None:
    found = call(World(adapter=WsgiAdapter(Routes({route: (200, answer)}))).application, name)
    things = found if isinstance(found, tuple) else (found,)
    assert SECRET in str([asdict(one) for one in things])
    assert SECRET not in repr(found) + str(found) + f"{found!s:>5}"


def test_the_environment_keeps_no_values_at_all() -> None:
    server = made.app_server(container={
        "startup_command": "./run", "image": "i", "installed": 1, "environment": {"TOKEN": SECRET},
    })  # fmt: skip
    found = call(World((200, server)).application, "servers.view")
    assert found.environment_names == ("TOKEN",)
    assert SECRET not in str(asdict(found))


BODIES = [
    replace(NEW, environment={"TOKEN": SECRET}),
    replace(STARTUP_BODY, environment={"TOKEN": SECRET}),
    models.Creation("a", 1, None, is_new=False, error=errors.Refused("no")),
]


@pytest.mark.parametrize("body", BODIES, ids=lambda body: type(body).__name__)
def test_a_body_tells_no_values(body: Any) -> None:
    assert SECRET not in repr(body) + str(body)


GIVEN: dict[str, dict[str, Any]] = {
    "users.create": {"password": SECRET},
    "users.replace": {"password": SECRET},
    "users.update_user": {"password": SECRET},
    "servers.create": {"new": replace(NEW, environment={"TOKEN": SECRET})},
    "servers.replace_startup": {"body": replace(STARTUP_BODY, environment={"TOKEN": SECRET})},
    "servers.update_startup": {"environment": {"JAR": SECRET}},
}
SAID = f"SQLSTATE[HY000] [2002] gone (Connection: mysql, SQL: insert into `users` values ('{SECRET}'))"
ANSWERS: list[tuple[int, Any]] = [
    (500, b""), (502, b"<html>"), (200, b'{"half'), error(422, "ValidationException", "x", source_field="a", rule="b"),
    error(500, "QueryException", SAID), error(500, "TypeError", "An unexpected error"),
]  # fmt: skip


@pytest.mark.parametrize("answer", ANSWERS)
@pytest.mark.parametrize("name", GIVEN)
def test_what_was_sent_is_in_no_error_and_no_log(name: str, answer: Any, caplog: pytest.LogCaptureFixture) -> None:
    app = Routes({route: answer for route in ROUTES if not route.startswith("GET")})
    transport = Transport(BASE, adapter=WsgiAdapter(app), sleep=lambda _: None)
    caplog.set_level(logging.DEBUG)
    with pytest.raises(errors.PanelError) as caught:
        call(Panel(transport).application(APP_KEY, who="somebody"), name, **GIVEN[name])
    assert SECRET in str(app.sent[-1].body)
    told = repr(caught.value) + str(caught.value) + str(vars(caught.value)) + str(caught.value.__context__)
    told += str(vars(getattr(caught.value, "cause", caught.value)))
    assert SECRET not in told + caplog.text
    assert APP_KEY.secret not in told + caplog.text
    assert "PATCH" in caplog.text or "POST" in caplog.text
    transport.close()


@pytest.mark.parametrize("name", sorted(ROWS))
def test_what_is_answered_is_in_no_log(name: str, caplog: pytest.LogCaptureFixture) -> None:
    told = {route: (200, answer) for _, route, answer in HIDING}
    transport = Transport(BASE, adapter=WsgiAdapter(Routes(ROWS[name].told | told)), sleep=lambda _: None)
    caplog.set_level(logging.DEBUG)
    call(Panel(transport).application(APP_KEY), name)
    assert SECRET not in caplog.text
    assert "/api/application/" in caplog.text
    assert "?" not in caplog.text
    transport.close()
