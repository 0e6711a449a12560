"""Uploads: what arrives is what was sent, nothing is replaced unasked, and each file has its own truth."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient
from requests import PreparedRequest, Response
from sqlalchemy import select
from werkzeug.test import TestResponse

from portal.audit.models import AuditEntry
from portal.files.transfers import limits
from portal.pterodactyl import errors
from portal.pterodactyl.client.files import FileCalls
from portal.store import read
from tests.conftest import World
from tests.files.text_support import SHARED, Editor, refuse, share
from tests.servers.support import row_of, share_of

RAW = "application/octet-stream"
JSON = {"Accept": "application/json"}
MIB = 1024 * 1024


def address(world: World, rest: str = "") -> str:
    return f"/servers/{world.demo.main_server.identifier}/files/upload{rest}"


def wire(*files: tuple[str, bytes]) -> bytes:
    """What a page's script sends."""
    return json.dumps([[name, len(content)] for name, content in files]).encode() + b"\n" + b"".join(
        content for _, content in files
    )  # fmt: skip


def send(
    world: World, *files: tuple[str, bytes], who: str = "owner", to: str = "/up", replace: str = "0"
) -> TestResponse:
    return world.browser(who).post(
        address(world, f"?directory={to}&replace={replace}"), data=wire(*files), content_type=RAW, headers=JSON
    )


def stored(world: World, path: str) -> bytes | None:
    """A file as the node has it."""
    answer = world.browser("owner").get(address(world).replace("upload", "download"), query_string={"file": path})
    return answer.data if answer.status_code == 200 else None


def states(answer: TestResponse) -> dict[str, str]:
    assert answer.status_code == 200, answer.text
    return {one["name"]: one["state"] for one in answer.json["files"]}


def by_form(browser: FlaskClient, path: str, name: str, content: bytes, **fields: str) -> TestResponse:
    return browser.post(path, data={**fields, "file": (io.BytesIO(content), name)})


@pytest.fixture(params=["own", "service"])
def any_world(request: pytest.FixtureRequest, make_world: Callable[..., World]) -> World:
    return make_world(request.param, is_ready=True)


def test_several_files_of_one_upload_arrive_as_they_were(any_world: World) -> None:
    files = [("a.txt", b"hello\r\n--x"), ("empty", b""), ("ü ☃ 100%.bin", bytes(range(256)) * 1000), ('q"\\.txt', b"q")]
    assert states(send(any_world, *files, to="/new/deep")) == {name: "done" for name, _ in files}
    for name, content in files:
        assert stored(any_world, f"/new/deep/{name}") == content
    uploads = [one for one in any_world.nodes.requests if one.method == "POST"]
    assert len(uploads) == 1


def test_one_file_without_script(own_world: World) -> None:
    content = bytes(range(256)) * 1000
    answer = by_form(own_world.browser("owner"), address(own_world, "?directory=/up"), "ü b.bin", content)
    assert answer.status_code == 200
    assert "Stored:" in answer.text
    assert "ü b.bin" in answer.text
    assert stored(own_world, "/up/ü b.bin") == content


def test_the_form_stands_as_page_and_as_dialog(own_world: World) -> None:
    browser = own_world.browser("owner")
    page = browser.get(address(own_world, "?directory=/a%20b"))
    assert page.status_code == 200
    assert "<html" in page.text
    dialog = browser.get(address(own_world, "?directory=/a%20b"), headers={"HX-Request": "true"})
    assert "<html" not in dialog.text
    for answer in (page, dialog):
        assert f'action="{address(own_world)}?directory=/a+b"' in answer.text
        assert 'enctype="multipart/form-data"' in answer.text
        assert answer.text.index('name="csrf_token"') < answer.text.index('name="file"')
        assert answer.text.index('name="replace"') < answer.text.index('name="file"')


