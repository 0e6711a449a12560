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

import argparse
import json
import signal
import sys
import time
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from bench.consoles.measures import Measures, Plan  # noqa: E402
from bench.consoles.rig import Rig  # noqa: E402
from bench.consoles.site import Site  # noqa: E402

LONGEST_S = 600
QUICK = Plan(latency_s=4, steps=(20, 35, 50, 75), step_s=1, tries=1, flood_s=1.5, idle_s=2.5, busy_s=3.5, spread_s=2)
REDUCED = "quick: fewer seconds of each part; fewer rates, each tried once; back within 2 s of a restart, not 10"
AIMS = {
    "added_p50_ratio": "at most 2.5", "added_p99_ratio": "at most 2.5", "lines_per_s": "at least 50000",
    "consoles": "200", "drops": "0", "page_over_ms": "at most 20", "rss_mib": "at most 600",
    "restart_back_s": "at most 30", "restart_page_p99_ms": "at most 500",
}  # fmt: skip
PARTS = ("latency", "lines", "flood", "consoles", "restart")


def main() -> int:
    parser = argparse.ArgumentParser(description="What the relay of consoles costs.")
    parser.add_argument("--quick", action="store_true", help="fewer seconds of each part; under 40 s")
    parser.add_argument("--only", nargs="+", choices=PARTS, default=PARTS, help="restart needs consoles")
    options = parser.parse_args()
    if not Site.is_possible():
        print("Skipped: there is no nginx. Install it: apt-get install nginx")
        print(json.dumps({"skipped": "no nginx"}))
        return 0
    signal.signal(signal.SIGALRM, lambda *_: sys.exit(f"not done after {LONGEST_S} s"))
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("ended"))
    signal.alarm(LONGEST_S)
    figures = _measure(QUICK if options.quick else Plan(), options.only)
    if options.quick:
        print(REDUCED)
    for name, value in figures.items():
        aim = f"   aim: {AIMS[name]}" if name in AIMS else ""
        print(f"{name:26}{value!s:>12}{aim}")
    print(json.dumps(figures))
    return 0


def _measure(plan: Plan, parts: tuple[str, ...]) -> dict[str, Any]:
    figures: dict[str, Any] = {}
    began = time.monotonic()
    rig = Rig(plan.servers)
    try:
        measures = Measures(rig, plan)
        for name in PARTS:
            if name in parts:
                print(f"{time.monotonic() - began:6.1f} s  {name}", file=sys.stderr)
                figures |= getattr(measures, name)()
    finally:
        rig.close()
    return figures | {"seconds": round(time.monotonic() - began, 1)}


if __name__ == "__main__":
    sys.exit(main())
