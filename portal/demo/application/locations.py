"""`/locations`: list, view, create, change, delete."""
from __future__ import annotations

from typing import Any

from werkzeug.wrappers import Response

from portal.demo.application.access import created_response, item_response, page_response
from portal.demo.collation import same_text
from portal.demo.context import Context
from portal.demo.errors import PanelError
from portal.demo.http import no_content
from portal.demo.querybuilder import apply_filters, apply_sorts, partial
from portal.demo.routing import Route
from portal.demo.validation import Rules, unique, validate
from portal.demo.world import Location

_FILTERS = {"short": partial(lambda location: location.short), "long": partial(lambda location: location.long)}
_SORTS = {"id": lambda location: location.id}
_NAMES = {"short": "Location Identifier", "long": "Location Description"}


def list_locations(context: Context) -> Response:
    rows = apply_filters(context.world.locations, context.request, _FILTERS)
    return page_response(context, "location", apply_sorts(rows, context.request, _SORTS))


def view_location(context: Context) -> Response:
    return item_response(context, "location", context.models["location"])


def add_location(context: Context) -> Response:
    values, world = _validated(context), context.world
    location = Location(world.next_id("locations"), values["short"], values.get("long"), context.now, context.now)
    world.locations.append(location)
    return created_response(context, "location", location, f"locations/{location.id}")


def change_location(context: Context) -> Response:
    """`long` stays as it is when it is absent."""
    location: Location = context.models["location"]
    values = _validated(context, location)
    if any(getattr(location, column) != value for column, value in values.items()):
        location.updated_at = context.now
    for column, value in values.items():
        setattr(location, column, value)
    return item_response(context, "location", location)


def delete_location(context: Context) -> Response:
    location: Location = context.models["location"]
    if any(node.location is location for node in context.world.nodes):
        raise PanelError(400, "HasActiveNodesException",
                         "Cannot delete a location that has active nodes attached to it.", redirects_back=True)
    context.world.locations.remove(location)
    return no_content()


def _validated(context: Context, location: Location | None = None) -> dict[str, Any]:
    """The columns that were sent; `location` is the one that may keep its name."""
    values = context.request.input
    others = [other for other in context.world.locations if other is not location]
    rules: Rules = {
        "short": ["required", "string", "between:1,60",
                  unique(lambda value: any(same_text(other.short, value) for other in others))],
        "long": "string|nullable|between:1,191",
    }
    validate(values, rules, _NAMES)
    return {column: values[column] for column in rules if column in values}


_ALL = "/api/application/locations"
_ONE = f"{_ALL}/{{location}}"
ROUTES = (
    Route("GET", _ALL, list_locations, requires="locations.read"),
    Route("GET", _ONE, view_location, requires="locations.read"),
    Route("POST", _ALL, add_location, requires="locations.write"),
    Route("PATCH", _ONE, change_location, requires="locations.write"),
    Route("DELETE", _ONE, delete_location, requires="locations.write"),
)
