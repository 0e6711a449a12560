"""Rules about what kind of value was sent, and which of some values it is."""
from __future__ import annotations

import json
import re
from collections.abc import Callable
from ipaddress import IPv4Address, IPv6Address
from typing import Any
from uuid import UUID

from portal.demo import php
from portal.demo.validation.field import Field
from portal.demo.validation.presence import strictly_in

_INTEGER = re.compile(r"[+-]?(0|[1-9][0-9]*)")
_INTEGER_RANGE = range(-2**63, 2**63)
_UUID = re.compile(r"[\da-f]{8}-([\da-f]{4}-){3}[\da-f]{12}", re.IGNORECASE | re.ASCII)


def _string(field: Field, _arguments: list[str]) -> bool:
    return isinstance(field.value, str)


def _array(field: Field, arguments: list[str]) -> bool:
    if not isinstance(field.value, (list, dict)):
        return False
    keys = field.value if isinstance(field.value, dict) else map(str, range(len(field.value)))
    return not arguments or set(keys) <= set(arguments)


def _boolean(field: Field, _arguments: list[str]) -> bool:
    return strictly_in(field.value, (True, False, 0, 1, "0", "1"))


def _numeric(field: Field, _arguments: list[str]) -> bool:
    return is_number(field.value)


def is_number(value: Any) -> bool:
    """`is_numeric`."""
    if isinstance(value, str):
        return php.is_numeric(value)
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _integer(field: Field, _arguments: list[str]) -> bool:
    """`FILTER_VALIDATE_INT`, which reads true as 1 and 2.0 as 2."""
    if isinstance(field.value, (list, dict)):
        return False
    text = php.to_string(field.value).strip(php.WHITESPACE)
    return _INTEGER.fullmatch(text) is not None and int(text) in _INTEGER_RANGE


def _in(field: Field, arguments: list[str]) -> bool:
    if isinstance(field.value, (list, dict)):
        items = php.items(field.value)
        return "array" in field.rules and all(
            not isinstance(item, (list, dict)) and php.to_string(item) in arguments for item in items)
    text = php.to_string(field.value)
    return any(php.equal_loosely(text, other) for other in arguments)


def _not_in(field: Field, arguments: list[str]) -> bool:
    return not _in(field, arguments)


def _same(field: Field, arguments: list[str]) -> bool:
    return php.is_identical(field.value, field.other(arguments[0]))


def _different(field: Field, arguments: list[str]) -> bool:
    return not any(field.has_other(name) and php.is_identical(field.value, field.other(name)) for name in arguments)


def _confirmed(field: Field, _arguments: list[str]) -> bool:
    return php.is_identical(field.value, field.other(f"{field.path}_confirmation"))


def _ip(field: Field, _arguments: list[str]) -> bool:
    return _ipv4(field, []) or _ipv6(field, [])


def _ipv4(field: Field, _arguments: list[str]) -> bool:
    return isinstance(field.value, str) and _parses(IPv4Address, field.value)


def _ipv6(field: Field, _arguments: list[str]) -> bool:
    return isinstance(field.value, str) and "%" not in field.value and _parses(IPv6Address, field.value)


def _json(field: Field, _arguments: list[str]) -> bool:
    is_text = not isinstance(field.value, (list, dict)) and field.value is not None
    return is_text and _parses(json.loads, php.to_string(field.value))


def _uuid(field: Field, _arguments: list[str]) -> bool:
    return isinstance(field.value, str) and bool(_UUID.fullmatch(field.value)) and _parses(UUID, field.value)


def _parses(read: Callable[[str], Any], text: str) -> bool:
    try:
        read(text)
    except ValueError:
        return False
    return True


KINDS: dict[str, Callable[[Field, list[str]], bool]] = {
    "string": _string, "array": _array, "boolean": _boolean, "bool": _boolean, "numeric": _numeric,
    "integer": _integer, "int": _integer, "in": _in, "not_in": _not_in, "same": _same, "different": _different,
    "confirmed": _confirmed, "ip": _ip, "ipv4": _ipv4, "ipv6": _ipv6, "json": _json, "uuid": _uuid,
}
