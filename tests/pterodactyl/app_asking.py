"""Recorded application steps, each as the typed call that asks the same.

`ask` takes the arguments out of the recorded request; what no typed method can say raises Unaskable. Where a recording
does not tell an id, the one that its answer names stands for it, else 1.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from portal.pterodactyl import ApplicationApi, errors, models
from portal.pterodactyl.api import Caller
from tests.pterodactyl.app_routes import matched
from tests.pterodactyl.asking import CONDITIONS, Asked, Unaskable, _Body, _Refusing
from tests.pterodactyl.fakes import APP_KEY
from tests.support.replay import Step, steps

TEXTS = {"docker_image": "img:21", "environment": {"SERVER_JARFILE": "server.jar"}, "sub_email": "s@example.com"}
"""What stands for the variables of recorded requests that are no ids."""


def _filled(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _filled(one) for name, one in value.items()}
    if isinstance(value, list):
        return [_filled(one) for one in value]
    found = re.fullmatch(r"\{(\w+)\}", value) if isinstance(value, str) else None
    return TEXTS.get(found[1], 1) if found else value


def take_apart(step: Step) -> Asked:
    """The request of a step. Raises Unaskable for unknown routes and methods."""
    parts = urlsplit(step.path)
    found = matched(step.method, parts.path)
    if found is None:
        raise Unaskable("no such route")
    return Asked(step, found[0], found[1], _Body(parse_qsl(parts.query)), _Body(_filled(step.request or {})))


def places(asked: Asked) -> dict[str, Any]:
    """What stands in the path: ids, and an external id as it is."""
    attributes = (asked.step.json or {}).get("attributes", {})
    found: dict[str, Any] = {}
    for name, text in asked.at.items():
        if name == "external_id":
            found[name] = text
        elif text.isdigit():
            found[name] = int(text)
        elif name == "server" and "database" in asked.at:
            found[name] = attributes.get("server", 1)
        elif name == list(asked.at)[-1]:
            found[name] = attributes.get("id", 1)
        else:
            found[name] = 1
    return found


def path_of(asked: Asked) -> str:
    """The path, with such stand-ins in it."""
    return "/api/application" + asked.route.split(" ")[1].format(**places(asked))


def ask(api: ApplicationApi, asked: Asked) -> Any:
    """Ask it by the typed method."""
    try:
        return ASK[asked.route][0](api, asked, places(asked))
    except ValueError as error:
        raise Unaskable(str(error)) from None


def _some(asked: Asked) -> dict[str, Any]:
    filters = {name[7:-1]: value for name, value in asked.query.items() if name.startswith("filter[")}
    return {"include": asked.words("include"), **({"filters": filters} if filters else {}), **asked.paging()}


def _user(body: Any) -> models.UserBody:
    more = {"external_id": None, "language": "en", "root_admin": False} | body
    more.pop("password", None)
    return models.UserBody(**more)


def _new_user(api: ApplicationApi, a: Asked, at: Any) -> Any:
    for name in ("email", "username", "first_name", "last_name"):
        a.body[name]
    return api.users.create(**a.body)


def _node(body: Any) -> dict[str, Any]:
    """By the library's names."""
    units = {"memory": "_mib", "disk": "_mib", "upload_size": "_mib", "memory_overallocate": "_percent",
             "disk_overallocate": "_percent"}  # fmt: skip
    return {name + units.get(name, ""): value for name, value in body.items()}


def _node_body(body: Any) -> models.NodeBody:
    more = {"public": True, "behind_proxy": False, "maintenance_mode": False,
            "daemon_base": "/var/lib/pterodactyl/volumes"}  # fmt: skip
    return models.NodeBody(**_node(more | body))


def _details(body: Any) -> models.ServerDetails:
    return models.ServerDetails(**({"external_id": None, "description": ""} | body))


def _limits(body: Any) -> dict[str, Any]:
    return {"memory_mib": body["memory"], "swap_mib": body["swap"], "disk_mib": body["disk"], "io": body["io"],
            "cpu_percent": body["cpu"], "threads": body.get("threads"), "oom_disabled": True}  # fmt: skip


def _build(api: ApplicationApi, a: Asked, at: Any) -> Any:
    body = models.ServerBuild(allocation=a.body["allocation"], **_limits(a.body), **a.body["feature_limits"])
    return api.servers.replace_build(at["server"], body, **a.given("add_allocations", "remove_allocations"))


