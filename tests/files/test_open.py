"""Opening a file in the editor: the text as it is, or why there is none and what to do instead."""

from __future__ import annotations

import codecs

import pytest

from portal.demo.link import Fault
from portal.files.text import endings
from tests.conftest import World
from tests.files.text_support import FILE, Editor, base_in, is_read_only, refuse, share, shown_in
from tests.servers.support import HTMX, row_of

TEXT = b"motd: A server\nport: 25565\n"


def test_the_page_itself_asks_the_panel_nothing(world: World) -> None:
    editor = Editor(world)
    world.calls()
    page = editor.browser.get(f"{editor.root}/edit", query_string={"file": FILE})
    assert page.status_code == 200
    assert world.calls() == []
    assert f'hx-get="{editor.root}/edit/text?file={FILE.replace("/", "/")}' in page.text


def test_the_text_costs_one_call(world: World) -> None:
    editor = Editor(world)
    editor.put(TEXT)
    world.calls()
    assert shown_in(editor.fragment().text) == TEXT.decode()
    assert [call.rpartition("/")[2] for call in world.calls()] == ["contents"]


def test_without_script_the_page_goes_on_to_one_with_the_text_in_it(own_world: World) -> None:
    editor = Editor(own_world)
    editor.put(TEXT)
    page = editor.browser.get(f"{editor.root}/edit", query_string={"file": FILE}).text
    assert f'<noscript><meta http-equiv="refresh" content="0; url={editor.root}/edit?file={FILE}&amp;now=1">' in page
    whole = editor.open()
    assert whole.status_code == 200
    assert shown_in(whole.text) == TEXT.decode()
    assert "<noscript><meta" not in whole.text
    part = editor.browser.get(f"{editor.root}/edit/text", query_string={"file": FILE})
    assert part.status_code == 303
    assert part.location == f"{editor.root}/edit?file={FILE}&now=1"


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        (b"", ""), (b"\n", "\n"), (b"\n\na", "\n\na"), (b"a\tb  \n", "a\tb  \n"), (b"a\r\nb\rc\n", "a\nb\nc\n"),
        (codecs.BOM_UTF8 + b"a", "a"), (b"</textarea><b>&amp;", "</textarea><b>&amp;"),
        ("ä\u2028\u200f€\n".encode(), "ä\u2028\u200f€\n"),
        (b"\x1b[31mred\x0c", "\x1b[31mred\x0c"),
    ],
    ids=repr,
)  # fmt: skip
def test_a_text_is_shown_to_the_letter_and_can_be_edited(raw: bytes, shown: str, own_world: World) -> None:
    editor = Editor(own_world)
    editor.put(raw)
    page = editor.open().text
    assert shown_in(page) == shown
    assert not is_read_only(page)


@pytest.mark.parametrize(
    ("raw", "shown"),
    [(codecs.BOM_UTF16_LE + "Grüße\r\n".encode("utf-16-le"), "Grüße\n"),
     (codecs.BOM_UTF16_BE + "Grüße".encode("utf-16-be"), "Grüße"), ("Grüße\n".encode("latin-1"), "Grüße\n")],
    ids=["utf-16-le", "utf-16-be", "latin-1"],
)  # fmt: skip
def test_other_encodings_are_shown_but_never_saved(raw: bytes, shown: str, own_world: World) -> None:
    editor = Editor(own_world)
    editor.put(raw)
    page = editor.open().text
    assert shown_in(page) == shown
    assert is_read_only(page)
    assert "hx-post" not in page
    assert "data-save>" not in page
    answer = editor.send("mine", base_in(page))
    assert answer.status_code == 409
    assert editor.bytes() == raw


@pytest.mark.parametrize("ends", [b"\r\n", b"\r"], ids=repr)
def test_a_long_text_with_mixed_ends_is_read_only(ends: bytes, own_world: World) -> None:
    """To keep the end of each line takes time and room for each of them."""
    editor = Editor(own_world)
    raw = b"a" + ends + b"b\n" * endings.MOST_MIXED
    editor.put(raw)
    page = editor.open().text
    assert is_read_only(page)
    assert "more than 50,000" in page
    assert "file.create" not in page
    answer = editor.send("mine", base_in(page))
    assert answer.status_code == 409
    assert editor.bytes() == raw