def test_a_file_that_is_there_is_not_replaced_unasked(any_world: World) -> None:
    send(any_world, ("a", b"old"))
    answer = send(any_world, ("a", b"new"), ("b", b"new"))
    assert (answer.status_code, answer.json["present"]) == (409, ["a"])
    assert (stored(any_world, "/up/a"), stored(any_world, "/up/b")) == (b"old", None)
    assert states(send(any_world, ("a", b"new"), replace="1")) == {"a": "done"}
    assert stored(any_world, "/up/a") == b"new"


def test_the_form_asks_before_it_replaces_too(own_world: World) -> None:
    browser, path = own_world.browser("owner"), address(own_world, "?directory=/up")
    by_form(browser, path, "a", b"old")
    answer = by_form(browser, path, "a", b"new")
    assert answer.status_code == 409
    assert "There is a file of that name already: a." in answer.text
    assert stored(own_world, "/up/a") == b"old"
    assert by_form(browser, path, "a", b"new", replace="1").status_code == 200
    assert stored(own_world, "/up/a") == b"new"


@pytest.mark.parametrize("directory", ["/up", "/up/sub/deep"])
@pytest.mark.parametrize("status", [404, 500])
def test_a_folder_that_cannot_be_read_is_not_taken_for_one_that_is_missing(
    status: int, directory: str, any_world: World
) -> None:
    """It would look as if none of the files were there, and they would be replaced unasked."""
    send(any_world, ("a", b"old"), to=directory)
    refuse(any_world, "/files/list", status=status, code="DaemonConnectionException", effect="before")
    uploads = len(any_world.nodes.requests)
    answer = send(any_world, ("a", b"new"), to=directory)
    check = any_world.browser("owner").post(
        address(any_world, "/check"), data={"directory": directory, "name": "a"}, headers=JSON
    )
    assert (answer.status_code, check.status_code) == (503, 503)
    assert "present" not in check.json
    assert len(any_world.nodes.requests) == uploads
    any_world.demo.knobs.clear()
    assert stored(any_world, f"{directory}/a") == b"old"


def test_one_failed_look_is_not_the_end_when_the_folder_above_says_that_it_is_there(own_world: World) -> None:
    send(own_world, ("a", b"old"), to="/up/sub")
    refuse(own_world, "/files/list", times=2, status=500, code="DaemonConnectionException", effect="before")
    answer = send(own_world, ("a", b"new"), to="/up/sub")
    assert (answer.status_code, answer.json["present"]) == (409, ["a"])
    assert stored(own_world, "/up/sub/a") == b"old"


@pytest.mark.parametrize("looks", range(1, 6))
def test_a_folder_that_an_upload_beside_this_one_makes_meanwhile_is_no_failure(looks: int, own_world: World) -> None:
    """Two files of a new folder's folder go at once: one of them makes both while the other still looks for them."""
    disk = own_world.demo.processes[own_world.demo.main_server.uuid].files
    adapter, asked = own_world.adapter, 0
    really = adapter.send

    def meanwhile(request: PreparedRequest, *args: Any, **options: Any) -> Response:
        nonlocal asked
        asked += "/files/list" in (request.url or "")
        if asked == looks:
            disk.make_folder("/new/sub")
        return really(request, *args, **options)

    adapter.send = meanwhile  # type: ignore[method-assign]
    assert states(send(own_world, ("a", b"x"), to="/new/sub")) == {"a": "done"}
    assert asked >= looks
    assert stored(own_world, "/new/sub/a") == b"x"


def test_a_folder_below_one_that_is_missing_is_missing_too(own_world: World) -> None:
    assert states(send(own_world, ("a", b"x"), to="/new/b/c/d/e")) == {"a": "done"}
    assert states(send(own_world, ("a", b"x"), to="/new/b/c/f/g/h")) == {"a": "done"}


