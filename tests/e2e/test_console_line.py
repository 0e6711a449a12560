"""The command line: over the socket while it is live, else by HTTP; history and suggestions by keys and by touch."""

from __future__ import annotations

import json
import re

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.e2e.conftest import OpenPage
from tests.e2e.relay import Relay, open_console, wait_for_commands, wait_for_hellos
from tests.e2e.stand import Stand

NAME = "Skyblock"


@pytest.fixture
def relay(page: Page, site: Stand) -> Relay:
    """A phone at a console that is live."""
    return open_console(page, site, NAME)


def box(page: Page) -> Locator:
    return page.get_by_role("textbox", name="Command")


def enter(page: Page, *commands: str) -> None:
    for command in commands:
        box(page).fill(command)
        box(page).press("Enter")


def told(page: Page) -> Locator:
    return page.locator("[data-told]")


def kept(page: Page, site: Stand) -> list[str]:
    found: list[str] = page.evaluate(f"JSON.parse(localStorage.getItem('roost.history.{site.server(NAME)}') || '[]')")
    return found


def typed(site: Stand) -> list[str]:
    uuid = next(one.uuid for one in site.demo.world.servers if one.name == NAME)
    return list(site.demo.processes[uuid].commands)


def test_a_command_goes_over_the_socket_only(relay: Relay, page: Page, site: Stand) -> None:
    posts: list[str] = []
    page.on("request", lambda request: posts.append(request.url) if request.method == "POST" else None)
    enter(page, "  say <b>hello</b>  ")
    expect(told(page)).to_have_text("Sent: say <b>hello</b>")
    expect(box(page)).to_have_value("")
    expect(box(page)).to_be_focused()
    assert relay.commands == [{"id": 1, "text": "say <b>hello</b>"}]
    assert posts == []
    enter(page, "   ")
    expect(told(page)).to_have_text("Enter a command.")
    assert len(relay.commands) == 1


def test_one_command_at_a_time_and_in_order(page: Page, site: Stand) -> None:
    relay = open_console(page, site, NAME, answers=False)
    enter(page, "one", "two", "three")
    expect(told(page)).to_have_text("Sending…")
    wait_for_commands(page, relay, "one")
    relay.say(answer={"id": 99, "outcome": "sent"})
    relay.say(answer={"id": 1, "outcome": "sent"})
    expect(told(page)).to_have_text("Sending… 1 more wait.")
    wait_for_commands(page, relay, "one", "two")
    relay.say(answer={"id": 2, "outcome": "sent"})
    wait_for_commands(page, relay, "one", "two", "three")
    relay.say(answer={"id": 3, "outcome": "sent"})
    expect(told(page)).to_have_text("Sent: three")
    assert [one["id"] for one in relay.commands] == [1, 2, 3]


@pytest.mark.parametrize(
    ("outcome", "stays"), [("dropped", True), ("refused", True), ("unknown", False)]
)  # fmt: skip
def test_what_was_not_sent_is_said_and_stays(page: Page, site: Stand, outcome: str, stays: bool) -> None:
    relay = open_console(page, site, NAME, answers=False)
    enter(page, "say hi")
    expect(told(page)).to_have_text("Sending…")
    relay.say(answer={"id": 1, "outcome": outcome, "said": "The server is not running. Start it first."})
    expect(told(page)).to_have_text("The server is not running. Start it first.")
    expect(box(page)).to_have_value("say hi" if stays else "")


def test_a_cut_while_a_command_is_on_its_way(page: Page, site: Stand) -> None:
    relay = open_console(page, site, NAME, answers=False)
    enter(page, "one", "two")
    relay.close(1011)
    expect(told(page)).to_contain_text("Whether the command was run is not known")
    expect(box(page)).to_have_value("two")
    wait_for_hellos(page, relay, 2)
    assert [one["text"] for one in relay.commands] == ["one"]


def test_without_the_socket_the_form_goes_by_http(relay: Relay, page: Page, site: Stand) -> None:
    relay.say(link={"phase": "lost", "cause": "port", "said": "The node does not answer.", "retry_in_s": 60})
    expect(page.locator("[data-console]")).to_have_attribute("data-phase", "lost")
    enter(page, "say by http")
    expect(told(page)).to_have_text("Sent: say by http")
    assert relay.commands == []
    assert typed(site)[-1] == "say by http"
    expect(box(page)).to_have_value("")
    box(page).press("ArrowUp")
    expect(box(page)).to_have_value("say by http")


def test_arrows_walk_the_history_and_keep_the_draft(relay: Relay, page: Page, site: Stand) -> None:
    enter(page, "list", "say a", "say a", "list")
    expect(told(page)).to_have_text("Sent: list")
    assert kept(page, site) == ["list", "say a", "list"]
    box(page).fill("dra")
    for expected in ("list", "say a", "list", "list"):
        box(page).press("ArrowUp")
        expect(box(page)).to_have_value(expected)
    for expected in ("say a", "list", "dra", "dra"):
        box(page).press("ArrowDown")
        expect(box(page)).to_have_value(expected)


