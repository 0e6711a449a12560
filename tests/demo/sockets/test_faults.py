"""What can be done to open sockets, and what they lose."""
from __future__ import annotations

import json

import pytest
import websocket

from portal.demo.wings import outbox
from portal.demo.wings.console import LINE_BYTES, LOST_BYTES
from tests.demo.sockets.peers import Place
from tests.demo.sockets.test_inbound import texts
from tests.demo.wire_support import PATIENCE_SECONDS
from tests.support.waiting import until


def test_a_dropped_socket_is_cut_without_a_close_frame(place: Place) -> None:
    peer = place.join()
    place.node.sockets.drop()
    with pytest.raises((ConnectionError, websocket.WebSocketConnectionClosedException)):
        peer.next()


@pytest.mark.parametrize(("code", "reason"), [(1001, "server deleted"), (1008, ""), (1013, "later"), (4409, "gone")])
def test_any_close_code(place: Place, code: int, reason: str) -> None:
    peer = place.join()
    place.node.sockets.close(code, reason)
    assert peer.closing() == (code, reason)


def test_what_waits_goes_before_the_close(place: Place) -> None:
    peer = place.join()
    place.node.sockets.send_raw("throttled", "1", "2")
    place.node.sockets.close(1000)
    assert peer.next() == ("throttled", "1", "2")
    assert peer.closing()[0] == 1000


def test_acts_may_be_for_one_server_only(place: Place) -> None:
    uno, tre = place.join(), place.join("lee", "Tre")
    place.node.sockets.close(1000, server=uno.server.uuid)
    assert uno.closing()[0] == 1000
    assert tre.settled() == []


def test_the_node_knows_who_is_connected(place: Place) -> None:
    uno, _ = place.join(), place.join("lee", "Tre")
    assert len(place.node.sockets.list()) == 2
    assert [one.server_uuid for one in place.node.sockets.list(uno.server.uuid)] == [uno.server.uuid]


def test_a_stalled_socket_neither_reads_nor_writes_for_a_while(place: Place) -> None:
    peer = place.join()
    place.node.sockets.stall(10)
    place.process("Uno").bus.publish("daemon message", "late")
    place.pass_time(9)
    peer.socket.settimeout(0.2)
    with pytest.raises(websocket.WebSocketTimeoutException):
        peer.next()
    peer.socket.settimeout(PATIENCE_SECONDS)
    place.pass_time(1)
    assert peer.next() == ("daemon message", "late")


def test_a_socket_stalled_for_good_can_be_resumed_or_dropped(place: Place) -> None:
    peer = place.join()
    place.node.sockets.stall()
    place.pass_time(10_000)
    place.node.sockets.resume()
    peer.settled()
    place.node.sockets.stall()
    place.node.sockets.drop()
    with pytest.raises((ConnectionError, websocket.WebSocketConnectionClosedException)):
        peer.next()


def test_a_stalled_socket_does_not_outlive_its_connection(place: Place) -> None:
    """Whoever stops listening shuts all connections down, also those that nobody reads."""
    place.join()
    place.node.sockets.stall()
    assert place.serving() == 1
    place.cut()
    assert place.serving() == 0


def test_a_flood_is_cut_after_2000_lines_with_one_notice(place: Place) -> None:
    place.run("Uno")
    peer = place.join()
    place.node.sockets.flood(2500, 30)
    lines = texts(peer)
    assert len(lines) == 2001
    assert "throttling" in lines[-1]
    assert {len(line) for line in lines[:-1]} == {30}
    place.pass_time(0.5)
    place.node.sockets.flood(3, 30)
    assert len([line for line in texts(peer) if line.endswith("x")]) == 3
    peer.send("send logs")
    assert texts(peer)[-4].startswith("2499 ")


def test_unknown_events_can_be_sent(place: Place) -> None:
    peer = place.open()
    place.node.sockets.send_raw("of a later version", "a", "b")
    assert peer.next() == ("of a later version", "a", "b")


def test_huge_frames(place: Place) -> None:
    peer = place.join()
    place.node.sockets.huge_frame(2_000_000)
    (_, text) = peer.next()
    assert len(text) == 2_000_000


