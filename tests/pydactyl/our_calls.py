"""What of ours does the same as each method of py-dactyl, in an order in which each of them can.

Of the seven that never work there, six are here as well; the seventh (`rebuild_server`) has no route on the panel.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

import pyotp

from portal.pterodactyl import models
from tests.pydactyl.calls import Given, given
from tests.pydactyl.stand import Stand


@dataclass(frozen=True)
class Mine:
    """Their method, ours (`client.` or `api.`), its arguments, what later calls need of its answer, the route."""

    theirs: str
    ours: str
    arguments: Callable[[Stand], Given] = lambda _: given()
    keep: str = ""
    take: Callable[[Any], Any] = lambda answer: answer
    ends: Callable[[Stand], Any] = lambda _: True


def here(*args: Any, **named: Any) -> Callable[[Stand], Given]:
    """About the customer's own server."""
    return lambda s: given(s.server, *args, **named)


def number(answer: Any) -> Any:
    """Its id."""
    return answer.id


def ready(s: Stand) -> Any:
    """Until the customer's own server is not being installed or restored."""
    return s.wait(lambda: s.here()["status"] is None)


def made_ready(s: Stand) -> Any:
    """The same of the server that was made."""
    return s.wait(lambda: s.seen(f"/api/application/servers/{s.made.internal_id}")["status"] is None)


def code(s: Stand) -> Given:
    """The second factor's code of this moment."""
    return given(code=pyotp.TOTP(s.secret).at(int(s.demo.clock.now())), password=s.owner_password)


def node_body(s: Stand) -> models.NodeBody:
    """All of a node, with another name."""
    return models.NodeBody(
        name="Node Uno", location_id=s.location, fqdn="127.0.0.1", scheme="http", public=True, behind_proxy=False,
        maintenance_mode=False, memory_mib=9000, memory_overallocate_percent=0, disk_mib=50000,
        disk_overallocate_percent=0, upload_size_mib=100, daemon_listen=8081, daemon_sftp=2022,
        daemon_base="/var/lib/pterodactyl/volumes",
    )  # fmt: skip


def new_server(s: Stand) -> models.NewServer:
    """A server on an allocation that nobody has."""
    return models.NewServer(
        name="made", user=s.owner_id, egg=s.egg, docker_image=s.docker_image, startup="java -jar {{SERVER_JARFILE}}",
        environment=s.environment, limits=LIMITS,
        feature_limits=models.FeatureLimits(databases=1, allocations=2, backups=1),
        place=models.OnAllocations(s.alloc_free), external_id="srv-1", description="", skip_scripts=False,
        start_on_completion=False,
    )  # fmt: skip


LIMITS = models.Limits(
    memory_mib=1024, swap_mib=0, disk_mib=5120, io=500, cpu_percent=0, threads=None, oom_disabled=True
)
CRON = models.Cron(minute="0", hour="3", day_of_month="*", month="*", day_of_week="*")
EARLY = replace(CRON, minute="30", hour="4")
JANE = models.UserBody("jane@example.com", "jane", "Janet", "Doe", "ext-1", "en", root_admin=False)

A = "client.account."
ACCOUNT = (
    Mine(A + "get_account", "client.account.view"),
    Mine(A + "get_2fa_setup_code", "client.two_factor.setup", keep="secret", take=lambda one: one.secret),
    Mine(A + "enable_2fa", "client.two_factor.enable", code),
    Mine(A + "disable_2fa", "client.two_factor.disable", lambda s: given(password=s.owner_password)),
    Mine(A + "update_email", "client.account.update_email",
         lambda s: given(email="owner2@example.com", password=s.owner_password)),
    Mine(A + "update_password", "client.account.update_password",
         lambda s: given(current_password=s.owner_password, password="New-Horse-10")),
    Mine(A + "api_key_create", "client.api_keys.create",
         lambda _: given(description="parity", allowed_ips=["127.0.0.1"]), "key", lambda one: one.key.identifier),
    Mine(A + "api_key_list", "client.api_keys.list"),
    Mine(A + "api_key_delete", "client.api_keys.delete", lambda s: given(s.key)),
)  # fmt: skip

