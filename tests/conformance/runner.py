"""Ask the demo panel the questions that a real panel answered, and name the steps that disagree.

A scenario is `steps`, `races` or the name of a fault condition.  Each gets a fresh demo panel in a process of its own.
The recordings lie in the directory that the environment variable ROOST_SHARED names (`../shared` when it is not set).
"""
from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
RECORDINGS = ROOT.joinpath(os.environ.get("ROOST_SHARED", "../shared")).resolve() / "conformance"
EXCEPTIONS = Path(__file__).with_name("exceptions.txt")
AT_ONCE = 4
START_SECONDS = 60
SLOWEST = "node-hangs"


@dataclass(frozen=True)
class Result:
    """`disagreeing` holds step names; `differences` is what conform.py prints of them, by step name."""

    scenario: str
    steps: tuple[str, ...]
    disagreeing: frozenset[str]
    differences: dict[str, str]

    def told(self, *, everything: bool = True) -> str:
        """One line, above it the differences: of all steps, or of those that must agree."""
        excepted = exceptions(self.scenario)
        shown = [text for step, text in self.differences.items() if everything or step not in excepted]
        agreed = len(self.steps) - len(self.disagreeing)
        others = len(self.disagreeing.intersection(excepted))
        note = f" ({others} others are excepted)" if others and not everything else ""
        return f"{''.join(shown)}{self.scenario}: {agreed} of {len(self.steps)} steps agree{note}"


def scenarios() -> list[str]:
    faults = sorted(path.name.removesuffix(".steps.json") for path in (RECORDINGS / "faults").glob("*.steps.json"))
    return ["steps", *faults, "races"]


def questions(scenario: str) -> list[dict[str, Any]]:
    """The steps of a scenario as conform.py asks them."""
    asked: list[dict[str, Any]] = json.loads(_files_of(scenario)[0].read_text(encoding="utf-8"))
    return asked


def recorded_steps(scenario: str) -> list[str]:
    return [step["name"] for step in questions(scenario)]


def exceptions(scenario: str) -> dict[str, str]:
    """Why, by the step that need not agree: the lines `scenario: step -- reason` of exceptions.txt."""
    lines = EXCEPTIONS.read_text(encoding="utf-8").splitlines()
    told = (line.partition(": ")[2].partition(" -- ") for line in lines if line.startswith(f"{scenario}: "))
    return {step: reason for step, _, reason in told}


def run_all(names: Iterable[str]) -> Iterator[Result]:
    """In the order of `names`; the slowest scenario begins first."""
    wanted = list(names)
    with ThreadPoolExecutor(AT_ONCE) as pool:
        running = {name: pool.submit(run, name) for name in sorted(wanted, key=lambda name: name != SLOWEST)}
        for name in wanted:
            yield running[name].result()


def run(scenario: str) -> Result:
    """Once more if a step disagrees that should not: activity is ordered by whole seconds, and one may end between."""
    result = _run_once(scenario)
    return _run_once(scenario) if result.disagreeing.difference(exceptions(scenario)) else result


def _run_once(scenario: str) -> Result:
    steps, recording = _files_of(scenario)
    with tempfile.TemporaryDirectory() as folder:
        world, report = (Path(folder, name) for name in ("world.json", "report.json"))
        with demo_panel(world, () if scenario in ("steps", "races") else ("--condition", scenario)):
            compared = subprocess.run(
                [sys.executable, RECORDINGS / "conform.py", "compare", "--world", world, "--steps", steps,
                 "--against", recording, "--report", report],
                check=False, capture_output=True, text=True)
        if not report.exists():
            raise RuntimeError(f"{scenario}: conform.py made no report: {compared.stderr}")
        judged = json.loads(report.read_text(encoding="utf-8"))
    names = tuple(recorded_steps(scenario))
    return Result(
        scenario=scenario,
        steps=names,
        disagreeing=frozenset(names) - {step["name"] for step in judged if not step["differences"]},
        differences=_by_step(compared.stdout, names),
    )


@contextmanager
def demo_panel(world: Path, arguments: Iterable[str] = ()) -> Iterator[None]:
    """A demo panel with the recordings' fixture on a free port, from when it answers to when it has ended."""
    command = [sys.executable, "-m", "portal.demo", "--port", "0", "--fixture", RECORDINGS / "fixture.json",
               "--world", world, *arguments]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL) as panel:
        try:
            deadline = time.monotonic() + START_SECONDS
            while not world.exists():
                if panel.poll() is not None or time.monotonic() > deadline:
                    raise RuntimeError("the demo panel does not start")
                time.sleep(0.02)
            yield
        finally:
            panel.terminate()


def _by_step(printed: str, names: Iterable[str]) -> dict[str, str]:
    """What conform.py prints, cut before each `DIFFERS <step> (...`; its last line, the sum, is left out."""
    *lines, _sum = printed.splitlines(keepends=True)
    known = set(names)
    parts: dict[str, str] = {}
    step = ""
    for line in lines:
        head = line.removeprefix("DIFFERS ")
        if head != line:
            step = max((name for name in known if head.startswith(f"{name} (")), key=len)
        parts[step] = parts.get(step, "") + line
    return parts


def _files_of(scenario: str) -> tuple[Path, Path]:
    if scenario == "steps":
        return RECORDINGS / "steps.json", RECORDINGS / "recorded.jsonl"
    folder = RECORDINGS if scenario == "races" else RECORDINGS / "faults"
    return folder / f"{scenario}.steps.json", folder / f"{scenario}.recorded.jsonl"


def main() -> int:
    parser = argparse.ArgumentParser(prog="bin/conform", description=__doc__)
    parser.add_argument("scenario", nargs="*", help="default: all")
    parser.add_argument("--expected", action="store_true",
                        help="show differences only of the steps that are not excepted")
    parser.add_argument("--quick", action="store_true", help=f"leave out {SLOWEST}, where the panel really waits")
    options = parser.parse_args()
    if not RECORDINGS.is_dir():
        parser.error(f"there are no recordings in {RECORDINGS}; set ROOST_SHARED")
    unknown = set(options.scenario) - set(scenarios())
    if unknown:
        parser.error(f"unknown: {', '.join(sorted(unknown))}; known are {', '.join(scenarios())}")
    names = options.scenario or [name for name in scenarios() if not (options.quick and name == SLOWEST)]
    broken = []
    for result in run_all(names):
        sys.stdout.write(f"{result.told(everything=not options.expected)}\n")
        sys.stdout.flush()
        excepted = exceptions(result.scenario)
        broken += [f"{result.scenario}: {step}" for step in result.steps
                   if step in result.disagreeing and step not in excepted]
    for line in broken:
        sys.stdout.write(f"MUST AGREE  {line}\n")
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
