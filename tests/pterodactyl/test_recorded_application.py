"""Every recorded application step that a typed method can ask, asked by it: same request, right object or error."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

import pytest

from portal.pterodactyl import errors
from tests.pterodactyl.app_asking import (
    ASK,
    MORE,
    application_steps,
    ask,
    askable,
    before,
    body_of,
    path_of,
    reason,
)
from tests.pterodactyl.app_routes import ROUTES
from tests.pterodactyl.asking import Asked
from tests.pterodactyl.fakes import APP_KEY, World
from tests.pterodactyl.test_recordings import _expected_error
from tests.support.replay import ReplayApp, Step, needs_recordings
from tests.support.wsgi_adapter import WsgiAdapter

pytestmark = needs_recordings

STEPS = [pytest.param(asked, id=name) for name, asked in askable()]
UNASKABLE = {
    "app user create invalid": "without first_name",
    "app server create empty": "without name",
}
"""Steps that no typed method can ask: what they lack cannot be left out."""
NEVER_RECORDED = {"GET /nodes/deployable"}


def test_every_step_is_asked_or_listed_with_its_reason() -> None:
    assert {step.name: why for _, step in application_steps() if (why := reason(step))} == UNASKABLE
    assert len(STEPS) == len(application_steps()) - len(UNASKABLE)
    assert len(STEPS) > 110


def test_every_route_can_be_asked_and_was_answered() -> None:
    assert set(ASK) == set(ROUTES)
    asked = {param.values[0].route for param in STEPS if param.values[0].step.status < 300}
    assert asked == set(ROUTES) - NEVER_RECORDED


def served(asked: Asked) -> World:
    """A panel that answers as it was recorded; what is read before a change as well."""
    first = before(asked)
    if first is None:
        return World(adapter=WsgiAdapter(ReplayApp(asked.step)))
    its_own = first.json | {"attributes": first.json["attributes"] | {"id": 1, "server": 1}}
    return World(adapter=WsgiAdapter(ReplayApp(replace(first, json=its_own), asked.step)))


@pytest.mark.parametrize("asked", STEPS)
def test_step(asked: Asked) -> None:
    step, world = asked.step, served(asked)
    if 200 <= step.status < 300:
        assert isinstance(ask(world.application, asked), ASK[asked.route][1])
        assert world.calls == (1 if before(asked) is None else 2)
    else:
        with pytest.raises(errors.PanelError) as caught:
            ask(world.application, asked)
        assert type(caught.value) is _expected_error(step)
        assert APP_KEY.secret not in repr(caught.value) + str(caught.value)
        if step.json:
            assert caught.value.code == step.json["errors"][0]["code"]
    _same_request(asked, world)


def _same_request(asked: Asked, world: World) -> None:
    """What went out is what was recorded, and what `MORE` says."""
    is_get = asked.step.method == "GET"
    sent = world.adapter.requests[0 if is_get else -1]
    parts = urlsplit(sent.path_url)
    more = MORE.get(asked.route, ({}, ""))[0]
    assert sent.method == asked.step.method
    assert unquote(parts.path) == path_of(asked)
    assert dict(parse_qsl(parts.query)) == (more if is_get else {}) | dict(asked.query)
    if asked.step.request is None:
        assert sent.body is None
    else:
        assert json.loads(sent.body) == _merged(more, body_of(asked))
        assert sent.headers["Content-Type"] == "application/json"


def _merged(more: dict[str, Any], recorded: dict[str, Any]) -> dict[str, Any]:
    """What was recorded, and what is missing there."""
    both = {name: _merged(more[name], value) if isinstance(value, dict) and name in more else value
            for name, value in recorded.items()}  # fmt: skip
    return more | both


def test_each_error_that_was_recorded_is_what_the_contract_says() -> None:
    by_code: dict[str, set[type]] = {}
    for param in STEPS:
        step: Step = param.values[0].step
        if step.json and "errors" in step.json:
            by_code.setdefault(step.json["errors"][0]["code"], set()).add(_expected_error(step))
    assert by_code["ConfigurationNotPersistedException"] == {errors.NodeNotTold}
    assert by_code["NoViableNodeException"] == {errors.Refused}
    assert by_code["HasActiveNodesException"] == {errors.Refused}
    assert by_code["DaemonConnectionException"] == {errors.OutcomeUnknown, errors.NodeRefused}
