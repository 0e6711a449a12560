"""Recorded client steps, each as the typed call that asks the same.

`ask` takes the arguments out of the recorded request; what no typed method can say raises Unaskable.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from portal.pterodactyl import ClientApi, errors, models
from portal.pterodactyl.api import Caller
from tests.pterodactyl.fakes import KEY
from tests.pterodactyl.routes import matched
from tests.support.replay import Step, steps

CONDITIONS = (
    "recorded",
    "races",
    "node-down",
    "node-refuses",
    "node-garbage",
    "node-hangs",
    "node-maintenance",
    "server-transferring",
    "install-failed",
    "reinstall-failed",
    "panel-maintenance",
    "panel-gateway",
    "panel-database-down",
    "rate-limited",
    "key-of-another-address",
    "two-factor-required",
)
TEXT = ("GET /servers/{server}/files/contents", "POST /servers/{server}/files/write")


class Unaskable(Exception):
    """No typed method asks this."""


class _Body(dict[str, Any]):
    def __missing__(self, name: str) -> Any:
        raise Unaskable(f"without {name}")


@dataclass(frozen=True)
class Asked:
    """A recorded request taken apart: places in the path, query, body."""

    step: Step
    route: str
    at: dict[str, str]
    query: dict[str, str]
    body: Any

    @property
    def server(self) -> str:
        return self.at["server"]

    def number(self, name: str) -> int:
        """An id of the path; where the recording does not tell it, 1 stands for it."""
        return int(self.at[name]) if self.at[name].isdigit() else 1

    @property
    def path(self) -> str:
        """The path, with such stand-ins in it."""
        template = "/api/client" + self.route.split(" ")[1]
        numbers = {name: str(self.number(name)) for name in ("schedule", "task", "allocation") if name in self.at}
        return template.format(**(self.at | numbers)).removesuffix("/")

    def words(self, name: str) -> tuple[str, ...]:
        return tuple(self.query[name].split(",")) if name in self.query else ()

    def given(self, *names: str) -> dict[str, Any]:
        """Those of the body's fields that are there."""
        return {name: self.body[name] for name in names if name in self.body}

    def paging(self) -> dict[str, int]:
        return {name: int(self.query[name]) for name in ("page", "per_page") if name in self.query}


def take_apart(step: Step) -> Asked:
    """The request of a step. Raises Unaskable for unknown routes, methods and bodies."""
    parts = urlsplit(step.path)
    found = matched(step.method, parts.path)
    if found is None:
        raise Unaskable("no such route")
    route, at = found
    if isinstance(step.request, str) and route not in TEXT:
        raise Unaskable("a body that is not JSON")
    body = _Body(step.request) if isinstance(step.request, dict) else step.request
    query = _Body(parse_qsl(parts.query))
    return Asked(step, route, at, query, _Body() if body is None else body)


def ask(client: ClientApi, asked: Asked) -> Any:
    """Ask it by the typed method."""
    try:
        return ASK[asked.route][0](client, asked)
    except ValueError as error:
        raise Unaskable(str(error)) from None


def _activity(asked: Asked) -> dict[str, Any]:
    sort: Any = asked.query.get("sort")
    event = asked.query.get("filter[event]")
    return {"event": event, "sort": sort, "include_actor": "include" in asked.query, **asked.paging()}


def _servers(client: ClientApi, asked: Asked) -> Any:
    filters: Any = {
        name.removeprefix("filter[").removesuffix("]"): value
        for name, value in asked.query.items()
        if name.startswith("filter[")
    }
    more: Any = {"type": asked.query.get("type"), "include": asked.words("include")} | asked.paging()
    return client.servers.list(filters=filters, **more)


def _cron(body: Any) -> dict[str, Any]:
    cron = models.Cron(**{name: body[name] for name in ("minute", "hour", "day_of_month", "month", "day_of_week")})
    return {name: body[name] for name in ("name", "is_active", "only_when_online")} | {"cron": cron}


def _schedule(client: ClientApi, a: Asked) -> Any:
    body = _Body({"only_when_online": False} | a.body)
    return client.schedules.create(a.server, **_cron(body))


def _task(body: Any) -> dict[str, Any]:
    found = {name: body[name] for name in ("payload", "sequence_id", "continue_on_failure") if name in body}
    return {"action": body["action"], "time_offset_s": body["time_offset"]} | found


