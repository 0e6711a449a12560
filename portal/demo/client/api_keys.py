"""`/account/api-keys`: the caller's own client keys."""
from __future__ import annotations

from werkzeug.wrappers import Response

from portal.demo import php
from portal.demo.addresses import NoAddressError, parse_range
from portal.demo.collation import same_text
from portal.demo.context import Context
from portal.demo.envelopes import listing
from portal.demo.errors import Failure, ValidationError, crashed, display, not_found
from portal.demo.http import json_response, no_content
from portal.demo.keys import new_client_key
from portal.demo.routing import Route
from portal.demo.transformers.client import api_key_object
from portal.demo.validation import check
from portal.demo.world import ApiKey

MAXIMUM = 25
_RULES = {
    "description": "required|nullable|string|max:500",
    "allowed_ips": "nullable|array|max:50",
    "allowed_ips.*": "string",
}


def list_keys(context: Context) -> Response:
    return json_response(listing([api_key_object(key) for key in _keys_of(context)]))


def create_key(context: Context) -> Response:
    values = context.request.input
    allowed_ips = values.get("allowed_ips")
    failures = check(values, _RULES) + _address_failures(allowed_ips)
    if failures:
        raise ValidationError(failures)
    if len(_keys_of(context)) >= MAXIMUM:
        raise display("You have reached the account limit for number of API keys.")
    key = new_client_key(context.user, values["description"], php.items(allowed_ips or []), context.now,
                         context.services.chance)
    context.world.api_keys.append(key)
    context.log("user:api-key.create", context.user, key, identifier=key.identifier)
    return json_response({**api_key_object(key), "meta": {"secret_token": key.secret}})


def delete_key(context: Context) -> Response:
    for key in _keys_of(context):
        if same_text(key.identifier, context.parameters["identifier"]):
            context.world.api_keys = [other for other in context.world.api_keys if other is not key]
            context.log("user:api-key.delete", context.user, identifier=key.identifier)
            return no_content()
    raise not_found()


def _keys_of(context: Context) -> list[ApiKey]:
    return [key for key in context.world.api_keys if key.user is context.user and not key.is_application_key]


def _address_failures(allowed_ips: object) -> list[Failure]:
    if not isinstance(allowed_ips, (list, dict)):
        return []
    entries = allowed_ips.items() if isinstance(allowed_ips, dict) else enumerate(allowed_ips)
    return [
        Failure(f"allowed_ips.{index}", "", f'"{php.to_string(item)}" is not a valid IP address or CIDR range.')
        for index, item in entries if not _is_range(item)
    ]


def _is_range(item: object) -> bool:
    if isinstance(item, (list, dict)):
        raise crashed("ErrorException")
    try:
        parse_range(php.to_string(item))
    except NoAddressError:
        return False
    return True


ROUTES = (
    Route("GET", "/api/client/account/api-keys", list_keys),
    Route("POST", "/api/client/account/api-keys", create_key),
    Route("DELETE", "/api/client/account/api-keys/{identifier}", delete_key),
)