def new_server(body: Any) -> models.NewServer:
    """What a recorded body asks for."""
    deploy, chosen = body.get("deploy"), body.get("allocation")
    place: models.OnAllocations | models.Deploy = models.OnAllocations(chosen["default"]) if chosen else models.Deploy(
        tuple(deploy["locations"]), tuple(deploy["port_range"]), deploy["dedicated_ip"])  # fmt: skip
    more = {"external_id": None, "description": "", "skip_scripts": False, "start_on_completion": False}
    more |= {name: body[name] for name in more if name in body}
    same = {name: body[name] for name in ("name", "user", "egg", "docker_image", "startup", "environment")}
    return models.NewServer(
        **same, **more, limits=models.Limits(**_limits(body["limits"])), place=place,
        feature_limits=models.FeatureLimits(**body["feature_limits"]),
    )  # fmt: skip


def _create(api: ApplicationApi, a: Asked, at: Any) -> Any:
    a.body["name"]
    return api.servers.create(new_server(a.body))


NOTHING = type(None)
Ask = Callable[[ApplicationApi, Asked, Any], Any]
S, D = "/servers/{server}", "/servers/{server}/databases/{database}"
ASK: dict[str, tuple[Ask, type]] = {
    "GET /users": (lambda c, a, at: c.users.list(**_some(a)), models.Page),
    "GET /users/{user}": (lambda c, a, at: c.users.view(at["user"], a.words("include")), models.AppUser),
    "GET /users/external/{external_id}": (
        lambda c, a, at: c.users.view_external(at["external_id"], a.words("include")), models.AppUser),
    "POST /users": (_new_user, models.AppUser),
    "PATCH /users/{user}": (
        lambda c, a, at: c.users.replace(at["user"], _user(a.body), **a.given("password")), models.AppUser),
    "DELETE /users/{user}": (lambda c, a, at: c.users.delete(at["user"]), NOTHING),
    "GET /nodes": (lambda c, a, at: c.nodes.list(**_some(a)), models.Page),
    "GET /nodes/deployable": (
        lambda c, a, at: c.nodes.deployable(memory_mib=int(a.query["memory"]), disk_mib=int(a.query["disk"])), tuple),
    "GET /nodes/{node}": (lambda c, a, at: c.nodes.view(at["node"], a.words("include")), models.AppNode),
    "GET /nodes/{node}/configuration": (lambda c, a, at: c.nodes.configuration(at["node"]), models.NodeConfiguration),
    "POST /nodes": (lambda c, a, at: c.nodes.create(**_node(a.body)), models.AppNode),
    "PATCH /nodes/{node}": (lambda c, a, at: c.nodes.replace(at["node"], _node_body(a.body)), models.AppNode),
    "DELETE /nodes/{node}": (lambda c, a, at: c.nodes.delete(at["node"]), NOTHING),
    "GET /nodes/{node}/allocations": (lambda c, a, at: c.allocations.list(at["node"], **_some(a)), models.Page),
    "POST /nodes/{node}/allocations": (lambda c, a, at: c.allocations.create(at["node"], **a.body), NOTHING),
    "DELETE /nodes/{node}/allocations/{allocation}": (
        lambda c, a, at: c.allocations.delete(at["node"], at["allocation"]), NOTHING),
    "GET /locations": (lambda c, a, at: c.locations.list(**_some(a)), models.Page),
    "GET /locations/{location}": (
        lambda c, a, at: c.locations.view(at["location"], a.words("include")), models.AppLocation),
    "POST /locations": (lambda c, a, at: c.locations.create(**a.body), models.AppLocation),
    "PATCH /locations/{location}": (
        lambda c, a, at: c.locations.replace(at["location"], models.LocationBody(**a.body)), models.AppLocation),
    "DELETE /locations/{location}": (lambda c, a, at: c.locations.delete(at["location"]), NOTHING),
    "GET /servers": (lambda c, a, at: c.servers.list(**_some(a)), models.Page),
    f"GET {S}": (lambda c, a, at: c.servers.view(at["server"], a.words("include")), models.AppServer),
    "GET /servers/external/{external_id}": (
        lambda c, a, at: c.servers.view_external(at["external_id"], a.words("include")), models.AppServer),
    f"PATCH {S}/details": (
        lambda c, a, at: c.servers.replace_details(at["server"], _details(a.body)), models.AppServer),
    f"PATCH {S}/build": (_build, models.AppServer),
    f"PATCH {S}/startup": (
        lambda c, a, at: c.servers.replace_startup(at["server"], models.ServerStartup(**a.body)), models.AppServer),
    "POST /servers": (_create, models.AppServer),
    f"POST {S}/suspend": (lambda c, a, at: c.servers.suspend(at["server"]), NOTHING),
    f"POST {S}/unsuspend": (lambda c, a, at: c.servers.unsuspend(at["server"]), NOTHING),
    f"POST {S}/reinstall": (lambda c, a, at: c.servers.reinstall(at["server"]), NOTHING),
    f"DELETE {S}": (lambda c, a, at: c.servers.delete(at["server"]), NOTHING),
    f"DELETE {S}/force": (lambda c, a, at: c.servers.delete(at["server"], force=True), NOTHING),
    f"GET {S}/databases": (lambda c, a, at: c.databases.list(at["server"], include=a.words("include")), tuple),
    f"GET {D}": (
        lambda c, a, at: c.databases.view(at["server"], at["database"], a.words("include")), models.AppDatabase),
    f"POST {S}/databases": (lambda c, a, at: c.databases.create(at["server"], **a.body), models.AppDatabase),
    f"POST {D}/reset-password": (lambda c, a, at: c.databases.reset_password(at["server"], at["database"]), NOTHING),
    f"DELETE {D}": (lambda c, a, at: c.databases.delete(at["server"], at["database"]), NOTHING),
    "GET /nests": (lambda c, a, at: c.nests.list(**_some(a)), models.Page),
    "GET /nests/{nest}": (lambda c, a, at: c.nests.view(at["nest"], a.words("include")), models.AppNest),
    "GET /nests/{nest}/eggs": (lambda c, a, at: c.eggs.list(at["nest"], include=a.words("include")), tuple),
    "GET /nests/{nest}/eggs/{egg}": (
        lambda c, a, at: c.eggs.view(at["nest"], at["egg"], a.words("include")), models.AppEgg),
}  # fmt: skip