def test_fragmented_messages(place: Place) -> None:
    peer = place.join()
    place.node.socket_faults.fragment = 7
    place.process("Uno").bus.publish("daemon message", "h\u00e4lf and half")
    frames = [peer.socket.recv_frame()]
    while not frames[-1].fin:
        frames.append(peer.socket.recv_frame())
    whole = b"".join(frame.data for frame in frames)
    assert json.loads(whole) == {"event": "daemon message", "args": ["h\u00e4lf and half"]}
    assert len(frames) == -(-len(whole.decode()) // 7)
    place.node.socket_faults.fragment = 0
    assert peer.settled() == []


def test_lines_over_64_kib_are_cut_and_lose_256_bytes(place: Place) -> None:
    place.run("Uno")
    peer = place.join()
    place.process("Uno").console.print("a" * LINE_BYTES + "b" * LOST_BYTES + "c" * 10)
    assert texts(peer) == ["a" * LINE_BYTES, "c" * 10]
    place.process("Uno").console.print("a" * LINE_BYTES + "\r\n\n\n")
    assert texts(peer) == ["a" * LINE_BYTES]


def test_a_space_and_a_carriage_return_are_a_line_break_in_one_message(place: Place) -> None:
    peer = place.join()
    place.process("Uno").console.print("one \rtwo")
    assert peer.next() == ("console output", "one\r\ntwo")


def test_a_slow_reader_loses_old_lines_and_new_events(place: Place) -> None:
    """8 lines of the game, 4 of the installer, no event waits; answers are never lost."""
    place.node.config.loses_events = True
    peer = place.open()
    peer.send("auth", place.token("chief"))
    peer.until("stats")
    place.node.sockets.stall()
    process = place.process("Uno")
    for number in range(12):
        process.console.print(f"line {number}")
    for number in range(6):
        process.bus.publish("install output", f"step {number}", channel="installer")
    process.bus.publish("daemon message", "lost")
    place.node.sockets.resume()
    told = [peer.next() for _ in range(12)]
    assert told == [*(("console output", f"line {number}") for number in range(4, 12)),
                    *(("install output", f"step {number}") for number in range(2, 6))]
    peer.send("send stats")
    assert peer.next()[0] == "stats"


def test_who_takes_too_little_is_let_go_before_the_memory_is(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outbox, "MOST_CHARACTERS", 8000)
    place.run("Uno")
    peer = place.join()
    place.node.sockets.stall()
    for number in range(50):
        place.process("Uno").console.print(f"{number} ".ljust(80, "x"))
    assert place.serving() == 1
    for number in range(50):
        place.process("Uno").console.print(f"{number} ".ljust(80, "x"))
    with pytest.raises((ConnectionError, websocket.WebSocketConnectionClosedException)):
        peer.next()


def test_the_next_socket_of_a_full_server_is_refused_until_one_has_gone(place: Place) -> None:
    first, _ = place.join(), place.join("lee", "Tre")
    place.node.socket_faults.most = 1
    with pytest.raises(websocket.WebSocketBadStatusException, match="400"):
        place.open()
    first.socket.close()
    until(lambda: not place.node.sockets.list(first.server.uuid))
    assert place.join().settled() == []


def test_nothing_is_lost_unless_it_is_switched_on(place: Place) -> None:
    peer = place.join()
    place.node.sockets.stall()
    for number in range(50):
        place.process("Uno").console.print(f"line {number}")
    place.process("Uno").bus.publish("daemon message", "kept")
    place.node.sockets.resume()
    assert [told[1] for told in peer.settled()] == [*(f"line {number}" for number in range(50)), "kept"]


def test_who_asks_hears_what_comes_of_it_although_events_may_be_lost(place: Place) -> None:
    place.node.config.loses_events = True
    place.run("Uno")
    peer = place.open()
    peer.send("auth", place.token("kim"))
    assert peer.until("status") == ("status", "running")
    peer.send("set state", "stop")
    assert peer.until("status") == ("status", "stopping")
