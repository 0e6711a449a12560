"""Faults of the answer's body.  The effect has happened; what comes back is not what it was."""
from __future__ import annotations

import json
import zlib
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from portal.demo.faults.exchange import Answer, Ask, Exchange
from portal.demo.world import Server, User

_PAGE = b"<!DOCTYPE html>\n<html><head><title>Welcome</title></head><body><h1>It works!</h1></body></html>\n"
_SPACES = b" " * 65536
_JSON = "application/json"


def body(exchange: Exchange, ask: Ask) -> Answer:
    return KINDS[exchange.settings["kind"]](exchange, ask())


def _html(_exchange: Exchange, answer: Answer) -> Answer:
    return answer.with_body(_PAGE, content_type="text/html; charset=UTF-8")


def _empty(_exchange: Exchange, answer: Answer) -> Answer:
    return answer.with_body(b"")


def _truncated(_exchange: Exchange, answer: Answer) -> Answer:
    """The first half, under a length that is right for it."""
    whole = answer.read()
    return answer.with_body(whole[:len(whole) // 2])


def _big(exchange: Exchange, answer: Answer) -> Answer:
    size = exchange.settings["bytes"]
    return answer.with_body(_spaces(size), length=size, content_type=_JSON)


def _endless(_exchange: Exchange, answer: Answer) -> Answer:
    """In chunks, without an end."""
    return answer.with_body(iter(lambda: _SPACES, b""), content_type=_JSON)


def _gzip_bomb(exchange: Exchange, answer: Answer) -> Answer:
    return answer.with_body(_squeezed(exchange.settings["bytes"]), content_type=_JSON, content_encoding="gzip")


def _spaces(size: int) -> Iterator[bytes]:
    for begin in range(0, size, len(_SPACES)):
        yield _SPACES[:size - begin]


def _squeezed(size: int) -> Iterator[bytes]:
    squeeze = zlib.compressobj(9, zlib.DEFLATED, 31)
    for piece in _spaces(size):
        done = squeeze.compress(piece)
        if done:
            yield done
    yield squeeze.flush()


def _deep(exchange: Exchange, answer: Answer) -> Answer:
    depth = exchange.settings["depth"]
    return answer.with_body(b"[" * depth + b"]" * depth, content_type=_JSON)


def _bom(_exchange: Exchange, answer: Answer) -> Answer:
    return answer.with_body(b"\xef\xbb\xbf" + answer.read())


def _charset(exchange: Exchange, answer: Answer) -> Answer:
    """Encoded in one way, labelled as another."""
    text = answer.read().decode("utf-8", "replace")
    encoded = text.encode(exchange.settings["charset"], "replace")
    return answer.with_body(encoded, content_type=f"{_JSON}; charset=utf-8")


def _content_type(exchange: Exchange, answer: Answer) -> Answer:
    return answer.with_body(answer.read(), content_type=exchange.settings["type"])


def _duplicate_keys(_exchange: Exchange, answer: Answer) -> Answer:
    """Each key of each object twice, the second time with null."""
    return answer.with_body(_twice(_document(answer)).encode(), content_type=_JSON)


def _twice(value: Any) -> str:
    if isinstance(value, dict):
        pairs = (f"{json.dumps(key)}:{_twice(inner)},{json.dumps(key)}:null" for key, inner in value.items())
        return "{" + ",".join(pairs) + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(_twice, value)) + "]"
    return json.dumps(value)


def _rewritten(change: Callable[[Any], Any]) -> Callable[[Exchange, Answer], Answer]:
    """Each value that is neither object nor list is changed."""
    def walk(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: walk(inner) for key, inner in value.items()}
        if isinstance(value, list):
            return [walk(inner) for inner in value]
        return change(value)

    def act(_exchange: Exchange, answer: Answer) -> Answer:
        return answer.with_body(json.dumps(walk(_document(answer))).encode(), content_type=_JSON)

    return act


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _of_another_type(value: Any) -> Any:
    if isinstance(value, str):
        return {"text": value}
    return [] if value is None else str(value)


def _foreign(exchange: Exchange, answer: Answer) -> Answer:
    """Each server and user of the answer gives way to the next one of its table: id, uuid and short identifier."""
    world = exchange.tools.world
    tables: tuple[Sequence[Server | User], ...] = (world.servers, world.users)
    others = {row.uuid: following for rows in tables
              for row, following in zip(rows, [*rows[1:], *rows[:1]], strict=True)}

    def walk(value: Any) -> Any:
        if isinstance(value, list):
            return [walk(inner) for inner in value]
        if not isinstance(value, dict):
            return value
        found = {key: walk(inner) for key, inner in value.items()}
        other = others.get(value["uuid"]) if isinstance(value.get("uuid"), str) else None
        if other is not None:
            instead = {"uuid": other.uuid, "identifier": other.uuid[:8], "id": other.id, "internal_id": other.id}
            found |= {key: new for key, new in instead.items() if key in found}
        return found

    return answer.with_body(json.dumps(walk(_document(answer))).encode(), content_type=_JSON)


def _document(answer: Answer) -> Any:
    """What the answer says; something with one of each where it says nothing in JSON."""
    try:
        return json.loads(answer.read())
    except ValueError:
        return {"object": "text", "attributes": {"number": 1, "is_true": True, "nothing": None}}


KINDS: dict[str, Callable[[Exchange, Answer], Answer]] = {
    "html": _html,
    "empty": _empty,
    "truncated": _truncated,
    "wrong-schema": _rewritten(_of_another_type),
    "foreign": _foreign,
    "big": _big,
    "endless": _endless,
    "gzip-bomb": _gzip_bomb,
    "deep": _deep,
    "nan": _rewritten(lambda value: float("nan") if _is_number(value) else value),
    "huge-number": _rewritten(lambda value: 2**63 if _is_number(value) else value),
    "surrogate": _rewritten(lambda value: value + "\ud800" if isinstance(value, str) else value),
    "duplicate-keys": _duplicate_keys,
    "bom": _bom,
    "charset": _charset,
    "content-type": _content_type,
}
