from __future__ import annotations

import re
from typing import Any

import pytest

from portal.demo import Demo, ManualClock
from portal.demo.link import Fault
from portal.demo.tokens import jti_of
from portal.demo.world import Server, Subuser, User
from tests.demo.conftest import Asker, says
from tests.demo.nodes import ScriptedNode

DENIED = (403, "AccessDeniedHttpException", "This action is unauthorized.")
NOT_HELD = (403, "HttpForbiddenException",
            "Cannot assign permissions to a subuser that your account does not actively possess.")


@pytest.fixture
def users(ask: Asker) -> str:
    return f"{ask.server('Uno')}/users"


@pytest.fixture
def server(demo: Demo) -> Server:
    return next(server for server in demo.world.servers if server.name == "Uno")


@pytest.fixture
def lee(server: Server) -> Subuser:
    return server.subusers[0]


def person(demo: Demo, name: str) -> User:
    return next(user for user in demo.world.users if user.username == name)


def granted(response: Any) -> Any:
    assert response.status_code == 200, response.json
    return response.json["attributes"]["permissions"]


def add(ask: Asker, users: str, *permissions: Any, email: str = "nobody@example.org", who: str = "kim") -> Any:
    return ask.post(who, users, {"email": email, "permissions": list(permissions)})


def test_connect_comes_last_where_it_is_missing_and_unknown_words_are_dropped(ask: Asker, users: str) -> None:
    assert granted(add(ask, users, "file.read", "control.fly", "control.start")) == [
        "file.read", "control.start", "websocket.connect"]
    assert granted(add(ask, users, "websocket.connect", "file.read", email="chief@example.org")) == [
        "websocket.connect", "file.read"]
    assert granted(add(ask, users, "no.such", email="x@example.org")) == ["websocket.connect"]


def test_a_repeat_followed_by_another_makes_an_object_of_the_list(ask: Asker, users: str, demo: Demo) -> None:
    holes = {"0": "file.read", "2": "control.start", "3": "websocket.connect"}
    assert granted(add(ask, users, "file.read", "file.read", "control.start")) == holes
    listed = ask.get("kim", users).json
    assert listed is not None
    assert listed["data"][-1]["attributes"]["permissions"] == holes
    viewed = ask.get("nobody", ask.server("Uno")).json
    assert viewed is not None
    assert viewed["meta"]["user_permissions"] == holes
    assert demo.world.activity_logs[-1].properties["permissions"] == holes


def test_a_repeat_at_the_end_leaves_a_list(ask: Asker, users: str) -> None:
    assert granted(add(ask, users, "file.read", "websocket.connect")) == ["file.read", "websocket.connect"]
    assert granted(ask.post("kim", users, {"email": "x@example.org", "permissions": {"a": "file.read"}})) == {
        "a": "file.read", "0": "websocket.connect"}


@pytest.mark.parametrize(("body", "failures"), [
    ({}, ["email required", "permissions required"]),
    ({"email": "x@example.org", "permissions": []}, ["permissions required"]),
    ({"email": "x@example.org", "permissions": None}, ["permissions required"]),
    ({"email": "x@example.org", "permissions": [5, "file.read", None]}, ["permissions.0 string",
                                                                       "permissions.2 string"]),
    ({"email": 5, "permissions": ["file.read"]}, ["email email"]),
    ({"email": f"{'x' * 190}@example.org", "permissions": ["file.read"]}, ["email between"]),
])
def test_rules(ask: Asker, users: str, body: dict[str, Any], failures: list[str]) -> None:
    response = ask.post("kim", users, body)
    assert response.json is not None
    assert [" ".join(error["meta"].values()) for error in response.json["errors"]] == failures


def test_a_text_for_the_list_breaks_the_panel_for_everybody(ask: Asker, users: str) -> None:
    for who in ("kim", "chief"):
        response = ask.post(who, users, {"email": "nonsense", "permissions": "file.read"})
        assert says(response)[:2] == (500, "TypeError")


def test_nobody_gives_what_they_do_not_hold(ask: Asker, users: str, lee: Subuser) -> None:
    lee.permissions += ["user.create", "user.update"]
    assert says(add(ask, users, "file.read", email="nonsense", who="lee")) == NOT_HELD
    assert says(add(ask, users, "no.such.thing", who="lee")) == NOT_HELD
    assert says(ask.post("lee", users, {"email": "nonsense", "permissions": ["control.start"]}))[0] == 422
    assert says(ask.post("lee", users, {"permissions": [["control.start"]]}))[:2] == (500, "ErrorException")
    assert granted(add(ask, users, "control.start", who="lee")) == ["control.start", "websocket.connect"]


