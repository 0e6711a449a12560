"""Changing what somebody holds: the panel's rule about whole sets, nobody themselves, and no lost change."""

from __future__ import annotations

import json

import pytest

from tests.conftest import World
from tests.servers.support import Bent, audit_of, row_of, said, share_of
from tests.subusers.support import (
    PLAYED,
    added,
    change,
    fixed,
    invite,
    let,
    link,
    look,
    path,
    person,
    remove,
    rights,
    subuser_of,
    ticked,
)


def mika(world: World, *permissions: str) -> str:
    """mika holds these and `websocket.connect`; returns their uuid."""
    share = subuser_of(world, "mika@example.com")
    assert share is not None
    share.permissions = [*permissions, "websocket.connect"]
    world.work()
    look(world)
    return share.user.uuid


def held(world: World, email: str = "mika@example.com") -> set[str]:
    share = subuser_of(world, email)
    assert share is not None
    return set(share.permissions)


def test_the_form_shows_what_they_hold(world: World) -> None:
    uuid = mika(world, "file.read", "control.start")
    answer = world.browser("owner").get(path(world, f"/{uuid}/edit"))
    assert answer.status_code == 200
    assert ticked(answer.text) == {"file.read", "control.start"}
    assert world.calls() == [
        f"GET /api/client/servers/{row_of(world, PLAYED).uuid}/users/{uuid}", "GET /api/client/permissions"
    ]  # fmt: skip


def test_it_replaces_the_whole_set(world: World) -> None:
    uuid = mika(world, "file.read", "control.start")
    shown = ["file.read", "control.start", "websocket.connect"]
    answer = change(world, uuid, ["control.start", "backup.read"], shown, follow=True)
    assert held(world) == {"control.start", "backup.read", "websocket.connect"}
    assert "Saved for mika@example.com. 1 permission added. 1 permission removed. 3 in all." in said(answer.text)
    assert audit_of(world, "subuser.update") == [("done", "mika@example.com")]


def test_the_stored_rights_follow_at_once(world: World) -> None:
    uuid = mika(world, "file.read")
    change(world, uuid, ["backup.read"], ["file.read", "websocket.connect"])
    now = rights(world, person(world, "mika"))
    assert now is not None
    assert set(now.permissions) == {"backup.read", "websocket.connect"}


def test_the_same_set_in_another_order_is_no_change(world: World) -> None:
    uuid = mika(world, "file.read", "control.start")
    world.calls()
    shown = ["websocket.connect", "control.start", "file.read"]
    answer = change(world, uuid, ["control.start", "file.read"], shown, follow=True)
    assert "Nothing was changed" in said(answer.text)
    assert not [one for one in world.calls() if one.startswith("POST")]
    assert audit_of(world, "subuser.update") == []


def test_a_change_of_somebody_else_is_not_overwritten(world: World) -> None:
    uuid = mika(world, "file.read", "backup.read")
    answer = change(world, uuid, ["file.read", "control.start"], ["file.read", "control.console", "websocket.connect"])
    assert answer.status_code == 409
    text = said(answer.text)
    assert "Somebody changed this access while you looked at it, so nothing was saved." in text
    assert "Given meanwhile: backup.read." in text
    assert "Taken away meanwhile: control.console." in text
    assert held(world) == {"file.read", "backup.read", "websocket.connect"}
    assert ticked(answer.text) == {"file.read", "control.start"}
    again = change(world, uuid, ["file.read", "control.start"], ["file.read", "backup.read", "websocket.connect"])
    assert again.status_code == 303
    assert held(world) == {"file.read", "control.start", "websocket.connect"}


@pytest.mark.parametrize("shown", ["", "{", "{}", '"x"', "[1]", "[" * 3000])
def test_a_form_that_cannot_be_understood_changes_nothing(world: World, shown: str) -> None:
    uuid = mika(world, "file.read")
    data = {"permissions": ["backup.read"], "shown": shown, "preset": "own"}
    answer = world.browser("owner").post(path(world, f"/{uuid}/edit"), data=data)
    assert answer.status_code == 409
    assert held(world) == {"file.read", "websocket.connect"}


