"""Adding, making primary and deleting: asked, done once, refused in the panel's words."""

from __future__ import annotations

import pytest

from tests.conftest import World
from tests.network.support import EVERY, PLAYED, call, get, give, here, only, path, post, share, shown
from tests.servers.support import audit_of, row_of, said

PERMISSION = {"new": "allocation.create", "primary": "allocation.update", "delete": "allocation.delete"}
LIMIT = "Cannot assign additional allocations to this server: limit has been reached."
OFF = "Server auto-allocation is not enabled for this instance."
NO_SPACE = "Cannot assign additional allocation: no more space available on node."


def where(world: World, act: str) -> str:
    """The address of an act on the second allocation, or of adding one."""
    return f"{path(world)}/new" if act == "new" else path(world, here(world)[1], act)


@pytest.mark.parametrize("act", sorted(PERMISSION))
@pytest.mark.parametrize("is_page", [True, False])
def test_a_question_says_what_follows_and_asks_the_panel_nothing(act: str, is_page: bool, world: World) -> None:
    _, second = only(world, None)
    question = get(world, where(world, act), is_page=is_page)
    words = {"new": "The panel chooses the port", "primary": "It counts from the next start of the server.",
             "delete": "you cannot count on getting the same one back"}  # fmt: skip

    assert question.status_code == 200
    assert words[act] in said(question.text)
    assert act == "new" or shown(second) in said(question.text)
    assert world.calls() == []


def test_one_more_is_added(world: World) -> None:
    only(world)
    answer = post(world, where(world, "new"))
    _, made = here(world)

    assert world.calls() == [call(world, method="POST")]
    assert f"{shown(made)} was created." in said(answer.text)
    assert answer.headers["HX-Trigger"] == "network-changed"
    assert [outcome for outcome, _ in audit_of(world, "allocation.create")] == ["done"]


def test_another_one_is_made_primary(world: World) -> None:
    _, second = only(world, None)
    answer = post(world, where(world, "primary"))

    assert world.calls() == [call(world, second, "/primary", "POST")]
    assert row_of(world, PLAYED).allocation is second
    assert f"{shown(second)} is the primary allocation. The server uses it from its next start." in said(answer.text)
    assert answer.headers["HX-Trigger"] == "network-changed"
    assert audit_of(world, "allocation.") == [("done", shown(second))]


def test_one_is_deleted(world: World) -> None:
    first, second = only(world, "votes")
    answer = post(world, where(world, "delete"))

    assert world.calls() == [call(world, second, method="DELETE")]
    assert here(world) == [first]
    assert f"{shown(second)} was deleted." in said(answer.text)
    assert answer.headers["HX-Trigger"] == "network-changed"
    assert audit_of(world, "allocation.") == [("done", shown(second))]


@pytest.mark.parametrize("act", sorted(PERMISSION))
def test_without_script_it_leads_back_with_the_news(act: str, world: World) -> None:
    only(world, None)
    browser = world.browser("owner")
    answer = browser.post(where(world, act))

    assert (answer.status_code, answer.headers["Location"]) == (303, path(world))
    assert 'class="band good"' in browser.get(path(world)).text


@pytest.mark.parametrize("act", sorted(PERMISSION))
@pytest.mark.parametrize("is_page", [True, False])
def test_without_the_permission_nothing_is_asked(act: str, is_page: bool, world: World) -> None:
    only(world, None)
    before = here(world)
    share(world, *(one for one in EVERY if one != PERMISSION[act]))
    for answer in (get(world, where(world, act), "subuser", is_page=is_page),
                   post(world, where(world, act), "subuser", is_page=is_page)):  # fmt: skip
        assert answer.status_code == 403
        assert PERMISSION[act] in said(answer.text)
    assert world.calls() == []
    assert here(world) == before
    assert row_of(world, PLAYED).allocation is before[0]


@pytest.mark.parametrize("act", sorted(PERMISSION))
def test_with_the_permission_alone_it_is_done_and_nothing_else_is_shown(act: str, world: World) -> None:
    """As on the panel: who may not read the list may still act on what they were told of."""
    _, second = only(world, "votes")
    share(world, PERMISSION[act])
    question = get(world, where(world, act), "subuser")
    assert shown(second) not in said(question.text)
    assert post(world, where(world, act), "subuser").status_code == 200
    assert len(here(world)) == {"new": 3, "primary": 2, "delete": 1}[act]


def refused(world: World, act: str) -> str:
    """Have it refused, as a dialog and as a page; the words of the panel."""
    part, page = post(world, where(world, act)), post(world, where(world, act), is_page=True)
    assert (part.status_code, page.status_code) == (422, 409)
    for answer in (part, page):
        assert '<p class="band bad" role="alert">' in answer.text
    return said(part.text) + said(page.text)


def test_what_the_panel_does_not_add_is_said_in_its_words(world: World) -> None:
    only(world)
    row_of(world, PLAYED).feature_limits.allocations = 1
    assert LIMIT in refused(world, "new")
    row_of(world, PLAYED).feature_limits.allocations = 5
    world.demo.config.client_allocations = False
    assert OFF in refused(world, "new")
    world.demo.config.client_allocations = True
    world.demo.config.allocation_range = None
    for one in world.demo.world.allocations:
        one.server = one.server or row_of(world, "Lobby")
    assert NO_SPACE in refused(world, "new")
    assert {outcome for outcome, _ in audit_of(world, "allocation.create")} == {"refused"}


def test_what_the_panel_does_not_delete_is_said_in_its_words(world: World) -> None:
    _, second = only(world, None)
    row_of(world, PLAYED).allocation = second
    assert "You cannot delete the primary allocation for this server." in refused(world, "delete")
    row_of(world, PLAYED).feature_limits.allocations = None
    assert "no allocation limit is set" in refused(world, "delete")
    assert len(here(world)) == 2


@pytest.mark.parametrize("act", ["primary", "delete"])
def test_one_that_went_meanwhile_is_said_to_be_gone(act: str, world: World) -> None:
    _, second = only(world, None)
    address = where(world, act)
    second.server = None
    answer = post(world, address, is_page=True)

    assert answer.status_code == 409
    assert "This server has no such allocation any more." in said(answer.text)


@pytest.mark.parametrize("act", ["primary", "delete"])
def test_one_of_another_server_is_none_of_this_one(act: str, world: World) -> None:
    only(world, None)
    _, other = only(world, "theirs", server="Lobby")

    assert post(world, path(world, other, act), is_page=True).status_code == 409
    assert other in here(world, server="Lobby")


@pytest.mark.parametrize("act", sorted(PERMISSION))
def test_an_unknown_outcome_is_called_so_and_the_list_is_read_again(act: str, world: World) -> None:
    only(world, None)
    address = where(world, act)
    knob = {"where": "panel", "fault": "status", "settings": {"status": 502, "effect": "after", "form": "html"}}
    world.demo.knobs.turn(knob | {"match": {"path": "*/network/*", "method": "DELETE" if act == "delete" else "POST"}})
    answer = post(world, address)

    assert "Whether it was done is not known" in said(answer.text)
    assert answer.headers["HX-Trigger"] == "network-changed"
    assert [outcome for outcome, _ in audit_of(world, "allocation.")] == ["unknown"]


@pytest.mark.parametrize("act", sorted(PERMISSION))
def test_a_state_that_forbids_it_is_said(act: str, world: World) -> None:
    only(world, None)
    give(world)
    row_of(world, PLAYED).status = "suspended"

    assert "suspended" in refused(world, act)
