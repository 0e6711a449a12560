"""Tokens: accepted, refused, renewed, expiring, denied.  Nothing of it ever closes a socket."""
from __future__ import annotations

import json
import re
from typing import Any

import pytest
from werkzeug.test import Client

from portal.demo.tokens import jti_of
from portal.demo.wings.daemon import Daemon
from portal.demo.wings.outbox import Outbox
from portal.demo.wings.session import Session
from tests.demo.conftest import Asker
from tests.demo.sockets.peers import Peer, Place, Told

PREFIX = re.compile(r"Error Event \[[0-9a-f-]{36}\]: ")
GENERIC = "an unexpected error was encountered while handling this request"
EXPIRED = ("jwt error", "jwt: exp claim is invalid")
DENIED = ("jwt error", "jwt: created too far in past (denylist)")


def bare(told: Told) -> Told:
    """Without the mark that an answer to a failed request has to have."""
    event, text = told
    assert PREFIX.match(text)
    return event, PREFIX.sub("", text)


def deny(place: Place, who: str) -> None:
    user, server = place.user(who), place.server("Uno")
    answer = Client(Daemon(place.node)).post(
        f"/api/servers/{server.uuid}/ws/deny", json={"jtis": [jti_of(user, server)]},
        headers={"Authorization": f"Bearer {place.node.row.daemon_token}"})
    assert answer.status_code == 204


def try_to_join(place: Place, token: str) -> list[Told]:
    peer = place.open()
    peer.send("auth", token)
    return peer.settled()


def test_first_success_brings_status_and_stats_of_an_offline_server(place: Place) -> None:
    told = try_to_join(place, place.token("kim"))
    assert told[:2] == [("auth success",), ("status", "offline")]
    assert [one[0] for one in told[2:]] == ["stats"]


def test_a_running_server_has_no_stats_at_once(place: Place) -> None:
    place.run("Uno")
    assert try_to_join(place, place.token("kim")) == [("auth success",), ("status", "running")]


@pytest.mark.parametrize(("work", "has_stats"), [("installing", False), ("transferring", False), ("restoring", True)])
def test_stats_are_left_out_while_installing_or_transferring(place: Place, work: Any, has_stats: bool) -> None:
    process = place.process("Uno")
    process.is_busy, process.busy_with = True, work
    told = try_to_join(place, place.token("kim"))
    assert (len(told) == 3) is has_stats


def test_renewal_brings_only_auth_success(place: Place) -> None:
    peer = place.join()
    peer.send("auth", place.token("kim"))
    assert peer.settled() == [("auth success",)]


def test_the_panels_own_token_is_good(place: Place, ask: Asker) -> None:
    answer = ask.get("lee", f"{ask.server('Uno')}/websocket").json
    assert answer is not None
    assert try_to_join(place, answer["data"]["token"])[0] == ("auth success",)


def test_a_token_may_come_in_pieces(place: Place) -> None:
    token = place.token("kim")
    peer = place.open()
    peer.send("auth", token[:20], token[20:])
    assert peer.next() == ("auth success",)


@pytest.mark.parametrize("token", ["", "nonsense", "a.b.c", "{token}x"])
def test_a_bad_signature_is_a_daemon_error_and_no_jwt_error(place: Place, token: str) -> None:
    (told,) = try_to_join(place, token.format(token=place.token("kim")))
    assert bare(told) == ("daemon error", GENERIC)


def test_another_nodes_key_is_a_bad_signature(place: Place) -> None:
    place.node.row.daemon_token, known = "x" * 64, place.node.row.daemon_token
    token = place.token("kim")
    place.node.row.daemon_token = known
    (told,) = try_to_join(place, token)
    assert bare(told) == ("daemon error", GENERIC)