S = "client.servers."
SERVERS = (
    Mine(S + "list_servers", "client.servers.list"),
    Mine(S + "list_permissions", "client.permissions.catalogue"),
    Mine(S + "get_server", "client.servers.view", here()),
    Mine(S + "send_power_action", "client.servers.send_power", here("start")),
    Mine(S + "send_console_command", "client.servers.send_command", here("say hi")),
    Mine(S + "get_server_utilization", "client.servers.resources", here()),
    Mine(S + "get_websocket", "client.servers.websocket", here()),
    Mine(S + "get_websocket_client", "client.servers.websocket", here()),
)

F, OF = "client.servers.files.", "client.files."
FILES = (
    Mine(F + "list_files", OF + "list", here()),
    Mine(F + "write_file", OF + "write", here("/notes/a b.txt", "Grüße €".encode())),
    Mine(F + "get_file_contents", OF + "contents", here("/notes/a b.txt")),
    Mine(F + "download_file", OF + "download_url", here("/eula.txt")),
    Mine(F + "get_upload_file_url", OF + "upload_url", here()),
    Mine(F + "rename_file", OF + "rename", here([models.FileMove("a b.txt", "b.txt")], root="/notes")),
    Mine(F + "copy_file", OF + "copy", here("/eula.txt")),
    Mine(F + "create_folder", OF + "create_folder", here("world")),
    Mine(F + "compress_files", OF + "compress", here(["eula.txt", "notes"]), "archive", lambda one: one.name),
    Mine(F + "delete_files", OF + "delete", here(["notes", "eula copy.txt"])),
    Mine(F + "decompress_file", OF + "decompress", lambda s: given(s.server, s.archive)),
)

D, OD = "client.servers.databases.", "client.databases."
DATABASES = (
    Mine(D + "create_database", OD + "create", here(database="world", remote="%"), "database", number),
    Mine(D + "create_database", OD + "create", here(database="second", remote="127.0.0.1")),
    Mine(D + "list_databases", OD + "list", here()),
    Mine(D + "rotate_database_password", OD + "rotate_password", lambda s: given(s.server, s.database)),
    Mine(D + "delete_database", OD + "delete", lambda s: given(s.server, s.database)),
)

G, OG, OT = "client.servers.schedules.", "client.schedules.", "client.tasks."
PLAN = {"is_active": True, "only_when_online": False}
SCHEDULES = (
    Mine(G + "create_schedule", OG + "create", here(name="nightly", cron=CRON, **PLAN), "schedule", number),
    Mine(G + "list_schedules", OG + "list", here()),
    Mine(G + "get_schedule_details", OG + "view", lambda s: given(s.server, s.schedule)),
    Mine(G + "update_schedule", OG + "replace",
         lambda s: given(s.server, s.schedule, name="nightly2", cron=EARLY, **PLAN)),
    Mine(G + "create_task", OT + "create", lambda s: given(
        s.server, s.schedule, action="command", payload="say hi", time_offset_s=0), "task", number),
    Mine(G + "update_task", OT + "replace", lambda s: given(
        s.server, s.schedule, s.task, action="command", payload="say bye", time_offset_s=0, continue_on_failure=False)),
    Mine(G + "run_schedule", OG + "execute", lambda s: given(s.server, s.schedule)),
    Mine(G + "delete_task", OT + "delete", lambda s: given(s.server, s.schedule, s.task)),
    Mine(G + "delete_schedule", OG + "delete", lambda s: given(s.server, s.schedule)),
)  # fmt: skip

