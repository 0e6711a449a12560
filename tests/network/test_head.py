"""What was changed shows at once in the head of every page, for everybody, and tells nobody more than they may see."""

from __future__ import annotations

from unittest.mock import patch

import pytest

from portal.servers import addresses, records
from portal.servers.records import SERVICE
from tests.conftest import World
from tests.network.support import PLAYED, get, give, head, only, path, post, share, shown
from tests.servers.support import account_id, details, row_of, said


def overview(world: World, who: str = "owner") -> str:
    return world.browser(who).get(f"/servers/{world.server(PLAYED)}").text


def console(world: World, who: str = "owner") -> str:
    return world.browser(who).get(f"/servers/{world.server(PLAYED)}/console").text


def test_the_new_primary_one_stands_in_every_head_without_asking_again(world: World) -> None:
    first, second = only(world, "votes")
    assert head(overview(world)) == shown(first)
    post(world, path(world, second, "primary"))
    world.calls()

    assert head(overview(world)) == shown(second)
    assert head(console(world)) == shown(second)
    assert f"{shown(second)} primary votes" in details(overview(world))["Addresses"]
    assert shown(second) in world.browser("owner").get("/servers").text


def test_the_page_that_made_the_change_gets_its_head_anew(world: World) -> None:
    first, second = only(world, None)
    post(world, path(world, second, "primary"))
    part = get(world, path(world)).text
    page = get(world, path(world), is_page=True).text

    assert '<p hx-swap-oob="innerHTML:main p.where">' in part
    assert shown(second) in said(part.partition("hx-swap-oob")[2])
    assert shown(first) not in said(part.partition("hx-swap-oob")[2])
    assert head(page) == shown(second)
    assert "hx-swap-oob" not in page


def test_what_somebody_else_changed_is_known_once_the_page_was_read(world: World) -> None:
    """Changed on the panel itself: the page reads the list anyway."""
    _, second = only(world, None)
    row_of(world, PLAYED).allocation = second
    page = get(world, path(world), is_page=True).text

    assert head(page) == shown(second)
    assert head(console(world)) == shown(second)


def test_a_change_is_known_although_the_list_cannot_be_read_afterwards(world: World) -> None:
    _, second = only(world, None)
    post(world, path(world, second, "primary"))
    world.demo.set_condition("panel-gateway")
    page = get(world, path(world), is_page=True)

    assert page.status_code == 503
    assert head(page.text) == shown(second)


def test_added_deleted_and_noted_ones_stand_in_the_overview(world: World) -> None:
    _, second = only(world, "votes")
    browser = world.browser("owner")
    browser.post(path(world, second, "delete"), follow_redirects=True)
    assert shown(second) not in overview(world)
    browser.post(f"{path(world)}/new", follow_redirects=True)
    made = next(one for one in world.demo.world.allocations_of(row_of(world, PLAYED)) if one is not second)
    browser.post(path(world, made, "notes"), data={"notes": "the map"}, follow_redirects=True)

    assert "the map" in details(overview(world))["Addresses"]


def test_others_see_the_new_primary_one_and_nothing_else(world: World) -> None:
    """Somebody without allocation.read is told of the primary one only, never of its note."""
    first, second = only(world, "the secret door")
    share(world, "control.start")
    assert head(overview(world, "subuser")) == shown(first)
    post(world, path(world, second, "primary"))
    get(world, path(world))
    for page in (console(world, "subuser"), overview(world, "subuser"), world.browser("subuser").get("/servers").text):
        assert shown(second) in said(page)
        assert "the secret door" not in page


def test_nobody_is_told_of_others_by_somebody_elses_reading(own_world: World) -> None:
    world = own_world
    only(world)
    share(world, "control.start")
    hidden = give(world, "the secret door")
    get(world, path(world))
    uuid = row_of(world, PLAYED).uuid
    with world.app.app_context():
        mine = records.known_one(account_id(world, "owner"), uuid)
        theirs = records.known_one(account_id(world, "subuser"), uuid)
    assert mine is not None
    assert theirs is not None

    assert hidden.id in [one.id for one in mine.facts.allocations]
    assert hidden.id not in [one.id for one in theirs.facts.allocations]
    assert mine.facts.allocations != theirs.facts.allocations


@pytest.mark.parametrize("mode", ["own", "service"])
def test_a_look_that_changes_nothing_writes_nothing(mode: str, world: World) -> None:
    only(world, "votes")
    get(world, path(world), is_page=True)
    with patch.object(records, "write", side_effect=AssertionError(mode)):
        assert get(world, path(world), is_page=True).status_code == 200


def test_an_older_reading_does_not_undo_a_newer_one(world: World) -> None:
    first, second = only(world, None)
    row_of(world, PLAYED).allocation = second
    overview(world)
    uuid = row_of(world, PLAYED).uuid
    with world.app.app_context():
        scope = SERVICE if records.known_one(SERVICE, uuid) else account_id(world, "owner")
        known = records.known_one(scope, uuid)
        assert known is not None
        old = tuple(one for one in known.facts.allocations if one.id == first.id)
        addresses.save_allocations(scope, uuid, old, known.read_at - 5)
        after = records.known_one(scope, uuid)

    assert after == known
