"""The console page and sending one command."""

from __future__ import annotations

from html import escape
from typing import Any

import pytest
from werkzeug.test import TestResponse

from portal.auth import sessions
from tests.conftest import PASSWORD, World
from tests.servers.support import HTMX, audit_of, row_of, said, see, share_of

NAME = "Survival SMP"


@pytest.fixture
def world(world: World) -> World:
    """Owner and subuser have looked at their lists."""
    for who in ("owner", "subuser"):
        see(world, who, "/servers?q=none")
    world.calls()
    return world


def console(world: World, name: str = NAME) -> str:
    return f"/servers/{world.server(name)}/console"


def send(world: World, text: str | None, who: str = "owner", name: str = NAME, **options: Any) -> TestResponse:
    data = {} if text is None else {"command": text}
    return world.browser(who).post(f"{console(world, name)}/command", data=data, **options)


def typed(world: World, name: str = NAME) -> list[str]:
    return world.demo.processes[row_of(world, name).uuid].commands


def test_a_command_is_sent_in_one_call(world: World) -> None:
    answer = send(world, "say hello")

    assert (answer.status_code, answer.headers["Location"]) == (303, f"{console(world)}?sent=sent")
    assert typed(world) == ["say hello"]
    assert world.calls() == [f"POST /api/client/servers/{world.server(NAME)}/command"]
    assert audit_of(world, "console.") == [("done", "say hello")]
    assert "The command was sent." in see(world, "owner", answer.headers["Location"])


def test_htmx_gets_an_empty_form_that_says_what_was_sent(world: World) -> None:
    answer = send(world, "say <b>hello</b>", headers=HTMX)

    assert answer.status_code == 200
    assert answer.text.lstrip().startswith(f'<form id="command-form-{world.server(NAME)}"')
    assert "Sent: say &lt;b&gt;hello&lt;/b&gt;" in answer.text
    assert 'value=""' in answer.text


def test_the_page_shows_the_form_and_the_way_to_the_live_output(world: World) -> None:
    page = see(world, "owner", console(world))

    assert 'name="command"' in page
    assert f'href="http://panel.test/server/{world.server(NAME)}"' in page
    assert len(world.calls()) <= 1


def test_without_the_permission_there_is_no_form_and_no_sending(world: World) -> None:
    """The subuser of this server may look, not type."""
    assert 'name="command"' not in see(world, "subuser", console(world))
    world.calls()
    answer = send(world, "op subuser", "subuser")

    assert answer.status_code == 403
    assert "control.console" in answer.text
    assert world.calls() == []
    assert typed(world) == []


def test_with_the_permission_a_subuser_sends(world: World) -> None:
    share_of(world, NAME).permissions.append("control.console")
    world.work()

    assert send(world, "list", "subuser").status_code == 303
    assert typed(world) == ["list"]


def test_without_websocket_connect_the_page_is_refused(world: World) -> None:
    share_of(world, NAME).permissions[:] = ["file.read"]
    world.clock.advance(11)
    world.work()

    assert "websocket.connect" in see(world, "subuser", console(world), 403)


def test_a_stranger_gets_not_found_without_any_call(world: World) -> None:
    see(world, "stranger", console(world), 404)
    world.calls()

    assert send(world, "stop", "stranger").status_code == 404
    assert world.calls() == []


def test_nothing_typed_is_refused_beside_the_field(world: World) -> None:
    for text in (None, "", "   ", "\t", "\n"):
        for headers in ({}, HTMX):
            answer = send(world, text, headers=headers)
            assert answer.status_code == 422
            assert "Enter a command." in answer.text
    assert world.calls() == []


def test_too_long_is_refused_and_what_was_typed_stays(world: World) -> None:
    answer = send(world, "x" * 501)

    assert answer.status_code == 422
    assert "at most 500 characters" in answer.text
    assert "x" * 501 in answer.text
    assert world.calls() == []
    assert send(world, "x" * 500).status_code == 303


