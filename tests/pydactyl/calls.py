"""The 94 methods of py-dactyl that work on a real panel 1.11.8, in an order in which each of them can.

A call is a method's name, the kind of its answer (a type, or the status of a raw response), its arguments, and
where it is cheap a proof that it did what it says. `take` picks what later calls need out of the answer and `keep`
names it; the kind is that of what was picked, `status` that of the raw answer then.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from pydactyl.api.client.servers.websocket_client import WebsocketClient
from pydactyl.responses import PaginatedResponse as Paged

from tests.pydactyl.stand import Stand

Given = tuple[tuple[Any, ...], dict[str, Any]]
ROOT = "/api/application"


def given(*args: Any, **named: Any) -> Given:
    """The arguments of a call."""
    return args, named


@dataclass(frozen=True)
class Call:
    """One call; a name without `client.` in front goes out with the application key."""

    name: str
    kind: type | int
    arguments: Callable[[Stand], Given] = lambda _: given()
    proof: Callable[[Stand, Any], object] = lambda *_: True
    take: Callable[[Any], Any] = lambda answer: answer
    keep: str = ""
    until: Callable[[Any], Any] | None = None
    status: int = 0


def own(*args: Any, **named: Any) -> Callable[[Stand], Given]:
    """About the customer's own server."""
    return lambda s: given(s.server, *args, **named)


def attribute(name: str) -> Callable[[Any], Any]:
    """An attribute of an answer."""
    return lambda answer: answer["attributes"][name]


def ready(s: Stand) -> bool:
    """Whether the customer's own server is not being installed or restored."""
    return s.here()["status"] is None


A = "client.account."
ACCOUNT = (
    Call(A + "get_account", dict, proof=lambda s, a: a["attributes"]["email"] == s.owner_email),
    Call(A + "get_2fa_setup_code", dict, proof=lambda s, a: a["data"]["secret"]),
    Call(A + "update_email", 204, lambda s: given("owner2@example.com", s.owner_password),
         lambda s, _: s.seen("/api/client/account")["email"] == "owner2@example.com"),
    Call(A + "update_password", 204, lambda s: given(s.owner_password, "New-Horse-10", "New-Horse-10")),
    Call(A + "api_key_create", dict, lambda _: given("parity", ["127.0.0.1"]),
         lambda s, a: a["meta"]["secret_token"], keep="made_key"),
    Call(A + "api_key_list", list, proof=lambda s, a: "parity" in {one["description"] for one in a}),
    Call(A + "api_key_delete", 204, lambda s: given(s.made_key["attributes"]["identifier"]),
         lambda s, _: "parity" not in {one["description"] for one in s.seen("/api/client/account/api-keys")}),
)  # fmt: skip

S = "client.servers."
SERVERS = (
    Call(S + "list_servers", Paged, proof=lambda s, a: "alpha" in {one["attributes"]["name"] for one in a.data}),
    Call(S + "list_permissions", dict, proof=lambda s, a: "control" in a["attributes"]["permissions"]),
    Call(S + "get_server", dict, own(), lambda s, a: a["identifier"] == s.server),
    Call(S + "send_power_action", 204, own("start")),
    Call(S + "send_console_command", 204, own("say hi")),
    Call(S + "get_server_utilization", dict, own(), lambda s, a: a["current_state"] in ("starting", "running")),
    Call(S + "get_websocket", dict, own(), lambda s, a: a["data"]["token"] and a["data"]["socket"]),
    Call(S + "get_websocket_client", WebsocketClient, own()),
)

F = "client.servers.files."
FILES = (
    Call(F + "list_files", dict, own(), lambda s, a: "eula.txt" in {one["attributes"]["name"] for one in a["data"]}),
    Call(F + "write_file", 204, own("notes/a b.txt", "Grüße €"), lambda s, _: "a b.txt" in s.files("/notes")),
    Call(F + "get_file_contents", str, own("notes/a b.txt", json=False), lambda s, a: a == "Grüße €",
         take=lambda answer: answer.text),
    Call(F + "download_file", str, own("eula.txt"), lambda s, a: a.startswith("http")),
    Call(F + "get_upload_file_url", str, own(), lambda s, a: a.startswith("http")),
    Call(F + "rename_file", 204, own("a b.txt", "b.txt", root="/notes"), lambda s, _: s.files("/notes") == {"b.txt"}),
    Call(F + "copy_file", 204, own("eula.txt"), lambda s, _: "eula copy.txt" in s.files()),
    Call(F + "create_folder", 204, own("world"), lambda s, _: "world" in s.files()),
    Call(F + "compress_files", dict, own(["eula.txt", "notes"]),
         lambda s, a: a["attributes"]["name"] in s.files(), keep="archive"),
    Call(F + "delete_files", 204, own(["notes", "eula copy.txt"]),
         lambda s, _: not s.files() & {"notes", "eula copy.txt"}),
    Call(F + "decompress_file", 204, lambda s: given(s.server, s.archive["attributes"]["name"]),
         lambda s, _: "notes" in s.files()),
)  # fmt: skip

