"""Saves of one file at the same moment: one after the other, in all web processes, so that each sees what is there."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import pytest
from werkzeug.test import TestResponse

from portal.files.text.turns import FILE as LOCKS
from portal.files.text.turns import WAIT_S, NoTurn, Turns
from portal.pterodactyl.client.files import FileCalls
from tests.conftest import World
from tests.files.text_support import FILE, Editor, base_in, shown_in, writes

TEXT = b"motd: A server\n"
DEADLINE_S = 60.0
"""For what takes no time on a machine that does nothing else: a thread, a process that starts."""


class AtOnce:
    """Two requests; a write to the node waits so long for the other one."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, wait_s: float = 0.5) -> None:
        self.met = threading.Barrier(2)
        write = FileCalls.write

        def meeting(calls: FileCalls, *args: Any) -> Any:
            with suppress(threading.BrokenBarrierError):
                self.met.wait(wait_s)
            return write(calls, *args)

        monkeypatch.setattr(FileCalls, "write", meeting)

    def send(self, *saves: Callable[[], TestResponse]) -> list[TestResponse]:
        with ThreadPoolExecutor(2) as pool:
            return [one.result(DEADLINE_S) for one in [pool.submit(save) for save in saves]]


def _hold(path: Path, end: Connection) -> None:
    with Turns(path).take("server", "/a"):
        end.send("held")
        end.recv()


class Other:
    """Another web process, in the middle of a save of "/a"."""

    def __init__(self, path: Path) -> None:
        context = multiprocessing.get_context("spawn")
        self.path = path
        self.end, theirs = context.Pipe()
        self.process = context.Process(target=_hold, args=(path, theirs), daemon=True)
        self.process.start()
        assert self.end.poll(DEADLINE_S)
        assert self.end.recv() == "held"

    def kill(self) -> None:
        if self.process.is_alive():
            os.kill(self.process.pid or 0, signal.SIGKILL)
            self.process.join(DEADLINE_S)
            self.end.close()


@pytest.fixture
def other(tmp_path: Path) -> Iterator[Other]:
    one = Other(tmp_path / LOCKS)
    yield one
    one.kill()


def test_of_two_saves_at_the_same_moment_one_is_a_conflict(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    mine, theirs = Editor(world), Editor(world)
    mine.put(TEXT)
    base = base_in(mine.open().text)

    answers = AtOnce(monkeypatch).send(lambda: mine.send("mine\n", base), lambda: theirs.send("theirs\n", base))

    assert sorted(one.status_code for one in answers) == [200, 409]
    saved, refused = sorted(answers, key=lambda one: one.status_code)
    assert mine.bytes() == shown_in(saved.text).encode()
    assert {shown_in(saved.text), shown_in(refused.text)} == {"mine\n", "theirs\n"}


def test_a_version_put_back_while_somebody_saves_is_a_conflict_or_waits(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    editor, other = Editor(world), Editor(world)
    editor.put(TEXT)
    editor.edit("one\n")
    base = base_in(editor.open().text)
    address = editor.versions()[1]

    answers = AtOnce(monkeypatch).send(
        lambda: editor.send("two\n", base), lambda: other.restore(address, base)
    )  # fmt: skip

    assert sorted(one.status_code for one in answers) == [200, 409]


def test_saves_of_different_files_do_not_wait_for_each_other(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    mine, theirs = Editor(world), Editor(world)
    mine.put(TEXT)
    theirs.put(TEXT, "/other.yml")
    base = base_in(mine.open().text)

    at_once = AtOnce(monkeypatch, DEADLINE_S)
    answers = at_once.send(lambda: mine.send("mine\n", base), lambda: theirs.send("theirs\n", base, "/other.yml"))

    assert [one.status_code for one in answers] == [200, 200]
    assert not at_once.met.broken


def test_who_waits_too_long_is_told_and_keeps_the_text(own_world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    editor = Editor(own_world)
    editor.put(TEXT)
    base = base_in(editor.open().text)
    other = Turns(own_world.instance / LOCKS)  # as another thread of this process would
    own_world.app.extensions["roost_saves"] = other
    monkeypatch.setattr(other._over, "wait", lambda _seconds: own_world.clock.advance(1))
    own_world.calls()
    begun = own_world.clock.now()

    with other.take(editor.uuid, FILE):
        answer = editor.send("mine\n", base)

    assert own_world.clock.now() - begun == WAIT_S
    assert answer.status_code == 503
    assert "Somebody else is saving this file" in answer.text
    assert shown_in(answer.text) == "mine\n"
    assert writes(own_world) == []
    assert editor.bytes() == TEXT
    assert editor.send("mine\n", base_in(answer.text)).status_code == 200


def test_a_version_that_waits_too_long_is_not_put_back(own_world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    editor = Editor(own_world)
    editor.put(TEXT)
    editor.edit("one\n")
    address = editor.versions()[1]
    base = base_in(editor.version(address).text)
    other = own_world.app.extensions["roost_saves"]
    monkeypatch.setattr(other._over, "wait", lambda _seconds: own_world.clock.advance(1))

    with other.take(editor.uuid, FILE):
        answer = editor.restore(address, base)

    assert answer.status_code == 503
    assert "Somebody else is saving this file" in answer.text
    assert editor.bytes() == b"one\n"


def test_a_save_that_breaks_off_leaves_the_turn_to_others(tmp_path: Path) -> None:
    turns = Turns(tmp_path / LOCKS)
    with pytest.raises(OSError, match="broken"), turns.take("a", "/b"):
        raise OSError("broken")
    with turns.take("a", "/b"):
        pass


def test_another_process_waits_too(other: Other, monkeypatch: pytest.MonkeyPatch, own_world: World) -> None:
    """`portal.clock` is the test's here, and moves while somebody waits."""
    mine = Turns(other.path)
    monkeypatch.setattr(mine._over, "wait", lambda _seconds: own_world.clock.advance(1))
    with pytest.raises(NoTurn), mine.take("server", "/a"):
        pass
    with mine.take("server", "/b"):
        pass
    other.kill()
    with mine.take("server", "/a"):
        pass
