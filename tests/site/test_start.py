"""`wsgi.py` when something is wrong: one sentence and a status, no traceback."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.site.test_config import REQUIRED

ROOT = Path(__file__).parents[2]


def start(instance: Path, **values: str) -> subprocess.CompletedProcess[str]:
    """Import wsgi.py as a web server does."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("ROOST_")}
    environ = inherited | {"ROOST_INSTANCE": str(instance)}
    environ |= {f"ROOST_{name.upper()}": value for name, value in {**REQUIRED, **values}.items()}
    code = "import sys; sys.argv = ['gunicorn']; import wsgi; print(wsgi.app.name)"
    return subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, env=environ, capture_output=True, text=True, check=False
    )


@pytest.fixture
def ready(tmp_path: Path, prepared: Path) -> Path:
    shutil.copyfile(prepared, tmp_path / "roost.db")
    (tmp_path / "roost.db").chmod(0o600)
    return tmp_path


def assert_one_sentence(ran: subprocess.CompletedProcess[str], word: str) -> None:
    lines = ran.stderr.strip().splitlines()
    assert ran.returncode == 1
    assert len(lines) == 1, ran.stderr
    assert lines[0].startswith("Roost cannot start. ")
    assert word in lines[0]


def test_starts_when_everything_is_there(ready: Path) -> None:
    ran = start(ready)
    assert (ran.returncode, ran.stdout, ran.stderr) == (0, "portal\n", "")


def test_a_wrong_setting_stops_the_start_with_one_sentence(ready: Path) -> None:
    assert_one_sentence(start(ready, panel_url="nonsense"), "panel_url")


def test_a_missing_store_stops_the_start_with_one_sentence(tmp_path: Path) -> None:
    assert_one_sentence(start(tmp_path), "roost store upgrade")


def test_a_file_that_is_no_store_stops_the_start_with_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "roost.db").write_bytes(b"this is no database " * 100)
    (tmp_path / "roost.db").chmod(0o600)
    assert_one_sentence(start(tmp_path), "store")
