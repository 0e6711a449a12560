"""Rules about how big, how long or how many."""
from __future__ import annotations

import re
from collections.abc import Callable
from decimal import Decimal, InvalidOperation

from portal.demo import php
from portal.demo.errors import crashed
from portal.demo.validation.field import Field
from portal.demo.validation.kinds import is_number

_NOT_DIGITS = re.compile(r"[^0-9]")


def size_of(field: Field) -> Decimal:
    """The number itself only where a rule says that the field is one; else items or characters."""
    value = field.value
    if field.means_number and is_number(value):
        return _number(php.to_string(value))
    return Decimal(len(value if isinstance(value, (list, dict)) else php.to_string(value)))


def _number(text: str) -> Decimal:
    try:
        return Decimal(text.strip())
    except InvalidOperation as error:
        raise crashed("NumberFormatException") from error


def _min(field: Field, arguments: list[str]) -> bool:
    return size_of(field) >= _number(arguments[0])


def _max(field: Field, arguments: list[str]) -> bool:
    return size_of(field) <= _number(arguments[0])


def _between(field: Field, arguments: list[str]) -> bool:
    return _number(arguments[0]) <= size_of(field) <= _number(arguments[1])


def _size(field: Field, arguments: list[str]) -> bool:
    return size_of(field) == _number(arguments[0])


def _digits(field: Field, arguments: list[str]) -> bool:
    return _has_digits(field, arguments[0], arguments[0])


def _digits_between(field: Field, arguments: list[str]) -> bool:
    return _has_digits(field, arguments[0], arguments[1])


def _has_digits(field: Field, fewest: str, most: str) -> bool:
    if isinstance(field.value, (list, dict)):
        raise crashed("ErrorException")
    text = php.to_string(field.value)
    return not _NOT_DIGITS.search(text) and _number(fewest) <= len(text.encode()) <= _number(most)


def _compared(passes: Callable[[Decimal, Decimal], bool]) -> Callable[[Field, list[str]], bool]:
    """With a number in the rule; such a rule makes the field a number."""
    def compare(field: Field, arguments: list[str]) -> bool:
        return (is_number(field.value) and is_number(arguments[0])
                and passes(_number(php.to_string(field.value)), _number(arguments[0])))
    return compare


SIZE_RULES: dict[str, Callable[[Field, list[str]], bool]] = {
    "min": _min, "max": _max, "between": _between, "size": _size, "digits": _digits, "digits_between": _digits_between,
    "gt": _compared(lambda one, other: one > other), "gte": _compared(lambda one, other: one >= other),
    "lt": _compared(lambda one, other: one < other), "lte": _compared(lambda one, other: one <= other),
}
