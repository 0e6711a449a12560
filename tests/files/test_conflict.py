"""A file that changed since it was opened: both versions are shown, and nothing is written before somebody chose."""

from __future__ import annotations

import re

import pytest

from tests.conftest import World
from tests.files.text_support import FILE, Editor, base_in, shown_in, writes
from tests.servers.support import said

TEXT = b"motd: A server\nport: 25565\n"
THEIRS = b"motd: A server\nport: 25566\n"
MINE = "motd: My server\nport: 25565\n"


def over_in(page: str) -> str:
    """What the button sends that saves all the same."""
    found = re.search(r'name="over" value="([^"]+)"', page)
    assert found is not None
    return found[1]


def conflict(world: World, raw: bytes = THEIRS, mine: str = MINE, *, htmx: bool = False) -> tuple[Editor, str]:
    """Somebody changes a file while it is open; the page that then answers a save."""
    editor = Editor(world)
    editor.put(TEXT)
    base = base_in(editor.open().text)
    editor.put(raw)
    world.calls()
    answer = editor.send(mine, base, htmx=htmx)
    assert answer.status_code == 409
    assert writes(world) == []
    assert editor.bytes() == raw
    return editor, answer.text


def test_both_versions_and_their_difference_are_shown(world: World) -> None:
    _, page = conflict(world)
    assert shown_in(page) == MINE
    assert THEIRS.decode() in page
    rows = [said(row) for row in re.findall(r'<tr class="(?:new|gone)">.*?</tr>', page, re.DOTALL)]
    assert rows == [
        "1 − removed motd: A server", "2 − removed port: 25566", "1 + added motd: My server", "2 + added port: 25565",
    ]  # fmt: skip


def test_without_a_new_page_mine_stays_where_it_is(own_world: World) -> None:
    _, page = conflict(own_world, htmx=True)
    assert "<html" not in page
    assert 'id="text"' not in page
    assert 'id="base"' not in page
    assert THEIRS.decode() in page
    assert over_in(page)


@pytest.mark.parametrize("htmx", [False, True], ids=["page", "htmx"])
def test_mine_can_be_saved_over_theirs(htmx: bool, world: World) -> None:
    editor, page = conflict(world, htmx=htmx)
    base = "0" * 64 if htmx else base_in(page)
    answer = editor.send(MINE, base, over=over_in(page), htmx=htmx)
    assert answer.status_code == 200
    assert editor.bytes() == MINE.encode()


def test_what_was_theirs_stays_among_the_versions(own_world: World) -> None:
    editor, page = conflict(own_world)
    editor.send(MINE, base_in(page), over=over_in(page))
    assert len(editor.versions()) == 2
    editor.restore(editor.versions()[1])
    assert editor.bytes() == THEIRS


def test_theirs_can_be_taken(own_world: World) -> None:
    editor, page = conflict(own_world)
    assert f'href="{editor.root}/edit?file={FILE}" data-theirs' in page
    again = editor.open().text
    assert shown_in(again) == THEIRS.decode()
    assert editor.send("new\n", base_in(again)).status_code == 200


def test_the_old_form_sent_again_is_a_conflict_again(own_world: World) -> None:
    editor, page = conflict(own_world)
    assert editor.send(MINE, base_in(page)).status_code == 409
    assert editor.bytes() == THEIRS


def test_who_changes_it_between_question_and_answer_is_not_overwritten(own_world: World) -> None:
    editor, page = conflict(own_world)
    editor.put(b"third\n")
    answer = editor.send(MINE, base_in(page), over=over_in(page))
    assert answer.status_code == 409
    assert "third" in answer.text
    assert editor.bytes() == b"third\n"


def test_two_who_typed_the_same_do_not_disagree(own_world: World) -> None:
    editor = Editor(own_world)
    editor.put(TEXT)
    base = base_in(editor.open().text)
    editor.put(MINE.encode())
    assert editor.send(MINE, base).status_code == 200


def test_other_line_ends_are_another_file(own_world: World) -> None:
    editor = Editor(own_world)
    editor.put(TEXT)
    base = base_in(editor.open().text)
    editor.put(TEXT.replace(b"\n", b"\r\n") + b"x\n")
    answer = editor.send(TEXT.decode() + "x\n", base)
    assert answer.status_code == 200  # with the ends that the file has now, this text is what it holds
    editor.put(b"\xef\xbb\xbf" + TEXT)
    again = editor.send(MINE, base)
    assert again.status_code == 409


def test_a_file_that_is_gone_is_a_conflict_of_its_own(world: World) -> None:
    editor = Editor(world)
    editor.put(TEXT)
    base = base_in(editor.open().text)
    editor.disk.delete(FILE)
    world.calls()
    answer = editor.send(MINE, base)
    assert answer.status_code == 409
    assert "not there any more" in answer.text
    assert shown_in(answer.text) == MINE
    assert writes(world) == []
    assert not editor.is_there()
    assert editor.send(MINE, base, over=over_in(answer.text)).status_code == 200
    assert editor.bytes() == MINE.encode()


def test_a_new_file_does_not_overwrite_one_that_somebody_made_meanwhile(world: World) -> None:
    editor = Editor(world)
    base = base_in(editor.open("/config/new.yml", new=1).text)
    editor.put(THEIRS, "/config/new.yml")
    answer = editor.send(MINE, base, "/config/new.yml")
    assert answer.status_code == 409
    assert "is there by now" in answer.text
    assert THEIRS.decode() in answer.text
    assert editor.bytes("/config/new.yml") == THEIRS
    assert editor.send(MINE, base, "/config/new.yml", over=over_in(answer.text)).status_code == 200


def test_opening_as_new_what_is_there_opens_it(own_world: World) -> None:
    editor = Editor(own_world)
    editor.put(TEXT)
    assert shown_in(editor.open(new=1).text) == TEXT.decode()


@pytest.mark.parametrize(
    "raw", [b"\0binary", b"Gr\xfc\xdfe", b"x" * (4 * 1024 * 1024 + 1)], ids=["binary", "latin-1", "long"]
)
def test_a_file_that_became_something_else_is_never_overwritten(raw: bytes, own_world: World) -> None:
    editor = Editor(own_world)
    editor.put(TEXT)
    base = base_in(editor.open().text)
    editor.put(raw)
    answer = editor.send(MINE, base)
    assert answer.status_code == 409
    assert shown_in(answer.text) == MINE
    assert "is no text any more" in answer.text
    assert editor.bytes() == raw


def test_a_file_that_became_a_folder_is_never_overwritten(own_world: World) -> None:
    editor = Editor(own_world)
    editor.put(TEXT)
    base = base_in(editor.open().text)
    editor.disk.delete(FILE)
    editor.put(b"x", f"{FILE}/inside")
    assert editor.send(MINE, base).status_code == 409
    assert editor.bytes(f"{FILE}/inside") == b"x"


def test_emptying_what_changed_meanwhile_is_a_conflict_first(own_world: World) -> None:
    editor, page = conflict(own_world, mine="")
    asked = editor.send("", base_in(page), over=over_in(page))
    assert asked.status_code == 422
    assert editor.bytes() == THEIRS
