"""Making a server in each of several locations: each ends by itself."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from portal.pterodactyl import errors, models
from tests.pterodactyl import app_objects as made
from tests.pterodactyl.app_rows import CREATED, NEW, TAKEN
from tests.pterodactyl.test_app_creating import GATEWAY, MISSING, REFUSED, UNFINDABLE, panel, sent


def test_one_server_for_each_location_under_an_id_of_its_own() -> None:
    app, world = panel()
    done = world.application.servers.create_in_locations(NEW, {3: "a-3", 5: "a-5", 8: "a-8"})
    assert [(one.location, one.external_id, one.is_new, one.error) for one in done] == [
        (3, "a-3", True, None), (5, "a-5", True, None), (8, "a-8", True, None),
    ]  # fmt: skip
    assert [(one.body["external_id"], one.body["deploy"]["locations"]) for one in app.sent] == [
        ("a-3", [3]), ("a-5", [5]), ("a-8", [8]),
    ]  # fmt: skip
    for one in app.sent:
        assert one.body["deploy"]["port_range"] == ["25565", "25570-25600"]
        assert one.body["deploy"]["dedicated_ip"] is True
        assert one.body.keys() == CREATED.keys()


def test_one_that_goes_wrong_stops_no_other() -> None:
    app, world = panel(create=[(201, made.app_server(1)), REFUSED, (201, made.app_server(3))])
    first, second, third = world.application.servers.create_in_locations(NEW, {3: "a", 5: "b", 8: "c"})
    assert (first.server and first.server.internal_id, third.server and third.server.internal_id) == (1, 3)
    assert (second.server, second.is_new, second.location, second.external_id) == (None, None, 5, "b")
    assert isinstance(second.error, errors.NodeRefused)
    assert len(app.sent) == 3


def test_one_of_which_nobody_knows_says_so() -> None:
    _, world = panel(create=[GATEWAY, (201, made.app_server(3))], find=[MISSING])
    first, second = world.application.servers.create_in_locations(NEW, {3: "a", 5: "b"})
    assert isinstance(first.error, errors.OutcomeUnknown)
    assert second.error is None


def test_one_that_may_be_taken_back_comes_with_its_error_and_stops_no_other() -> None:
    seen = (200, made.app_server(40, status="installing", external_id="a"))
    app, world = panel(create=[GATEWAY, (201, made.app_server(3))], find=[seen])
    first, second = world.application.servers.create_in_locations(NEW, {3: "a", 5: "b"})
    assert first.server is not None
    assert first.is_new is None
    assert isinstance(first.error, errors.OutcomeUnknown)
    assert (second.is_new, second.error) == (True, None)
    assert sent(app) == ["POST /servers", "GET /servers/external/a", "POST /servers"]


def test_asked_again_it_makes_only_what_is_missing() -> None:
    there = [(200, made.app_server(40, external_id=name)) for name in ("a", "c")]
    app, world = panel(create=[TAKEN, (201, made.app_server(2)), TAKEN], find=there)
    done = world.application.servers.create_in_locations(NEW, {3: "a", 5: "b", 8: "c"})
    assert [one.is_new for one in done] == [False, True, False]
    assert all(one.server is not None and one.error is None for one in done)
    assert sent(app).count("POST /servers") == 3


def test_a_chosen_allocation_is_no_place_in_several_locations() -> None:
    app, world = panel()
    new = replace(NEW, place=models.OnAllocations(42))
    for ids in ({3: "a"}, {3: "a", 5: "b"}, {}):
        with pytest.raises(ValueError, match="Deploy"):
            world.application.servers.create_in_locations(new, ids)
    assert app.sent == []


def test_nowhere_is_nothing() -> None:
    app, world = panel()
    assert world.application.servers.create_in_locations(NEW, {}) == ()
    assert app.sent == []


@pytest.mark.parametrize(
    "ids",
    [{3: "a", 5: "a"}, {3: "a", 5: "A"}, {3: "ß", 5: "SS"}, *({3: "fine", 5: odd} for odd in UNFINDABLE),
     {3: "a", 0: "b"}, {3: "a", "5": "b"}, {True: "a"}],
)  # fmt: skip
def test_odd_ids_are_refused_before_the_first_is_made(ids: Any) -> None:
    app, world = panel()
    with pytest.raises(ValueError):
        world.application.servers.create_in_locations(NEW, ids)
    assert app.sent == []
