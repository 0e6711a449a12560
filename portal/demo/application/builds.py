"""`/servers/{server}/build`: limits and allocations."""
from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from typing import Any

from werkzeug.wrappers import Response

from portal.demo import php
from portal.demo.application.access import item_response
from portal.demo.columns import text_or_none, whole_number, whole_number_or_none
from portal.demo.context import Context
from portal.demo.errors import crashed, display
from portal.demo.link import NodeError
from portal.demo.routing import Route
from portal.demo.validation import Rules, exists, unique, validate
from portal.demo.world import Allocation, Server

LIMITS = {"memory": "numeric|min:0", "swap": "numeric|min:-1", "io": "numeric|between:10,1000", "cpu": "numeric|min:0",
          "disk": "numeric|min:0"}
THREADS = "nullable|regex:/^[0-9-,]+$/"
_NAMES = {
    "add_allocations": "allocations to add", "remove_allocations": "allocations to remove",
    "add_allocations.*": "allocation to add", "remove_allocations.*": "allocation to remove",
    "feature_limits.databases": "Database Limit", "feature_limits.allocations": "Allocation Limit",
    "feature_limits.backups": "Backup Limit",
}


def change_build(context: Context) -> Response:
    """Saved whatever the node says: it asks for the configuration again before it starts the server."""
    values, server = context.request.input, context.server
    validate(values, _rules(context), _NAMES)
    if isinstance(values["allocation"], (list, dict)):
        raise crashed("QueryException")
    primary = _assign(context, values)
    before = _state(server)
    _write(server, values, primary)
    if _state(server) != before:
        server.updated_at = context.now
    with suppress(NodeError):
        context.services.link.call(server, "POST", "/sync")
    return item_response(context, "server", server)


def _rules(context: Context) -> Rules:
    server, allocations = context.server, context.world.allocations
    primaries = [other.allocation.id for other in context.world.servers if other is not server]
    known = [allocation.id for allocation in allocations]
    return {
        "allocation": ["required", "bail", unique(lambda value: whole_number(php.items(value)[0]) in primaries),
                       exists(lambda value: all(whole_number(one) in known for one in php.items(value)))],
        "oom_disabled": "sometimes|boolean",
        "limits": "sometimes|array",
        **{f"limits.{name}": rules for name, rules in _optional("required_with:limits").items()},
        **_optional("required_without:limits"),
        "add_allocations": "bail|array",
        "add_allocations.*": "integer",
        "remove_allocations": "bail|array",
        "remove_allocations.*": "integer",
        "feature_limits": "required|array",
        "feature_limits.databases": "present|nullable|integer|min:0",
        "feature_limits.allocations": "sometimes|nullable|integer|min:0",
        "feature_limits.backups": "present|nullable|integer|min:0",
    }


def _optional(condition: str) -> dict[str, str]:
    """The rules of limits in the panel's order, with a condition for those that a server must have."""
    conditional = {name: f"{condition}|{rules}" for name, rules in LIMITS.items()}
    disk = conditional.pop("disk")
    return {**conditional, "threads": THREADS, "disk": disk}


def _assign(context: Context, values: dict[str, Any]) -> Allocation:
    """Adds what is free, takes away what is named, and says which allocation is the primary one then."""
    server, allocations = context.server, context.world.allocations
    added = [whole_number(value) for value in php.items(values.get("add_allocations", []))]
    removed = php.items(values.get("remove_allocations", []))
    fresh = [allocation for allocation in allocations
             if allocation.id in added and allocation.node is server.node and allocation.server is None]
    primary = values["allocation"]
    if any(php.is_identical(value, primary) for value in removed):
        if not fresh:
            raise display("You are attempting to delete the default allocation for this server but there is no "
                          "fallback allocation to use.")
        primary = fresh[0].id
    gone = [allocation for allocation in context.world.allocations_of(server)
            if allocation.id in {whole_number(value) for value in removed} - set(added)]
    chosen = next(allocation for allocation in allocations if allocation.id == whole_number(primary))
    is_kept = chosen.server is server and chosen not in gone
    if chosen is not server.allocation and not (is_kept or chosen in fresh):
        raise display("The requested default allocation is not currently assigned to this server.")
    for allocation in fresh:
        allocation.server, allocation.notes = server, None
    for allocation in gone:
        allocation.server, allocation.notes = None, None
    return chosen


def _write(server: Server, values: dict[str, Any], primary: Allocation) -> None:
    """Limits at the top level still count; those below `limits` come after them."""
    limits = {**values, **(values.get("limits") or {})}
    for name in LIMITS:
        if name in limits:
            setattr(server.limits, name, whole_number(limits[name]))
    if "threads" in limits:
        server.limits.threads = text_or_none(limits["threads"])
    if "oom_disabled" in values:
        server.limits.oom_disabled = php.as_boolean(values["oom_disabled"])
    features = values["feature_limits"]
    server.feature_limits.databases = whole_number_or_none(features["databases"])
    server.feature_limits.allocations = whole_number_or_none(features.get("allocations"))
    server.feature_limits.backups = whole_number_or_none(features["backups"]) or 0
    server.allocation = primary


def _state(server: Server) -> tuple[object, ...]:
    return replace(server.limits), replace(server.feature_limits), server.allocation


ROUTES = (Route("PATCH", "/api/application/servers/{server}/build", change_build, requires="servers.write"),)
