"""What money costs: renewals that are on the disk, a sweep among many servers, a statement with a million rows.

    .venv/bin/python bench/billing.py [--quick] [--folder FOLDER]

renewals_per_s          renewals by one process, each with its token checked and on the disk (synchronous=FULL) before
                        the next begins; renewal_p99_ms is one of them
commits_per_s           the same store and pragmas, one row for each commit: what the disk itself gives
sweep_growth_ratio      a sweep that suspends 100 servers among 100,000, by one that does among 1,000
look_growth_ratio       the same for looking only (a dry run)
statement_growth_ratio  a page of a statement of 1,000,000 rows by one of 10,000: the worst of the first page, one from
                        the middle, one kind, one server, and the list of servers to choose from
The last line is one JSON object with these figures.
"""

from __future__ import annotations

import argparse
import json
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from sqlalchemy import text  # noqa: E402

from bench.ledgers import Book, due_servers, fill_ledger, priced_servers  # noqa: E402
from portal import clock  # noqa: E402
from portal.billing import ledger, renewing, statement, terms  # noqa: E402
from portal.store import write  # noqa: E402
from portal.sweep import sweeping  # noqa: E402

AIMS = {
    "renewals_per_s": "at least 300", "renewal_p99_ms": "at most 200", "sweep_growth_ratio": "at most 1.5",
    "statement_growth_ratio": "at most 1.5",
}  # fmt: skip
SERVERS = 400
DUE = 100


def main() -> int:
    parser = argparse.ArgumentParser(description="What renewals, sweeps and statements cost.")
    parser.add_argument("--quick", action="store_true", help="fewer repeats; under 40 s")
    parser.add_argument("--folder", type=Path, help="where the stores are made: on a disk, not in memory")
    options = parser.parse_args()
    began = time.monotonic()
    with tempfile.TemporaryDirectory(dir=options.folder or _disk()) as name:
        folder = Path(name)
        figures: dict[str, Any] = _renewals(folder / "renewals", 800 if options.quick else 4000)
        figures |= _sweeps(folder, 3 if options.quick else 9)
        figures |= _statements(folder, 40 if options.quick else 200)
    figures["seconds"] = round(time.monotonic() - began, 1)
    for name, value in figures.items():
        aim = f"   aim: {AIMS[name]}" if name in AIMS else ""
        print(f"{name:24}{value!s:>12}{aim}")
    print(json.dumps(figures))
    return 0


def _renewals(folder: Path, count: int) -> dict[str, Any]:
    """Every server renewed in turn, again and again; each from the expiry that the one before left."""
    with Book(folder) as book:
        servers = priced_servers(SERVERS)
        book.credit(10**10)
        took: list[float] = []
        while len(took) < count:
            tokens = [renewing.token_of(book.account, renewing.offer(_terms(one), 1)) for one in servers]
            for token in tokens:
                before = time.perf_counter()
                renewing.renew(book.account, token)
                took.append(time.perf_counter() - before)
        bare = []
        for number in range(count):
            before = time.perf_counter()
            with write() as session:
                session.execute(text(f"UPDATE store_state SET value = '{number}' WHERE name = 'bench'"))
            bare.append(time.perf_counter() - before)
        wrong = list(ledger.verify())
    assert not wrong, wrong
    return {
        "renewals_per_s": round(len(took) / sum(took)),
        "renewal_p99_ms": round(statistics.quantiles(took, n=100)[98] * 1000, 1),
        "commits_per_s": round(count / sum(bare)),
    }


def _terms(server: str) -> terms.Terms:
    found = terms.of(server)
    assert found is not None
    return found


def _sweeps(folder: Path, repeats: int) -> dict[str, Any]:
    """Both sizes in turn, each on a fresh copy of its store; medians."""
    sizes = {"small": 1_000, "large": 100_000}
    for name, size in sizes.items():
        with Book(folder / name):
            due_servers(size, DUE)
    looks: dict[str, list[float]] = {name: [] for name in sizes}
    sweeps: dict[str, list[float]] = {name: [] for name in sizes}
    for _ in range(repeats):
        for name in sizes:
            copy = Path(shutil.copytree(folder / name, folder / f"{name} copy"))
            with Book(copy, is_new=False) as book, book.swept():
                looks[name].append(_timed(lambda: sweeping.sweep(is_dry_run=True)))
                swept: list[sweeping.Swept] = []
                sweeps[name].append(_timed(lambda: swept.append(sweeping.sweep())))  # noqa: B023
                assert len(swept[0].held) == DUE, swept[0].closed
            shutil.rmtree(copy)
    small, large = (statistics.median(sweeps[name]) for name in sizes)
    return {
        "sweep_growth_ratio": round(large / small, 2),
        "sweep_ms": round(large * 1000),
        "look_growth_ratio": round(statistics.median(looks["large"]) / statistics.median(looks["small"]), 2),
        "look_ms": round(statistics.median(looks["large"]) * 1000, 1),
    }


def _statements(folder: Path, repeats: int) -> dict[str, Any]:
    """Each question in turn to the short and to the long ledger, which both stay open; medians."""
    sizes = {"short": 10_000, "long": 1_000_000}
    took: dict[str, dict[str, list[float]]] = {}
    for name, rows in sizes.items():
        with Book(folder / name) as book:
            fill_ledger(book.account, rows)
    with Book(folder / "short", is_new=False) as short, Book(folder / "long", is_new=False) as long:
        for _ in range(repeats):
            for name, book in (("short", short), ("long", long)):
                with book.active():
                    for question, ask in _questions(book.account, sizes[name]).items():
                        took.setdefault(question, {}).setdefault(name, []).append(_timed(ask))
    ratios = {one: statistics.median(both["long"]) / statistics.median(both["short"]) for one, both in took.items()}
    for one, ratio in ratios.items():
        print(f"  {ratio:6.2f}  {statistics.median(took[one]['long']) * 1000:8.2f} ms  statement, {one}")
    return {
        "statement_growth_ratio": round(max(ratios.values()), 2),
        "statement_ms": round(statistics.median(took["first page"]["long"]) * 1000, 2),
    }


def _questions(account: int, rows: int) -> dict[str, Callable[[], object]]:
    middle = statement.Cursor(int(clock.now()) - rows // 2, rows // 2)
    return {
        "first page": lambda: statement.page(account, statement.Asked(), UTC),
        "middle": lambda: statement.page(account, statement.Asked(), UTC, after=middle),
        "one kind": lambda: statement.page(account, statement.Asked(kind="refund"), UTC),
        "one server": lambda: statement.page(account, statement.Asked(server_uuid=f"{7:08d}"), UTC),
        "choice of servers": lambda: statement.servers(account),
    }


def _timed(work: Callable[[], object]) -> float:
    before = time.perf_counter()
    work()
    return time.perf_counter() - before


def _disk() -> Path:
    """A folder whose files outlive a power loss: in memory nothing is ever durable."""
    for name in ("/var/tmp", str(ROOT)):
        if _kind_of_disk(Path(name)) not in ("tmpfs", "ramfs"):
            return Path(name)
    sys.exit("--folder must lie on a disk")


def _kind_of_disk(folder: Path) -> str:
    lines = [line.split() for line in Path("/proc/mounts").read_text().splitlines()]
    holding = [line for line in lines if folder.resolve().is_relative_to(line[1])]
    return max(holding, key=lambda line: len(line[1]))[2]


if __name__ == "__main__":
    sys.exit(main())
