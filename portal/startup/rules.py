"""The rules of a variable (Laravel's, as the panel keeps them) in words, and what fits to enter a value.

Words help, the panel decides: what is not known here is shown as it is written.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from portal.web.i18n import _, counted

NUMBER = re.compile(r"-?\d{1,18}(?:\.\d{1,18})?")
CLOSING = {"(": ")", "[": "]", "{": "}", "<": ">"}
NUMBERS = frozenset({"numeric", "integer", "decimal"})
EXPRESSIONS = frozenset({"regex", "not_regex"})
HOW_CHECKED = frozenset({"alpha", "alpha_num", "alpha_dash", "boolean", "email", "timezone", "url", "uuid"})
"""Rules whose argument only says how closely they are checked."""
SILENT = frozenset({"", "bail", "sometimes", "present"})
"""Rules of which nobody who fills in a value has to know."""


@dataclass(frozen=True)
class Said:
    """One rule as a sentence; `code` stands behind it as it is."""

    text: str
    code: str = ""


@dataclass(frozen=True)
class Rules:
    """Rules in words. `unknown` are those that Roost does not know, as they are written.

    `choices` are values with what they mean, none where anything may be typed; `inputmode` is the browser's word for
    the keys of a phone ("" for letters).
    """

    said: tuple[Said, ...]
    unknown: tuple[str, ...]
    choices: tuple[tuple[str, str], ...]
    inputmode: str


def explain(rules: str) -> Rules:
    """The rules of a variable, as the panel gives them: joined by `|`."""
    parsed = [_parsed(rule) for rule in split(rules)]
    names = frozenset(name for name, _argument in parsed)
    said: list[Said] = []
    unknown: list[str] = []
    for (name, argument), written in zip(parsed, split(rules), strict=True):
        if name in SILENT or (name == "nullable" and "required" in names):
            continue
        sentence = _sentence(name, argument, is_number=bool(names & NUMBERS))
        if sentence is None:
            unknown.append(written.strip())
        elif sentence not in said:
            said.append(sentence)
    return Rules(tuple(said), tuple(unknown), _choices(parsed), _inputmode(names))


def split(rules: str) -> list[str]:
    """The single rules; a `|` inside an expression parts nothing."""
    parts = rules.split("|")
    found: list[str] = []
    while parts:
        taken = 1
        if _is_cut(parts[0]):
            whole = (n for n in range(2, len(parts) + 1) if not _is_cut("|".join(parts[:n])))
            taken = next(whole, 1)
        found.append("|".join(parts[:taken]))
        del parts[:taken]
    return found


def _is_cut(rule: str) -> bool:
    """Whether this is the beginning of an expression whose closing sign is missing."""
    name, pattern = _parsed(rule)
    if name not in EXPRESSIONS or not pattern:
        return False
    closing = re.escape(CLOSING.get(pattern[0], pattern[0]))
    return re.fullmatch(rf"(?s)(?:[^\\]|\\.)*{closing}[A-Za-z]*", pattern[1:]) is None


def _parsed(rule: str) -> tuple[str, str]:
    """Name and argument; `AlphaNum` is `alpha_num`, as for the panel."""
    name, _colon, argument = rule.partition(":")
    name = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name.strip()).lower()
    return {"int": "integer", "bool": "boolean"}.get(name, name), argument.strip()


def _listed(argument: str) -> list[str]:
    """The parts of an argument, of which one may be quoted to hold a comma."""
    try:
        return next(csv.reader([argument], strict=True), [])
    except csv.Error:
        return argument.split(",")


def _choices(parsed: list[tuple[str, str]]) -> tuple[tuple[str, str], ...]:
    listed = next((_listed(argument) for name, argument in parsed if name == "in"), [])
    names = {name for name, _argument in parsed}
    if listed:
        found = [(one, one or _("(empty)")) for one in dict.fromkeys(listed)]
    elif "boolean" in names:
        found = [("1", _("Yes (1)")), ("0", _("No (0)"))]
    else:
        return ()
    if "nullable" in names and "required" not in names and "" not in dict(found):
        found.insert(0, ("", _("(empty)")))
    return tuple(found)


def _inputmode(names: frozenset[str]) -> str:
    if names & {"integer", "digits", "digits_between", "min_digits", "max_digits"}:
        return "numeric"
    if names & NUMBERS:
        return "decimal"
    if "email" in names:
        return "email"
    return "url" if names & {"url", "active_url"} else ""


def _sentence(name: str, argument: str, *, is_number: bool) -> Said | None:
    """A rule as a sentence; None for one that is not known, or is not written as it should be."""
    if name in EXPRESSIONS and argument:
        text = _("Must match the pattern") if name == "regex" else _("Must not match the pattern")
        return Said(text, argument)
    if name == "date_format" and argument:
        return Said(_("A date written as"), argument)
    if not argument or name in HOW_CHECKED:
        plain = _plain().get(name)
        return Said(plain) if plain else None
    arguments = _listed(argument)
    if name in _LISTS:
        return Said(_LISTS[name](), ", ".join(arguments))
    if not all(NUMBER.fullmatch(one) for one in arguments):
        return None
    sizes = _of_number() if is_number else _of_text()
    size = {**sizes, **_of_digits()}.get((name, len(arguments)))
    try:
        return Said(size(*arguments)) if size else None
    except ValueError:  # half a character, half a digit
        return None


def _plain() -> Mapping[str, str]:
    """Rules without argument."""
    return {
        "required": _("Must be filled in."),
        "filled": _("Must be filled in."),
        "nullable": _("May be empty."),
        "string": _("Text."),
        "numeric": _("A number."),
        "integer": _("A whole number."),
        "boolean": _("Yes or no, as 1 or 0."),
        "accepted": _("Must be yes: yes, on, 1 or true."),
        "declined": _("Must be no: no, off, 0 or false."),
        "alpha": _("Letters only."),
        "alpha_num": _("Letters and digits only."),
        "alpha_dash": _("Letters, digits, dashes and underscores only."),
        "ascii": _("No letters with accents or of other scripts."),
        "lowercase": _("Small letters only."),
        "uppercase": _("Capital letters only."),
        "url": _("A web address."),
        "active_url": _("A web address that exists."),
        "ip": _("An IP address."),
        "ipv4": _("An IPv4 address."),
        "ipv6": _("An IPv6 address."),
        "mac_address": _("A MAC address."),
        "email": _("A mail address."),
        "uuid": _("A UUID."),
        "ulid": _("A ULID."),
        "json": _("JSON."),
        "date": _("A date."),
        "timezone": _("A time zone, like Europe/Berlin."),
    }


Text = Callable[..., str]


def _of_text() -> Mapping[tuple[str, int], Text]:
    """Rules of size, by name and number of arguments, where a value counts as text."""
    return {
        ("between", 2): lambda a, b: _("%(least)s to %(most)s characters.", least=a, most=b),
        ("min", 1): lambda a: _characters("At least %(num)d character.", "At least %(num)d characters.", a),
        ("max", 1): lambda a: _characters("At most %(num)d character.", "At most %(num)d characters.", a),
        ("size", 1): lambda a: _characters("Exactly %(num)d character.", "Exactly %(num)d characters.", a),
        ("gt", 1): lambda a: _characters("More than %(num)d character.", "More than %(num)d characters.", a),
        ("gte", 1): lambda a: _characters("At least %(num)d character.", "At least %(num)d characters.", a),
        ("lt", 1): lambda a: _characters("Less than %(num)d character.", "Less than %(num)d characters.", a),
        ("lte", 1): lambda a: _characters("At most %(num)d character.", "At most %(num)d characters.", a),
    }


def _of_number() -> Mapping[tuple[str, int], Text]:
    """The same where a value counts as a number."""
    return {
        ("between", 2): lambda a, b: _("From %(least)s to %(most)s.", least=a, most=b),
        ("min", 1): lambda a: _("At least %(number)s.", number=a),
        ("max", 1): lambda a: _("At most %(number)s.", number=a),
        ("size", 1): lambda a: _("Exactly %(number)s.", number=a),
        ("gt", 1): lambda a: _("More than %(number)s.", number=a),
        ("gte", 1): lambda a: _("At least %(number)s.", number=a),
        ("lt", 1): lambda a: _("Less than %(number)s.", number=a),
        ("lte", 1): lambda a: _("At most %(number)s.", number=a),
    }


def _of_digits() -> Mapping[tuple[str, int], Text]:
    """Rules that mean the same for both."""
    return {
        ("digits", 1): lambda a: _characters("Exactly %(num)d digit.", "Exactly %(num)d digits.", a),
        ("digits_between", 2): lambda a, b: _("%(least)s to %(most)s digits.", least=a, most=b),
        ("min_digits", 1): lambda a: _characters("At least %(num)d digit.", "At least %(num)d digits.", a),
        ("max_digits", 1): lambda a: _characters("At most %(num)d digit.", "At most %(num)d digits.", a),
        ("decimal", 1): lambda a: _("A number with exactly %(number)s digits behind the point.", number=a),
        ("decimal", 2): lambda a, b: _("A number with %(least)s to %(most)s digits behind the point.", least=a, most=b),
        ("multiple_of", 1): lambda a: _("A multiple of %(number)s.", number=a),
    }


_LISTS: Mapping[str, Callable[[], str]] = {
    "in": lambda: _("One of:"),
    "not_in": lambda: _("None of:"),
    "starts_with": lambda: _("Must begin with one of:"),
    "ends_with": lambda: _("Must end with one of:"),
    "doesnt_start_with": lambda: _("Must not begin with:"),
    "doesnt_end_with": lambda: _("Must not end with:"),
}


def _characters(one: str, many: str, number: str) -> str:
    return counted(one, many, int(number))
