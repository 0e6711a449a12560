"""Making servers once and not twice; in several places: test_app_in_locations.py, out of what: test_app_prepared.py."""

from __future__ import annotations

import dataclasses
from dataclasses import replace
from typing import Any

import pytest
from requests.exceptions import ConnectionError as Cut

from portal.pterodactyl import errors, models
from tests.pterodactyl import app_objects as made
from tests.pterodactyl.app_routes import Routes
from tests.pterodactyl.app_rows import NEW, TAKEN
from tests.pterodactyl.fakes import MAINTENANCE, NODE_SILENT, World, error
from tests.support.wsgi_adapter import WsgiAdapter

CREATE, FIND = "POST /servers", "GET /servers/external/{external_id}"
BROKEN = error(500, "DataValidationException", "The data provided was not valid")
MISSING = error(404, "NotFoundHttpException", "could not be found")
GATEWAY = (502, b"<html>Bad Gateway</html>")
FOUND = (200, made.app_server(40))
INSTALLING = (200, made.app_server(40, status="installing"))
REFUSED = error(403, "DaemonConnectionException", "An error occurred on the remote host: disk full. (request id: 1)")


class Cutting(WsgiAdapter):
    """An adapter on which the answer of a POST is lost, after it was taken."""

    def send(self, request: Any, *args: Any, **kwargs: Any) -> Any:
        answer = super().send(request, *args, **kwargs)
        if request.method == "POST":
            raise Cut("reset")
        return answer


def panel(*, lost: bool = False, **told: Any) -> tuple[Routes, World]:
    app = Routes()
    for name, answers in told.items():
        app.tell({"create": CREATE, "find": FIND}[name], *answers)
    return app, World(adapter=(Cutting if lost else WsgiAdapter)(app))


def sent(app: Routes) -> list[str]:
    return [f"{one.method} {one.path}" for one in app.sent]


ONCE, TWICE = ["POST /servers"], ["POST /servers", "GET /servers/external/order-12"]


# Once


def test_a_server_is_made() -> None:
    app, world = panel()
    done = world.application.servers.create_once(NEW)
    assert (done.external_id, done.location, done.is_new, done.error) == ("order-12", 3, True, None)
    assert done.server is not None
    assert done.server.status == "installing"
    assert sent(app) == ONCE


@pytest.mark.parametrize(
    ("place", "location"),
    [(models.OnAllocations(42), None), (models.Deploy(), None), (models.Deploy((3, 5)), None),
     (models.Deploy((5,)), 5)],
)  # fmt: skip
def test_the_location_is_told_where_it_is_sure(place: Any, location: int | None) -> None:
    _, world = panel()
    assert world.application.servers.create_once(replace(NEW, place=place)).location == location


@pytest.mark.parametrize("answer", [NODE_SILENT, BROKEN, GATEWAY, (201, b'{"half'), (201, {"object": "x"}), (204, b"")])
def test_an_unknown_outcome_is_looked_up_and_found(answer: Any) -> None:
    app, world = panel(create=[answer], find=[FOUND])
    done = world.application.servers.create_once(NEW)
    assert done.server is not None
    assert (done.server.internal_id, done.is_new, done.error) == (40, None, None)
    assert sent(app) == TWICE


def test_an_answer_that_was_lost_is_looked_up_and_found() -> None:
    app, world = panel(lost=True, find=[FOUND])
    done = world.application.servers.create_once(NEW)
    assert done.server is not None
    assert (done.is_new, done.error) == (None, None)
    assert sent(app) == TWICE


def test_one_that_still_installs_after_a_lost_answer_is_no_success_yet() -> None:
    """The panel may be waiting for the node, and take the server back when that stays silent."""
    app, world = panel(lost=True, find=[INSTALLING])
    done = world.application.servers.create_once(NEW)
    assert done.server is not None
    assert (done.server.internal_id, done.is_new) == (40, None)
    assert isinstance(done.error, errors.OutcomeUnknown)
    assert isinstance(done.error.cause, errors.PanelUnreachable)
    assert sent(app) == TWICE


@pytest.mark.parametrize("answer", [NODE_SILENT, BROKEN, GATEWAY, (201, b'{"half')])
def test_one_that_still_installs_after_an_unclear_answer_is_no_success_yet(answer: Any) -> None:
    app, world = panel(create=[answer], find=[INSTALLING])
    done = world.application.servers.create_once(NEW)
    assert done.server is not None
    assert done.is_new is None
    assert isinstance(done.error, errors.OutcomeUnknown)
    assert done.error.status == answer[0]
    assert sent(app) == TWICE


def test_what_was_seen_and_then_taken_back_is_not_found_when_looked_for_again() -> None:
    """The answer `installing`, then 404: who looks again sees that nothing was made."""
    _, world = panel(lost=True, find=[INSTALLING, MISSING])
    assert world.application.servers.create_once(NEW).error is not None
    with pytest.raises(errors.NotFound):
        world.application.servers.view_external("order-12")


@pytest.mark.parametrize("status", ["install_failed", "suspended", None])
def test_one_that_the_node_has_answered_for_is_certain(status: str | None) -> None:
    _, world = panel(lost=True, find=[(200, made.app_server(40, status=status))])
    done = world.application.servers.create_once(NEW)
    assert done.server is not None
    assert (done.is_new, done.error) == (None, None)


