"""Laravel's validator, with the panel's own wording.

Rules are written as the panel writes them: ``{"signal": "required|string|in:start,stop"}``; a path may hold ``*``.
Where a text cannot say it (a look into the database, an expression with `|`) the rules are a list of texts and
`Custom`s.
"""
from __future__ import annotations

import csv
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from portal.demo import php
from portal.demo.errors import Failure, ValidationError, crashed
from portal.demo.validation.field import Field, fields_of, label
from portal.demo.validation.kinds import KINDS
from portal.demo.validation.messages import MESSAGES, SIZES
from portal.demo.validation.presence import PRESENCE
from portal.demo.validation.sizes import SIZE_RULES
from portal.demo.validation.texts import TEXTS

__all__ = ["Custom", "Rules", "check", "exists", "unique", "validate"]


@dataclass(frozen=True)
class Custom:
    """A rule that is no text: `name` as `meta.rule` shows it, `passes` decides, `message` speaks of `:attribute`.

    With `after_others` it is only asked when nothing else is wrong with the field, as rules that ask the database.
    """

    name: str
    passes: Callable[[Any], bool]
    message: str
    after_others: bool = False


Rules = Mapping[str, str | Sequence[str | Custom]]

_FLAGS = frozenset({"nullable", "sometimes", "bail"})
_RULES = {**PRESENCE, **KINDS, **SIZE_RULES, **TEXTS}
_ARGUMENTS = {"between": 2, "digits_between": 2, "required_if": 2, "required_unless": 2, "min": 1, "max": 1, "size": 1,
              "digits": 1, "gt": 1, "gte": 1, "lt": 1, "lte": 1, "same": 1, "different": 1, "regex": 1, "not_regex": 1,
              "required_with": 1, "required_with_all": 1, "required_without": 1, "required_without_all": 1}
_WHOLE_ARGUMENT = ("regex", "not_regex")


def unique(is_taken: Callable[[Any], bool]) -> Custom:
    return Custom("unique", lambda value: not is_taken(value), MESSAGES["unique"], after_others=True)


def exists(is_known: Callable[[Any], bool]) -> Custom:
    return Custom("exists", is_known, MESSAGES["exists"], after_others=True)


def validate(values: dict[str, Any], rules: Rules, names: Mapping[str, str] | None = None) -> None:
    """Raises ValidationError; `names` is what texts call some fields, by path or pattern."""
    failures = check(values, rules, names)
    if failures:
        raise ValidationError(failures)


def check(values: dict[str, Any], rules: Rules, names: Mapping[str, str] | None = None) -> list[Failure]:
    """The failures, in the order of the rules; those of items of lists come last (`explodeWildcardRules`)."""
    failures = []
    for pattern, listed in sorted(rules.items(), key=lambda rule: "*" in rule[0]):
        parsed = [_parse(rule) for rule in (listed.split("|") if isinstance(listed, str) else listed)]
        for field in fields_of(values, pattern, frozenset(name for name, _ in parsed)):
            called = (names or {}).get(field.path) or (names or {}).get(pattern) or field.label
            failures += _failures_of(replace(field, label=called), parsed)
    return failures


Parsed = tuple[str, "list[str] | Custom"]


def _parse(rule: str | Custom) -> Parsed:
    if isinstance(rule, Custom):
        return rule.name, rule
    name, _, argument = rule.partition(":")
    name = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name.strip()).lower()
    name = {"int": "integer", "bool": "boolean"}.get(name, name)
    if name in _WHOLE_ARGUMENT:
        return name, [argument]
    return name, next(csv.reader([argument]), []) if argument else []


def _failures_of(field: Field, rules: list[Parsed]) -> list[Failure]:
    """One for each text: two rules that say the same are one failure, under the name of the first (`MessageBag`)."""
    failed: list[str] = []
    texts: list[str] = []
    for name, argument in rules:
        if name in _FLAGS or not name or not _is_asked(field, name, has_failed=bool(failed), rule=argument):
            continue
        text = _complaint(field, name, argument)
        if text is None:
            continue
        failed += [] if name in failed else [name]
        texts += [] if text in texts else [text]
        if "bail" in field.rules or name in PRESENCE:
            break
    names = [*failed, *[""] * len(texts)]
    return [Failure(field.path, name, text) for name, text in zip(names, texts, strict=False)]


def _is_asked(field: Field, name: str, *, has_failed: bool, rule: list[str] | Custom) -> bool:
    """`isValidatable`: a field that is missing or empty concerns only the implicit rules."""
    if "sometimes" in field.rules and not field.is_present:
        return False
    if isinstance(rule, Custom) and rule.after_others and has_failed:
        return False
    if name in PRESENCE:
        return True
    if isinstance(field.value, str) and not field.value.strip():
        return False
    return field.is_present and not (field.value is None and "nullable" in field.rules)


def _complaint(field: Field, name: str, rule: list[str] | Custom) -> str | None:
    if isinstance(rule, Custom):
        return None if rule.passes(field.value) else rule.message.replace(":attribute", field.label)
    if name not in _RULES:
        raise crashed("BadMethodCallException")
    if len(rule) < _ARGUMENTS.get(name, 0):
        raise crashed("InvalidArgumentException")
    if _RULES[name](field, rule):
        return None
    text = SIZES[name][field.kind] if name in SIZES else MESSAGES[name]
    for placeholder, words in _replacements(field, name, rule).items():
        text = text.replace(placeholder, words)
    return text.replace(":attribute", field.label)


def _replacements(field: Field, name: str, arguments: list[str]) -> dict[str, str]:
    if name in ("between", "digits_between"):
        return {":min": arguments[0], ":max": arguments[1]}
    if name in ("min", "max", "size", "digits"):
        return {f":{name}": arguments[0]}
    if name in ("gt", "gte", "lt", "lte"):
        return {":value": arguments[0]}
    if name in ("required_if", "required_unless", "same", "different"):
        return {":other": label(arguments[0]), ":values": ", ".join(arguments[1:]),
                ":value": _shown(field.other(arguments[0]))}
    if name.startswith("required_with"):
        return {":values": " / ".join(label(argument) for argument in arguments)}
    return {":values": ", ".join(arguments)}


def _shown(value: Any) -> str:
    """`getDisplayableValue`."""
    if value is None:
        return "empty"
    return str(value).lower() if isinstance(value, bool) else php.to_string(value)
