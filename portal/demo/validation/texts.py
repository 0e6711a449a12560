"""Rules about the characters of a text."""
from __future__ import annotations

import re
import unicodedata
import zoneinfo
from collections.abc import Callable
from typing import Any

from portal.demo import php
from portal.demo.errors import crashed
from portal.demo.validation.emails import is_email
from portal.demo.validation.field import Field
from portal.demo.validation.kinds import is_number
from portal.demo.validation.patterns import matches

_URL = re.compile(
    r"""[a-z][a-z0-9+.\-]*://
    (?:(?:(?:[\w.\-]|%[0-9a-f]{2})+:)?(?:[\w.\-]|%[0-9a-f]{2})+@)?
    (?:(?:[^\W]|[.\-]|[^\x00-\x7f])+(?:\.?(?:[^\W_]|xn--[\w\-]+)+\.?)|\d{1,3}(?:\.\d{1,3}){3}|\[[0-9a-f:.]+\])
    (?::[0-9]+)?
    (?:/(?:[\w\-.~!$&'()*+,;=:@]|%[0-9a-f]{2})*)*
    (?:\?(?:[\w\-.~!$&'\[\]()*+,;=:@/?]|%[0-9a-f]{2})*)?
    (?:\#(?:[\w\-.~!$&'()*+,;=:@/?]|%[0-9a-f]{2})*)?""", re.IGNORECASE | re.VERBOSE)


def _letters(categories: str, extra: str, *, numbers_too: bool) -> Callable[[Field, list[str]], bool]:
    """`categories`: the initials of the Unicode categories that may occur; with `ascii` as argument only of ASCII."""
    def check(field: Field, arguments: list[str]) -> bool:
        if not (isinstance(field.value, str) or (numbers_too and is_number(field.value))):
            return False
        text = php.to_string(field.value)
        is_small = "ascii" not in arguments or text.isascii()
        return bool(text) and is_small and all(
            character in extra or unicodedata.category(character)[0] in categories for character in text)
    return check


def _email(field: Field, _arguments: list[str]) -> bool:
    return isinstance(field.value, str) and is_email(field.value)


def _url(field: Field, _arguments: list[str]) -> bool:
    return isinstance(field.value, str) and _URL.fullmatch(field.value) is not None


def _regex(field: Field, arguments: list[str]) -> bool:
    is_text = isinstance(field.value, str) or is_number(field.value)
    return is_text and matches(arguments[0], php.to_string(field.value))


def _not_regex(field: Field, arguments: list[str]) -> bool:
    is_text = isinstance(field.value, str) or is_number(field.value)
    return is_text and not matches(arguments[0], php.to_string(field.value))


def _starts_with(field: Field, arguments: list[str]) -> bool:
    return text_of(field.value).startswith(tuple(filter(None, arguments)))


def _ends_with(field: Field, arguments: list[str]) -> bool:
    return text_of(field.value).endswith(tuple(filter(None, arguments)))


def _lowercase(field: Field, _arguments: list[str]) -> bool:
    return isinstance(field.value, str) and field.value == field.value.lower()


def _uppercase(field: Field, _arguments: list[str]) -> bool:
    return isinstance(field.value, str) and field.value == field.value.upper()


def _ascii(field: Field, _arguments: list[str]) -> bool:
    return text_of(field.value).isascii()


def _timezone(field: Field, _arguments: list[str]) -> bool:
    return isinstance(field.value, str) and field.value in zoneinfo.available_timezones()


def text_of(value: Any) -> str:
    """Where PHP wants a text: a list breaks it."""
    if isinstance(value, (list, dict)):
        raise crashed("ErrorException")
    return php.to_string(value)


TEXTS: dict[str, Callable[[Field, list[str]], bool]] = {
    "alpha": _letters("LM", "", numbers_too=False), "alpha_num": _letters("LMN", "", numbers_too=True),
    "alpha_dash": _letters("LMN", "_-", numbers_too=True), "email": _email, "url": _url, "regex": _regex,
    "not_regex": _not_regex, "starts_with": _starts_with, "ends_with": _ends_with, "lowercase": _lowercase,
    "doesnt_start_with": lambda field, arguments: not _starts_with(field, arguments),
    "doesnt_end_with": lambda field, arguments: not _ends_with(field, arguments),
    "uppercase": _uppercase, "ascii": _ascii, "timezone": _timezone,
}
