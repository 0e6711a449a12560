"""bin/install and what is asked for: keys in files that only root may read, Ctrl+C, and what is said at the end."""

from __future__ import annotations

import dataclasses
import os
import re
import signal
import subprocess
from pathlib import Path

import pytest

from portal.config import Settings
from tests.deploy.machine import HOST, ROOT, Machine, wait_until

FAKE = """#!/usr/bin/env python3
import os, sys
words = sys.argv[1:]
if "setup" in words:
    with open("{root}/seen", "w") as seen:
        print(*words, file=seen)
        for name in sorted(os.environ):
            if name.startswith("ROOST_"):
                print(f"{{name}}={{os.environ[name]}}", file=seen)
    {does}
os.execv("{python}", ["{python}", *words])
"""
KEY = "ptlc_" + "b2C3" * 10 + "def"


def with_fake_python(folder: Path, does: str) -> Machine:
    """A machine whose setup notes what it was given, and does something else then."""
    machine = Machine(folder)
    (machine.tree / ".venv").unlink()
    (machine.tree / ".venv/bin").mkdir(parents=True)
    python = machine.tree / ".venv/bin/python"
    python.write_text(FAKE.format(python=ROOT / ".venv/bin/python", root=folder, does=does))
    python.chmod(0o755)
    return machine


def seen(folder: Path) -> list[str]:
    return (folder / "seen").read_text().splitlines()


def test_every_secret_may_lie_in_a_file() -> None:
    named = re.search(r"for name in ([A-Z_ ]+); do", (ROOT / "bin/install").read_text())
    assert named is not None
    secrets = {one.name.upper() for one in dataclasses.fields(Settings) if one.metadata.get("secret")}
    assert set(named[1].split()) == secrets


def test_a_key_in_a_file_is_read_by_bin_install_and_handed_on_by_the_environment(folder: Path) -> None:
    machine = with_fake_python(folder, "sys.exit(3)")
    file = folder / "service key"
    file.write_text(f"{KEY}\n")
    file.chmod(0o600)
    done = machine.install("--keep-venv", "--non-interactive", ROOST_SERVICE_KEY_FILE=str(file))
    assert done.returncode == 1
    words, *given = seen(folder)
    assert f"ROOST_SERVICE_KEY={KEY}" in given
    assert not any(line.startswith("ROOST_SERVICE_KEY_FILE=") for line in given)
    assert KEY not in words + done.stdout + done.stderr
    assert words.split()[-2:] == ["setup", "--non-interactive"]


def test_a_file_that_cannot_be_read_is_named(folder: Path) -> None:
    machine = with_fake_python(folder, "sys.exit(3)")
    done = machine.install("--keep-venv", "--non-interactive", ROOST_SERVICE_KEY_FILE=f"{folder}/nothing")
    assert done.returncode == 1
    assert f"The file that ROOST_SERVICE_KEY_FILE names cannot be read: {folder}/nothing" in done.stderr
    assert not (folder / "seen").exists()


def test_setup_is_told_that_bin_install_goes_on(folder: Path) -> None:
    machine = with_fake_python(folder, "sys.exit(3)")
    machine.install("--keep-venv")
    assert "ROOST_INSTALLING=1" in seen(folder)


def test_when_setup_fails_it_is_said_what_was_written(folder: Path) -> None:
    machine = with_fake_python(folder, "sys.exit(1)")
    done = machine.install("--keep-venv")
    assert (done.returncode, (folder / "etc/systemd").exists()) == (1, False)
    assert "Nothing was written and nothing was started. Run bin/install again" in done.stderr
    machine.write_settings(portal_url=f"https://{HOST}")
    done = machine.install("--keep-venv", "--non-interactive")
    assert done.returncode == 1
    assert "Nothing was written" not in done.stderr
    assert "Nothing was started. Correct that and run bin/install again." in done.stderr


@pytest.mark.parametrize("does", ["import time; time.sleep(60)", "import signal; signal.pause()"])
def test_after_ctrl_c_it_is_said_too(does: str, folder: Path) -> None:
    machine = with_fake_python(folder, does)
    clean = {name: value for name, value in os.environ.items() if not name.startswith("ROOST_")}
    started = subprocess.Popen(
        [machine.tree / "bin/install", "--root", folder, "--keep-venv"], env=clean, stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, start_new_session=True,
    )  # fmt: skip
    try:
        wait_until(lambda: (folder / "seen").exists(), "setup did not start")
        os.killpg(started.pid, signal.SIGINT)
        said, _ = started.communicate(timeout=50)
    except BaseException:
        os.killpg(started.pid, signal.SIGKILL)
        started.communicate()
        raise
    assert started.returncode == 1
    assert "Nothing was written and nothing was started. Run bin/install again" in said


def test_the_end_says_when_to_open_one_s_own_link() -> None:
    """What is printed after starting services; without systemd nothing is started, so it is read here."""
    script = (ROOT / "bin/install").read_text()
    end = script[script.index("what_next() {") : script.index("main() {")]
    said = re.findall(r'^    say "  (.*)"$', end, re.MULTILINE)
    assert [line.split("  ")[0] for line in said] == [
        "certbot --nginx -d $host", "your own link, printed above", "roost data import-users --invite", "roost doctor",
    ]  # fmt: skip
    assert "open it after certbot" in said[1]