def test_fifty_commands_are_kept_for_each_server(relay: Relay, page: Page, site: Stand) -> None:
    key = f"roost.history.{site.server(NAME)}"
    page.evaluate(f"localStorage.setItem('{key}', JSON.stringify([...Array(50).keys()].map(one => `old ${{one}}`)))")
    enter(page, "new")
    expect(told(page)).to_have_text("Sent: new")
    found = kept(page, site)
    assert (len(found), found[0], found[-1]) == (50, "new", "old 48")
    page.goto(f"/servers/{site.server('Lobby')}/console")
    box(page).press("ArrowUp")
    expect(box(page)).to_have_value("")


@pytest.mark.parametrize("nonsense", ["{", "7", '["ok", 7, null]', '{"a": 1}'])
def test_a_history_that_makes_no_sense_is_none(page: Page, site: Stand, nonsense: str) -> None:
    key = json.dumps(f"roost.history.{site.server(NAME)}")
    page.add_init_script(f"localStorage.setItem({key}, {json.dumps(nonsense)})")
    open_console(page, site, NAME)
    box(page).press("ArrowUp")
    expect(box(page)).to_have_value("ok" if "ok" in nonsense else "")


def test_a_suggestion_shows_and_tab_takes_it(relay: Relay, page: Page) -> None:
    enter(page, "whitelist add Åsa", "list")
    box(page).press_sequentially("whi")
    expect(page.locator("[data-ghost]")).to_have_text("whitelist add Åsa")
    box(page).press("Tab")
    expect(box(page)).to_have_value("whitelist add Åsa")
    expect(box(page)).to_be_focused()
    expect(page.locator("[data-ghost]")).to_have_text("")
    box(page).press("Tab")
    expect(box(page)).not_to_be_focused()


def test_escape_puts_a_suggestion_away_so_that_tab_goes_on(relay: Relay, page: Page) -> None:
    enter(page, "list")
    box(page).press_sequentially("li")
    box(page).press("Escape")
    expect(page.locator("[data-ghost]")).to_have_text("")
    box(page).press("Tab")
    expect(box(page)).not_to_be_focused()
    expect(box(page)).to_have_value("li")


def test_keys_for_fingers(relay: Relay, page: Page) -> None:
    expect(page.locator("[data-key=up]")).to_be_hidden()
    enter(page, "say one", "say two")
    for key, expected in (("up", "say two"), ("up", "say one"), ("down", "say two"), ("down", "")):
        page.locator(f"[data-key={key}]").tap()
        expect(box(page)).to_have_value(expected)
        expect(box(page)).to_be_focused()
    box(page).press_sequentially("say o")
    page.locator("[data-key=tab]").tap()
    expect(box(page)).to_have_value("say one")
    page.get_by_role("button", name="Send").tap()
    expect(told(page)).to_have_text("Sent: say one")
    expect(box(page)).to_be_focused()


def test_the_line_is_made_for_a_touch_keyboard(relay: Relay, page: Page) -> None:
    for name, value in (("enterkeyhint", "send"), ("autocapitalize", "none"), ("autocomplete", "off")):
        expect(box(page)).to_have_attribute(name, value)
    expect(box(page)).to_have_attribute("maxlength", "500")


def test_the_line_goes_with_the_permission(relay: Relay, page: Page) -> None:
    expect(box(page)).to_be_visible()
    relay.say(may_command=False)
    expect(box(page)).to_be_hidden()
    expect(page.get_by_text("does not include sending commands")).to_be_visible()
    relay.say(may_command=True)
    expect(box(page)).to_be_visible()


def test_a_relay_that_knows_of_no_permission_hides_the_line(page: Page, site: Stand) -> None:
    open_console(page, site, NAME, may_command=False)
    expect(box(page)).to_be_hidden()


def test_what_the_server_refused_by_http_stays_in_the_line(open_page: OpenPage, site: Stand) -> None:
    from tests.e2e.conftest import watched

    page = open_page(site, "owner")
    watched(page).allow_status(422)
    relay = open_console(page, site, "Retakes", state="offline")
    relay.say(link={"phase": "lost", "said": "Lost."})
    expect(page.locator("[data-console]")).to_have_attribute("data-phase", "lost")
    enter(page, "say nobody hears")
    expect(page.get_by_text("The server is not running")).to_be_visible()
    expect(box(page)).to_have_value("say nobody hears")
    expect(box(page)).to_have_attribute("aria-invalid", "true")
    expect(told(page)).to_have_text(re.compile("^$"))


def test_a_line_that_waits_is_sent_with_one_click(relay: Relay, page: Page) -> None:
    """The keys for fingers come with the focus of the line; they must not move the button away under a finger."""
    box(page).fill("list")
    box(page).blur()
    expect(page.locator("[data-key=up]")).to_be_hidden()
    page.get_by_role("button", name="Send").click()
    expect(told(page)).to_have_text("Sent: list")
