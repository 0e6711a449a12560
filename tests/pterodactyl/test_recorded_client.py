"""Every recorded client step that a typed method can ask, asked by it: the same request, the right object or error."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

import pytest

from portal.pterodactyl import errors
from tests.pterodactyl.asking import ASK, MORE, Asked, ask, askable, client_steps, reason
from tests.pterodactyl.fakes import SECRET, World
from tests.pterodactyl.routes import ROUTES
from tests.pterodactyl.test_recordings import _expected_error
from tests.support.replay import ReplayApp, needs_recordings
from tests.support.wsgi_adapter import WsgiAdapter

pytestmark = needs_recordings

STEPS = [pytest.param(asked, id=name) for name, asked in askable()]
UNASKABLE = {
    "unknown path": "no such route",
    "html accepted: unknown path": "no such route",
    "wrong method": "no such route",
    "backup unlock endpoint of the documents": "no such route",
    "broken json": "a body that is not JSON",
    "form body instead of json": "a body that is not JSON",
    "account email missing": "without email",
    "api key without memo": "without description",
    "command missing": "without command",
    "power missing": "without signal",
    "reader: schedule create": "without minute",
    "schedule missing fields": "without minute",
    "file contents without file": "without file",
    "file write empty": "an empty file cannot be written through the panel",
    "folder without name": "without name",
    "subuser no permissions": "without permissions",
    "backup restore without truncate": "without truncate",
}
"""Steps that no typed method can ask: what they lack cannot be left out, what they name does not exist."""


def test_every_step_is_asked_or_listed_with_its_reason() -> None:
    assert {step.name: why for _, step in client_steps() if (why := reason(step))} == UNASKABLE
    assert len(STEPS) == len(client_steps()) - len(UNASKABLE)
    assert len(STEPS) > 400


def test_every_route_can_be_asked_and_was_answered() -> None:
    assert set(ASK) == set(ROUTES)
    assert len(ROUTES) == 69
    asked = {param.values[0].route for param in STEPS if param.values[0].step.status < 300}
    assert asked == set(ROUTES)


def _expected(step: Any) -> type[errors.PanelError]:
    """The two-factor secret is a GET that writes."""
    kind = _expected_error(step)
    writes = kind in (errors.PanelUnreachable, errors.NodeUnreachable) and step.path.endswith("/two-factor")
    return errors.OutcomeUnknown if writes and step.status != 503 else kind


@pytest.mark.parametrize("asked", STEPS)
def test_step(asked: Asked) -> None:
    step = asked.step
    world = World(adapter=WsgiAdapter(ReplayApp(step)))
    if 200 <= step.status < 300:
        assert isinstance(ask(world.client, asked), ASK[asked.route][1])
        assert world.calls == 1
    else:
        with pytest.raises(errors.PanelError) as caught:
            ask(world.client, asked)
        assert type(caught.value) is _expected(step)
        assert SECRET not in repr(caught.value) + str(caught.value)
        if step.json:
            assert caught.value.code == step.json["errors"][0]["code"]
    _same_request(asked, world)


def _same_request(asked: Asked, world: World) -> None:
    """What went out is what was recorded, and what `MORE` says."""
    sent = world.adapter.requests[0]
    parts = urlsplit(sent.path_url)
    more = MORE.get(asked.route, ({}, ""))[0]
    is_get = asked.step.method == "GET"
    assert sent.method == asked.step.method
    assert unquote(parts.path) == asked.path
    assert dict(parse_qsl(parts.query)) == (more if is_get else {}) | dict(asked.query)
    if isinstance(asked.step.request, str):
        assert sent.body == asked.step.request.encode()
        assert sent.headers["Content-Type"] == "text/plain"
    elif asked.step.request is None:
        assert sent.body is None
    else:
        assert json.loads(sent.body) == (more if not is_get else {}) | asked.step.request
        assert sent.headers["Content-Type"] == "application/json"
