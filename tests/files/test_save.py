"""Saving a text: the bytes on the node are what was typed, and nothing is lost when it goes wrong."""

from __future__ import annotations

import codecs
import io
import re
from typing import Any

import pytest
from sqlalchemy.exc import OperationalError

from portal.demo.link import Fault
from portal.files.text import versions
from tests.conftest import World
from tests.files.text_support import FILE, Editor, base_in, is_read_only, refuse, share, shown_in, writes
from tests.servers.support import HTMX, audit_of, row_of
from tests.site.test_csrf import token

TEXT = b"motd: A server\nport: 25565\n"


@pytest.mark.parametrize(
    "raw",
    [b"a\nb\n", b"a\r\nb\r\n", b"a\r\nb\nc", b"a\rb", codecs.BOM_UTF8 + b"a\r\n", b"no end", b"\n", b""],
    ids=repr,
)  # fmt: skip
def test_open_and_save_unchanged_gives_identical_bytes_and_writes_nothing(raw: bytes, world: World) -> None:
    editor = Editor(world)
    editor.put(raw)
    page = editor.open().text
    world.calls()
    answer = editor.send(shown_in(page), base_in(page))
    assert answer.status_code == 200
    assert editor.bytes() == raw
    assert writes(world) == []


def test_what_was_typed_is_what_the_file_holds(world: World) -> None:
    editor = Editor(world)
    editor.put(codecs.BOM_UTF8 + b"motd: A server\r\nport: 25565")
    answer = editor.edit("motd: Ä server\nport: 25565\n\tx: 1 \n")
    assert answer.status_code == 200
    assert "Saved" in answer.text
    assert editor.bytes() == codecs.BOM_UTF8 + "motd: Ä server\r\nport: 25565\r\n\tx: 1 \r\n".encode()
    assert audit_of(world, "file.write") == [("done", FILE)]


def test_the_page_after_a_save_saves_again(own_world: World) -> None:
    editor = Editor(own_world)
    editor.put(TEXT)
    first = editor.edit("one\n")
    assert shown_in(first.text) == "one\n"
    assert editor.send("two\n", base_in(first.text)).status_code == 200
    assert editor.bytes() == b"two\n"


def test_without_a_new_page_the_answer_carries_what_the_next_save_must_find(own_world: World) -> None:
    editor = Editor(own_world)
    editor.put(TEXT)
    answer = editor.send("one\n", base_in(editor.open().text), htmx=True)
    assert answer.status_code == 200
    assert "<html" not in answer.text
    assert 'id="base"' in answer.text
    assert 'hx-swap-oob="true"' in answer.text
    assert editor.send("two\n", base_in(answer.text), htmx=True).status_code == 200
    assert editor.bytes() == b"two\n"


def test_sent_twice_it_is_saved_once(own_world: World) -> None:
    editor = Editor(own_world)
    editor.put(TEXT)
    base = base_in(editor.open().text)
    assert editor.send("one\n", base).status_code == 200
    own_world.calls()
    assert editor.send("one\n", base).status_code == 200
    assert writes(own_world) == []


def test_a_new_file_is_made_with_its_folder(world: World) -> None:
    editor = Editor(world)
    answer = editor.edit("# new\n", "/plugins/New/config.yml", new=1)
    assert answer.status_code == 200
    assert editor.bytes("/plugins/New/config.yml") == b"# new\n"


def test_a_new_file_may_be_empty(own_world: World) -> None:
    """Wings 1.11 takes no empty file through `files/write`."""
    editor = Editor(own_world)
    assert editor.edit("", "/config/empty.txt", new=1).status_code == 200
    assert editor.bytes("/config/empty.txt") == b""


def test_a_save_that_empties_a_file_is_asked_first(world: World) -> None:
    editor = Editor(world)
    editor.put(TEXT)
    base = base_in(editor.open().text)
    world.calls()
    asked = editor.send("", base)
    assert asked.status_code == 422
    assert "Empty the file" in asked.text
    assert writes(world) == []
    assert editor.bytes() == TEXT
    assert editor.send("", base_in(asked.text), empty="1").status_code == 200
    assert editor.bytes() == b""


