"""The few habits of PHP and Laravel that show on the wire."""
from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any
from urllib.parse import quote

WHITESPACE = " \t\n\r\v\f"
UNTRIMMED = ("password", "password_confirmation")
_BLANK = r"[\s\ufeff\u200b]+"
_EDGES = re.compile(f"^{_BLANK}|{_BLANK}$")
_NUMERIC = re.compile(r"\s*[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?\s*", re.ASCII)


def nest_pairs(pairs: Iterable[tuple[str, str]]) -> dict[str, Any]:
    """`filter[name]=x` and `include[]=y` as PHP reads them: nested dictionaries, lists with their index as key."""
    result: dict[str, Any] = {}
    for name, value in pairs:
        head, bracket, rest = name.partition("[")
        keys = [head.replace(".", "_").replace(" ", "_")]
        keys += re.findall(r"\[?([^\[\]]*)\]", bracket + rest) if bracket else []
        target = result
        for key, following in zip(keys, keys[1:] + [None], strict=True):
            key = key or str(len(target)) if target is not result else key
            if following is None:
                target[key] = value
            else:
                if not isinstance(target.get(key), dict):
                    target[key] = {}
                target = target[key]
    return result


def build_query(values: dict[str, Any], prefix: str = "") -> str:
    """`http_build_query`: nulls are left out, brackets and commas encoded."""
    parts = []
    for key, value in values.items():
        name = f"{prefix}[{key}]" if prefix else key
        if isinstance(value, dict):
            nested = build_query(value, name)
            if nested:
                parts.append(nested)
        elif value is not None:
            parts.append(f"{quote(name, safe='')}={quote(str(value), safe='')}")
    return "&".join(parts)


def normalise(value: Any, *, trim: bool = True, key: str = "") -> Any:
    """The middlewares TrimStrings and ConvertEmptyStringsToNull."""
    if isinstance(value, dict):
        return {name: normalise(item, trim=trim, key=name) for name, item in value.items()}
    if isinstance(value, list):
        return [normalise(item, trim=trim, key=key) for item in value]
    if isinstance(value, str):
        if trim and key not in UNTRIMMED:
            value = _EDGES.sub("", value)
        return value or None
    return value


def items(value: Any) -> list[Any]:
    """The values of what PHP would call an array, or one value as a list."""
    if isinstance(value, dict):
        return list(value.values())
    return list(value) if isinstance(value, list) else [value]


def is_numeric(text: str) -> bool:
    return _NUMERIC.fullmatch(text) is not None


def begins_numeric(text: str) -> bool:
    """Such a text still counts as a number in arithmetic, with a warning that Laravel makes an exception."""
    return _NUMERIC.match(text) is not None


def equal_loosely(one: Any, other: str) -> bool:
    """`==` of a scalar and a text: two numbers are the same however they are written."""
    text = to_string(one)
    return text == other or (is_numeric(text) and is_numeric(other) and float(text) == float(other))


def as_boolean(value: Any) -> bool:
    """`(bool)` of what the rule `boolean` lets through."""
    return value in (True, "1")


def is_identical(one: Any, other: Any) -> bool:
    """`===`."""
    return type(one) is type(other) and bool(one == other)


def to_string(value: Any) -> str:
    """`(string) $value` of a scalar."""
    if value is None or value is False:
        return ""
    if value is True:
        return "1"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


def truthy(value: Any) -> bool:
    """`(bool) $value`."""
    return bool(value) and value != "0"


def as_json(value: Any) -> Any:
    """What `json_encode` makes of a value: an array whose keys count up from 0 is a list."""
    if isinstance(value, dict):
        parts = {key: as_json(part) for key, part in value.items()}
        return list(parts.values()) if list(parts) == [str(number) for number in range(len(parts))] else parts
    return [as_json(part) for part in value] if isinstance(value, list) else value
