from __future__ import annotations

from portal.demo.errors import Failure, ValidationError
from portal.demo.validation import check


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