def test_a_server_that_is_off_says_so_beside_the_field(world: World) -> None:
    for headers, status in (({}, 409), (HTMX, 422)):
        answer = send(world, 'say "hi" <now>', name="Retakes", headers=headers)

        assert answer.status_code == status
        assert "The server is not running. Start it first." in said(answer.text)
        assert escape('say "hi" <now>', quote=False).replace('"', "&#34;") in answer.text.replace("&quot;", "&#34;")
    outcome, detail = audit_of(world, "console.")[0]
    assert outcome == "refused"
    assert "ServerOffline" in detail
    assert 'say "hi" <now>' in detail


@pytest.mark.parametrize("condition", ["node-down", "node-hangs", "panel-gateway"])
def test_an_unknown_outcome_is_said_and_not_repeated(world: World, condition: str) -> None:
    world.demo.set_condition(condition)
    answer = send(world, "give owner diamond 64", headers=HTMX)

    assert answer.status_code == 200
    assert "Whether the command was run is not known" in answer.text
    assert [call for call in world.calls() if call.startswith("POST")] == [
        f"POST /api/client/servers/{world.server(NAME)}/command"
    ]
    assert audit_of(world, "console.") == [("unknown", "give owner diamond 64")]


def test_an_unknown_outcome_is_said_on_the_page(world: World) -> None:
    world.demo.set_condition("node-down")
    answer = send(world, "list")

    assert answer.headers["Location"].endswith("?sent=unknown")
    assert "is not known" in see(world, "owner", answer.headers["Location"])


def test_a_server_in_another_state_refuses_with_the_reason(world: World) -> None:
    answer = send(world, "list", name="Unpaid")

    assert answer.status_code == 409
    assert "data-wrong>Your host has suspended this server." in answer.text


def test_several_lines_become_one(world: World) -> None:
    for text in ("say a\nop b", "say a\r\nop b", "say a\rop b"):
        send(world, text)

    assert typed(world) == ["say a op b"] * 3


def test_spaces_inside_a_command_stay(world: World) -> None:
    send(world, "  say  two  spaces ")

    assert typed(world) == ["say  two  spaces"]


def test_any_letters_arrive_as_typed(world: World) -> None:
    for text in ("say \U0001f409 ü \u202e", "{{7*7}} %(x)s", "<script>", "a" * 500):
        assert send(world, text).status_code == 303
        assert typed(world)[-1] == text.strip()


def test_a_made_up_result_in_the_address_is_ignored(world: World) -> None:
    page = see(world, "owner", f"{console(world)}?sent=<script>")

    assert "The command was sent." not in page
    assert "<script>" not in page.split("</head>")[1]


def test_rights_older_than_a_minute_are_read_again_first(world: World) -> None:
    share_of(world, NAME).permissions.append("control.console")
    world.work()
    share_of(world, NAME).permissions.remove("control.console")
    world.clock.advance(61)
    world.calls()

    assert send(world, "list", "subuser").status_code == 403
    assert len(world.calls()) == 1
    assert typed(world) == []


@pytest.mark.parametrize("way", ["plain", "htmx"])
def test_what_was_typed_survives_a_session_that_ended(world: World, way: str) -> None:
    browser = world.browser("owner")
    with browser.session_transaction() as session, world.app.app_context():
        sessions.end(session["_user_id"])
    address = f"http://localhost{console(world)}"
    headers = {**HTMX, "HX-Current-URL": address} if way == "htmx" else {"Referer": address}
    answer = browser.post(f"{console(world)}/command", data={"command": "whitelist add Åsa"}, headers=headers)
    expected = (401, "HX-Redirect") if way == "htmx" else (303, "Location")
    assert answer.status_code == expected[0]
    assert answer.headers[expected[1]] == f"/login?next={console(world)}"
    entered = browser.post("/login", data={"email": "owner@example.com", "password": PASSWORD, "next": console(world)})

    assert entered.headers["Location"] == console(world)
    assert 'value="whitelist add Åsa"' in browser.get(console(world)).text
    assert "whitelist" not in browser.get(console(world)).text
    assert typed(world) == []
