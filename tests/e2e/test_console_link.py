"""The console's connection: it comes back by itself, goes on where it was, and says in words how it is."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.e2e.conftest import DESKTOP, OpenPage
from tests.e2e.relay import STREAM, Relay, log, open_console, stop_time, texts, wait_for, wait_for_hellos
from tests.e2e.stand import Stand

NAME = "Lobby"


@pytest.fixture
def relay(page: Page, site: Stand) -> Relay:
    """A phone at a console that is live."""
    return open_console(page, site, NAME)


@pytest.fixture
def timeless(page: Page, site: Stand) -> Relay:
    """The same, and time stands still in the page: what happens there is of no timer's doing."""
    page.clock.install()
    relay = open_console(page, site, NAME)
    stop_time(page)
    return relay


def line_hash(text: str) -> int:
    """As the relay counts it (docs/console.md)."""
    value = 0x811C9DC5
    for letter in text:
        value = (value ^ ord(letter)) * 0x01000193 % 2**32
    return value


def phase(page: Page, word: str) -> None:
    expect(page.locator("[data-console]")).to_have_attribute("data-phase", word)


def expect_to_wait(page: Page, seconds: str = r"\d+") -> None:
    """The page is lost, and tries again later."""
    phase(page, "lost")
    expect(page.locator("[data-wait]")).to_have_text(re.compile(rf"^Trying again in {seconds} s\.$"))


def let_it_try(page: Page, relay: Relay, until: int) -> None:
    """Time goes by until a page that is lost and refused has said hello so often; each wait is twice the one before."""
    for number in range(len(relay.hellos) + 1, until + 1):
        expect_to_wait(page)
        page.clock.run_for(1250 * 2 ** (number - 2))
        wait_for_hellos(page, relay, number)


def link(page: Page) -> Locator:
    return page.locator(".console-bar .link")


def test_a_new_page_asks_for_everything(relay: Relay, page: Page) -> None:
    assert relay.hellos == [None]
    expect(link(page).get_by_role("status")).to_have_text("Live")
    expect(link(page).locator("button, a").locator("visible=true")).to_have_count(0)


def test_the_page_goes_on_where_it_was(relay: Relay, page: Page) -> None:
    sent = [f"\x1b[32mline\x1b[m {number} ü😀" for number in range(70)]
    relay.lines(*sent[:40], None, *sent[40:])
    expect(log(page)).to_contain_text("line 69")
    relay.close(1011, "Something went wrong.")
    wait_for_hellos(page, relay, 2)
    place = relay.hellos[1]
    assert (place["stream"], place["next"]) == (STREAM, 72)
    assert place["tail"] == [line_hash(one) for one in sent[-50:]]
    phase(page, "live")
    relay.lines("after", "the end")
    expect(log(page)).to_contain_text("the end")
    assert len(texts(page)) == 73
    assert texts(page)[-3:] == ["line 69 ü😀", "after", "the end"]


def test_lines_that_the_page_has_are_not_shown_again(relay: Relay, page: Page) -> None:
    relay.lines("one", "two", "three")
    relay.say(**{"from": 2, "lines": ["two", "three", "four"]})
    relay.say(**{"from": 1, "lines": ["one"]})
    relay.say(**{"from": 5, "lines": ["five"]})
    expect(log(page)).to_contain_text("five")
    assert texts(page) == ["one", "two", "three", "four", "five"]


def test_another_stream_is_taken_over(relay: Relay, page: Page) -> None:
    """Another process found the place by the lines; its numbers are others."""
    relay.lines("one", "two")
    expect(log(page)).to_contain_text("two")
    relay.stream = "ffff0000"
    relay.close(1011)
    wait_for_hellos(page, relay, 2)
    relay.say(**{"from": 900, "lines": ["three"]})
    expect(log(page)).to_contain_text("three")
    assert texts(page) == ["one", "two", "three"]
    relay.close(1011)
    wait_for_hellos(page, relay, 3)
    assert (relay.hellos[2]["stream"], relay.hellos[2]["next"]) == ("ffff0000", 901)


def test_a_cut_before_the_new_stream_said_anything_keeps_the_old_place(relay: Relay, page: Page) -> None:
    relay.lines("one", "two")
    expect(log(page)).to_contain_text("two")
    relay.stream = "ffff0000"
    relay.close(1011)
    wait_for_hellos(page, relay, 2)
    relay.close(1011)
    wait_for_hellos(page, relay, 3)
    assert (relay.hellos[2]["stream"], relay.hellos[2]["next"]) == (STREAM, 3)


def test_lost_is_said_with_the_time_until_the_next_try(timeless: Relay, page: Page) -> None:
    relay = timeless
    relay.refuses = (1013, "There is no room for another console just now.")
    relay.close(1013, "There is no room for another console just now.")
    phase(page, "lost")
    expect(link(page)).to_contain_text("There is no room for another console just now.")
    let_it_try(page, relay, 4)
    expect_to_wait(page, "([6-9]|10)")
    page.clock.run_for(3000)
    expect_to_wait(page, "[3-7]")
    relay.refuses = None
    page.get_by_role("button", name="Try now").tap()
    phase(page, "live")
    expect(page.get_by_role("button", name="Try now")).to_be_hidden()


