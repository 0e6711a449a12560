"""Files: what is sent as it is, what is read as it is, and names that survive."""

from __future__ import annotations

from typing import Any
from urllib.parse import unquote

import pytest

from portal.pterodactyl import errors, models
from tests.pterodactyl.fakes import World, error
from tests.pterodactyl.objects import signed
from tests.pterodactyl.routes import call
from tests.pterodactyl.test_client_calls import query, sent

TEXT = (("Content-Type", "text/plain; charset=UTF-8"),)
NOTHING = (204, b"", ())


def test_a_file_is_written_as_it_is() -> None:
    world = World(NOTHING)
    world.client.files.write("x", "/a b%.txt", b"\x00\xff{")
    request = world.adapter.requests[0]
    assert (request.body, request.headers["Content-Type"]) == (b"\x00\xff{", "text/plain")
    assert query(world) == {"file": "/a b%.txt"}


@pytest.mark.parametrize("content", [b"", b"<html>", b'{"errors": []}', b"\xff\xfe\x00", b"[1"])
def test_contents_are_what_is_in_the_file(content: bytes) -> None:
    assert World((200, content, TEXT)).client.files.contents("x", "/a") == content


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        ((200, b"<html>", (("Content-Type", "text/html; charset=UTF-8"),)), errors.PanelUnreachable),
        ((200, b"{}", (("Content-Type", "application/json"),)), errors.BadAnswer),
        ((200, b"x", ()), errors.BadAnswer),
        ((204, b"", TEXT), errors.BadAnswer),
        ((200, b"x" * (8 * 1024 * 1024 + 1), TEXT), errors.BadAnswer),
        (error(400, "FileSizeTooLargeException", "too large"), errors.Refused),
    ],
)
def test_what_is_no_file_is_not_taken_for_one(answer: Any, kind: type[Exception]) -> None:
    with pytest.raises(kind):
        World(answer).client.files.contents("x", "/a")


def test_a_percent_sign_survives_the_panels_second_decoding() -> None:
    world = World((200, signed()))
    world.client.files.download_url("x", "/100%25 + ä.txt")
    once = query(world)["file"]
    assert once != "/100%25 + ä.txt"
    assert unquote(once) == "/100%25 + ä.txt"


def test_modes_are_digits_in_text() -> None:
    world = World(NOTHING)
    world.client.files.chmod("x", [models.FileMode("a", "0644")], root="/b")
    assert sent(world) == {"root": "/b", "files": [{"file": "a", "mode": "0644"}]}
    for mode in (0o644, "rw", "", "-1", "٦"):
        with pytest.raises(ValueError):
            world.client.files.chmod("x", [models.FileMode("a", mode)])  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("name", "rest"),
    [
        ("files.rename", {"files": [{"from": "a", "to": "b"}]}),
        ("files.compress", {"files": ["a"]}),
        ("files.decompress", {"file": "a.tar.gz"}),
        ("files.delete", {"files": ["a"]}),
        ("files.create_folder", {"name": "a"}),
        ("files.chmod", {"files": [{"file": "a", "mode": "644"}]}),
    ],
)
def test_names_are_sent_with_their_folder(name: str, rest: dict[str, Any]) -> None:
    world = World(error(403, "AccessDeniedHttpException"))
    for options, root in (({}, "/"), ({"root": "/b c"}, "/b c")):
        with pytest.raises(errors.NotAllowed):
            call(world.client, name, **options)
        assert sent(world) == {"root": root} | rest


def test_a_pull_sends_what_is_given() -> None:
    world = World(NOTHING)
    world.client.files.pull("x", "u", directory="/p", filename="f", use_header=False, foreground=True)
    assert sent(world) == {
        "url": "u", "directory": "/p", "filename": "f", "use_header": False, "foreground": True,
    }  # fmt: skip
