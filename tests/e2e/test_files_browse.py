"""The file browser in a real browser: going through folders, selecting, the keyboard, dialogs, searching, a phone."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, Route, expect

from tests.e2e.conftest import DESKTOP, OpenPage, watched
from tests.e2e.relay import wait_for
from tests.e2e.stand import Stand
from tests.e2e.test_accessibility import findings_in_both
from tests.e2e.test_layout import SMALL, WIDER

SERVER = "Terraria Journey"
Fill = Callable[..., str]


@pytest.fixture
def fill(site: Stand, request: pytest.FixtureRequest) -> Fill:
    """Puts files into a folder of the test's own; answers the folder's address."""
    row = next(one for one in site.demo.world.servers if one.name == SERVER)
    disk = site.demo.processes[row.uuid].files
    folder = "/" + re.sub(r"\W+", "-", request.node.name)
    disk.make_folder(folder)

    def make(*names: str) -> str:
        for name in names:
            if name.endswith("/"):
                disk.make_folder(f"{folder}/{name}")
            else:
                disk.write(f"{folder}/{name}", [b"text\n"])
        return f"/servers/{row.identifier}/files?directory={folder}"

    make.disk, make.folder = disk, folder  # type: ignore[attr-defined]
    return make


def names(page: Page) -> list[str]:
    return page.locator("#selection .rows .name bdi").all_text_contents()


def on_node(fill: Fill) -> set[str]:
    return {one.name for one in fill.disk.listed(fill.folder)}  # type: ignore[attr-defined]


def opened(page: Page, address: str) -> None:
    page.goto(address)
    expect(page.locator("#selection .rows li").first).to_be_visible()


def test_folders_open_in_place_and_back_goes_back(open_page: OpenPage, site: Stand, fill: Fill) -> None:
    page = open_page(site, "owner")
    opened(page, fill("inner/deep.txt", "a.txt"))
    page.evaluate("window.isSamePage = true")
    page.get_by_role("link", name="inner", exact=True).click()
    expect(page.get_by_role("link", name="deep.txt", exact=True)).to_be_visible()
    assert page.evaluate("window.isSamePage")
    expect(page).to_have_url(re.compile("/inner$"))
    expect(page).to_have_title(re.compile("^inner"))
    expect(page.locator(".path [aria-current]")).to_have_text("inner")
    page.go_back()
    expect(page.get_by_role("link", name="a.txt", exact=True)).to_be_visible()
    assert names(page) == ["inner", "a.txt"]


def test_a_filter_narrows_while_one_types_and_can_be_shared(open_page: OpenPage, site: Stand, fill: Fill) -> None:
    page = open_page(site, "owner")
    opened(page, fill("one.txt", "two.txt", "three.txt"))
    box = page.get_by_role("searchbox", name="Filter this folder")
    box.press_sequentially("tw")
    expect(page.locator("#selection .rows li")).to_have_count(1)
    expect(box).to_be_focused()
    expect(page).to_have_url(re.compile("q=tw"))
    page.get_by_role("link", name="Size").click()
    expect(page).to_have_url(re.compile("q=tw&sort=size|sort=size&q=tw"))
    page.reload()
    expect(page.locator("#selection .rows li")).to_have_count(1)
    expect(box).to_have_value("tw")


def test_the_order_can_be_chosen(open_page: OpenPage, site: Stand, fill: Fill) -> None:
    page = open_page(site, "owner", viewport=DESKTOP)
    opened(page, fill("file10", "file2", "dir/"))
    assert names(page) == ["dir", "file2", "file10"]
    page.locator(".columns").get_by_role("link", name="Name").click()
    expect(page.locator(".columns [aria-current]")).to_contain_text("falling")
    assert names(page) == ["dir", "file10", "file2"]


def test_thousands_load_as_one_scrolls(open_page: OpenPage, site: Stand, fill: Fill) -> None:
    page = open_page(site, "owner")
    opened(page, fill(*(f"f{number}.txt" for number in range(450))))
    rows = page.locator("#selection .rows li:not(.next)")
    assert rows.count() == 200
    for number in (400, 450):
        page.locator(".next").scroll_into_view_if_needed()
        expect(rows).to_have_count(number)
    assert names(page) == [f"f{number}.txt" for number in range(450)]
    expect(page.locator(".next")).to_have_count(0)


def test_everything_is_selected_also_what_is_not_drawn_but_for_one(
    open_page: OpenPage, site: Stand, fill: Fill
) -> None:
    page = open_page(site, "owner", viewport=DESKTOP)
    opened(page, fill(*(f"f{number}.txt" for number in range(450))))
    page.get_by_role("checkbox", name="Select all 450").click()
    expect(page.locator(".count")).to_have_text("450 of 450 selected")
    page.get_by_role("checkbox", name="f7.txt", exact=True).click()
    expect(page.locator(".count")).to_have_text("449 of 450 selected")
    page.locator(".bulk").get_by_role("button", name="Delete").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("449")
    dialog.get_by_role("button", name="Delete").click()
    expect(page.locator("#notices")).to_contain_text("449")
    expect(page.locator("#selection .rows li")).to_have_count(1)
    assert on_node(fill) == {"f7.txt"}
    expect(page.locator(".bulk")).to_be_hidden()


def test_a_range_is_selected_with_shift(open_page: OpenPage, site: Stand, fill: Fill) -> None:
    page = open_page(site, "owner", viewport=DESKTOP)
    opened(page, fill(*(f"f{number}" for number in range(9))))
    page.get_by_role("checkbox", name="f2").click()
    page.get_by_role("checkbox", name="f6").click(modifiers=["Shift"])
    expect(page.locator(".count")).to_have_text("5 selected")
    page.get_by_role("checkbox", name="f4").click()
    expect(page.locator(".count")).to_have_text("4 selected")
    page.get_by_role("button", name="Select nothing").click()
    expect(page.locator("#selection :checked")).to_have_count(0)
    expect(page.locator(".bulk")).to_be_hidden()


def test_what_is_selected_outlives_a_new_list_and_not_another_folder(
    open_page: OpenPage, site: Stand, fill: Fill
) -> None:
    page = open_page(site, "owner", viewport=DESKTOP)
    opened(page, fill("a", "b", "c", "inner/x"))
    for name in ("a", "c"):
        page.get_by_role("checkbox", name=name, exact=True).click()
    fill.disk.delete(f"{fill.folder}/c")  # type: ignore[attr-defined]
    page.evaluate("htmx.trigger(document.body, 'files-changed')")
    expect(page.get_by_role("checkbox", name="c", exact=True)).to_have_count(0)
    expect(page.locator(".count")).to_have_text("1 selected")
    expect(page.get_by_role("checkbox", name="a", exact=True)).to_be_checked()
    page.get_by_role("link", name="inner", exact=True).click()
    expect(page.get_by_role("checkbox", name="x", exact=True)).not_to_be_checked()
    expect(page.locator(".bulk")).to_be_hidden()


def test_a_list_that_is_read_again_is_as_long_as_before(open_page: OpenPage, site: Stand, fill: Fill) -> None:
    page = open_page(site, "owner")
    opened(page, fill(*(f"f{number}.txt" for number in range(450))))
    page.locator(".next").scroll_into_view_if_needed()
    rows = page.locator("#selection .rows li:not(.next)")
    expect(rows).to_have_count(400)
    with page.expect_response(lambda answer: "upto=1" in answer.url):
        page.evaluate("htmx.trigger(document.body, 'files-changed')")
    expect(page.locator("#files.htmx-request")).to_have_count(0)
    assert rows.count() >= 400


def test_everything_works_by_keyboard(open_page: OpenPage, site: Stand, fill: Fill) -> None:
    page = open_page(site, "owner", viewport=DESKTOP)
    opened(page, fill("a.txt", "b.txt", "c.txt", "d.txt", "inner/x"))
    press = page.keyboard.press
    for _step in range(3):
        press("ArrowDown")
    expect(page.get_by_role("link", name="b.txt", exact=True)).to_be_focused()
    press(" ")
    press("Shift+ArrowDown")
    expect(page.locator(".count")).to_have_text("2 selected")
    press("Control+a")
    expect(page.locator(".count")).to_have_text("5 selected")
    press("Escape")
    expect(page.locator(".bulk")).to_be_hidden()
    press("F2")
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_role("textbox")).to_have_value("c.txt")
    dialog.get_by_role("textbox").fill("renamed.txt")
    press("Enter")
    expect(page.get_by_role("link", name="renamed.txt", exact=True)).to_be_focused()
    expect(dialog).to_be_hidden()
    assert "renamed.txt" in on_node(fill)
    page.get_by_role("link", name="d.txt", exact=True).focus()
    press("Delete")
    expect(dialog.get_by_text("d.txt", exact=True)).to_be_visible()
    press("Escape")
    expect(dialog).to_be_hidden()
    press("Escape")
    press("Home")
    press("Enter")
    expect(page.get_by_role("link", name="x", exact=True)).to_be_visible()
    press("Backspace")
    expect(page.get_by_role("link", name="a.txt", exact=True)).to_be_visible()
    press("/")
    expect(page.get_by_role("searchbox")).to_be_focused()
    page.keyboard.insert_text("b.")
    expect(page.locator("#selection .rows li")).to_have_count(1)


def test_the_focus_is_where_it_was_after_a_change(open_page: OpenPage, site: Stand, fill: Fill) -> None:
    page = open_page(site, "owner", viewport=DESKTOP)
    opened(page, fill("a", "b", "c"))
    page.get_by_role("link", name="b", exact=True).focus()
    page.keyboard.press("Delete")
    page.get_by_role("dialog").get_by_role("button", name="Delete").click()
    expect(page.locator("#selection .rows li")).to_have_count(2)
    expect(page.get_by_role("link", name="c", exact=True)).to_be_focused()


def test_a_change_elsewhere_does_not_stop_what_is_being_done(open_page: OpenPage, site: Stand, fill: Fill) -> None:
    """An upload that ends reads the list anew, just while the question of another act is on its way."""
    page = open_page(site, "owner", viewport=DESKTOP)
    opened(page, fill("a", "b"))
    page.get_by_role("checkbox", name="a", exact=True).click()
    page.evaluate("document.querySelector('[data-delete]').click(); htmx.trigger(document.body, 'files-changed')")
    expect(page.get_by_role("dialog")).to_contain_text("Delete")


def test_a_new_folder_is_made_from_the_menu(open_page: OpenPage, site: Stand, fill: Fill) -> None:
    page = open_page(site, "owner")
    opened(page, fill("a"))
    page.locator(".menu.new summary").click()
    page.get_by_role("link", name="New folder").click()
    page.get_by_role("dialog").get_by_role("textbox").fill("fresh")
    page.get_by_role("dialog").get_by_role("textbox").press("Enter")
    expect(page.get_by_role("link", name="fresh", exact=True)).to_be_visible()
    expect(page.locator(".menu.new")).not_to_have_attribute("open", "")
    assert on_node(fill) == {"a", "fresh"}


def test_the_dialog_of_a_file_leads_on_to_other_dialogs(open_page: OpenPage, site: Stand, fill: Fill) -> None:
    page = open_page(site, "owner")
    opened(page, fill("notes.txt"))
    page.get_by_role("link", name="More: notes.txt").click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_role("heading")).to_have_text("notes.txt")
    dialog.get_by_role("link", name="Rename").click()
    expect(dialog.get_by_role("textbox")).to_have_value("notes.txt")
    expect(dialog).to_be_visible()
    dialog.get_by_role("textbox").fill("better.txt")
    dialog.get_by_role("textbox").press("Enter")
    expect(page.get_by_role("link", name="better.txt", exact=True)).to_be_visible()
    expect(dialog).to_be_hidden()


def test_a_search_goes_on_by_itself_and_can_be_stopped(open_page: OpenPage, site: Stand, fill: Fill) -> None:
    page = open_page(site, "owner")
    address = fill(*(f"{number:02}/needle.txt" for number in range(20)))
    page.goto(address.replace("/files?", "/files/search?"))
    sent: list[str] = []

    def one_step(route: Route) -> None:
        """After the first one nothing goes on before Stop is pressed, which takes the place of what is on its way."""
        form = route.request.post_data or ""
        if not sent or any("stop=1" in one for one in (form, *sent)):
            sent.append(form)
            route.continue_()

    page.route("**/files/search", one_step)
    page.get_by_role("searchbox").fill("needle")
    page.get_by_role("button", name="Search", exact=True).click()
    expect(page.locator("#hits li")).not_to_have_count(0)
    page.get_by_role("button", name="Stop").click()
    expect(page.locator("#searching")).to_contain_text("Stopped")
    count = page.locator("#hits li").count()
    assert 0 < count < 20
    page.get_by_role("button", name="Search on").click()
    expect(page.locator("#searching")).to_contain_text("Everything was looked at")
    expect(page.locator("#hits li")).to_have_count(20)
    page.locator(".path").get_by_role("link").last.click()
    expect(page.get_by_role("link", name="00", exact=True)).to_be_visible()


def test_everything_can_be_reached_without_script(open_page: OpenPage, site: Stand, fill: Fill) -> None:
    page = open_page(site, "owner", java_script_enabled=False)
    page.goto(fill("inner/x.txt", *(f"f{number}.txt" for number in range(210))))
    expect(page.locator("#selection .rows li").first).to_be_visible()
    page.get_by_role("link", name="Show the next").click()
    expect(page.get_by_role("link", name="f209.txt", exact=True)).to_be_visible()
    page.get_by_role("link", name="More: f209.txt").click()
    expect(page.get_by_role("heading", name="f209.txt")).to_be_visible()
    page.get_by_role("link", name="Back to the folder").click()
    page.get_by_role("searchbox").fill("f20")
    page.get_by_role("button", name="Filter").click()
    expect(page.locator("#selection .rows li")).to_have_count(11)
    page.get_by_role("checkbox", name="f200.txt").check()
    page.locator(".bulk").get_by_role("button", name="Delete").click()
    expect(page.locator("main")).to_contain_text("This cannot be undone")
    page.locator("main").get_by_role("button", name="Delete").click()
    expect(page.locator("main")).to_contain_text("f200.txt: was deleted.")
    assert "f200.txt" not in on_node(fill)


def test_a_failed_read_can_be_tried_again(open_page: OpenPage, own_site: Stand) -> None:
    page = open_page(own_site, "owner")
    own_site.kill_node("fra-1")
    page.goto(f"/servers/{own_site.server('Lobby')}/files")
    expect(page.get_by_role("alert")).to_contain_text("could not be read")
    own_site.revive_node("fra-1")
    page.get_by_role("link", name="Try again").click()
    expect(page.get_by_role("link", name="eula.txt", exact=True)).to_be_visible()


LONG = "a-name-that-goes-on-and-on-without-a-single-blank-in-it-" * 3 + ".txt"


@pytest.mark.parametrize("where", ["list", "selected", "entry", "search", "gone", "empty"])
def test_each_state_fits_a_phone_and_can_be_used_by_everybody(
    open_page: OpenPage, site: Stand, fill: Fill, where: str
) -> None:
    page = open_page(site, "owner", color_scheme="dark", bypass_csp=True)
    address = fill(LONG, "world.zip", "folder/x.txt", "\u202egnp.exe", "two\nlines", " blank ")
    if where == "search":
        page.goto(address.replace("/files?", "/files/search?") + "&q=e")
        expect(page.locator("#searching")).to_contain_text("Everything was looked at")
    elif where in ("gone", "empty"):
        if where == "empty":
            fill("hollow/")
        watched(page).allow_status(404)
        page.goto(f"{address}/{'hollow' if where == 'empty' else 'nowhere'}")
        expect(page.locator(".empty")).to_be_visible()
    else:
        opened(page, address)
    if where == "selected":
        page.get_by_role("checkbox", name="world.zip").click()
        expect(page.locator(".bulk")).to_be_visible()
    if where == "entry":
        page.get_by_role("link", name="More: world.zip").click()
        expect(page.get_by_role("dialog")).to_be_visible()
    expect(page.locator(".htmx-request")).to_have_count(0)  # the list is paler while it is read
    assert page.evaluate(WIDER) == []
    assert page.evaluate(SMALL) == []
    assert findings_in_both(page) == []


@pytest.mark.parametrize(
    ("act", "where"), [("Rename", "new_name"), ("Move", "target"), ("Permissions", "mode"), ("Delete", "")]
)
def test_a_question_that_another_led_to_has_the_focus(
    open_page: OpenPage, site: Stand, fill: Fill, act: str, where: str
) -> None:
    page = open_page(site, "owner", viewport=DESKTOP)
    opened(page, fill("notes.txt"))
    page.get_by_role("link", name="More: notes.txt").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("link", name=act, exact=True).click()
    focused = dialog.locator(f"[name={where}]") if where else dialog.locator(".act")
    expect(focused).to_be_focused()


def test_f2_renames_the_row_that_is_looked_at_and_else_the_only_one_selected(
    open_page: OpenPage, site: Stand, fill: Fill
) -> None:
    page = open_page(site, "owner", viewport=DESKTOP)
    opened(page, fill("a.txt", "c.txt"))
    page.get_by_role("checkbox", name="a.txt").click()
    page.get_by_role("link", name="c.txt", exact=True).focus()
    page.keyboard.press("F2")
    field = page.get_by_role("dialog").get_by_role("textbox")
    expect(field).to_have_value("c.txt")
    page.keyboard.press("Escape")
    page.evaluate("document.activeElement.blur()")
    page.keyboard.press("F2")
    expect(field).to_have_value("a.txt")


def test_a_question_that_is_not_answered_selects_nothing(open_page: OpenPage, site: Stand, fill: Fill) -> None:
    page = open_page(site, "owner", viewport=DESKTOP)
    opened(page, fill("a.txt", "b.txt"))
    page.get_by_role("link", name="b.txt", exact=True).focus()
    page.keyboard.press("Delete")
    expect(page.get_by_role("dialog")).to_contain_text("b.txt")
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_be_hidden()
    expect(page.locator("#selection :checked")).to_have_count(0)
    expect(page.get_by_role("link", name="b.txt", exact=True)).to_be_focused()


@pytest.mark.parametrize("act", ["Archive", "Copy"])
def test_what_was_acted_on_is_selected_no_more(open_page: OpenPage, site: Stand, fill: Fill, act: str) -> None:
    page = open_page(site, "owner", viewport=DESKTOP)
    opened(page, fill("a.txt", "b.txt"))
    for name in ("a.txt", "b.txt"):
        page.get_by_role("checkbox", name=name).click()
    page.locator(".bulk").get_by_role("button", name=act, exact=True).click()
    expect(page.locator("#selection :checked")).to_have_count(0)
    expect(page.locator(".bulk")).to_be_hidden()


def test_what_was_refused_stays_selected(open_page: OpenPage, site: Stand, fill: Fill) -> None:
    page = open_page(site, "owner", viewport=DESKTOP)
    opened(page, fill("a.txt"))
    watched(page).allow_status(422)
    page.get_by_role("checkbox", name="a.txt").click()
    page.locator(".bulk").get_by_role("button", name="Move").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("button", name="Move").click()
    expect(dialog.locator("[aria-invalid=true], .band.bad").first).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator(".count")).to_have_text("1 selected")


RESTING = """async (row, isMoved) => {
  if (isMoved) row.scrollIntoView({ block: 'center' });
  let top = NaN;
  for (let still = 0; still < 10; still += 1) {
    if (top !== row.getBoundingClientRect().top) still = 0;
    top = row.getBoundingClientRect().top;
    await new Promise(requestAnimationFrame);
  }
  return top;
}"""
"""Where a row is once it stays there for ten frames: what is new in view has a guessed height until it is drawn."""


def resting(page: Page, row: str, *, is_moved: bool = False) -> float:
    return float(page.get_by_role("link", name=row, exact=True).evaluate(RESTING, is_moved))


def far_down(page: Page, row: str) -> float:
    """Scrolls to a row of the third part and looks at it; answers where on the screen it is."""
    for number in (400, 450):
        page.locator(".next").scroll_into_view_if_needed()
        expect(page.locator("#selection .rows li:not(.next)")).to_have_count(number)
    return resting(page, row, is_moved=True)


@pytest.mark.parametrize("size", ["phone", "desk"])
@pytest.mark.parametrize("way", ["Back", "Back to the folder"])
def test_the_place_in_a_long_list_is_found_again_after_the_editor(
    open_page: OpenPage, site: Stand, fill: Fill, way: str, size: str
) -> None:
    page = open_page(site, "owner", **({"viewport": DESKTOP} if size == "desk" else {}))
    opened(page, fill(*(f"f{number}{'-long' * (number % 9)}.txt" for number in range(450))))
    row = f"f432{'-long' * (432 % 9)}.txt"
    before = far_down(page, row)
    page.get_by_role("link", name=row, exact=True).click()
    expect(page.locator("#editor:not([aria-busy])")).to_be_visible()
    if way == "Back":
        page.go_back()
    else:
        page.get_by_role("link", name=way).click()
    link = page.get_by_role("link", name=row, exact=True)
    expect(link).to_be_focused()
    expect(page.locator("#selection .rows li:not(.next)")).to_have_count(450)
    assert abs(resting(page, row) - before) < 5


def into_a_folder(page: Page, fill: Fill) -> float:
    """Opens the folder d431 of many; answers where on the screen it was."""
    opened(page, fill(*(f"d{number}/x.txt" for number in range(450))))
    before = far_down(page, "d431")
    page.get_by_role("link", name="d431", exact=True).click()
    expect(page.get_by_role("link", name="x.txt", exact=True)).to_be_visible()
    return before


@pytest.mark.parametrize("way", ["Back", "Backspace"])
def test_the_place_in_a_long_list_is_found_again_after_a_folder_in_it(
    open_page: OpenPage, site: Stand, fill: Fill, way: str
) -> None:
    page = open_page(site, "owner", viewport=DESKTOP)
    before = into_a_folder(page, fill)
    assert page.evaluate("scrollY") < 200
    if way == "Back":
        page.go_back()
    else:
        page.keyboard.press(way)
    expect(page.get_by_role("link", name="d431", exact=True)).to_be_focused()
    assert abs(resting(page, "d431") - before) < 5


def test_the_place_stays_when_the_rest_of_the_page_comes_after_the_list(
    open_page: OpenPage, site: Stand, fill: Fill
) -> None:
    page = open_page(site, "owner", viewport=DESKTOP)
    before = into_a_folder(page, fill)
    held: list[Route] = []
    is_held = True
    page.route("**/icons.svg*", lambda route: held.append(route) if is_held else route.continue_())
    page.go_back(wait_until="commit")
    expect(page.get_by_role("link", name="d431", exact=True)).to_be_focused()
    wait_for(page, held)
    assert page.evaluate("document.readyState") == "interactive"
    is_held = False
    for route in held:
        route.continue_()
    page.wait_for_load_state("load")
    assert abs(resting(page, "d431") - before) < 5


def test_a_list_that_is_opened_anew_begins_at_its_top(open_page: OpenPage, site: Stand, fill: Fill) -> None:
    page = open_page(site, "owner", viewport=DESKTOP)
    address = fill(*(f"f{number}.txt" for number in range(450)))
    opened(page, address)
    far_down(page, "f432.txt")
    page.goto("/")
    opened(page, address)
    expect(page.locator("#selection .rows li:not(.next)")).to_have_count(200)
    assert page.evaluate("scrollY") == 0


def test_the_way_back_to_a_folder_keeps_filter_and_order(open_page: OpenPage, site: Stand, fill: Fill) -> None:
    page = open_page(site, "owner", viewport=DESKTOP)
    opened(page, fill("a1.txt", "a2.txt", "b.txt"))
    page.get_by_role("searchbox", name="Filter this folder").fill("a")
    expect(page.locator("#selection .rows li")).to_have_count(2)
    page.locator(".columns").get_by_role("link", name="Name").click()
    expect(page.locator(".columns [aria-current]")).to_contain_text("falling")
    page.get_by_role("link", name="a2.txt", exact=True).click()
    page.get_by_role("link", name="Back to the folder").click()
    expect(page.get_by_role("link", name="a2.txt", exact=True)).to_be_focused()
    assert names(page) == ["a2.txt", "a1.txt"]
    expect(page.get_by_role("searchbox", name="Filter this folder")).to_have_value("a")
    expect(page).to_have_url(re.compile(r"directory=/[^?]*&q=a&desc=1$"))
    page.reload()
    expect(page.locator("#selection .rows li")).to_have_count(2)
    assert names(page) == ["a2.txt", "a1.txt"]


def test_a_renamed_file_is_looked_at_wherever_it_is_now(open_page: OpenPage, site: Stand, fill: Fill) -> None:
    page = open_page(site, "owner")
    opened(page, fill(*(f"f{number}.txt" for number in range(450))))
    page.get_by_role("link", name="More: f3.txt").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("link", name="Rename").click()
    dialog.get_by_role("textbox").fill("f440-new.txt")
    dialog.get_by_role("textbox").press("Enter")
    link = page.get_by_role("link", name="f440-new.txt", exact=True)
    expect(link).to_be_focused()
    expect(link).to_be_in_viewport()


def test_what_is_new_is_looked_at(open_page: OpenPage, site: Stand, fill: Fill) -> None:
    page = open_page(site, "owner", viewport=DESKTOP)
    opened(page, fill("a.txt", "z.txt"))
    page.locator(".menu.new summary").click()
    page.get_by_role("link", name="New file").click()
    page.get_by_role("dialog").get_by_role("textbox").fill("m & n.txt")
    page.keyboard.press("Enter")
    expect(page.get_by_role("link", name="m & n.txt", exact=True)).to_be_focused()


def test_after_many_were_deleted_the_next_that_is_left_is_looked_at(
    open_page: OpenPage, site: Stand, fill: Fill
) -> None:
    page = open_page(site, "owner", viewport=DESKTOP)
    opened(page, fill(*(f"f{number}" for number in range(9))))
    page.get_by_role("checkbox", name="f2").click()
    page.get_by_role("checkbox", name="f5").click(modifiers=["Shift"])
    page.keyboard.press("Delete")
    page.get_by_role("dialog").get_by_role("button", name="Delete").click()
    expect(page.locator("#selection .rows li")).to_have_count(5)
    expect(page.get_by_role("link", name="f6", exact=True)).to_be_focused()


@pytest.mark.parametrize(
    ("name", "stem"), [("a.b.txt", "a.b"), ("world.tar.gz", "world"), ("README", "README"), (".env", ".env")]
)
def test_renaming_selects_what_comes_before_the_ending(
    open_page: OpenPage, site: Stand, fill: Fill, name: str, stem: str
) -> None:
    page = open_page(site, "owner", viewport=DESKTOP)
    opened(page, fill(name))
    page.get_by_role("link", name=name, exact=True).focus()
    page.keyboard.press("F2")
    expect(page.get_by_role("dialog").get_by_role("textbox")).to_be_focused()
    assert page.evaluate("getSelection().toString()") == stem


def test_a_change_that_runs_says_so_and_what_closes_the_dialog_does_not_say_cancel(
    open_page: OpenPage, site: Stand, fill: Fill
) -> None:
    page = open_page(site, "owner", viewport=DESKTOP)
    opened(page, fill("a.txt", "b.txt"))
    page.get_by_role("link", name="a.txt", exact=True).focus()
    page.keyboard.press("F2")
    dialog = page.get_by_role("dialog")
    held: list[Route] = []
    watched(page).allow_status(422)

    def hold(route: Route) -> None:
        held.append(route)

    page.route("**/files/rename", hold)
    dialog.get_by_role("textbox").fill("b.txt")
    dialog.get_by_role("button", name="Rename").click()
    expect(dialog.get_by_role("button", name="Working…")).to_be_disabled()
    expect(dialog.get_by_role("link", name="Close")).to_be_visible()
    assert dialog.get_by_text("Cancel").count() == 0
    wait_for(page, held)
    held[0].continue_()
    expect(dialog.get_by_role("button", name="Rename")).to_be_enabled()
    expect(dialog.get_by_role("link", name="Cancel")).to_be_visible()
    expect(dialog.get_by_role("textbox")).to_be_focused()


@pytest.mark.parametrize("column", ["Size", "Changed"])
def test_the_largest_and_the_newest_come_first(open_page: OpenPage, site: Stand, fill: Fill, column: str) -> None:
    page = open_page(site, "owner", viewport=DESKTOP)
    address = fill()
    disk, folder = fill.disk, fill.folder  # type: ignore[attr-defined]
    for number, name in enumerate("abc"):
        disk.write(f"{folder}/{name}", [b"x" * (number + 1)])
    opened(page, address)
    page.locator(".columns").get_by_role("link", name=column).click()
    expect(page.locator(".columns [aria-current]")).to_contain_text("falling")
    if column == "Size":
        assert names(page) == ["c", "b", "a"]
    page.locator(".columns").get_by_role("link", name=column).click()
    expect(page.locator(".columns [aria-current]")).to_contain_text("rising")


def test_a_notice_stays_until_it_is_closed_or_another_folder_is_opened(
    open_page: OpenPage, site: Stand, fill: Fill
) -> None:
    page = open_page(site, "owner")
    opened(page, fill(*(f"dir-{number:02}/" for number in range(14)), "a.txt"))
    notice = page.locator("#notices .band")
    for leave in (notice.get_by_role("button", name="Close"), page.get_by_role("link", name="dir-03", exact=True)):
        page.get_by_label("Select all").check()
        page.locator(".bulk").get_by_role("button", name="Copy").click()
        expect(notice).to_contain_text("14 not done: Folders cannot be copied.")
        expect(notice).to_be_in_viewport()
        assert notice.bounding_box()["height"] < 0.5 * page.viewport_size["height"]  # type: ignore[index]
        button = notice.get_by_role("button", name="Close").bounding_box()
        assert button
        assert min(button["width"], button["height"]) >= 44
        leave.click()
        expect(notice).to_have_count(0)


def test_a_list_without_boxes_is_gone_through_by_keyboard(open_page: OpenPage, site: Stand) -> None:
    page = open_page(site, "subuser", viewport=DESKTOP)
    opened(page, f"/servers/{site.server('The Factory')}/files")
    assert page.get_by_role("checkbox").count() == 0
    page.locator("#selection .name").first.focus()
    for key in ("ArrowDown", "Space", "Shift+ArrowDown", "Control+a", "F2", "Delete", "Home", "End"):
        page.keyboard.press(key)
    expect(page.locator("#selection .name").last).to_be_focused()
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("directory="))
