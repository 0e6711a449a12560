"""Earlier versions of texts that were saved through Roost: seen, put back, bounded."""

from __future__ import annotations

import random
import sqlite3
from collections.abc import Callable

import pytest

from portal.background.tidy import tidy
from portal.files.text import versions
from portal.secrets_file import load_or_make
from tests.conftest import World
from tests.files.text_support import FILE, SHARED, Editor, base_in, refuse, share, writes
from tests.servers.support import audit_of, said

TEXT = b"motd: A server\r\nport: 25565\n"
DAY_S = 86_400


@pytest.fixture
def editor(own_world: World) -> Editor:
    return Editor(own_world)


def contents(world: World, editor: Editor, file: str = FILE) -> list[bytes]:
    """What is kept of a file, the newest first."""
    with world.app.app_context():
        return [versions.get(editor.uuid, one.number)[1] for one in versions.of(editor.uuid, file)]


def test_a_save_keeps_what_it_replaced_and_what_it_wrote(world: World) -> None:
    editor = Editor(world)
    editor.put(TEXT)
    editor.edit("one\n")
    assert contents(world, editor) == [b"one\n", TEXT]
    page = said(editor.browser.get(f"{editor.root}/versions", query_string={"file": FILE}).text)
    assert "saved by owner" in page
    assert "as it was before owner saved" in page


def test_each_state_is_kept_once(own_world: World, editor: Editor) -> None:
    editor.put(TEXT)
    for text in ("one", "two", "one", "one"):
        editor.edit(text)
    assert contents(own_world, editor) == [b"one", b"two", TEXT]


def test_the_list_asks_the_panel_nothing(own_world: World, editor: Editor) -> None:
    editor.put(TEXT)
    editor.edit("one\n")
    own_world.calls()
    assert len(editor.versions()) == 2
    editor.browser.get(editor.versions()[0])
    assert own_world.calls() == []


def test_a_version_is_shown_beside_what_the_file_holds_now(editor: Editor) -> None:
    editor.put(TEXT)
    editor.edit("motd: Mine\nport: 25565\n")
    page = editor.version(editor.versions()[1]).text
    assert "motd: Mine" in page
    assert "motd: A server" in page
    same = editor.version(editor.versions()[0])
    assert "holds exactly this version" in same.text
    assert 'name="base"' not in same.text


def test_what_is_different_comes_as_a_fragment(editor: Editor) -> None:
    editor.put(TEXT)
    editor.edit("motd: Mine\n")
    address = editor.versions()[1]
    page = editor.browser.get(address).text
    assert f'hx-get="{address}/compared"' in page
    assert f'<noscript><meta http-equiv="refresh" content="0; url={address}?now=1">' in page
    part = editor.browser.get(f"{address}/compared", headers={"HX-Request": "true"})
    assert "motd: Mine" in part.text
    assert "<html" not in part.text
    assert editor.browser.get(f"{address}/compared").location == f"{address}?now=1"


def test_a_version_is_put_back_byte_for_byte(world: World) -> None:
    editor = Editor(world)
    editor.put(TEXT)
    editor.edit("one\n")
    answer = editor.restore(editor.versions()[1])
    assert answer.status_code == 200
    assert "holds this version again" in answer.text
    assert editor.bytes() == TEXT
    assert [outcome for outcome, _ in audit_of(world, "file.write")] == ["done", "done"]


def test_what_a_restored_version_replaced_is_a_version_too(own_world: World, editor: Editor) -> None:
    editor.put(TEXT)
    editor.edit("one")
    editor.put(b"from elsewhere")
    editor.restore(editor.versions()[1])
    assert contents(own_world, editor) == [TEXT, b"from elsewhere", b"one"]


def test_a_file_that_changed_since_the_version_was_looked_at_is_not_overwritten(editor: Editor) -> None:
    editor.put(TEXT)
    editor.edit("one")
    address = editor.versions()[1]
    base = base_in(editor.version(address).text)
    editor.put(b"theirs\n")
    answer = editor.restore(address, base)
    assert answer.status_code == 409
    assert editor.bytes() == b"theirs\n"
    assert "theirs" in answer.text
    again = editor.browser.post(f"{address}/restore", data={"base": base_in(answer.text)})
    assert again.status_code == 200
    assert editor.bytes() == TEXT


def test_versions_of_a_deleted_file_can_be_seen_and_put_back(editor: Editor) -> None:
    editor.put(TEXT)
    editor.edit("one")
    editor.disk.delete(FILE)
    assert "versions?file=" in editor.open().text
    page = editor.version(editor.versions()[1])
    assert "not there any more" in page.text
    assert editor.restore(editor.versions()[1]).status_code == 200
    assert editor.bytes() == TEXT


def test_a_binary_is_not_replaced_by_a_version(editor: Editor) -> None:
    editor.put(TEXT)
    editor.edit("one")
    address = editor.versions()[1]
    base = base_in(editor.version(address).text)
    editor.put(b"\0binary")
    assert 'name="base"' not in editor.version(address).text
    assert editor.restore(address, base).status_code == 409
    assert editor.bytes() == b"\0binary"