def test_who_may_not_look_has_to_say_that_a_file_may_be_replaced(make_world: Callable[..., World]) -> None:
    world = make_world("own", is_ready=True)
    editor = share(world, "file.create")
    editor.put(b"old", "/a")
    to, form = f"{editor.root}/upload", {"directory": "/", "name": "a"}
    check = editor.browser.post(f"{to}/check", data=form, headers=JSON).json
    assert (check["blind"], check["present"]) == (True, [])
    assert "required" in editor.browser.get(to).text.partition('name="replace"')[2][:40]
    answer = editor.browser.post(to, data=wire(("a", b"new")), content_type=RAW, headers=JSON)
    assert (answer.status_code, answer.json["blind"]) == (422, True)
    assert "Say that a file may be replaced." in by_form(editor.browser, to, "a", b"new").text
    assert editor.bytes("/a") == b"old"
    answer = editor.browser.post(f"{to}?replace=1", data=wire(("a", b"new")), content_type=RAW, headers=JSON)
    assert states(answer) == {"a": "done"}
    assert editor.bytes("/a") == b"new"


class During(io.BytesIO):
    """A body in the midst of which something happens."""

    def __init__(self, content: bytes, happens: Callable[[], None]) -> None:
        super().__init__(content)
        self.happens = [happens]

    def read(self, size: int | None = -1) -> bytes:
        if self.tell() > 50_000 and self.happens:
            self.happens.pop()()
        return super().read(size)


def long_upload(editor: Editor, happens: Callable[[], None], **options: Any) -> TestResponse:
    body = wire(("a", b"new" * 50_000))
    return editor.browser.post(
        f"{editor.root}/upload?replace=1", input_stream=During(body, happens), content_length=len(body),
        content_type=RAW, **options,
    )  # fmt: skip


@pytest.mark.parametrize("mode", ["own", "service"])
@pytest.mark.parametrize("left", [[], ["file.read"], None])
def test_who_loses_the_access_while_sending_stores_nothing(
    left: list[str] | None, mode: str, make_world: Callable[..., World]
) -> None:
    world = make_world(mode, is_ready=True)

    def lose() -> None:
        if left is None:
            row_of(world, SHARED).subusers.remove(share_of(world, SHARED))
        else:
            share_of(world, SHARED).permissions[:] = left
        world.clock.advance(61)

    editor = share(world, "file.read", "file.create")
    editor.put(b"old", "/a")
    answer = long_upload(editor, lose, headers=JSON)
    assert answer.status_code == 403, answer.text
    assert answer.json["error"] == "Your access to this server ended while this was sent. Nothing of it was stored."
    assert editor.bytes("/a") == b"old"


def test_a_page_says_too_that_the_access_ended(own_world: World) -> None:
    editor = share(own_world, "file.read", "file.create")

    def lose() -> None:
        share_of(own_world, SHARED).permissions[:] = []
        own_world.clock.advance(61)

    answer = long_upload(editor, lose)
    assert answer.status_code == 403
    assert "<html" in answer.text
    assert "Your access to this server ended" in answer.text


def test_who_keeps_the_access_is_asked_about_once_more_at_most(own_world: World) -> None:
    editor = share(own_world, "file.read", "file.create")
    lasting: list[Callable[[], None]] = [lambda: own_world.clock.advance(61), lambda: own_world.clock.advance(1)]
    for lasts, asked_after in zip(lasting, ([f"GET /api/client{editor.root[:-6]}"], []), strict=True):
        own_world.calls()
        assert states(long_upload(editor, lasts, headers=JSON)) == {"a": "done"}
        made = own_world.calls()
        begun = next(number for number, call in enumerate(made) if call.endswith("/files/upload"))
        assert made[begun + 1 :] == asked_after
    assert editor.bytes("/a") == b"new" * 50_000


def test_an_access_that_cannot_be_asked_about_stores_nothing(own_world: World) -> None:
    editor = share(own_world, "file.read", "file.create")

    def lose() -> None:
        own_world.demo.set_condition("panel-maintenance")
        own_world.clock.advance(61)

    answer = long_upload(editor, lose, headers=JSON)
    assert states(answer) == {"a": "failed"}
    assert "could not be asked, so nothing was stored" in answer.json["files"][0]["why"]
    assert not editor.is_there("/a")


