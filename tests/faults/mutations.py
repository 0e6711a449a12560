"""Does the test bite: each safety is taken out of a copy of the tree, and the tests named for it must fail.

    .venv/bin/python -m tests.faults.mutations [NAME ...] [--list]

Each named test must pass in the copy as it is and fail once the safety is gone. The last line is one JSON object.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
COPIED = ("portal", "tests", "templates", "static", "bin", "deploy", "docs", "pyproject.toml", "wsgi.py",
          "gunicorn.conf.py")  # fmt: skip
PASSED, FAILED = 0, 1
LONGEST_S = 300


@dataclass(frozen=True)
class Mutation:
    """A safety: where it stands, what is left without it, and the tests that must notice."""

    name: str
    path: str
    old: str
    new: str
    tests: tuple[str, ...]


GATES = "portal/sweep/gates.py"
SENDING = "portal/suspension/sending.py"
TEST_GATES = "tests/sweep/test_gates.py"
MUTATIONS = (
    Mutation(
        "UNIQUE", "portal/store/migrations/versions/0003_billing.py",
        '        sa.UniqueConstraint("server_uuid", "from_expiry", name=op.f("uq_renewal_server_uuid")),\n', "",
        ("tests/billing/test_anchor.py",),
    ),
    Mutation(
        "IMMEDIATE", "portal/store/engine.py", 'sqlite_begin="IMMEDIATE"', 'sqlite_begin="DEFERRED"',
        ("tests/billing/test_parallel.py",),
    ),
    Mutation(
        "lease", "portal/suspension/leases.py",
        "            Intent.state.in_(WAITING),\n            is_due(now),\n"
        "            or_(Intent.lease_until.is_(None), has_ended(now)),\n"
        "            ~is_sending,\n", "", ("tests/suspension/test_leases.py",),
    ),
    Mutation(
        "lease, whose", "portal/suspension/leases.py", ', Intent.lease == taken.lease\n', "\n",
        ("tests/suspension/test_lease_whose.py",),
    ),
    Mutation(
        "read-back", SENDING, "        if shown.server.is_suspended == going.suspends:\n", "        if True:\n",
        ("tests/suspension/test_dispatching.py",),
    ),
    Mutation(
        "uuid", SENDING, "    if server.uuid != taken.server_uuid:\n", "    if False:\n",
        ("tests/suspension/test_reconciling.py",),
    ),
    Mutation("G1", GATES, 'Gate("G1", count <= limit, said)', 'Gate("G1", True, said)', (TEST_GATES,)),
    Mutation(
        "G2", GATES, 'Gate("G2", not count or before + count <= limit, said)',
        'Gate("G2", True, said)', (TEST_GATES,),
    ),
    Mutation(
        "G3", GATES, 'Gate("G3", seen.is_open,', 'Gate("G3", True,',
        ("tests/sweep/test_clock_gate.py", "tests/sweep/test_guard.py"),
    ),
    Mutation("G4", GATES, "        _data(now),\n", '        Gate("G4", True, ""),\n', (TEST_GATES,)),
    Mutation(
        "G5", "portal/sweep/candidates.py", 'one.state == "ready" and one.server.uuid not in told', "False",
        (TEST_GATES,),
    ),
    Mutation("G6", GATES, 'Gate("G6", not asked,', 'Gate("G6", True,', (TEST_GATES,)),
    Mutation(
        "G7", "portal/suspension/pace.py", "PER_MINUTE: Final = 10\n", "PER_MINUTE: Final = 10_000\n",
        ("tests/suspension/test_leases.py::test_no_more_than_ten_in_a_minute_and_lifting_goes_on",),
    ),
    Mutation(
        "G8", "portal/suspension/panic.py", "    return True\n\n\ndef stop(", "    return False\n\n\ndef stop(",
        (TEST_GATES, "tests/suspension/test_reconciling.py"),
    ),
    Mutation(
        "external hold", "portal/suspension/foreign.py",
        "    if not is_foreign_in(session, seen):\n        return False\n", "    if True:\n        return False\n",
        ("tests/suspension/test_reconciling.py",),
    ),
    Mutation(
        "external hold, late", "portal/suspension/calls.py",
        "func.min(PanelCall.sent_at + LOOSE_S, seen.read_at)", "seen.read_at", ("tests/suspension/test_calls.py",),
    ),
    Mutation(
        "external hold, lifted", "portal/suspension/sending.py",
        "if foreign.stands_in(session, intent.server_uuid):", "if False:", ("tests/suspension/test_reconciling.py",),
    ),
    Mutation(
        "lifted after work", "portal/suspension/findings.py", "seen.busy_at >= seen.since", "seen.busy_at >= 0",
        ("tests/suspension/test_reconciling.py",),
    ),
    Mutation(
        "external hold, paid", "portal/billing/renewing.py",
        'if hold.kind == "unpaid" and', "if", ("tests/billing/test_renewing.py",),
    ),
    Mutation(
        "anchor", "portal/billing/terms.py",
        "end_of(self.anchor, self.price.period, self.periods + periods, mode.zone())",
        "end_of(self.expires_at or self.anchor, self.price.period, periods, mode.zone())",
        ("tests/billing/test_anchor.py",),
    ),
    Mutation(
        "fsync", "portal/store/engine.py", '"synchronous": "FULL"', '"synchronous": "NORMAL"',
        ("tests/store/test_connections.py",),
    ),
    Mutation(
        "fsync, on the disk", "portal/store/engine.py", '"synchronous": "FULL"', '"synchronous": "NORMAL"',
        ("tests/store/test_flushes.py",),
    ),
    Mutation(
        "high-water", "portal/backup/highwater.py",
        "    return any(here < seen for here, seen in (*pairs, (store.changes, file.changes)))\n", "    return False\n",
        ("tests/backup/test_money.py", "tests/backup/test_quarantine.py"),
    ),
    Mutation(
        "fault points", "portal/store/engine.py", '        faultpoint.reach(f"{name} before")\n', "",
        ("tests/faults/test_names.py",),
    ),
)  # fmt: skip


def main() -> int:
    parser = argparse.ArgumentParser(description="Take each safety out of a copy; its tests must fail.")
    parser.add_argument("names", nargs="*", help="only these")
    parser.add_argument("--list", action="store_true", help="only say which there are")
    parser.add_argument("--at-once", type=int, default=max(1, (os.cpu_count() or 1)))
    options = parser.parse_args()
    chosen = [one for one in MUTATIONS if not options.names or one.name in options.names]
    if options.list:
        for one in chosen:
            _say(f"{one.name:22}{one.path:48}{' '.join(one.tests)}")
        return 0
    with tempfile.TemporaryDirectory(prefix="roost-mutations-") as name, ThreadPoolExecutor(options.at_once) as threads:
        ended = list(threads.map(lambda one: _try(Path(name), one), chosen))
    survived = [one.name for one, is_caught in zip(chosen, ended, strict=True) if not is_caught]
    _say(json.dumps({"mutations": len(chosen), "caught": len(chosen) - len(survived), "survived": survived}))
    return 1 if survived or not chosen else 0


def check(mutation: Mutation) -> str:
    """What is wrong with the description of a mutation itself; empty when it fits the tree."""
    source = (ROOT / mutation.path).read_text()
    if source.count(mutation.old) != 1:
        return f"{mutation.name}: {mutation.path} holds its text {source.count(mutation.old)} times"
    missing = [one for one in mutation.tests if not (ROOT / one.partition("::")[0]).exists()]
    return f"{mutation.name}: there is no {missing[0]}" if missing else ""


def _try(folder: Path, mutation: Mutation) -> bool:
    """Whether the tests that pass without the mutation fail with it."""
    problem = check(mutation)
    if problem:
        _say(problem)
        return False
    tree = folder / mutation.name.replace(" ", "-")
    tree.mkdir()
    for name in COPIED:
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, tree / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copyfile(source, tree / name)
    before, _ = _tested(tree, mutation)
    target = tree / mutation.path
    target.write_text(target.read_text().replace(mutation.old, mutation.new))
    after, failed = _tested(tree, mutation)
    shutil.rmtree(tree)
    is_caught = before == PASSED and after == FAILED
    how = f"caught by {failed}" if is_caught else f"NOT caught (status {before} before it, {after} with it)"
    _say(f"{mutation.name:22}{how}")
    return is_caught


def _tested(tree: Path, mutation: Mutation) -> tuple[int, str]:
    """The status of pytest, and the first test that failed."""
    command = [sys.executable, "-m", "pytest", "-q", "-x", "-n", "0", "-p", "no:cacheprovider",
               "-m", "not slow and not browser and not nginx and not soak", *mutation.tests]  # fmt: skip
    environment = {**os.environ, "PYTHONDONTWRITEBYTECODE": "1", "PYTHONPATH": str(tree)}
    try:
        done = subprocess.run(
            command, cwd=tree, env=environment, capture_output=True, text=True, timeout=LONGEST_S, check=False
        )
    except subprocess.TimeoutExpired:
        return -1, "too slow"
    failed = [line for line in done.stdout.splitlines() if line.startswith(("FAILED tests", "ERROR tests"))]
    return done.returncode, failed[0].split(" - ")[0].partition(" ")[2] if failed else ""


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
