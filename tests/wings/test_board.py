"""What viewers are told, in which order, how often they are woken, and what they miss when they are slow."""

from __future__ import annotations

import sys
from collections.abc import Callable

import pytest

from portal.wings import ChannelKey, Link, Place, Update, Viewer
from portal.wings.channel import Channel
from portal.wings.crew import Crew
from portal.wings.hashing import line_hash
from portal.wings.ring import KEPT, MOST_BYTES
from portal.wings.timing import Timing

KEY = ChannelKey("9f3a12bc-0000-4000-8000-0123456789ab", 1, frozenset({"*"}))


class Stage:
    """A channel without a socket."""

    def __init__(self) -> None:
        self.channel = Channel(KEY, Crew(), Timing(), is_wanted=lambda _: True, left=lambda _: None)
        self.board = self.channel.board
        self.woken: list[Viewer] = []

    def viewer(self, *, may: Callable[[str], bool] = lambda _: True, place: Place | None = None) -> Viewer:
        viewer = Viewer(self.channel, 1, may, lambda: self.woken.append(viewer), place)
        self.board.seat(viewer)
        return viewer

    def lines(self, *lines: str | None) -> None:
        self.board.tell_lines(lines)

    def settle(self, *history: str) -> None:
        self.board.settle(self.board.hold(), history)


@pytest.fixture
def stage() -> Stage:
    return Stage()


def test_a_viewer_takes_everything_once_and_in_order(stage: Stage) -> None:
    viewer = stage.viewer()
    assert viewer.take().link == Link("connecting")
    stage.lines("a", "b")
    stage.lines(None, "c")
    update = viewer.take()
    assert (update.first, update.lines, update.dropped) == (1, ("a", "b", None, "c"), 0)
    assert not viewer.take()
    stage.lines("d")
    assert (viewer.take().first, stage.viewer().take().lines) == (5, ("a", "b", None, "c", "d"))


def test_a_viewer_is_woken_once_until_it_takes(stage: Stage) -> None:
    viewer, other = stage.viewer(), stage.viewer()
    viewer.take()
    for number in range(100):
        stage.lines(f"{number}")
    assert stage.woken == [viewer]
    assert len(viewer.take().lines) == 100
    stage.board.tell_state("running")
    assert stage.woken == [viewer, viewer]
    other.take()
    stage.lines("x")
    assert stage.woken == [viewer, viewer, other]


def test_one_who_cannot_be_woken_keeps_nobody_else_asleep(stage: Stage) -> None:
    def broken() -> None:
        raise RuntimeError

    first, second = stage.viewer(), stage.viewer()
    first.wake = broken
    first.take()
    second.take()
    stage.lines("a")
    assert stage.woken == [second]


def test_a_million_lines_for_one_who_takes_none(stage: Stage) -> None:
    slow, quick = stage.viewer(), stage.viewer()
    batch = ["x" * 80] * 1000
    got = 0
    for _ in range(1000):
        stage.lines(*batch)
        got += len(quick.take().lines)
        assert stage.board.ring.bytes <= MOST_BYTES
    update = slow.take()
    assert got == 1_000_000
    assert len(update.lines) + update.dropped == 1_000_000
    assert update.first == update.dropped + 1
    assert sum(map(sys.getsizeof, update.lines)) <= MOST_BYTES
    assert stage.board.dropped_lines == update.dropped > 0


def test_states_are_never_dropped_and_keep_their_order(stage: Stage) -> None:
    viewer = stage.viewer()
    for state in ("offline", "starting", "starting", "running", "stopping", "offline"):
        stage.board.tell_state(state)
        stage.lines(*["x" * 8000] * 100)
    assert viewer.take().status == ("offline", "starting", "running", "stopping", "offline")
    for number in range(500):
        stage.board.tell_state(("starting", "running")[number % 2])
    status = viewer.take().status
    assert (len(status), status[-1]) == (100, "running")


def test_only_the_latest_sample_and_link_matter(stage: Stage) -> None:
    viewer = stage.viewer()
    for number in range(5):
        stage.board.tell_sample(f"{{{number}}}")
        stage.board.tell_link(Link("lost", "cut", number))
    update = viewer.take()
    assert (update.stats, update.link) == ("{4}", Link("lost", "cut", 4))


def test_events_that_nobody_takes_are_bounded(stage: Stage) -> None:
    viewer = stage.viewer()
    for number in range(1000):
        stage.board.tell_word(("daemon message", f"{number}", "websocket.connect"))
    events = viewer.take().events
    assert (len(events), events[-1]) == (250, ("daemon message", "999"))


def test_events_are_for_those_who_may_see_them(stage: Stage) -> None:
    one, other = stage.viewer(), stage.viewer(may=lambda permission: permission != "backup.read")
    stage.board.tell_word(("backup completed", "{}", "backup.read"))
    stage.board.tell_word(("daemon message", "x", "websocket.connect"))
    assert one.take().events == (("backup completed", "{}"), ("daemon message", "x"))
    assert other.take().events == (("daemon message", "x"),)


def test_who_may_no_longer_connect_sees_nothing(stage: Stage) -> None:
    viewer = stage.viewer(may=lambda _: False)
    stage.lines("secret")
    stage.board.tell_state("running")
    stage.board.tell_sample("{}")
    stage.board.tell_word(("daemon message", "x", "websocket.connect"))
    update = viewer.take()
    assert update == Update(link=Link("connecting"))


def test_a_late_comer_sees_the_last_thousand_lines_and_how_things_are(stage: Stage) -> None:
    stage.viewer()
    stage.board.tell_state("running")
    stage.board.tell_sample("{}")
    stage.lines(*map(str, range(KEPT + 50)))
    update = stage.viewer().take()
    assert (update.first, len(update.lines), update.dropped) == (51, KEPT, 0)
    assert (update.status, update.stats, update.link) == (("running",), "{}", Link("connecting"))