def test_an_empty_file_can_be_filled_again(own_world: World) -> None:
    editor = Editor(own_world)
    editor.put(b"")
    assert editor.edit("x").status_code == 200
    assert editor.bytes() == b"x"


def test_a_name_that_cannot_be_uploaded_is_not_emptied(own_world: World) -> None:
    editor = Editor(own_world)
    editor.put(TEXT, "/odd\nname")
    base = base_in(editor.open("/odd\nname").text)
    assert editor.send("", base, "/odd\nname", empty="1").status_code == 422
    assert editor.bytes("/odd\nname") == TEXT


@pytest.mark.parametrize("fault", [Fault.NOTHING_LISTENS, Fault.NEVER_ANSWERS, Fault.TOKEN_IS_REFUSED])
@pytest.mark.parametrize("htmx", [False, True], ids=["page", "htmx"])
def test_a_file_that_cannot_be_read_is_not_written_and_the_text_stays(
    fault: Fault, htmx: bool, own_world: World
) -> None:
    editor = Editor(own_world)
    editor.put(TEXT)
    base = base_in(editor.open().text)
    faults, node = own_world.demo.link.faults, row_of(own_world, "Skyblock").node.uuid
    faults[node] = fault
    own_world.calls()
    answer = editor.send("mine\n", base, htmx=htmx)
    assert answer.status_code in (409, 503)
    assert "Nothing was saved" in answer.text
    assert writes(own_world) == []
    if not htmx:
        assert shown_in(answer.text) == "mine\n"
        assert base_in(answer.text) == base
    del faults[node]
    assert editor.bytes() == TEXT
    assert editor.send("mine\n", base).status_code == 200


def test_a_doubtful_answer_to_the_read_before_does_not_make_the_file_anew(own_world: World) -> None:
    editor = Editor(own_world)
    editor.put(TEXT)
    refuse(own_world, "/files/contents", status=500, code="DaemonConnectionException")
    own_world.calls()
    assert editor.send("mine\n", "none").status_code == 503
    assert writes(own_world) == []


def test_what_the_node_refuses_is_said_and_the_text_stays(own_world: World) -> None:
    editor = Editor(own_world)
    editor.put(TEXT)
    base = base_in(editor.open().text)
    refuse(own_world, "/files/write", status=403, code="DaemonConnectionException", detail="An error occurred on the "
           "remote host: This file cannot be modified: present in egg denylist.. (request id: x)")  # fmt: skip
    answer = editor.send("mine\n", base)
    assert answer.status_code == 409
    assert "present in egg denylist" in answer.text
    assert shown_in(answer.text) == "mine\n"
    assert audit_of(own_world, "file.write")[0][0] == "refused"


@pytest.mark.parametrize(("effect", "status", "words"), [("after", 200, "Saved"), ("before", 503, "as it was before")])
def test_a_write_without_an_answer_is_read_back(effect: str, status: int, words: str, world: World) -> None:
    editor = Editor(world)
    editor.put(TEXT)
    base = base_in(editor.open().text)
    refuse(world, "/files/write", status=504, code="DaemonConnectionException", effect=effect)
    answer = editor.send("mine\n", base)
    assert answer.status_code == status
    assert words in answer.text
    assert shown_in(answer.text) == "mine\n"
    assert editor.bytes() == (b"mine\n" if effect == "after" else TEXT)


