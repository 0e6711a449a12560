"""A console from end to end: a page, the portal's socket, the relay, and a node of the demo that really listens."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable

import pytest
from sqlalchemy.exc import OperationalError

from portal.audit import service as audit
from portal.auth import service as accounts
from portal.console import keeper
from portal.credentials import service as credentials
from portal.pterodactyl import errors
from portal.wings import Channel
from tests.conftest import World
from tests.console.live import Live, serving, threads_of_consoles
from tests.servers.support import audit_of, share_of
from tests.support.waiting import until

NAME = "Survival SMP"


def test_a_page_sees_lines_and_sends_a_command(live: Live) -> None:
    page = live.open()

    assert page.heard[0]["hello"] == {"stream": page.heard[0]["hello"]["stream"], "may_command": True, "kept": 1000}
    assert page.command("say hello") == {"id": 1, "outcome": "sent"}
    page.line("hello")
    assert live.process(NAME).commands == ["say hello"]
    assert audit_of(live.world, "console.") == [("done", "say hello")]


def test_a_page_is_told_state_and_usage(live: Live) -> None:
    page = live.open()
    live.world.clock.advance(1)
    while not (found := [told["stats"] for told in page.heard if "stats" in told]):
        page.next()
    stats = found[-1]

    assert any(told.get("status") == ["running"] for told in page.heard)
    assert stats["state"] == "running"
    assert set(stats) == {
        "memory_bytes", "memory_limit_bytes", "cpu_absolute", "network", "uptime", "state", "disk_bytes",
    }  # fmt: skip


def test_a_page_that_comes_back_goes_on_where_it_was(live: Live) -> None:
    first = live.open()
    for number in range(5):
        first.command(f"say line-{number}", number)
    first.line("[Server] line-4")  # the last one: what was typed is a line too
    told = [one for one in first.heard if "lines" in one][-1]
    place = {"stream": first.heard[0]["hello"]["stream"], "next": told["from"] + len(told["lines"]), "tail": []}
    first.leave()
    second = live.page()
    second.say({"hello": place})
    second.command("say back", 6)
    second.line("back")

    assert second.heard[0]["hello"]["stream"] == place["stream"]
    assert "line-" not in str(second.heard)


def test_two_people_of_one_key_share_one_socket_to_the_node(make_world: Callable[..., World]) -> None:
    with serving(make_world("service", is_ready=True)) as live:
        pages = [live.open("owner"), live.open("subuser"), live.open("owner")]
        pages[0].command("say all")
        for page in pages:
            page.line("all")

        assert live.relay.hub.counts().upstreams == 1
        assert live.relay.seats.taken() == 3


def test_nothing_of_the_token_or_the_node_reaches_page_or_log(live: Live, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG, "roost")
    page = live.open()
    page.command("say hello")
    page.line("hello")
    page.leave()
    until(lambda: live.relay.seats.taken() == 0)

    places = [place.address.partition("://")[2] for place in live.nodes.values()]
    assert places
    for text in (str(page.heard), caplog.text):
        assert "eyJ" not in text
        assert not [place for place in places if place in text]


def test_a_visit_has_one_line_in_the_log_when_it_begins_and_one_when_it_ends(
    own: Live, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "roost.console")
    page = own.open()
    page.command("say hello")
    page.line("hello")
    page.leave()
    until(lambda: "is over" in caplog.text)

    lines = [one for one in caplog.records if one.name == "roost.console"]
    assert [one.getMessage()[:17] for one in lines] == ["a console is open", "a console is over"]
    over = lines[1].__dict__["fields"]
    assert {name: over[name] for name in ("account", "server", "dropped", "code")} == {
        "account": 1, "server": own.world.server(NAME), "dropped": 0, "code": 1000,
    }  # fmt: skip
    assert over["lines"] >= 1


def test_open_sockets_hold_no_connection_of_the_store(live: Live, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keeper, "EVERY_S", 3600.0)  # which looks into the store now and then
    pages = [live.open() for _ in range(3)]
    pages[0].command("say hello")

    until(lambda: live.checked_out() == 0)
    time.sleep(0.2)
    assert live.checked_out() == 0


def test_without_a_session_the_page_is_told_so(live: Live) -> None:
    assert live.page(None).closing()[0] == 4401


def test_a_stranger_is_told_the_same_as_for_a_server_that_there_is_not(live: Live) -> None:
    live.open("owner").leave()
    theirs = live.page("stranger").closing()

    assert theirs == live.page_at("zzzzzzzz", "stranger").closing()
    assert theirs[0] == 4404


def test_an_admin_of_roost_without_a_panel_user_sees_no_console(live: Live) -> None:
    with live.world.app.app_context():
        accounts.create("lonely@example.com", panel_user=None, is_admin=True)

    assert live.page("lonely").closing()[0] == 4404


def test_a_subuser_without_the_permission_is_told_so(live: Live) -> None:
    share_of(live.world, NAME).permissions[:] = ["file.read"]
    live.world.clock.advance(11)
    live.world.work()

    assert live.page("subuser").closing()[0] == 4403


def test_a_subuser_who_may_only_look_cannot_type(live: Live) -> None:
    page = live.open("subuser")

    assert page.heard[0]["hello"]["may_command"] is False
    answer = page.command("op subuser")
    assert answer["outcome"] == "refused"
    assert "permission" in answer["said"]
    assert live.process(NAME).commands == []
    assert audit_of(live.world, "console.") == []


def test_a_state_in_which_nobody_gets_a_console_is_said(live: Live) -> None:
    assert live.page("owner", "Unpaid").closing() == (4409, "This server is suspended.")


def test_an_expired_session_and_a_disabled_account_are_signed_out(own: Live) -> None:
    cookie = own.cookie("owner")
    own.world.clock.advance(25 * 3600)

    assert own.page_at(own.world.server(NAME), cookie=cookie).closing()[0] == 4401


def test_there_is_a_cap_for_a_person_and_for_the_process(own: Live, monkeypatch: pytest.MonkeyPatch) -> None:
    here = own.relay.seats
    monkeypatch.setattr(here, "_per_person", 2)
    monkeypatch.setattr(here, "_cap", 3)
    first = own.open("owner")
    own.open("owner")
    code, reason = own.page("owner").closing()
    assert (code, "too many" in reason) == (1013, True)
    own.open("subuser")
    code, reason = own.page("subuser").closing()
    assert (code, "places" in reason) == (1013, True)

    first.leave()
    until(lambda: here.taken() == 2)
    own.open("owner").leave()


def test_a_socket_that_says_nothing_has_a_place_too(own: Live, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("portal.console.socket.HELLO_S", 3600.0)
    monkeypatch.setattr(own.relay.seats, "_cap", 1)
    own.page("owner")
    until(lambda: own.relay.seats.taken() == 1)

    assert own.page("subuser").closing()[0] == 1013


def test_a_drained_process_says_goodbye_to_all_and_takes_nobody(live: Live, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("portal.console.socket.HELLO_S", 3600.0)
    monkeypatch.setattr("portal.console.visit.BEAT_S", 3600.0)
    talking, silent = live.open(), live.page("subuser")
    until(lambda: live.relay.seats.taken() == 2)
    began = time.monotonic()
    live.relay.drain()
    codes = {page.closing()[0] for page in (talking, silent)}
    for page in (talking, silent):
        page.leave()
    until(lambda: live.relay.seats.taken() == 0)

    assert codes == {1012}
    assert live.page().closing()[0] == 1012
    assert time.monotonic() - began < 600, "nobody waited for their next turn"
    until(lambda: live.relay.hub.counts().upstreams == 0)


def test_no_thread_is_left_when_pages_are_gone(own: Live) -> None:
    pages = [own.open(who) for who in ("owner", "subuser", "owner")]
    assert len([name for name in threads_of_consoles() if name == "console-browser"]) == 3
    assert own.relay.keeper.is_running
    pages[0].leave()
    pages[1].socket.shutdown()  # no close frame
    pages[2].socket.sock.close()
    until(lambda: own.relay.seats.taken() == 0)
    until(lambda: threads_of_consoles() == [])

    assert not own.relay.keeper.is_running


def test_a_node_that_refuses_the_origin_is_named_in_words(own: Live) -> None:
    own.set(console_origin="https://other.example.com")
    page = own.page()
    page.say({"hello": None})
    told = page.until(lambda one: one.get("link", {}).get("cause") == "origin")["link"]

    assert told["phase"] == "lost"
    assert told["retry_in_s"] >= 0
    assert told["said"] == "The server's node refuses consoles from this portal. Ask your host."


def test_the_panel_down_is_named_in_words(own: Live) -> None:
    own.world.browser("owner").get(f"/servers/{own.world.server(NAME)}")
    own.demo.set_condition("panel-gateway")
    page = own.page("owner")
    page.say({"hello": None})
    told = page.until(lambda one: one.get("link", {}).get("cause") == "panel")["link"]

    assert "panel" in told["said"]


def test_a_command_for_a_server_that_is_off_is_not_sent_and_the_audit_says_so(live: Live) -> None:
    page = live.open("owner", "Retakes")
    while not any("offline" in told.get("status", ()) for told in page.heard):
        page.next()
    answer = page.command("say hello")

    assert (answer["outcome"], answer["said"]) == ("dropped", "The server is not running. Start it first.")
    assert live.process("Retakes").commands == []
    assert audit_of(live.world, "console.") == [("refused", "ServerOffline: say hello")]


@pytest.mark.parametrize(
    ("became", "kept"),
    [("unknown", ("unknown", "say hello")), ("dropped", ("refused", "NodeUnreachable: say hello")),
     ("sent", ("done", "say hello"))],
)  # fmt: skip
def test_the_audit_keeps_what_became_of_a_command(
    own: Live, monkeypatch: pytest.MonkeyPatch, became: str, kept: tuple[str, str]
) -> None:
    page = own.open()
    asked: list[str] = []
    monkeypatch.setattr(Channel, "send_command", lambda _, text: asked.append(text) or became)
    answer = page.command("say hello")

    assert answer["outcome"] == became
    assert bool(answer.get("said")) == (became != "sent")
    assert asked == ["say hello"], "and never a second time"
    assert audit_of(own.world, "console.") == [kept]


def test_a_store_that_is_locked_sends_no_command(own: Live, monkeypatch: pytest.MonkeyPatch) -> None:
    page = own.open()

    def locked(*_: object, **__: object) -> int:
        raise OperationalError("BEGIN", {}, Exception("database is locked"))

    monkeypatch.setattr(audit, "record", locked)
    answer = page.command("say hello")

    assert answer["outcome"] == "refused"
    assert own.process(NAME).commands == []
    monkeypatch.undo()
    assert page.command("say hello", 2)["outcome"] == "sent"


def test_without_a_key_that_works_there_is_no_console(own: Live) -> None:
    def refuse() -> None:
        credential = credentials.for_account(1, accounts.find("owner@example.com").panel_user_id)
        assert isinstance(credential, credentials.Credential)
        credentials.refused(credential, errors.KeyRefused())

    own.open("owner").leave()
    with own.world.app.app_context():
        refuse()
    page = own.page("owner")
    page.say({"hello": None})

    assert page.closing() == (4403, "Your connection to the panel has to be set up again. Ask your host.")


def test_what_goes_wrong_on_our_side_is_told_by_a_code_and_never_by_a_page(
    own: Live, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(own.relay.hub, "attach", broken)
    page = own.page("owner")
    page.say({"hello": None})

    assert page.closing()[0] == 1011
