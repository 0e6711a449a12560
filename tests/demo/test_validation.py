from __future__ import annotations

from typing import Any

import pytest

from portal.demo.errors import Failure, PanelError, ValidationError
from portal.demo.validation import Custom, check, unique


def test_a_missing_field_needs_no_other_rule() -> None:
    assert check({}, {"day_of_month": "string|max:3"}) == []
    assert check({"a": None}, {"a": "nullable|string"}) == []
    assert check({"a": None}, {"a": "string"}) == [Failure("a", "string", "The a must be a string.")]


def test_names_lose_their_underscores_unless_they_are_items_and_keep_their_dots() -> None:
    rules = {"feature_limits.databases": "required", "files.*.new_name": "required"}
    assert [failure.detail for failure in check({"files": [{"new_name": "x"}, {}]}, rules)] == [
        "The feature limits.databases field is required.", "The files.1.new_name field is required."]


def test_size_of_numbers_only_where_a_number_is_meant() -> None:
    assert check({"a": 900}, {"a": "integer|max:100"})[0].detail == "The a may not be greater than 100."
    assert check({"a": 900}, {"a": "max:2"})[0].detail == "The a may not be greater than 2 characters."
    assert check({"a": [1]}, {"a": "array|min:2"})[0].detail == "The a must have at least 2 items."


def test_size_of_booleans_is_that_of_their_text() -> None:
    assert check({"a": False}, {"a": "required|string|min:1"}) == [
        Failure("a", "string", "The a must be a string."), Failure("a", "min", "The a must be at least 1 characters.")]
    assert [failure.rule for failure in check({"a": True}, {"a": "required|string|min:1"})] == ["string"]


def test_the_rules_say_what_size_texts_speak_of() -> None:
    assert check({"a": "abc"}, {"a": "array|max:2"})[1].detail == "The a may not have more than 2 items."
    assert check({"a": [1, 2, 3]}, {"a": "max:2"})[0].detail == "The a may not be greater than 2 characters."


def test_failures_of_one_field_stand_together() -> None:
    failures = [Failure("b", "string", "1"), Failure("a", "", "2"), Failure("b", "", "3")]
    assert [failure.detail for failure in ValidationError(failures).failures] == ["1", "3", "2"]


def told(value: Any, rules: str | list[str | Custom], **others: Any) -> list[tuple[str, str]]:
    """Rule and text of what is wrong with `a`."""
    return [(failure.rule, failure.detail) for failure in check({"a": value, **others}, {"a": rules})]


def test_implicit_rules_end_the_checks_of_a_field_that_they_refuse() -> None:
    assert told(None, "required|string|min:3") == [("required", "The a field is required.")]
    assert told("  ", "string|filled|min:3") == [("filled", "The a field is required.")]
    assert check({}, {"a": "present|string"}) == [Failure("a", "present", "The a field must be present.")]
    assert check({}, {"a": "filled|string"}) == []
    assert told(None, "nullable|string|present") == []


def test_empty_texts_concern_only_implicit_rules() -> None:
    assert told("", "string|min:3|in:x") == []
    assert told(" ", "email") == []
    assert told(None, "email|min:1") == [("email", "The a must be a valid email address."),
                                         ("min", "The a must be at least 1 characters.")]


@pytest.mark.parametrize(("rules", "others", "text"), [
    ("required_unless:action,backup", {"action": "power"}, "The a field is required unless action is in backup."),
    ("required_unless:action,backup", {"action": "backup"}, None),
    ("required_if:is_on,true", {"is_on": True}, "The a field is required when is on is true."),
    ("required_if:is_on,true", {"is_on": "no"}, None),
    ("required_if:other,5", {"other": 5}, "The a field is required when other is 5."),
    ("required_if:other,5", {}, None),
    ("required_with:x,y_z", {"y_z": 1}, "The a field is required when x / y z is present."),
    ("required_with:x", {"x": ""}, None),
    ("required_with_all:x,y", {"x": 1}, None),
    ("required_with_all:x,y", {"x": 1, "y": 2}, "The a field is required when x / y is present."),
    ("required_without:x,y", {"x": 1}, "The a field is required when x / y is not present."),
    ("required_without_all:x,y", {"x": 1}, None),
    ("required_without_all:x,y", {}, "The a field is required when none of x / y are present."),
])
def test_fields_that_other_fields_demand(rules: str, others: dict[str, Any], text: str | None) -> None:
    assert [detail for _, detail in told(None, rules, **others)] == ([text] if text else [])


