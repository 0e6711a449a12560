"""Every place in a recorded answer: what a change there must lead to."""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from portal.pterodactyl import Panel, errors
from tests.pterodactyl import app_asking
from tests.pterodactyl.asking import Asked, ask, askable
from tests.pterodactyl.fakes import APP_KEY, KEY, World
from tests.support.replay import Step

Keys = tuple[str | int, ...]
WRONG_FLAG = "neither true nor false"

MAY_DIFFER = [
    re.compile(pattern)
    for pattern in (
        r"(.*\.)?relationships(\.(egg|subusers|variables|actor|password|servers)(\.object)?)?",
        # not asked for, or withheld
        r".*\.properties\..*",  # of an activity: whatever the panel noted
        r"attributes\.permissions\.[a-z]+(\.keys\.[a-z_-]+)?",  # of the catalogue: one more or less
        r"meta\.docker_images\.[^.]+",  # one more or less
        r".*\.environment\..*",  # of a server in the application API: only the names are kept
    )
]
"""Places that may be missing, or hold what they like: the object is then another one, and no error."""
OF_THE_APPLICATION_API = [
    re.compile(pattern)
    for pattern in (
        r"(.*\.)?relationships(\.[a-z]+(\.object)?)?",  # everything is included only where it is asked for
        r"(.*\.)?attributes\.docker_images\.[^.]+",  # one more or less
        r"(.*\.)?attributes\.config\.(files|startup|logs)\..*",  # for Wings: whatever the egg's author wrote
    )
]


@dataclass(frozen=True)
class Case:
    """A recorded answer and the typed call that asks for it."""

    name: str
    step: Step
    ask: Callable[[Panel], Any]

    def outcome(self, document: Any) -> tuple[Any, str | None]:
        """The object that comes of an answer, or the path that the error names."""
        headers = [(name.title(), value) for name, value in self.step.headers.items()]
        world = World((self.step.status, json.dumps(document).encode(), headers))
        try:
            return self.ask(world.panel), None
        except (errors.BadAnswer, errors.OutcomeUnknown) as error:
            return None, error.path

    def may_differ(self, place: str) -> bool:
        """Whether another object may come of it, and no error."""
        is_application = self.step.path.startswith("/api/application")
        patterns = MAY_DIFFER + (OF_THE_APPLICATION_API if is_application else [])
        return any(pattern.fullmatch(place) for pattern in patterns)


def cases() -> list[Case]:
    """One successful answer in JSON for each route and shape, of both APIs."""
    found: dict[tuple[str, frozenset[str]], Case] = {}
    for name, asked in askable():
        step = asked.step
        if step.status == 200 and step.json:
            found.setdefault((asked.route, _shape(step)), Case(name, step, _client(asked)))
    for name, asked in app_asking.askable():
        step = asked.step
        if step.status in (200, 201) and step.json:
            found.setdefault((f"application {asked.route}", _shape(step)), Case(name, step, _application(asked)))
    return list(found.values())


def _client(asked: Asked) -> Callable[[Panel], Any]:
    return lambda panel: ask(panel.client(KEY), asked)


def _application(asked: Asked) -> Callable[[Panel], Any]:
    return lambda panel: app_asking.ask(panel.application(APP_KEY), asked)


def _shape(step: Step) -> frozenset[str]:
    return frozenset(re.sub(r"\[\d+\]", "[]", spelt(keys)) for keys in walk(step.json))


def walk(value: Any, above: Keys = ()) -> Iterator[Keys]:
    """Every place below the top."""
    pairs = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in pairs:
        yield (*above, key)
        yield from walk(inner, (*above, key))


def spelt(keys: Keys) -> str:
    """A place as errors spell it."""
    return "".join(f"[{key}]" if isinstance(key, int) else f".{key}" for key in keys).removeprefix(".")


def at(document: Any, keys: Keys) -> Any:
    for key in keys:
        document = document[key]
    return document


def removed(document: Any, keys: Keys) -> Any:
    """The document without that field."""
    changed = copy.deepcopy(document)
    del at(changed, keys[:-1])[keys[-1]]
    return changed


def replaced(document: Any, keys: Keys, value: Any) -> Any:
    """The document with another value there."""
    changed = copy.deepcopy(document)
    at(changed, keys[:-1])[keys[-1]] = value
    return changed


def wrong(value: Any) -> Any:
    """A value of another type than this one, which no reader takes for it."""
    return WRONG_FLAG if isinstance(value, bool) else True
