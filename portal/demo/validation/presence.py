"""Laravel's implicit rules: they look at a field although it is missing or empty."""
from __future__ import annotations

from collections.abc import Callable
from typing import Any

from portal.demo import php
from portal.demo.validation.field import Field

_ACCEPTED = ("yes", "on", "1", 1, True, "true")
_DECLINED = ("no", "off", "0", 0, False, "false")


def is_filled(value: Any) -> bool:
    if value is None or (isinstance(value, str) and not value.strip()):
        return False
    return not (isinstance(value, (list, dict)) and not value)


def strictly_in(value: Any, allowed: tuple[Any, ...]) -> bool:
    """As `in_array(..., true)`: 1 and true are two things."""
    return any(type(value) is type(other) and value == other for other in allowed)


def _required(field: Field, _arguments: list[str]) -> bool:
    return is_filled(field.value)


def _filled(field: Field, _arguments: list[str]) -> bool:
    return not field.is_present or is_filled(field.value)


def _present(field: Field, _arguments: list[str]) -> bool:
    return field.is_present


def _required_if(field: Field, arguments: list[str]) -> bool:
    is_asked = field.has_other(arguments[0]) and _matches(field.other(arguments[0]), arguments[1:])
    return not is_asked or is_filled(field.value)


def _required_unless(field: Field, arguments: list[str]) -> bool:
    return _matches(field.other(arguments[0]), arguments[1:]) or is_filled(field.value)


def _matches(value: Any, texts: list[str]) -> bool:
    """The words true, false and null mean these values only where such a value was sent."""
    if value is None:
        return "null" in (text.lower() for text in texts)
    if isinstance(value, bool):
        return ("true" if value else "false") in texts
    return not isinstance(value, (list, dict)) and any(php.equal_loosely(value, text) for text in texts)


def _required_with(field: Field, arguments: list[str]) -> bool:
    return not any(is_filled(field.other(name)) for name in arguments) or is_filled(field.value)


def _required_with_all(field: Field, arguments: list[str]) -> bool:
    return not all(is_filled(field.other(name)) for name in arguments) or is_filled(field.value)


def _required_without(field: Field, arguments: list[str]) -> bool:
    return all(is_filled(field.other(name)) for name in arguments) or is_filled(field.value)


def _required_without_all(field: Field, arguments: list[str]) -> bool:
    return any(is_filled(field.other(name)) for name in arguments) or is_filled(field.value)


def _accepted(field: Field, _arguments: list[str]) -> bool:
    return strictly_in(field.value, _ACCEPTED)


def _declined(field: Field, _arguments: list[str]) -> bool:
    return strictly_in(field.value, _DECLINED)


PRESENCE: dict[str, Callable[[Field, list[str]], bool]] = {
    "required": _required, "filled": _filled, "present": _present,
    "required_if": _required_if, "required_unless": _required_unless,
    "required_with": _required_with, "required_with_all": _required_with_all,
    "required_without": _required_without, "required_without_all": _required_without_all,
    "accepted": _accepted, "declined": _declined,
}
