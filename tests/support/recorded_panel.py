"""A panel that answers one request as a recording has it, and what is read before that from the same recording.

So the code under test meets a real panel's ids, states and refusals, in the order in which they were recorded.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from functools import cache
from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from tests.support.replay import Step, shared_root, steps

NO_USERS = {
    "object": "list", "data": [],
    "meta": {"pagination": {
        "total": 0, "count": 0, "per_page": 50, "current_page": 1, "total_pages": 1, "links": {},
    }},
}  # fmt: skip
NAMES = {"backups": ("backup", "uuid"), "users": ("server_subuser", "uuid"), "schedules": ("server_schedule", "id")}
"""Of what a path's part leads to: how the panel calls it, and by which attribute it is named."""
NUMBERS = {"sched": 1, "task": 1, "task2": 2, "alloc_primary": 1, "alloc_extra": 2, "alloc_other": 3, "alloc_free": 7,
           "given": 6}  # fmt: skip
"""What the variables of paths are that stand for numbers: no recording writes those down."""


@cache
def recording(name: str) -> tuple[Step, ...]:
    """The steps of a recording in their order, every variable in path and request filled in."""
    folder = shared_root() / "conformance"
    there = {"recorded": "recorded.jsonl", "races": "races.recorded.jsonl"}
    lines = (folder / there.get(name, f"faults/{name}.recorded.jsonl")).read_text(encoding="utf-8").splitlines()
    known: dict[str, str] = {}
    for line in lines:
        known.update({told.strip("<>"): value for value, told in json.loads(line)["known"].items()})
    values = {**known, **{variable: str(number) for variable, number in NUMBERS.items()}}
    return tuple(
        replace(one, path=_filled(one.path, values), request=_filled(one.request, values))
        for one in steps(name).values()
    )


def recordings() -> list[str]:
    """The names of all recordings: the main one, the races, one for each fault."""
    faults = (shared_root() / "conformance" / "faults").glob("*.recorded.jsonl")
    return ["recorded", "races", *sorted(one.name.removesuffix(".recorded.jsonl") for one in faults)]


def _filled(value: Any, values: dict[str, str]) -> Any:
    if isinstance(value, str):
        return re.sub(r"\{(\w+)\}", lambda found: values.get(found[1], found[0]), value)
    if isinstance(value, dict):
        return {name: _filled(one, values) for name, one in value.items()}
    return [_filled(one, values) for one in value] if isinstance(value, list) else value


@dataclass(frozen=True)
class Asked:
    """One request that reached the panel."""

    method: str
    path: str
    query: dict[str, str]
    body: Any

    @property
    def is_change(self) -> bool:
        return self.method != "GET"


@dataclass
class RecordedPanel:
    """A WSGI application for one step of a recording; `steps` are all of it in their order.

    `server` leads from a server's uuid to its identifier, so that both names of it are one. `missing` are requests
    that the recording has no answer for.
    """

    steps: list[Step]
    step: Step
    server: dict[str, str]
    seen: list[Asked] = field(default_factory=list)
    missing: list[Asked] = field(default_factory=list)

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        asked = self._asked(environ)
        self.seen.append(asked)
        status, headers, body = self._answer(asked)
        start_response(f"{status} {HTTPStatus(status).phrase}", list(headers.items()))
        return [body] if body else []

    @property
    def same(self) -> list[Asked]:
        """The requests that are the step's own by method and path."""
        return [one for one in self.seen if self._is_step(one)]

    def _asked(self, environ: dict[str, Any]) -> Asked:
        sent = environ["wsgi.input"].read()
        path, _, query = environ["RAW_URI"].partition("?")
        parts = [self.server.get(part, part) for part in path.split("/")]
        return Asked(environ["REQUEST_METHOD"], "/".join(parts), dict(parse_qsl(query)), json.loads(sent or "null"))

    def _is_step(self, asked: Asked) -> bool:
        recorded = urlsplit(self.step.path)
        wanted = dict(parse_qsl(recorded.query))
        is_log = recorded.path.endswith("/activity")  # a page of it wants to know who, whatever was recorded
        same_include = is_log or asked.query.get("include") == wanted.get("include")
        return (asked.method, asked.path) == (self.step.method, recorded.path) and same_include

    def _answer(self, asked: Asked) -> tuple[int, dict[str, str], bytes]:
        if self._is_step(asked):
            headers = {name.title(): value for name, value in self.step.headers.items()}
            return self.step.status, headers, self.step.body
        found = None if asked.is_change else self._read(asked)
        if found is None:
            self.missing.append(asked)
            return 500, {}, b""
        return 200, {"Content-Type": "application/json"}, json.dumps(found).encode()

    def _read(self, asked: Asked) -> Any:
        if asked.path == "/api/application/users":
            return NO_USERS
        if asked.path.endswith("/schedules"):
            return self._schedules()
        for step in self._nearest():
            same = step.method == "GET" and step.status == 200 and urlsplit(step.path).path == asked.path
            if same and dict(parse_qsl(urlsplit(step.path).query)).get("include") == asked.query.get("include"):
                return step.json
            if (thing := _thing(asked.path)) and (found := next(_held(step.json, *thing), None)):
                return found
        return None

    def _schedules(self) -> Any:
        """The list of schedules as it would have been: it was recorded once only, when there were none."""
        found: dict[str, Any] = {}
        held: dict[str, dict[str, Any]] = {}
        for step in self.steps[: self.steps.index(self.step) + (self.step.method == "GET")]:
            path = urlsplit(step.path).path.partition("/schedules/")[2].split("/")
            if step.status >= 300 or "/schedules" not in step.path:
                continue
            for one in _all(step.json, "server_schedule"):
                found[str(one["attributes"]["id"])] = json.loads(json.dumps(one))
            for one in _all(step.json, "schedule_task"):
                held.setdefault(path[0], {})[str(one["attributes"]["id"])] = one
            if step.method == "DELETE" and len(path) == 1:
                del found[path[0]]
            elif step.method == "DELETE":
                del held[path[0]][path[2]]
        for number, one in found.items():
            one["attributes"]["relationships"]["tasks"]["data"] = list(held.get(number, {}).values())
        return {"object": "list", "data": list(found.values())}

    def _nearest(self) -> Iterator[Step]:
        """What was recorded last before this step, and then what was recorded first after it."""
        place = self.steps.index(self.step)
        yield from reversed(self.steps[:place])
        yield from self.steps[place + 1 :]


def _thing(path: str) -> tuple[str, str, str] | None:
    """Kind, attribute and value of the one thing that a path leads to."""
    found = re.fullmatch(r"/api/client/servers/\w+/(\w+)/([\w-]+)", path)
    return (*NAMES[found[1]], found[2]) if found and found[1] in NAMES else None


def _held(document: Any, kind: str, attribute: str, value: str) -> Iterator[Any]:
    """Every object of a kind and name anywhere in an answer."""
    yield from (one for one in _all(document, kind) if str(one["attributes"].get(attribute)) == value)


def _all(document: Any, kind: str) -> Iterator[Any]:
    """Every object of a kind anywhere in an answer."""
    if isinstance(document, dict) and document.get("object") == kind:
        yield document
    for one in document if isinstance(document, list) else document.values() if isinstance(document, dict) else ():
        yield from _all(one, kind)