N, ON = "client.servers.network.", "client.network."
NETWORK = (
    Mine(N + "list_allocations", ON + "list", here()),
    Mine(N + "assign_allocation", ON + "create", lambda s: given(s.other_server), "assigned", number),
    Mine(N + "unassign_allocation", ON + "delete", lambda s: given(s.other_server, s.assigned)),
    Mine(N + "set_allocation_note", ON + "update_notes", lambda s: given(s.server, s.alloc_extra, notes="query")),
    Mine(N + "set_primary_allocation", ON + "make_primary", lambda s: given(s.server, s.alloc_extra)),
)

STARTUP = (
    Mine("client.servers.startup.list_variables", "client.startup.view", here()),
    Mine("client.servers.startup.update_variable", "client.startup.update_variable",
         here(key="SERVER_JARFILE", value="paper.jar")),
)  # fmt: skip

U, OU = "client.servers.users.", "client.subusers."
SUBUSERS = (
    Mine(U + "create_user", OU + "create", here(email="friend@example.com", permissions=["file.read"]),
         "friend", lambda one: one.uuid),
    Mine(U + "list_users", OU + "list", here()),
    Mine(U + "get_user", OU + "view", lambda s: given(s.server, s.friend)),
    Mine(U + "update_user", OU + "replace_permissions", lambda s: given(
        s.server, s.friend, permissions=["control.start"])),
    Mine(U + "delete_user", OU + "delete", lambda s: given(s.server, s.friend)),
)  # fmt: skip

B, OB = "client.servers.backups.", "client.backups."
BACKUPS = (
    Mine(B + "create_backup", OB + "create", here(), "backup", lambda one: one.uuid, lambda s: s.wait(
        lambda: s.here(f"/backups/{s.backup}")["completed_at"])),
    Mine(B + "get_backup_detail", OB + "view", lambda s: given(s.server, s.backup)),
    Mine(B + "list_backups", OB + "list", here()),
    Mine(B + "get_backup_download", OB + "download_url", lambda s: given(s.server, s.backup)),
    Mine(B + "restore_backup", OB + "restore", lambda s: given(s.server, s.backup, truncate=True), ends=ready),
    Mine(B + "delete_backup", OB + "delete", lambda s: given(s.server, s.backup)),
)  # fmt: skip

SETTINGS = (
    Mine("client.servers.settings.rename_server", "client.settings.rename", here(name="alpha2")),
    Mine("client.servers.settings.reinstall_server", "client.settings.reinstall", here(), ends=ready),
)

L, OL = "locations.", "api.locations."
LOCATIONS = (
    Mine(L + "list_locations", OL + "list"),
    Mine(L + "get_location_info", OL + "view", lambda s: given(s.location)),
    Mine(L + "create_location", OL + "create", lambda _: given(short="us.nyc", long="New York"), "place", number),
    Mine(L + "edit_location", OL + "replace", lambda s: given(s.place, models.LocationBody("us.nyc.2", None))),
    Mine(L + "delete_location", OL + "delete", lambda s: given(s.place)),
)

NESTS = (
    Mine("nests.list_nests", "api.nests.list"),
    Mine("nests.get_nest_info", "api.nests.view", lambda s: given(s.nest)),
    Mine("nests.get_eggs_in_nest", "api.eggs.list", lambda s: given(s.nest)),
    Mine("nests.get_egg_info", "api.eggs.view", lambda s: given(s.nest, s.egg, ("variables",))),
)

O, OO, OA = "nodes.", "api.nodes.", "api.allocations."  # noqa: E741
NODES = (
    Mine(O + "list_nodes", OO + "list"),
    Mine(O + "get_node_details", OO + "view", lambda s: given(s.node)),
    Mine(O + "get_node_info", OO + "view", lambda s: given(s.node)),
    Mine(O + "get_node_config", OO + "configuration", lambda s: given(s.node)),
    Mine(O + "create_node", OO + "create", lambda s: given(
        name="Node Two", location_id=s.location, fqdn="node2.example.com", memory_mib=4096, disk_mib=20000),
        "second_node", number),
    Mine(O + "edit_node", OO + "replace", lambda s: given(s.node, node_body(s))),
    Mine(O + "delete_node", OO + "delete", lambda s: given(s.second_node)),
    Mine(O + "create_allocations", OA + "create", lambda s: given(
        s.node, ip="127.0.0.1", ports=[25700, "25701-25702"])),
    Mine(O + "list_node_allocations", OA + "list", lambda s: given(s.node), "new_port", lambda page: next(
        one.id for one in page.items if one.port == 25700)),
    Mine(O + "delete_allocation", OA + "delete", lambda s: given(s.node, s.new_port)),
)  # fmt: skip

