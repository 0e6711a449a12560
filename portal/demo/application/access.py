"""Who may use the application API, and what its paths and lists have in common."""
from __future__ import annotations

from collections.abc import Sequence

from werkzeug.wrappers import Response

from portal.demo.context import Context
from portal.demo.envelopes import Paging, paginate
from portal.demo.errors import access_denied
from portal.demo.http import json_response
from portal.demo.transformers.relationships import Scope, transform
from portal.demo.world import READ, WRITE

PAGING = Paging(default=50, cap=None, keeps_query=False)
_BITS = {"read": READ, "write": WRITE}

def admit(context: Context) -> None:
    if not context.user.root_admin:
        raise access_denied("This account does not have permission to access the API.")


def authorize(context: Context, requirement: str) -> None:
    """`requirement` is `resource.read` or `resource.write`; a root admin's client key may do everything."""
    resource, _, level = requirement.partition(".")
    if context.key.grants is not None and not context.key.grants.get(resource, 0) & _BITS[level]:
        raise access_denied()


def scope_of(context: Context) -> Scope:
    return Scope(context.world, context.key, context.includes)


def item_response(context: Context, kind: str, row: object) -> Response:
    return json_response(transform(kind, row, scope_of(context)))


def created_response(context: Context, kind: str, row: object, path: str) -> Response:
    """`path` of the new row, below the API's own."""
    shown = transform(kind, row, scope_of(context))
    resource = f"{context.request.host_url}/api/application/{path}"
    return json_response({**shown, "meta": {"resource": resource}}, 201)


def page_response(context: Context, kind: str, rows: Sequence[object]) -> Response:
    scope = scope_of(context)
    return json_response(paginate(rows, context.request, PAGING, lambda row: transform(kind, row, scope)))
