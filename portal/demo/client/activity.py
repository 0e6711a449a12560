"""`/servers/{server}/activity`, and what the two activity logs have in common."""
from __future__ import annotations

from collections.abc import Sequence

from werkzeug.wrappers import Response

from portal.demo.activity import KEPT_SECONDS, NEVER_LISTED
from portal.demo.context import Context
from portal.demo.envelopes import Paging, paginate
from portal.demo.http import json_response
from portal.demo.querybuilder import apply_filters, apply_sorts, partial
from portal.demo.routing import Route
from portal.demo.transformers.client import activity_log_object
from portal.demo.world import ActivityLog

_PAGING = Paging(default=25, cap=100, keeps_query=True)


def activity_page(context: Context, entries: Sequence[ActivityLog]) -> Response:
    """The page that was asked for of those entries that may be seen and are still kept."""
    kept = [entry for entry in entries
            if entry.event not in NEVER_LISTED and entry.timestamp >= context.now - KEPT_SECONDS]
    kept = apply_sorts(kept, context.request, {"timestamp": lambda entry: entry.timestamp})
    kept = apply_filters(kept, context.request, {"event": partial(lambda entry: entry.event)})
    return json_response(paginate(kept, context.request, _PAGING, lambda entry: activity_log_object(
        entry, context.user, context.includes)))


def list_server_activity(context: Context) -> Response:
    return activity_page(context, [entry for entry in context.world.activity_logs
                                   if context.server in entry.subjects and _is_shown(context, entry)])


def _is_shown(context: Context, entry: ActivityLog) -> bool:
    """A panel may hide what its administrators do on servers that are not theirs."""
    actor = entry.actor
    is_outside_admin = actor is not None and actor.root_admin and not context.server.is_accessible_to(actor)
    return not (context.services.config.hide_admin_activity and is_outside_admin)


ROUTES = (
    Route("GET", "/api/client/servers/{server}/activity", list_server_activity, requires="activity.read"),
)