@pytest.mark.parametrize(("rule", "good", "bad", "text"), [
    ("string", ["x", ""], [5, True, ["x"]], "The a must be a string."),
    ("array", [["x"], {"k": 1}], ["x", 5], "The a must be an array."),
    ("boolean", [True, False, 0, 1, "0", "1"], ["true", "yes", 2, 1.0, []], "The a field must be true or false."),
    ("numeric", [1, 1.5, "1e5", ".5", " 7 ", "-3"], ["x", "1x", True, "0x1A", [], "١"], "The a must be a number."),
    ("integer", [1, "12", "+5", "-0", 2.0, True], [1.5, "1.0", "012", "x", "1e3", False, str(2**63), [1]],
     "The a must be an integer."),
    ("email", ["a@b", "a.b+c@d.example", '"a b"@c.d', "ü@ö.de", "a@[127.0.0.1]"],
     ["a", "a@", "@b", "a b@c.d", "a..b@c.d", ".a@b.c", "a@-b.c", "a@b..c", "a@b.c.", 5, ["a@b.c"], f"a@{'x' * 64}.c"],
     "The a must be a valid email address."),
    ("url", ["https://example.org", "http://localhost:8080/x?y=[z]#f", "ftp://u:p@example.org/", "http://1.2.3.4",
             "http://[::1]/x", "https://münchen.de"],
     ["nonsense", "example.org", "http://", "http:// x", "https://a b.c", 5], "The a format is invalid."),
    ("ip", ["127.0.0.1", "::1"], ["127.0.0.256", "1.2.3", "01.2.3.4", "x", 5, "fe80::1%eth0"],
     "The a must be a valid IP address."),
    ("json", ['{"a": 1}', "5", 5, True], ["{", "x", ["x"]], "The a must be a valid JSON string."),
    ("alpha", ["abc", "äé", "e\u0301"], ["a1", 5, "a b"], "The a may only contain letters."),
    ("alpha_num", ["abc1", 5, "²"], ["a-b", "a b", True, ["a"]], "The a may only contain letters and numbers."),
    ("alpha_dash", ["a-b_c1", 5], ["a.b", "a b", None],
     "The a may only contain letters, numbers, and dashes."),
    ("in:a,1", ["a", "1", 1, "1.0", "01", True], ["b", "A", 2, ["a"], False], "The selected a is invalid."),
    ("not_in:a,1", ["b", 2], ["a", 1, "1.0"], "The selected a is invalid."),
    ("digits:3", ["123", 123], ["12", "12a", -12, "1234"], "The a must be 3 digits."),
    ("digits_between:1,3", ["1", 123], ["1234", "1.5"], "The a must be between 1 and 3 digits."),
    ("size:3", ["abc", "äöü", 123, ["x", "y", "z"]], ["ab", 12, ["x"]], "The a must be 3 characters."),
    ("between:2,3", ["ab", 12], ["a", "abcd"], "The a must be between 2 and 3 characters."),
    ("regex:/^[a-z|]+$/", ["ab|"], ["A", "5", ["a"], True], "The a format is invalid."),
    ("not_regex:/x/", ["ab", 5], ["axb"], "The a field format is invalid."),
    ("starts_with:ab,cd", ["abc", "cd"], ["xab"], "The a field must start with one of the following: ab, cd."),
    ("uuid", ["5c0f9e21-7d34-4b6a-9f02-3ab1c4d5e6f7"], ["5c0f9e21", 5], "The a field must be a valid UUID."),
    ("gt:5", [6, "7"], [5, "x"], "The a field must be greater than 5."),
    ("accepted", ["yes", True, "1"], [False, 0, None], "The a must be accepted."),
])
def test_each_rule(rule: str, good: list[Any], bad: list[Any], text: str) -> None:
    assert {repr(value): told(value, [rule]) for value in good} == {repr(value): [] for value in good}
    name = rule.partition(":")[0]
    assert {repr(value): told(value, [rule]) for value in bad} == {repr(value): [(name, text)] for value in bad}


