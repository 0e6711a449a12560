"""`GET /account`."""
from __future__ import annotations

from werkzeug.wrappers import Response

from portal.demo.context import Context
from portal.demo.http import json_response
from portal.demo.routing import Route
from portal.demo.transformers.client import account_object


def view_account(context: Context) -> Response:
    return json_response(account_object(context.user))


ROUTES = (
    Route("GET", "/api/client/account", view_account, needs_two_factor=False),
)
