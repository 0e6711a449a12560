"""One deadline for all calls of an API, in place of those of their kinds; streams have their own."""

from __future__ import annotations

import io
from contextlib import suppress
from typing import Any

import pytest

from portal.pterodactyl import errors
from tests.pterodactyl.app_routes import Routes
from tests.pterodactyl.app_rows import ROWS, call
from tests.pterodactyl.fakes import APP_KEY, KEY, MAINTENANCE, NODE_SILENT, World
from tests.pterodactyl.objects import signed
from tests.pterodactyl.routes import EVERY
from tests.pterodactyl.routes import call as client_call
from tests.support.wsgi_adapter import WsgiAdapter


def watched(world: World, monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, float]]:
    """Method and deadline of each call."""
    seen: list[tuple[str, float]] = []
    real = world.transport.call

    def spy(key: Any, method: str, path: str, **more: Any) -> Any:
        seen.append((method, more["deadline_s"]))
        return real(key, method, path, **more)

    monkeypatch.setattr(world.transport, "call", spy)
    return seen


@pytest.mark.parametrize("purpose", ["page", "sync"])
@pytest.mark.parametrize("name", sorted(ROWS))
def test_it_holds_for_each_call_of_the_application_api(
    name: str, purpose: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = World(adapter=WsgiAdapter(Routes(ROWS[name].told)))
    seen = watched(world, monkeypatch)
    call(world.panel.application(APP_KEY, purpose=purpose, deadline_s=2.5), name)
    assert seen == [(one.method, 2.5) for one in ROWS[name].requests]


@pytest.mark.parametrize("name", sorted(EVERY))
def test_it_holds_for_each_call_of_the_client_api(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also for those that wait for a node, or for 15 minutes."""
    world = World(NODE_SILENT)
    seen = watched(world, monkeypatch)
    with suppress(errors.PanelError):
        client_call(world.panel.client(KEY, deadline_s=1.25), name)
    assert seen
    assert {deadline for _, deadline in seen} == {1.25}


@pytest.mark.parametrize("name", ["read", "write"])
def test_time_runs_out_by_it(name: str) -> None:
    """What comes too late is not read: the clock is told to go on while the panel answers."""
    world = World(adapter=WsgiAdapter(Routes()))
    api = world.panel.application(APP_KEY, deadline_s=2.0)
    app = world.adapter.app

    def slow(environ: Any, start_response: Any) -> Any:
        answer = app(environ, start_response)
        world.clock.now += 2.5
        return answer

    world.adapter.app = slow
    if name == "read":
        with pytest.raises(errors.PanelUnreachable):
            api.users.view(7)
    else:
        with pytest.raises(errors.OutcomeUnknown):
            api.users.delete(7)
    assert len(app.sent) == 1
    world.adapter.app = app
    assert api.users.view(7).id == 7


@pytest.mark.parametrize("own", [None, 9.0])
def test_streams_have_their_own(own: float | None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of a stream only the question for its address is a call."""
    world = World((200, signed()), (200, b"x", (("Content-Length", "1"),)))
    seen = watched(world, monkeypatch)
    streamed: list[float | None] = []
    streaming = world.transport.streaming
    real = {"download": streaming.download, "upload_all": streaming.upload_all}
    for method, kept in real.items():

        def spy(*args: Any, _kept: Any = kept, **more: Any) -> Any:
            streamed.append(more["deadline_s"])
            return _kept(*args, **more)

        monkeypatch.setattr(streaming, method, spy)
    client = world.panel.client(KEY, deadline_s=1.25)
    with client.files.open_download("x", "/a", deadline_s=own):
        pass
    with suppress(errors.PanelError):
        client.files.upload("x", "/", "a", io.BytesIO(b"x"), 1, deadline_s=own)
    assert {deadline for _, deadline in seen} == {1.25}
    assert streamed
    assert set(streamed) == {own}


@pytest.mark.parametrize("odd", [0, 0.0, -1, float("nan"), float("inf")])
def test_a_deadline_that_is_none_is_refused(odd: float) -> None:
    """0 is not "as usual"."""
    panel = World(MAINTENANCE).panel
    for api in (panel.client, panel.application):
        with pytest.raises(ValueError):
            api(KEY, deadline_s=odd)


def test_without_one_each_call_has_that_of_its_kind(monkeypatch: pytest.MonkeyPatch) -> None:
    world = World(adapter=WsgiAdapter(Routes()))
    seen = watched(world, monkeypatch)
    world.panel.application(APP_KEY, purpose="page", deadline_s=None).users.update_user(7, first_name="Anna")
    assert len({deadline for _, deadline in seen}) == 2
