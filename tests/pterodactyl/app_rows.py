"""Of every typed method of the application API one call, with the requests that it must make."""

from __future__ import annotations

import inspect
from dataclasses import dataclass, field
from typing import Any

from portal.pterodactyl import ApplicationApi, models
from tests.pterodactyl import app_objects as made
from tests.pterodactyl.app_routes import Sent
from tests.pterodactyl.fakes import error


@dataclass(frozen=True)
class Row:
    """A call of a typed method, and the requests that it must make; `told` is what routes answer otherwise."""

    arguments: dict[str, Any]
    requests: tuple[Sent, ...]
    told: dict[str, tuple[int, Any]] = field(default_factory=dict)


def _get(path: str, **query: str) -> Sent:
    return Sent("GET", path, query, None)


def _row(*requests: Sent, **arguments: Any) -> Row:
    return Row(arguments, requests)


TAKEN = error(422, "ValidationException", "The external id has already been taken.",
              source_field="external_id", rule="unique")  # fmt: skip


def _list(path: str, sort: bool = True, include: str = "", **filters: str) -> Sent:
    more = {"sort": "id"} if sort else {}
    more |= {"include": include} if include else {}
    return Sent("GET", path, {"page": "1", "per_page": "100", **more} | filters, None)


def _filter(name: str, value: str) -> dict[str, Any]:
    return {f"filter[{name}]": value}


def _put(method: str, path: str, body: Any = None) -> Sent:
    return Sent(method, path, {}, body)


USER = {
    "email": "ann@example.com", "username": "ann", "first_name": "Ann", "last_name": "Lee", "external_id": "crm-7",
    "language": "de", "root_admin": True,
}  # fmt: skip
NODE = {
    "name": "Node Four", "location_id": 3, "fqdn": "four.example.com", "scheme": "http", "public": False,
    "behind_proxy": True, "maintenance_mode": True, "memory": 8192, "memory_overallocate": 20, "disk": 50000,
    "disk_overallocate": -1, "upload_size": 250, "daemon_listen": 8443, "daemon_sftp": 2222,
    "daemon_base": "/srv/elsewhere",
}  # fmt: skip
LOCATION = {"short": "eu.de", "long": "Frankfurt"}
DETAILS = {"name": "Lobby", "user": 7, "external_id": "order-12", "description": "all begins here"}
LIMITS = {"memory": 1024, "swap": -1, "disk": 5120, "io": 400, "cpu": 150, "threads": "0-1"}
BUILD = {
    "allocation": 42, "limits": LIMITS, "oom_disabled": False,
    "feature_limits": {"databases": None, "allocations": 3, "backups": 4},
    "add_allocations": [], "remove_allocations": [],
}  # fmt: skip
STARTUP = {
    "startup": "java -jar {{JAR}} nogui", "egg": 5, "image": "img:9", "environment": {"JAR": "paper.jar"},
    "skip_scripts": False,
}  # fmt: skip
USER_BODY = models.UserBody("ann@example.com", "ann", "Ann", "Lee", "crm-7", "de", True)
NODE_BODY = models.NodeBody(
    name="Node Four", location_id=3, fqdn="four.example.com", scheme="http", public=False, behind_proxy=True,
    maintenance_mode=True, memory_mib=8192, memory_overallocate_percent=20, disk_mib=50000,
    disk_overallocate_percent=-1, upload_size_mib=250, daemon_listen=8443, daemon_sftp=2222,
    daemon_base="/srv/elsewhere",
)  # fmt: skip
DETAILS_BODY = models.ServerDetails("Lobby", 7, "order-12", "all begins here")
BUILD_BODY = models.ServerBuild(42, 1024, -1, 5120, 400, 150, "0-1", False, None, 3, 4)
STARTUP_BODY = models.ServerStartup("java -jar {{JAR}} nogui", 5, "img:9", {"JAR": "paper.jar"}, False)
NEW = models.NewServer(
    name="Lobby", user=7, egg=5, docker_image="img:9", startup="java -jar {{JAR}}", environment={"JAR": "paper.jar"},
    limits=models.Limits(
        memory_mib=1024, swap_mib=-1, disk_mib=5120, io=400, cpu_percent=150, threads="0-1", oom_disabled=False
    ),
    feature_limits=models.FeatureLimits(databases=1, allocations=None, backups=2),
    place=models.Deploy((3,), ("25565", "25570-25600"), True), external_id="order-12", description="d",
    skip_scripts=True, start_on_completion=True,
)  # fmt: skip
CREATED = {
    "name": "Lobby", "user": 7, "egg": 5, "docker_image": "img:9", "startup": "java -jar {{JAR}}",
    "environment": {"JAR": "paper.jar"}, "limits": LIMITS, "oom_disabled": False,
    "feature_limits": {"databases": 1, "allocations": None, "backups": 2}, "external_id": "order-12",
    "description": "d", "skip_scripts": True, "start_on_completion": True,
    "deploy": {"locations": [3], "port_range": ["25565", "25570-25600"], "dedicated_ip": True},
}  # fmt: skip
PREPARED = {
    "name": "Lobby", "user": 7, "nest": 1, "egg": 5,
    "limits": models.Limits(memory_mib=1024, disk_mib=5120, cpu_percent=100),
    "place": models.OnAllocations(42), "external_id": "order-12",
}  # fmt: skip
NEW_NODE = {"name": "Node Four", "location_id": 3, "fqdn": "four.example.com", "memory_mib": 8192, "disk_mib": 50000}
NODE_DEFAULTS = {
    "scheme": "https", "public": True, "behind_proxy": False, "maintenance_mode": False, "memory_overallocate": 0,
    "disk_overallocate": 0, "upload_size": 100, "daemon_listen": 8080, "daemon_sftp": 2022,
    "daemon_base": "/var/lib/pterodactyl/volumes",
}  # fmt: skip

