"""The editor in a browser: writing, finding, saving, what is not saved, conflicts, versions, and what it is without."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Dialog, Page, expect

from tests.e2e import editor, walk
from tests.e2e.conftest import DESKTOP, OpenPage, watched
from tests.e2e.editor import SERVER, at_end_of, expect_colours, held, open_file, put, said, save, written
from tests.e2e.stand import Stand
from tests.e2e.test_accessibility import findings_in_both
from tests.e2e.test_files_work import slow

PROPERTIES = "#Minecraft server properties\nallow-flight=false\nmotd=A Minecraft Server\nmax-players=20\n"


@pytest.fixture
def desk(open_page: OpenPage, site: Stand) -> Page:
    """The owner at a desk."""
    return open_page(site, "owner", viewport=DESKTOP)


def conflict(page: Page, stand: Stand, file: str) -> None:
    """Somebody else changes a file while mine is being changed; saving it says so."""
    put(stand, file, "a: 1\nb: 2\n")
    open_file(page, stand, file)
    at_end_of(page, "b: 2")
    page.keyboard.insert_text("0 # mine")
    put(stand, file, "a: 100 # theirs\nb: 2\n")
    watched(page).allow_status(409)
    page.keyboard.press("Control+s")
    expect(page.locator("#told")).to_contain_text("changed the file since you opened it")
    assert held(stand, file) == b"a: 100 # theirs\nb: 2\n"
    expect(said(page)).to_have_text("Not saved")


def test_on_a_phone_one_line_of_server_properties_is_fixed(page: Page, site: Stand) -> None:
    put(site, "/phone/server.properties", PROPERTIES.replace("\n", "\r\n"))
    open_file(page, site, "/phone/server.properties")
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    page.locator(".cm-line").filter(has_text="max-players").tap()
    page.keyboard.press("End")
    page.keyboard.press("Backspace")
    page.keyboard.press("Backspace")
    page.keyboard.type("64")
    expect(said(page)).to_have_text("Not saved yet")
    page.get_by_role("button", name="Save", exact=True).tap()
    expect(said(page)).to_contain_text("Saved")
    assert held(site, "/phone/server.properties") == PROPERTIES.replace("20", "64").replace("\n", "\r\n").encode()


def test_above_a_touch_keyboard_text_and_save_are_in_reach(page: Page, site: Stand) -> None:
    put(site, "/phone/keys.properties", PROPERTIES)
    open_file(page, site, "/phone/keys.properties")
    page.locator(".cm-line").filter(has_text="max-players").tap()
    page.set_viewport_size({"width": 360, "height": 420})
    expect(page.locator("html.typing")).to_have_count(1)
    expect(page.get_by_role("button", name="Save", exact=True)).to_be_in_viewport(ratio=1)
    expect(page.locator(".cm-line").filter(has_text="max-players")).to_be_in_viewport(ratio=1)
    assert page.locator(".editor").bounding_box() == {"x": 0, "y": 0, "width": 360, "height": 420}
    assert page.evaluate("document.elementFromPoint(180, 10).closest('.editor') !== null"), "something lies over it"
    page.keyboard.insert_text("1")
    expect(said(page)).to_be_in_viewport(ratio=1)
    size = page.locator(".cm-content").evaluate("one => parseFloat(getComputedStyle(one).fontSize)")
    assert size >= 16, "a phone zooms into smaller letters"
    page.locator(".cm-content").evaluate("one => one.blur()")
    expect(page.locator("html.typing")).to_have_count(0)
    box = page.locator(".editor").bounding_box()
    assert box is not None
    assert box["y"] > 100


def test_ctrl_s_saves_and_keeps_cursor_and_undo(desk: Page, site: Stand) -> None:
    put(site, "/desk/config.yml", "a: 1\nb:\n  c: 2\n")
    open_file(desk, site, "/desk/config.yml")
    at_end_of(desk, "c: 2")
    desk.keyboard.type("0\nd: 3")
    save(desk)
    assert held(site, "/desk/config.yml") == b"a: 1\nb:\n  c: 20\n  d: 3\n"
    desk.keyboard.type("4")
    expect(said(desk)).to_have_text("Not saved yet")
    save(desk)
    assert held(site, "/desk/config.yml") == b"a: 1\nb:\n  c: 20\n  d: 34\n"
    for _ in range(6):
        desk.keyboard.press("Control+z")
    expect(desk.locator(".cm-content")).not_to_contain_text("d: 3")
    save(desk)
    assert held(site, "/desk/config.yml") == b"a: 1\nb:\n  c: 2\n"


def test_what_is_typed_while_a_save_is_under_way_stays_unsaved(desk: Page, site: Stand) -> None:
    put(site, "/desk/slow.txt", "one\n")
    open_file(desk, site, "/desk/slow.txt")
    at_end_of(desk, "one")
    desk.keyboard.type(" two")
    with slow(site, "*/files/write"):
        desk.keyboard.press("Control+s")
        expect(said(desk)).to_have_text("Saving…")
        desk.keyboard.type(" three")
    expect(said(desk)).to_have_text("Not saved yet", timeout=editor.LOADED_MS)
    assert held(site, "/desk/slow.txt") == b"one two\n"
    save(desk)
    assert held(site, "/desk/slow.txt") == b"one two three\n"


def test_when_the_session_ends_the_text_stays_and_is_saved_after_signing_in(
    own_site: Stand, open_page: OpenPage
) -> None:
    page = open_page(own_site, "owner", viewport=DESKTOP)
    watched(page).allow_status(401)
    put(own_site, "/session.txt", "text\n")
    open_file(page, own_site, "/session.txt")
    at_end_of(page, "text")
    page.keyboard.type(" more")
    own_site.end_sessions()
    page.keyboard.press("Control+s")
    expect(page.locator("#told")).to_contain_text("Your session has ended")
    page.keyboard.press("Control+s")
    expect(said(page)).to_have_text("Not saved")
    with page.expect_popup() as opened:
        page.get_by_role("link", name="Sign in again").click()
    walk.sign_in(opened.value, "owner")
    expect(opened.value.get_by_role("heading", name="Servers")).to_be_visible()
    assert held(own_site, "/session.txt") == b"text\n"
    page.bring_to_front()
    save(page)
    assert held(own_site, "/session.txt") == b"text more\n"


def test_when_the_connection_is_lost_the_text_stays_and_is_saved_later(desk: Page, site: Stand) -> None:
    put(site, "/desk/lost.txt", "text\n")
    open_file(desk, site, "/desk/lost.txt")
    at_end_of(desk, "text")
    desk.keyboard.type(" more")
    watched(desk).allow("ERR_INTERNET_DISCONNECTED", "htmx:sendError", "htmx:afterRequest")
    desk.context.set_offline(True)
    desk.keyboard.press("Control+s")
    expect(said(desk)).to_have_text("Not saved")
    expect(desk.locator("#offline")).to_be_visible()
    desk.context.set_offline(False)
    save(desk)
    assert held(site, "/desk/lost.txt") == b"text more\n"


def test_find_and_replace_by_hand_and_in_all(desk: Page, site: Stand) -> None:
    put(site, "/desk/find.txt", "cat dog cat\nCat bird\ncat99\n")
    open_file(desk, site, "/desk/find.txt")
    desk.keyboard.press("Control+f")
    desk.keyboard.type("cat")
    count = desk.locator("[data-find-count]")
    expect(count).to_have_text("1 of 4")
    desk.keyboard.press("Enter")
    expect(count).to_have_text("2 of 4")
    desk.get_by_role("button", name="Capital letters matter").click()
    expect(count).to_have_text("2 of 3")
    desk.get_by_role("textbox", name="Replace with").fill("cow")
    desk.get_by_role("button", name="Replace", exact=True).click()
    desk.get_by_role("button", name="Search by pattern").click()
    desk.get_by_role("searchbox", name="Find").fill(r"cat(\d*)$")
    expect(count).to_have_text("1 of 1")
    desk.get_by_role("textbox", name="Replace with").fill("ox$1")
    desk.get_by_role("button", name="Replace all").click()
    expect(count).to_have_text("Not found")
    assert written(desk) == "cat dog cow\nCat bird\nox99\n"
    desk.get_by_role("searchbox", name="Find").fill("(")
    expect(count).to_have_text("Not a valid pattern")
    desk.keyboard.press("Escape")
    expect(desk.locator("[data-find-bar]")).to_be_hidden()
    save(desk)
    assert held(site, "/desk/find.txt") == b"cat dog cow\nCat bird\nox99\n"


def test_enter_in_the_search_does_not_save(desk: Page, site: Stand) -> None:
    put(site, "/desk/enter.txt", "word\nword\n")
    open_file(desk, site, "/desk/enter.txt")
    desk.locator(".cm-content").click()
    desk.keyboard.type("more")
    desk.keyboard.press("Control+h")
    expect(desk.get_by_role("searchbox", name="Find")).to_be_focused()
    desk.keyboard.type("word")
    desk.keyboard.press("Enter")
    desk.get_by_role("textbox", name="Replace with").press("Enter")
    expect(said(desk)).to_have_text("Not saved yet")
    assert held(site, "/desk/enter.txt") == b"word\nword\n"


def test_a_link_asks_before_unsaved_text_is_left(desk: Page, site: Stand) -> None:
    put(site, "/desk/leave.txt", "text\n")
    open_file(desk, site, "/desk/leave.txt")
    here = desk.url
    desk.locator(".cm-content").click()
    desk.keyboard.type("x")
    desk.get_by_role("link", name="Console").click()
    dialog = desk.get_by_role("dialog")
    expect(dialog.get_by_role("heading", name="Leave without saving?")).to_be_visible()
    dialog.get_by_role("button", name="Stay here").click()
    expect(dialog).to_be_hidden()
    assert desk.url == here
    desk.get_by_role("link", name="Overview").click()
    dialog.get_by_role("button", name="Leave without saving").click()
    desk.wait_for_url("**/servers/" + site.server(SERVER))
    assert held(site, "/desk/leave.txt") == b"text\n"


def test_save_then_leave(desk: Page, site: Stand) -> None:
    put(site, "/desk/then.txt", "text\n")
    open_file(desk, site, "/desk/then.txt")
    desk.locator(".cm-content").click()
    desk.keyboard.press("Control+Home")
    desk.keyboard.type("x")
    desk.get_by_role("link", name="Overview").click()
    desk.get_by_role("dialog").get_by_role("button", name="Save, then leave").click()
    desk.wait_for_url("**/servers/" + site.server(SERVER), timeout=editor.LOADED_MS)
    assert held(site, "/desk/then.txt") == b"xtext\n"


def test_htmx_asks_before_it_swaps_unsaved_text_away(desk: Page, site: Stand) -> None:
    put(site, "/desk/swap.txt", "text\n")
    open_file(desk, site, "/desk/swap.txt")
    desk.keyboard.press("Tab")
    desk.locator(".cm-content").click()
    desk.keyboard.type("x")
    swap = f"htmx.ajax('GET', '{editor.address(site, '/desk/swap.txt').replace('edit?', 'edit/text?')}', '#editor')"
    desk.evaluate(swap + ".catch(() => {}); null")
    dialog = desk.get_by_role("dialog")
    dialog.get_by_role("button", name="Stay here").click()
    expect(desk.locator(".cm-content")).to_contain_text("x")
    desk.evaluate(swap + ".catch(() => {}); null")
    dialog.get_by_role("button", name="Leave without saving").click()
    expect(said(desk)).to_have_text("")
    editor.code(desk)
    assert written(desk) == "text\n"


def test_the_browser_asks_before_unsaved_text_is_closed(desk: Page, site: Stand) -> None:
    put(site, "/desk/close.txt", "text\n")
    open_file(desk, site, "/desk/close.txt")
    asked: list[str] = []

    def answer(dialog: Dialog) -> None:
        asked.append(dialog.type)
        dialog.accept()

    desk.on("dialog", answer)
    desk.locator(".cm-content").click()
    desk.reload()
    assert asked == []
    editor.code(desk).click()
    desk.keyboard.type("x")
    desk.reload()
    assert asked == ["beforeunload"]
    editor.code(desk).click()
    desk.keyboard.type("x")
    save(desk)
    desk.reload()
    editor.code(desk)
    assert asked == ["beforeunload"]


def test_after_a_conflict_mine_is_saved_over_theirs(desk: Page, site: Stand) -> None:
    conflict(desk, site, "/desk/mine.yml")
    expect(desk.locator("#told .diff")).to_contain_text("a: 100 # theirs")
    expect(desk.locator("#told .diff")).to_contain_text("b: 20 # mine")
    desk.get_by_role("button", name="Save mine over it").click()
    expect(said(desk)).to_contain_text("Saved")
    expect(desk.locator("#told .diff")).to_be_hidden()
    assert held(site, "/desk/mine.yml") == b"a: 1\nb: 20 # mine\n"
    at_end_of(desk, "a: 1")
    desk.keyboard.type("1")
    save(desk)
    assert held(site, "/desk/mine.yml") == b"a: 11\nb: 20 # mine\n"


def test_after_a_conflict_theirs_is_taken_and_mine_can_be_undone_to(desk: Page, site: Stand) -> None:
    conflict(desk, site, "/desk/theirs.yml")
    desk.get_by_role("link", name="Take theirs").click()
    expect(desk.locator("#told")).to_be_empty()
    assert written(desk) == "a: 100 # theirs\nb: 2\n"
    expect(said(desk)).to_have_text("")
    at_end_of(desk, "b: 2")
    desk.keyboard.type("2")
    save(desk)
    assert held(site, "/desk/theirs.yml") == b"a: 100 # theirs\nb: 22\n"
    desk.keyboard.press("Control+z")
    desk.keyboard.press("Control+z")
    expect(desk.locator(".cm-content")).to_contain_text("b: 20 # mine")


def test_an_earlier_version_is_put_back(desk: Page, site: Stand) -> None:
    put(site, "/desk/version.yml", "first: 1\n")
    open_file(desk, site, "/desk/version.yml")
    at_end_of(desk, "first")
    desk.keyboard.type("\nsecond: 2")
    save(desk)
    desk.get_by_role("link", name="Earlier versions").click()
    desk.locator(".versions a").last.click()
    expect(desk.locator(".diff")).to_contain_text("second: 2")
    desk.get_by_role("button", name="Put this version back").click()
    expect(desk.get_by_text("holds this version again")).to_be_visible()
    assert held(site, "/desk/version.yml") == b"first: 1\n"


class SharedToRead(Stand):
    """A portal where the subuser may read the texts of one server, but not write them."""

    shared = "Hardcore Week 42"

    def _start(self, **options: Any) -> None:
        row = next(one for one in self.demo.world.servers if one.name == self.shared)
        share = next(one for one in row.subusers if one.user.username == "subuser")
        share.permissions = ["file.read", "file.read-content"]
        super()._start(**options)


@pytest.fixture
def shared_site(_cheap_passwords: None) -> Iterator[SharedToRead]:
    stand = SharedToRead()
    try:
        yield stand
    finally:
        stand.close()


def test_without_the_permission_the_text_is_read_only(shared_site: SharedToRead, open_page: OpenPage) -> None:
    name = shared_site.shared
    put(shared_site, "/read.yml", "a: 1\n", name)
    page = open_page(shared_site, "subuser", viewport=DESKTOP)
    open_file(page, shared_site, "/read.yml", name)
    expect(said(page)).to_have_text("Read only")
    expect(page.get_by_role("button", name="Save")).to_have_count(0)
    page.locator(".cm-content").click()
    page.keyboard.type("x")
    page.keyboard.press("Control+s")
    page.keyboard.press("Control+f")
    page.keyboard.type("a")
    expect(page.locator("[data-find-count]")).to_have_text("1 of 1")
    expect(page.get_by_role("textbox", name="Replace with")).to_have_count(0)
    assert written(page) == "a: 1\n"
    page.get_by_role("link", name="Overview").click()
    page.wait_for_url("**/servers/" + shared_site.server(name))


def test_without_script_it_is_a_plain_text_field(open_page: OpenPage, site: Stand) -> None:
    content = "\n\n\tfirst\n  last without an end"
    put(site, "/desk/plain.txt", content.replace("\n", "\r\n"))
    page = open_page(site, java_script_enabled=False, viewport=DESKTOP)
    page.goto("/")
    walk.sign_in(page, "owner")
    page.goto(editor.address(site, "/desk/plain.txt"))
    field = page.get_by_role("textbox", name="Text of plain.txt")
    expect(field).to_have_value(content)
    expect(page.get_by_role("button", name="Undo")).to_be_hidden()
    field.fill(content + "\nmore")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.locator("#told")).to_contain_text("Saved")
    assert held(site, "/desk/plain.txt") == (content + "\nmore").replace("\n", "\r\n").encode()


def test_when_codemirror_does_not_load_the_text_field_saves_and_warns(desk: Page, site: Stand) -> None:
    put(site, "/desk/broken.txt", "text\n")
    watched(desk).allow("codemirror", "The plain text field stays")
    desk.route("**/vendor/codemirror-*", lambda route: route.fulfill(status=404, body=""))
    watched(desk).allow_status(404)
    desk.goto(editor.address(site, "/desk/broken.txt"))
    field = desk.get_by_role("textbox", name="Text of broken.txt")
    field.fill("other\n")
    expect(said(desk)).to_have_text("Not saved yet")
    desk.get_by_role("link", name="Console").click()
    desk.get_by_role("dialog").get_by_role("button", name="Stay here").click()
    save(desk)
    assert held(site, "/desk/broken.txt") == b"other\n"


def test_only_the_editor_loads_the_bundle_and_no_policy_is_broken(desk: Page, site: Stand) -> None:
    asked: list[str] = []
    desk.on("request", lambda request: asked.append(request.url))
    desk.goto(f"/servers/{site.server(SERVER)}/files")
    expect(desk.locator("#browser")).to_be_visible()
    assert not [url for url in asked if "codemirror" in url]
    put(site, "/desk/policy.json", '{"a": [1, true, "b"]}\n')
    open_file(desk, site, "/desk/policy.json")
    assert len([url for url in asked if "codemirror" in url]) == 1
    assert desk.evaluate("document.querySelector('.code').shadowRoot.querySelectorAll('style').length") == 0
    expect_colours(desk, 3)


@pytest.mark.parametrize(
    ("file", "language"),
    [
        ("server.properties", "properties"), ("Server.INI", "properties"), ("a/paper-global.yml", "yaml"),
        ("config.yaml.bak", "yaml"), ("ops.json", "json"), ("pack.mcmeta", "json"), ("forge.toml", "toml"),
        ("log4j2.xml", "xml"), ("start.sh", "shell"), ("Main.java", "java"), ("events.js", "javascript"),
        ("init.lua", "lua"), ("latest.log", "log"), ("latest.log.1", "log"), ("2026-11-22-1.log", "log"),
        ("eula.txt", ""),
    ],
)  # fmt: skip
def test_the_language_is_known_by_the_name(language_page: Page, file: str, language: str) -> None:
    assert language_page.evaluate("file => roostEditor.nameOf(file, '')", file) == language


@pytest.fixture(scope="module")
def language_page(browser: Browser, site: Stand) -> Iterator[Page]:
    context = browser.new_context(base_url=site.url, storage_state=walk.signed_in_state(browser, site, "owner"))
    page = context.new_page()
    page.goto(editor.address(site, "/any"))
    yield page
    context.close()


def test_every_language_colours_and_none_breaks(desk: Page, site: Stand) -> None:
    texts = {
        "a.properties": "# c\nkey=value\n", "a.ini": "; c\n[part]\nkey = 1\n", "a.yml": "# c\nkey: 'v' # d\n",
        "a.json": '{"key": [1, null, "v"]}\n', "a.toml": '# c\n[part]\nkey = "v"\n',
        "a.xml": "<!-- c -->\n<a b='c'>d</a>\n",
        "a.sh": "#!/bin/sh\nif true; then echo \"$HOME\"; fi # c\n", "a.java": "public class A { int b = 1; } // c\n",
        "a.js": "const a = `b`; // c\n", "a.lua": "local a = 'b' -- c\n",
        "a.log": "[12:00:01] [Server thread/WARN]: x\njava.lang.IllegalStateException: y\n\tat a.b.C(D.java:1)\n",
    }  # fmt: skip
    for file, text in texts.items():
        put(site, f"/languages/{file}", text)
        open_file(desk, site, f"/languages/{file}")
        expect_colours(desk, 2)
        assert written(desk) == text


def test_a_long_file_and_a_long_line_scroll_in_the_editor_only(page: Page, site: Stand) -> None:
    put(site, "/desk/long.txt", "x" * 5000 + "\n" + "line\n" * 20_000)
    open_file(page, site, "/desk/long.txt")
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    page.get_by_role("button", name="Wrap long lines").tap()
    expect(page.get_by_role("button", name="Wrap long lines")).to_have_attribute("aria-pressed", "false")
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    assert page.evaluate("document.documentElement.scrollHeight") < 2000
    assert page.locator(".cm-line").count() < 200
    page.reload()
    editor.code(page)
    expect(page.get_by_role("button", name="Wrap long lines")).to_have_attribute("aria-pressed", "false")


def test_the_tab_key_sets_in_and_escape_lets_it_out(desk: Page, site: Stand) -> None:
    put(site, "/desk/tab.yml", "a:\n    b: 1\n")
    open_file(desk, site, "/desk/tab.yml")
    at_end_of(desk, "b: 1")
    desk.keyboard.press("Enter")
    desk.keyboard.type("c:")
    desk.keyboard.press("Enter")
    desk.keyboard.press("Tab")
    desk.keyboard.type("d: 2")
    assert written(desk) == "a:\n    b: 1\n    c:\n        d: 2\n"
    desk.keyboard.press("Escape")
    desk.keyboard.press("Tab")
    expect(desk.locator(".cm-content")).not_to_be_focused()


def test_no_serious_finding_in_the_editor(open_page: OpenPage, site: Stand) -> None:
    page = open_page(site, "owner", color_scheme="dark", bypass_csp=True)
    conflict(page, site, "/phone/axe.yml")
    page.keyboard.press("Control+f")
    expect(page.locator("[data-find-bar]")).to_be_visible()
    page.get_by_role("searchbox", name="Find").fill("a")
    expect(page.locator("[data-find-count]")).to_have_text(re.compile("of"))
    assert findings_in_both(page) == []