def test_a_file_that_cannot_be_read_is_not_replaced_by_a_version(own_world: World, editor: Editor) -> None:
    editor.put(TEXT)
    editor.edit("one")
    address = editor.versions()[1]
    base = base_in(editor.version(address).text)
    refuse(own_world, "/files/contents", status=504, code="DaemonConnectionException")
    own_world.calls()
    assert "could not be read" in editor.version(address).text
    assert editor.restore(address, base).status_code == 503
    assert writes(own_world) == []


def test_texts_of_more_than_1_mib_are_not_kept_and_the_page_says_so(own_world: World, editor: Editor) -> None:
    editor.put(b"x" * (1024 * 1024))
    assert "no earlier versions" not in editor.open().text
    editor.edit("short")
    assert len(contents(own_world, editor)) == 2
    editor.put(b"x" * (1024 * 1024 + 1))
    assert "no earlier versions" in editor.open().text
    editor.edit("shorter")
    assert contents(own_world, editor)[0] == b"shorter"
    assert len(contents(own_world, editor)) == 3


def test_only_so_many_versions_of_a_file_are_kept_besides_the_newest(make_world: Callable[..., World]) -> None:
    world = make_world("own", is_ready=True, file_versions=3)
    editor = Editor(world)
    for number in range(6):
        editor.edit(f"{number}\n", new=1)
        editor.edit(f"other {number}\n", "/other.txt", new=1)
    assert contents(world, editor) == [b"5\n", b"4\n", b"3\n", b"2\n"]
    assert len(contents(world, editor, "/other.txt")) == 4


def test_without_versions_none_are_kept(make_world: Callable[..., World]) -> None:
    world = make_world("own", is_ready=True, file_versions=0)
    editor = Editor(world)
    editor.put(TEXT)
    assert "switched them off" in editor.open().text
    assert editor.edit("one\n").status_code == 200
    assert contents(world, editor) == []


def test_the_versions_of_a_server_take_only_so_much_room(make_world: Callable[..., World]) -> None:
    world = make_world("own", is_ready=True, file_versions_mib=1)
    editor = Editor(world)
    with world.app.app_context():
        for number in range(5):
            assert versions.keep(1, editor.uuid, f"/{number}", _noise(number, 300_000), is_before=False)
        assert versions.keep(1, "another server", "/0", _noise(8, 300_000), is_before=False)
        assert [len(versions.of(editor.uuid, f"/{number}")) for number in range(5)] == [0, 0, 1, 1, 1]
        assert len(versions.of("another server", "/0")) == 1


def _noise(seed: int, length: int) -> bytes:
    """Bytes that cannot be packed."""
    return random.Random(seed).randbytes(length)


def test_what_a_save_replaced_stays_however_little_room_there_is(make_world: Callable[..., World]) -> None:
    world = make_world("own", is_ready=True, file_versions_mib=1)
    editor = Editor(world)
    first, second = (_letters(seed) for seed in (1, 2))
    editor.put(first)
    with world.app.app_context():
        versions.keep(1, editor.uuid, "/other", b"other", is_before=False)
    answer = editor.edit(second.decode())
    assert "not kept" not in answer.text
    assert contents(world, editor) == [first]
    assert contents(world, editor, "/other") == []


def _letters(seed: int) -> bytes:
    """A text as long as any that is kept, which cannot be packed into much less."""
    chosen = random.Random(seed)
    return bytes(chosen.choices(range(35, 127), k=1024 * 1024))


def test_a_clock_that_was_set_back_loses_nothing_that_was_just_kept(make_world: Callable[..., World]) -> None:
    world = make_world("own", is_ready=True, file_versions=2)
    editor = Editor(world)
    with world.app.app_context():
        for number in range(6):
            if number == 3:
                world.clock.advance(-20 * DAY_S)
            assert versions.keep(1, editor.uuid, FILE, b"%d" % number, is_before=False)
    assert contents(world, editor) == [b"5", b"4", b"3"]


@pytest.mark.parametrize(("text", "is_kept"), [("x" * 1024 * 1024, True), ("x" * 1024 * 1024 + "y", False)])
def test_who_saved_is_told_when_nothing_is_kept_of_what_was_there(
    text: str, is_kept: bool, own_world: World, editor: Editor
) -> None:
    editor.put(text.encode())
    base = base_in(editor.open().text)
    editor.put(text.encode()[::-1].replace(b"x", b"z", 1))
    conflict = editor.send("mine", base)
    assert ("stays among the earlier versions" in conflict.text) is is_kept
    assert ("will not be kept as an earlier version" in conflict.text) is not is_kept
    editor.put(text.encode())
    saved = editor.edit("mine")
    assert saved.status_code == 200
    assert ("What was there before is not kept" in saved.text) is not is_kept
    assert (text.encode() in contents(own_world, editor)) is is_kept