D = "client.servers.databases."
DATABASES = (
    Call(D + "create_database", dict, own("world"), keep="database"),
    Call(D + "create_database", dict, own("second", remote="127.0.0.1")),
    Call(D + "list_databases", dict, own(), lambda s, a: len(a["data"]) == 2),
    Call(D + "rotate_database_password", dict, lambda s: given(s.server, s.database["attributes"]["id"]),
         lambda s, a: a["attributes"]["relationships"]["password"]),
    Call(D + "delete_database", 204, lambda s: given(s.server, s.database["attributes"]["id"]),
         lambda s, _: len(s.here("/databases")) == 1),
)  # fmt: skip

G = "client.servers.schedules."
SCHEDULES = (
    Call(G + "create_schedule", int, own("nightly", "0", "3", "*", "*", "*"), take=attribute("id"), keep="schedule"),
    Call(G + "list_schedules", dict, own(), lambda s, a: len(a["data"]) == 1),
    Call(G + "get_schedule_details", dict, lambda s: given(s.server, s.schedule),
         lambda s, a: a["attributes"]["name"] == "nightly"),
    Call(G + "update_schedule", dict, lambda s: given(s.server, s.schedule, "nightly2", "30", "4", "*", "*", "*"),
         lambda s, _: s.here(f"/schedules/{s.schedule}")["cron"]["minute"] == "30"),
    Call(G + "create_task", int, lambda s: given(s.server, s.schedule, "command", "say hi"),
         take=attribute("id"), keep="task"),
    Call(G + "update_task", dict, lambda s: given(s.server, s.schedule, s.task, "command", "say bye"),
         lambda s, a: a["attributes"]["payload"] == "say bye"),
    Call(G + "run_schedule", 202, lambda s: given(s.server, s.schedule)),
    Call(G + "delete_task", 204, lambda s: given(s.server, s.schedule, s.task),
         lambda s, _: not s.here(f"/schedules/{s.schedule}")["relationships"]["tasks"]["data"]),
    Call(G + "delete_schedule", 204, lambda s: given(s.server, s.schedule), lambda s, _: not s.here("/schedules")),
)  # fmt: skip

N = "client.servers.network."
NETWORK = (
    Call(N + "list_allocations", dict, own(), lambda s, a: len(a["data"]) == 2),
    Call(N + "assign_allocation", int, lambda s: given(s.other_server), take=attribute("id"), keep="assigned"),
    Call(N + "unassign_allocation", 204, lambda s: given(s.other_server, s.assigned),
         lambda s, _: len(s.seen(f"/api/client/servers/{s.other_server}/network/allocations")) == 1),
    Call(N + "set_allocation_note", dict, lambda s: given(s.server, s.alloc_extra, "query"),
         lambda s, a: a["attributes"]["notes"] == "query"),
    Call(N + "set_primary_allocation", dict, lambda s: given(s.server, s.alloc_extra), lambda s, _: [
        one["id"] for one in s.here("/network/allocations") if one["is_default"]] == [s.alloc_extra]),
)  # fmt: skip

STARTUP = (
    Call("client.servers.startup.list_variables", dict, own(), lambda s, a: a["meta"]["startup_command"]),
    Call("client.servers.startup.update_variable", dict, own("SERVER_JARFILE", "paper.jar"),
         lambda s, _: "paper.jar" in {one["server_value"] for one in s.here("/startup")}),
)  # fmt: skip

U = "client.servers.users."
SUBUSERS = (
    Call(U + "create_user", str, own("friend@example.com", ["control.console", "file.read"]),
         take=attribute("uuid"), keep="friend"),
    Call(U + "list_users", dict, own(), lambda s, a: s.friend in {one["attributes"]["uuid"] for one in a["data"]}),
    Call(U + "get_user", dict, lambda s: given(s.server, s.friend),
         lambda s, a: a["attributes"]["email"] == "friend@example.com"),
    Call(U + "update_user", dict, lambda s: given(s.server, s.friend, ["control.start"]),
         lambda s, _: "control.start" in s.here(f"/users/{s.friend}")["permissions"]),
    Call(U + "delete_user", 204, lambda s: given(s.server, s.friend),
         lambda s, _: s.friend not in {one["uuid"] for one in s.here("/users")}),
)  # fmt: skip

B = "client.servers.backups."
BACKUPS = (
    Call(B + "create_backup", str, own(), take=attribute("uuid"), keep="backup"),
    Call(B + "get_backup_detail", str, lambda s: given(s.server, s.backup), take=attribute("completed_at"),
         until=bool),
    Call(B + "list_backups", dict, own(), lambda s, a: len(a["data"]) == 1),
    Call(B + "get_backup_download", dict, lambda s: given(s.server, s.backup), lambda s, a: a["attributes"]["url"]),
    Call(B + "restore_backup", 204, lambda s: given(s.server, s.backup), lambda s, _: s.wait(lambda: ready(s))),
    Call(B + "delete_backup", 204, lambda s: given(s.server, s.backup), lambda s, _: not s.here("/backups")),
)  # fmt: skip

SETTINGS = (
    Call("client.servers.settings.rename_server", 204, own("alpha2"), lambda s, _: s.here()["name"] == "alpha2"),
    Call("client.servers.settings.reinstall_server", 202, own(), lambda s, _: s.wait(lambda: ready(s))),
)

CLIENT = (*ACCOUNT, *SERVERS, *FILES, *DATABASES, *SCHEDULES, *NETWORK, *STARTUP, *SUBUSERS, *BACKUPS, *SETTINGS)