@pytest.mark.parametrize(("claims", "text"), [
    ({"exp": 1}, "jwt: exp claim is invalid"), ({"exp": None}, "jwt: exp claim is invalid"),
    ({"iat": None}, "jwt: created too far in past (denylist)"),
    ({"permissions": ["control.console"]}, "jwt: missing connect permission"),
    ({"permissions": None}, "jwt: missing connect permission"),
])
def test_tokens_that_are_refused(place: Place, claims: dict[str, Any], text: str) -> None:
    (told,) = try_to_join(place, place.signed("kim", **claims))
    assert bare(told) == ("jwt error", text)


def test_the_star_is_no_admin_permission_but_lets_connect(place: Place) -> None:
    assert try_to_join(place, place.signed("kim", permissions=["*"]))[0] == ("auth success",)


def test_a_token_for_another_server_succeeds_and_then_every_event_is_an_error(place: Place) -> None:
    mismatch = ("jwt error", "jwt: server uuid mismatch")
    peer = place.open()
    peer.send("auth", place.token("lee", "Tre"))
    assert peer.settled() == [("auth success",), mismatch, mismatch]
    peer.send("send stats")
    assert peer.settled() == [mismatch]


def test_nothing_but_auth_is_heard_before_it(place: Place) -> None:
    peer = place.open()
    for event in ("send logs", "send stats", "set state", "anything"):
        peer.send(event)
    assert peer.settled() == [("jwt error", "jwt: no jwt present")] * 4
    place.process("Uno").power("start")
    assert peer.settled() == []


def test_a_failed_auth_leaves_the_accepted_token_and_the_socket(place: Place) -> None:
    peer = place.join()
    peer.send("auth", "nonsense")
    peer.send("send stats")
    assert [told[0] for told in peer.settled()] == ["daemon error", "stats"]


def test_a_later_token_replaces_user_and_permissions(place: Place) -> None:
    peer = place.join("kim")
    peer.send("auth", place.token("lee", permissions=["websocket.connect"]))
    peer.send("set state", "start")
    assert peer.settled() == [("auth success",)]
    assert place.process("Uno").state == "offline"


def test_notices_come_in_the_last_minute_on_a_tick_of_30_seconds(place: Place) -> None:
    peer = place.join()
    for second in range(30, 540, 30):
        place.pass_time(30)
        assert peer.settled() == [], second
    place.pass_time(29)
    assert peer.settled() == []
    place.pass_time(1)
    assert peer.settled() == [("token expiring",)]
    place.pass_time(30)
    assert peer.settled() == [("token expiring",)]


def test_a_tick_in_the_second_of_expiry_says_expired(place: Place) -> None:
    peer = place.join()
    place.pass_time(600)
    assert peer.settled() == [("token expired",)]
    place.pass_time(30)
    assert peer.settled() == [EXPIRED]


def test_the_ticker_starts_at_the_first_auth_and_is_not_restarted_by_renewals(place: Place) -> None:
    peer = place.join()
    place.pass_time(20)
    peer.send("auth", place.signed("kim", exp=int(place.demo.clock.now()) + 40))
    assert peer.settled() == [("auth success",)]
    place.pass_time(10)
    assert peer.settled() == [("token expiring",)]


def test_after_expiry_each_event_is_replaced_by_an_error_and_lost(place: Place) -> None:
    process = place.run("Uno")
    peer = place.join()
    place.pass_time(601)
    peer.settled()
    process.console.print("somebody said something")
    place.pass_time(1)
    assert peer.settled() == [EXPIRED, EXPIRED]
    peer.send("send command", "list")
    assert peer.settled() == [EXPIRED]
    peer.send("auth", place.token("kim"))
    assert peer.settled() == [("auth success",)]
    process.console.print("and again")
    assert peer.settled() == [("console output", "and again")]
    assert process.commands == []


def test_denied_tokens_are_dead_and_newer_ones_are_not(place: Place) -> None:
    kim, lee = place.join("kim"), place.join("lee")
    place.demo.clock.advance(5)
    deny(place, "lee")
    place.process("Uno").bus.publish("daemon message", "hello")
    assert (kim.settled(), lee.settled()) == ([("daemon message", "hello")], [DENIED])
    lee.send("auth", place.token("lee"))
    assert lee.settled() == [("auth success",)]


