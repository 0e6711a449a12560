"""`/servers/{server}/activity`."""
from __future__ import annotations

from werkzeug.wrappers import Response

from portal.demo.context import Context
from portal.demo.envelopes import Paging, paginate
from portal.demo.http import json_response
from portal.demo.querybuilder import apply_filters, apply_sorts, partial
from portal.demo.routing import Route
from portal.demo.transformers.client import activity_log_object

_PAGING = Paging(default=25, cap=100, keeps_query=True)


def list_server_activity(context: Context) -> Response:
    entries = [entry for entry in context.world.activity_logs if context.server in entry.subjects]
    entries = apply_sorts(entries, context.request, {"timestamp": lambda entry: entry.timestamp})
    entries = apply_filters(entries, context.request, {"event": partial(lambda entry: entry.event)})
    return json_response(paginate(entries, context.request, _PAGING, lambda entry: activity_log_object(
        entry, context.user, context.includes)))


ROUTES = (
    Route("GET", "/api/client/servers/{server}/activity", list_server_activity, requires="activity.read"),
)