def test_who_comes_back_to_the_same_stream_goes_on_where_they_were(stage: Stage) -> None:
    stage.lines("a", "b", "c")
    stream = stage.board.ring.stream
    assert stage.viewer(place=Place(stream, 3)).take().lines == ("c",)
    assert not stage.viewer(place=Place(stream, 4)).take().lines
    assert stage.viewer(place=Place(stream, -5)).take().lines == ("a", "b", "c")
    ahead = stage.viewer(place=Place(stream, 10**9))
    assert not ahead.take().lines
    stage.lines("d")
    assert ahead.take().lines == ("d",)


def test_who_was_away_too_long_is_told_how_much_is_missing(stage: Stage) -> None:
    stage.lines(*map(str, range(KEPT + 10)))
    update = stage.viewer(place=Place(stage.board.ring.stream, 4)).take()
    assert (update.first, update.dropped, len(update.lines)) == (11, 7, KEPT)


def tail(*lines: str) -> tuple[int, ...]:
    return tuple(map(line_hash, lines))


def test_who_comes_from_another_process_goes_on_by_what_they_have(stage: Stage) -> None:
    stage.settle("a", "b", "c", "d", "e")
    update = stage.viewer(place=Place("other", 77, tail("b", "\x1b[33mDaemon", "c", "d"))).take()
    assert (update.first, update.lines) == (5, ("e",))


def test_who_comes_from_another_process_with_nothing_in_common_sees_a_gap_and_everything(stage: Stage) -> None:
    stage.settle("a", "b")
    viewer = stage.viewer(place=Place("other", 77, tail("x")))
    update = viewer.take()
    assert (update.first, update.lines) == (0, (None, "a", "b"))
    stage.lines("c")
    assert (viewer.take().first, viewer.take().lines) == (3, ())


def test_who_comes_from_another_process_waits_until_history_is_there(stage: Stage) -> None:
    hold = stage.board.hold()
    viewer = stage.viewer(place=Place("other", 77, tail("a", "b")))
    stage.lines("c", "d")
    stage.board.tell_state("running")
    update = viewer.take()
    assert (update.lines, update.status) == ((), ("running",))
    stage.board.settle(hold, ["a", "b", "c"])
    assert viewer.take().lines == ("c", "d")
    assert stage.woken == [viewer]


def test_lines_wait_for_history_and_everything_else_goes_through(stage: Stage) -> None:
    viewer = stage.viewer()
    hold = stage.board.hold()
    stage.lines("3", "4")
    stage.board.tell_state("running")
    assert (viewer.take().lines, stage.woken) == ((), [])
    stage.board.settle(hold, ["1", "2", "3"])
    assert viewer.take().lines == ("1", "2", "3", "4")


def test_history_that_comes_twice_or_too_late_is_nothing(stage: Stage) -> None:
    hold = stage.board.hold()
    stage.board.settle(hold, ["1"])
    stage.board.settle(hold, ["1", "2"])
    assert stage.board.ring.last() == ["1"]


def test_a_second_socket_within_the_wait_for_history_loses_nothing(stage: Stage) -> None:
    first = stage.board.hold()
    stage.lines("2")
    second = stage.board.hold()
    stage.board.settle(first, None)
    stage.lines("4")
    stage.board.settle(second, ["1", "2", "3", "4"])
    assert stage.board.ring.last() == ["1", "2", "3", "4"]


def test_without_history_each_cut_is_a_gap(stage: Stage) -> None:
    stage.lines("0")
    stage.board.hold()
    stage.lines("1")
    stage.board.hold()
    hold = stage.board.hold()
    stage.lines("3")
    stage.board.settle(hold, None)
    assert stage.board.ring.last() == ["0", None, "1", None, "3"]


def test_without_history_a_gap_is_marked_where_lines_stood_before(stage: Stage) -> None:
    stage.board.settle(stage.board.hold(), None)
    stage.lines("1")
    hold = stage.board.hold()
    stage.lines("3")
    stage.board.settle(hold, None)
    assert stage.board.ring.last() == ["1", None, "3"]


def test_a_flood_does_not_wait_for_history(stage: Stage) -> None:
    hold = stage.board.hold()
    stage.lines(*["x" * (MOST_BYTES // 100)] * 100)
    assert stage.board.ring.next == 101
    stage.board.settle(hold, ["late"])
    assert stage.board.ring.next == 101


def test_a_server_that_was_and_is_off_has_no_gap(stage: Stage) -> None:
    stage.lines("goodbye")
    stage.board.tell_state("offline")
    stage.settle()
    assert stage.board.ring.last() == ["goodbye"]


def test_a_server_that_started_while_nobody_listened_has_a_whole_log(stage: Stage) -> None:
    stage.lines("goodbye")
    stage.board.tell_state("offline")
    hold = stage.board.hold()
    stage.board.tell_state("running")
    stage.board.settle(hold, ["hello"])
    assert stage.board.ring.last() == ["goodbye", "hello"]


def test_a_server_that_stopped_while_nobody_listened_has_a_gap(stage: Stage) -> None:
    stage.lines("at work")
    stage.board.tell_state("running")
    hold = stage.board.hold()
    stage.board.tell_state("offline")
    stage.board.settle(hold, [])
    assert stage.board.ring.last() == ["at work", None]


def test_the_first_reason_to_close_counts_and_wakes(stage: Stage) -> None:
    viewer = stage.viewer()
    viewer.close(4403, "refused")
    viewer.close(1012, "restart")
    assert viewer.closing is not None
    assert (viewer.closing.code, viewer.closing.word) == (4403, "refused")
    assert stage.woken == [viewer]