@pytest.mark.parametrize(("denied_at", "is_dead"), [(0.0, False), (0.4, True)])
def test_iat_is_whole_seconds_and_the_denial_is_not(place: Place, denied_at: float, is_dead: bool) -> None:
    """A token of the same second is refused even when it was issued after the denial."""
    place.demo.clock.advance(denied_at)
    deny(place, "kim")
    place.demo.clock.advance(0.5)
    (first, *_) = try_to_join(place, place.token("kim"))
    assert (first[0] == "jwt error") is is_dead
    place.demo.clock.advance(1)
    assert try_to_join(place, place.token("kim"))[0] == ("auth success",)


def test_tokens_older_than_the_nodes_boot_are_refused(place: Place) -> None:
    old = place.token("kim")
    peer = place.join()
    place.demo.clock.advance(10)
    place.node.restart()
    with pytest.raises(ConnectionError):
        peer.next()
    assert bare(try_to_join(place, old)[0]) == DENIED
    assert try_to_join(place, place.token("kim"))[0] == ("auth success",)


def test_a_restart_forgets_who_was_denied(place: Place) -> None:
    place.demo.clock.advance(0.5)
    deny(place, "kim")
    place.demo.clock.advance(-0.5)
    place.node.restart()
    assert try_to_join(place, place.token("kim"))[0] == ("auth success",)


def test_a_restart_forgets_which_links_were_opened_and_leaves_the_servers_alone(place: Place) -> None:
    process = place.run("Uno")
    now = place.demo.clock.now()
    assert place.node.spent_tokens.spend("a link", now)
    place.node.restart()
    assert place.node.spent_tokens.spend("a link", now)
    assert process.state == "running"


def test_refused_renewal_by_the_panel_degrades_to_errors_without_a_close(place: Place, ask: Asker) -> None:
    """A suspension closes nothing: the panel issues no new token."""
    peer = place.join()
    server = place.server("Uno")
    server.status = "suspended"
    assert ask.get("kim", f"{ask.server('Uno')}/websocket").status_code == 409
    place.pass_time(630)
    assert peer.settled() == [EXPIRED]


def test_delayed_auth(place: Place) -> None:
    place.node.socket_faults.delay_auth = 5.0
    peer = place.open()
    peer.send("auth", place.token("kim"))
    assert peer.settled() == []
    place.pass_time(5)
    assert peer.settled()[0] == ("auth success",)


def test_refused_tokens(place: Place) -> None:
    peer: Peer = place.join()
    place.node.socket_faults.refuse_tokens = True
    peer.send("auth", place.token("kim"))
    peer.send("send stats")
    refused, stats = peer.settled()
    assert bare(refused) == DENIED
    assert stats[0] == "stats"


def test_a_clock_that_is_put_back_brings_no_notice_too_many_and_none_too_few(place: Place) -> None:
    peer = place.join()
    place.pass_time(300)
    place.pass_time(-300)
    assert peer.settled() == []
    place.pass_time(540)
    assert peer.settled() == [("token expiring",)]


def test_who_joins_hears_only_what_happens_from_then_on(place: Place) -> None:
    """Not even the start that nobody watched, and the game's log only when asked."""
    place.process("Uno").run_since(100)
    peer = place.open()
    peer.send("auth", place.token("kim"))
    assert peer.settled() == [("auth success",), ("status", "running")]
    peer.send("send logs")
    lines = [told[1] for told in peer.settled()]
    assert lines[-1] == "Server is ready"
    assert len(lines) == len(set(lines))


def test_an_auth_that_is_looked_at_after_the_end_leaves_no_listener(place: Place) -> None:
    process = place.process("Uno")
    session = Session(place.node, place.server("Uno").uuid, process, "192.0.2.9", Outbox(lambda: None, loses=False))
    session.end()
    session.receive(json.dumps({"event": "auth", "args": [place.token("kim")]}).encode())
    assert not process.bus.is_heard
