"""The relay at a node of the demo: what a customer sees when all is well, and when the node is not."""

from __future__ import annotations

import json
import threading
from dataclasses import replace
from typing import Any

import pytest

from portal.wings import ChannelKey, NoTicket, Ticket
from portal.wings.frames import PONG, TEXT
from portal.wings.ring import Line
from tests.support.waiting import until
from tests.wings.conftest import DEADLINE_SECONDS, QUICK, Browser, Node, is_empty, session_of


def turn(node: Node, fault: str, **settings: Any) -> None:
    for name, value in ({fault: True} | settings).items():
        if hasattr(node.node.socket_faults, name):
            setattr(node.node.socket_faults, name, value)


def test_history_then_live_lines_then_figures(node: Node) -> None:
    node.say("before 1", "before 2")
    browser = node.look()
    node.say("after \x1b[2J\x1b[31mred\x1b[0m", "two \rlines")
    browser.sees("lines")
    assert browser.lines[-5:] == ["before 1", "before 2", "after \x1b[31mred\x1b[0m", "two", "lines"]
    assert list(browser.numbered) == list(range(1, len(browser.lines) + 1))
    until(lambda: bool(browser.samples))
    assert json.loads(browser.samples[0])["state"] == "running"
    assert browser.states == ["running"]
    assert browser.viewer.channel.state == "running"
    until(lambda: browser.viewer.channel.stats in browser.samples)


def test_a_server_that_is_off_has_no_lines(node: Node) -> None:
    node.process.power("kill")
    browser = node.rig.look(node.tickets)
    until(lambda: browser.states == ["offline"])
    until(lambda: browser.viewer.channel.board.is_settled)
    assert browser.lines == []


def test_states_come_in_order(node: Node) -> None:
    browser = node.look()
    for state in ("stopping", "offline", "starting", "running"):
        node.process.bus.publish("status", state)
    node.process.bus.publish("status", "of a later version")
    until(lambda: browser.states == ["running", "stopping", "offline", "starting", "running"], lambda: browser.states)


def test_fifty_viewers_and_one_socket(node: Node) -> None:
    browsers = [node.rig.look(node.tickets, person=number) for number in range(50)]
    for browser in browsers:
        browser.has("live")
    until(lambda: browsers[0].viewer.channel.board.is_settled)
    until(lambda: node.sockets() == 1)
    node.say("to all")
    for browser in browsers:
        browser.sees("to all")
    until(lambda: node.rig.hub.counts().threads == 1)  # the one of history may still be on its way out
    counts = node.rig.hub.counts()
    assert (counts.viewers, counts.channels, counts.upstreams, counts.threads) == (50, 1, 1, 1)
    assert len(node.rig.made) == 1
    assert len({tuple(browser.lines) for browser in browsers}) == 1


def test_another_owner_and_other_rights_have_a_socket_of_their_own(node: Node) -> None:
    node.look()
    node.look(owner=2)
    assert node.rig.hub.counts().channels == 2
    until(lambda: node.sockets() == 2)


def test_one_who_takes_nothing_holds_nobody_up(node: Node) -> None:
    browser = node.look()
    taken = threading.Event()
    stuck = node.rig.hub.attach(
        ChannelKey("9f3a12bc-0000-4000-8000-0123456789ab", 1, frozenset({"*"})), 2, node.tickets, node.demo.base,
        allow=lambda _: True, wake=taken.set,
    )  # fmt: skip
    for number in range(300):
        node.say(f"line {number}")
    browser.sees("line 299")
    node.process.bus.publish("status", "stopping")
    until(lambda: browser.states[-1] == "stopping")
    assert stuck.take().status == ("running", "stopping")
    stuck.detach()


def test_the_origin_is_sent_and_its_refusal_is_told(node: Node) -> None:
    node.rig.origin = "https://somebody.else.example"
    node.rig.look(node.tickets).has("lost", "origin")


@pytest.mark.parametrize(
    ("fault", "settings", "cause"),
    [("refuse_origin", {}, "origin"), ("most", {"most": 0}, "full"), ("refuse_tokens", {}, "token")],
)
def test_what_the_node_refuses_is_told_and_tried_again(node: Node, fault: str, settings: Any, cause: str) -> None:
    turn(node, fault, **settings)
    browser = node.rig.look(node.tickets)
    browser.has("lost", cause)
    node.node.socket_faults.__init__()  # type: ignore[misc]
    browser.has("live")


