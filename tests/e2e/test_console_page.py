"""The console page in a real browser, against a relay that the test plays: lines, marks, search, tools, connection."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.e2e import walk
from tests.e2e.conftest import DESKTOP, OpenPage
from tests.e2e.relay import Relay, log, open_console, stop_time, texts, wait_for_hellos
from tests.e2e.stand import Stand
from tests.e2e.test_accessibility import findings
from tests.e2e.test_layout import SMALL, WIDER

ESC = "\x1b"
NAME = "Lobby"
CONTRAST = """scheme => {
  const numbers = colour => colour.match(/[\\d.]+/g).map(Number);
  const light = ([r, g, b]) => [r, g, b].map(one => one / 255)
    .map(one => one <= .04045 ? one / 12.92 : ((one + .055) / 1.055) ** 2.4)
    .reduce((sum, one, at) => sum + one * [.2126, .7152, .0722][at], 0);
  const ground = numbers(getComputedStyle(document.querySelector("[data-log]")).backgroundColor);
  return [...document.querySelectorAll(".l span")].map(one => {
    const style = getComputedStyle(one), back = numbers(style.backgroundColor);
    const pair = [light(numbers(style.color)), light(back.length === 4 && back[3] === 0 ? ground : back)];
    pair.sort((a, b) => a - b);
    return [one.textContent, (pair[1] + .05) / (pair[0] + .05)];
  });
}"""


@pytest.fixture
def relay(page: Page, site: Stand) -> Relay:
    """A phone at a console that is live."""
    return open_console(page, site, NAME)


def colour_lines() -> list[str]:
    basic = [f"{ESC}[{code}mc{code}{ESC}[m" for code in (*range(30, 38), *range(90, 98))]
    grounds = [f"{ESC}[{code}mb{code}{ESC}[m" for code in (*range(40, 48), *range(100, 108))]
    same = [f"{ESC}[{code};{code + 10}ms{code}{ESC}[m" for code in range(30, 38)]
    many = [f"{ESC}[38;5;{number}m{number}{ESC}[m" for number in range(256)]
    exact = [f"{ESC}[38;2;{r};{g};{b}mx{ESC}[m" for r in (0, 128, 255) for g in (0, 128, 255) for b in (0, 128, 255)]
    return ["".join(line) for line in (basic, grounds, same, many, exact)]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_colour_can_be_read(open_page: OpenPage, site: Stand, scheme: str) -> None:
    page = open_page(site, "owner", color_scheme=scheme)
    relay = _open(page, site)
    relay.lines(*colour_lines(), f"{ESC}[2mdim{ESC}[22;7minverse{ESC}[0m plain")
    expect(log(page)).to_contain_text("plain")
    found = page.evaluate(CONTRAST, scheme)
    assert len(found) > 320
    assert [one for one in found if one[1] < 4.5] == []


def test_colours_follow_when_light_turns_to_dark(relay: Relay, page: Page) -> None:
    relay.lines(f"{ESC}[31mred{ESC}[m {ESC}[38;2;20;20;60mnavy{ESC}[m end")
    expect(log(page)).to_contain_text("end")
    page.emulate_media(color_scheme="dark")
    assert [one for one in page.evaluate(CONTRAST, "dark") if one[1] < 4.5] == []


def test_styles_of_a_line_end_with_it(relay: Relay, page: Page) -> None:
    relay.lines(f"{ESC}[1mbold{ESC}[22m {ESC}[3mitalic{ESC}[23m {ESC}[4munder{ESC}[24m {ESC}[9mstrike", "next")
    expect(log(page)).to_contain_text("next")
    line = log(page).locator(".l").first
    expect(line).to_have_text("bold italic under strike")
    expect(line.get_by_text("bold")).to_have_css("font-weight", "700")
    expect(line.get_by_text("italic")).to_have_css("font-style", "italic")
    expect(line.get_by_text("under")).to_have_css("text-decoration-line", "underline")
    expect(line.get_by_text("strike")).to_have_css("text-decoration-line", "line-through")
    expect(log(page).locator(".l").nth(1).locator("span")).to_have_count(0)


HOSTILE = {
    "<script>window.harm = 1</script>": "<script>window.harm = 1</script>",
    "<img src=x onerror=harm()>": "<img src=x onerror=harm()>",
    f"{ESC}]8;;javascript:harm()\x07click{ESC}]8;;\x07 me": "click me",
    f"{ESC}]8;;https://evil.example{ESC}\\here{ESC}]8;;{ESC}\\.": "here.",
    f"{ESC}]0;a title\x07titled": "titled",
    f"{ESC}]2;never ended": "",
    f"{ESC}Pq#0;2{ESC}\\dcs": "dcs",
    f"a{ESC}[2J{ESC}[10;10H{ESC}[?25lb{ESC}cd": "abd",
    "\x9b31mc1\x9d0;x\x9cgone": "c1gone",
    "nul\x00 bell\x07 back\x08 del\x7f": "nul bell back del",
    "\u202eevil\u202c \u2066x\u2069": "evil x",
    f"{ESC}[38;5;999mbad {ESC}[38;2mworse {ESC}[;;;m{ESC}[": "bad worse ",
    "10%\r50%\r100%": "100%",
    "javascript:harm() data:text/html,x file:///etc": "javascript:harm() data:text/html,x file:///etc",
    "\ud800 half": "\ud800 half",
}


def test_hostile_lines_are_text(relay: Relay, page: Page) -> None:
    title = page.title()
    relay.lines(*HOSTILE, "the end")
    expect(log(page)).to_contain_text("the end")
    assert texts(page) == [*HOSTILE.values(), "the end"]
    assert page.title() == title
    assert page.evaluate("window.harm") is None
    expect(log(page).locator("script, img, iframe, a")).to_have_count(0)


def test_a_line_of_64_kib_is_shown_whole_and_makes_nothing_wide(relay: Relay, page: Page) -> None:
    relay.lines("x" * 65_536, f"{ESC}[31ma{ESC}[32mb" * 5000, "short")
    expect(log(page)).to_contain_text("short")
    assert [len(one) for one in texts(page)] == [65_536, 10_000, 5]
    assert log(page).locator(".l").nth(1).locator("span").count() <= 500
    assert page.evaluate(WIDER) == []


def test_only_http_links_are_links(relay: Relay, page: Page) -> None:
    relay.lines(
        "see https://example.com/a_(b)?x=1&y=2, (http://example.org/c). ftp://example.com",
        f"{ESC}[34mhttps://example.net/blue{ESC}[m!", "https:// http://", "the end",
    )  # fmt: skip
    expect(log(page)).to_contain_text("the end")
    links = log(page).locator("a")
    assert [one.get_attribute("href") for one in links.all()] == [
        "https://example.com/a_(b)?x=1&y=2", "http://example.org/c", "https://example.net/blue",
    ]  # fmt: skip
    for one in links.all():
        assert one.get_attribute("rel") == "noopener noreferrer nofollow"
        assert one.get_attribute("target") == "_blank"


def test_the_newest_2000_lines_are_kept_through_a_flood(relay: Relay, page: Page) -> None:
    for _ in range(60):
        relay.lines(*(f"{ESC}[32mline{ESC}[m {relay.next + one} of a flood" for one in range(1000)))
    expect(log(page)).to_contain_text("line 60000 of", timeout=60_000)
    found = texts(page)
    numbers = [int(one.split()[1]) for one in found if one.startswith("line")]
    assert len(found) <= 2000
    assert numbers == list(range(60_001 - len(numbers), 60_001))
    assert len(numbers) >= 1999
    page.locator("[data-find]").tap()
    expect(page.locator("[data-search-field]")).to_be_focused()


def test_lines_that_are_never_shown_are_counted(open_page: OpenPage, site: Stand, tmp_path: Path) -> None:
    """Somebody reads further up through a flood: what cannot be kept meanwhile is said where it is missing."""
    page = open_page(site, "owner", viewport=DESKTOP)
    relay = _open(page, site)
    relay.lines(*(f"line {number}" for number in range(1, 1001)))
    relay.next = 1001
    expect(log(page)).to_contain_text("line 1000")
    log(page).evaluate("box => { box.scrollTop = 0; }")
    expect(page.locator("[data-jump]")).to_be_visible()
    for _ in range(8):
        relay.lines(*(f"line {relay.next + one}" for one in range(1000)))
    expect(page.locator("[data-jump]")).to_have_text("8000 new lines · jump to end")
    with page.expect_download() as started:
        page.get_by_role("button", name="Download").click()
    started.value.save_as(tmp_path / "got")
    found = (tmp_path / "got").read_text().splitlines()
    number = 1
    for line in found:
        if line.endswith("went by too fast to be shown"):
            number += int(line.split()[0])
        else:
            assert line == f"line {number}"
            number += 1
    assert number == 9001
    assert len(found) < 9000


def test_reading_further_up_holds_still(relay: Relay, page: Page) -> None:
    relay.lines(*(f"old {number}" for number in range(1500)))
    expect(log(page)).to_contain_text("old 1499")
    expect(page.locator("[data-jump]")).to_be_hidden()
    log(page).evaluate("box => { box.scrollTop = 3000; }")
    expect(page.locator("[data-jump]")).to_have_text("Jump to end")
    where = (
        "box => { const top = box.getBoundingClientRect().top + 20;"
        " const one = [...box.children].find(l => l.getBoundingClientRect().bottom > top);"
        " return [one.textContent, Math.round(one.getBoundingClientRect().top)]; }"
    )
    before = log(page).evaluate(where)
    for _ in range(4):
        relay.lines(*(f"new {relay.next + one}" for one in range(1000)))
    expect(page.locator("[data-jump]")).to_have_text("4000 new lines · jump to end")
    assert log(page).evaluate(where) == before
    assert log(page).locator(".l").count() <= 2000
    page.locator("[data-jump]").tap()
    expect(log(page)).to_contain_text("new 5500")
    expect(page.locator("[data-jump]")).to_be_hidden()
    found = texts(page)
    assert found[-2000:] == [f"new {number}" for number in range(3501, 5501)][-len(found) :]
    expect(log(page).locator(".l").last).to_be_in_viewport()


def test_the_end_is_followed_and_control_end_leads_back(open_page: OpenPage, site: Stand) -> None:
    page = open_page(site, "owner", viewport=DESKTOP)
    relay = _open(page, site)
    relay.lines(*(f"line {number}" for number in range(200)))
    expect(log(page).locator(".l").last).to_be_in_viewport()
    log(page).focus()
    page.keyboard.press("Home")
    expect(page.locator("[data-jump]")).to_be_visible()
    relay.lines("one more")
    expect(page.locator("[data-jump]")).to_have_text("1 new line · jump to end")
    page.keyboard.press("Control+End")
    expect(log(page).locator(".l").last).to_have_text("one more")
    expect(log(page).locator(".l").last).to_be_in_viewport()
    expect(page.locator("[data-jump]")).to_be_hidden()


def test_marks_stand_where_something_is_missing(relay: Relay, page: Page) -> None:
    relay.lines("a", None, "b")
    relay.next += 12
    relay.lines("c", dropped=12)
    relay.next += 1
    relay.lines("d", dropped=1)
    relay.next += 5
    relay.lines("the end")
    expect(log(page)).to_contain_text("the end")
    gap = "Lines may be missing here"
    assert texts(page) == ["a", gap, "b", "12 lines dropped", "c", "1 line dropped", "d", gap, "the end"]
    assert log(page).locator(".mark.gap").count() == 4


def test_states_and_events_are_sentences(relay: Relay, page: Page) -> None:
    relay.say(status=["running", "stopping", "offline"], events=[
        ["daemon message", "Pulling <b>image</b>"], ["daemon error", "no disk"], ["install started", ""],
        ["install completed", ""], ["backup completed", '{"is_successful":false}'], ["backup completed", "nonsense"],
        ["backup restore completed", ""], ["transfer status", "failure"], ["transfer status", "__proto__"],
        ["constructor", "x"], ["toString", ""], ["nobody knows", "this"],
    ])  # fmt: skip
    expect(log(page)).to_contain_text("restore of a backup")
    assert texts(page) == [
        "The server is stopping", "The server is offline", "Node: Pulling <b>image</b>", "Node: no disk",
        "The server is being installed", "The installation is over", "A backup did not work", "A backup is complete",
        "The restore of a backup is over", "Moving the server to another machine did not work",
        "The server is being moved to another machine",
    ]  # fmt: skip


def test_the_state_shows_at_once_and_the_buttons_follow(page: Page, site: Stand) -> None:
    page.clock.install()
    relay = open_console(page, site, NAME)
    badge = page.locator("#live .badge")
    expect(badge).to_have_text("Running", timeout=walk.CHANGE_MS)
    stop_time(page)  # no poll begins by itself
    expect(page.locator(".htmx-request")).to_have_count(0)  # nor is one on its way, that the next would wait for
    relay.say(status=["stopping"])
    expect(badge).to_have_text("Stopping")
    with page.expect_request(re.compile(r"/live\?seen=")):
        page.clock.run_for(300)
    page.clock.resume()
    expect(badge).to_have_text("Stopping")
    expect(badge).to_have_class(re.compile("busy"))


def test_search_finds_counts_and_walks(open_page: OpenPage, site: Stand) -> None:
    page = open_page(site, "owner", viewport=DESKTOP)
    relay = _open(page, site)
    relay.lines(
        *(f"line {number} {ESC}[31mERR{ESC}[mor" if number % 10 == 0 else f"line {number}" for number in range(300))
    )
    expect(log(page)).to_contain_text("line 299")
    log(page).focus()
    page.keyboard.press("Control+f")
    field, count = page.locator("[data-search-field]"), page.locator("[data-search-count]")
    expect(field).to_be_focused()
    field.fill("error")
    expect(count).to_have_text("30 of 30")
    expect(log(page).locator(".current")).to_have_text("line 290 ERRor")
    assert page.evaluate("[...CSS.highlights.get('chosen')].map(String)") == ["ERRor"]
    page.keyboard.press("Shift+Enter")
    expect(count).to_have_text("29 of 30")
    expect(log(page).locator(".current")).to_be_in_viewport()
    page.keyboard.press("Enter")
    page.keyboard.press("Enter")
    expect(count).to_have_text("1 of 30")
    relay.lines("another Error, and one more error")
    expect(count).to_have_text("1 of 32")
    field.fill("[.*")
    expect(count).to_have_text("Nothing found")
    page.keyboard.press("Escape")
    expect(page.locator("[data-search]")).to_be_hidden()
    expect(log(page)).to_be_focused()
    assert page.evaluate("CSS.highlights.get('found').size + CSS.highlights.get('chosen').size") == 0
    assert page.evaluate("scrollY") == 0


def test_search_for_a_letter_that_is_everywhere(relay: Relay, page: Page) -> None:
    relay.lines(*("e" * 100 for _ in range(1900)))
    expect(log(page).locator(".l")).to_have_count(1900)
    page.locator("[data-find]").tap()
    page.locator("[data-search-field]").fill("E")
    expect(page.locator("[data-search-count]")).to_have_text("190000 of 190000")
    assert page.evaluate("CSS.highlights.get('found').size") <= 2000


def test_copy_takes_everything_or_what_is_selected(open_page: OpenPage, site: Stand) -> None:
    page = open_page(site, "owner", viewport=DESKTOP, permissions=["clipboard-read", "clipboard-write"])
    relay = _open(page, site)
    relay.lines(f"{ESC}[31mfirst{ESC}[m line", "second\tline")
    expect(log(page)).to_contain_text("second")
    page.get_by_role("button", name="Copy", exact=True).click()
    expect(page.get_by_text("Copied")).to_be_visible()
    assert page.evaluate("navigator.clipboard.readText()") == "first line\nsecond\tline"
    page.evaluate("""() => { const line = document.querySelector(".l").firstChild.firstChild, range = new Range();
        range.setStart(line, 1); range.setEnd(line, 4);
        getSelection().removeAllRanges(); getSelection().addRange(range); }""")
    page.get_by_role("button", name="Copy", exact=True).click()
    page.wait_for_function("navigator.clipboard.readText().then(text => text === 'irs')")


def test_download_is_the_plain_text(open_page: OpenPage, site: Stand, tmp_path: Path) -> None:
    page = open_page(site, "owner", viewport=DESKTOP)
    relay = _open(page, site)
    relay.lines(f"{ESC}[31mfirst{ESC}[m", None, "zweite Zeile ü")
    expect(log(page)).to_contain_text("zweite")
    with page.expect_download() as started:
        page.get_by_role("button", name="Download").click()
    assert re.fullmatch(r"Lobby-\d{4}-\d\d-\d\d-\d{6}\.log", started.value.suggested_filename)
    started.value.save_as(tmp_path / "got")
    assert (tmp_path / "got").read_text("utf-8") == "first\nLines may be missing here\nzweite Zeile ü\n"


def test_clear_empties_the_view_and_keeps_the_place(relay: Relay, page: Page) -> None:
    relay.lines("one", "two")
    expect(log(page)).to_contain_text("two")
    page.locator("[data-more]").tap()
    page.get_by_role("button", name="Clear the view").tap()
    expect(log(page).locator(".l")).to_have_count(0)
    relay.lines("three")
    expect(log(page)).to_contain_text("three")
    relay.close(1011)
    wait_for_hellos(page, relay, 2)
    assert relay.hellos[1]["next"] == 4
    assert len(relay.hellos[1]["tail"]) == 3


def test_wrap_and_size_are_kept_for_all_consoles(open_page: OpenPage, site: Stand) -> None:
    page = open_page(site, "owner", viewport=DESKTOP)
    relay = _open(page, site)
    relay.lines("w" * 1000, "end")
    expect(log(page)).to_contain_text("end")
    wide = "box => box.scrollWidth > box.clientWidth"
    assert not log(page).evaluate(wide)
    wrap = page.get_by_role("button", name="Wrap long lines")
    expect(wrap).to_have_attribute("aria-pressed", "true")
    wrap.click()
    expect(wrap).to_have_attribute("aria-pressed", "false")
    assert log(page).evaluate(wide)
    small = float(log(page).evaluate("box => parseFloat(getComputedStyle(box).fontSize)"))
    for _ in range(3):
        page.get_by_role("button", name="Larger text").click()
    expect(page.get_by_role("button", name="Larger text")).to_be_disabled()
    large = float(log(page).evaluate("box => parseFloat(getComputedStyle(box).fontSize)"))
    assert large > small
    page.goto(f"/servers/{site.server('Proxy')}/console")
    expect(page.get_by_role("button", name="Wrap long lines")).to_have_attribute("aria-pressed", "false")
    expect(log(page)).to_have_css("font-size", f"{large:g}px")


def test_lines_are_read_aloud_only_when_asked(open_page: OpenPage, site: Stand) -> None:
    page = open_page(site, "owner", viewport=DESKTOP)
    _open(page, site)
    expect(log(page)).to_have_attribute("aria-live", "off")
    page.get_by_role("button", name="Read new lines aloud").click()
    expect(log(page)).to_have_attribute("aria-live", "polite")


@pytest.mark.parametrize("path", ["/console", "/console/window", "several"])
def test_no_serious_finding(open_page: OpenPage, site: Stand, path: str) -> None:
    page = open_page(site, "owner", color_scheme="dark", bypass_csp=True)
    relay = Relay(page)
    server = site.server(NAME)
    page.goto(f"/consoles?s={server}&s={site.server('Proxy')}" if path == "several" else f"/servers/{server}{path}")
    expect(page.locator("[data-phase=live]")).to_have_count(2 if path == "several" else 1)
    relay.lines(*colour_lines(), "https://example.com/", None)
    relay.say(events=[["daemon error", "bad"], ["daemon message", "so"]], status=["stopping"])
    expect(log(page).last).to_contain_text("stopping")
    page.locator("[data-find]").last.tap()
    page.locator("[data-search-field]").last.fill("c3")
    assert findings(page) == []
    page.emulate_media(color_scheme="light")
    assert findings(page) == []


@pytest.mark.parametrize("path", ["/console", "/console/window", "several"])
def test_fits_a_phone(open_page: OpenPage, site: Stand, path: str) -> None:
    page = open_page(site, "owner")
    relay = Relay(page)
    server = site.server(NAME)
    page.goto(f"/consoles?s={server}&s={site.server('Proxy')}" if path == "several" else f"/servers/{server}{path}")
    expect(page.locator("[data-phase=live]").first).to_be_visible()
    relay.lines("w" * 3000, *colour_lines())
    page.locator("[data-more]").first.tap()
    expect(page.locator("[data-download]").first).to_be_visible()
    assert page.evaluate(WIDER) == []
    assert page.evaluate(SMALL) == []


def test_log_and_line_are_in_sight_on_a_phone(relay: Relay, page: Page) -> None:
    expect(log(page)).to_be_in_viewport(ratio=1)
    expect(page.get_by_role("textbox")).to_be_in_viewport(ratio=1)
    assert log(page).evaluate("box => box.clientHeight") >= 240


def test_with_a_touch_keyboard_open_log_line_and_power_stay_in_sight(relay: Relay, page: Page) -> None:
    relay.lines(*(f"line {number}" for number in range(100)))
    expect(page.locator("#live .button").first).to_be_visible(timeout=walk.CHANGE_MS)
    page.get_by_role("textbox").tap()
    page.set_viewport_size({"width": 360, "height": 400})  # what a keyboard leaves
    expect(page.locator("html")).to_have_class(re.compile("typing"))
    for one in (
        page.get_by_role("textbox"),
        page.get_by_role("button", name="Send"),
        page.locator("#live .button").first,
    ):
        expect(one).to_be_in_viewport(ratio=1)
    expect(page.locator("[data-key=up]")).to_be_in_viewport(ratio=1)
    assert log(page).evaluate("box => box.clientHeight") >= 100
    expect(log(page).locator(".l").last).to_be_in_viewport()
    assert page.get_by_role("textbox").evaluate("one => parseFloat(getComputedStyle(one).fontSize)") >= 16
    assert page.evaluate(WIDER) == []
    page.set_viewport_size({"width": 360, "height": 740})
    expect(page.locator("html")).not_to_have_class(re.compile("typing"))


def test_several_consoles_each_have_their_own(open_page: OpenPage, site: Stand) -> None:
    page = open_page(site, "owner", viewport=DESKTOP)
    relay = Relay(page)
    first, second = site.server(NAME), site.server("Proxy")
    page.goto(f"/consoles?s={first}&s={second}")
    expect(page.locator("[data-phase=live]")).to_have_count(2)
    by_server = {one.url.split("/servers/")[1][:8]: one for one in relay.sockets}
    assert set(by_server) == {first, second}
    by_server[first].send('{"from": 1, "lines": ["to the first"]}')
    by_server[second].send('{"from": 1, "lines": ["to the second"], "status": ["offline"]}')
    expect(page.locator(f"#console-{first} [data-log]")).to_have_text("to the first")
    expect(page.locator(f"#console-{second} [data-log]")).to_contain_text("to the second")
    page.locator(f"#console-{second}").get_by_role("textbox").fill("list")
    page.keyboard.press("Enter")
    expect(page.locator(f"#console-{second}").get_by_text("Sent: list")).to_be_visible()
    assert [one["text"] for one in relay.commands] == ["list"]
    expect(page.locator(f"#console-{first}").get_by_text("Sent: list")).to_have_count(0)


def test_servers_are_chosen(open_page: OpenPage, site: Stand) -> None:
    page = open_page(site, "owner", viewport=DESKTOP)
    Relay(page)
    page.goto("/consoles")
    expect(page.locator("[data-console]")).to_have_count(0)
    for name in (NAME, "Proxy"):
        page.get_by_role("checkbox", name=re.compile(f"^{name} ")).check()
    page.get_by_role("button", name="Show").click()
    expect(page.locator("[data-phase=live]")).to_have_count(2)


def test_a_window_of_its_own(open_page: OpenPage, site: Stand) -> None:
    page = open_page(site, "owner", viewport=DESKTOP)
    page.context.route_web_socket("**/console/socket", lambda socket: None)
    _open(page, site)
    with page.expect_popup() as opened:
        page.get_by_role("link", name="Own window").click()
    other = opened.value
    expect(other.get_by_role("heading", name=NAME)).to_be_visible()
    expect(other.locator("header.top, footer")).to_have_count(0)
    expect(other.locator("[data-log]")).to_be_in_viewport(ratio=1)


def test_nothing_printed_by_a_server_that_is_off_offers_to_start_it(page: Page, site: Stand) -> None:
    relay = open_console(page, site, "Retakes", state="offline")
    empty = page.locator("[data-empty]")
    expect(empty).to_contain_text("Nothing printed yet.")
    expect(empty).to_contain_text("The server is offline.")
    expect(empty.get_by_role("button", name="Start the server")).to_be_visible()
    relay.lines("something")
    expect(empty).to_be_hidden()


def test_without_script_there_are_power_a_line_and_the_way_to_the_output(open_page: OpenPage, site: Stand) -> None:
    page = open_page(site, "owner", java_script_enabled=False)
    page.goto(f"/servers/{site.server(NAME)}/console")
    said = page.locator("noscript .band")
    expect(said).to_be_visible()
    expect(said).to_contain_text("Live output needs JavaScript")
    expect(said.locator("a")).to_have_attribute("href", re.compile(f"/server/{site.server(NAME)}$"))
    expect(page.get_by_role("textbox")).to_be_visible()
    expect(
        page.locator("[data-log], [data-find], [data-key=up], [data-download]").locator("visible=true")
    ).to_have_count(0)
    expect(page.locator("#live .button").first).to_be_visible()


def test_a_subuser_without_the_permission_sees_lines_and_no_line_to_type(open_page: OpenPage, site: Stand) -> None:
    page = open_page(site, "subuser")
    relay = open_console(page, site, "Survival SMP", may_command=False)
    relay.lines("visible")
    expect(log(page)).to_contain_text("visible")
    expect(page.get_by_role("textbox")).to_have_count(0)
    expect(page.get_by_text("does not include sending commands")).to_be_visible()


def _open(page: Page, site: Stand) -> Relay:
    return open_console(page, site, NAME)