def test_fields_before_the_file_are_not_read_without_end(own_world: World) -> None:
    field = b'--b\r\nContent-Disposition: form-data; name="f%d"\r\n\r\n%s\r\n'
    for length in (1, 4000, 60_000):
        source = io.BytesIO(b"".join(field % (one, b"x" * length) for one in range(8_000_000 // (length + 60))))
        answer = own_world.browser("stranger").post(
            address(own_world), input_stream=source, content_length=8_000_000,
            content_type="multipart/form-data; boundary=b",
        )  # fmt: skip
        assert answer.status_code == 404
        assert source.tell() < 256 * 1024


def test_a_form_with_a_few_fields_more_is_taken_and_one_with_many_is_not(own_world: World) -> None:
    fields = {f"f{number}": "x" * 3000 for number in range(19)}
    answer = by_form(own_world.browser("owner"), address(own_world, "?directory=/up"), "a", b"x", **fields)
    assert answer.status_code == 200
    assert stored(own_world, "/up/a") == b"x"
    many = fields | {"one-more": ""}
    answer = by_form(own_world.browser("owner"), address(own_world, "?directory=/up"), "b", b"x", **many)
    assert answer.status_code == 422
    assert stored(own_world, "/up/b") is None


def test_a_folder_is_never_replaced(own_world: World) -> None:
    send(own_world, ("x", b"x"), to="/up/sub")
    answer = send(own_world, ("sub", b"x"), replace="1")
    assert (answer.status_code, answer.json["folders"]) == (409, ["sub"])
    assert stored(own_world, "/up/sub/x") == b"x"


def test_a_file_that_is_too_large_for_the_node_is_refused_before_it_is_read(own_world: World) -> None:
    with own_world.app.app_context():
        limits.keep(own_world.demo.main_server.node.name, 1)
    source = Watched(wire(("small", b"x"), ("large", bytes(MIB + 1))))
    browser = own_world.browser("owner")
    answer = browser.post(
        address(own_world, "?directory=/"), input_stream=source, content_length=source.size, content_type=RAW,
        headers=JSON,
    )  # fmt: skip
    assert (answer.status_code, answer.json["too_large"], answer.json["limit_bytes"]) == (413, ["large"], MIB)
    assert answer.json["sftp"] == {"address": "sftp://fra-1.example.com:2022", "username": "owner.425f57c9"}
    assert source.tell() < 10_000
    form = _form(('file"; filename="large', bytes(MIB + 1)))
    page = browser.post(address(own_world), data=form, content_type="multipart/form-data; boundary=b")
    assert page.status_code == 413
    assert "sftp://fra-1.example.com:2022" in page.text
    assert own_world.nodes.requests == []


class Watched(io.BytesIO):
    """A body of which one can see how much of it was read."""

    def __init__(self, content: bytes) -> None:
        super().__init__(content)
        self.size = len(content)


def test_a_refusal_by_the_node_teaches_its_limit(own_world: World) -> None:
    own_world.demo.main_server.node.upload_size = 1
    answer = send(own_world, ("large", bytes(MIB + 1)))
    assert states(answer) == {"large": "failed"}
    assert "larger than the maximum" in answer.json["files"][0]["why"]
    assert send(own_world, ("large", bytes(MIB + 1))).status_code == 413


@pytest.mark.parametrize(
    "line",
    [
        b"", b"\n", b"[]\n", b"{}\n", b"null\n", b'[["a"]]\n', b'[["a", -1]]\n', b'[["a", 1.5]]\n', b'[["a", true]]\n',
        b'[["a", "1"]]\n', b'[[1, 1]]\n', b'[["a", 3], ["a", 0]]\n', b'[["a", 2]]\n', b'[["a", 4]]\n',
        b'[["a", 3, 0]]\n', b"[" * 60_000 + b"\n", b"[" * 70_000 + b"\n", b"\xff\n", b'[["a", 99999999999999999999]]\n',
        b"[" + b",".join(b'["%d", 0]' % one for one in range(101)) + b"]\n",
    ],
)  # fmt: skip
def test_an_upload_that_does_not_say_what_it_is_reaches_nobody(line: bytes, own_world: World) -> None:
    answer = own_world.browser("owner").post(
        address(own_world, "?directory=/up"), data=line + b"abc", content_type=RAW, headers=JSON
    )
    assert answer.status_code == 422
    assert answer.json["error"]
    assert own_world.nodes.requests == []


@pytest.mark.parametrize(
    "name", ["", ".", "..", "a/b", "../a", "a\nb", "a\0", "\x7f", "ä" * 128, " ", " .. ", "\ud800"]
)
def test_a_name_that_cannot_be_a_file_of_that_folder_is_refused(name: str, own_world: World) -> None:
    answer = send(own_world, (name, b"x"))
    assert answer.status_code == 422
    assert own_world.nodes.requests == []


@pytest.mark.parametrize("directory", ["/..", "/a/../../b", "/%00"])
def test_no_folder_outside_of_the_server_is_written_to(directory: str, own_world: World) -> None:
    assert send(own_world, ("a", b"x"), to=directory).status_code == 404
    assert own_world.nodes.requests == []


def _form(*parts: tuple[str, bytes], end: bytes = b"\r\n--b--\r\n") -> bytes:
    head = b'\r\n--b\r\nContent-Disposition: form-data; name="%s"\r\n\r\n%s'
    return b"".join(head % (name.encode(), value) for name, value in parts)[2:] + end


FILE = 'file"; filename="f'


@pytest.mark.parametrize(
    ("body", "is_stored"),
    [
        (_form((FILE, b"content")), True),
        (_form((FILE, b"")), True),
        (_form((FILE, b"\r\n--a--\r\n")), True),
        (_form(("replace", b"1"), (FILE, b"content")), True),
        (_form((FILE, b"content"), ("replace", b"1")), False),
        (_form((FILE, b"content"), (FILE, b"more")), False),
        (_form((FILE, b"content"), end=b"\r\n--b--"), False),
        (_form((FILE, b"content"), end=b"\r\n--b--\r\nmore"), False),
        (_form((FILE, b"content"), end=b""), False),
        (_form((FILE, b"content"), end=b"\r\n--b"), False),
    ],
)
def test_a_form_that_is_not_as_expected_stores_nothing(body: bytes, is_stored: bool, own_world: World) -> None:
    answer = own_world.browser("owner").post(
        address(own_world, "?directory=/up"), data=body, content_type="multipart/form-data; boundary=b"
    )
    assert ("Stored:" in answer.text) == is_stored
    assert (stored(own_world, "/up/f") is not None) == is_stored
    if not is_stored:
        assert "Nothing of it was stored" in answer.text


def test_a_form_without_a_file_says_so(own_world: World) -> None:
    browser = own_world.browser("owner")
    for answer in (
        browser.post(address(own_world), data={"replace": "1"}),
        by_form(browser, address(own_world), "", b""),
        browser.post(address(own_world), data=b"--b--\r\n", content_type="multipart/form-data; boundary=b"),
    ):
        assert answer.status_code == 422
        assert "Choose a file first." in answer.text


class Cut(io.RawIOBase):
    """A body that ends early, or fails."""

    def __init__(self, content: bytes, error: Exception | None = None) -> None:
        super().__init__()
        self.left = io.BytesIO(content)
        self.error = error

    def read(self, size: int = -1) -> bytes:
        piece = self.left.read(size)
        if not piece and self.error:
            raise self.error
        return piece


@pytest.mark.parametrize("error", [None, ConnectionResetError(), TimeoutError()])
def test_an_upload_that_breaks_off_stores_nothing_and_frees_its_place(
    error: Exception | None, own_world: World
) -> None:
    body = wire(("a", bytes(100_000)))
    for _ in range(3):  # two places of an account would be used up
        answer = own_world.browser("owner").post(
            address(own_world, "?directory=/up"), content_type=RAW, headers=JSON,
            environ_overrides={"wsgi.input": Cut(body[:-1], error), "CONTENT_LENGTH": str(len(body))},
        )  # fmt: skip
        assert states(answer) == {"a": "failed"}
    assert stored(own_world, "/up/a") is None


@pytest.fixture
def lost(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """An answer of the node that nobody hears: what is in the list is called instead, then the outcome is unknown."""
    steps: list[Any] = []
    whole = FileCalls.upload_all

    def upload_all(calls: FileCalls, server: str, directory: str, parts: Any, stream: Any, **more: Any) -> None:
        kept = parts[: steps[0]]
        if kept:
            whole(
                calls, server, directory, kept, io.BytesIO(stream.read(sum(part.size_bytes for part in kept))), **more
            )
        stream.read(1)
        raise steps[1]

    monkeypatch.setattr(FileCalls, "upload_all", upload_all)
    return steps


def test_after_a_lost_answer_each_file_is_looked_at(lost: list[Any], own_world: World) -> None:
    lost[:] = [2, errors.OutcomeUnknown(errors.NodeUnreachable("cut"))]
    answer = send(own_world, ("a", b"1"), ("b", b"22"), ("c", b"333"))
    assert states(answer) == {"a": "done", "b": "done", "c": "unknown"}
    assert "not known" in answer.json["files"][2]["why"]


def test_after_a_refusal_what_is_not_there_has_failed(lost: list[Any], own_world: World) -> None:
    lost[:] = [1, errors.NodeRefused("no space")]
    assert states(send(own_world, ("a", b"1"), ("b", b"22"))) == {"a": "done", "b": "failed"}


def test_an_old_file_of_the_same_length_does_not_count_as_stored(lost: list[Any], own_world: World) -> None:
    lost[:] = [1, errors.OutcomeUnknown(errors.NodeUnreachable("cut"))]
    send(own_world, ("a", b"old"))
    lost[:] = [0, errors.OutcomeUnknown(errors.NodeUnreachable("cut"))]
    assert states(send(own_world, ("a", b"new"), replace="1")) == {"a": "unknown"}


def test_what_fails_before_anything_was_sent_is_one_refusal(own_world: World) -> None:
    own_world.demo.set_condition("panel-maintenance")
    answer = send(own_world, ("a", b"x"))
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
    assert "working on the panel" in answer.json["error"]
    assert own_world.nodes.requests == []


def test_the_script_hears_every_refusal_in_json(own_world: World) -> None:
    assert send(own_world, ("a", b"x"), who="stranger").status_code == 404
    nobody = own_world.browser().post(address(own_world), data=b"", content_type=RAW, headers=JSON)
    assert (nobody.status_code, nobody.json["login"].startswith("/login")) == (401, True)
    assert own_world.calls() == []


def test_checking_says_what_is_there_and_how_large_a_file_may_be(any_world: World) -> None:
    send(any_world, ("a b", b"x"))
    send(any_world, ("x", b"x"), to="/up/sub")
    with any_world.app.app_context():
        limits.keep(any_world.demo.main_server.node.name, 50)
    browser = any_world.browser("owner")
    names = {"directory": "/up", "name": ["a%20b", "sub", "c"]}
    assert browser.post(address(any_world, "/check"), data=names, headers=JSON).json == {
        "present": ["a b"],
        "sizes": {"a b": 1},
        "folders": ["sub"],
        "blind": False,
        "limit_bytes": 50 * MIB,
        "sftp": {"address": "sftp://fra-1.example.com:2022", "username": "owner.425f57c9"},
        "at_once": 2,
    }
    nowhere = browser.post(address(any_world, "/check"), data=names | {"directory": "/no/such"}, headers=JSON)
    assert (nowhere.json["present"], nowhere.json["folders"]) == ([], [])


def test_an_upload_is_in_the_audit_with_its_names(own_world: World) -> None:
    send(own_world, ("a", b"x"), ("b", b"x"))
    with own_world.app.app_context(), read() as session:
        entry = session.scalars(select(AuditEntry).where(AuditEntry.action == "file.upload")).one()
    assert (entry.outcome, entry.detail) == ("done", "/up: a, b")
