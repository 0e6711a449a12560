"""How bodies are read and refusals are shown."""
from __future__ import annotations

from typing import Any

import pytest

from portal.demo import Demo, php
from tests.demo.conftest import Asker, says

HTML = {"Accept": "text/html"}


@pytest.mark.parametrize(("body", "reason"), [
    (b'{"signal": ', "Syntax error"),
    (b"NaN", "Syntax error"),
    (b"\xef\xbb\xbf{}", "Syntax error"),
    (b'{"signal": "\xff"}', "Malformed UTF-8 characters, possibly incorrectly encoded"),
    (b'{"signal": "\x01"}', "Control character error, possibly incorrectly encoded"),
    (b'{"signal": "sta', "Control character error, possibly incorrectly encoded"),
    (b'{"signal": "start"', "Syntax error"),
    (b"  ", "Syntax error"),
])
def test_malformed_json(ask: Asker, body: bytes, reason: str) -> None:
    answer = ask.post("kim", ask.server("Uno") + "/power", data=body, headers={"Content-Type": "application/x+json"})
    assert says(answer)[2].endswith(f"malformed: {reason}")


@pytest.mark.parametrize("body", [b"[]", b'"text"', b"5", b"null", b"0", b""])
def test_json_that_is_no_object_has_no_fields(ask: Asker, body: bytes) -> None:
    answer = ask.post("kim", ask.server("Uno") + "/power", data=body, headers={"Content-Type": "application/json"})
    assert says(answer)[2] == "The signal field is required."


def test_form_body_and_query_count_too(ask: Asker) -> None:
    path = ask.server("Uno") + "/power"
    assert ask.post("kim", path, data={"signal": "start"}).status_code == 204
    assert ask.post("kim", path + "?signal=start").status_code == 204
    assert ask.post("kim", path + "?signal=start", {"signal": "nonsense"}).status_code == 422


def test_strings_are_trimmed_and_empty_ones_null(ask: Asker, demo: Demo) -> None:
    path = ask.server("Uno") + "/command"
    assert says(ask.post("kim", path, {"command": " \n\u200b "}))[2] == "The command field is required."
    ask.post("kim", ask.server("Uno") + "/power", {"signal": " start "})
    assert ask.post("kim", path, {"command": "  say hi\n"}).status_code == 204
    assert demo.world.activity_logs[-1].properties == {"command": "say hi"}


def test_html_instead_of_json(ask: Asker) -> None:
    login = ask.get(None, "/api/client", headers=HTML)
    assert (login.status_code, login.headers["Location"]) == (302, "http://localhost/auth/login")
    page = ask.get("kim", "/api/client/nothing", headers=HTML)
    assert (page.status_code, page.content_type) == (404, "text/html; charset=UTF-8")
    assert b"<title>Not Found</title>" in page.data
    back = ask.post("kim", ask.server("Uno") + "/power", {"signal": "x"}, headers=HTML)
    assert (back.status_code, back.headers["Location"]) == (302, "http://localhost")
    assert back.headers["X-RateLimit-Remaining"] == "49"
    conflict = ask.post("kim", ask.server("Due") + "/power", headers=HTML)
    assert (conflict.status_code, b"An Error Occurred: Conflict" in conflict.data) == (409, True)


@pytest.mark.parametrize(("headers", "is_json"), [
    ({"Accept": "application/vnd.pterodactyl.v1+json"}, True),
    ({"Accept": "text/html, application/json"}, False),
    ({"Accept": "text/html;q=0.5, application/json"}, True),
    ({"Accept": "*/*"}, False),
    ({"Accept": "*/*, application/json"}, False),
    ({"Accept": "application/json, */*"}, True),
    ({"Accept": "application/json;q=0.1, text/html;q=0.05"}, True),
    ({"Accept": "APPLICATION/JSON; charset=utf-8"}, True),
    ({"Accept": ""}, False),
    ({"Accept": "", "X-Requested-With": "XMLHttpRequest"}, True),
    ({"Accept": "text/html", "X-Requested-With": "XMLHttpRequest"}, False),
    ({"Accept": "*/*", "X-Requested-With": "XMLHttpRequest"}, True),
])
def test_who_expects_json(ask: Asker, headers: dict[str, str], is_json: bool) -> None:
    answer = ask.get("kim", "/api/client/servers/00000000", headers=headers)
    assert (answer.content_type == "application/json") is is_json


