"""Searching names through folders: in steps that ask little, within limits that are said, never out of its folder."""

from __future__ import annotations

import re
from html import unescape

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from portal.demo.link import Fault
from portal.files import searching
from portal.files.paths import BadPath
from portal.pterodactyl import errors
from tests.conftest import World
from tests.files.acting import SERVER, disk, fill, root
from tests.servers.support import HTMX

FIELD = re.compile(r'<input type="hidden" name="([^"]*)" value="([^"]*)"')


@pytest.fixture
def tree(own_world: World) -> World:
    """Some folders with something in them, in a server of which nothing else is known."""
    fill(
        own_world, "top/a.JAR", "top/x/b.jar", "top/x/y/c.jar", "top/x/y/other.txt", "top/z/jar.txt", "elsewhere/d.jar"
    )
    own_world.browser("owner").get(f"/servers/{own_world.server(SERVER)}")
    own_world.calls()
    return own_world


def found(text: str) -> list[str]:
    return [unescape(one) for one in re.findall(r'<a class="name[^>]*>.*?<bdi>(.*?)</bdi>', text)]


def fields(text: str) -> list[tuple[str, str]]:
    return [(name, unescape(value)) for name, value in FIELD.findall(text) if name != "csrf_token"]


def go_on(world: World, browser: FlaskClient, text: str, **more: str) -> TestResponse:
    """Send the form that stands in an answer."""
    data: dict[str, list[str]] = {}
    for name, value in [*fields(text), *more.items()]:
        data.setdefault(name, []).append(value)
    return browser.post(f"{root(world)}/search", data=data, headers=HTMX)


def searched(world: World, directory: str, text: str) -> tuple[list[str], str]:
    """All that a search finds, and its last answer."""
    browser, finds = world.browser("owner"), list[str]()
    answer = browser.get(f"{root(world)}/search", query_string={"directory": directory, "q": text}).text
    for _step in range(80):
        if 'hx-trigger="submit, load' not in answer:
            return finds, answer
        answer = go_on(world, browser, answer).text
        finds += found(answer)
    raise AssertionError("the search does not end")


def test_the_page_itself_asks_nothing(tree: World) -> None:
    text = tree.browser("owner").get(f"{root(tree)}/search?directory=/top&q=jar").text
    assert tree.calls() == []
    assert 'hx-trigger="submit, load delay:0s"' in text


def test_the_nearest_are_found_first_however_they_are_written(tree: World) -> None:
    finds, last = searched(tree, "/top", "JAR")
    assert finds == ["a.JAR", "b.jar", "jar.txt", "c.jar"]
    assert "Everything was looked at" in last
    assert "4 found in 4 folders" in last


@pytest.mark.parametrize(("text", "finds"), [
    ("*.jar", ["a.JAR", "b.jar", "c.jar"]), ("?.jar", ["a.JAR", "b.jar", "c.jar"]), ("other", ["other.txt"]),
    ("o*", ["other.txt"]), ("y", ["y"]), ("[a-z]", []), ("zzz", []),
])  # fmt: skip
def test_a_pattern_is_of_the_whole_name(tree: World, text: str, finds: list[str]) -> None:
    assert searched(tree, "/top", text)[0] == finds


def test_each_step_makes_at_most_eight_calls(tree: World) -> None:
    fill(tree, *(f"wide/{number}/x.txt" for number in range(20)))
    browser = tree.browser("owner")
    answer = browser.get(f"{root(tree)}/search?directory=/wide&q=x").text
    steps = []
    while 'hx-trigger="submit, load' in answer:
        answer = go_on(tree, browser, answer).text
        steps.append(len([one for one in tree.calls() if one.endswith("/files/list")]))
    assert steps == [8, 8, 5]


def test_a_step_ends_after_three_seconds(tree: World, monkeypatch: pytest.MonkeyPatch) -> None:
    fill(tree, *(f"wide/{number}/x.txt" for number in range(20)))
    read = searching._entries

    def slowly(*args: object) -> object:
        tree.clock.advance(2)
        return read(*args)  # type: ignore[arg-type]

    monkeypatch.setattr(searching, "_entries", slowly)
    answer = go_on(
        tree, tree.browser("owner"), tree.browser("owner").get(f"{root(tree)}/search?directory=/wide&q=x").text
    )
    assert "in 2 folders" in answer.text


def test_links_are_not_followed(tree: World) -> None:
    disk(tree).link("/top/round", "../top")
    assert searched(tree, "/top", "jar")[0] == ["a.JAR", "b.jar", "jar.txt", "c.jar"]


def test_a_search_can_be_stopped_and_go_on(tree: World) -> None:
    fill(tree, *(f"wide/{number}/x.txt" for number in range(20)))
    browser = tree.browser("owner")
    first = go_on(tree, browser, browser.get(f"{root(tree)}/search?directory=/wide&q=x").text).text
    tree.calls()
    stopped = go_on(tree, browser, first, stop="1").text
    assert tree.calls() == []
    assert "Stopped." in stopped
    assert "load delay" not in stopped
    assert found(stopped) == []
    again = go_on(tree, browser, stopped).text
    assert "16 folders" in again