def test_a_write_that_cannot_be_read_back_is_unknown(own_world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    editor = Editor(own_world)
    editor.put(TEXT)
    base = base_in(editor.open().text)
    refuse(own_world, "/files/write", status=504, code="DaemonConnectionException", effect="after")
    _break_second_read(own_world, editor, monkeypatch)
    answer = editor.send("mine\n", base)
    assert answer.status_code == 503
    assert "not known whether" in answer.text
    assert shown_in(answer.text) == "mine\n"
    own_world.demo.knobs.clear()
    again = editor.send("mine\n", base_in(answer.text))
    assert again.status_code == 200
    assert "holds this text already" in again.text


def _break_second_read(world: World, editor: Editor, monkeypatch: pytest.MonkeyPatch) -> None:
    """After the file was written nothing can be read any more."""
    keep = versions.keep

    def then_break(*args: Any, **more: Any) -> bool:
        refuse(world, "/files/contents", status=504, code="DaemonConnectionException")
        return keep(*args, **more)

    monkeypatch.setattr(versions, "keep", then_break)


def test_a_store_that_takes_nothing_stops_the_save_before_the_node_is_asked(
    own_world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    editor = Editor(own_world)
    editor.put(TEXT)
    base = base_in(editor.open().text)

    def full(*_args: object, **_more: object) -> bool:
        raise OperationalError("", {}, Exception("database is locked"))

    monkeypatch.setattr(versions, "keep", full)
    own_world.calls()
    answer = editor.send("mine\n", base)
    assert answer.status_code == 503
    assert shown_in(answer.text) == "mine\n"
    assert writes(own_world) == []


@pytest.mark.parametrize("missing", ["text", "base"])
def test_a_form_that_lacks_a_part_saves_nothing(missing: str, own_world: World) -> None:
    editor = Editor(own_world)
    editor.put(TEXT)
    form = {"text": "mine\n", "base": base_in(editor.open().text)}
    del form[missing]
    own_world.calls()
    assert editor.browser.post(f"{editor.root}/edit", query_string={"file": FILE}, data=form).status_code == 422
    assert own_world.calls() == []
    assert editor.bytes() == TEXT


def test_a_form_without_a_file_saves_nothing(own_world: World) -> None:
    editor = Editor(own_world)
    assert editor.browser.post(f"{editor.root}/edit", data={"text": "x", "base": "none"}).status_code == 422


def test_a_text_with_a_character_that_no_text_holds_is_refused(own_world: World) -> None:
    editor = Editor(own_world)
    editor.put(TEXT)
    answer = editor.edit("a\0b")
    assert answer.status_code == 422
    assert editor.bytes() == TEXT


def test_the_longest_text_that_can_be_opened_can_be_saved_and_no_longer_one(own_world: World) -> None:
    editor = Editor(own_world)
    longest = "\n" * (4 * 1024 * 1024)
    editor.put(longest.encode())
    base = base_in(editor.open().text)
    assert editor.send(longest[1:] + "x", base).status_code == 200
    assert editor.bytes() == longest[1:].encode() + b"x"
    answer = editor.edit(longest + "x")
    assert answer.status_code == 422
    assert editor.bytes() == longest[1:].encode() + b"x"


def test_a_form_of_more_than_16_mib_is_not_read(own_world: World) -> None:
    editor = Editor(own_world)
    editor.put(TEXT)
    assert editor.send("x" * (16 * 1024 * 1024), "none").status_code == 413
    assert editor.bytes() == TEXT


def test_a_long_form_of_short_fields_is_not_read(own_world: World) -> None:
    """The editor sends its form in parts; of the other kind 16 MiB are 8 million fields."""
    editor = Editor(own_world)
    editor.put(TEXT)
    base = base_in(editor.open().text)
    for body in ("a&" * 50_000 + f"base={base}&text=x", f"base={base}&text=" + "x" * 70_000):
        answer = editor.browser.post(
            f"{editor.root}/edit", query_string={"file": FILE}, data=body,
            content_type="application/x-www-form-urlencoded",
        )  # fmt: skip
        assert answer.status_code == 413
    assert editor.send("x", base, **{f"more{number}": "" for number in range(20)}).status_code == 413
    assert editor.bytes() == TEXT


def test_other_forms_stay_short(own_world: World) -> None:
    editor = Editor(own_world)
    answer = editor.browser.post(f"{editor.root}/versions/1/restore", data={"base": "x" * 100_000})
    assert answer.status_code in (410, 413)
    assert editor.browser.post("/account/password", data={"current": "x" * 100_000}).status_code == 413


class Untouched(io.RawIOBase):
    """A body of 10 MB that nobody may read."""

    at = 0

    def seek(self, offset: int, whence: int = 0) -> int:
        self.at = offset + (10_000_000 if whence == 2 else 0)
        return self.at

    def tell(self) -> int:
        return self.at

    def readinto(self, _buffer: object) -> int:
        raise AssertionError("somebody read the form of somebody who is not signed in")


@pytest.mark.parametrize("is_guarded", [False, True], ids=["", "csrf"])
def test_without_a_session_the_form_is_not_even_read(is_guarded: bool, own_world: World) -> None:
    editor = Editor(own_world)
    own_world.app.config["WTF_CSRF_ENABLED"] = is_guarded
    nobody = own_world.browser()
    for headers, status in (({}, 303), (HTMX, 401)):
        answer = nobody.post(
            f"{editor.root}/edit", query_string={"file": FILE}, input_stream=Untouched(), headers=headers,
            content_type="application/x-www-form-urlencoded",
        )  # fmt: skip
        assert answer.status_code == status
        assert "/login" in answer.headers.get("Location", answer.headers.get("HX-Redirect", ""))


@pytest.mark.parametrize("act", ["delete", "delete/ask", "move", "copy", "permissions", "archive"])
def test_without_a_session_no_long_selection_is_read_either(act: str, own_world: World) -> None:
    editor = Editor(own_world)
    own_world.app.config["WTF_CSRF_ENABLED"] = True  # this check reads the form
    answer = own_world.browser().post(
        f"{editor.root}/{act}", input_stream=Untouched(), content_type="application/x-www-form-urlencoded"
    )
    assert answer.status_code == 303
    assert "/login" in answer.headers["Location"]


def test_without_the_token_of_the_page_nothing_is_saved(own_world: World) -> None:
    editor = Editor(own_world)
    editor.put(TEXT)
    base = base_in(editor.open().text)
    own_world.app.config["WTF_CSRF_ENABLED"] = True
    assert editor.send("mine\n", base).status_code == 400
    assert editor.bytes() == TEXT
    assert editor.send("mine\n", base, csrf_token=token(editor.browser)).status_code == 200
    assert editor.bytes() == b"mine\n"


@pytest.mark.parametrize(
    "permissions",
    [["file.create"], ["file.read-content"], ["file.read", "file.update", "file.delete", "file.read-content"], []],
    ids=str,
)
def test_a_save_needs_both_permissions_and_asks_nothing_without(permissions: list[str], world: World) -> None:
    editor = share(world, *permissions)
    editor.put(TEXT)
    world.calls()
    assert editor.send("mine\n", "none").status_code == 403
    assert world.calls() == []
    assert editor.bytes() == TEXT


def test_a_subuser_with_just_these_two_permissions_can_save(world: World) -> None:
    editor = share(world, "file.create", "file.read-content")
    editor.put(TEXT)
    page = editor.open().text
    assert not is_read_only(page)
    assert editor.send("mine\n", base_in(page)).status_code == 200
    assert editor.bytes() == b"mine\n"


def test_a_stranger_saves_nothing(world: World) -> None:
    editor = Editor(world, who="stranger")
    editor.put(TEXT)
    assert editor.send("mine\n", "none").status_code == 404
    assert editor.bytes() == TEXT


def test_every_button_of_the_answers_belongs_to_the_form(own_world: World) -> None:
    """Without script the question is answered by sending the whole form again."""
    editor = Editor(own_world)
    editor.put(TEXT)
    page = editor.send("", base_in(editor.open().text)).text
    form = re.search(r'<form id="edit".*?</form>', page, re.DOTALL)
    assert form is not None
    assert 'name="empty"' in form[0]
