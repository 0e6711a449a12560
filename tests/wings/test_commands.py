"""A command reaches the node at most once, and whoever typed it is told what became of it."""

from __future__ import annotations

import threading
from dataclasses import replace

import pytest

from portal.wings import Ticket
from portal.wings.frames import CLOSE, PING, PONG
from tests.support.waiting import until
from tests.wings.conftest import DEADLINE_SECONDS, PATIENT, Node, Rig, is_empty, session_of
from tests.wings.peer import Peer, frame, listening, message

IMPATIENT = replace(PATIENT, tick_s=0.05, pauses=(0.01,), first_line_s=0.1, quiet_s=0.05, pong_s=0.3)


def test_a_command_is_sent_and_answered(node: Node) -> None:
    browser = node.look()
    assert browser.viewer.channel.send_command("say hello") == "sent"
    until(lambda: node.process.commands == ["say hello"])
    browser.sees("say hello")


def test_a_command_is_one_line(node: Node) -> None:
    browser = node.look()
    assert browser.viewer.channel.send_command("say a\r\nstop\x1b[2J\x00b\tc") == "sent"
    until(lambda: node.process.commands == ["say astop[2Jb\tc"])


def test_nothing_is_no_command(node: Node) -> None:
    browser = node.look()
    assert browser.viewer.channel.send_command("\r\n") == "dropped"
    assert node.process.commands == []


def test_commands_come_in_order_with_a_pause_between(node: Node) -> None:
    slept: list[float] = []
    browser = node.look()
    stood_at = node.rig.clock.monotonic()
    node.rig.clock.monotonic = lambda: stood_at  # type: ignore[method-assign]
    node.rig.clock.sleep = slept.append  # type: ignore[method-assign]
    assert [browser.viewer.channel.send_command(f"say {number}") for number in range(5)] == ["sent"] * 5
    until(lambda: len(node.process.commands) == 5)
    assert node.process.commands == [f"say {number}" for number in range(5)]
    assert slept == pytest.approx([0.05] * 4)


def test_many_at_once_are_one_after_the_other(node: Node) -> None:
    browser = node.look()
    answers: list[str] = []
    threads = [
        threading.Thread(target=lambda n=number: answers.append(browser.viewer.channel.send_command(f"say {n}")))
        for number in range(10)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers == ["sent"] * 10
    until(lambda: sorted(node.process.commands) == sorted(f"say {number}" for number in range(10)))


def test_a_server_that_is_off_takes_none(node: Node) -> None:
    browser = node.look()
    node.process.power("kill")
    until(lambda: browser.states[-1] == "offline")
    assert browser.viewer.channel.send_command("say x") == "dropped"


def test_without_a_socket_it_is_dropped(node: Node) -> None:
    browser = node.look()
    node.demo.set_condition("node-down")
    browser.has("lost", "port")
    assert browser.viewer.channel.send_command("say x") == "dropped"
    assert node.process.commands == []


def test_with_a_token_that_has_ended_it_is_dropped(node: Node) -> None:
    """The panel takes its time for the next one."""
    answers = threading.Event()

    def tickets() -> Ticket:
        if node.rig.made:
            answers.wait(DEADLINE_SECONDS)
        return node.tickets()

    browser = node.look(tickets)
    node.rig.clock.offset += 31
    node.demo.clock.advance(3600)
    node.say("lost")
    until(lambda: session_of(browser)._is_deaf)
    assert browser.viewer.channel.send_command("say x") == "dropped"
    assert node.process.commands == []
    answers.set()
    browser.sees("lost")


def test_a_node_that_refuses_the_token_meanwhile_leaves_it_unknown(rig: Rig) -> None:
    def serve(peer: Peer, _: int) -> None:
        peer.authenticated()
        while True:
            opcode, payload = peer.receive()
            if b"send command" in payload:
                peer.send(message("jwt error", "jwt: exp claim is invalid"))
            if opcode == PING:
                peer.send(frame(payload, opcode=PONG))

    with listening(serve) as url:
        browser = rig.look(rig.at(url))
        until(lambda: browser.viewer.channel.state == "running")
        assert browser.viewer.channel.send_command("say x") == "unknown"
        rig.leave(browser)
        until(lambda: is_empty(rig.hub))


@pytest.mark.parametrize("cut_after", ["the command", "its ping", "nothing more"])
def test_cut_at_any_point_a_command_arrives_at_most_once(rig: Rig, cut_after: str) -> None:
    hub = rig.new_hub(timing=IMPATIENT)
    commands: list[str | None] = []

    def serve(peer: Peer, number: int) -> None:
        peer.authenticated("offline" if number % 2 else "running")
        while True:
            opcode, payload = peer.receive()
            if opcode == PING and cut_after == "its ping":
                return
            if b"send command" in payload:
                commands.append(payload.decode())
                if cut_after == "the command":
                    return
            if opcode == CLOSE:
                return

    with listening(serve) as url:
        browser = rig.look(rig.at(url), hub=hub)
        browser.has("live")
        until(lambda: browser.viewer.channel.state == "running")
        outcome = browser.viewer.channel.send_command("say once")
        assert outcome in ("unknown", "dropped")
        until(lambda: len(commands) == (outcome == "unknown") or bool(commands))
        rig.close()
        rig.hubs.clear()
        rig.browsers.clear()
    assert len(commands) <= 1


def test_only_the_pong_behind_the_command_counts(rig: Rig) -> None:
    hub = rig.new_hub(timing=IMPATIENT)

    def serve(peer: Peer, _: int) -> None:
        peer.authenticated()
        while True:
            opcode, _payload = peer.receive()
            if opcode == PING:
                peer.send(frame(b"another", opcode=PONG) + frame(b"", opcode=PONG))
            if opcode == CLOSE:
                return

    with listening(serve) as url:
        browser = rig.look(rig.at(url), hub=hub)
        until(lambda: browser.viewer.channel.state == "running")
        assert browser.viewer.channel.send_command("say x") == "unknown"
        rig.close()
        rig.hubs.clear()
        rig.browsers.clear()
