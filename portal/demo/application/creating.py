"""`POST /servers`: a new server, on an allocation that is named or picked (`ServerCreationService`)."""
from __future__ import annotations

from contextlib import suppress
from typing import Any

from werkzeug.wrappers import Response

from portal.demo import php
from portal.demo.application.access import scope_of
from portal.demo.application.builds import LIMITS, THREADS
from portal.demo.application.deployment import pick_allocation
from portal.demo.application.servers import find_user, identity_rules
from portal.demo.application.startup import IMAGE, egg_rules, find_egg, values_of
from portal.demo.collation import same_number
from portal.demo.columns import HIGHEST, text_or_none, whole_number
from portal.demo.context import Context
from portal.demo.errors import crashed
from portal.demo.http import json_response
from portal.demo.link import NodeError
from portal.demo.people import refused_by_model
from portal.demo.routing import Route
from portal.demo.transformers.relationships import transform
from portal.demo.validation import Custom, Rules, exists, validate
from portal.demo.world import Allocation, Egg, EggVariable, FeatureLimits, Limits, Server, User

_ORDER = ("memory", "swap", "disk", "io")
_FEATURES = {"databases": "present|nullable|integer|min:0", "allocations": "sometimes|nullable|integer|min:0",
             "backups": "present|nullable|integer|min:0"}


def create_server(context: Context) -> Response:
    """Request, node, allocation, variables, row, Wings: the first that fails is told.  No mail and no activity."""
    values = context.request.input
    validate(values, _rules(context))
    egg_asked, allocation = values["egg"], _allocation(context, values)
    egg = find_egg(context, egg_asked)
    variables = values_of(egg, egg_asked, values["environment"])
    server = _insert(context, egg, allocation, variables)
    try:
        context.services.link.call_node(server.node, "POST", "/api/servers", {
            "uuid": server.uuid, "start_on_completion": php.as_boolean(values.get("start_on_completion"))})
    except NodeError as error:
        with suppress(NodeError):
            context.services.link.call(server, "DELETE")
        context.world.remove(server)
        raise error.as_panel_error() from error
    shown = transform("server", server, scope_of(context))
    shown["attributes"]["limits"].update(_as_sent(values["limits"]))
    return json_response(shown, 201)


def _as_sent(limits: dict[str, Any]) -> dict[str, Any]:
    """The row is not read back: numbers are cut where the column rounds them, threads may be a number."""
    numbers = {name: int(min(float(php.to_string(limits[name])), HIGHEST)) for name in LIMITS}
    return {**numbers, "threads": limits.get("threads")}


def _rules(context: Context) -> Rules:
    values = context.request.input
    identity = identity_rules(context)
    limits = {f"limits.{name}": f"required|{LIMITS[name]}" for name in LIMITS}
    return {
        **{name: identity[name] for name in ("external_id", "name", "description", "user")},
        "egg": egg_rules(context),
        "docker_image": IMAGE,
        "startup": "required|string",
        "environment": "present|array",
        "skip_scripts": "sometimes|boolean",
        "oom_disabled": "sometimes|boolean",
        "limits": "required|array",
        **{f"limits.{name}": limits[f"limits.{name}"] for name in _ORDER},
        "limits.threads": THREADS,
        "limits.cpu": limits["limits.cpu"],
        "feature_limits": "required|array",
        **{f"feature_limits.{name}": rules for name, rules in _FEATURES.items()},
        **_placement_rules(context, is_deployed=php.truthy(values.get("deploy"))),
        "start_on_completion": "sometimes|boolean",
    }


def _placement_rules(context: Context, *, is_deployed: bool) -> Rules:
    """With `deploy` nobody looks at the allocations that are named."""
    free = [allocation.id for allocation in context.world.allocations if allocation.server is None]
    is_free = exists(lambda value: whole_number(value) in free)
    named: dict[str, list[str | Custom]] = {
        "allocation.default": ["required", "integer", "bail", is_free],
        "allocation.additional.*": ["integer", is_free],
    }
    present = ["present"] if is_deployed else []
    return {
        **({} if is_deployed else named),
        "deploy": "sometimes|required|array",
        "deploy.locations": ["array", *present],
        "deploy.locations.*": "integer|min:1",
        "deploy.dedicated_ip": "required_with:deploy,boolean",
        "deploy.port_range": ["array", *present],
        "deploy.port_range.*": "string",
    }


def _allocation(context: Context, values: dict[str, Any]) -> Allocation:
    limits = values["limits"]
    if values.get("deploy"):
        return pick_allocation(context, values["deploy"], whole_number(limits["memory"]), whole_number(limits["disk"]))
    number = whole_number(values["allocation"]["default"])
    return next(allocation for allocation in context.world.allocations if allocation.id == number)


def _insert(context: Context, egg: Egg, allocation: Allocation, variables: list[tuple[EggVariable, Any]]) -> Server:
    """The row, its allocations and its values; the id is gone even where the last step fails."""
    values, world = context.request.input, context.world
    if any(other.allocation is allocation for other in world.servers):
        raise refused_by_model("Server", None, {"allocation_id": ["The allocation id has already been taken."]})
    limits, features, owner = values["limits"], values["feature_limits"], find_user(context, values["user"])
    assert isinstance(owner, User)
    server = Server(
        id=world.next_id("servers"), uuid=context.services.chance.uuid(), name=values["name"],
        description=values.get("description") or "", owner=owner, node=allocation.node, allocation=allocation, egg=egg,
        image=values["docker_image"], startup=values["startup"], created_at=context.now, updated_at=context.now,
        limits=Limits(**{name: whole_number(limits[name]) for name in LIMITS},
                      threads=text_or_none(limits.get("threads")),
                      oom_disabled=php.as_boolean(values.get("oom_disabled", True))),
        feature_limits=FeatureLimits(**{name: whole_number(features.get(name)) for name in _FEATURES}),
        external_id=values.get("external_id"), status="installing",
        skip_scripts=php.as_boolean(values.get("skip_scripts")),
        server_values={variable.env_variable: _stored(value) for variable, value in variables},
    )
    world.servers.append(server)
    for one in [allocation, *_additional(context, values)]:
        one.server = server
    return server


def _additional(context: Context, values: dict[str, Any]) -> list[Allocation]:
    """Whoever has them and wherever they are."""
    named = values.get("allocation")
    listed = named.get("additional") if isinstance(named, dict) else None
    asked = [php.to_string(one) for one in php.items(listed)
             if not isinstance(one, (list, dict))] if isinstance(listed, (list, dict)) else []
    return [allocation for allocation in context.world.allocations
            if any(same_number(allocation.id, text) for text in asked)]


def _stored(value: Any) -> str:
    """As the database server gets it: no model looks at these rows when a server is made."""
    if isinstance(value, (list, dict)):
        raise crashed("QueryException")
    return str(int(value)) if isinstance(value, bool) else php.to_string(value)


ROUTES = (Route("POST", "/api/application/servers", create_server, requires="servers.write"),)
