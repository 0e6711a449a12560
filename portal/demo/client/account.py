"""`/account` and `/account/activity`."""
from __future__ import annotations

from werkzeug.wrappers import Response

from portal.demo.context import Context
from portal.demo.envelopes import Paging, paginate
from portal.demo.http import json_response
from portal.demo.querybuilder import apply_filters, apply_sorts, partial
from portal.demo.routing import Route
from portal.demo.transformers.client import account_object, activity_log_object

_PAGING = Paging(default=25, cap=100, keeps_query=True)


def view_account(context: Context) -> Response:
    return json_response(account_object(context.user))


def list_account_activity(context: Context) -> Response:
    """What happened to the account; what it did elsewhere is not in it."""
    entries = [entry for entry in context.world.activity_logs if context.user in entry.subjects]
    entries = apply_sorts(entries, context.request, {"timestamp": lambda entry: entry.timestamp})
    entries = apply_filters(entries, context.request, {"event": partial(lambda entry: entry.event)})
    return json_response(paginate(entries, context.request, _PAGING, lambda entry: activity_log_object(
        entry, context.user, context.includes)))


ROUTES = (
    Route("GET", "/api/client/account", view_account, needs_two_factor=False),
    Route("GET", "/api/client/account/activity", list_account_activity),
)