def test_a_server_that_the_node_does_not_have_is_told(node: Node) -> None:
    def elsewhere() -> Ticket:
        ticket = node.tickets()
        return Ticket(ticket.url.replace(node.server.uuid, "00000000-0000-4000-8000-000000000000"), ticket.token)

    node.rig.look(elsewhere).has("lost", "unknown_server")


def test_a_node_that_is_down_is_told_and_found_again(node: Node) -> None:
    browser = node.look()
    node.demo.set_condition("node-down")
    browser.has("lost", "cut")
    browser.has("lost", "port")
    node.demo.set_condition(None)
    until(lambda: browser.phases[-1][0] == "live")


@pytest.mark.parametrize("close", ["drop", "close", "restart"])
def test_after_a_cut_no_line_is_missing_and_none_is_twice(node: Node, close: str) -> None:
    browser = node.look()
    node.say(*(f"first {number}" for number in range(20)))
    browser.sees("first 19")
    if close == "close":
        node.node.sockets.close(1011, "later")
    elif close == "drop":
        node.node.sockets.drop()
    else:
        node.demo.clock.advance(2)
        node.node.restart()
    node.say(*(f"meanwhile {number}" for number in range(20)))
    browser.sees("meanwhile 19")
    node.say("afterwards")
    browser.sees("afterwards")
    told = [line for line in browser.lines if line and line.startswith(("first", "meanwhile", "afterwards"))]
    assert told == [*(f"first {n}" for n in range(20)), *(f"meanwhile {n}" for n in range(20)), "afterwards"]
    assert None not in browser.lines
    assert len({ticket.token for ticket in node.rig.made}) == len(node.rig.made)
    assert len(node.rig.made) == 2 or close == "restart"  # Wings refuses tokens of the second in which it began


def test_more_than_history_holds_leaves_a_gap(node: Node) -> None:
    are_said = threading.Event()

    def tickets() -> Ticket:
        if node.rig.made:
            are_said.wait(DEADLINE_SECONDS)
        return node.tickets()

    browser = node.look(tickets)
    node.node.sockets.drop()
    node.say(*(f"meanwhile {number}" for number in range(400)))
    are_said.set()
    browser.sees("meanwhile 399")
    lines = browser.lines
    assert lines.count(None) == 1
    assert lines[lines.index(None) + 1] == "meanwhile 250"


def test_a_deleted_server_is_looked_for_elsewhere(node: Node) -> None:
    browser = node.look()
    node.node.sockets.send_raw("deleted", "null")
    node.node.sockets.close(1001, "server deleted")
    browser.has("lost", "deleted")
    until(lambda: browser.phases[-1][0] == "live")
    assert ("deleted", "") in browser.events


@pytest.mark.parametrize("status", ["completed", "success"])
def test_after_a_transfer_a_new_address_is_asked_for(node: Node, status: str) -> None:
    browser = node.look()
    node.process.bus.publish("transfer status", "processing")
    node.process.bus.publish("transfer status", status)
    browser.has("lost", "deleted")
    until(lambda: browser.phases[-1][0] == "live")
    assert len(node.rig.made) == 2
    assert ("transfer status", "processing") in browser.events


def test_who_may_not_go_on_is_told_why_and_nothing_is_tried_again(node: Node) -> None:
    browser = node.look()
    node.server.status = "suspended"
    node.node.sockets.drop()
    browser.has("over", "state")
    until(lambda: node.rig.hub.counts().threads == 0)
    assert len(node.rig.made) == 1
    node.server.status = None
    browser.viewer.channel.retry()
    until(lambda: browser.phases[-1][0] == "live")
    browser.viewer.channel.retry()
    assert node.rig.hub.counts().threads <= 2


def test_a_new_viewer_begins_anew_where_it_was_over(node: Node) -> None:
    node.server.status = "suspended"
    browser = node.rig.look(node.tickets)
    browser.has("over", "state")
    node.server.status = None
    until(lambda: node.rig.hub.counts().threads == 0)
    node.look()
    until(lambda: browser.phases[-1][0] == "live")


def test_a_panel_that_asks_for_patience_is_given_it(node: Node) -> None:
    calls: list[float] = []

    def busy() -> Ticket:
        calls.append(node.rig.clock.monotonic())
        if len(calls) == 1:
            raise NoTicket("busy", retry_after_s=100)
        return node.tickets()

    browser = node.rig.look(busy)
    browser.has("lost", "busy")
    seen_at = node.rig.clock.monotonic()
    (link,) = [link for link in browser.links if link.phase == "lost"]
    assert link.retry_at is not None
    assert calls[0] <= link.retry_at - 100 <= seen_at
    assert len(calls) == 1
    node.rig.clock.offset += 101
    browser.has("live")