@pytest.mark.parametrize(("rules", "value", "text"), [
    ("numeric|between:1,5", 6, "The a must be between 1 and 5."),
    ("integer|size:5", "6", "The a must be 5."),
    ("numeric|min:-1", -2, "The a must be at least -1."),
    ("numeric|max:1.5", "1.6", "The a may not be greater than 1.5."),
    ("array|size:2", ["x"], "The a must contain 2 items."),
    ("array|between:2,3", ["x"], "The a must have between 2 and 3 items."),
])
def test_sizes_of_numbers_and_lists(rules: str, value: Any, text: str) -> None:
    assert [detail for _, detail in told(value, rules)] == [text]


def test_lists_of_allowed_values_need_the_rule_array() -> None:
    assert told(["a", "b"], "array|in:a,b,c") == []
    assert told(["a", "x"], "array|in:a,b,c") == [("in", "The selected a is invalid.")]
    assert told(["a"], "in:a") == [("in", "The selected a is invalid.")]


def test_confirmed_same_and_different_compare_kinds_too() -> None:
    assert told("5", "confirmed", a_confirmation="5") == []
    assert told("5", "confirmed", a_confirmation=5) == [("confirmed", "The a confirmation does not match.")]
    assert told("5", "same:my_other", my_other="6") == [("same", "The a and my other must match.")]
    assert told("5", "different:b", b="5") == [("different", "The a and b must be different.")]


def test_two_rules_with_one_text_are_one_failure_of_the_first() -> None:
    assert told("x y", ["url", "regex:/^z$/"]) == [("url", "The a format is invalid.")]


def test_bail_ends_the_checks_of_its_field() -> None:
    assert [rule for rule, _ in told(5, "bail|string|in:x")] == ["string"]
    assert [rule for rule, _ in told(5, "string|in:x")] == ["string", "in"]


def test_rules_that_ask_the_database_wait_for_the_others() -> None:
    asked: list[Any] = []
    taken = unique(lambda value: asked.append(value) or True)
    assert told("x", ["email", taken]) == [("email", "The a must be a valid email address.")]
    assert told("x@y.z", ["email", taken]) == [("unique", "The a has already been taken.")]
    assert asked == ["x@y.z"]


def test_names_of_their_own_are_for_the_texts_only() -> None:
    rules: dict[str, str] = {"user": "required", "list.*": "integer"}
    assert check({"list": ["x"]}, rules, {"user": "User ID", "list.*": "entry"}) == [
        Failure("user", "required", "The User ID field is required."),
        Failure("list.0", "integer", "The entry must be an integer.")]


def test_items_of_objects_and_missing_parents() -> None:
    rules = {"files": "required|array", "files.*.to": "required|string"}
    assert [failure.source_field for failure in check({"files": {"k": {"to": 5}, "l": "text"}}, rules)] == [
        "files.k.to", "files.l.to"]
    assert [failure.source_field for failure in check({"files": "text"}, rules)] == ["files"]
    assert check({}, {"limits.memory": "nullable|integer"}) == []


@pytest.mark.parametrize(("rules", "code"), [
    ("no_such_rule", "BadMethodCallException"), ("between:1", "InvalidArgumentException"),
    ("max:many", "NumberFormatException"), ("regex:[a-z", "ErrorException"), ("regex:/[/", "ErrorException"),
    ("regex:abc", "ErrorException")])
def test_rules_that_php_cannot_follow(rules: str, code: str) -> None:
    with pytest.raises(PanelError) as caught:
        check({"a": "x"}, {"a": [rules]})
    assert (caught.value.status, caught.value.code) == (500, code)


@pytest.mark.parametrize(("pattern", "text", "is_match"), [
    ("/^A$/i", "a", True), ("#^a#", "ab", True), ("{^a$}", "a", True), (r"~^\w$~", "ü", False), (r"~^\w$~u", "ü", True),
    ("/^.$/", "ü", False), ("/^.$/u", "ü", True), (r"/^a\z/", "a\n", False), ("/^a$/", "a\n", True),
    ("/^a$/D", "a\n", False), ("/^(?<name>a)$/", "a", True), ("/^[[:alpha:]]+$/", "abc", True), ("/b/A", "ab", False),
    (r"/^(?<=x)?a$/", "a", True),
])
def test_expressions_as_php_reads_them(pattern: str, text: str, is_match: bool) -> None:
    assert (told(text, [f"regex:{pattern}"]) == []) is is_match