def test_a_subuser_cannot_keep_for_others_what_they_lack(world: World) -> None:
    """The panel compares the whole set with what its sender holds, so it would refuse; Roost does before any call."""
    let(world, "user.read", "user.update", "file.read", "backup.read")
    uuid = mika(world, "file.read", "control.start")
    look(world, "subuser")
    html = world.browser("subuser").get(path(world, f"/{uuid}/edit")).text
    assert ticked(html) == {"file.read", "control.start"}
    assert "They hold 1 permission that you do not hold." in said(html)
    assert "control.start" not in fixed(html)
    assert "control.stop" in fixed(html)
    world.calls()
    shown = ["file.read", "control.start", "websocket.connect"]
    answer = change(world, uuid, ["file.read", "control.start", "backup.read"], shown, who="subuser")
    assert answer.status_code == 422
    assert "They hold control.start, and you do not." in said(answer.text)
    assert world.calls() == []
    assert held(world) == {*shown}


def test_they_can_take_it_away_by_unticking_it(world: World) -> None:
    let(world, "user.read", "user.update", "file.read", "backup.read")
    uuid = mika(world, "file.read", "control.start")
    look(world, "subuser")
    shown = ["file.read", "control.start", "websocket.connect"]
    assert change(world, uuid, ["file.read", "backup.read"], shown, who="subuser").status_code == 303
    assert held(world) == {"file.read", "backup.read", "websocket.connect"}


def test_a_set_that_was_not_shown_drops_nothing_silently(world: World) -> None:
    """A form made by hand that leaves out what they hold meets the guard, not the panel."""
    let(world, "user.read", "user.update", "file.read", "backup.read")
    uuid = mika(world, "file.read", "control.start")
    look(world, "subuser")
    answer = change(world, uuid, ["file.read", "backup.read"], ["file.read", "websocket.connect"], who="subuser")
    assert answer.status_code == 409
    assert "control.start" in held(world)


@pytest.mark.parametrize("asked", [["control.stop"], ["*"], ["huh"]])
def test_a_subuser_gives_nothing_that_they_lack(world: World, asked: list[str]) -> None:
    let(world, "user.read", "user.update", "file.read")
    uuid = mika(world, "file.read")
    look(world, "subuser")
    answer = change(world, uuid, ["file.read", *asked], ["file.read", "websocket.connect"], who="subuser")
    assert answer.status_code == 422
    assert world.calls() == []
    assert held(world) == {"file.read", "websocket.connect"}


def test_permissions_that_the_panel_does_not_list_stay(own_world: World) -> None:
    world = own_world
    uuid = mika(world, "file.read", "teapot.brew")
    html = world.browser("owner").get(path(world, f"/{uuid}/edit")).text
    assert "Not in the panel’s list" in said(html)
    assert ticked(html) == {"file.read", "teapot.brew"}
    shown = ["file.read", "teapot.brew", "websocket.connect"]
    world.adapter.requests.clear()
    answer = change(world, uuid, ["file.read", "teapot.brew", "backup.read"], shown, follow=True)
    (asked,) = [one for one in world.adapter.requests if one.method == "POST"]
    assert "teapot.brew" in json.loads(asked.body or b"{}")["permissions"]
    assert "The panel did not keep: teapot.brew." in said(answer.text)


def test_nobody_is_their_own_subuser(world: World) -> None:
    let(world, "user.read", "user.create", "user.update", "user.delete", "file.read")
    uuid = person(world, "subuser").uuid
    before = list(share_of(world, PLAYED).permissions)
    browser = world.browser("subuser")
    for rest in ("edit", "remove", "resend"):
        answer = browser.get(path(world, f"/{uuid}/{rest}"))
        assert answer.status_code == 403, rest
        assert not [one for one in world.calls() if one.startswith(("POST", "DELETE"))]
    answers = [change(world, uuid, ["file.read"], before, who="subuser"), remove(world, uuid, who="subuser")]
    assert [one.status_code for one in answers] == [409, 409]
    for one in answers:
        assert "This is you." in said(one.text)
    assert not [one for one in world.calls() if one.startswith(("POST", "DELETE", "GET /api/client"))]
    assert share_of(world, PLAYED).permissions == before


def test_a_new_name_does_not_make_one_somebody_else(service_world: World) -> None:
    world = service_world
    let(world, "user.read", "user.update", "user.delete", "file.read")
    share = share_of(world, PLAYED)
    share.user.username = "another-name"
    answer = remove(world, share.user.uuid, who="subuser")
    assert "This is you." in said(answer.text)
    assert share in row_of(world, PLAYED).subusers
    assert world.browser("subuser").get(path(world, f"/{share.user.uuid}/edit")).status_code == 403


