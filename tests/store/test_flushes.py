"""R-S1: each commit of the ledger is forced to the disk before it returns, so that power may fail right after it."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import World
from tests.support import money

HERE = Path(__file__).resolve().parent
COMMITS = 25
CC = shutil.which("cc")
pytestmark = pytest.mark.skipif(CC is None, reason="there is no C compiler (cc) to count fsync and fdatasync with")


@pytest.fixture(scope="module")
def counter(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A library that counts what is forced to the disk."""
    library = tmp_path_factory.mktemp("flushes") / "flushes.so"
    subprocess.run([str(CC), "-shared", "-fPIC", "-o", library, HERE / "flushes.c", "-ldl"], check=True)
    return library


def flushed(world: World, counter: Path, *how: str) -> list[int]:
    """How often a process of its own forced something to the disk, for each credit that it wrote down."""
    account = money.account_id(world, "owner")
    command = [sys.executable, "-m", "tests.store.crediting", str(world.instance), str(account), str(COMMITS), *how]
    environment = {**os.environ, "LD_PRELOAD": str(counter)}
    done = subprocess.run(
        command, cwd=HERE.parent.parent, env=environment, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr[-2000:]
    found: list[int] = json.loads(done.stdout.splitlines()[-1])
    assert len(found) == COMMITS
    return found


def test_every_commit_of_the_ledger_reaches_the_disk(bare_world: World, counter: Path) -> None:
    assert min(flushed(bare_world, counter)) >= 1


@pytest.mark.parametrize("how", ["NORMAL", "OFF"])
def test_with_less_it_would_not(bare_world: World, counter: Path, how: str) -> None:
    assert min(flushed(bare_world, counter, how)) == 0
