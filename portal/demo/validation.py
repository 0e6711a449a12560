"""Laravel's validator, as far as the panel's rules need it, with the panel's own wording.

Rules are written as the panel writes them: ``{"signal": "required|string|in:start,stop"}``; a path may hold ``*``.
"""
from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal

from portal.demo import php
from portal.demo.errors import Failure, ValidationError

Rules = dict[str, str]
_MISSING = object()


def check(values: dict[str, Any], rules: Rules) -> list[Failure]:
    """The failures, in the order of the rules."""
    failures = []
    for pattern, text in rules.items():
        for path, value in _expand(values, pattern.split(".")):
            label = path if "*" in pattern else path.replace("_", " ")
            failures += _check_field(path, label, value, text.split("|"))
    return failures


def validate(values: dict[str, Any], rules: Rules) -> None:
    failures = check(values, rules)
    if failures:
        raise ValidationError(failures)


def _expand(values: Any, path: list[str], walked: str = "") -> list[tuple[str, Any]]:
    """Every concrete path with its value; a `*` stands for each item that is there."""
    if not path:
        return [(walked, values)]
    head, *rest = path
    if head != "*":
        found = values.get(head, _MISSING) if isinstance(values, dict) else _MISSING
        return _expand(found, rest, f"{walked}.{head}".lstrip("."))
    if isinstance(values, dict):
        children = [(str(key), item) for key, item in values.items()]
    else:
        children = [(str(index), item) for index, item in enumerate(values)] if isinstance(values, list) else []
    return [found for key, item in children for found in _expand(item, rest, f"{walked}.{key}")]


def _check_field(path: str, label: str, value: Any, rules: list[str]) -> list[Failure]:
    """`label` is what the texts call the field: words, but the bare path for an item of a list."""
    names = [rule.partition(":")[0] for rule in rules]
    if "required" in names and _is_empty(value):
        return [Failure(path, "required", f"The {label} field is required.")]
    if value is _MISSING or (value is None and "nullable" in names):
        return []
    failures = []
    for rule in rules:
        name, _, argument = rule.partition(":")
        complaint = _RULES[name](value, argument, names) if name in _RULES else None
        if complaint:
            failures.append(Failure(path, name, complaint.format(field=label)))
    return failures


def _is_empty(value: Any) -> bool:
    return value is _MISSING or value is None or value in ("", [], {})


def _string(value: Any, _argument: str, _names: list[str]) -> str | None:
    return None if isinstance(value, str) else "The {field} must be a string."


def _array(value: Any, _argument: str, _names: list[str]) -> str | None:
    return None if isinstance(value, (list, dict)) else "The {field} must be an array."


def _in(value: Any, argument: str, _names: list[str]) -> str | None:
    is_listed = not isinstance(value, (list, dict)) and php.to_string(value) in argument.split(",")
    return None if is_listed else "The selected {field} is invalid."


def _max(value: Any, argument: str, names: list[str]) -> str | None:
    if _size(value, names) <= int(argument):
        return None
    return {"number": f"The {{field}} may not be greater than {argument}.",
            "list": f"The {{field}} may not have more than {argument} items.",
            "text": f"The {{field}} may not be greater than {argument} characters."}[_kind(names)]


def _min(value: Any, argument: str, names: list[str]) -> str | None:
    if _size(value, names) >= int(argument):
        return None
    return {"number": f"The {{field}} must be at least {argument}.",
            "list": f"The {{field}} must have at least {argument} items.",
            "text": f"The {{field}} must be at least {argument} characters."}[_kind(names)]


def _size(value: Any, names: list[str]) -> float:
    """Size means the number itself only where a rule says that the field is one."""
    if isinstance(value, (int, float)) and _kind(names) == "number":
        return value
    return len(value if isinstance(value, (list, dict)) else php.to_string(value))


def _kind(names: list[str]) -> Literal["number", "list", "text"]:
    """What the texts speak of: it follows from the rules, whatever the value is."""
    if "numeric" in names or "integer" in names:
        return "number"
    return "list" if "array" in names else "text"


_RULES: dict[str, Callable[[Any, str, list[str]], str | None]] = {
    "string": _string, "array": _array, "in": _in, "max": _max, "min": _min,
}