def test_successes_are_always_json(ask: Asker) -> None:
    assert ask.get("kim", "/api/client", headers=HTML).content_type == "application/json"
    answer = ask.post("kim", ask.server("Uno") + "/power", {"signal": "start"})
    assert (answer.status_code, answer.data, "Content-Type" in answer.headers) == (204, b"", False)


def test_php_arrays_in_queries() -> None:
    nested = php.nest_pairs([("a[b]", "1"), ("a[c][]", "2"), ("a[c][]", "3"), ("d", "4"), ("d", "5")])
    assert nested == {"a": {"b": "1", "c": {"0": "2", "1": "3"}}, "d": "5"}
    assert php.build_query({"filter": {"name": "a b", "no": None}, "page": 2}) == "filter%5Bname%5D=a%20b&page=2"


def test_other_bodies_are_no_fields(ask: Asker) -> None:
    path = ask.server("Uno") + "/power"
    for content_type in ("text/plain", "application/JSON", "application/octet-stream"):
        answer = ask.post("kim", path, data=b'{"signal": "start"}', headers={"Content-Type": content_type})
        assert says(answer)[2] == "The signal field is required."


def test_a_null_in_the_body_hides_the_query(ask: Asker) -> None:
    answer = ask.post("kim", ask.server("Uno") + "/power?signal=start", {"signal": None})
    assert says(answer)[2] == "The signal field is required."


@pytest.mark.parametrize("headers", [
    {"Cookie": "pterodactyl_session=x"}, {"Origin": "http://localhost:3000"}, {"Referer": "http://localhost/server"},
])
def test_browser_sessions_need_a_token(ask: Asker, headers: dict[str, str]) -> None:
    answer = ask.post(None, ask.server("Uno") + "/power", {"signal": "start"}, headers=headers)
    assert says(answer) == (419, "HttpException", "CSRF token mismatch.")
    assert ask.get("kim", "/api/client", headers=headers).status_code == 200
    elsewhere = {"Origin": "https://example.org"}
    assert ask.post("kim", ask.server("Uno") + "/power", {"signal": "start"}, headers=elsewhere).status_code == 204


def test_addresses_come_without_the_port(ask: Asker) -> None:
    links = ask.get("kim", "/api/client?per_page=1", base_url="http://127.0.0.1:8123").json["meta"]["pagination"]["links"]
    assert links == {"next": "http://127.0.0.1/api/client?per_page=1&page=2"}


@pytest.mark.parametrize("options", [
    {"headers": {"X-HTTP-Method-Override": "put"}}, {"json": {"_method": "PUT"}}, {"data": {"_method": "PUT"}},
    {"query_string": {"_method": "PUT"}}, {"json": {"_method": "PUT"}, "query_string": {"_method": "PATCH"}},
    {"headers": {"X-HTTP-Method-Override": "PUT"}, "json": {"_method": "PATCH"}},
], ids=["header", "json", "form", "query", "body before query", "header before body"])
def test_a_post_may_stand_for_another_method(ask: Asker, options: dict[str, Any]) -> None:
    answer = ask("kim", "POST", ask.server("Uno") + "/startup/variable", **options)
    assert says(answer)[2] == "The key field is required."


def test_only_a_post_and_only_a_word_stand_for_another_method(ask: Asker) -> None:
    path = ask.server("Uno") + "/power"
    assert ask.post("kim", path, {"signal": "start", "_method": "no method"}).status_code == 204
    assert ask.post("kim", path, {"signal": "start", "_method": ["PUT"]}).status_code == 204
    assert says(ask.post("kim", path, {"_method": "delete"}))[2].startswith("The DELETE method is not supported")
    assert ask("kim", "GET", "/api/client/account", headers={"X-HTTP-Method-Override": "DELETE"}).status_code == 200
    broken = ask.post("kim", path, data=b'{"_method"', headers={"Content-Type": "application/json"})
    assert says(broken)[2].endswith("malformed: Syntax error")