def test_with_the_service_key_nothing_is_done_without_knowing_who_it_is(service_world: World) -> None:
    world = service_world
    uuid = mika(world, "file.read")

    def bend(path: str, body: object) -> object:
        return b"nonsense" if "/api/application/users" in path else body

    Bent(world, bend)
    assert remove(world, uuid).status_code == 503
    assert change(world, uuid, [], ["file.read", "websocket.connect"]).status_code == 503
    assert not [one for one in world.calls() if one.startswith(("POST", "DELETE"))]
    assert held(world) == {"file.read", "websocket.connect"}


def test_with_an_own_key_the_panel_is_a_guard_too(own_world: World) -> None:
    world = own_world
    uuid = mika(world, "file.read")
    Bent(world, lambda path, body: b"nonsense" if "/api/application/users" in path else body)
    assert change(world, uuid, ["backup.read"], ["file.read", "websocket.connect"]).status_code == 303


def test_an_owner_who_is_also_a_subuser_keeps_their_rights(service_world: World) -> None:
    """After a change of owner the panel leaves the row of the new one."""
    world = service_world
    uuid = added(world, "owner", "file.read")
    assert change(world, uuid, [], ["file.read", "websocket.connect"]).status_code == 409
    let(world, "user.read", "user.delete")
    assert remove(world, uuid, who="subuser").status_code == 303
    now = rights(world, person(world, "owner"))
    assert now is not None
    assert now.is_owner


def test_somebody_who_is_gone_is_said_to_be(world: World) -> None:
    uuid = mika(world, "file.read")
    row_of(world, PLAYED).subusers[:] = [
        one for one in row_of(world, PLAYED).subusers if one.user.username != "mika"
    ]
    assert world.browser("owner").get(path(world, f"/{uuid}/edit")).status_code == 404
    for answer in (remove(world, uuid), change(world, uuid, [], ["file.read"])):
        assert answer.status_code == 409
        assert "They have no access to this server any more" in said(answer.text)


def test_changing_begins_with_reading(world: World) -> None:
    let(world, "user.update", "user.delete", "user.create", "file.read")
    uuid = person(world, "mika").uuid
    asked = world.browser("subuser").get(path(world, f"/{uuid}/edit"))
    answers = [asked, *(change(world, uuid, ["file.read"], [], "subuser", preset=one) for one in ("own", "viewer"))]
    for answer in answers:
        assert answer.status_code == 403
        assert "user.read" in said(answer.text)
    question = world.browser("subuser").get(path(world, f"/{uuid}/remove"))
    assert question.status_code == 200
    assert "mika" not in question.text
    assert world.calls() == []


def test_an_answer_that_never_came_is_unknown(world: World) -> None:
    uuid = mika(world, "file.read")
    change(world, uuid, ["backup.read"], ["file.read", "websocket.connect"])
    shown = ["backup.read", "websocket.connect"]
    real = world.adapter.app

    def lost(environ, start_response):  # type: ignore[no-untyped-def]
        if environ["REQUEST_METHOD"] != "POST":
            return real(environ, start_response)
        start_response("502 Bad Gateway", [("Content-Type", "text/html")])
        return [b"<html>"]

    world.adapter.app = lost
    answer = change(world, uuid, ["file.read"], shown)
    assert answer.status_code == 503
    assert "Whether it was done is not known" in said(answer.text)
    assert ticked(answer.text) == {"file.read"}
    assert [outcome for outcome, _ in audit_of(world, "subuser.update")] == ["done", "unknown"]


def test_rights_follow_an_invitation_that_is_changed_before_it_is_linked(service_world: World) -> None:
    world = service_world
    invite(world)
    share = subuser_of(world, "helper@example.net")
    assert share is not None
    change(world, share.user.uuid, ["backup.read"], list(share.permissions))
    link(world)
    now = rights(world, share.user)
    assert now is not None
    assert set(now.permissions) == {"backup.read", "websocket.connect"}


def test_somebody_with_an_old_name_of_the_viewers_is_not_the_viewer(service_world: World) -> None:
    """Names go from one to another on the panel; its numbers do not."""
    world = service_world
    let(world, "user.read", "user.update", "file.read")
    uuid = mika(world, "file.read")
    look(world, "subuser")
    person(world, "subuser").username = "new-name"
    person(world, "mika").username = "subuser"
    assert world.browser("subuser").get(path(world, f"/{uuid}/edit")).status_code == 200
    assert change(world, uuid, [], ["file.read", "websocket.connect"], who="subuser").status_code == 303
