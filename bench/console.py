"""What the relay of consoles costs: a quick node, nginx, the portal as it ships, and browsers that count every line.

    .venv/bin/python bench/console.py [--quick] [--only NAME ...]

Latency is compared inside the run with the same node behind the same nginx alone; trust ratios, not single figures.

added_p50_ratio, added_p99_ratio  time from the node writing a line to the browser having it, one console at 10 lines/s
lines_per_s            what one console keeps with no line dropped
consoles, drops        consoles open at 10 lines/s each with 50 pages/s beside them; lines that they missed
page_p99_ratio         p99 of pages beside them by that of pages while no console is open (idle)
page_over_ms           p99 of pages beside them, less twice that of idle ones
rss_mib, pss_mib       memory of gunicorn and its processes with the consoles open; PSS counts once what they share
restart_back_s         from SIGTERM until the last of those consoles has a line again
restart_page_p99_ms    pages from the new process being ready until then; restart_page_all_p99_ms: from SIGTERM on
flood_other_p99_ms     delay of a line on other consoles while one gets 20,000 lines/s
The last line is one JSON object with these figures.
"""

from __future__ import annotations

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from bench.consoles.measures import Measures, Plan  # noqa: E402
from bench.consoles.rig import Rig  # noqa: E402
from bench.running import Bench  # noqa: E402

QUICK = Plan(latency_s=4, steps=(20, 35, 50, 75), step_s=1, tries=1, flood_s=1.5, idle_s=2.5, busy_s=3.5, spread_s=2)
REDUCED = "fewer seconds of each part; fewer rates, each tried once; back within 2 s of a restart, not 10"
AIMS = {
    "added_p50_ratio": "at most 2.5", "added_p99_ratio": "at most 2.5", "lines_per_s": "at least 50000",
    "consoles": "200", "drops": "0", "page_over_ms": "at most 20", "rss_mib": "at most 600",
    "restart_back_s": "at most 30", "restart_page_p99_ms": "at most 500",
}  # fmt: skip
PARTS = ("latency", "lines", "flood", "consoles", "restart")


def start(is_quick: bool) -> tuple[Rig, Measures]:
    """The portal, its node, and what is measured there."""
    plan = QUICK if is_quick else Plan()
    rig = Rig(plan.servers)
    return rig, Measures(rig, plan)


if __name__ == "__main__":
    about = "What the relay of consoles costs."
    sys.exit(Bench(about, REDUCED, PARTS, AIMS, start, more="restart needs consoles").main())