def test_each_route_has_its_permission(ask: Asker, users: str, demo: Demo) -> None:
    add(ask, users, "file.read")
    one = f"{users}/{person(demo, 'nobody').uuid}"
    for method, path in (("GET", users), ("POST", users), ("GET", one), ("POST", one), ("DELETE", one)):
        assert says(ask("lee", method, path, {"permissions": ["settings.reinstall"]})) == DENIED


def test_nobody_acts_on_their_own_entry(ask: Asker, users: str, lee: Subuser) -> None:
    lee.permissions += ["user.read", "user.update", "user.delete"]
    for method in ("GET", "POST", "DELETE"):
        assert says(ask("lee", method, f"{users}/{lee.user.uuid}", {"permissions": ["file.write"]})) == DENIED


def test_owner_and_present_subusers_are_refused(ask: Asker, users: str) -> None:
    assert says(add(ask, users, "file.read", email="KIM@example.org")) == (
        400, "UserIsServerOwnerException", "You cannot add the server owner as a subuser for this server.")
    assert says(add(ask, users, "file.read", email="lee@example.org")) == (
        400, "ServerSubuserExistsException",
        "A user with that email address is already assigned as a subuser for this server.")


def test_a_stranger_gets_an_account(ask: Asker, users: str, demo: Demo, clock: ManualClock) -> None:
    clock.advance(100)
    add(ask, users, "file.read", email="Jo+shop.Ünique@example.org")
    user = demo.world.users[-1]
    assert re.fullmatch("joshop.nique[a-z0-9]{3}", user.username)
    assert (user.email, user.first_name, user.last_name) == ("Jo+shop.Ünique@example.org", "Server", "Subuser")
    assert (user.created_at, user.root_admin) == (clock.now(), False)
    assert len(user.password) > 20
    add(ask, users, "file.read", email=f"{'l' * 80}@example.org")
    assert len(demo.world.users[-1].username) == 67


def test_a_name_that_no_account_may_have_breaks_the_panel(ask: Asker, users: str, demo: Demo) -> None:
    status, code, detail = says(add(ask, users, "file.read", email="_under@example.org"))
    assert (status, code) == (500, "DataValidationException")
    assert detail.startswith("Could not save Pterodactyl\\Models\\User[]: failed to validate data: {\"username\":[")
    assert all(user.email != "_under@example.org" for user in demo.world.users)


def test_a_change_replaces_the_set_and_revokes_tokens(ask: Asker, users: str, demo: Demo, lee: Subuser,
                                                      server: Server) -> None:
    node = ScriptedNode(demo)
    assert granted(ask.post("kim", f"{users}/{lee.user.uuid}", {"permissions": ["file.update", "file.read"]})) == [
        "file.update", "file.read", "websocket.connect"]
    assert node.calls == [("POST", f"/api/servers/{server.uuid}/ws/deny", {"jtis": [jti_of(lee.user, server)]})]
    entry = demo.world.activity_logs[-1]
    assert (entry.event, entry.subjects) == ("server:subuser.update", (server, lee.user))
    assert entry.properties == {
        "email": "lee@example.org", "old": ["control.console", "control.start", "websocket.connect"],
        "new": ["file.read", "file.update", "websocket.connect"], "revoked": True}


def test_the_same_set_in_another_order_is_no_change(ask: Asker, users: str, demo: Demo, lee: Subuser) -> None:
    node, before = ScriptedNode(demo), len(demo.world.activity_logs)
    body = {"permissions": ["control.console", "control.start", "unknown.word"]}
    assert granted(ask.post("kim", f"{users}/{lee.user.uuid}", body)) == [
        "control.start", "control.console", "websocket.connect"]
    assert (node.calls, len(demo.world.activity_logs)) == ([], before)


def test_a_node_that_is_down_does_not_stop_changes(ask: Asker, users: str, demo: Demo, lee: Subuser) -> None:
    demo.link.fault_everywhere = Fault.NOTHING_LISTENS
    one = f"{users}/{lee.user.uuid}"
    assert granted(ask.post("kim", one, {"permissions": ["file.read"]})) == ["file.read", "websocket.connect"]
    response = ask("kim", "DELETE", one)
    assert (response.status_code, response.data) == (204, b"")
    assert says(ask.get("kim", one))[2] == "The requested resource could not be found on the server."
    assert [entry.properties["revoked"] for entry in demo.world.activity_logs[-2:]] == [False, False]
    assert demo.world.activity_logs[-1].properties["email"] == "lee@example.org"


def test_only_subusers_of_this_server_are_found(ask: Asker, users: str, demo: Demo, lee: Subuser) -> None:
    found = ask.get("kim", f"{users}/{lee.user.uuid.upper()}").json
    assert found is not None
    assert found["attributes"]["email"] == "lee@example.org"
    for wrong in (person(demo, "nobody").uuid, person(demo, "kim").uuid, lee.id, "x"):
        assert says(ask.get("kim", f"{users}/{wrong}")) == (
            404, "NotFoundHttpException", "The requested resource could not be found on the server.")
