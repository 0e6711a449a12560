"""Faults of the body: the effect has happened, and what comes back is not what it was."""
from __future__ import annotations

import json
import tracemalloc
import zlib
from collections.abc import Iterator
from typing import Any

import pytest

from portal.demo import build
from portal.demo.served import Served
from tests.demo.conftest import Asker, says
from tests.demo.wire_support import MIB, Reply, ask, connected, key_of
from tests.demo.worlds import FIXTURE


@pytest.fixture
def served() -> Iterator[Served]:
    with Served(build(fixture=FIXTURE, rate_limit=0)) as running:
        yield running


def account(served: Served, kind: str, **settings: Any) -> Reply:
    """The account of somebody, with its body spoiled."""
    served.demo.knobs.turn({"fault": "body", "settings": {"kind": kind, **settings}, "times": 1})
    return ask(served, "kim", "/api/client/account")


def plain(served: Served) -> Any:
    return ask(served, "kim", "/api/client/account").json


def test_html(served: Served) -> None:
    answer = account(served, "html")
    assert (answer.status, answer.headers["Content-Type"]) == (200, "text/html; charset=UTF-8")
    assert b"<h1>It works!</h1>" in answer.body


def test_empty(served: Served) -> None:
    answer = account(served, "empty")
    assert (answer.status, answer.headers["Content-Type"], answer.body) == (200, "application/json", b"")


def test_truncated_is_half_of_it_under_the_right_length(served: Served) -> None:
    whole = json.dumps(plain(served)).encode()
    answer = account(served, "truncated")
    assert answer.body == whole[:len(whole) // 2]
    assert answer.headers["Content-Length"] == str(len(answer.body))


def test_wrong_schema_has_all_keys_and_no_right_type(served: Served) -> None:
    right, wrong = plain(served)["attributes"], account(served, "wrong-schema").json["attributes"]
    assert right.keys() == wrong.keys()
    assert not [name for name in right if type(right[name]) is type(wrong[name])]


def test_foreign_is_another_ones(served: Served) -> None:
    first, second, _ = served.demo.world.servers
    served.demo.knobs.turn({"fault": "body", "settings": {"kind": "foreign"}})
    answer = ask(served, "kim", f"/api/client/servers/{first.identifier}").json["attributes"]
    assert (answer["uuid"], answer["identifier"], answer["internal_id"]) == (second.uuid, second.identifier, second.id)
    assert answer["name"] == "Uno"


def test_a_gibibyte_is_sent_piece_by_piece(served: Served) -> None:
    size = 1024 * MIB
    served.demo.knobs.turn({"fault": "body", "settings": {"kind": "big"}})
    with connected(served.demo.base) as connection:
        tracemalloc.start()
        connection.request("GET", "/api/client/account", headers=key_of(served.demo, "kim"))
        answer = connection.getresponse()
        pieces = [answer.read(MIB) for _ in range(8)]
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
    assert answer.headers["Content-Length"] == str(size)
    assert pieces == [b" " * MIB] * 8
    assert peak < 16 * MIB


def test_a_big_body_is_as_big_as_it_says(served: Served) -> None:
    answer = account(served, "big", bytes=3 * MIB + 7)
    assert (len(answer.body), answer.headers["Content-Length"]) == (3 * MIB + 7, str(3 * MIB + 7))


def test_endless_goes_on(served: Served) -> None:
    served.demo.knobs.turn({"fault": "body", "settings": {"kind": "endless"}})
    with connected(served.demo.base) as connection:
        connection.request("GET", "/api/client/account", headers=key_of(served.demo, "kim"))
        answer = connection.getresponse()
        assert answer.headers["Transfer-Encoding"] == "chunked"
        assert answer.read(4 * MIB) == b" " * 4 * MIB


def test_a_gzip_bomb_is_small_until_it_is_unpacked(served: Served) -> None:
    answer = account(served, "gzip-bomb", bytes=64 * MIB)
    assert (answer.headers["Content-Encoding"], len(answer.body) < MIB) == ("gzip", True)
    assert len(zlib.decompress(answer.body, 31)) == 64 * MIB


def test_deep_nesting(served: Served) -> None:
    assert account(served, "deep", depth=5).body == b"[[[[[]]]]]"
    assert len(account(served, "deep").body) == 200_000


def test_not_a_number_stands_for_numbers(served: Served) -> None:
    answer = account(served, "nan")
    assert b'"id": NaN' in answer.body
    assert b'"username": "kim"' in answer.body


def test_numbers_beyond_64_bits(served: Served) -> None:
    assert account(served, "huge-number").json["attributes"]["id"] == 2**63


def test_texts_with_half_a_surrogate_pair(served: Served) -> None:
    answer = account(served, "surrogate")
    assert b'"username": "kim\\ud800"' in answer.body


def test_keys_come_twice_and_the_second_time_with_nothing(served: Served) -> None:
    pairs: list[list[tuple[str, Any]]] = []
    json.loads(account(served, "duplicate-keys").body, object_pairs_hook=pairs.append)
    assert [name for name, _ in pairs[0][::2]] == [name for name, _ in pairs[0][1::2]]
    assert {value for _, value in pairs[0][1::2]} == {None}
    assert ("username", "kim") in pairs[0]


def test_a_byte_order_mark(served: Served) -> None:
    answer = account(served, "bom")
    assert answer.body.startswith(b"\xef\xbb\xbf{")
    assert json.loads(answer.body.decode("utf-8-sig")) == plain(served)


@pytest.mark.parametrize("charset", ["utf-16", "utf-32", "cp037"])
def test_another_charset_than_is_said(served: Served, charset: str) -> None:
    answer = account(served, "charset", charset=charset)
    assert answer.headers["Content-Type"] == "application/json; charset=utf-8"
    assert json.loads(answer.body.decode(charset)) == plain(served)


def test_another_content_type(served: Served) -> None:
    answer = account(served, "content-type", type="text/csv")
    assert (answer.headers["Content-Type"], answer.json) == ("text/csv", plain(served))


def test_the_effect_has_happened(ask: Asker) -> None:
    ask.demo.knobs.turn({"fault": "body", "settings": {"kind": "html"}})
    answer = ask.post("kim", ask.server("Uno") + "/settings/rename", {"name": "New"})
    assert (answer.status_code, b"It works!" in answer.data) == (200, True)
    assert ask.demo.world.servers[0].name == "New"


def test_an_answer_without_json_is_given_some_to_spoil(ask: Asker) -> None:
    ask.demo.knobs.turn({"fault": "body", "settings": {"kind": "nan"}})
    answer = ask.post("kim", ask.server("Uno") + "/settings/rename", {"name": "New"})
    assert (answer.status_code, b'"number": NaN' in answer.data) == (200, True)


def test_a_node_can_answer_the_panel_with_anything(ask: Asker) -> None:
    ask.demo.knobs.turn({"where": "node", "fault": "body", "settings": {"kind": "truncated"}})
    assert says(ask.get("kim", ask.server("Uno") + "/resources"))[:2] == (500, "TypeError")
