"""Which key a request carries, and from where that key may be used."""
from __future__ import annotations

import hmac

from portal.demo.addresses import parse_range
from portal.demo.collation import same_text
from portal.demo.errors import PanelError, access_denied, unauthenticated
from portal.demo.http import Request
from portal.demo.seed import Chance
from portal.demo.world import ApiKey, User, World

IDENTIFIER_LENGTH = 16
SECRET_LENGTH = 32
PREFIX_LENGTH = 5


def authenticate(request: Request, world: World, now: float) -> ApiKey:
    """Found by its first 16 characters, whatever its prefix; the rest is the secret."""
    token = request.bearer_token or ""
    identifier, secret = token[:IDENTIFIER_LENGTH], token[IDENTIFIER_LENGTH:]
    for key in world.api_keys:
        if same_text(key.identifier, identifier) and hmac.compare_digest(key.secret.encode(), secret.encode()):
            if key.expires_at is not None and key.expires_at < now:
                break
            key.last_used_at = now
            return key
    raise unauthenticated()


def new_client_key(user: User, description: str, allowed_ips: list[str], now: float, chance: Chance) -> ApiKey:
    identifier = "ptlc_" + chance.text(IDENTIFIER_LENGTH - PREFIX_LENGTH)
    return ApiKey(identifier, chance.text(SECRET_LENGTH), user, description, now, allowed_ips)


def is_allowed_from(key: ApiKey, address: str) -> bool:
    return not key.allowed_ips or any(parse_range(allowed).contains(address) for allowed in key.allowed_ips)


def address_refused(address: str) -> PanelError:
    return access_denied(
        f"This IP address ({address}) does not have permission to access the API using these credentials."
    )
