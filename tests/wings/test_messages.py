"""A frame's payload: Wings' event and text, or nothing at all."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.wings.messages import IS_OUTPUT, read_message, write_message


def test_event_and_text() -> None:
    assert read_message(b'{"event":"console output","args":["a \\u003cb\\u003e"]}\n') == ("console output", "a <b>")


@pytest.mark.parametrize("text", ['{"event":"auth success"}', '{"event":"auth success","args":[]}'])
def test_no_arguments_are_no_text(text: str) -> None:
    assert read_message(text.encode()) == ("auth success", "")


def test_bytes_that_are_no_text_are_marked() -> None:
    assert read_message(b'{"event":"console output","args":["a\xff\xfeb"]}') == ("console output", "a\ufffd\ufffdb")


@pytest.mark.parametrize(
    "payload",
    [
        b"", b"no json", b"<html>", b"[]", b"null", b"7", b'{"event":7}', b'{"args":["x"]}',
        b'{"event":"x","args":"y"}',
        b'{"event":"x","args":[7]}', b'{"event":"x","args":{"0":"y"}}', b'{"event":"x","args":7}', b'{"event":',
        b"[" * 100_000, b'{"event":"x","args":[' + b"1" * 10_000 + b"]}",
    ],
)  # fmt: skip
def test_anything_else_is_ignored(payload: bytes) -> None:
    assert read_message(payload) is None


@given(st.binary(max_size=300))
def test_no_bytes_break_it(payload: bytes) -> None:
    read_message(payload)


def test_what_is_sent_is_what_the_stock_client_sends() -> None:
    assert json.loads(write_message("send logs")) == {"event": "send logs", "args": [None]}
    assert json.loads(write_message("auth", "t")) == {"event": "auth", "args": ["t"]}


def test_a_console_line_is_known_by_its_beginning() -> None:
    assert json.dumps({"event": "console output", "args": ["x"]}, separators=(",", ":")).encode().startswith(IS_OUTPUT)
