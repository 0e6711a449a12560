"""`/account/two-factor`: setting it up, switching it on and off."""
from __future__ import annotations

import hmac
import re
from urllib.parse import quote, quote_plus

import pyotp
from werkzeug.wrappers import Response

from portal.demo.context import Context
from portal.demo.envelopes import item
from portal.demo.errors import PanelError, bad_request, crashed
from portal.demo.http import json_response, no_content
from portal.demo.people import knows_password
from portal.demo.routing import Route
from portal.demo.validation import validate

SECRET_LENGTH = 32
RECOVERY_TOKENS = 10
RECOVERY_TOKEN_LENGTH = 10
WINDOW = 4
_BASE32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"


def set_up(context: Context) -> Response:
    """A new secret with every call; the one before is forgotten."""
    user = context.user
    if user.use_totp:
        raise bad_request("Two-factor authentication is already enabled on this account.")
    user.totp_secret = context.services.chance.text(SECRET_LENGTH, _BASE32)
    user.updated_at = context.now
    company = quote(quote_plus(re.sub(r"\s", "", context.services.config.app_name)), safe="")
    return json_response({"data": {
        "image_url_data": f"otpauth://totp/{company}:{quote(user.email, safe='')}"
                          f"?secret={user.totp_secret}&issuer={company}",
        "secret": user.totp_secret,
    }})


def switch_on(context: Context) -> Response:
    """Where it is on already, this makes new recovery tokens."""
    values, user = context.request.input, context.user
    validate(values, {"code": "required|string|size:6", "password": "required|string"})
    _require_password(context)
    if user.totp_secret is None:
        raise crashed("DecryptException")
    if not _is_code(user.totp_secret, values["code"], context.now):
        raise PanelError(400, "TwoFactorAuthenticationTokenInvalid",
                         "The provided two-factor authentication token was not valid.", redirects_back=True)
    user.recovery_tokens = [context.services.chance.text(RECOVERY_TOKEN_LENGTH) for _ in range(RECOVERY_TOKENS)]
    user.use_totp, user.updated_at = True, context.now
    context.log("user:two-factor.create", user)
    return json_response(item("recovery_tokens", {"tokens": list(user.recovery_tokens)}))


def switch_off(context: Context) -> Response:
    _require_password(context)
    context.user.use_totp, context.user.updated_at = False, context.now
    context.log("user:two-factor.delete", context.user)
    return no_content()


def _require_password(context: Context) -> None:
    if not knows_password(context.user, context.request.input.get("password")):
        raise bad_request("The password provided was not valid.")


def _is_code(secret: str, code: str, now: float) -> bool:
    """Codes of two minutes before and after are good too."""
    codes = pyotp.TOTP(secret)
    return any(hmac.compare_digest(codes.at(int(now), counter_offset=step).encode(), code.encode())
               for step in range(-WINDOW, WINDOW + 1))


ROUTES = (
    Route("GET", "/api/client/account/two-factor", set_up, needs_two_factor=False),
    Route("POST", "/api/client/account/two-factor", switch_on, needs_two_factor=False),
    Route("POST", "/api/client/account/two-factor/disable", switch_off, needs_two_factor=False),
)
