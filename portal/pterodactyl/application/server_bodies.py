"""From a server that was read, or an egg, to the full bodies that the panel is sent."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TypeVar

from portal.pterodactyl.application.group import flag
from portal.pterodactyl.errors import BadAnswer
from portal.pterodactyl.models import (
    AppEgg,
    AppEggVariable,
    AppServer,
    Deploy,
    FeatureLimits,
    Limits,
    NewServer,
    ServerBuild,
    ServerDetails,
    ServerStartup,
    ServerVariable,
    StartupChanges,
)
from portal.pterodactyl.paths import number, route
from portal.pterodactyl.text import several

T = TypeVar("T")


def build_of(server: AppServer) -> ServerBuild:
    """What a server may use, as it would be written."""
    limits, features = server.limits, server.feature_limits
    return ServerBuild(
        allocation=server.allocation,
        memory_mib=limits.memory_mib,
        swap_mib=limits.swap_mib,
        disk_mib=limits.disk_mib,
        io=limits.io,
        cpu_percent=limits.cpu_percent,
        threads=limits.threads,
        oom_disabled=limits.oom_disabled,
        databases=features.databases,
        allocations=features.allocations,
        backups=features.backups,
    )


def startup_of(
    server: AppServer, egg: AppEgg | None, skip_scripts: bool, changes: StartupChanges
) -> ServerStartup:
    """How a server (read with its variables) is started, with changes; `egg` is its new one, if it gets one."""
    return ServerStartup(
        startup=changes.get("startup", server.startup_command),
        egg=changes.get("egg", server.egg),
        image=changes.get("image", server.image),
        environment=_environment(server, egg, changes.get("environment", {})),
        skip_scripts=skip_scripts,
    )


def _environment(server: AppServer, egg: AppEgg | None, given: Mapping[str, str]) -> dict[str, str]:
    """All variables, those that are not given as they count now; or none, where none is to change."""
    variables: tuple[ServerVariable, ...] = _there(server.variables, "servers", server.internal_id)
    stored = {one.variable.env_variable: one.value for one in variables}
    values = stored if egg is None else defaults_of(egg) | only(stored, defaults_of(egg))
    changed = only(given, values)
    return values | changed if changed or egg else {}


def defaults_of(egg: AppEgg) -> dict[str, str]:
    """The default of each variable of an egg that was read with them."""
    variables: tuple[AppEggVariable, ...] = _there(egg.variables, "nests", egg.nest, "eggs", egg.id)
    return {one.env_variable: one.default_value for one in variables}


def texts(values: Mapping[str, str]) -> dict[str, str]:
    """Values of variables. Raises ValueError for anything but texts by name."""
    if not isinstance(values, Mapping) or not all(isinstance(one, str) for one in values.values()):
        raise ValueError("an environment leads from names to texts")
    return dict(values)


def only(values: Mapping[str, str], names: Iterable[str]) -> dict[str, str]:
    """Of these values those that have one of these names; the panel would drop the others."""
    known = set(names)
    return {name: value for name, value in values.items() if name in known}


def details_json(body: ServerDetails) -> dict[str, Any]:
    """A server's details, as the panel takes them."""
    return {
        "name": body.name, "user": number(body.user), "external_id": body.external_id, "description": body.description,
    }  # fmt: skip


def startup_json(body: ServerStartup) -> dict[str, Any]:
    """How a server is started, as the panel takes it."""
    return {
        "startup": body.startup,
        "egg": number(body.egg),
        "image": body.image,
        "environment": texts(body.environment),
        "skip_scripts": flag(body.skip_scripts, "skip_scripts"),
    }


def build_json(body: ServerBuild, add: Sequence[int], remove: Sequence[int]) -> dict[str, Any]:
    """The panel's names and places; limits below `limits`, the out-of-memory switch beside them."""
    return {
        "allocation": number(body.allocation),
        "limits": _limits_json(body),
        "oom_disabled": body.oom_disabled,
        "feature_limits": _features_json(body),
        "add_allocations": [number(one) for one in add],
        "remove_allocations": [number(one) for one in remove],
    }


def new_json(new: NewServer) -> dict[str, Any]:
    """A server that is to be made, as the panel takes it."""
    json: dict[str, Any] = {
        "name": new.name,
        "user": number(new.user),
        "egg": number(new.egg),
        "docker_image": new.docker_image,
        "startup": new.startup,
        "environment": texts(new.environment),
        "limits": _limits_json(new.limits),
        "oom_disabled": new.limits.oom_disabled,
        "feature_limits": _features_json(new.feature_limits),
        "external_id": new.external_id,
        "description": new.description,
        "skip_scripts": new.skip_scripts,
        "start_on_completion": new.start_on_completion,
    }
    place = new.place
    if isinstance(place, Deploy):
        json["deploy"] = {
            "locations": [number(one) for one in place.locations],
            "port_range": [str(one) for one in several(place.port_range)],
            "dedicated_ip": flag(place.dedicated_ip, "dedicated_ip"),
        }
    else:
        json["allocation"] = {
            "default": number(place.default), "additional": [number(one) for one in place.additional],
        }  # fmt: skip
    return json


def _there(variables: tuple[T, ...] | None, *asked: str | int) -> tuple[T, ...]:
    """Variables that were asked for. Without them every value would be written empty: raises BadAnswer."""
    if variables is None:
        raise BadAnswer(
            "the variables that were asked for did not come",
            path="attributes.relationships.variables",
            request=f"GET {route('application', *asked)}",
        )
    return variables


def _features_json(limits: FeatureLimits | ServerBuild) -> dict[str, Any]:
    return {"databases": limits.databases, "allocations": limits.allocations, "backups": limits.backups}


def _limits_json(limits: Limits | ServerBuild) -> dict[str, Any]:
    return {
        "memory": limits.memory_mib,
        "swap": limits.swap_mib,
        "disk": limits.disk_mib,
        "io": limits.io,
        "cpu": limits.cpu_percent,
        "threads": limits.threads,
    }
