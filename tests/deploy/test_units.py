"""The systemd units, as systemd itself judges them."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.deploy.machine import ROOT
from tests.deploy.units import PLACES

UNITS = ROOT / "deploy/systemd"
SERVICES = ("roost-web.service", "roost-worker.service")
ANALYZE = shutil.which("systemd-analyze")
needs_systemd = pytest.mark.skipif(ANALYZE is None, reason="no systemd-analyze here: install systemd")


@pytest.fixture
def units(tmp_path: Path) -> Path:
    """The units with the places in them below a folder where the commands exist."""
    (tmp_path / "opt/roost").mkdir(parents=True)
    (tmp_path / "opt/roost/.venv").symlink_to(ROOT / ".venv")
    for unit in UNITS.iterdir():
        (tmp_path / unit.name).write_text(PLACES.sub(f"{tmp_path}/", unit.read_text()))
    return tmp_path


def lines(name: str) -> set[str]:
    return {line for line in (UNITS / name).read_text().splitlines() if "=" in line and not line.startswith("#")}


@needs_systemd
def test_systemd_understands_every_line(units: Path) -> None:
    names = sorted(str(units / path.name) for path in UNITS.iterdir())
    done = subprocess.run([ANALYZE, "verify", "--man=no", *names], capture_output=True, text=True, check=False)
    said = [line for line in done.stderr.splitlines() if str(units) in line or "roost" in line]
    assert said == []
    assert done.returncode == 0


@needs_systemd
@pytest.mark.parametrize("name", SERVICES)
def test_the_sandbox_is_tight(name: str) -> None:
    """At most 2.0 of 10; a service without a sandbox has 9.6."""
    done = subprocess.run(
        [ANALYZE, "security", "--offline=true", "--threshold=20", "--no-pager", str(UNITS / name)],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout[-2000:]
    assert re.search(r"Overall exposure level for roost-\w+.service: \d", done.stdout)


def test_both_services_have_the_same_sandbox_and_the_same_settings() -> None:
    own = ("Description=", "Type=", "ExecStart=", "TasksMax=", "LimitNOFILE=", "TimeoutStartSec=", "Requires=")
    web, worker = ({line for line in lines(name) if not line.startswith((*own, "After="))} for name in SERVICES)
    assert web == worker
    assert {"User=roost", "UMask=0077", "ProtectSystem=strict", "StateDirectory=roost", "Restart=always"} <= web


def test_a_restart_leaves_the_socket_open() -> None:
    web = lines("roost-web.service")
    assert "Requires=roost-web.socket" in web
    assert not any(line.startswith(("RuntimeDirectory=", "ExecReload=")) for line in web)


def test_only_the_group_of_nginx_may_connect() -> None:
    assert {"SocketUser=roost", "SocketGroup=www-data", "SocketMode=0660"} <= lines("roost-web.socket")


def test_the_socket_is_the_one_that_the_site_asks() -> None:
    [place] = [line.removeprefix("ListenStream=") for line in lines("roost-web.socket") if line.startswith("ListenS")]
    assert f"server unix:{place} " in (ROOT / "deploy/nginx/http.conf").read_text()
