"""`/nests` and their eggs: list and view."""
from __future__ import annotations

from werkzeug.wrappers import Response

from portal.demo.application.access import item_response, page_response, scope_of
from portal.demo.context import Context
from portal.demo.envelopes import listing
from portal.demo.finding import by_number
from portal.demo.http import json_response
from portal.demo.routing import Route
from portal.demo.transformers.relationships import transform
from portal.demo.world import Egg


def find_egg(context: Context, text: str) -> Egg:
    """By its number, if it is one of the nest's."""
    return by_number(_eggs(context), text)


def list_nests(context: Context) -> Response:
    return page_response(context, "nest", context.world.nests)


def view_nest(context: Context) -> Response:
    return item_response(context, "nest", context.models["nest"])


def list_eggs(context: Context) -> Response:
    """All of them at once."""
    scope = scope_of(context)
    return json_response(listing([transform("egg", egg, scope) for egg in _eggs(context)]))


def view_egg(context: Context) -> Response:
    return item_response(context, "egg", context.models["egg"])


def _eggs(context: Context) -> list[Egg]:
    return [egg for egg in context.world.eggs if egg.nest is context.models["nest"]]


_ALL = "/api/application/nests"
_EGGS = f"{_ALL}/{{nest}}/eggs"
ROUTES = (
    Route("GET", _ALL, list_nests, requires="nests.read"),
    Route("GET", f"{_ALL}/{{nest}}", view_nest, requires="nests.read"),
    Route("GET", _EGGS, list_eggs, requires="eggs.read"),
    Route("GET", f"{_EGGS}/{{egg}}", view_egg, requires="eggs.read"),
)
