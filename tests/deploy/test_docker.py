"""The Docker way, as far as it can be looked at without it: nothing missing, nothing that differs from the units."""

from __future__ import annotations

import fnmatch
import json
import os
import re
import stat
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
    assert f"server {bind} " in (ROOT / "deploy/nginx/http.conf").read_text()
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
    made_by_the_operator = {"./tls", "./acme", "./secrets"}
    volumes = [*SERVICES["nginx"]["volumes"], *SERVICES["web"]["volumes"]]
    mounts = {one.split(":")[0] for one in volumes if one.startswith(".")}
    assert made_by_the_operator < mounts
    for mount in mounts - made_by_the_operator:
        assert (HERE / mount).exists(), mount
    for script in ("nginx.sh", "certificate.sh"):
        assert os.access(HERE / script, os.X_OK)


def test_a_service_key_is_not_demanded() -> None:
    """Only portal.env names it, so two lines less there are enough."""
    assert "service_key" not in (HERE / "compose.yaml").read_text()
    assert "secrets" not in COMPOSE
    text = (HERE / "portal.env.example").read_text()
    named = [line for line in text.splitlines() if "SERVICE_KEY" in line]
    assert named == ["ROOST_USE_SERVICE_KEY=true", "ROOST_SERVICE_KEY_FILE=/run/secrets/service_key"]


def test_what_the_operator_puts_there_stays_out_of_the_repository() -> None:
    ignored = set((HERE / ".gitignore").read_text().split())
    assert ignored == {"/acme/", "/portal.env", "/secrets/", "/tls/"}


def test_a_new_certificate_is_put_where_nginx_reads_it(tmp_path: Path) -> None:
    here, lineage, programs = tmp_path / "docker", tmp_path / "live", tmp_path / "bin"
    for folder in (here / "tls", lineage, programs):
        folder.mkdir(parents=True)
    (here / "certificate.sh").write_text((HERE / "certificate.sh").read_text())
    (lineage / "fullchain.pem").write_text("chain")
    (lineage / "privkey.pem").write_text("key")
    (programs / "docker").write_text(f'#!/bin/sh\necho "$PWD $*" > {tmp_path}/called\n')
    (programs / "docker").chmod(0o755)
    path = f"{programs}:{os.environ['PATH']}"
    done = command("sh", here / "certificate.sh", RENEWED_LINEAGE=str(lineage), PATH=path)
    assert done.returncode == 0, done.stderr
    assert (here / "tls/certificate.pem").read_text() == "chain"
    assert (here / "tls/key.pem").read_text() == "key"
    assert stat.S_IMODE((here / "tls/key.pem").stat().st_mode) == 0o600
    assert (tmp_path / "called").read_text() == f"{here} compose exec -T nginx nginx -s reload\n"


@pytest.mark.parametrize("url", ["https://games.example.net", "https://games.example.net:8443/portal"])
@pytest.mark.parametrize(("inet6", "listens"), [("/dev/null", 4), ("/nowhere", 2)])
def test_the_site_in_the_container_bears_the_name_of_the_portal(
    url: str, inet6: str, listens: int, tmp_path: Path
) -> None:
    done = command(
        HERE / "nginx.sh", ROOST_PORTAL_URL=url, ROOST_NGINX_FROM=str(ROOT / "deploy/nginx"), ROOST_INET6=inet6,
        ROOST_NGINX_TO=str(tmp_path),
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    text = (tmp_path / "conf.d/default.conf").read_text()
    assert text.count("server_name games.example.net;") == 2
    assert text.count("    listen ") == listens
    assert "ssl_certificate /etc/roost/tls/certificate.pem;" in text
    assert "ssl_certificate_key /etc/roost/tls/key.pem;" in text
    server = (tmp_path / "roost/server.conf").read_text()
    assert "access_log /var/log/nginx/access.log combined" in server
    assert "upstream roost" in (tmp_path / "roost/http.conf").read_text()
    assert "my.example.com" not in text + server


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
