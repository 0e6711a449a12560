"""The list of servers: find, order, filter, page, and say honestly why there is nothing."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.conftest import World
from tests.servers.support import HTMX, Bent, names, rows, said, see

MODES = ("own", "service")
GARBAGE = (
    "page=0", "page=-1", "page=abc", "page=1e9", "page=%C2%B2", "page=999999", "page=", "state=nope", "sort=nope",
    "state=%00", "q=%ED%A0%80", "q=" + "x" * 5000, "q=%00&page=2&page=3", "state[]=running", "%ff=%fe", "seen=1",
)  # fmt: skip


def found(world: World, query: str, who: str = "owner") -> list[str]:
    return names(see(world, who, f"/servers?{query}"))


def test_shows_a_page_of_the_owners_servers_with_their_state(world: World) -> None:
    page = see(world, "owner", "/servers")

    assert len(rows(page)) == 25
    assert "Page 1 of 2" in page
    for state in ("Suspended", "Installing"):
        assert state in see(world, "owner", "/servers?page=2") + page


def test_pages_together_show_every_server_once(world: World) -> None:
    shown = found(world, "page=1") + found(world, "page=2")

    assert len(shown) == len(set(shown)) == 34


def test_a_page_beyond_the_end_is_the_last_one(world: World) -> None:
    assert found(world, "page=99") == found(world, "page=2")


def test_finds_by_name_whatever_case_and_order_of_words(world: World) -> None:
    for text in ("terraria journey", "TERRARIA JOURNEY", " journey  terraria "):
        assert found(world, f"q={text}") == ["Terraria Journey"]


def test_finds_by_node_address_port_and_description(world: World) -> None:
    for text, name in (
        ("nyc-1", "Terraria Master Mode"),
        ("mc.example.com:25570", "Proxy"),
        ("ts.example.com", "TeamSpeak"),
        ("192.0.2.12:27016", "CS2 Scrims"),
        ("19134", "Bedrock Friends"),
        ("megabase", "The Factory"),
    ):
        assert found(world, f"q={text}") == [name]


def test_finds_by_identifier(world: World) -> None:
    assert found(world, f"q={world.server('Lobby')}") == ["Lobby"]


def test_a_search_that_fits_nothing_says_so_and_offers_all(world: World) -> None:
    page = see(world, "owner", "/servers?q=nothing+like+it")

    assert "No server fits" in page
    assert "Nothing among your 34 servers" in page
    assert "No servers yet" not in page


def test_subusers_search_does_not_find_what_they_may_not_see(world: World) -> None:
    """Port 8123 is a second allocation of Survival SMP, withheld without `allocation.read`."""
    assert found(world, "q=8123", "subuser") == []
    assert found(world, "q=8123") == ["Survival SMP"]


def test_orders_by_name_whatever_the_case(world: World) -> None:
    shown = found(world, "") + found(world, "page=2")

    assert shown == sorted(shown, key=str.casefold)


def test_orders_by_node_then_name(world: World) -> None:
    shown = found(world, "sort=node&page=2")

    assert shown[-2:] == ["CS2 Scrims", "Terraria Master Mode"]


def test_orders_by_state_running_first(world: World) -> None:
    see(world, "owner", "/servers")
    world.read_live()
    page = see(world, "owner", "/servers?sort=state")

    labels = [said(row).split("fra-1")[1].split()[0] for row in rows(page).values() if "fra-1" in said(row)]
    first_other = next(place for place, label in enumerate(labels) if label != "Running")
    assert first_other > 10
    assert "Running" not in labels[first_other:]


def test_orders_by_use_most_first(world: World) -> None:
    for page in (1, 2):
        see(world, "owner", f"/servers?page={page}")
        world.read_live()

    for sort in ("memory", "cpu"):
        assert found(world, f"sort={sort}")[:2] == ["Rust Weekly", "All the Mods 9"]


def test_filters_by_state_and_counts_each(world: World) -> None:
    page = see(world, "owner", "/servers?state=suspended")

    assert names(page) == ["Unpaid"]
    assert "Suspended (1)" in page
    assert "Changing (3)" in page


def test_counts_follow_the_search(world: World) -> None:
    page = see(world, "owner", "/servers?q=the+invoice+is+open")

    assert "Suspended (1)" in page
    assert "Changing (" not in page


def test_search_filter_order_and_page_stay_together_in_the_links(world: World) -> None:
    page = see(world, "owner", "/servers?q=a&sort=node")

    assert '/servers?q=a&amp;sort=node&amp;page=2"' in page


def test_garbage_in_the_query_is_ignored(world: World) -> None:
    for query in GARBAGE:
        assert len(found(world, query)) in (0, 9, 25), query


def test_search_text_is_shown_escaped(world: World) -> None:
    page = see(world, "owner", '/servers?q="><script>x')

    assert "<script>x" not in page


def test_stranger_is_told_that_there_are_none(world: World) -> None:
    assert "No servers yet" in see(world, "stranger", "/servers")


def test_nobody_is_sent_to_the_login_page(world: World) -> None:
    answer = world.browser().get("/servers")

    assert (answer.status_code, answer.headers["Location"]) == (303, "/login?next=/servers")


@pytest.mark.parametrize("mode", MODES)
def test_never_read_is_not_said_as_empty(make_world: Callable[..., World], mode: str) -> None:
    world = make_world(mode)
    world.demo.set_condition("panel-gateway")
    page = see(world, "owner", "/servers")

    assert "could not be read yet" in page
    assert "No servers yet" not in page


def test_with_the_service_key_rights_never_read_are_not_said_as_empty(make_world: Callable[..., World]) -> None:
    """The list was read, but not whose the servers are: the application key was refused."""
    world = make_world("service")
    Bent(world, lambda path, body: b"<html>" if path.startswith("/api/application") else body)
    world.work()
    page = see(world, "owner", "/servers")

    assert "could not be read yet" in page
    assert "No servers yet" not in page


def test_an_account_without_a_key_is_told_why(own_world: World) -> None:
    page = see(own_world, "admin", "/servers")

    assert "not connected yet" in page
    assert "No servers yet" not in page


def test_an_account_with_one_server_lands_on_it(world: World) -> None:
    answer = world.browser("solo").get("/servers")

    assert answer.status_code == 303
    assert answer.headers["Location"] == f"/servers/{world.server('Solo Survival')}"


def test_an_account_with_one_server_that_searches_stays(world: World) -> None:
    for path in ("/servers?q=solo", "/servers?page=1"):
        assert names(see(world, "solo", path)) == ["Solo Survival"]


def test_htmx_gets_the_fragment(world: World) -> None:
    answer = world.browser("owner").get("/servers", headers=HTMX)

    assert answer.text.lstrip().startswith('<div id="list">')
    assert "<html" not in answer.text
    assert "HX-Request" in answer.headers["Vary"]


def test_history_and_boosted_requests_get_the_page(world: World) -> None:
    for also in ("HX-History-Restore-Request", "HX-Boosted"):
        answer = world.browser("owner").get("/servers", headers={**HTMX, also: "true"})

        assert "<html" in answer.text
        assert "HX-Request" in answer.headers["Vary"]


def test_panel_down_keeps_what_was_known_without_actions(world: World) -> None:
    see(world, "owner", "/servers?q=lobby")
    world.read_live()
    world.clock.advance(31)
    world.demo.set_condition("panel-gateway")
    world.work()
    page = see(world, "owner", "/servers?q=lobby")

    assert names(page) == ["Lobby"]
    assert "Running" in page
    assert "The panel does not answer" in page
    assert "Last read: 31 s ago" in page
    assert "/power/" not in page

