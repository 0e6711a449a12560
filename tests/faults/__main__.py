"""Kill Roost at every place where it hurts: `python -m tests.faults --help`."""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
import time
from pathlib import Path

from tests.faults.driver import ACTS, Wanted, in_lanes
from tests.faults.scenarios import all_of_them


def main() -> int:
    parser = argparse.ArgumentParser(
        description="Run each scenario once to list its places, then once for each place and act; after a restart "
        "nothing may be lost or doubled, and all invariants hold. The last line is one JSON object."
    )
    parser.add_argument(
        "--only", nargs="+", default=[], metavar="SCENARIO", choices=[one.name for one in all_of_them()]
    )
    parser.add_argument("--acts", nargs="+", default=["kill", "raise"], choices=ACTS)
    parser.add_argument("--every", type=int, default=1, help="only every n-th place")
    parser.add_argument("--first", type=int, default=0, help="begin with this place")
    parser.add_argument("--lanes", type=int, default=os.cpu_count() or 1, help="processes at once")
    options = parser.parse_args()
    wanted = Wanted(tuple(options.only), tuple(options.acts), options.every, options.first)
    began = time.monotonic()
    figures = dict.fromkeys(
        ("scenarios", "pairs", "names", "runs", "acknowledged", "lost", "doubled", "broken", "wrong"), 0
    )
    with tempfile.TemporaryDirectory(prefix="roost-faults-") as name:
        for one in in_lanes(Path(name), wanted, options.lanes):
            _say(f"{one.scenario:34}{one.places:6} places{one.shots:7} runs{len(one.wrong):5} wrong")
            for sentence in one.wrong:
                _say(f"    {sentence}")
            figures["scenarios"] += 1
            figures["pairs"] += one.places
            figures["runs"] += one.shots
            figures["names"] += one.names
            figures["acknowledged"] += one.acts
            figures["wrong"] += len(one.wrong)
            lost, doubled = (sum(f" {kind}: " in sentence for sentence in one.wrong) for kind in ("lost", "doubled"))
            figures["lost"] += lost
            figures["doubled"] += doubled
            figures["broken"] += len(one.wrong) - lost - doubled
    _say(json.dumps({**figures, "seconds": round(time.monotonic() - began)}))
    return 1 if figures["wrong"] or not figures["pairs"] else 0


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