def test_the_limit_of_folders_is_said(tree: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(searching, "MOST_FOLDERS", 10)
    fill(tree, *(f"wide/{number:02}/x.txt" for number in range(20)))
    finds, last = searched(tree, "/wide", "x")
    assert len(finds) == 9
    assert "There is more" in last


def test_the_limit_of_levels_is_said(tree: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(searching, "DEEPEST", 2)
    fill(tree, "deep/1/2/3/x.txt", "deep/1/2/x.txt")
    finds, last = searched(tree, "/deep", "x.txt")
    assert finds == ["x.txt"]
    assert "There is more" in last


def test_the_limit_of_finds_is_said(tree: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(searching, "MOST_HITS", 3)
    finds, last = searched(tree, "/top", "*")
    assert len(finds) == 3
    assert "It ends at 3 finds" in last


def test_what_waits_fits_into_a_form(tree: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(searching, "MOST_BYTES", 200)
    fill(tree, *(f"wide/{number:02}{'n' * 20}/x.txt" for number in range(20)))
    finds, last = searched(tree, "/wide", "x.txt")
    assert 0 < len(finds) < 20
    assert "There is more" in last


def test_a_folder_that_cannot_be_read_is_counted_and_hides_nothing(tree: World) -> None:
    browser = tree.browser("owner")
    first = go_on(
        tree, browser, browser.get(f"{root(tree)}/search?directory=/top&q=jar").text, open="%2Ftop%2Fgone"
    ).text
    assert found(first) == ["a.JAR", "b.jar", "jar.txt", "c.jar"]
    assert "1 could not be read" in first


def test_a_node_that_fails_ends_it_with_why(tree: World) -> None:
    browser = tree.browser("owner")
    page = browser.get(f"{root(tree)}/search?directory=/top&q=jar").text
    tree.demo.link.fault_everywhere = Fault.NOTHING_LISTENS
    answer = go_on(tree, browser, page).text
    assert "It cannot go on" in answer
    assert "load delay" not in answer
    assert "Everything was looked at" not in answer
    tree.demo.link.fault_everywhere = None
    assert found(go_on(tree, browser, answer).text) == ["a.JAR", "b.jar", "jar.txt", "c.jar"]


def test_a_spent_budget_pauses_it_and_says_for_how_long(tree: World, monkeypatch: pytest.MonkeyPatch) -> None:
    browser = tree.browser("owner")
    page = browser.get(f"{root(tree)}/search?directory=/top&q=jar").text
    read, asked = searching._entries, list[str]()

    def once(viewer: object, opened: object, directory: str) -> object:
        asked.append(directory)
        if len(asked) == 2:
            raise errors.Busy("spent", retry_after_s=20.0, local=True)
        return read(viewer, opened, directory)  # type: ignore[arg-type]

    monkeypatch.setattr(searching, "_entries", once)
    answer = go_on(tree, browser, page).text
    assert "goes on in 21 s" in answer
    assert "load delay:21s" in answer
    assert found(answer) == ["a.JAR"]
    assert found(go_on(tree, browser, answer).text) == ["b.jar", "jar.txt", "c.jar"]


def test_a_search_leaves_calls_for_pages(service_world: World) -> None:
    """One person's search with the key of all uses up its own share; the same person's folder still opens."""
    fill(service_world, *(f"wide/{number}/x.txt" for number in range(120)))
    service_world.browser("owner").get(f"/servers/{service_world.server(SERVER)}")
    browser = service_world.browser("owner")
    answer = browser.get(f"{root(service_world)}/search?directory=/wide&q=x").text
    for _step in range(40):
        answer = go_on(service_world, browser, answer).text
        if "No more may be asked" in answer:
            break
    assert "No more may be asked" in answer
    assert "x.txt" in browser.get(f"{root(service_world)}/list?directory=/wide/7", headers=HTMX).text


@pytest.mark.parametrize("path", ["/elsewhere", "/topped", "/top/../elsewhere", "/", "%ff"])
def test_no_search_is_led_out_of_its_folder(tree: World, path: str) -> None:
    data = {"directory": "/top", "q": "x", "open": path}
    assert tree.browser("owner").post(f"{root(tree)}/search", data=data).status_code == 422
    assert not [one for one in tree.calls() if "files/list" in one]


def test_below_the_uppermost_folder_is_everything() -> None:
    assert searching.carried("/", "x", ["%2Fa", "/"], (0, 0, 0), is_cut=False).waiting == ("/a", "/")
    with pytest.raises(BadPath):
        searching.carried("/", "x", ["/a/../.."], (0, 0, 0), is_cut=False)


def test_without_script_each_step_is_a_page(tree: World) -> None:
    fill(tree, *(f"wide/{number}/x.txt" for number in range(20)))
    browser = tree.browser("owner")
    page = browser.get(f"{root(tree)}/search?directory=/wide&q=x").text
    refresh = re.search(r'http-equiv="refresh" content="0; url=([^"]*)"', page)
    assert refresh
    first = browser.get(unescape(refresh[1])).text
    assert len(found(first)) == 7
    assert 'http-equiv="refresh"' not in first
    form = re.search(r'<form id="searching".*?</form>', first, re.DOTALL)
    assert form
    data: dict[str, list[str]] = {}
    for name, value in fields(form[0]):
        data.setdefault(name, []).append(value)
    second = browser.post(f"{root(tree)}/search", data=data).text
    assert "<!doctype html>" in second
    assert len(found(second)) == 8
