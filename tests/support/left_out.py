"""A pytest plugin (`-p tests.support.left_out`): counts and names what `-m` left out, just before the summary.

With xdist only the worker processes collect, so they hand their counts to the process that reports.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

import pytest

KINDS = ("slow", "fuzz", "browser", "nginx", "soak")


class LeftOut:
    """The counts of one process."""

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()

    def pytest_deselected(self, items: Sequence[pytest.Item]) -> None:
        """Each test counts once, under its first mark."""
        for item in items:
            self.counts[next((kind for kind in reversed(KINDS) if item.get_closest_marker(kind)), "other")] += 1

    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Hand the counts over, if this is a worker."""
        output: dict[str, Any] | None = getattr(session.config, "workeroutput", None)
        if output is not None:
            output["left_out"] = dict(self.counts)

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: Any) -> None:
        """Every worker collects everything: the counts of one are the counts of all."""
        self.counts = Counter(getattr(node, "workeroutput", {}).get("left_out", {})) or self.counts

    def pytest_terminal_summary(self, terminalreporter: Any) -> None:
        """Say it."""
        if total := self.counts.total():
            named = ", ".join(f"{count} {kind}" for kind, count in sorted(self.counts.items()))
            terminalreporter.write_line(f"{total} tests were left out ({named}); bin/test --all runs them.")


def pytest_configure(config: pytest.Config) -> None:
    """Take part in this run."""
    config.pluginmanager.register(LeftOut(), "left-out")