LIST = {"page": "1", "per_page": "100", "sort": "id"}
UNSORTED = {"page": "1", "per_page": "100"}
PAGED = "a list is asked for by page, with a size of our choice, in order where it has one"
FULL = "a body is written whole, so that nothing is cleared or reset by leaving it out"
MORE: dict[str, tuple[dict[str, Any], str]] = {
    **dict.fromkeys(("GET /users", "GET /nodes", "GET /locations", "GET /servers"), (LIST, PAGED)),
    **dict.fromkeys(("GET /nodes/{node}/allocations", "GET /nests"), (UNSORTED, PAGED)),
    **dict.fromkeys(("POST /users", "PATCH /users/{user}"),
                    ({"external_id": None, "language": "en", "root_admin": False}, FULL)),
    **dict.fromkeys(("POST /nodes", "PATCH /nodes/{node}"),
                    ({"public": True, "behind_proxy": False, "maintenance_mode": False,
                      "daemon_base": "/var/lib/pterodactyl/volumes"}, FULL)),
    "POST /nodes/{node}/allocations": ({"alias": None}, FULL),
    f"PATCH {S}/details": ({"external_id": None, "description": ""}, FULL),
    f"PATCH {S}/build": ({"limits": {"threads": None}, "oom_disabled": True, "add_allocations": [],
                          "remove_allocations": []}, FULL),
    "POST /servers": ({"external_id": None, "description": "", "skip_scripts": False, "start_on_completion": False,
                       "oom_disabled": True, "limits": {"threads": None}}, FULL),
}  # fmt: skip
"""What a typed method sends beyond the recorded request, and why."""


def body_of(asked: Asked) -> Any:
    """The recorded body in the shape of ours: limits of a build below `limits`, not beside them (the older form)."""
    body = dict(asked.body)
    if asked.route == f"PATCH {S}/build":
        names = ("memory", "swap", "disk", "io", "cpu", "threads")
        body["limits"] = {name: body.pop(name) for name in names if name in body}
    if "allocation" in body and asked.route == "POST /servers":
        body["allocation"] = {"additional": []} | body["allocation"]
    return body


def application_steps() -> list[tuple[str, Step]]:
    """Every recorded step below `/api/application`, with the recording it is from."""
    return [
        (condition, step)
        for condition in CONDITIONS
        for step in steps(condition).values()
        if step.path.startswith("/api/application")
    ]


def reason(step: Step) -> str | None:
    """Why no typed method can ask this step, or None if one can."""
    try:
        ask(ApplicationApi(Caller(_Refusing(), APP_KEY, None, "sync")), take_apart(step))  # type: ignore[arg-type]
    except Unaskable as error:
        return str(error)
    except errors.PanelError:
        return None
    raise AssertionError(f"{step.name} was answered by nobody")


def askable() -> list[tuple[str, Asked]]:
    """Those that typed methods can ask, with a name for each."""
    return [
        (f"{condition}: {step.name}", take_apart(step))
        for condition, step in application_steps()
        if reason(step) is None
    ]


def before(asked: Asked) -> Step | None:
    """What a method reads before it changes anything."""
    return steps()["app server database"] if "{database}" in asked.route and asked.step.method != "GET" else None