V, OV = "user.", "api.users."
USERS = (
    Mine(V + "create_user", OV + "create", lambda _: given(
        email="jane@example.com", username="jane", first_name="Jane", last_name="Doe", external_id="ext-1",
        password="Secret-Word-1"), "jane", number),
    Mine(V + "list_users", OV + "list", lambda _: given(filters={"email": "jane@example.com"})),
    Mine(V + "get_user_info", OV + "view", lambda s: given(s.jane)),
    Mine(V + "edit_user", OV + "replace", lambda s: given(s.jane, JANE)),
    Mine(V + "delete_user", OV + "delete", lambda s: given(s.jane)),
)  # fmt: skip

M, OM, OB2 = "servers.", "api.servers.", "api.databases."
APPLICATION_SERVERS = (
    Mine(M + "list_servers", OM + "list"),
    Mine(M + "create_server", OM + "create", lambda s: given(new_server(s)), "made", ends=made_ready),
    Mine(M + "get_server_info", OM + "view", lambda s: given(s.made.internal_id)),
    Mine(M + "get_server_info", OM + "view_external", lambda _: given("srv-1")),
    Mine(M + "update_server_details", OM + "replace_details", lambda s: given(
        s.made.internal_id, models.ServerDetails("made2", s.owner_id, "srv-1", "text"))),
    Mine(M + "update_server_build", OM + "replace_build", lambda s: given(s.made.internal_id, models.ServerBuild(
        allocation=s.alloc_free, memory_mib=2048, swap_mib=0, disk_mib=5120, io=500, cpu_percent=100, threads=None,
        oom_disabled=True, databases=1, allocations=2, backups=1))),
    Mine(M + "update_server_startup", OM + "replace_startup", lambda s: given(s.made.internal_id, models.ServerStartup(
        startup="java", egg=s.egg, image=s.docker_image, environment=s.environment, skip_scripts=False))),
    Mine(M + "suspend_server", OM + "suspend", lambda s: given(s.made.internal_id)),
    Mine(M + "unsuspend_server", OM + "unsuspend", lambda s: given(s.made.internal_id)),
    Mine(M + "reinstall_server", OM + "reinstall", lambda s: given(s.made.internal_id), ends=made_ready),
    Mine(M + "delete_server", OM + "delete", lambda s: given(s.made.internal_id)),
    Mine(M + "create_server_database", OB2 + "create", lambda s: given(
        s.server_id, database="host", remote="%", host=s.db_host), "hosts", number),
    Mine(M + "list_server_databases", OB2 + "list", lambda s: given(s.server_id)),
    Mine(M + "get_server_database_info", OB2 + "view", lambda s: given(s.server_id, s.hosts)),
    Mine(M + "reset_server_database_password", OB2 + "reset_password", lambda s: given(s.server_id, s.hosts)),
    Mine(M + "delete_server_database", OB2 + "delete", lambda s: given(s.server_id, s.hosts)),
)  # fmt: skip


def every() -> Iterator[Mine]:
    """All of them."""
    yield from (*ACCOUNT, *SERVERS, *FILES, *DATABASES, *SCHEDULES, *NETWORK, *STARTUP, *SUBUSERS, *BACKUPS, *SETTINGS)
    yield from (*LOCATIONS, *NESTS, *NODES, *USERS, *APPLICATION_SERVERS)