def _replaced_task(client: ClientApi, a: Asked) -> Any:
    task = {"continue_on_failure": False} | _task(a.body)
    return client.tasks.replace(a.server, a.number("schedule"), a.number("task"), **task)


def _backup(client: ClientApi, a: Asked) -> Any:
    ignored = a.body["ignored"].split("\n") if "ignored" in a.body else None
    return client.backups.create(a.server, ignored=ignored, **a.given("name", "is_locked"))


def _renamed(client: ClientApi, a: Asked) -> Any:
    moves = [models.FileMove(one["from"], one["to"]) for one in a.body["files"]]
    return client.files.rename(a.server, moves, root=a.body["root"])


def _chmod(client: ClientApi, a: Asked) -> Any:
    modes = [models.FileMode(one["file"], one["mode"]) for one in a.body["files"]]
    return client.files.chmod(a.server, modes, root=a.body["root"])


def _password(client: ClientApi, a: Asked) -> Any:
    names = ("current_password", "password", "password_confirmation")
    return client.account.update_password(**{name: a.body[name] for name in names})


NOTHING = type(None)
Ask = Callable[[ClientApi, Asked], Any]
S = "/servers/{server}"
ASK: dict[str, tuple[Ask, type]] = {
    "GET /": (_servers, models.Page),
    "GET /permissions": (lambda c, a: c.permissions.catalogue(), tuple),
    "GET /account": (lambda c, a: c.account.view(), models.Account),
    "PUT /account/email": (
        lambda c, a: c.account.update_email(email=a.body["email"], password=a.body["password"]),
        NOTHING,
    ),
    "PUT /account/password": (_password, NOTHING),
    "GET /account/two-factor": (lambda c, a: c.two_factor.setup(), models.TwoFactorSetup),
    "POST /account/two-factor": (
        lambda c, a: c.two_factor.enable(code=a.body["code"], password=a.body["password"]),
        models.RecoveryTokens,
    ),
    "POST /account/two-factor/disable": (lambda c, a: c.two_factor.disable(password=a.body["password"]), NOTHING),
    "GET /account/activity": (lambda c, a: c.activity.of_account(**_activity(a)), models.Page),
    "GET /account/api-keys": (lambda c, a: c.api_keys.list(), tuple),
    "POST /account/api-keys": (
        lambda c, a: c.api_keys.create(description=a.body["description"], **a.given("allowed_ips")),
        models.CreatedClientKey,
    ),
    "DELETE /account/api-keys/{identifier}": (lambda c, a: c.api_keys.delete(a.at["identifier"]), NOTHING),
    "GET /account/ssh-keys": (lambda c, a: c.ssh_keys.list(), tuple),
    "POST /account/ssh-keys": (
        lambda c, a: c.ssh_keys.create(name=a.body["name"], public_key=a.body["public_key"]),
        models.SshKey,
    ),
    "POST /account/ssh-keys/remove": (lambda c, a: c.ssh_keys.remove(fingerprint=a.body["fingerprint"]), NOTHING),
    f"GET {S}": (lambda c, a: c.servers.view(a.server, a.words("include")), models.ServerView),
    f"GET {S}/websocket": (lambda c, a: c.servers.websocket(a.server), models.WebsocketCredentials),
    f"GET {S}/resources": (lambda c, a: c.servers.resources(a.server), models.Stats),
    f"GET {S}/activity": (lambda c, a: c.activity.of_server(a.server, **_activity(a)), models.Page),
    f"POST {S}/command": (lambda c, a: c.servers.send_command(a.server, a.body["command"]), NOTHING),
    f"POST {S}/power": (lambda c, a: c.servers.send_power(a.server, a.body["signal"]), NOTHING),
    f"GET {S}/databases": (
        lambda c, a: c.databases.list(a.server, include_password="password" in a.words("include")),
        tuple,
    ),
    f"POST {S}/databases": (
        lambda c, a: c.databases.create(a.server, database=a.body["database"], remote=a.body["remote"]),
        models.Database,
    ),
    f"POST {S}/databases/{{database}}/rotate-password": (
        lambda c, a: c.databases.rotate_password(a.server, a.at["database"]),
        models.Database,
    ),
    f"DELETE {S}/databases/{{database}}": (lambda c, a: c.databases.delete(a.server, a.at["database"]), NOTHING),
    f"GET {S}/files/list": (lambda c, a: c.files.list(a.server, a.query.get("directory", "/")), tuple),
    f"GET {S}/files/contents": (lambda c, a: c.files.contents(a.server, a.query["file"]), bytes),
    f"GET {S}/files/download": (lambda c, a: c.files.download_url(a.server, a.query["file"]), models.SignedUrl),
    f"PUT {S}/files/rename": (_renamed, NOTHING),
    f"POST {S}/files/copy": (lambda c, a: c.files.copy(a.server, a.body["location"]), NOTHING),
    f"POST {S}/files/write": (
        lambda c, a: c.files.write(a.server, a.query["file"], a.body.encode()),
        NOTHING,
    ),
    f"POST {S}/files/compress": (
        lambda c, a: c.files.compress(a.server, a.body["files"], root=a.body["root"]),
        models.FileObject,
    ),
    f"POST {S}/files/decompress": (
        lambda c, a: c.files.decompress(a.server, a.body["file"], root=a.body["root"]),
        NOTHING,
    ),
    f"POST {S}/files/delete": (
        lambda c, a: c.files.delete(a.server, a.body["files"], root=a.body["root"]),
        NOTHING,
    ),
    f"POST {S}/files/create-folder": (
        lambda c, a: c.files.create_folder(a.server, a.body["name"], root=a.body["root"]),
        NOTHING,
    ),
    f"POST {S}/files/chmod": (_chmod, NOTHING),
    f"POST {S}/files/pull": (
        lambda c, a: c.files.pull(
            a.server, a.body["url"], **a.given("directory", "filename", "use_header", "foreground")
        ),
        NOTHING,
    ),
    f"GET {S}/files/upload": (lambda c, a: c.files.upload_url(a.server), models.SignedUrl),
    f"GET {S}/schedules": (lambda c, a: c.schedules.list(a.server), tuple),
    f"POST {S}/schedules": (_schedule, models.Schedule),
    f"GET {S}/schedules/{{schedule}}": (
        lambda c, a: c.schedules.view(a.server, a.number("schedule")),
        models.Schedule,
    ),
    f"POST {S}/schedules/{{schedule}}": (
        lambda c, a: c.schedules.replace(a.server, a.number("schedule"), **_cron(a.body)),
        models.Schedule,
    ),
    f"POST {S}/schedules/{{schedule}}/execute": (
        lambda c, a: c.schedules.execute(a.server, a.number("schedule")),
        NOTHING,
    ),
    f"DELETE {S}/schedules/{{schedule}}": (lambda c, a: c.schedules.delete(a.server, a.number("schedule")), NOTHING),
    f"POST {S}/schedules/{{schedule}}/tasks": (
        lambda c, a: c.tasks.create(a.server, a.number("schedule"), **_task(a.body)),
        models.Task,
    ),
    f"POST {S}/schedules/{{schedule}}/tasks/{{task}}": (_replaced_task, models.Task),
    f"DELETE {S}/schedules/{{schedule}}/tasks/{{task}}": (
        lambda c, a: c.tasks.delete(a.server, a.number("schedule"), a.number("task")),
        NOTHING,
    ),
    f"GET {S}/network/allocations": (lambda c, a: c.network.list(a.server), tuple),
    f"POST {S}/network/allocations": (lambda c, a: c.network.create(a.server), models.Allocation),
    f"POST {S}/network/allocations/{{allocation}}": (
        lambda c, a: c.network.update_notes(a.server, a.number("allocation"), notes=a.body["notes"]),
        models.Allocation,
    ),
    f"POST {S}/network/allocations/{{allocation}}/primary": (
        lambda c, a: c.network.make_primary(a.server, a.number("allocation")),
        models.Allocation,
    ),
    f"DELETE {S}/network/allocations/{{allocation}}": (
        lambda c, a: c.network.delete(a.server, a.number("allocation")),
        NOTHING,
    ),
    f"GET {S}/users": (lambda c, a: c.subusers.list(a.server), tuple),
    f"POST {S}/users": (
        lambda c, a: c.subusers.create(a.server, email=a.body["email"], permissions=a.body["permissions"]),
        models.Subuser,
    ),
    f"GET {S}/users/{{user}}": (lambda c, a: c.subusers.view(a.server, a.at["user"]), models.Subuser),
    f"POST {S}/users/{{user}}": (
        lambda c, a: c.subusers.replace_permissions(a.server, a.at["user"], permissions=a.body["permissions"]),
        models.Subuser,
    ),
    f"DELETE {S}/users/{{user}}": (lambda c, a: c.subusers.delete(a.server, a.at["user"]), NOTHING),
    f"GET {S}/backups": (lambda c, a: c.backups.list(a.server, **a.paging()), models.BackupPage),
    f"POST {S}/backups": (_backup, models.Backup),
    f"GET {S}/backups/{{backup}}": (lambda c, a: c.backups.view(a.server, a.at["backup"]), models.Backup),
    f"GET {S}/backups/{{backup}}/download": (
        lambda c, a: c.backups.download_url(a.server, a.at["backup"]),
        models.SignedUrl,
    ),
    f"POST {S}/backups/{{backup}}/lock": (
        lambda c, a: c.backups.toggle_lock(a.server, a.at["backup"]),
        models.Backup,
    ),
    f"POST {S}/backups/{{backup}}/restore": (
        lambda c, a: c.backups.restore(a.server, a.at["backup"], truncate=a.body["truncate"]),
        NOTHING,
    ),
    f"DELETE {S}/backups/{{backup}}": (lambda c, a: c.backups.delete(a.server, a.at["backup"]), NOTHING),
    f"GET {S}/startup": (lambda c, a: c.startup.view(a.server), models.Startup),
    f"PUT {S}/startup/variable": (
        lambda c, a: c.startup.update_variable(a.server, key=a.body["key"], value=a.body["value"]),
        models.UpdatedVariable,
    ),
    f"POST {S}/settings/rename": (
        lambda c, a: c.settings.rename(a.server, name=a.body["name"], **a.given("description")),
        NOTHING,
    ),
    f"POST {S}/settings/reinstall": (lambda c, a: c.settings.reinstall(a.server), NOTHING),
    f"PUT {S}/settings/docker-image": (
        lambda c, a: c.settings.update_docker_image(a.server, docker_image=a.body["docker_image"]),
        NOTHING,
    ),
}

