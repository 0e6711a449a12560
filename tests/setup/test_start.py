"""wsgi.py and the two commands that must run when nothing is set yet."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def flask(instance: Path, *args: str, **values: str) -> subprocess.CompletedProcess[str]:
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("ROOST_")}
    environ = inherited | {"ROOST_INSTANCE": str(instance)} | values
    command = [sys.executable, "-m", "flask", "--app", "wsgi.py", *args]
    return subprocess.run(
        command, cwd=ROOT, env=environ, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL
    )


def test_setup_starts_without_settings_and_makes_nothing_before_it_knows_all(tmp_path: Path) -> None:
    ran = flask(tmp_path / "instance", "setup", "--non-interactive")
    assert (ran.returncode, ran.stdout) == (1, "")
    assert ran.stderr.startswith("The settings are wrong: The setting panel_url is missing")
    assert len(ran.stderr.strip().splitlines()) == 1
    assert not (tmp_path / "instance").exists()


def test_doctor_starts_with_settings_that_are_wrong(tmp_path: Path) -> None:
    ran = flask(tmp_path, "doctor", ROOST_PANEL_URL="nonsense")
    assert (ran.returncode, ran.stderr) == (1, "")
    assert ran.stdout.startswith("FAIL  settings  The settings are wrong: The setting panel_url must be")


@pytest.mark.parametrize("command", ["worker", "user"])
def test_other_commands_still_say_why_they_do_not_start(command: str, tmp_path: Path) -> None:
    ran = flask(tmp_path, command)
    assert ran.returncode == 1
    assert ran.stderr.startswith("Roost cannot start. ")