def test_one_line_less_or_only_one_kind_of_end_can_be_edited(own_world: World) -> None:
    editor = Editor(own_world)
    for raw in (b"a\r\n" + b"b\n" * (endings.MOST_MIXED - 1), b"b\r\n" * (endings.MOST_MIXED + 1)):
        editor.put(raw)
        assert not is_read_only(editor.open().text)


def test_a_text_with_mixed_ends_does_not_become_long(own_world: World) -> None:
    editor = Editor(own_world)
    editor.put(b"a\r\nb\n")
    answer = editor.edit("b\n" * (endings.MOST_MIXED + 1))
    assert answer.status_code == 422
    assert "at most 50,000 lines" in answer.text
    assert editor.bytes() == b"a\r\nb\n"
    assert editor.edit("b\n" * endings.MOST_MIXED).status_code == 200


@pytest.mark.parametrize(
    "raw",
    [
        b"PK\x03\x04\0\0",
        b"a\0b",
        b"\x89PNG\r\n\x1a\n\xff",
        codecs.BOM_UTF16_LE + b"a",
        codecs.BOM_UTF16_LE + b"\0\0a\0",
    ],
    ids=["zip", "nul", "png", "half of UTF-16", "nul in UTF-16"],
)
def test_what_is_no_text_is_not_opened_and_the_page_says_what_to_do(raw: bytes, own_world: World) -> None:
    editor = Editor(own_world)
    editor.put(raw)
    answer = editor.open()
    assert answer.status_code == 409
    assert "textarea" not in answer.text
    assert f'href="{editor.root}/download?file={FILE}"' in answer.text
    assert editor.send("mine", "x").status_code == 409
    assert editor.bytes() == raw


def test_a_file_of_more_than_4_mib_is_not_opened_but_one_of_4_mib_is(own_world: World) -> None:
    editor = Editor(own_world)
    editor.put(b"x" * (4 * 1024 * 1024))
    assert editor.open().status_code == 200
    editor.put(b"x" * (4 * 1024 * 1024 + 1))
    answer = editor.open()
    assert answer.status_code == 409
    assert "4 MiB" in answer.text
    assert "SFTP" in answer.text
    assert "/download?file=" in answer.text


@pytest.mark.parametrize("file", ["/nothing.txt", "/no/such/folder/nothing.txt", "/config/paper.yml/below.txt"])
def test_a_missing_file_is_said_to_be_missing_and_can_be_created(file: str, world: World) -> None:
    editor = Editor(world)
    editor.put(TEXT)
    answer = editor.open(file)
    assert answer.status_code == 404
    assert "There is no such file" in answer.text
    assert "textarea" not in answer.text
    assert "new=1" in answer.text
    created = editor.open(file, new=1)
    assert created.status_code == 200
    assert shown_in(created.text) == ""
    assert not is_read_only(created.text)


def test_a_missing_file_is_missing_too_where_wings_says_404(own_world: World) -> None:
    editor = Editor(own_world)
    refuse(own_world, "/files/contents", status=404, code="DaemonConnectionException")
    assert editor.open("/nothing.txt").status_code == 404


def test_a_folder_is_a_folder(own_world: World) -> None:
    editor = Editor(own_world)
    editor.put(TEXT)
    answer = editor.open("/config")
    assert answer.status_code == 409
    assert "This is a folder" in answer.text
    assert f'href="{editor.root}?directory=/config"' in answer.text


