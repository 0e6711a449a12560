"""How a bench is run: its options, its end, its figures with their aims."""

from __future__ import annotations

import argparse
import json
import signal
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from bench.consoles.site import Site

LONGEST_S = 600


class Rig(Protocol):
    """What a bench builds first."""

    def close(self) -> None:
        """End everything that was started."""


@dataclass(frozen=True)
class Bench:
    """`start` makes rig and measures (a method for each of `parts`), quick or in full; `aims` are words by figure.

    One that stands `behind_nginx` is left out where there is none.
    """

    about: str
    quick: str
    parts: tuple[str, ...]
    aims: Mapping[str, str]
    start: Callable[[bool], tuple[Rig, object]]
    more: str | None = None
    behind_nginx: bool = True

    def main(self) -> int:
        """The command: prints the figures, and last of all one JSON object with them."""
        parser = argparse.ArgumentParser(description=self.about)
        parser.add_argument("--quick", action="store_true", help=f"{self.quick}; under 40 s")
        parser.add_argument("--only", nargs="+", choices=self.parts, default=self.parts, help=self.more)
        options = parser.parse_args()
        if self.behind_nginx and not Site.is_possible():
            print("Skipped: there is no nginx. Install it: apt-get install nginx")
            print(json.dumps({"skipped": "no nginx"}))
            return 0
        signal.signal(signal.SIGALRM, lambda *_: sys.exit(f"not done after {LONGEST_S} s"))
        signal.signal(signal.SIGTERM, lambda *_: sys.exit("ended"))
        signal.alarm(LONGEST_S)
        figures = self._measured(options.quick, options.only)
        if options.quick:
            print(f"quick: {self.quick}")
        for name, value in figures.items():
            aim = f"   aim: {self.aims[name]}" if name in self.aims else ""
            print(f"{name:26}{value!s:>12}{aim}")
        print(json.dumps(figures))
        return 0

    def _measured(self, is_quick: bool, parts: tuple[str, ...]) -> dict[str, Any]:
        figures: dict[str, Any] = {}
        began = time.monotonic()
        rig, measures = self.start(is_quick)
        try:
            for name in self.parts:
                if name in parts:
                    print(f"{time.monotonic() - began:6.1f} s  {name}", file=sys.stderr)
                    figures |= getattr(measures, name)()
        finally:
            rig.close()
        return figures | {"seconds": round(time.monotonic() - began, 1)}
