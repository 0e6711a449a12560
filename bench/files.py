"""What Roost costs between a browser and a node: large files, a large folder, many slow uploads.

    .venv/bin/python bench/files.py [--quick] [--only NAME ...]

The portal stands behind nginx as it is installed, the demo panel and its node in a process of their own. "Directly" is
the same transfer to the same node without nginx and portal, in turn with the other; trust ratios, not single figures.

upload_ratio, download_ratio  speed of 1 GiB through nginx, gunicorn and Roost by that of 1 GiB directly; best of each
rss_growth_mib         by how much more memory all web processes together held at most meanwhile
list_5000_ms           the first answer for a folder of 5,000 files, read from the node; median
list_5000_kb           that answer as it comes over the line, in 1000 bytes
list_5000_all_kb       the same with all parts that follow
page_p99_ratio         p99 of pages beside 100 uploads at 1 kB/s by that of pages alone (idle); slow_sending of them are
                       on their way, the others were told to try again (slow_refused: such answers by their status)
page_over_ms           p99 of pages beside them, less twice that of idle ones
The last line is one JSON object with these figures.
"""

from __future__ import annotations

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from bench.consoles.rig import EACH  # noqa: E402
from bench.running import Bench  # noqa: E402
from bench.transfers.measures import MIB, SLOW, Measures, Plan  # noqa: E402
from bench.transfers.rig import Files  # noqa: E402

QUICK = Plan(size=96 * MIB, tries=6, folders=3, idle_s=4, busy_s=6)
REDUCED = "96 MiB instead of 1 GiB, three folders instead of five, fewer seconds of pages"
AIMS = {
    "upload_ratio": "at least 0.6", "download_ratio": "at least 0.6", "rss_growth_mib": "at most 30",
    "list_5000_kb": "at most 60", "list_5000_all_kb": "at most 60", "page_over_ms": "at most 20",
}  # fmt: skip
PARTS = ("transfers", "list", "slow")
SERVERS = SLOW // 10 * EACH
"""Ten people, each of whom sends ten of the slow uploads."""


def start(is_quick: bool) -> tuple[Files, Measures]:
    """The portal, its node, and what is measured there."""
    rig = Files(SERVERS)
    return rig, Measures(rig, QUICK if is_quick else Plan())


if __name__ == "__main__":
    sys.exit(Bench("What Roost costs between a browser and a node.", REDUCED, PARTS, AIMS, start).main())
