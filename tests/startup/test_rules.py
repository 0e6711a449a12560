"""Laravel's rules in words; nothing that a host may write breaks the page."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.startup.rules import Rules, Said, explain, split
from tests.conftest import World

WORDS = {
    "required": "Must be filled in.",
    "nullable": "May be empty.",
    "string": "Text.",
    "numeric": "A number.",
    "integer": "A whole number.",
    "int": "A whole number.",
    "boolean": "Yes or no, as 1 or 0.",
    "bool": "Yes or no, as 1 or 0.",
    "in:a,b": "One of: a, b",
    'in:"a,b",c': "One of: a,b, c",
    "not_in:a": "None of: a",
    "between:1,20": "1 to 20 characters.",
    "integer|between:1,20": "A whole number. From 1 to 20.",
    "numeric|between:0.5,2.5": "A number. From 0.5 to 2.5.",
    "min:3": "At least 3 characters.",
    "min:1": "At least 1 character.",
    "numeric|min:-5": "A number. At least -5.",
    "max:20": "At most 20 characters.",
    "integer|max:65535": "A whole number. At most 65535.",
    "size:32": "Exactly 32 characters.",
    "digits:4": "Exactly 4 digits.",
    "digits_between:4,5": "4 to 5 digits.",
    "multiple_of:64": "A multiple of 64.",
    r"regex:/^([\w\d._-]+)(\.jar)$/": r"Must match the pattern /^([\w\d._-]+)(\.jar)$/",
    "regex:/^(a|b|c)$/i|max:5": "Must match the pattern /^(a|b|c)$/i At most 5 characters.",
    r"required|regex:/^a\/|b$/|string": r"Must be filled in. Must match the pattern /^a\/|b$/ Text.",
    "regex:{^(a|b)$}u|nullable": "Must match the pattern {^(a|b)$}u May be empty.",
    "not_regex:/x|y/": "Must not match the pattern /x|y/",
    "alpha": "Letters only.",
    "alpha_num": "Letters and digits only.",
    "alpha_num:ascii": "Letters and digits only.",
    "AlphaNum": "Letters and digits only.",
    "alpha_dash": "Letters, digits, dashes and underscores only.",
    "url": "A web address.",
    "url:http,https": "A web address.",
    "ip": "An IP address.",
    "ipv4": "An IPv4 address.",
    "ipv6": "An IPv6 address.",
    "email:rfc,dns": "A mail address.",
    "starts_with:a,b": "Must begin with one of: a, b",
    "date_format:Y-m-d": "A date written as Y-m-d",
    " required | string ": "Must be filled in. Text.",
    "required|required": "Must be filled in.",
    "required|nullable|string": "Must be filled in. Text.",
    "max:999999999999999999": "At most 999999999999999999 characters.",
    "numeric|min:1.5": "A number. At least 1.5.",
    "": "",
    "bail|sometimes|": "",
}
AS_WRITTEN = ["exists:users,id", "required_if:A,1", "min:some", "min:1.5", "between:1", "regex:", "in", "max:",
              "nonsense", "App\\Rules\\Own"]  # fmt: skip


@pytest.fixture(autouse=True)
def _words(own_world: World) -> Iterator[None]:
    with own_world.app.test_request_context():
        yield


def in_words(rules: Rules) -> str:
    return " ".join(f"{one.text} {one.code}".strip() for one in rules.said)


def test_rules_are_said_in_words() -> None:
    for rules, words in WORDS.items():
        explained = explain(rules)
        assert in_words(explained) == words, rules
        assert explained.unknown == (), rules


def test_what_is_not_known_is_shown_as_it_is_written() -> None:
    for rule in AS_WRITTEN:
        explained = explain(f"required|{rule}|string")
        assert explained.unknown == (rule,)
        assert in_words(explained) == "Must be filled in. Text."


def test_a_line_inside_an_expression_parts_nothing() -> None:
    assert split("required|regex:/^(a|b)$/|max:3") == ["required", "regex:/^(a|b)$/", "max:3"]
    assert split("regex:/a|b") == ["regex:/a", "b"], "an expression that never ends is nobody's"
    assert split(r"regex:/a\\/|max:3") == [r"regex:/a\\/", "max:3"]


def test_choices_are_offered_where_there_are_any() -> None:
    assert explain("required|in:a,b,a").choices == (("a", "a"), ("b", "b"))
    assert explain("required|boolean").choices == (("1", "Yes (1)"), ("0", "No (0)"))
    assert explain("nullable|boolean").choices[0] == ("", "(empty)")
    assert explain("nullable|in:,a").choices == (("", "(empty)"), ("a", "a"))
    assert explain("required|boolean|in:0").choices == (("0", "0"),)
    assert explain("required|string").choices == ()


@pytest.mark.parametrize(
    ("rules", "keys"),
    [("integer", "numeric"), ("digits:4", "numeric"), ("numeric", "decimal"), ("email", "email"), ("url", "url"),
     ("string", ""), ("required|int|max:3", "numeric")],
)  # fmt: skip
def test_a_phone_shows_the_keys_that_fit(rules: str, keys: str) -> None:
    assert explain(rules).inputmode == keys


@given(st.text(alphabet="regx:|/\\^()[]{}<>,\"'0129.- aint\nü%", max_size=60))
def test_whatever_a_host_writes_is_said_somehow(rules: str) -> None:
    explained = explain(rules)

    assert "|".join(split(rules)) == rules
    assert all(isinstance(one, Said) and one.text for one in explained.said)
