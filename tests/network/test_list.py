"""The list of allocations: what there is, how many more there may be, and what somebody may do with each."""

from __future__ import annotations

import pytest

from tests.conftest import World
from tests.network.support import EVERY, PLAYED, call, get, look, only, path, share, shown
from tests.servers.support import Bent, row_of, said

ACTS = {"allocation.create": "/network/new", "allocation.update": "/primary", "allocation.delete": "/delete"}


def test_every_address_can_be_copied_and_the_primary_one_is_marked(world: World) -> None:
    first, second = only(world, "votes")
    first.ip_alias = "play.example.com"
    page = get(world, path(world), is_page=True)

    assert page.status_code == 200
    assert world.calls() == [call(world)]
    assert f'data-copy="play.example.com:{first.port}"' in page.text
    assert f"also {first.ip}:{first.port}" in said(page.text)
    assert f'data-copy="{shown(second)}"' in page.text
    assert page.text.count(">Primary<") == 1
    assert 'value="votes"' in page.text
    assert "2 of 5 used." in said(page.text)
    assert 'aria-current="page">Network' in page.text


def test_an_address_with_colons_is_in_brackets(world: World) -> None:
    first, second = only(world, None)
    second.ip = "2001:db8::5"

    assert f'data-copy="[2001:db8::5]:{second.port}"' in get(world, path(world)).text
    assert first.port


@pytest.mark.parametrize("limit", [None, 0])
def test_no_limit_means_that_nothing_can_be_added_or_deleted(limit: int | None, world: World) -> None:
    only(world, None, limit=limit)
    page = get(world, path(world))

    assert "Your host has fixed the allocations of this server" in said(page.text)
    assert "/network/new" not in page.text
    assert "/delete" not in page.text
    assert "/primary" in page.text


def test_a_reached_limit_is_said_before_anybody_tries(world: World) -> None:
    only(world, None, limit=2)
    page = get(world, path(world))

    assert "2 of 2 used. That is all that your host allows" in said(page.text)
    assert "/network/new" not in page.text
    assert "/delete" in page.text


def test_the_primary_one_is_neither_deleted_nor_made_primary(world: World) -> None:
    first, second = only(world, None)
    page = get(world, path(world)).text

    assert f"/network/{first.id}/notes" in page
    assert f"/network/{first.id}/delete" not in page
    assert f"/network/{first.id}/primary" not in page
    assert f"/network/{second.id}/delete" in page
    assert f"/network/{second.id}/primary" in page


@pytest.mark.parametrize("missing", sorted(ACTS))
def test_an_act_is_offered_only_with_its_permission(missing: str, world: World) -> None:
    only(world, "votes")
    share(world, *(one for one in EVERY if one != missing))
    page = get(world, path(world), "subuser", is_page=True)

    assert [one for one, act in ACTS.items() if act in page.text] == [one for one in ACTS if one != missing]
    assert ("/notes" in page.text) is (missing != "allocation.update")
    assert "votes" in page.text


def test_without_reading_there_is_no_tab_and_no_call(world: World) -> None:
    first, second = only(world, "votes")
    share(world, *(one for one in EVERY if one != "allocation.read"))
    for is_page in (True, False):
        answer = get(world, path(world), "subuser", is_page=is_page)
        assert answer.status_code == 403
        assert "allocation.read" in said(answer.text)
        assert shown(second) not in answer.text
    assert world.calls() == []
    overview = world.browser("subuser").get(f"/servers/{world.server(PLAYED)}")
    assert "/network" not in overview.text
    assert shown(first) in overview.text


@pytest.mark.parametrize("who", ["stranger", "admin"])
def test_whoever_has_nothing_to_do_with_the_server_finds_nothing(who: str, world: World) -> None:
    _, second = only(world, None)
    acts = [path(world, second, act) for act in ("primary", "delete")]
    for where in (path(world), f"{path(world)}/new", *acts):
        for is_page in (True, False):
            assert get(world, where, who, is_page=is_page).status_code == 404, where
    assert world.calls() == []


def test_notes_and_aliases_from_elsewhere_stay_text(world: World) -> None:
    _, second = only(world, "\"><img src=x onerror=alert(1)>\u202e")
    second.ip_alias = "<b>alias</b>"
    for who in ("owner", "subuser"):
        share(world, "allocation.read")
        page = get(world, path(world), who, is_page=True)
        assert "<img" not in page.text
        assert "<b>alias" not in page.text
        assert "&lt;img src=x" in page.text


CONDITIONS = {
    "panel-gateway": (503, "cannot be reached"),
    "panel-maintenance": (503, "working on the panel"),
    "server-transferring": (409, ""),
}


@pytest.mark.parametrize("condition", sorted(CONDITIONS))
def test_a_failed_read_is_no_empty_list(condition: str, world: World) -> None:
    only(world, None)
    status, text = CONDITIONS[condition]
    world.demo.set_condition(condition)
    page, part = get(world, path(world), is_page=True), get(world, path(world))

    assert (page.status_code, part.status_code) == (status, 200)
    for answer in (page, part):
        assert text in said(answer.text)
        assert "has none" not in said(answer.text)
        assert " used." not in said(answer.text)
        assert "/network/new" not in answer.text


def test_too_many_calls_say_how_long_to_wait(world: World) -> None:
    only(world, None)
    world.demo.set_condition("rate-limited")
    for _ in range(40):
        page = get(world, path(world), is_page=True)
        if page.status_code == 429:
            break

    assert page.status_code == 429
    assert int(page.headers["Retry-After"]) >= 1


@pytest.mark.parametrize("nonsense", [b"<html>hello</html>", b'{"object":"list","data":[{"object":"server"}]}', b"[]"])
def test_nonsense_is_not_understood_and_changes_nothing_that_is_known(nonsense: bytes, world: World) -> None:
    first, _ = only(world, None)
    Bent(world, lambda path, document: nonsense if "/network/" in path else document)
    page = get(world, path(world), is_page=True)

    assert page.status_code == 503
    assert "has none" not in said(page.text)
    assert shown(first) in said(page.text)


def test_a_suspended_server_says_so(world: World) -> None:
    only(world, None)
    row_of(world, PLAYED).status = "suspended"
    look(world)
    page = get(world, path(world), is_page=True)

    assert page.status_code == 409
    assert "Suspended" in said(page.text)
    assert "Try again" not in said(page.text)


def test_a_server_without_any_says_so(world: World) -> None:
    only(world)
    Bent(world, lambda path, document: {"object": "list", "data": []} if "/network/" in path else document)

    assert "This server has none: ask your host." in said(get(world, path(world), is_page=True).text)
