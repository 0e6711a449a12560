"""What is measured, one after the other, with one rig."""

from __future__ import annotations

import threading
import time
from collections import Counter
from dataclasses import dataclass
from typing import Any

from bench.consoles.node import AFTER_S
from bench.consoles.rig import Rig, wait_until
from bench.idle import mib, tree

LINES_PER_S = 10.0
PAGES_PER_S = 50.0
FLOOD_PER_S = 20_000.0
OTHERS = 6
LATE_S = 1.0  # a rate is kept when its last line is there so soon after it was written


@dataclass(frozen=True)
class Plan:
    """How much of it: consoles, and seconds."""

    consoles: int = 200
    latency_s: float = 40.0
    steps: tuple[int, ...] = (10, 20, 30, 40, 50, 60, 75, 90, 110, 135)  # thousands of lines a second
    step_s: float = 4.0
    tries: int = 2
    flood_s: float = 10.0
    idle_s: float = 15.0
    busy_s: float = 40.0
    spread_s: float = 10.0

    @property
    def servers(self) -> int:
        """Those of the many, one through the portal, one through nginx, one for its rate, one flood, and others."""
        return self.consoles + 4 + OTHERS


class Measures:
    """Each gives figures by their names."""

    def __init__(self, rig: Rig, plan: Plan) -> None:
        self.rig, self.plan = rig, plan
        self.node, self.browsers, self.visitors = rig.node.ask, rig.browsers.ask, rig.visitors.ask

    def latency(self) -> dict[str, Any]:
        """One console through nginx and the portal and one through nginx alone, a line of each in turn."""
        first = self.plan.consoles
        relay, direct = range(first, first + 1), range(first + 1, first + 2)
        self._pace(range(first, first + 2), LINES_PER_S)
        self._open("relay", relay)
        self._open("nginx", direct, kind="node")
        time.sleep(1)
        self._record(self.plan.latency_s)
        through, alone = (self.browsers("tally", name)["took_us"] for name in ("relay", "nginx"))
        self._leave("relay", "nginx")
        return {
            "added_p50_ratio": round(share(through, 50) / share(alone, 50), 2),
            "added_p99_ratio": round(share(through, 99) / share(alone, 99), 2),
            "relay_p50_us": round(share(through, 50)), "relay_p99_us": round(share(through, 99)),
            "nginx_p50_us": round(share(alone, 50)), "nginx_p99_us": round(share(alone, 99)),
        }  # fmt: skip

    def lines(self) -> dict[str, Any]:
        """The highest rate that one console keeps with no line dropped, by the portal or by the node."""
        number = self.plan.consoles + 2
        best, failed = 0, 0
        self._pace(range(number, number + 1), 1.0)
        self._open("lines", range(number, number + 1))
        for thousand in self.plan.steps:
            tries = (self._kept(number, thousand * 1000) for _ in range(self.plan.tries))
            if not (kept := next(filter(None, tries), 0)):
                failed = thousand * 1000
                break
            best = kept
        self._leave("lines")
        return {"lines_per_s": best, "lines_per_s_failed": failed}

    def _kept(self, number: int, rate: int) -> int:
        """Lines a second that came, when all of them came in time; else 0."""
        self._pace(range(number, number + 1), 0.0)
        time.sleep(0.3)
        self.browsers("clear")
        before = self.node("counts")
        self._pace(range(number, number + 1), rate)
        time.sleep(AFTER_S + self.plan.step_s)
        self._pace(range(number, number + 1), 0.0)
        after = self.node("counts")
        made = after["made"] - before["made"]
        deadline = time.monotonic() + LATE_S
        while self.browsers("tally", "lines")["lines"] != made and time.monotonic() < deadline:
            time.sleep(0.05)
        is_whole = self.browsers("tally", "lines")["lines"] == made and after["unread"] == before["unread"]
        return round(made / self.plan.step_s) if is_whole and made > 0.97 * rate * self.plan.step_s else 0

    def flood(self) -> dict[str, Any]:
        """What a flood on one console does to others, of which some are in the same process."""
        first = self.plan.consoles + 3
        others = range(first + 1, first + 1 + OTHERS)
        self._pace(others, LINES_PER_S)
        self._pace(range(first, first + 1), 1.0)
        self._open("flood", range(first, first + 1), waits=False)
        self._open("other", others)
        self._await("flood", 1)
        self._record(self.plan.flood_s)
        quiet = self.browsers("tally", "other")["took_us"]
        self._pace(range(first, first + 1), FLOOD_PER_S)
        time.sleep(0.5)
        self._record(self.plan.flood_s)
        other, flood = self.browsers("tally", "other"), self.browsers("tally", "flood")
        self._pace(range(first, first + 1), 0.0)
        self._leave("other", "flood")
        return {
            "flood_other_p99_ms": round(share(other["took_us"], 99) / 1000, 1),
            "flood_other_quiet_p99_ms": round(share(quiet, 99) / 1000, 1),
            "flood_other_drops": _drops(other),
            "flood_lines_per_s": round(flood["lines"] / self.plan.flood_s), "flood_drops": _drops(flood),
        }  # fmt: skip

    def consoles(self) -> dict[str, Any]:
        """Many consoles open at once with pages beside them, against pages while nobody has one open."""
        many = range(self.plan.consoles)
        self._pages(1.5)  # what each process makes once, and readings that were never made
        idle = self._pages(self.plan.idle_s)
        self._pace(many, LINES_PER_S)
        began = time.monotonic()
        self._open("many", many)
        opened_s = time.monotonic() - began
        time.sleep(1)
        unread = self.node("counts")["unread"]
        self.browsers("clear")
        self.browsers("record", True)
        busy = self._pages(self.plan.busy_s)
        self.browsers("record", False)
        seen, phases = self.browsers("tally", "many"), self.browsers("phases", "many")
        assert self.rig.web.process is not None
        web = tree(self.rig.web.process.pid)
        quick, slow = (share([took for _, took, _ in pages], 99) for pages in (idle, busy))
        return {
            "consoles": phases.get("live", 0) - len(seen["closes"]),
            "drops": _drops(seen) + self.node("counts")["unread"] - unread,
            "page_p99_ratio": round(slow / quick, 2),
            "page_idle_p99_ms": round(quick, 1), "page_p99_ms": round(slow, 1),
            "page_over_ms": round(slow - 2 * quick, 1),
            "page_idle_p50_ms": round(share([took for _, took, _ in idle], 50), 1),
            "page_p50_ms": round(share([took for _, took, _ in busy], 50), 1),
            "page_errors": _strange([*idle, *busy]),
            "rss_mib": round(sum(mib(one, "Rss") for one in web)), "pss_mib": round(sum(map(mib, web))),
            "console_p50_ms": round(share(seen["took_us"], 50) / 1000, 1),
            "console_p99_ms": round(share(seen["took_us"], 99) / 1000, 1),
            "doubled": seen["doubled"], "misnumbered": seen["misnumbered"], "marks": seen["marks"],
            "frames_per_line": round(seen["frames"] / max(1, seen["lines"]), 2), "opened_s": round(opened_s, 1),
        }  # fmt: skip

    def restart(self) -> dict[str, Any]:
        """The same consoles, and the portal restarted as systemd does it; pages go on meanwhile."""
        self.browsers("clear")
        self.visitors("start", PAGES_PER_S)
        time.sleep(1)
        began = time.monotonic()
        again = threading.Thread(target=self.rig.web.restart)
        again.start()
        again.join()
        ready = time.monotonic()
        wait_until(self._all_back, "not every console is back", 60.0)
        seen = self.browsers("tally", "many")
        back = seen["back_at"] / 1e9
        pages = [one for one in self._stopped() if began <= one[0] <= max(back, ready + 1)]
        self._leave("many")
        return {
            "restart_back_s": round(back - began, 1), "restart_down_s": round(ready - began, 1),
            "restart_page_p99_ms": round(share([took for at, took, _ in pages if at >= ready], 99), 1),
            "restart_page_all_p99_ms": round(share([took for _, took, _ in pages], 99), 1),
            "restart_page_worst_ms": round(max(took for _, took, _ in pages), 1),
            "restart_page_errors": _strange(pages),
            "restart_codes": {str(one): seen["closes"].count(one) for one in sorted(set(seen["closes"]))},
            "restart_refused": seen["refused"], "restart_answers": seen["answers"],
            "restart_missing": seen["missing"], "restart_doubled": seen["doubled"], "restart_marks": seen["marks"],
        }  # fmt: skip

    def _all_back(self) -> bool:
        seen = self.browsers("tally", "many")
        return len(seen["closes"]) >= self.plan.consoles and self._is_live("many", self.plan.consoles)

    def _is_live(self, group: str, wanted: int) -> bool:
        return bool(self.browsers("phases", group) == {"live": wanted})

    def _open(self, group: str, numbers: range, *, kind: str = "relay", waits: bool = True) -> None:
        self.browsers("open", self.rig.ways(group, numbers, kind=kind, spread_s=self.plan.spread_s))
        if waits:
            self._await(group, len(numbers))

    def _await(self, group: str, wanted: int) -> None:
        try:
            wait_until(lambda: self._is_live(group, wanted), "not every console is live", 30.0)
        except RuntimeError as wrong:
            seen = self.browsers("tally", group) | {"took_us": None}
            wrong.add_note(f"{group}: {self.browsers('phases', group)} {seen} {self.node('counts')}")
            raise

    def _leave(self, *groups: str) -> None:
        for one in groups:
            self.browsers("leave", one)
        self._pace(range(self.plan.servers), 0.0)

    def _pace(self, numbers: range, rate: float) -> None:
        self.node("pace", [self.rig.servers[one].uuid for one in numbers], rate)

    def _record(self, seconds: float) -> None:
        self.browsers("clear")
        self.browsers("record", True)
        time.sleep(seconds)
        self.browsers("record", False)

    def _pages(self, seconds: float) -> list[tuple[float, float, str]]:
        self.visitors("start", PAGES_PER_S)
        time.sleep(seconds)
        return self._stopped()

    def _stopped(self) -> list[tuple[float, float, str]]:
        self.visitors("stop")
        wait_until(lambda: self.visitors("waiting") == 0, "pages are not answered", 40.0)
        pages: list[tuple[float, float, str]] = self.visitors("seen")
        return pages


def share(values: list[float], percent: int) -> float:
    """The value that so many percent of them do not exceed."""
    if not values:
        return float("nan")
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, len(ordered) * percent // 100)]


def _strange(pages: list[tuple[float, float, str]]) -> dict[str, int]:
    """How many were answered with what else than 200."""
    return dict(Counter(status for _, _, status in pages if status != "200"))


def _drops(seen: dict[str, Any]) -> int:
    """What the lines' own numbers miss, or what the portal says it dropped, whichever is more."""
    return max(int(seen["missing"]), int(seen["dropped"]))
