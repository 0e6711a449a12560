"""The pages with consoles: the page, the window of its own, several on one page; who sees what of them."""

from __future__ import annotations

import json
import re
from html import unescape

import pytest

from tests.conftest import World
from tests.servers.support import HTMX, row_of, see, share_of

NAME = "Survival SMP"
OFFLINE = "Retakes"
PAGES = ("/console", "/console/window")


@pytest.fixture
def world(world: World) -> World:
    """Owner and subuser have looked at their lists."""
    for who in ("owner", "subuser"):
        see(world, who, "/servers?q=none")
    world.calls()
    return world


def path(world: World, tail: str = "/console", name: str = NAME) -> str:
    return f"/servers/{world.server(name)}{tail}"


def roots(page: str) -> list[str]:
    """The identifiers of the consoles on a page."""
    return re.findall(r'data-console data-identifier="([0-9a-z]{8})"', page)


def choices(page: str) -> dict[str, bool]:
    """The servers that a page offers, and whether they are chosen."""
    found = re.findall(r'<input type="checkbox" id="s-[0-9a-z]{8}" name="s" value="([0-9a-z]{8})"( checked)?>', page)
    return {identifier: bool(checked) for identifier, checked in found}


@pytest.mark.parametrize("tail", PAGES)
def test_the_owner_gets_a_console_with_everything(world: World, tail: str) -> None:
    page = see(world, "owner", path(world, tail))

    assert roots(page) == [world.server(NAME)]
    assert f'data-socket="{path(world)}/socket"' in page
    assert 'name="command"' in page
    assert 'role="log"' in page
    assert re.search(r'<p class="may-not" data-may-not hidden>', page)
    assert len(world.calls()) <= 1


@pytest.mark.parametrize("tail", PAGES)
def test_a_subuser_without_the_permission_may_look_and_not_type(world: World, tail: str) -> None:
    page = see(world, "subuser", path(world, tail))

    assert roots(page) == [world.server(NAME)]
    assert 'name="command"' not in page
    assert re.search(r'<p class="may-not" data-may-not>', page)
    assert "does not include sending commands" in page


@pytest.mark.parametrize("tail", PAGES)
def test_start_is_offered_only_with_the_permission(world: World, tail: str) -> None:
    start = "Start the server"
    assert start in see(world, "owner", path(world, tail))
    share_of(world, NAME).permissions[:] = ["websocket.connect"]
    world.clock.advance(11)
    world.work()

    assert start not in see(world, "subuser", path(world, tail))


@pytest.mark.parametrize("tail", PAGES)
def test_without_websocket_connect_there_is_no_console(world: World, tail: str) -> None:
    share_of(world, NAME).permissions[:] = ["control.console"]
    world.clock.advance(11)
    world.work()

    assert "websocket.connect" in see(world, "subuser", path(world, tail), 403)
    see(world, "stranger", path(world, tail), 404)


def test_the_words_for_the_script_are_whole(world: World) -> None:
    page = see(world, "owner", path(world))
    texts = json.loads(unescape(re.search(r"data-texts='([^']*)'", page)[1]))
    words = json.loads(unescape(re.search(r"data-words='([^']*)'", page)[1]))

    assert set(words) == {"offline", "starting", "running", "stopping", "unknown"}
    assert words["running"] == ["Running", "good"]
    assert all(isinstance(text, str) and text for text in texts.values())
    assert texts["dropped_many"] == "{n} lines dropped"


def test_the_script_finds_every_text_that_it_asks_for(world: World) -> None:
    """A name that is misspelt on one side would show as nothing."""
    from tests.site.conftest import ROOT

    page = see(world, "owner", path(world))
    texts = json.loads(unescape(re.search(r"data-texts='([^']*)'", page)[1]))
    for script in sorted((ROOT / "static").glob("console*.js")):
        used = re.findall(r"\b(?:texts|words)\.([a-z_]+)\b", script.read_text())
        assert set(used) <= set(texts), script.name


def test_a_window_has_neither_header_nor_footer(world: World) -> None:
    page = see(world, "owner", path(world, "/console/window"))

    assert '<header class="top"' not in page
    assert "<footer" not in page
    assert f"<title>{NAME} " in page
    assert 'id="dialog"' in page


