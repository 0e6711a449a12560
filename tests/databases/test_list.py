"""The list says what there is and how many more there may be, offers what somebody may do, and holds no password."""

from __future__ import annotations

import pytest

from tests.conftest import World
from tests.databases.support import PLAYED, SECRET, call, get, give, look, of, only, path, share
from tests.servers.support import Bent, row_of, said

ACTS = {
    "database.create": "/databases/new",
    "database.update": "/rotate",
    "database.delete": "/delete",
    "database.view_password": "/password",
}


def test_everything_that_a_connection_needs_stands_there_but_the_password(world: World) -> None:
    (web,) = only(world, "web")
    web.remote, web.max_connections = "192.0.2.%", 40
    page = get(world, path(world), is_page=True)

    assert page.status_code == 200
    assert world.calls() == [call(world)]
    for text in (web.database, web.username, "192.0.2.50", "3306", "192.0.2.%", "40", "1 of 3 used."):
        assert text in said(page.text), text
    assert f'data-copy="{web.database}"' in page.text
    assert f'data-copy="{web.username}"' in page.text
    assert not [one for one in ("p4ss", "mysql://", "jdbc:") if one in page.text]
    assert 'aria-current="page">Databases' in page.text


def test_everywhere_and_no_limit_are_said_in_words(world: World) -> None:
    only(world, "web", limit=None)
    text = said(get(world, path(world)).text)

    assert "Connections from everywhere" in text
    assert "Connections at once unlimited" in text
    assert "1 used, as many as you like." in text


@pytest.mark.parametrize("is_page", [True, False])
def test_the_panel_is_asked_once_and_never_for_passwords(is_page: bool, world: World) -> None:
    only(world, "web")
    get(world, path(world), is_page=is_page)

    wanted = f"/api/client/servers/{world.server(PLAYED)}/databases"
    assert [one.path_url for one in world.adapter.requests] == [wanted]


def test_an_empty_list_says_what_it_is_for_and_offers_the_first_step(world: World) -> None:
    only(world)
    page = get(world, path(world))

    assert "permissions, statistics, shops" in said(page.text)
    assert "Create the first one" in page.text
    assert "New database" not in page.text


def test_a_limit_of_nothing_is_explained_and_offers_nothing(world: World) -> None:
    only(world, limit=0)
    page = get(world, path(world))

    assert "Your host gives this server no databases." in said(page.text)
    assert "/databases/new" not in page.text


def test_a_reached_limit_is_said_before_anybody_tries(world: World) -> None:
    only(world, "one", "two", limit=2)
    page = get(world, path(world))

    assert "2 of 2 used. That is all that your host allows" in said(page.text)
    assert "/databases/new" not in page.text


def test_more_than_the_limit_is_shown_as_it_is(world: World) -> None:
    only(world, "one", "two", limit=1)

    assert "2 of 1 used." in said(get(world, path(world)).text)


@pytest.mark.parametrize("missing", sorted(ACTS))
def test_an_act_is_offered_only_with_its_permission(missing: str, world: World) -> None:
    only(world, "web")
    share(world, "database.read", *(one for one in ACTS if one != missing))
    page = get(world, path(world), "subuser", is_page=True)

    assert [one for one, act in ACTS.items() if act in page.text] == [one for one in ACTS if one != missing]
    assert ("does not include database.view_password" in said(page.text)) is (missing == "database.view_password")


def test_without_reading_there_is_no_tab_and_no_call(world: World) -> None:
    only(world, "web")
    share(world, *ACTS)
    for is_page in (True, False):
        answer = get(world, path(world), "subuser", is_page=is_page)
        assert answer.status_code == 403
        assert "database.read" in said(answer.text)
        assert "s1_web" not in answer.text
    assert world.calls() == []
    overview = world.browser("subuser").get(f"/servers/{world.server(PLAYED)}")
    assert "/databases" not in overview.text


@pytest.mark.parametrize("who", ["stranger", "admin"])
def test_whoever_has_nothing_to_do_with_the_server_finds_nothing(who: str, world: World) -> None:
    (web,) = only(world, "web")
    for where in (path(world), path(world, "/new"), *(of(world, web, act) for act in ("password", "rotate", "delete"))):
        assert get(world, where, who).status_code == 404, where
        assert get(world, where, who, is_page=True).status_code == 404, where
    assert world.calls() == []


def test_names_from_elsewhere_stay_text(world: World) -> None:
    only(world)
    give(world, database="<img src=x>\u202e&\"'", username="<b>u</b>", remote="<i>%</i>")
    page = get(world, path(world), is_page=True)

    assert "<img" not in page.text
    assert "<b>u" not in page.text
    assert "<i>%" not in page.text
    assert "<bdi>&lt;img src=x&gt;" in page.text


def test_the_fragment_reads_itself_again_after_a_change(world: World) -> None:
    only(world, "web")
    part = get(world, path(world)).text

    assert part.lstrip().startswith("<section")
    assert 'hx-trigger="databases-changed from:body"' in part
    assert "<html" not in part


def test_a_server_of_another_state_says_so_and_asks_for_nothing_again(world: World) -> None:
    only(world, "web")
    row_of(world, PLAYED).status = "suspended"
    look(world)
    page = get(world, path(world), is_page=True)

    assert page.status_code == 409
    assert "Suspended" in said(page.text)
    assert "Try again" not in said(page.text)
    assert "Create the first one" not in page.text


def test_the_password_of_a_helpful_panel_goes_no_further(world: World) -> None:
    """A panel that shows passwords unasked changes nothing for the page."""
    only(world, "web")

    def bend(_path: str, document: object) -> object:
        for one in document.get("data", []) if isinstance(document, dict) else []:
            if one["object"] == "server_database":
                held = {"object": "database_password", "attributes": {"password": SECRET}}
                one["attributes"]["relationships"] = {"password": held}
        return document

    Bent(world, bend)
    assert "p4ss" not in get(world, path(world), is_page=True).text
