"""`/account/ssh-keys`: the keys that open SFTP without a password."""
from __future__ import annotations

from typing import Any

from werkzeug.wrappers import Response

from portal.demo import php
from portal.demo.collation import same_text
from portal.demo.context import Context
from portal.demo.envelopes import listing
from portal.demo.errors import Failure, ValidationError, crashed
from portal.demo.http import json_response, no_content
from portal.demo.public_keys import NoKeyError, PublicKey, read_public_key
from portal.demo.routing import Route
from portal.demo.transformers.client import ssh_key_object
from portal.demo.validation import check, validate
from portal.demo.world import SshKey

SHORTEST_RSA = 2048
COLUMN_LENGTH = 191


def list_keys(context: Context) -> Response:
    return json_response(listing([ssh_key_object(key) for key in _keys_of(context)]))


def add_key(context: Context) -> Response:
    values = context.request.input
    failures = check(values, {"name": "required|string", "public_key": "required|string"})
    key = _read(values.get("public_key"))
    failures += [Failure("public_key", "", complaint) for complaint in _complaints(context, key)]
    if failures or key is None:
        raise ValidationError(failures)
    row = SshKey(context.world.next_id("user_ssh_keys"), context.user, values["name"], key.fingerprint, key.pem,
                 context.now)
    context.world.ssh_keys.append(row)
    context.log("user:ssh-key.create", context.user, row, fingerprint=row.fingerprint)
    response = json_response(ssh_key_object(row))
    row.name = row.name[:COLUMN_LENGTH]  # the answer is complete, the column is not
    return response


def remove_key(context: Context) -> Response:
    """The same answer whether there is such a key or not."""
    values = context.request.input
    validate(values, {"fingerprint": "required|string"})
    for key in _keys_of(context):
        if same_text(key.fingerprint, values["fingerprint"]):
            context.world.ssh_keys.remove(key)
            context.log("user:ssh-key.delete", context.user, key, fingerprint=key.fingerprint)
            break
    return no_content()


def _keys_of(context: Context) -> list[SshKey]:
    return [key for key in context.world.ssh_keys if key.user is context.user]


def _read(text: Any) -> PublicKey | None:
    if isinstance(text, (list, dict)):
        raise crashed("TypeError")
    try:
        return read_public_key(php.to_string(text))
    except NoKeyError:
        return None


def _complaints(context: Context, key: PublicKey | None) -> list[str]:
    if key is None:
        return ["The public key provided is not valid."]
    complaints = []
    if key.kind == "dsa":
        complaints.append("DSA keys are not supported.")
    if key.kind == "rsa" and key.bits < SHORTEST_RSA:
        complaints.append(f"RSA keys must be at least {SHORTEST_RSA} bytes in length.")
    if any(same_text(other.fingerprint, key.fingerprint) for other in _keys_of(context)):
        complaints.append("The public key provided already exists on your account.")
    return complaints


ROUTES = (
    Route("GET", "/api/client/account/ssh-keys", list_keys),
    Route("POST", "/api/client/account/ssh-keys", add_key),
    Route("POST", "/api/client/account/ssh-keys/remove", remove_key),
)