ROWS: dict[str, Row] = {
    "users.list": _row(
        _list("/users", include="servers", **_filter("username", "a&b=c")),
        filters={"username": "a&b=c"}, include=("servers",),
    ),
    "users.iterate": _row(_list("/users", **_filter("email", "ann")), filters={"email": "ann"}),
    "users.find_by_email": _row(_list("/users", **_filter("email", "Ann@example.com")), email="Ann@example.com"),
    "users.view": _row(_get("/users/7", include="servers"), user_id=7, include=("servers",)),
    "users.view_external": Row(
        {"external_id": "crm 7"}, (_get("/users/external/crm%207"),),
        {"GET /users/external/{external_id}": (200, made.user(external_id="crm 7"))},
    ),
    "users.create": _row(
        _put("POST", "/users", USER | {"external_id": None, "language": "en", "root_admin": False}),
        email="ann@example.com", username="ann", first_name="Ann", last_name="Lee",
    ),
    "users.replace": _row(
        _put("PATCH", "/users/7", USER | {"password": "S3CRET"}), user_id=7, body=USER_BODY, password="S3CRET"
    ),
    "users.update_user": _row(
        _get("/users/7"), _put("PATCH", "/users/7", USER | {"first_name": "Anna"}), user_id=7, first_name="Anna"
    ),
    "users.delete": _row(_put("DELETE", "/users/7"), user_id=7),
    "nodes.list": _row(
        _list("/nodes", include="location,servers.user", **_filter("fqdn", "x")),
        filters={"fqdn": "x"}, include=("location", "servers.user"),
    ),
    "nodes.iterate": _row(_list("/nodes")),
    "nodes.view": _row(_get("/nodes/4", include="allocations.server"), node_id=4, include=("allocations.server",)),
    "nodes.deployable": _row(
        Sent("GET", "/nodes/deployable", {
            "memory": "1024", "disk": "0", "include": "location", "location_ids[0]": "3", "location_ids[1]": "5",
        }, None),
        memory_mib=1024, disk_mib=0, location_ids=(3, 5), include=("location",),
    ),
    "nodes.configuration": _row(_get("/nodes/4/configuration"), node_id=4),
    "nodes.create": _row(
        _put("POST", "/nodes", NODE_DEFAULTS | {
            "name": "Node Four", "location_id": 3, "fqdn": "four.example.com", "memory": 8192, "disk": 50000,
        }),
        **NEW_NODE,
    ),
    "nodes.replace": _row(
        _put("PATCH", "/nodes/4", NODE | {"reset_secret": True}), node_id=4, body=NODE_BODY, reset_secret=True
    ),
    "nodes.update_node": _row(
        _get("/nodes/4"), _put("PATCH", "/nodes/4", NODE | {"memory": 1}), node_id=4, memory_mib=1
    ),
    "nodes.delete": _row(_put("DELETE", "/nodes/4"), node_id=4),
    "allocations.list": _row(
        _list("/nodes/4/allocations", sort=False, include="server", **_filter("server_id", "0")),
        node_id=4, filters={"server_id": "0"}, include=("server",),
    ),
    "allocations.iterate": _row(_list("/nodes/4/allocations", sort=False), node_id=4),
    "allocations.find": _row(
        _list("/nodes/4/allocations", sort=False, **_filter("ip", "192.0.2.1") | _filter("port", "25565")),
        node_id=4, ip="192.0.2.1", port=25565,
    ),
    "allocations.create": _row(
        _put("POST", "/nodes/4/allocations", {"ip": "192.0.2.0/27", "ports": ["25565", "25570-25600"], "alias": "a"}),
        node_id=4, ip="192.0.2.0/27", ports=(25565, "25570-25600"), alias="a",
    ),
    "allocations.delete": _row(_put("DELETE", "/nodes/4/allocations/42"), node_id=4, allocation_id=42),
    "locations.list": _row(_list("/locations", include="nodes", **_filter("short", "eu")),
                           filters={"short": "eu"}, include=("nodes",)),
    "locations.iterate": _row(_list("/locations")),
    "locations.view": _row(_get("/locations/3", include="servers"), location_id=3, include=("servers",)),
    "locations.create": _row(_put("POST", "/locations", {"short": "us", "long": None}), short="us"),
    "locations.replace": _row(
        _put("PATCH", "/locations/3", LOCATION), location_id=3, body=models.LocationBody("eu.de", "Frankfurt")
    ),
    "locations.update_location": _row(
        _get("/locations/3"), _put("PATCH", "/locations/3", LOCATION | {"long": None}), location_id=3, long=None
    ),
    "locations.delete": _row(_put("DELETE", "/locations/3"), location_id=3),
    "nests.list": _row(_list("/nests", sort=False, include="eggs.variables"), include=("eggs.variables",)),
    "nests.iterate": _row(_list("/nests", sort=False)),
    "nests.view": _row(_get("/nests/1", include="servers"), nest_id=1, include=("servers",)),
    "eggs.list": _row(_get("/nests/1/eggs", include="variables"), nest_id=1, include=("variables",)),
    "eggs.view": _row(_get("/nests/1/eggs/5", include="nest"), nest_id=1, egg_id=5, include=("nest",)),
    "eggs.find": _row(_list("/nests", sort=False, include="eggs.variables"), egg_id=5),
    "servers.list": _row(
        _list("/servers", include="user,node.location", **_filter("name", "lob")),
        filters={"name": "lob"}, include=("user", "node.location"),
    ),
    "servers.iterate": _row(_list("/servers")),
    "servers.view": _row(_get("/servers/12", include="variables"), server_id=12, include=("variables",)),
    "servers.view_external": Row(
        {"external_id": "order#12", "include": ("egg",)}, (_get("/servers/external/order%2312", include="egg"),),
        {"GET /servers/external/{external_id}": (200, made.app_server(external_id="order#12"))},
    ),
    "servers.create": _row(_put("POST", "/servers", CREATED), new=NEW),
    "servers.create_once": _row(_put("POST", "/servers", CREATED), new=NEW),
    "servers.prepare": _row(_get("/nests/1/eggs/5", include="variables"), **PREPARED),
    "servers.create_in_locations": _row(
        *(
            _put("POST", "/servers", CREATED | {
                "external_id": name, "deploy": CREATED["deploy"] | {"locations": [place]},  # type: ignore[operator]
            })
            for place, name in ((3, "a"), (5, "b"))
        ),
        new=NEW, external_ids={3: "a", 5: "b"},
    ),
    "servers.replace_details": _row(_put("PATCH", "/servers/12/details", DETAILS), server_id=12, body=DETAILS_BODY),
    "servers.update_details": _row(
        _get("/servers/12"), _put("PATCH", "/servers/12/details", DETAILS | {"name": "n"}), server_id=12, name="n"
    ),
    "servers.replace_build": _row(
        _put("PATCH", "/servers/12/build", BUILD | {"add_allocations": [43], "remove_allocations": [44]}),
        server_id=12, body=BUILD_BODY, add_allocations=(43,), remove_allocations=(44,),
    ),
    "servers.update_build": _row(
        _get("/servers/12"), _put("PATCH", "/servers/12/build", BUILD | {"limits": LIMITS | {"memory": 2}}),
        server_id=12, memory_mib=2,
    ),
    "servers.replace_startup": _row(_put("PATCH", "/servers/12/startup", STARTUP), server_id=12, body=STARTUP_BODY),
    "servers.update_startup": _row(
        _get("/servers/12", include="variables"),
        _put("PATCH", "/servers/12/startup", STARTUP | {"image": "i", "skip_scripts": True, "environment": {}}),
        server_id=12, image="i", skip_scripts=True,
    ),
    "servers.suspend": _row(_put("POST", "/servers/12/suspend"), server_id=12),
    "servers.unsuspend": _row(_put("POST", "/servers/12/unsuspend"), server_id=12),
    "servers.reinstall": _row(_put("POST", "/servers/12/reinstall"), server_id=12),
    "servers.delete": _row(_put("DELETE", "/servers/12"), server_id=12),
    "databases.list": _row(_get("/servers/12/databases", include="host"), server_id=12, include=("host",)),
    "databases.view": _row(_get("/servers/12/databases/6", include="password"),
                           server_id=12, database_id=6, include=("password",)),
    "databases.create": _row(
        _put("POST", "/servers/12/databases", {"database": "main", "remote": "10.%", "host": 2}),
        server_id=12, database="main", remote="10.%", host=2,
    ),
    "databases.reset_password": _row(
        _get("/servers/12/databases/6"), _put("POST", "/servers/12/databases/6/reset-password"),
        server_id=12, database_id=6,
    ),
    "databases.delete": _row(
        _get("/servers/12/databases/6"), _put("DELETE", "/servers/12/databases/6"), server_id=12, database_id=6
    ),
}  # fmt: skip
BESIDES: dict[str, Row] = {
    "servers.create_once": Row(
        {"new": NEW}, (_put("POST", "/servers", CREATED), _get("/servers/external/order-12")), {"POST /servers": TAKEN}
    ),
    "servers.create_in_locations": Row(
        {"new": NEW, "external_ids": {3: "order-12"}},
        (_put("POST", "/servers", CREATED), _get("/servers/external/order-12")), {"POST /servers": TAKEN},
    ),
    "servers.prepare": _row(_list("/nests", sort=False, include="eggs.variables"), **PREPARED | {"nest": None}),
    "servers.delete": _row(_put("DELETE", "/servers/12/force"), server_id=12, force=True),
    "servers.update_startup": _row(
        _get("/servers/12", include="variables"), _list("/nests", sort=False, include="eggs.variables"),
        _put("PATCH", "/servers/12/startup", STARTUP | {"egg": 6, "environment": {"JAR": "paper.jar", "NEW": "n"}}),
        server_id=12, skip_scripts=False, egg=6,
    ),
}  # fmt: skip
"""A second call of methods that may ask in another way."""

READS = {name for name, row in ROWS.items() if all(one.method == "GET" for one in row.requests)}
WRITES = {name for name, row in ROWS.items() if len(row.requests) == 1} - READS
TWO_STEPS = set(ROWS) - READS - WRITES - {"servers.create_in_locations"}
"""A read, then a write."""


def number_of(thing: Any) -> int:
    """The id that the application API calls it by."""
    return thing.internal_id if isinstance(thing, models.AppServer) else thing.id  # type: ignore[no-any-return]


def call(api: ApplicationApi, name: str, /, row: Row | None = None, **changed: Any) -> Any:
    """Make the call of this name, with some arguments changed."""
    group, method = name.split(".")
    found = getattr(getattr(api, group), method)(**((row or ROWS[name]).arguments | changed))
    return list(found) if inspect.isgenerator(found) else found