def test_the_countdown_is_not_read_aloud(timeless: Relay, page: Page) -> None:
    timeless.close(1011)
    phase(page, "lost")
    said = link(page).get_by_role("status")
    expect(said).to_have_text("The connection to this portal is lost.")
    expect(said.locator("[data-wait]")).to_have_count(0)
    expect(link(page).locator("[data-wait]")).not_to_have_attribute("role", "status")


def test_what_the_relay_says_of_the_node_stands_there(relay: Relay, page: Page) -> None:
    said = "The node refuses connections from this portal."
    relay.say(link={"phase": "lost", "cause": "origin", "said": said, "retry_in_s": 1000})
    phase(page, "lost")
    expect(link(page)).to_contain_text(said)
    expect(link(page)).to_contain_text(re.compile(r"Trying again in (1000|9\d\d) s\."))
    relay.say(link={"phase": "connecting"})
    relay.say(link={"phase": "live"})
    expect(link(page).get_by_role("status")).to_have_text("Live")
    relay.say(link={"phase": "renewing"})
    expect(link(page).locator("[data-wait]")).to_have_text("renewing access")
    expect(link(page).get_by_role("status")).to_have_text("Live")
    relay.say(link={"phase": "over", "cause": "tired", "said": "Ten minutes of trying were in vain."})
    phase(page, "over")
    expect(link(page)).to_contain_text("Ten minutes of trying were in vain.")
    page.get_by_role("button", name="Try now").tap()
    phase(page, "live")
    assert len(relay.hellos) == 2


@pytest.mark.parametrize(
    ("code", "offered", "not_offered"),
    [
        (4401, "Sign in", "Try now"), (4403, "Your servers", "Try now"), (4404, "Your servers", "Sign in"),
        (4400, "Try now", "Sign in"), (4429, "Try now", "Your servers"), (1009, "Try now", "Sign in"),
    ],
)  # fmt: skip
def test_some_ends_are_for_good(relay: Relay, page: Page, code: int, offered: str, not_offered: str) -> None:
    page.clock.install()
    relay.close(code, "This is why.")
    phase(page, "over")
    expect(link(page)).to_contain_text("This is why.")
    expect(link(page).locator("button, a").locator("visible=true")).to_have_text(offered)
    expect(link(page).get_by_text(not_offered)).to_be_hidden()
    page.clock.fast_forward(120_000)
    page.evaluate("dispatchEvent(new Event('online'))")
    page.clock.run_for(1000)
    assert len(relay.hellos) == 1
    if code == 4401:
        expect(link(page).get_by_role("link", name="Sign in")).to_have_attribute(
            "href", re.compile("/login.*next=/servers/")
        )


@pytest.mark.parametrize(("code", "first", "then"), [(4410, 0, 500), (1012, 1_900, 10_500), (4409, 29_000, 2_000)])
def test_some_ends_have_their_own_time(timeless: Relay, page: Page, code: int, first: int, then: int) -> None:
    """Rights that changed: at once. A restart: after 2 to 12 s. A state without a console: after 30 s."""
    timeless.close(code, "why")
    phase(page, "lost")
    if first:
        page.clock.run_for(first)
        expect_to_wait(page)
        assert len(timeless.hellos) == 1
    page.clock.run_for(then)
    wait_for_hellos(page, timeless, 2)
    phase(page, "live")


def test_rights_that_change_again_and_again_do_not_spin(timeless: Relay, page: Page) -> None:
    timeless.refuses = (4410, "again")
    timeless.close(4410, "again")
    phase(page, "lost")
    page.clock.run_for(200)
    wait_for_hellos(page, timeless, 2)
    expect_to_wait(page)
    page.clock.run_for(1400)
    expect_to_wait(page)
    assert len(timeless.hellos) == 2


def test_25_s_of_silence_are_a_lost_connection(timeless: Relay, page: Page) -> None:
    page.clock.run_for(20_000)
    timeless.say(beat=1, may_command=False)
    expect(page.get_by_role("textbox", name="Command")).to_be_hidden()  # so the beat has come
    page.clock.run_for(20_000)
    phase(page, "live")
    page.clock.run_for(5_100)  # it waits 0.75 s at least
    expect_to_wait(page)
    page.clock.run_for(1_250)
    wait_for_hellos(page, timeless, 2)


def test_the_network_coming_back_is_not_waited_for(timeless: Relay, page: Page) -> None:
    timeless.refuses = (1011, "")
    page.evaluate("dispatchEvent(new Event('offline'))")
    let_it_try(page, timeless, 4)
    expect_to_wait(page)
    timeless.refuses = None
    page.evaluate("dispatchEvent(new Event('online'))")
    phase(page, "live")


def test_frames_that_make_no_sense_harm_nothing(relay: Relay, page: Page) -> None:
    relay.sockets[-1].send("{not json")
    relay.sockets[-1].send("{}")
    relay.say(**{"from": "x", "lines": 7})
    relay.say(nobody="knows", beat=1)
    relay.lines("still there")
    expect(log(page)).to_contain_text("still there")
    phase(page, "live")


def test_leaving_the_page_ends_the_socket(open_page: OpenPage, site: Stand) -> None:
    page = open_page(site, "owner", viewport=DESKTOP)
    relay = open_console(page, site, NAME)
    ended: list[int | None] = []
    relay.sockets[0].on_close(lambda code, reason: ended.append(code))
    page.goto(f"/servers/{site.server(NAME)}")
    wait_for(page, ended)