def test_old_versions_go(own_world: World, editor: Editor) -> None:
    editor.put(TEXT)
    editor.edit("one")
    own_world.clock.advance(29 * DAY_S)
    with own_world.app.app_context():
        tidy()
        assert len(versions.of(editor.uuid, FILE)) == 2
        own_world.clock.advance(2 * DAY_S)
        tidy()
        assert versions.of(editor.uuid, FILE) == ()


def test_a_save_lets_old_versions_go_but_never_the_one_that_it_replaces(own_world: World, editor: Editor) -> None:
    editor.put(TEXT)
    editor.edit("one")
    own_world.clock.advance(31 * DAY_S)
    Editor(own_world).edit("two")
    assert contents(own_world, editor) == [b"two", b"one"]


def test_versions_go_with_a_file_that_is_moved_and_with_its_folder(own_world: World, editor: Editor) -> None:
    with own_world.app.app_context():
        for path in ("/a/x", "/a/b/x", "/ab", "/a"):
            versions.keep(1, editor.uuid, path, path.encode(), is_before=False)
        versions.keep(1, "another server", "/a/x", b"other", is_before=False)
        versions.moved(editor.uuid, "/a", "/c/d")
        assert [one.path for one in versions.of(editor.uuid, "/c/d/b/x")] == ["/c/d/b/x"]
        assert [len(versions.of(editor.uuid, path)) for path in ("/c/d", "/c/d/x", "/ab", "/a/x")] == [1, 1, 1, 0]
        assert len(versions.of("another server", "/a/x")) == 1
    assert contents(own_world, editor, "/c/d/b/x") == [b"/a/b/x"]


def test_versions_of_a_deleted_file_are_not_taken_for_those_of_one_that_gets_its_name(
    own_world: World, editor: Editor
) -> None:
    with own_world.app.app_context():
        for path, raw in (("/a/b", b"deleted 1"), ("/a/b", b"deleted 2"), ("/c/b", b"moved"), ("/a/bc", b"beside")):
            versions.keep(1, editor.uuid, path, raw, is_before=False)
        versions.moved(editor.uuid, "/c", "/a")
        versions.keep(1, editor.uuid, "/a/b", b"changed", is_before=False)
        found = versions.of(editor.uuid, "/a/b")
        assert [one.is_former for one in found] == [False, False, True, True]
        assert {one.path for one in found} == {"/a/b"}
        versions.moved(editor.uuid, "/a/b", "/d")
        assert [one.is_former for one in versions.of(editor.uuid, "/a/b")] == [True, True]
    assert contents(own_world, editor, "/d") == [b"changed", b"moved"]
    assert contents(own_world, editor, "/a/b") == [b"deleted 2", b"deleted 1"]
    page = said(editor.browser.get(f"{editor.root}/versions", query_string={"file": "/a/b"}).text)
    assert page.count("of another file that had this name before") == 2
    assert "of another file" in said(editor.version(editor.versions("/a/b")[0]).text)
    assert editor.restore(editor.versions("/a/b")[0]).status_code == 200
    assert editor.bytes("/a/b") == b"deleted 2"


def test_a_version_of_another_server_is_nobodys(own_world: World, editor: Editor) -> None:
    editor.put(TEXT)
    editor.edit("one")
    number = editor.versions()[0].rpartition("/")[2]
    other = Editor(own_world, SHARED)
    answer = other.browser.get(f"{other.root}/versions/{number}")
    assert answer.status_code == 410
    assert "not kept any more" in answer.text
    assert other.restore(f"{other.root}/versions/{number}", "none").status_code == 410
    assert editor.browser.get(f"{editor.root}/versions/99999").status_code == 410


def test_nothing_in_the_store_is_the_text(own_world: World, editor: Editor) -> None:
    editor.put(b"rcon.password=hunter22\n" * 50)
    editor.edit("rcon.password=hunter23\n")
    assert len(contents(own_world, editor)) == 2
    rows = sqlite3.connect(own_world.instance / "roost.db")
    try:
        sealed = [row[0] for row in rows.execute("select sealed from file_version")]
    finally:
        rows.close()
    assert len(sealed) == 2
    assert not [one for one in sealed if b"rcon" in one or one[:2] == b"x\x9c"]


def test_under_another_master_key_a_version_is_said_to_be_unreadable(own_world: World, editor: Editor) -> None:
    editor.put(TEXT)
    editor.edit("one")
    address = editor.versions()[0]
    (own_world.instance / "master_key").unlink()
    own_world.app.config["ROOST_MASTER_KEY"] = load_or_make(own_world.instance / "master_key")
    answer = editor.browser.get(address)
    assert answer.status_code == 410
    assert "master key" in answer.text


def test_who_may_only_read_sees_versions_but_cannot_put_them_back(world: World) -> None:
    mine = Editor(world, SHARED)
    mine.put(TEXT)
    mine.edit("one")
    editor = share(world, "file.read-content")
    address = editor.versions()[1]
    page = editor.version(address)
    assert page.status_code == 200
    assert "/restore" not in page.text
    world.calls()
    assert editor.restore(address, "none").status_code == 403
    assert world.calls() == []
    assert mine.bytes() == b"one"
