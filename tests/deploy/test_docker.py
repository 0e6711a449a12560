"""The Docker way, as far as it can be looked at without it: nothing missing, nothing that differs from the units."""

from __future__ import annotations

import fnmatch
import json
import os
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from portal.config import Settings
from tests.deploy.machine import ROOT, command

HERE = ROOT / "deploy/docker"
DOCKERFILE = (HERE / "Dockerfile").read_text().replace("\\\n", " ")
COMPOSE: dict[str, Any] = yaml.safe_load((HERE / "compose.yaml").read_text())
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]


def exec_start(name: str) -> list[str]:
    """The command of a unit."""
    text = (ROOT / f"deploy/systemd/roost-{name}.service").read_text()
    return re.search(r"^ExecStart=(.*)$", text, re.MULTILINE)[1].split()


def copied() -> list[str]:
    """What the Dockerfile copies out of the repository."""
    lines = re.findall(r"^COPY (?!--from)(.*)$", DOCKERFILE, re.MULTILINE)
    return [name for line in lines for name in line.split()[:-1]]


def test_everything_that_is_copied_is_there() -> None:
    assert {"portal", "templates", "static", "wsgi.py", "requirements.txt"} <= set(copied())
    for name in copied():
        assert (ROOT / name).exists(), name


def test_what_is_copied_is_let_through_and_nothing_else() -> None:
    lines = (HERE / "Dockerfile.dockerignore").read_text().splitlines()
    first, *rest = [line for line in lines if not line.startswith("#")]
    assert first == "*"
    assert {line.removeprefix("!") for line in rest if line.startswith("!")} == set(copied())
    assert not any(fnmatch.fnmatch("instance", line.removeprefix("!")) for line in rest)


def test_the_commands_are_those_of_the_units() -> None:
    assert json.loads(re.findall(r"^CMD (.*)$", DOCKERFILE, re.MULTILINE)[0]) == exec_start("web")
    assert SERVICES["web"]["command"] == exec_start("web")
    assert SERVICES["worker"]["command"] == exec_start("worker")


def test_it_runs_as_nobody_special() -> None:
    assert re.findall(r"^USER (.*)$", DOCKERFILE, re.MULTILINE) == ["roost"]
    for name in ("web", "worker", "store", "setup"):
        assert SERVICES[name]["cap_drop"] == ["ALL"]
        assert SERVICES[name]["read_only"] is True


def test_gunicorn_has_no_port() -> None:
    assert "EXPOSE" not in DOCKERFILE
    [bind] = re.findall(r"ROOST_BIND=(\S+)", DOCKERFILE)
    assert bind == "unix:/run/roost/web.sock"
    assert f"server {bind} " in (ROOT / "deploy/nginx/roost.conf").read_text()
    assert [name for name, one in SERVICES.items() if "ports" in one] == ["nginx"]
    assert "socket:/run/roost" in SERVICES["nginx"]["volumes"]
    assert "socket:/run/roost" in SERVICES["web"]["volumes"]


def test_pages_and_background_process_share_one_store_that_is_made_first() -> None:
    for name in ("web", "worker"):
        assert "data:/var/lib/roost" in SERVICES[name]["volumes"]
        assert SERVICES[name]["depends_on"] == {"store": {"condition": "service_completed_successfully"}}
    assert SERVICES["store"]["command"] == ["roost", "store", "upgrade"]
    assert set(COMPOSE["volumes"]) == {"data", "socket"}


def test_keys_come_from_files_and_every_setting_is_one() -> None:
    names = set(SERVICES["web"]["environment"])
    names |= {line.split("=")[0] for line in (HERE / "portal.env.example").read_text().splitlines() if "=" in line}
    known = {f"ROOST_{name.upper()}" for name in Settings.__dataclass_fields__} | {"ROOST_SETUP_ADMIN"}
    assert {name.removesuffix("_FILE") for name in names} <= known
    secrets = {name for name in names if name.endswith("_KEY_FILE")}
    assert secrets == {"ROOST_APPLICATION_KEY_FILE", "ROOST_SERVICE_KEY_FILE"}
    assert "KEY=ptl" not in (HERE / "portal.env.example").read_text()


def test_what_is_mounted_is_there() -> None:
    made_by_the_operator = ("./tls/",)
    mounts = [one.split(":")[0] for one in SERVICES["nginx"]["volumes"] if one.startswith(".")]
    assert len(mounts) == 4
    for mount in mounts:
        assert mount.startswith(made_by_the_operator) or (HERE / mount).exists(), mount
    assert os.access(HERE / "nginx.sh", os.X_OK)


@pytest.mark.parametrize("url", ["https://games.example.net", "https://games.example.net:8443/portal"])
def test_the_site_in_the_container_bears_the_name_of_the_portal(url: str, tmp_path: Path) -> None:
    target = tmp_path / "default.conf"
    site = ROOT / "deploy/nginx/roost.conf"
    done = command(HERE / "nginx.sh", ROOST_PORTAL_URL=url, ROOST_SITE=str(site), ROOST_SITE_TARGET=str(target))
    assert done.returncode == 0, done.stderr
    text = target.read_text()
    assert text.count("server_name games.example.net;") == 2
    assert "access_log /var/log/nginx/access.log combined" in text
    assert "my.example.com" not in text


def test_the_health_check_asks_the_portal() -> None:
    check = re.search(r"HEALTHCHECK .*CMD (\[.*?\])", DOCKERFILE)
    words = json.loads(check[1])
    assert words[-1] == "unix:/run/roost/web.sock:/healthz"
    done = subprocess.run(
        ["python3", ROOT / words[1].removeprefix("/opt/roost/"), "unix:/nowhere/web.sock:/healthz"],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 1
    assert "There was no answer" in done.stderr
