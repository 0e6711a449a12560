"""Giving access: never more than the giver holds, whatever key asks, and what the panel refuses beside its field."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from tests.conftest import World
from tests.servers.support import HTMX, account_id, audit_of, row_of, said
from tests.subusers.support import (
    HELPER,
    PLAYED,
    invitations,
    invite,
    let,
    link,
    look,
    page,
    path,
    person,
    subuser_of,
    ticked,
)


def sent(world: World) -> list[dict[str, object]]:
    """The bodies of all invitations that were asked of the panel."""
    return [
        json.loads(one.body or b"{}")
        for one in world.adapter.requests
        if one.method == "POST" and one.path_url.endswith("/users")
    ]


def test_it_gives_what_is_ticked_with_one_call(world: World) -> None:
    look(world)
    answer = invite(world, permissions=["file.read", "control.console", "file.read"], follow=True)
    assert "helper@example.net has access to this server now." in said(answer.text)
    assert sent(world) == [{"email": HELPER, "permissions": ["file.read", "control.console", "websocket.connect"]}]
    users = f"/api/client/servers/{row_of(world, PLAYED).uuid}/users"
    assert world.calls() == [f"POST {users}", f"GET {users}"]
    assert audit_of(world, "subuser.create") == [("done", HELPER)]


def test_nothing_ticked_gives_what_every_subuser_has(world: World) -> None:
    assert invite(world, permissions=[]).status_code == 303
    share = subuser_of(world, HELPER)
    assert share is not None
    assert share.permissions == ["websocket.connect"]


@pytest.mark.parametrize("asked", [["file.read", "control.start"], ["*"], ["admin.websocket.errors"], ["huh"], [""]])
def test_a_subuser_gives_nothing_that_they_lack(world: World, asked: list[str]) -> None:
    let(world, "user.read", "user.create", "file.read")
    answer = invite(world, permissions=asked, who="subuser")
    assert answer.status_code == 422
    assert "because you do not hold" in said(answer.text)
    assert world.calls() == []
    assert subuser_of(world, HELPER) is None
    assert audit_of(world, "subuser.create") == []


def test_a_subuser_gives_what_they_hold(world: World) -> None:
    let(world, "user.read", "user.create", "file.read")
    assert invite(world, permissions=["file.read", "user.read"], who="subuser").status_code == 303
    share = subuser_of(world, HELPER)
    assert share is not None
    assert set(share.permissions) == {"file.read", "user.read", "websocket.connect"}


def test_the_inviter_is_the_person_and_not_the_service_account(service_world: World) -> None:
    invite(service_world)
    (row,) = invitations(service_world)
    assert row.invited_by == account_id(service_world, "owner")


def test_a_subuser_without_the_socket_gives_none_of_their_own_accord(world: World) -> None:
    """The panel adds it by itself; sent, it would be more than they hold."""
    let(world, "user.read", "user.create", "file.read").permissions.remove("websocket.connect")
    world.work()
    look(world, "subuser")
    assert invite(world, permissions=["file.read"], who="subuser").status_code == 303
    assert sent(world)[-1]["permissions"] == ["file.read"]
    assert invite(world, permissions=[], who="subuser").status_code == 422


def test_an_owner_cannot_send_what_the_panel_would_drop(world: World) -> None:
    answer = invite(world, permissions=["file.read", "control.fly"])
    assert answer.status_code == 422
    assert "The panel does not know one of these permissions." in said(answer.text)
    assert subuser_of(world, HELPER) is None


@pytest.mark.parametrize(
    ("email", "told"),
    [
        ("owner@example.com", "You cannot add the server owner as a subuser for this server."),
        ("subuser@example.com", "A user with that email address is already assigned as a subuser for this server."),
    ],
)
@pytest.mark.parametrize("who", ["owner", "subuser"])
def test_what_the_panel_refuses_stands_beside_the_address(world: World, email: str, told: str, who: str) -> None:
    let(world, "user.read", "user.create", "file.read")
    answer = invite(world, email=email, permissions=["file.read"], who=who)
    assert answer.status_code == 422
    assert f'<p id="email-help" class="wrong">{told}</p>' in answer.text
    assert ticked(answer.text) == {"file.read"}
    assert f'value="{email}"' in answer.text
    assert invitations(world) == []
    assert [outcome for outcome, _ in audit_of(world, "subuser.create")] == ["refused"]


def test_the_panels_422_stands_beside_its_field(world: World) -> None:
    """An address that Roost lets through and the panel does not."""
    answer = invite(world, email="a..b@example.net")
    assert answer.status_code == 422
    assert 'class="wrong">The email must be a valid email address.' in answer.text
    assert invitations(world) == []


@pytest.mark.parametrize(
    "email", ["", "   ", "nonsense", "a b@example.com", "x@y", "a@b.example,c@d.example", f"{'x' * 200}@example.com"]
)
def test_what_is_no_address_never_reaches_the_panel(world: World, email: str) -> None:
    invite(world, email="")
    world.calls()
    answer = invite(world, email=email)
    assert answer.status_code == 422
    assert 'class="wrong"' in answer.text
    assert world.calls() == []


def test_the_same_words_whoever_it_is(world: World) -> None:
    """stranger has an account here, helper is nobody: all that an inviter is shown is the same."""
    look(world)
    lines: list[list[object]] = []
    for email in ("stranger@example.com", HELPER):
        answer = world.browser("owner").post(
            path(world, "/new"), data={"email": email, "permissions": ["file.read"], "preset": "own"}, headers=HTMX
        )
        lines.append([answer.status_code, answer.headers["HX-Redirect"], len(world.calls())])
        for _ in range(2):
            shown = page(world).text
            found = shown[shown.index(f"<bdi>{email}</bdi>") :]
            entry = said(found[: found.index("</li>")]).replace(email, "THEM")
            lines[-1].append(entry)
            link(world)
        world.calls()
    known, unknown = lines
    assert known == unknown
    assert "stranger ·" not in str(known)
    assert "Two-factor" not in str(known)


def test_the_form_of_somebody_who_waits_says_no_more_than_the_list(world: World) -> None:
    invite(world, email="stranger@example.com")
    html = world.browser("owner").get(path(world, f"/{person(world, 'stranger').uuid}/edit")).text
    assert "stranger@example.com" in html
    assert "Two-factor" not in html


def test_an_answer_that_never_came_is_unknown(world: World) -> None:
    look(world)
    world.demo.set_condition("panel-gateway")
    answer = invite(world)
    assert answer.status_code == 503
    assert "Whether it was done is not known" in said(answer.text)
    assert HELPER in answer.text
    assert [outcome for outcome, _ in audit_of(world, "subuser.create")] == ["unknown"]


def test_many_invitations_within_an_hour_are_held_back(world: World) -> None:
    for number in range(30):
        assert invite(world, email=f"friend{number}@example.net").status_code == 303
        world.clock.advance(1)
    world.calls()
    answer = invite(world)
    assert answer.status_code == 409
    assert "Go on a little later." in said(answer.text)
    assert not [one for one in world.calls() if one.startswith("POST")]
    world.clock.advance(3600)
    world.work()
    assert invite(world).status_code == 303


def test_a_suspended_server_refuses(world: World) -> None:
    answer = invite(world, name="Unpaid")
    assert answer.status_code == 409
    assert "uspended" in said(answer.text)


def test_old_rights_are_read_again_first(make_world: Callable[..., World]) -> None:
    world = make_world("service", is_ready=True)
    share = let(world, "user.read", "user.create", "file.read")
    share.permissions.remove("user.create")
    world.clock.advance(61)
    answer = invite(world, permissions=["file.read"], who="subuser")
    assert answer.status_code == 403
    assert subuser_of(world, HELPER) is None
