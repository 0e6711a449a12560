"""What the tests of the editor share: a server with files, its pages, and what a browser sends."""

from __future__ import annotations

import re
from html import unescape
from typing import Any

from werkzeug.test import TestResponse, encode_multipart

from tests.conftest import World
from tests.servers.support import HTMX, row_of, share_of

MINE = "Skyblock"
SHARED = "Hardcore Week 42"
FILE = "/config/paper.yml"
_TEXTAREA = re.compile(r'<textarea id="text"[^>]*>(.*?)</textarea>', re.DOTALL)
_BASE = re.compile(r'<input type="hidden" name="base"[^>]* value="([^"]*)"')


class Editor:
    """A person in front of the editor of one server, and the files that its node has."""

    def __init__(self, world: World, server: str = MINE, who: str = "owner") -> None:
        row = row_of(world, server)
        self.world, self.uuid = world, row.uuid
        self.root = f"/servers/{row.identifier}/files"
        self.disk = world.demo.processes[row.uuid].files
        self.browser = world.browser(who)
        self.browser.get(f"/servers/{row.identifier}")  # a server that was never looked at costs a call
        world.calls()

    def put(self, content: bytes, file: str = FILE) -> None:
        """Make or change a file behind Roost's back."""
        self.disk.write(file, (content,))

    def bytes(self, file: str = FILE) -> bytes:
        """What a file holds."""
        return self.disk.place(file).read_bytes()

    def is_there(self, file: str = FILE) -> bool:
        return self.disk.place(file).exists()

    def open(self, file: str = FILE, **args: Any) -> TestResponse:
        """The page as a browser without script ends up on it."""
        return self.browser.get(f"{self.root}/edit", query_string={"file": file, "now": 1, **args})

    def fragment(self, file: str = FILE, **args: Any) -> TestResponse:
        """What the page loads by itself."""
        return self.browser.get(f"{self.root}/edit/text", query_string={"file": file, **args}, headers=HTMX)

    def send(self, text: str, base: str, file: str = FILE, *, htmx: bool = False, **more: str) -> TestResponse:
        """Save as a browser does: every line ends in "\\r\\n" on the way."""
        form = {"text": text.replace("\n", "\r\n"), "base": base, **more}
        boundary, body = encode_multipart(form)
        kind = f"multipart/form-data; boundary={boundary}"
        headers = HTMX if htmx else {}
        query = {"file": file}
        return self.browser.post(f"{self.root}/edit", query_string=query, data=body, content_type=kind, headers=headers)

    def edit(self, text: str, file: str = FILE, **args: Any) -> TestResponse:
        """Open a file, replace its text and save it."""
        return self.send(text, base_in(self.open(file, **args).text), file)

    def versions(self, file: str = FILE) -> list[str]:
        """The addresses of the versions of a file, the newest first."""
        page = self.browser.get(f"{self.root}/versions", query_string={"file": file}).text
        return re.findall(r'href="([^"]*/files/versions/\d+)"', page)

    def version(self, address: str) -> TestResponse:
        return self.browser.get(address, query_string={"now": 1})

    def restore(self, address: str, base: str | None = None) -> TestResponse:
        """Put a version back, with the form that its page has."""
        base = base or base_in(self.version(address).text)
        return self.browser.post(f"{address}/restore", data={"base": base})


def shown_in(page: str) -> str:
    """The text in the editor as a browser reads it: one line end after the tag is none of the text."""
    found = _TEXTAREA.search(page)
    assert found is not None, page
    return unescape(found[1].replace("\r\n", "\n").removeprefix("\n"))


def base_in(page: str) -> str:
    found = _BASE.search(page)
    assert found is not None, page
    return found[1]


def is_read_only(page: str) -> bool:
    found = re.search(r'<textarea id="text"[^>]*>', page)
    assert found is not None, page
    return "readonly" in found[0]


def share(world: World, *permissions: str) -> Editor:
    """The editor of a subuser who has these permissions and no others."""
    share_of(world, SHARED).permissions[:] = permissions
    world.clock.advance(61)
    world.work()
    return Editor(world, SHARED, "subuser")


def writes(world: World) -> list[str]:
    """The calls that changed files since the last look."""
    return [call for call in world.calls() if "/files/" in call and not call.startswith("GET") or "/upload/" in call]


def refuse(world: World, path: str, times: int | None = None, **settings: Any) -> None:
    """Let the panel answer one route with a status: `status`, `code`, `effect` (before or after)."""
    knob: dict[str, Any] = {"where": "panel", "fault": "status", "settings": settings, "match": {"path": f"*{path}"}}
    world.demo.knobs.turn(knob | ({"times": times} if times is not None else {}))
