"""Every name that a file may have: it is listed, read, renamed and deleted by who only clicks; none leads outside."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest

from portal.files.paths import packed
from portal.files.showing import visible
from tests.conftest import World
from tests.files.acting import SERVER, disk, held, root
from tests.files.clicking import Clicker, Page, in_line

TEXT = b"what is in it\n"
NAMES = {
    "blanks": "with two  blanks.txt", "blank at the start": " first.txt", "blank at the end": "last.txt ",
    "hash": "a#b.txt", "question mark": "why?.txt", "of a query": "a&b=c;d+e.txt", "percent": "100%.txt",
    "dot encoded": "%2e.txt", "dots encoded": "%2e%2e", "way out encoded": "%2e%2e%2foutside.txt",
    "twice encoded": "%252e%252e%252foutside.txt", "cut encoding": "%2", "no utf-8 encoded": "%ff%fe.txt",
    "quotes": "it's \"quoted\" `so`.txt", "markup": "<b>bold &amp; &lt;.txt", "template": "{{ 7*7 }}.txt",
    "line break": "two\nlines.txt", "break of Windows": "two\r\nlines.txt", "return": "a\rb.txt", "tab": "a\tb.txt",
    "break at the end": "end.txt\n", "escape": "\x1b[31mred.txt", "deleted": "\x7f.txt",
    "emoji": "\U0001f409 \u2764\ufe0f.txt",
    "right to left": "\u05e9\u05dc\u05d5\u05dd.txt", "turned around": "\u202egnp.exe", "not seen": "a\u200bb.txt",
    "two letters as one": "e\u0301.txt", "long": "n" * 251 + ".txt", "long in bytes": "\u00e4" * 125 + "n.txt",
    "backslashes": "..\\..\\outside.txt", "three dots": "...", "dots and a blank": ".. ", "blank and dots": " ..",
    "hidden": ".hidden", "like an option": "-rf", "pattern": "*.txt", "drive": "C:", "only a blank": " ",
    "wide dots": "\uff0e\uff0e", "wide slash": "..\uff0foutside.txt",
}  # fmt: skip
OUTSIDE = "this lies outside"
WAYS_OUT = (
    "..", "../", "/..", "/../", "../outside.txt", "/../outside.txt", "../../outside.txt", "a/../../outside.txt",
    "/a/b/../../../outside.txt", "./../outside.txt", "//..//outside.txt", "..\\outside.txt", "%2e%2e/outside.txt",
    "..%2foutside.txt", "%2e%2e%2foutside.txt", "%252e%252e%252foutside.txt", "..%c0%afoutside.txt", "..;/outside.txt",
    "....//outside.txt", ".. /outside.txt", "\uff0e\uff0e/outside.txt", "..\uff0foutside.txt", "..\0/outside.txt",
    "/etc/passwd", "file:///etc/passwd", "~/outside.txt", "leads-out/outside.txt",
)  # fmt: skip


def shown(name: str) -> str:
    """What a page says for a name."""
    return in_line(visible(name))


def entry_of(click: Clicker, listed: Page, name: str) -> Page:
    """The page of everything that can be done with a file, by the link in its row."""
    return click.follow(listed, f"More: {shown(name)}" if shown(name) else "More:")


@pytest.mark.parametrize("name", NAMES.values(), ids=NAMES)
def test_a_file_is_listed_read_renamed_and_deleted(own_world: World, name: str) -> None:
    disk(own_world).write(f"/box/{name}", [TEXT])
    disk(own_world).write("/box/beside.txt", [b"another\n"])
    click = Clicker(own_world.browser("owner"))

    listed = click.open(f"{root(own_world)}?directory=/box")
    entry = entry_of(click, listed, name)
    assert shown(name) in entry.text
    assert TEXT.decode().strip() in click.follow(entry, "Edit").text
    assert click.follow(entry, "Download").answer.data == TEXT
    renamed = click.send(click.follow(entry, "Rename"), "/rename", new_name="plain.txt")
    assert "is now called plain.txt" in renamed.text
    assert held(own_world, "/box") == {"plain.txt", "beside.txt"}

    disk(own_world).rename("/box/plain.txt", f"/box/{name}")
    listed = click.open(f"{root(own_world)}?directory=/box&now=1")
    deleted = click.send(click.follow(entry_of(click, listed, name), "Delete"), "/delete")
    assert "was deleted" in deleted.text
    assert held(own_world, "/box") == {"beside.txt"}


@pytest.mark.parametrize("name", NAMES.values(), ids=NAMES)
def test_a_folder_is_opened_and_what_is_in_it_acted_on(own_world: World, name: str) -> None:
    disk(own_world).write(f"/{name}/inner.txt", [TEXT])
    click = Clicker(own_world.browser("owner"))

    page = click.open(root(own_world))
    folder = click.follow(page, shown(name)) if shown(name) else click.open(_address(page, name))
    entry = entry_of(click, folder, "inner.txt")
    assert click.follow(entry, "Download").answer.data == TEXT
    click.send(click.follow(entry, "Rename"), "/rename", new_name="other.txt")
    assert held(own_world, f"/{name}") == {"other.txt"}
    folder = click.open(folder.address)
    click.send(click.follow(entry_of(click, folder, "other.txt"), "Delete"), "/delete")
    assert held(own_world, f"/{name}") == set()


def _address(page: Page, name: str) -> str:
    """Of the folder whose name shows nothing: there are no words to click."""
    found = [str(one.get("href")) for one in page.tree.iter("a")]
    (address,) = [one for one in found if "directory=" in one and one.endswith(packed(name))]
    return address


@pytest.fixture
def guarded(own_world: World) -> Path:
    """A file beside the server's own folder, and a link to there that somebody made by other means."""
    inside = disk(own_world).root
    outside = inside.parent / "outside.txt"
    outside.write_text(OUTSIDE)
    (inside / "leads-out").symlink_to("..")
    (inside / "a/b").mkdir(parents=True)
    (inside / "mine.txt").write_text("mine")
    return outside