PAGED = "a list that can be paged is asked for by page, with a size of our choice"
FULL = "a body is written whole, so that nothing is switched off by leaving it out"
MORE: dict[str, tuple[dict[str, Any], str]] = {
    "GET /": ({"page": "1", "per_page": "100"}, PAGED),
    "GET /account/activity": ({"page": "1", "per_page": "25"}, PAGED),
    f"GET {S}/activity": ({"page": "1", "per_page": "25"}, PAGED),
    f"GET {S}/backups": ({"page": "1", "per_page": "50"}, PAGED),
    f"GET {S}/files/list": ({"directory": "/"}, "a folder is named, never left out"),
    f"POST {S}/schedules": ({"only_when_online": False}, FULL),
    f"POST {S}/schedules/{{schedule}}/tasks": ({"payload": "", "continue_on_failure": False}, FULL),
    f"POST {S}/schedules/{{schedule}}/tasks/{{task}}": ({"continue_on_failure": False}, FULL),
}
"""What a typed method sends beyond the recorded request, and why."""


def client_steps() -> list[tuple[str, Step]]:
    """Every recorded step below `/api/client`, with the recording it is from."""
    return [
        (condition, step)
        for condition in CONDITIONS
        for step in steps(condition).values()
        if step.path.startswith("/api/client")
    ]


class _Refusing:
    """A transport that asks nobody: by then the arguments have been taken."""

    def call(self, *args: Any, **more: Any) -> Any:
        raise errors.PanelUnreachable("nobody is asked here")


def _deaf() -> ClientApi:
    return ClientApi(Caller(_Refusing(), KEY, None, "page"))  # type: ignore[arg-type]


def reason(step: Step) -> str | None:
    """Why no typed method can ask this step, or None if one can."""
    try:
        ask(_deaf(), take_apart(step))
    except Unaskable as error:
        return str(error)
    except errors.PanelError:
        return None
    raise AssertionError(f"{step.name} was answered by nobody")


def askable() -> list[tuple[str, Asked]]:
    """Those that typed methods can ask, with a name for each."""
    return [
        (f"{condition}: {step.name}", take_apart(step)) for condition, step in client_steps() if reason(step) is None
    ]
