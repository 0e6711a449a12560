"""Recorded answers, mutated: only our own exceptions leave the library, and they name the place that is wrong.

Ten thousand mutations in all; which place leads to what in every single case is `test_places.py`.
"""

from __future__ import annotations

import contextlib
import copy
import json
import random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from portal.pterodactyl import Panel, errors
from tests.pterodactyl import app_asking
from tests.pterodactyl.asking import Asked, ask, askable
from tests.pterodactyl.fakes import APP_KEY, KEY, World
from tests.pterodactyl.places import Case, Keys, at, cases, removed, replaced, spelt, walk, wrong
from tests.support.replay import Step, needs_recordings

pytestmark = [pytest.mark.fuzz, needs_recordings]


def _bricks(numbers: st.SearchStrategy[float]) -> st.SearchStrategy[Any]:
    return st.recursive(
        st.none() | st.booleans() | st.integers() | numbers | st.text(max_size=8),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
        max_leaves=6,
    )


BRICKS = _bricks(st.floats())
JSON = _bricks(st.floats(allow_nan=False, allow_infinity=False))


def _places(value: Any) -> list[tuple[Any, Any]]:
    """Every (container, key) of a document."""
    keys = value.keys() if isinstance(value, dict) else range(len(value)) if isinstance(value, list) else ()
    found = [(value, key) for key in keys]
    for key in keys:
        found += _places(value[key])
    return found


def _ask(step: Step, ask: Any, status: int, body: bytes, headers: tuple[tuple[str, str], ...]) -> None:
    world = World((status, body, headers))
    panel: Panel = world.panel
    with contextlib.suppress(errors.PanelError):
        try:
            ask(panel, step)
        except errors.PanelError as error:
            str(error).encode("utf-8")  # what a log or a page would do with it
            if not error.request:
                pytest.fail(f"{error!r} does not say which request it is about")
            raise


def _asked(asked: Asked) -> Any:
    return lambda panel, step: ask(panel.client(KEY), asked)


def _application(asked: Asked) -> Any:
    return lambda panel, step: app_asking.ask(panel.application(APP_KEY), asked)


CASES: list[tuple[Any, Any]] = [(asked.step, _asked(asked)) for _, asked in askable()]
CASES += [(asked.step, _application(asked)) for _, asked in app_asking.askable()]
CASES = CASES or [(None, None)]
WHOLE = cases()
PLACES = [(case, keys) for case in WHOLE for keys in walk(case.step.json)] or [(None, ())]
HEADERS = st.sampled_from(
    [
        (("Content-Type", "application/json"),),
        (("Content-Type", "text/html"),),
        (),
        (("Content-Type", "application/json"), ("X-RateLimit-Limit", "x"), ("X-RateLimit-Remaining", "-1")),
        (
            ("Content-Type", "application/json"),
            ("Retry-After", "Thu, 99 Zed 2020"),
            ("Content-Encoding", "odd"),
        ),
    ]
)


@settings(max_examples=3200)
@given(case=st.sampled_from(CASES), data=st.data())
def test_a_value_replaced_or_removed(case: tuple[Step, Any], data: st.DataObject) -> None:
    step, ask = case
    document = copy.deepcopy(step.json)
    for _ in range(data.draw(st.integers(1, 3))):
        places = _places(document)
        if not places:
            document = data.draw(BRICKS)
            continue
        container, key = data.draw(st.sampled_from(places))
        if data.draw(st.booleans()):
            container[key] = data.draw(BRICKS)
        elif isinstance(container, dict):
            del container[key]
        else:
            container.insert(key, data.draw(BRICKS))
    status = data.draw(st.sampled_from([step.status, 200, 204, 301, 400, 403, 404, 422, 429, 500, 503]))
    _ask(step, ask, status, json.dumps(document).encode(), data.draw(HEADERS))


@settings(max_examples=2000)
@given(case=st.sampled_from(CASES), data=st.data())
def test_bytes_changed_or_cut(case: tuple[Step, Any], data: st.DataObject) -> None:
    step, ask = case
    body = bytearray(step.body or b"{}")
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(body)))
        body[at : at + data.draw(st.integers(0, 3))] = data.draw(st.binary(max_size=3))
    if data.draw(st.booleans()):
        del body[data.draw(st.integers(0, len(body))) :]
    _ask(step, ask, step.status, bytes(body), data.draw(HEADERS))


@pytest.mark.parametrize("seed", range(4))
def test_answers_of_other_steps(seed: int) -> None:
    """A right answer to another question."""
    chosen = random.Random(seed)
    for _ in range(200):
        (step, ask), (other, _ignored) = chosen.choice(CASES), chosen.choice(CASES)
        headers = tuple((name.title(), value) for name, value in other.headers.items())
        _ask(step, ask, other.status, other.body, headers)


@settings(max_examples=3000)
@given(chosen=st.sampled_from(PLACES), value=JSON)
def test_one_value_replaced_is_taken_or_named(chosen: tuple[Case, Keys], value: Any) -> None:
    """Whatever stands there: the error is about that place, or about one inside of it."""
    case, keys = chosen
    place = spelt(keys)
    _, path = case.outcome(replaced(case.step.json, keys, value))
    assert path is None or path == place or path.startswith((f"{place}.", f"{place}["))


@settings(max_examples=1000)
@given(chosen=st.sampled_from(PLACES), gone=st.booleans())
def test_one_place_gone_or_of_the_wrong_type_is_named(chosen: tuple[Case, Keys], gone: bool) -> None:
    case, keys = chosen
    whole, _ = case.outcome(case.step.json)
    if gone and isinstance(keys[-1], str):
        document = removed(case.step.json, keys)
    else:
        document = replaced(case.step.json, keys, wrong(at(case.step.json, keys)))
    found, path = case.outcome(document)
    assert path == spelt(keys) or (path is None and (found == whole or case.may_differ(spelt(keys))))