def asked_paths(world: World) -> list[str]:
    """Every text in addresses and bodies of what was asked of the panel."""
    found: list[str] = []
    for request in world.adapter.requests:
        parts = urlsplit(request.url or "")
        found += [value for _, value in parse_qsl(parts.query)]
        if request.headers.get("Content-Type") == "application/json":
            found += _texts(json.loads(request.body or b"null"))
    return found


def _texts(value: Any) -> list[str]:
    if isinstance(value, str):
        return [value]
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return [text for one in inner for text in _texts(one)]


READS = ("", "/list", "/entry", "/search", "/edit", "/edit/text", "/versions", "/download", "/upload", "/new-folder",
         "/new-file", "/rename", "/move", "/copy", "/delete", "/permissions", "/unarchive", "/pull")  # fmt: skip


@pytest.mark.parametrize("way", WAYS_OUT)
def test_no_address_leads_out(own_world: World, guarded: Path, way: str) -> None:
    browser, before = own_world.browser("owner"), held(own_world)
    for read in READS:
        for fields in ({"directory": way, "file": way, "name": packed(way)}, {"file": way, "name": way}):
            answer = browser.get(f"{root(own_world)}{read}", query_string={**fields, "now": "1", "q": "outside"})
            assert answer.status_code < 500, f"{read} {fields}"
            assert OUTSIDE not in answer.text, f"{read} {fields}"
            answer.close()
    assert not [one for one in asked_paths(own_world) if ".." in one.split("/")]
    assert (guarded.read_text(), held(own_world)) == (OUTSIDE, before)


@pytest.mark.parametrize("way", WAYS_OUT)
def test_no_form_leads_out(own_world: World, guarded: Path, way: str) -> None:
    browser, around = own_world.browser("owner"), sorted(one.name for one in guarded.parent.iterdir())
    acts: dict[str, dict[str, str]] = {
        "new-folder": {"new_name": way}, "new-file": {"new_name": way}, "rename": {"new_name": way},
        "move": {"target": way}, "copy": {}, "permissions": {"mode": "777"}, "delete": {}, "archive": {},
        "edit": {"file": way, "text": "changed", "base": "0" * 64}, "unarchive": {"file": way},
        "pull": {"url": "https://example.com/x", "filename": way},
    }  # fmt: skip
    for act, fields in acts.items():
        for where in (
            {"directory": way, "name": packed("outside.txt")}, {"in": packed(way), "name": packed("outside.txt")},
            {"directory": "/", "name": packed(way)}, {"directory": "/a", "name": way},
        ):  # fmt: skip
            answer = browser.post(f"{root(own_world)}/{act}", data={**where, **fields})
            assert answer.status_code < 500, f"{act} {where}"
            assert OUTSIDE not in answer.text, f"{act} {where}"
    assert not [one for one in asked_paths(own_world) if ".." in one.split("/")]
    assert guarded.read_text() == OUTSIDE
    assert sorted(one.name for one in guarded.parent.iterdir()) == around


@pytest.mark.parametrize("way", WAYS_OUT)
def test_no_upload_leads_out(own_world: World, guarded: Path, way: str) -> None:
    browser, around = own_world.browser("owner"), sorted(one.name for one in guarded.parent.iterdir())
    for directory, name in ((way, "new.txt"), ("/", way)):
        body = json.dumps([[name, 3]]).encode() + b"\nxyz"
        answer = browser.post(
            f"{root(own_world)}/upload", query_string={"directory": directory, "replace": "1"}, data=body,
            content_type="application/octet-stream", headers={"Accept": "application/json"},
        )  # fmt: skip
        assert answer.status_code < 500, f"{directory} {name}: {answer.text}"
    assert guarded.read_text() == OUTSIDE
    assert sorted(one.name for one in guarded.parent.iterdir()) == around


def test_the_server_of_these_tests_has_an_outside(own_world: World, guarded: Path) -> None:
    """The guard itself: a file there would be seen."""
    assert guarded.parent == disk(own_world).root.parent
    assert (disk(own_world).root / "leads-out/outside.txt").read_text() == OUTSIDE
    assert SERVER not in OUTSIDE