@pytest.mark.parametrize("fault", [Fault.NOTHING_LISTENS, Fault.NEVER_ANSWERS, Fault.TOKEN_IS_REFUSED])
def test_a_read_that_failed_is_no_empty_text(fault: Fault, own_world: World) -> None:
    editor = Editor(own_world)
    editor.put(TEXT)
    own_world.demo.link.faults[row_of(own_world, "Skyblock").node.uuid] = fault
    for answer in (editor.open(), editor.fragment(), editor.open(new=1), editor.fragment(new=1)):
        assert "could not be read" in answer.text
        assert "Try again" in answer.text
        assert "textarea" not in answer.text


def test_a_read_that_failed_for_another_reason_is_not_taken_for_a_missing_file(own_world: World) -> None:
    """The 500 for a missing file is also the answer to a broken disk: the folder knows better."""
    editor = Editor(own_world)
    editor.put(TEXT)
    refuse(own_world, "/files/contents", status=500, code="DaemonConnectionException")
    answer = editor.open(new=1)
    assert answer.status_code == 503
    assert "could not be read" in answer.text
    assert "textarea" not in answer.text


def test_without_the_permission_to_list_a_doubtful_answer_stays_doubtful(own_world: World) -> None:
    editor = share(own_world, "file.read-content", "file.create")
    own_world.calls()
    answer = editor.open("/nothing.txt", new=1)
    assert answer.status_code == 503
    assert not [call for call in own_world.calls() if call.endswith("/list")]


def test_a_server_that_is_suspended_says_so_instead_of_a_text(own_world: World) -> None:
    editor = Editor(own_world, "Unpaid")
    answer = editor.open()
    assert answer.status_code == 409
    assert "textarea" not in answer.text
    assert "suspended" in answer.text


@pytest.mark.parametrize(
    "permissions", [["file.read-content"], ["file.read-content", "file.update", "file.read"]], ids=str
)
def test_without_the_permission_that_writing_needs_the_text_is_read_only(permissions: list[str], world: World) -> None:
    editor = share(world, *permissions)
    editor.put(TEXT)
    page = editor.open().text
    assert shown_in(page) == TEXT.decode()
    assert is_read_only(page)
    assert "file.create" in page
    assert "hx-post" not in page
    assert "data-save>" not in page


@pytest.mark.parametrize("permissions", [["file.read"], ["file.create", "file.update", "file.delete"], []], ids=str)
@pytest.mark.parametrize("path", ["edit", "edit/text", "versions", "versions/1", "versions/1/compared"])
def test_without_the_permission_to_read_contents_nothing_is_shown(
    path: str, permissions: list[str], world: World
) -> None:
    editor = share(world, *permissions)
    editor.put(TEXT)
    world.calls()
    for now in ({}, {"now": 1}):
        answer = editor.browser.get(f"{editor.root}/{path}", query_string={"file": FILE, **now}, headers=HTMX)
        assert answer.status_code == 403
        assert "A server" not in answer.text
    assert world.calls() == []


@pytest.mark.parametrize("file", ["../secret", "/a/../../b", "", "/", "/a\0b"])
def test_what_is_no_path_of_a_file_is_not_asked_for(file: str, own_world: World) -> None:
    editor = Editor(own_world)
    own_world.calls()
    assert editor.open(file).status_code == 404
    assert own_world.calls() == []


@pytest.mark.parametrize(
    "name",
    ["a b.txt", "#1.txt", "100%.txt", "%2e%2e", "quote's \".txt", "ü€\N{GRINNING FACE}.txt", "\u202egnp.txt",
     "back\\slash.txt", " lead and trail ", "a&b=c?d+e.txt", "line\nbreak.txt", "<b>.txt"],
)  # fmt: skip
def test_every_name_can_be_opened_and_saved(name: str, own_world: World) -> None:
    editor = Editor(own_world)
    file = f"/odd/{name}"
    editor.put(TEXT, file)
    page = editor.open(file)
    assert shown_in(page.text) == TEXT.decode()
    assert editor.send("mine\n", base_in(page.text), file).status_code == 200
    assert editor.bytes(file) == b"mine\n"
    assert [entry.name for entry in editor.disk.listed("/odd")] == [name]
