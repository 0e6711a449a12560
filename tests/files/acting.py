"""What the tests of acts on files share: a server with files of its own, forms posted to it, answers that get lost."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from typing import Any

from requests.exceptions import ReadTimeout
from werkzeug.test import TestResponse

from portal.demo.wings.filesystem import Filesystem
from portal.files.paths import packed, unpacked
from tests.conftest import World
from tests.servers.support import HTMX, row_of, share_of

SERVER = "Hardcore Week 42"
"""Offline, so nothing writes into its folder; the subuser has a share in it."""


def disk(world: World) -> Filesystem:
    """The server's files as the node has them."""
    return world.demo.processes[row_of(world, SERVER).uuid].files


def fill(world: World, *names: str, content: bytes = b"x") -> None:
    """Files; a name with a slash at its end is a folder."""
    for name in names:
        if name.endswith("/"):
            disk(world).make_folder(name)
        else:
            disk(world).write(name, [content])


def held(world: World, folder: str = "/") -> set[str]:
    """The names of what is in a folder of the node."""
    return {one.name for one in disk(world).listed(folder)}


def permit(world: World, *permissions: str) -> None:
    """Let the subuser do just this; Roost knows it."""
    share_of(world, SERVER).permissions[:] = permissions
    world.work()
    world.browser("subuser").get(f"/servers/{world.server(SERVER)}")
    world.clock.advance(1)
    world.calls()


def root(world: World) -> str:
    """The address of the server's files."""
    return f"/servers/{world.server(SERVER)}/files"


def post(
    world: World, act: str, *names: str, directory: str = "/", who: str = "owner", script: bool = True, **fields: Any
) -> TestResponse:
    """A form of an act as its dialog sends it."""
    data = {"directory": directory, "name": [packed(one) for one in names], **fields}
    return world.browser(who).post(f"{root(world)}/{act}", data=data, headers=HTMX if script else {})


def ask(world: World, act: str, *names: str, directory: str = "/", who: str = "owner", script: bool = True) -> str:
    """The question before an act on one file."""
    query = {"directory": directory, "name": [packed(one) for one in names]}
    answer = world.browser(who).get(f"{root(world)}/{act}", query_string=query, headers=HTMX if script else {})
    assert answer.status_code == 200, answer.text
    return answer.text


def changed(answer: TestResponse) -> tuple[str, str]:
    """The folder that the page hears has changed, and the one name that an act on one thing leads to."""
    told = json.loads(answer.headers["HX-Trigger"])["files-changed"]
    return told["directory"], unpacked(told["name"])


def file_calls(world: World) -> list[str]:
    """What was asked about files since the last look: method and the part behind `files/`."""
    return [f"{one.split()[0]} {one.rpartition('/files/')[2]}" for one in world.calls() if "/files/" in one]


class Lost:
    """The panel does what it is asked, but the answer to what `is_lost` picks (method and path) never arrives."""

    def __init__(self, world: World, is_lost: Callable[[str, str], bool], *, happens: bool = True) -> None:
        self._app = world.demo.wsgi
        self._is_lost = is_lost
        self._happens = happens
        world.adapter.app = self

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        if not self._is_lost(environ["REQUEST_METHOD"], environ["PATH_INFO"]):
            return self._app(environ, start_response)
        if self._happens:
            list(self._app(environ, lambda *_: None))
        raise ReadTimeout


class Said:
    """The panel answers what `is_it` picks with a sentence of the node, without doing anything."""

    def __init__(self, world: World, is_it: Callable[[str, bytes], bool], status: str, body: bytes) -> None:
        self._app = world.demo.wsgi
        self._is_it = is_it
        self._answer = status, body
        world.adapter.app = self

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        body = environ["wsgi.input"].read()
        environ["wsgi.input"].seek(0)
        if not self._is_it(environ["PATH_INFO"], body):
            return self._app(environ, start_response)
        start_response(self._answer[0], [("Content-Type", "application/json")])
        return [self._answer[1]]


def node_error(status: int, sentence: str) -> tuple[str, bytes]:
    """An answer of the panel for what the node refused, as `Said` takes it."""
    detail = f"An error occurred on the remote host: {sentence}. (request id: 5a5a5a5a)"
    body = f'{{"errors":[{{"code":"DaemonConnectionException","status":"{status}","detail":"{detail}"}}]}}'
    return f"{status} Said", body.encode()
