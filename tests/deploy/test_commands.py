"""bin/roost: its commands have its name, and a file that only root may read is spoken of."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.deploy.machine import ROOT, Machine, command
from tests.deploy.test_install import SETTINGS


@pytest.fixture(scope="module")
def machine() -> Iterator[Machine]:
    root = Path("/tmp") / f"roost-{os.getpid()}-commands"
    shutil.rmtree(root, ignore_errors=True)
    one = Machine(root)
    one.write_settings(**SETTINGS)
    done = one.install("--keep-venv")
    assert done.returncode == 0, done.stdout + done.stderr
    yield one
    shutil.rmtree(root)


def roost(machine: Machine, *words: str) -> subprocess.CompletedProcess[str]:
    return command(machine.tree / "bin/roost", *words, ROOST_ROOT=str(machine.root))


def in_a_shell(text: str) -> subprocess.CompletedProcess[str]:
    """Lines of shell after common.sh; `as_roost` stands for a user who may not read anything."""
    tree = shlex.quote(str(ROOT))
    begin = f"tree={tree} root=\n. {tree}/deploy/common.sh\n"
    return command("sh", "-euc", begin + 'as_roost() { [ "$1" = test ] && return 1; }\n' + text)


def test_usage_bears_the_name_roost(machine: Machine) -> None:
    assert roost(machine, "--help").stdout.startswith("Usage: roost [OPTIONS] COMMAND")
    done = roost(machine, "user", "create")
    assert done.returncode == 2
    assert done.stderr.startswith("Usage: roost user create [OPTIONS] EMAIL")
    assert "flask" not in done.stderr


def test_an_error_has_no_traceback_and_keeps_its_status(machine: Machine) -> None:
    done = roost(machine, "backup", "verify", "/nowhere.db")
    assert done.returncode == 2
    assert "'/nowhere.db' does not exist" in done.stderr
    assert roost(machine, "store", "upgrade").returncode == 0


def test_a_command_is_known_as_one_although_it_has_another_name(machine: Machine) -> None:
    """Only the doctor starts with settings that are wrong (wsgi.py looks which command it is)."""
    config = machine.instance / "config.toml"
    before = config.read_text()
    config.write_text(before + 'nonsense = "1"\n')
    try:
        assert "Roost cannot start" in roost(machine, "user", "list").stderr
        assert "The settings are wrong" in roost(machine, "doctor").stdout
    finally:
        config.write_text(before)


def test_a_file_that_roost_may_not_read_is_spoken_of(tmp_path: Path) -> None:
    file = tmp_path / "x.db"
    file.touch()
    done = in_a_shell(f"check_files backup verify {file}")
    assert done.returncode == 1
    assert f"Commands run as the user roost, who cannot read {file}." in done.stderr
    assert f"install -o roost -g roost -m 0600 {file} /var/lib/roost/backups/" in done.stderr


def test_what_is_no_file_is_left_to_the_command(tmp_path: Path) -> None:
    assert in_a_shell(f"check_files backup verify {tmp_path}/nothing.db --yes").returncode == 0


@pytest.mark.parametrize("what", ["verify", "restore"])
def test_commands_that_take_a_file_are_looked_at(what: str) -> None:
    assert f'"backup {what}"' in (ROOT / "bin/roost").read_text()