def test_without_script_power_and_the_way_to_the_output_are_there(world: World) -> None:
    page = see(world, "owner", path(world))
    said = re.search(r"<noscript>(.*?)</noscript>", page, re.DOTALL)[1]

    assert "needs JavaScript" in said
    assert f"http://panel.test/server/{world.server(NAME)}" in said
    assert '<section id="live"' in page


def test_the_poll_also_hears_of_changes_that_the_socket_told(world: World) -> None:
    assert re.search(r'hx-trigger="every \ds, roost-state from:body"', see(world, "owner", path(world)))


def test_the_pages_link_to_each_other(world: World) -> None:
    page = see(world, "owner", path(world))

    assert f'href="{path(world, "/console/window")}"' in page
    assert f'href="/consoles?s={world.server(NAME)}"' in page


def test_nothing_of_the_console_is_loaded_elsewhere(world: World) -> None:
    for other in ("/servers", path(world, "")):
        page = see(world, "owner", other)
        assert "console.css" not in page
        assert "console.js" not in page


def test_several_consoles_stand_on_one_page_in_the_order_asked_for(world: World) -> None:
    wanted = [world.server(name) for name in (OFFLINE, NAME, "Lobby")]
    page = see(world, "owner", "/consoles?" + "&".join(f"s={one}" for one in wanted))

    assert roots(page) == wanted
    assert world.calls() == []
    assert {one for one, chosen in choices(page).items() if chosen} == set(wanted)
    assert len(re.findall(r'name="command"', page)) == 3
    ids = re.findall(r'\bid="([^"]+)"', page)
    assert len(ids) == len(set(ids))


def test_only_servers_whose_console_one_may_see_can_be_chosen(world: World) -> None:
    mine = choices(see(world, "subuser", "/consoles"))
    assert world.server(NAME) in mine
    share_of(world, NAME).permissions[:] = ["control.start"]
    world.clock.advance(11)
    world.work()

    assert world.server(NAME) not in choices(see(world, "subuser", "/consoles"))
    assert choices(see(world, "stranger", "/consoles")) == {}
    assert "no server whose console you may see" in see(world, "stranger", "/consoles")


def test_servers_of_others_are_simply_not_there(world: World) -> None:
    theirs, hers = world.server("Lobby"), world.server(NAME)
    page = see(world, "subuser", f"/consoles?s={theirs}&s=zzzzzzzz&s={hers}")

    assert roots(page) == [hers]
    assert theirs not in page
    assert "Lobby" not in page
    assert roots(see(world, "stranger", f"/consoles?s={theirs}")) == []


def test_each_of_several_has_a_line_only_with_the_permission(world: World) -> None:
    page = see(world, "subuser", f"/consoles?s={world.server(NAME)}")

    assert 'name="command"' not in page
    assert "does not include sending commands" in page


def test_more_than_six_are_cut_and_that_is_said(world: World) -> None:
    all_of_mine = list(choices(see(world, "owner", "/consoles")))
    assert len(all_of_mine) > 7
    asked = "&".join(f"s={one}" for one in [all_of_mine[0], *all_of_mine[:7]])
    page = see(world, "owner", f"/consoles?{asked}")

    assert roots(page) == all_of_mine[:6]
    assert "At most 6 consoles" in page
    assert "At most 6 consoles" not in see(world, "owner", f"/consoles?s={all_of_mine[0]}&s={all_of_mine[0]}")


def test_nonsense_in_the_address_is_nothing(world: World) -> None:
    for asked in ("s=", "s=../../x", "s=%00%ff", "s=<script>", "s=" + "a" * 4000, "q=1"):
        page = see(world, "owner", f"/consoles?{asked}")
        assert roots(page) == []
        assert "<script>" not in page.split("</head>")[1]


def test_a_visitor_signs_in_first(world: World) -> None:
    answer = world.browser().get(f"/consoles?s={world.server(NAME)}")

    assert answer.status_code == 303
    assert answer.location.startswith("/login?next=/consoles")


def test_the_line_goes_back_into_the_page_that_it_came_from(world: World) -> None:
    """Several lines stand on one page; each keeps its own id."""
    answer = world.browser("owner").post(f"{path(world)}/command", data={"command": "list"}, headers=HTMX)

    assert f'id="command-form-{world.server(NAME)}"' in answer.text
    assert world.demo.processes[row_of(world, NAME).uuid].commands == ["list"]
