"""The progress bar: on a terminal, and nowhere else."""

from __future__ import annotations

import os
import select
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from portal.data import progress

END = "<all so far>"


@contextmanager
def terminal(monkeypatch: pytest.MonkeyPatch) -> Iterator[int]:
    """Standard error is a terminal; what is written to it can be read from this file."""
    reader, writer = os.openpty()
    with os.fdopen(writer, "w") as stream, monkeypatch.context() as patch:
        patch.setattr(sys, "stderr", stream)
        yield reader
    os.close(reader)


def written(reader: int) -> str:
    """All that was written to the terminal so far: the kernel hands it on a moment later, and in pieces."""
    sys.stderr.write(END)
    sys.stderr.flush()
    text = ""
    while not text.endswith(END):
        assert select.select([reader], [], [], 30)[0], text
        text += os.read(reader, 65536).decode()
    return text.removesuffix(END)


def test_a_terminal_gets_a_bar(monkeypatch: pytest.MonkeyPatch) -> None:
    with terminal(monkeypatch) as reader:
        with progress.shown("Servers", 2) as bar:
            bar.step()
            bar.step()
        shown = written(reader)
    assert "Servers" in shown
    assert "100%" in shown


def test_lines_do_not_run_into_the_bar_and_stay_out_of_its_stream(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with terminal(monkeypatch) as reader, progress.shown("Servers", 2) as bar:
        written(reader)
        bar.say("one line")
        assert written(reader) == progress.CLEAR
    assert capsys.readouterr().out == "one line\n"


def test_why_it_takes_longer_is_said_there(monkeypatch: pytest.MonkeyPatch) -> None:
    with terminal(monkeypatch) as reader:
        with progress.shown("Servers", 2) as bar:
            bar.note("waiting 20 s")
        assert "waiting 20 s" in written(reader)


def test_json_gets_none_even_on_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    with terminal(monkeypatch) as reader:
        with progress.shown("Servers", 2, is_wanted=False) as bar:
            bar.step()
            bar.note("waiting")
        assert written(reader) == ""


def test_no_terminal_gets_none(capsys: pytest.CaptureFixture[str]) -> None:
    with progress.shown("Servers", 2) as bar:
        bar.of(10, 5)
        bar.step()
        bar.note("waiting")
    assert capsys.readouterr() == ("", "")