@pytest.mark.parametrize("similar", ["Order-12", "ORDER-12", "örder-12", "order-12 "])
def test_one_with_a_similar_external_id_is_another(similar: str) -> None:
    """The panel's database takes one letter for another; theirs is not the server that was asked for."""
    other = (200, made.app_server(40, external_id=similar))
    app, world = panel(create=[TAKEN], find=[other])
    with pytest.raises(errors.Invalid):
        world.application.servers.create_once(NEW)
    assert sent(app) == TWICE
    _, world = panel(lost=True, find=[other])
    with pytest.raises(errors.OutcomeUnknown):
        world.application.servers.create_once(NEW)
    _, world = panel(create=[NODE_SILENT], find=[other])
    with pytest.raises(errors.NodeUnreachable):
        world.application.servers.create_once(NEW)


def test_not_found_after_the_panel_told_of_the_node_is_the_nodes_error() -> None:
    """The panel itself answered: it has taken the server back."""
    app, world = panel(create=[NODE_SILENT], find=[MISSING])
    with pytest.raises(errors.NodeUnreachable) as caught:
        world.application.servers.create_once(NEW)
    assert caught.value.status == 504
    assert sent(app) == TWICE


@pytest.mark.parametrize("answer", [BROKEN, GATEWAY, (201, b'{"half')])
def test_not_found_after_silence_stays_unknown(answer: Any) -> None:
    app, world = panel(create=[answer], find=[MISSING])
    with pytest.raises(errors.OutcomeUnknown) as caught:
        world.application.servers.create_once(NEW)
    assert caught.value.status == answer[0]
    assert sent(app) == TWICE


def test_not_found_after_a_lost_answer_stays_unknown() -> None:
    _, world = panel(lost=True, find=[MISSING])
    with pytest.raises(errors.OutcomeUnknown) as caught:
        world.application.servers.create_once(NEW)
    assert isinstance(caught.value.cause, errors.PanelUnreachable)


@pytest.mark.parametrize(
    "answer",
    [GATEWAY, MAINTENANCE, error(401, "AuthenticationException"), (200, {"object": 5}),
     error(403, "AccessDeniedHttpException", "This action is unauthorized.")],
)  # fmt: skip
@pytest.mark.parametrize("first", [NODE_SILENT, GATEWAY])
def test_a_look_that_fails_leaves_it_unknown(first: Any, answer: Any) -> None:
    app, world = panel(create=[first], find=[answer])
    with pytest.raises(errors.OutcomeUnknown) as caught:
        world.application.servers.create_once(NEW)
    assert caught.value.status == first[0]
    assert caught.value.__cause__ is None
    assert set(sent(app)) == set(TWICE)
    assert sent(app).count("POST /servers") == 1


def test_an_external_id_that_is_taken_is_the_server_that_has_it() -> None:
    app, world = panel(create=[TAKEN], find=[FOUND])
    done = world.application.servers.create_once(NEW)
    assert done.server is not None
    assert (done.server.internal_id, done.is_new, done.error) == (40, False, None)
    assert sent(app) == TWICE


def _invalid(*rules: tuple[str, str]) -> tuple[int, Any]:
    entries = [error(422, "ValidationException", "x", source_field=field, rule=rule)[1]["errors"][0]
               for field, rule in rules]  # fmt: skip
    return 422, {"errors": entries}


def test_asked_again_for_the_same_allocation_it_is_still_found() -> None:
    """By then the allocation is taken as well: by that very server."""
    app, world = panel(create=[_invalid(("allocation.default", "exists"), ("external_id", "unique"))], find=[FOUND])
    done = world.application.servers.create_once(replace(NEW, place=models.OnAllocations(42)))
    assert (done.is_new, done.error) == (False, None)
    assert sent(app) == TWICE


@pytest.mark.parametrize(
    "answer",
    [_invalid(("name", "required")), _invalid(("external_id", "max")), _invalid(("external_id", "string")),
     _invalid(("environment.JAR", "unique"))],
)  # fmt: skip
def test_what_is_invalid_otherwise_is_raised_without_a_look(answer: Any) -> None:
    app, world = panel(create=[answer], find=[FOUND])
    with pytest.raises(errors.Invalid):
        world.application.servers.create_once(NEW)
    assert sent(app) == ONCE


def test_taken_but_not_there_is_raised() -> None:
    _, world = panel(create=[TAKEN], find=[MISSING])
    with pytest.raises(errors.Invalid):
        world.application.servers.create_once(NEW)


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (REFUSED, errors.NodeRefused),
        (error(400, "NoViableNodeException", "No nodes"), errors.Refused),
        (error(403, "AccessDeniedHttpException", "This action is unauthorized."), errors.NotAllowed),
        (MAINTENANCE, errors.PanelUnreachable),
        (error(429, "ThrottleRequestsException"), errors.Busy),
        (error(401, "AuthenticationException"), errors.KeyRefused),
    ],
)
def test_what_is_known_is_raised_without_a_look(answer: Any, kind: type[Exception]) -> None:
    app, world = panel(create=[answer], find=[FOUND])
    with pytest.raises(kind):
        world.application.servers.create_once(NEW)
    assert sent(app) == ONCE


UNFINDABLE = [None, "", " ", " order", "order\n", "a/b", "..", ".", "%2f", "a\\b", 5, 0, True, 1.5, b"order", ["order"]]


@pytest.mark.parametrize("odd", UNFINDABLE)
def test_an_external_id_that_could_not_be_looked_up_is_refused_before_any_call(odd: Any) -> None:
    app, world = panel()
    with pytest.raises(ValueError):
        world.application.servers.create_once(replace(NEW, external_id=odd))
    assert app.sent == []


def test_a_creation_tells_no_values() -> None:
    done = models.Creation("a", 3, None, is_new=False, error=errors.Refused("no"))
    assert dataclasses.asdict(done)["external_id"] == "a"
    assert "hunter2" not in repr(replace(NEW, environment={"TOKEN": "hunter2"}))
