"""A progress bar on the terminal of who waits, and nothing anywhere else: never in a file, a pipe or JSON."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from click._termui_impl import ProgressBar

CLEAR = "\r\033[K\033[?25h"
"""Empties the line of the bar, and shows the cursor that it hides."""


class Progress:
    """How far something is; lines that are said meanwhile do not run into it."""

    def __init__(self, bar: ProgressBar[int] | None) -> None:
        self._bar = bar

    def step(self) -> None:
        """One more is done."""
        if self._bar is not None:
            self._bar.update(1)

    def of(self, total: int, done: int) -> None:
        """So many of so many are done."""
        if self._bar is not None:
            self._bar.length = total
            self._bar.update(done - self._bar.pos)

    def long(self, total: int) -> Progress:
        """The same for so many things."""
        self.of(total, 0)
        return self

    def note(self, text: str) -> None:
        """Say on a terminal why it takes longer."""
        if self._bar is not None:
            self.clear()
            click.echo(f"  {text}", err=True)

    def say(self, text: str) -> None:
        """Print a line of the result."""
        self.clear()
        click.echo(text)

    def clear(self) -> None:
        """Take the bar away for what comes now; the next step shows it again."""
        if self._bar is not None:
            click.echo(CLEAR, nl=False, err=True)


SILENT = Progress(None)


@contextmanager
def shown(label: str, length: int = 1, *, is_wanted: bool = True) -> Iterator[Progress]:
    """A progress bar on standard error while the body runs, if that is a terminal."""
    if not is_wanted or not sys.stderr.isatty():
        yield SILENT
        return
    with click.progressbar(length=length, label=label, file=sys.stderr) as bar:
        yield Progress(bar)
