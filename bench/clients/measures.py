"""What is measured: the same calls by both clients, in turns, so that whatever else the machine does hits both.

Who goes first changes from turn to turn: the first may find the machine as it was left, or wake it up for the second.
"""

from __future__ import annotations

import statistics
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from importlib.metadata import version
from typing import Any

from bench.clients.callers import MOST_THREADS, PER_PAGE
from bench.clients.rig import Rig
from bench.consoles.child import Child

LATENCIES_MS = (0, 15)
"""None, and what a real panel takes: 11 to 21 ms for these calls."""
THREADS = (1, MOST_THREADS)
OURS, THEIRS = "ours", "theirs"
KINDS = ("list", "view")
FEW = 5
"""Turns of what is no headline."""

Cell = tuple[int, int, str]
"""Latency in ms, threads, kind of call."""


@dataclass(frozen=True)
class Plan:
    """So many turns of each client in each cell, and calls in each turn."""

    turns: int = 25
    calls: int = 40


@dataclass
class Tally:
    """Seconds per call, of the wall's clock and of the processor, turn by turn; connections of each client."""

    wall: dict[tuple[str, Cell], list[float]] = field(default_factory=dict)
    processor: dict[tuple[str, Cell], list[float]] = field(default_factory=dict)
    connections: Counter[str] = field(default_factory=Counter)
    calls: int = 0
    """Of each client, with those that are not timed."""

    def ratio(self, cells: Iterable[Cell], *, of_processor: bool = False) -> float:
        """What ours takes for one call of each cell, by what theirs takes; medians of the turns."""
        taken = self.processor if of_processor else self.wall
        pairs = [[statistics.median(taken[who, cell]) for who in (OURS, THEIRS)] for cell in cells]
        return round(sum(ours for ours, _ in pairs) / sum(theirs for _, theirs in pairs), 3)

    def ms(self, who: str, cell: Cell) -> float:
        """Of a turn, by its calls: with one thread what a call takes, with more the inverse of what goes through."""
        return round(statistics.median(self.wall[who, cell]) * 1000, 2)


class Measures:
    """Each gives figures by their names."""

    def __init__(self, rig: Rig, plan: Plan) -> None:
        self.rig = rig
        self.plan = plan
        self.brings = {
            "list": min(PER_PAGE, rig.world["own"]), "view": 1,
            "held_list": min(PER_PAGE, rig.world["own"]), "held_view": 1,
            "app_list": min(PER_PAGE, rig.world["all"]), "app_view": 1,
        }  # fmt: skip

    def customer(self) -> dict[str, Any]:
        """The client API as documentation writes calls: py-dactyl 2.1.2 connects for each use of `client.servers`."""
        cells = [(wait, threads, kind) for wait in LATENCIES_MS for threads in THREADS for kind in KINDS]
        tally = self._measured(cells)
        figures: dict[str, Any] = {
            f"time_ratio_{wait}ms": tally.ratio(cell for cell in cells if cell[0] == wait) for wait in LATENCIES_MS
        }
        figures["cpu_ratio"] = tally.ratio(cells, of_processor=True)
        figures |= {"py_dactyl": version("py-dactyl"), "servers_in_list": self.brings["list"]}
        figures |= {f"connections_{who}": tally.connections[who] for who in (OURS, THEIRS)}
        return figures | {"calls_each": tally.calls} | self._single(tally, cells)

    def held(self) -> dict[str, Any]:
        """The same with a group that is held: then py-dactyl 2.1.2 keeps its connection too."""
        cells = [(0, 1, f"held_{kind}") for kind in KINDS]
        tally = self._measured(cells, FEW)
        both = "/".join(str(tally.connections[who]) for who in (OURS, THEIRS))
        return self._single(tally, cells, "{2}_{0}ms") | {"held_connections": both}

    def own_certificate(self) -> dict[str, Any]:
        """As `customer`, by clients that trust the panel's certificate alone: 2.1.2 reads that for each connection."""
        cells = [(0, threads, kind) for threads in THREADS for kind in KINDS]
        tally = self._measured(cells, FEW, self.rig.more_clients())
        singles = self._single(tally, cells, "own_cert_{2}_{0}ms_{1}t")
        both = {"own_cert_ratio_0ms": tally.ratio(cells), "own_cert_cpu_ratio": tally.ratio(cells, of_processor=True)}
        return both | singles

    def application(self) -> dict[str, Any]:
        """The application API, on which py-dactyl keeps its connections too: what is left is the work on answers."""
        cells = [(wait, 1, kind) for wait in LATENCIES_MS for kind in ("app_list", "app_view")]
        return self._single(self._measured(cells, FEW), cells)

    def _measured(
        self, cells: list[Cell], turns: int | None = None, clients: dict[str, Child] | None = None
    ) -> Tally:
        tally = Tally()
        order = list((clients or self.rig.clients).items())
        for cell in cells:
            self.rig.panel.ask("wait", cell[0] / 1000)
            self._turn(tally, cell, order, cell[1], is_timed=False)  # what happens only once: imports, our connections
            for _ in range(turns or self.plan.turns):
                order.reverse()
                self._turn(tally, cell, order, self.plan.calls)
        return tally

    def _turn(
        self, tally: Tally, cell: Cell, order: list[tuple[str, Child]], calls: int, *, is_timed: bool = True
    ) -> None:
        _, threads, kind = cell
        tally.calls += calls
        for who, client in order:
            before = self.rig.panel.ask("accepted")
            wall, processor = client.ask("turn", kind, calls, threads, self.brings[kind])
            tally.connections[who] += self.rig.panel.ask("accepted") - before
            if is_timed:
                tally.wall.setdefault((who, cell), []).append(wall / calls)
                tally.processor.setdefault((who, cell), []).append(processor / calls)

    @staticmethod
    def _single(tally: Tally, cells: list[Cell], names: str = "{2}_{0}ms_{1}t") -> dict[str, Any]:
        figures: dict[str, Any] = {}
        for cell in cells:
            name = names.format(*cell)
            figures[name] = tally.ratio([cell])
            figures[f"{name}_cpu"] = tally.ratio([cell], of_processor=True)
            figures[f"{name}_ms"] = f"{tally.ms(OURS, cell)}/{tally.ms(THEIRS, cell)}"
        return figures
