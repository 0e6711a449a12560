"""Every recorded step of this slice, asked through the typed methods: the right object or the right error."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any

import pytest

from portal.pterodactyl import Panel, errors, models
from tests.pterodactyl.asking import CONDITIONS
from tests.pterodactyl.fakes import APP_KEY, KEY, SECRET, World
from tests.support.replay import ReplayApp, Step, needs_recordings, steps
from tests.support.wsgi_adapter import WsgiAdapter

pytestmark = needs_recordings

Ask = Callable[[Panel, Step], Any]
EVERYTHING = ("egg", "subusers")


def _client(panel: Panel) -> Any:
    return panel.client(KEY, who="somebody")


def _app(panel: Panel) -> Any:
    return panel.application(APP_KEY)


def _asked_server(step: Step) -> str:
    return step.path.split("?")[0].split("/")[4]


def _asked_id(step: Step) -> int:
    part = step.path.split("?")[0].split("/")[4]
    return int(part) if part.isdigit() else (step.json or {}).get("attributes", {}).get("id", 1)


LIST: Ask = lambda panel, step: _client(panel).servers.list(include=EVERYTHING)  # noqa: E731
VIEW: Ask = lambda panel, step: _client(panel).servers.view(_asked_server(step), EVERYTHING)  # noqa: E731
USAGE: Ask = lambda panel, step: _client(panel).servers.resources(_asked_server(step))  # noqa: E731
SOCKET: Ask = lambda panel, step: _client(panel).servers.websocket(_asked_server(step))  # noqa: E731
ACTIVITY: Ask = lambda panel, step: _client(panel).activity.of_server(_asked_server(step))  # noqa: E731
POWER: Ask = lambda panel, step: _client(panel).servers.send_power(_asked_server(step), "start")  # noqa: E731
COMMAND: Ask = lambda panel, step: _client(panel).servers.send_command(_asked_server(step), "say hi")  # noqa: E731
ACCOUNT: Ask = lambda panel, step: _client(panel).account.view()  # noqa: E731
CATALOGUE: Ask = lambda panel, step: _client(panel).permissions.catalogue()  # noqa: E731
USERS: Ask = lambda panel, step: _app(panel).users.list(include=("servers",))  # noqa: E731
USER: Ask = lambda panel, step: _app(panel).users.view(_asked_id(step), ("servers",))  # noqa: E731
APP_SERVERS: Ask = lambda panel, step: _app(panel).servers.list(include=("subusers",))  # noqa: E731
APP_SERVER: Ask = lambda panel, step: _app(panel).servers.view(_asked_id(step), ("subusers",))  # noqa: E731
SUSPEND: Ask = lambda panel, step: _app(panel).servers.suspend(_asked_id(step))  # noqa: E731
UNSUSPEND: Ask = lambda panel, step: _app(panel).servers.unsuspend(_asked_id(step))  # noqa: E731

METHODS: list[tuple[str, str, Ask, type]] = [
    ("GET", "/api/client", LIST, models.Page),
    ("GET", "/api/client/permissions", CATALOGUE, tuple),
    ("GET", "/api/client/account", ACCOUNT, models.Account),
    ("GET", "/api/client/servers/*", VIEW, models.ServerView),
    ("GET", "/api/client/servers/*/resources", USAGE, models.Stats),
    ("GET", "/api/client/servers/*/websocket", SOCKET, models.WebsocketCredentials),
    ("GET", "/api/client/servers/*/activity", ACTIVITY, models.Page),
    ("POST", "/api/client/servers/*/power", POWER, type(None)),
    ("POST", "/api/client/servers/*/command", COMMAND, type(None)),
    ("GET", "/api/application/users", USERS, models.Page),
    ("GET", "/api/application/users/*", USER, models.AppUser),
    ("GET", "/api/application/servers", APP_SERVERS, models.Page),
    ("GET", "/api/application/servers/*", APP_SERVER, models.AppServer),
    ("POST", "/api/application/servers/*/suspend", SUSPEND, type(None)),
    ("POST", "/api/application/servers/*/unsuspend", UNSUSPEND, type(None)),
]


def _matches(pattern: str, path: str) -> bool:
    wanted, got = pattern.split("/"), path.split("?")[0].split("/")
    return len(wanted) == len(got) and all(a in ("*", b) for a, b in zip(wanted, got, strict=True))


def _method_of(step: Step) -> tuple[Ask, type] | None:
    for method, pattern, ask, kind in METHODS:
        if step.method == method and _matches(pattern, step.path):
            return ask, kind
    return None


SLICE = [
    pytest.param(step, *found, id=f"{condition}: {step.name}")
    for condition in CONDITIONS
    for step in steps(condition).values()
    if (found := _method_of(step))
]


def _expected_error(step: Step) -> type[errors.PanelError]:
    """What the table of errors asks for, from status and code alone: written again, apart from the library."""
    entry = step.json["errors"][0] if step.json else {"code": "", "detail": ""}
    code, detail = entry["code"], entry["detail"]
    write = step.method != "GET"
    if code == "HttpException" and step.status == 503:
        return errors.PanelUnreachable
    if code == "DaemonConnectionException":
        refused = detail.startswith("An error occurred on the remote host")
        return errors.NodeRefused if refused else errors.OutcomeUnknown if write else errors.NodeUnreachable
    if code == "ConfigurationNotPersistedException":
        return errors.NodeNotTold
    if code == "HttpException" and step.status == 502:
        return errors.ServerOffline
    if step.status < 400:
        return errors.BadAnswer
    if step.status >= 500 or not step.json:
        return errors.OutcomeUnknown if write else errors.PanelUnreachable
    if code in ("AuthenticationException", "TwoFactorAuthRequiredException"):
        return errors.KeyRefused
    if step.status == 403 and detail != "This action is unauthorized.":
        return errors.KeyRefused
    return {
        400: errors.Refused,
        403: errors.NotAllowed,
        404: errors.NotFound,
        409: errors.ServerStateConflict,
        422: errors.Invalid,
        429: errors.Busy,
    }[step.status]


@pytest.mark.parametrize(("step", "ask", "kind"), SLICE)
def test_step(step: Step, ask: Ask, kind: type) -> None:
    world = World(adapter=WsgiAdapter(ReplayApp(step)))
    if 200 <= step.status < 300:
        assert isinstance(ask(world.panel, step), kind)
        assert world.calls == 1
    else:
        with pytest.raises(errors.PanelError) as caught:
            ask(world.panel, step)
        assert type(caught.value) is _expected_error(step)
        assert SECRET not in repr(caught.value) + str(caught.value)
    sent = world.adapter.requests[0]
    assert sent.method == step.method
    assert sent.path_url.split("?")[0] == step.path.split("?")[0].replace("{server_id}", "1").replace(
        "{owner_id}", str(_asked_id(step) if "owner_id" in step.path else "")
    )


def test_the_slice_is_what_we_think() -> None:
    assert len(SLICE) >= 120


def _served(name: str, condition: str = "recorded") -> tuple[Panel, Step]:
    step = steps(condition)[name]
    return World(adapter=WsgiAdapter(ReplayApp(step))).panel, step


def test_a_server_in_full() -> None:
    panel, step = _served("server with egg and subusers")
    view: models.ServerView = VIEW(panel, step)
    said = step.json["attributes"]
    server = view.server
    assert (view.is_server_owner, view.user_permissions) == (True, ("*",))
    assert (server.identifier, server.uuid, server.name) == (said["identifier"], said["uuid"], "alpha")
    assert server.limits == models.Limits(memory_mib=1024, disk_mib=5120, cpu_percent=100)
    assert server.feature_limits == models.FeatureLimits(databases=2, allocations=2, backups=3)
    assert server.sftp.port == 2022
    assert server.egg_features == ("eula", "java_version", "pid_limit")
    assert server.primary_allocation is not None
    assert server.primary_allocation.port == 25565
    assert len(server.allocations) == 2
    assert server.variables is not None
    assert [variable.env_variable for variable in server.variables][0] == "MINECRAFT_VERSION"
    assert server.egg is not None
    assert server.egg.name == "Paper"
    assert server.subusers is not None
    assert server.subusers[0].permissions[0] == "websocket.connect"
    assert server.subusers[0].created_at.utcoffset() is not None


def test_what_a_subuser_may_not_see_is_none() -> None:
    panel, step = _served("server of the subuser")
    view = VIEW(panel, step)
    assert view.server.variables is None
    assert len(view.server.allocations) == 1
    assert "control.start" in view.user_permissions


def test_the_environment_keeps_no_values() -> None:
    panel, step = _served("app server")
    server = APP_SERVER(panel, step)
    assert "SERVER_JARFILE" in server.environment_names
    assert "server.jar" not in repr(dataclasses.replace(server, startup_command=""))


def test_subusers_of_an_app_server() -> None:
    panel, step = _served("app server full")
    assert APP_SERVER(panel, step).subusers[0].permissions[:2] == ("websocket.connect", "control.console")


def test_servers_of_a_user() -> None:
    panel, step = _served("app user with servers")
    user = USER(panel, step)
    assert {server.user for server in user.servers} == {user.id}


def test_catalogue_has_all_groups_and_permissions() -> None:
    panel, step = _served("permissions")
    groups = CATALOGUE(panel, step)
    assert len(groups) == 11
    names = [permission.name for group in groups for permission in group.permissions]
    assert len(names) == 40
    assert "database.view_password" in names


def test_a_token_hides_itself() -> None:
    panel, step = _served("websocket")
    credentials = SOCKET(panel, step)
    assert credentials.token.startswith("eyJ")
    assert credentials.token not in repr(credentials)


def test_another_server_than_asked_for_is_a_bad_answer() -> None:
    panel, _ = _served("server")
    with pytest.raises(errors.BadAnswer) as caught:
        panel.client(KEY).servers.view("00000000")
    assert caught.value.path == "attributes.identifier"


def test_rate_limit_teaches_when_to_come_back() -> None:
    panel, step = _served("request 6", "rate-limited")
    with pytest.raises(errors.Busy) as caught:
        ACCOUNT(panel, step)
    assert caught.value.retry_after_s == 60
    assert not caught.value.local
