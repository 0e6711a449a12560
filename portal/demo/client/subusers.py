"""`/servers/{server}/users`: who else may use a server, and what they may do."""
from __future__ import annotations

import re
import string
from typing import Any

from werkzeug.wrappers import Response

from portal.demo import php
from portal.demo.collation import same_text
from portal.demo.context import Context
from portal.demo.envelopes import listing
from portal.demo.errors import PanelError, access_denied, crashed, forbidden, not_found
from portal.demo.finding import by_text
from portal.demo.http import json_response, no_content
from portal.demo.orders import revoke_tokens
from portal.demo.people import create_user
from portal.demo.permissions import PERMISSIONS, permissions_of
from portal.demo.routing import Route
from portal.demo.transformers.client import subuser_object
from portal.demo.validation import validate
from portal.demo.world import Server, Subuser, User

_CONNECT = "websocket.connect"
_KNOWN = {f"{group}.{key}" for group, about in PERMISSIONS.items() for key in about["keys"]}
_PERMISSION_RULES = {"permissions": "required|array", "permissions.*": "string"}
_NOT_IN_USERNAMES = re.compile(r"[^\w.\-]+", re.ASCII)
_USERNAME_LENGTH = 64
_SUFFIX_LENGTH = 3


def find_user(context: Context, text: str) -> User:
    """By the uuid of the account."""
    return by_text(context.server.subusers, lambda subuser: subuser.user.uuid, text).user


def list_subusers(context: Context) -> Response:
    return json_response(listing([subuser_object(subuser) for subuser in context.server.subusers]))


def view_subuser(context: Context) -> Response:
    return json_response(subuser_object(_subuser(context)))


def create_subuser(context: Context) -> Response:
    _require_grantable(context)
    values, server = context.request.input, context.server
    validate(values, {"email": "required|email|between:1,191", **_PERMISSION_RULES})
    user = _user_for(context, values["email"])
    granted = _granted(values["permissions"])
    subuser = Subuser(context.world.next_id("subusers"), user, server, list(granted.values()), context.now, context.now,
                      _unusual_keys(granted))
    server.subusers.append(subuser)
    context.log("server:subuser.create", server, user, email=values["email"], permissions=subuser.shown_permissions)
    return json_response(subuser_object(subuser))


def update_subuser(context: Context) -> Response:
    """The same permissions in another order are no change, and nobody hears of it."""
    subuser = _subuser(context)
    _require_grantable(context)
    validate(context.request.input, _PERMISSION_RULES)
    granted = _granted(context.request.input["permissions"])
    before, after = sorted(subuser.permissions), sorted(granted.values())
    if before != after:
        subuser.permissions, subuser.keys = list(granted.values()), _unusual_keys(granted)
        subuser.updated_at = context.now
        revoked = revoke_tokens(context, context.server, subuser.user)
        context.log("server:subuser.update", context.server, subuser.user, email=subuser.user.email, old=before,
                    new=after, revoked=revoked)
    return json_response(subuser_object(subuser))


def delete_subuser(context: Context) -> Response:
    subuser = _subuser(context)
    context.server.subusers.remove(subuser)
    revoked = revoke_tokens(context, context.server, subuser.user)
    context.log("server:subuser.delete", context.server, subuser.user, email=subuser.user.email, revoked=revoked)
    return no_content()


def _subuser(context: Context) -> Subuser:
    """The one that the path names; nobody acts on their own entry."""
    user: User = context.models["user"]
    subuser = context.server.subuser_of(user)
    if user is context.user:
        raise access_denied()
    if subuser is None:
        raise not_found()
    return subuser


def _require_grantable(context: Context) -> None:
    """Nobody gives what they do not hold; a matter of authorization, so it is asked before anything is validated."""
    values = context.request.input
    asked = values.get("permissions")
    if asked is not None and not isinstance(asked, (list, dict)):
        raise crashed("TypeError")
    if asked is None or context.user.root_admin or context.server.owner is context.user:
        return
    entries = php.items(asked)
    if any(isinstance(entry, (list, dict)) for entry in entries):
        raise crashed("ErrorException")
    held = permissions_of(context.user, context.server)
    if any(php.to_string(entry) not in held for entry in entries):
        raise forbidden("Cannot assign permissions to a subuser that your account does not actively possess.")


def _granted(asked: Any) -> dict[str, str]:
    """Known ones as submitted, then the one that all have; keyed as PHP leaves them, repeats dropped with their key."""
    entries = asked.items() if isinstance(asked, dict) else enumerate(asked)
    numbered: dict[str, str] = {}
    count = 0
    for key, permission in [*((str(key), entry) for key, entry in entries if entry in _KNOWN), ("0", _CONNECT)]:
        numbered[str(count) if key.isdecimal() else key] = permission
        count += key.isdecimal()
    granted: dict[str, str] = {}
    for key, permission in numbered.items():
        if permission not in granted.values():
            granted[key] = permission
    return granted


def _unusual_keys(granted: dict[str, str]) -> list[str] | None:
    return None if list(granted) == [str(number) for number in range(len(granted))] else list(granted)


def _user_for(context: Context, email: str) -> User:
    """The account with that address; a new one for a stranger."""
    for user in context.world.users:
        if same_text(user.email, email):
            _require_no_relation(context.server, user)
            return user
    cleaned = _NOT_IN_USERNAMES.sub("", email.lstrip("@").partition("@")[0])[:_USERNAME_LENGTH]
    suffix = context.services.chance.text(_SUFFIX_LENGTH, string.ascii_lowercase + string.digits)
    return create_user(context, {"email": email, "username": cleaned + suffix, "first_name": "Server",
                                 "last_name": "Subuser"})


def _require_no_relation(server: Server, user: User) -> None:
    if server.owner is user:
        raise PanelError(400, "UserIsServerOwnerException",
                         "You cannot add the server owner as a subuser for this server.", redirects_back=True)
    if server.subuser_of(user) is not None:
        raise PanelError(400, "ServerSubuserExistsException", "A user with that email address is already assigned as "
                         "a subuser for this server.", redirects_back=True)


ROUTES = (
    Route("GET", "/api/client/servers/{server}/users", list_subusers, requires="user.read"),
    Route("POST", "/api/client/servers/{server}/users", create_subuser, requires="user.create"),
    Route("GET", "/api/client/servers/{server}/users/{user}", view_subuser, requires="user.read"),
    Route("POST", "/api/client/servers/{server}/users/{user}", update_subuser, requires="user.update"),
    Route("DELETE", "/api/client/servers/{server}/users/{user}", delete_subuser, requires="user.delete"),
)