def test_ten_minutes_in_vain_are_the_end(node: Node) -> None:
    node.demo.set_condition("node-down")
    browser = node.rig.look(node.tickets)
    browser.has("lost", "port")
    node.rig.clock.offset += 601
    browser.has("over", "tired")


def test_a_silent_node_is_left_after_twenty_seconds(node: Node) -> None:
    browser = node.look()
    until(lambda: node.sockets() == 1)
    session = session_of(browser)
    until(lambda: browser.viewer.channel.board.is_settled)
    node.node.sockets.stall()
    until(lambda: node.rig.clock.monotonic() - session._heard_at > 0.3)  # what was on its way has come
    node.rig.clock.offset += 11
    until(lambda: session._pinged_at > session._heard_at)
    node.rig.clock.offset += 11
    browser.has("lost", "silent")
    until(lambda: browser.phases[-1][0] == "live")


def test_a_quiet_node_that_answers_pings_is_not_left(node: Node) -> None:
    node.process.power("kill")
    browser = node.rig.look(node.tickets)
    until(lambda: browser.viewer.channel.board.is_settled)
    session = session_of(browser)
    for _ in range(6):
        node.rig.clock.offset += 11
        jumped_at = node.rig.clock.monotonic()
        until(lambda at=jumped_at: session._heard_at >= at)
    assert browser.phases[-1] == ("live", None)
    assert len(node.rig.made) == 1


def test_auth_that_takes_too_long_is_silence(node: Node) -> None:
    node.node.socket_faults.delay_auth = 1000
    hub = node.rig.new_hub(timing=replace(QUICK, pauses=(2.0,)))  # long enough to be seen
    browser = node.rig.look(node.tickets, hub=hub)
    until(lambda: getattr(browser.viewer.channel._upstream, "_session", None) is not None)
    node.rig.clock.offset += QUICK.auth_s + 1
    browser.has("lost", "silent")


def test_nothing_of_address_and_token_is_told_or_logged(node: Node, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG")
    browser = node.look()
    node.node.sockets.drop()
    browser.has("lost", "cut")
    until(lambda: browser.phases[-1][0] == "live")
    node.demo.set_condition("node-down")
    browser.has("lost", "port")
    channel = browser.viewer.channel
    seen = repr([browser.updates, channel, vars(channel), vars(browser.viewer), node.rig.made, vars(channel.board)])
    records = [record for record in caplog.records if record.name == "roost.wings"]
    seen += "".join(f"{record.getMessage()} {record.__dict__}" for record in records)
    assert "lost (port)" in seen
    for ticket in node.rig.made:
        assert ticket.token not in seen
        assert ticket.url not in seen
        assert str(ticket.url.split("/")[2]) not in seen


def test_the_socket_ends_with_its_last_viewer(node: Node) -> None:
    one, other = node.look(), node.look(person=2)
    node.rig.leave(one)
    assert node.rig.hub.counts().channels == 1
    node.rig.leave(other)
    until(lambda: is_empty(node.rig.hub), node.rig.hub.counts)
    until(lambda: node.sockets() == 0)


def test_who_comes_back_soon_finds_the_socket_and_the_lines(node: Node) -> None:
    hub = node.rig.new_hub(linger_s=600.0)
    browser = node.look(hub=hub)
    node.rig.leave(browser)
    assert hub.counts().channels == 1
    again = node.look(hub=hub)
    assert again.viewer.stream == browser.viewer.stream
    node.rig.leave(again)
    node.rig.clock.offset += 601
    until(lambda: is_empty(hub), hub.counts)


def test_everything_ends_when_the_process_does(node: Node) -> None:
    browsers: list[Browser] = [node.look(person=number) for number in range(3)]
    node.rig.hub.stop(1012, "restart")
    assert [browser.viewer.closing and browser.viewer.closing.code for browser in browsers] == [1012] * 3
    until(lambda: node.rig.hub.counts().threads == node.rig.hub.counts().upstreams == 0)
    until(lambda: node.sockets() == 0)


def test_what_came_before_a_pong_is_told_before_it(node: Node) -> None:
    """History waits for a pong so that no live line is still on its way, also when both come in one read."""
    browser = node.look()
    session = session_of(browser)
    told: list[Line] = []
    session._echoes.heard = lambda _: told.extend(session._board.ring.last()[-1:])  # type: ignore[method-assign]
    session._hear([(TEXT, _output("before")), (PONG, b"1"), (TEXT, _output("after"))])
    assert told == ["before"]
    browser.sees("after")


def _output(line: str) -> bytes:
    return b'{"event":"console output","args":["%s"]}' % line.encode()
