"""`/account`, its e-mail address and password, and `/account/activity`."""
from __future__ import annotations

from typing import Any

from werkzeug.wrappers import Response

from portal.demo.client.activity import activity_page
from portal.demo.context import Context
from portal.demo.errors import PanelError
from portal.demo.http import json_response, no_content
from portal.demo.people import email_rules, knows_password
from portal.demo.routing import Route
from portal.demo.transformers.client import account_object
from portal.demo.validation import validate


def view_account(context: Context) -> Response:
    return json_response(account_object(context.user))


def change_email(context: Context) -> Response:
    """The password is a matter of authorization: it is asked before anything is validated."""
    values, user = context.request.input, context.user
    _require_password(context, values.get("password"))
    validate(values, {"email": email_rules(context, user)})
    before, user.email = user.email, values["email"]
    if before != user.email:
        user.updated_at = context.now
        context.log("user:account.email-changed", user, old=before, new=user.email)
    return no_content()


def change_password(context: Context) -> Response:
    values, user = context.request.input, context.user
    _require_password(context, values.get("current_password"))
    validate(values, {"password": "required|string|confirmed|min:8"})
    user.password, user.updated_at = values["password"], context.now
    context.log("user:account.password-changed", user)
    return no_content()


def _require_password(context: Context, said: Any) -> None:
    if not knows_password(context.user, said):
        raise PanelError(400, "InvalidPasswordProvidedException",
                         "The password provided was invalid for this account.", redirects_back=True)


def list_account_activity(context: Context) -> Response:
    """What happened to the account; what it did elsewhere is not in it."""
    return activity_page(context, [entry for entry in context.world.activity_logs if context.user in entry.subjects])


ROUTES = (
    Route("GET", "/api/client/account", view_account, needs_two_factor=False),
    Route("PUT", "/api/client/account/email", change_email),
    Route("PUT", "/api/client/account/password", change_password),
    Route("GET", "/api/client/account/activity", list_account_activity),
)
