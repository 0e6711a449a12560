"""Accounts: passwords, and what the panel asks of a new or changed one (`app/Models/User`, `app/Services/Users`)."""
from __future__ import annotations

import hmac
import json
import re
from typing import Any

from portal.demo.collation import same_text
from portal.demo.context import Context
from portal.demo.errors import PanelError, crashed
from portal.demo.php import to_string
from portal.demo.validation import Custom, Rules, unique
from portal.demo.world import User

LANGUAGES = ("en",)
RANDOM_PASSWORD_LENGTH = 30
_BCRYPT_BYTES = 72
_USERNAME = re.compile(r"[a-z0-9][a-zA-Z0-9_.\-]+[a-z0-9]")
_USERNAME_TEXT = ("The :attribute must start and end with alpha-numeric characters and\n                "
                  "contain only letters, numbers, dashes, underscores, and periods.")


def knows_password(user: User, said: Any) -> bool:
    """`password_verify`, which looks at 72 bytes; a list breaks it."""
    if isinstance(said, (list, dict)):
        raise crashed("TypeError")
    given, right = (text.encode(errors="surrogatepass")[:_BCRYPT_BYTES] for text in (to_string(said), user.password))
    return bool(user.password) and hmac.compare_digest(given, right)


def email_rules(context: Context, own: User | None = None) -> list[str | Custom]:
    """`own` is the account that may keep its address."""
    return ["required", "email", "between:1,191", unique(lambda value: _is_taken(context, own, "email", value))]


def user_rules(context: Context, own: User | None = None) -> Rules:
    """Of the application API, in the panel's order."""
    def taken(column: str) -> Custom:
        return unique(lambda value: _is_taken(context, own, column, value))

    return {
        "email": email_rules(context, own),
        "external_id": ["sometimes", "nullable", "string", "max:191", taken("external_id")],
        "username": ["required", "between:1,191", taken("username"),
                     Custom("p_username", _is_username, _USERNAME_TEXT)],
        "password": "sometimes|nullable|string",
        "root_admin": "boolean",
        "language": f"string|in:{','.join(LANGUAGES)}",
        "first_name": "required|string|between:1,191",
        "last_name": "required|string|between:1,191",
    }


def _is_username(value: Any) -> bool:
    if isinstance(value, (list, dict)):
        raise crashed("TypeError")
    return _USERNAME.fullmatch(to_string(value).lower()) is not None


def _is_taken(context: Context, own: User | None, column: str, value: Any) -> bool:
    if isinstance(value, (list, dict)):
        return False
    others = [getattr(user, column) for user in context.world.users if user is not own]
    return any(other is not None and same_text(other, to_string(value)) for other in others)


def create_user(context: Context, values: dict[str, Any]) -> User:
    """A row with a random password unless there is one; `username` is stored in lower case.  It may still refuse."""
    username = to_string(values.pop("username")).lower()
    if not _USERNAME.fullmatch(username):
        raise refused_by_model("User", None, {"username": [_USERNAME_TEXT.replace(":attribute", "username")]})
    chance = context.services.chance
    password = values.pop("password", None) or chance.text(RANDOM_PASSWORD_LENGTH)
    user = User(id=context.world.next_id("users"), uuid=chance.uuid(), username=username, password=password,
                created_at=context.now, updated_at=context.now, **values)
    context.world.users.append(user)
    return user


def refused_by_model(model: str, row_id: int | None, messages: dict[str, list[str]]) -> PanelError:
    """A model's own rules, after those of the request: the raw text reaches the caller."""
    key = "" if row_id is None else str(row_id)
    told = json.dumps(messages, separators=(",", ":")).replace("/", "\\/")
    return PanelError(500, "DataValidationException",
                      f"Could not save Pterodactyl\\Models\\{model}[{key}]: failed to validate data: {told}")
