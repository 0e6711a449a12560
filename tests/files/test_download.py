"""Downloads: every byte under its own name, or an answer that no browser takes for a file."""

from __future__ import annotations

import errno
import re
from collections.abc import Callable, Iterator
from typing import NoReturn
from urllib.parse import unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.datastructures import Headers
from werkzeug.http import parse_options_header
from werkzeug.test import TestResponse

from portal.files.transfers import downloading, places
from portal.pterodactyl import errors
from portal.pterodactyl.client.files import FileCalls
from portal.pterodactyl.downloads import Download
from tests.conftest import World
from tests.files.test_upload import address, send

NAMES = [
    "a b#c.txt",
    "100%25%2e%2e",
    'q"\\;=',
    "ü☃😀",
    "אבג.txt",
    "a\r\nSet-Cookie: x=1",
    "..a",
    "x" * 255,
    "a'b",
    "\u2028",
]


def fetch(world: World, file: str, who: str = "owner") -> TestResponse:
    path = address(world).replace("upload", "download")
    with world.browser(who).get(path, query_string={"file": file}) as answer:
        answer.get_data()
        return answer


def put(world: World, name: str, content: bytes) -> None:
    """A file on the node, by the node's own means: also names that no upload can have."""
    world.demo.processes[world.demo.main_server.uuid].files.write(name, iter([content]))


@pytest.mark.parametrize("name", NAMES)
def test_a_file_comes_whole_under_its_own_name(name: str, world: World) -> None:
    content = bytes(range(256)) * 500
    put(world, f"down/{name}", content)
    answer = fetch(world, f"/down/{name}")
    assert (answer.status_code, answer.data, answer.content_length) == (200, content, len(content))
    assert answer.headers["Content-Type"] == "application/octet-stream"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert all(one.startswith("roost=") for one in answer.headers.getlist("Set-Cookie"))
    _, told = parse_options_header(answer.headers["Content-Disposition"])
    assert told["filename"] == name


@given(st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=60))
def test_no_name_leaves_its_place_in_the_header(name: str) -> None:
    header = downloading.disposition(name)
    found = re.fullmatch(r"attachment; filename=\"([ -~]+)\"; filename\*=UTF-8''([!#$&+.^_`|~0-9A-Za-z%-]+)", header)
    assert found
    assert not set(found[1]) & set('"\\%;/')
    assert unquote(found[2]) == name
    Headers({"Content-Disposition": header})  # which refuses line breaks


@pytest.mark.parametrize("file", ["/nothing", "/no/such/folder/x", "/logs", "/server.properties/x"])
def test_a_file_that_is_not_there_is_a_page(file: str, world: World) -> None:
    answer = fetch(world, file)
    assert answer.status_code == 404
    assert answer.mimetype == "text/html"
    assert "Content-Disposition" not in answer.headers


@pytest.mark.parametrize("file", ["", "/", "/..", "/a/../../b", "/a/..%2f/../..", "/a\0"])
def test_what_is_no_file_of_the_server_is_not_asked_for(file: str, own_world: World) -> None:
    assert fetch(own_world, file).status_code == 404
    assert own_world.nodes.requests == []


def test_a_file_that_the_folder_holds_is_not_called_gone(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Wings says 500 for what is missing, and for what is broken."""

    def broken(*_: object, **__: object) -> NoReturn:
        raise errors.NodeUnreachable("the machine with the files could not answer", status=500)

    monkeypatch.setattr(FileCalls, "open_download", broken)
    assert fetch(world, "/server.properties").status_code == 503
    assert fetch(world, "/no such file").status_code == 404


def test_a_node_that_does_not_answer_is_a_page_too(own_world: World) -> None:
    own_world.demo.set_condition("panel-gateway")
    answer = fetch(own_world, "/server.properties")
    assert (answer.status_code, answer.mimetype) == (503, "text/html")


def _broken(pieces: list[bytes], closed: list[bool]) -> Download:
    """A file of 10 bytes that breaks off."""
    left = iter(pieces)

    def read() -> bytes:
        piece = next(left, None)
        if piece is None:
            raise errors.NodeUnreachable("cut")
        return piece

    return Download("x", 10, read, lambda: closed.append(True))


def test_a_file_that_breaks_off_breaks_the_answer_off(own_world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    closed: list[bool] = []
    monkeypatch.setattr(downloading, "open_file", lambda *_: _broken([b"abc"], closed))
    browser = own_world.browser("owner")
    for _ in range(3):  # its place is given back each time
        answer = browser.get(address(own_world).replace("upload", "download?file=/x"))
        assert (answer.status_code, answer.content_length) == (200, 10)
        pieces = answer.iter_encoded()
        assert next(pieces) == b"abc"
        with pytest.raises(ConnectionResetError) as caught:
            next(pieces)
        assert caught.value.errno == errno.ECONNRESET
    assert len(closed) >= 3


def test_a_browser_that_goes_away_frees_everything(own_world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    closed: list[bool] = []
    monkeypatch.setattr(downloading, "open_file", lambda *_: _broken([b"abc"] * 3, closed))
    browser, path = own_world.browser("owner"), address(own_world).replace("upload", "download?file=/x")
    for began in (True, False, True):
        answer = browser.get(path, buffered=False)
        if began:
            next(answer.iter_encoded())
        answer.close()
    assert len(closed) >= 3
    assert browser.get(path).status_code == 200


def test_the_third_transfer_of_an_account_is_told_to_wait(own_world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(downloading, "open_file", lambda *_: _broken([b"abc"], []))
    browser, path = own_world.browser("owner"), address(own_world).replace("upload", "download?file=/x")
    running = [browser.get(path) for _ in range(2)]
    third = browser.get(path)
    assert (third.status_code, third.headers["Retry-After"]) == (503, "5")
    assert "Two of your transfers are under way." in third.text
    upload = send(own_world, ("a", b"x"))
    assert (upload.status_code, upload.headers["Retry-After"]) == (503, "5")
    assert "Two of your transfers" in upload.json["error"]
    running[0].close()
    assert send(own_world, ("a", b"x")).status_code == 200
    running[1].close()


def test_a_full_process_tells_everybody_to_wait(own_world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(places, "PER_PROCESS", 0)
    assert "Many transfers are under way" in fetch(own_world, "/server.properties").text
    assert send(own_world, ("a", b"x")).status_code == 503
    assert own_world.nodes.requests == []


@pytest.fixture
def straight(make_world: Callable[..., World]) -> Iterator[Callable[[str], World]]:
    """Worlds whose host lets files come straight from the node."""
    return lambda mode: make_world(mode, is_ready=True, downloads="node")  # type: ignore[return-value]


def test_with_a_key_of_their_own_the_host_may_send_people_to_the_node(straight: Callable[[str], World]) -> None:
    world = straight("own")
    answer = fetch(world, "/server.properties")
    assert answer.status_code == 303
    assert answer.location.startswith("https://fra-1.example.com:8080/download/file?token=")
    assert world.nodes.requests == []
    assert fetch(world, "/nothing").status_code == 404


def test_the_service_key_never_gives_an_address_away(straight: Callable[[str], World]) -> None:
    answer = fetch(straight("service"), "/server.properties")
    assert answer.status_code == 200
    assert "Location" not in answer.headers


def test_an_address_is_the_default_only_where_the_host_chose_it(own_world: World) -> None:
    assert fetch(own_world, "/server.properties").status_code == 200
