"""The site's three files: what certbot changes stands alone, and another name of the portal comes in or is told of."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from portal.doctor import service as doctor
from portal.pterodactyl.deadlines import INTERACTIVE_WRITE_S, PANEL_READ_S
from tests.deploy.machine import HOST, NGINX, ROOT, Machine, command
from tests.deploy.test_install import PARTS, SETTINGS, SITE

OTHER = "portal.example.net"
CERTIFICATE = f"/etc/letsencrypt/live/{HOST}"
LONG = ".".join(["a" * 60, "b" * 60, "c" * 60, "example.com"])


@pytest.fixture(scope="module")
def prepared() -> Iterator[Path]:
    """A root in which bin/install has run once; tests take copies."""
    root = Path("/tmp") / f"roost-{os.getpid()}-names"
    shutil.rmtree(root, ignore_errors=True)
    machine = Machine(root)
    machine.write_settings(**SETTINGS)
    done = machine.install("--keep-venv", ROOST_INET6="/dev/null")
    assert done.returncode == 0, done.stdout + done.stderr
    yield root
    shutil.rmtree(root)


@pytest.fixture
def machine(prepared: Path, folder: Path) -> Iterator[Machine]:
    shutil.copytree(prepared, folder, symlinks=True, dirs_exist_ok=True)
    one = Machine.at(folder)
    yield one
    one.close()


def after_certbot(machine: Machine) -> str:
    """The site as `certbot --nginx` leaves it: another certificate, and a redirect of its own."""
    site = (machine.root / SITE).read_text()
    site = site.replace("/etc/roost/tls/placeholder.crt;", f"{CERTIFICATE}/fullchain.pem; # managed by Certbot")
    site = site.replace("/etc/roost/tls/placeholder.key;", f"{CERTIFICATE}/privkey.pem; # managed by Certbot")
    redirect = f"    if ($host = {HOST}) {{\n        return 301 https://$host$request_uri;\n    }} # managed by "
    redirect += "Certbot\n"
    site = site.replace("    listen 80;\n", f"{redirect}    listen 80;\n")
    assert site.count("managed by Certbot") == 3
    (machine.root / SITE).write_text(site)
    return site


def again(machine: Machine, **environment: str) -> str:
    """What bin/install says when it only looks after the files."""
    environment = {"ROOST_INET6": "/dev/null"} | environment
    done = machine.install("--files-only", **environment)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def accepted(machine: Machine) -> subprocess.CompletedProcess[str]:
    """What `nginx -t` says to the files as they lie there."""
    return command(NGINX, "-t", "-q", "-c", machine.here / "nginx.conf", "-p", machine.here)


def rename(machine: Machine, host: str) -> None:
    machine.write_settings(**(SETTINGS | {"portal_url": f"https://{host}"}))


def test_the_site_keeps_what_certbot_looks_for_and_nothing_of_the_release() -> None:
    site = (ROOT / "deploy/nginx/roost.conf").read_text()
    directives = re.findall(r"^\s*([a-z_0-9]+) [^#]*[;{]$", site, re.MULTILINE)
    assert set(directives) <= {
        "include", "listen", "server_name", "server_tokens", "location", "root", "return", "ssl_certificate",
        "ssl_certificate_key", "server",
    }  # fmt: skip
    assert site.count("server_name my.example.com;") == 2
    assert site.count("ssl_certificate ") == site.count("ssl_certificate_key ") == 1
    for path in PARTS:
        assert f"include /{path};" in site
        text = (ROOT / "deploy/nginx" / Path(path).name).read_text()
        assert not re.search(r"^\s*(listen|server_name|ssl_certificate)", text, re.MULTILINE)


def test_nginx_waits_longer_than_any_page_takes() -> None:
    text = (ROOT / "deploy/nginx/server.conf").read_text()
    waits = re.search(r"^proxy_read_timeout (\d+)s;$", text, re.MULTILINE)
    assert waits is not None
    assert int(waits[1]) >= 5 + max(INTERACTIVE_WRITE_S, PANEL_READ_S, doctor.WHOLE_S)


@pytest.mark.nginx
def test_nginx_accepts_the_installed_site(machine: Machine) -> None:
    machine.write_site()
    done = accepted(machine)
    assert (done.returncode, done.stderr) == (0, "")


def test_a_release_changes_the_site_of_a_machine_where_certbot_was(machine: Machine) -> None:
    site = after_certbot(machine)
    for name in ("http.conf", "server.conf"):
        release = machine.tree / "deploy/nginx" / name
        release.write_text(release.read_text() + "# a line of the release\n")
    assert again(machine) == ""
    assert (machine.root / SITE).read_text() == site
    assert not (machine.root / f"{SITE}.new").exists()
    for path in PARTS:
        assert (machine.root / path).read_text().endswith("# a line of the release\n")


def test_another_name_comes_into_a_site_that_nobody_changed(machine: Machine) -> None:
    placeholder = (machine.root / "etc/roost/tls/placeholder.crt").read_bytes()
    rename(machine, OTHER)
    assert again(machine) == ""
    site = (machine.root / SITE).read_text()
    assert site.count(f"server_name {OTHER};") == 2
    assert HOST not in site
    assert (machine.root / "etc/roost/tls/placeholder.crt").read_bytes() != placeholder


def test_with_another_name_the_lines_to_edit_are_said_and_nothing_is_written_over(machine: Machine) -> None:
    site = after_certbot(machine)
    rename(machine, OTHER)
    said = again(machine)
    assert (machine.root / SITE).read_text() == site
    assert not (machine.root / f"{SITE}.new").exists(), "it has nothing new but the name"
    assert f"certbot --nginx -d {OTHER}" in said
    lines = dict(re.findall(r"line (\d+):  (.*)", said))
    assert list(lines.values()) == [
        f"if ($host = {HOST}) {{", f"server_name {HOST};", f"return 301 https://{HOST}$request_uri;",
        f"server_name {HOST};",
    ]  # fmt: skip
    for number, line in lines.items():
        assert site.splitlines()[int(number) - 1].strip() == line
        assert f"becomes:  {line.replace(HOST, OTHER)}" in said
    assert again(machine) == said, "it is said until it is done"


def test_once_the_lines_are_edited_nothing_is_said_any_more(machine: Machine) -> None:
    site = after_certbot(machine)
    rename(machine, OTHER)
    again(machine)
    (machine.root / SITE).write_text(site.replace(f"server_name {HOST};", f"server_name {OTHER};"))
    assert again(machine) == ""
    assert not (machine.root / f"{SITE}.new").exists()


def test_a_site_with_names_of_the_operator_s_own_is_left_alone(machine: Machine) -> None:
    site = (machine.root / SITE).read_text().replace(f"server_name {HOST};", "server_name *.example.com;")
    (machine.root / SITE).write_text(site)
    assert again(machine) == ""


def test_without_ipv6_nothing_listens_there(machine: Machine) -> None:
    assert (machine.root / SITE).read_text().count("listen [::]:") == 2
    again(machine, ROOST_INET6="/nowhere")
    site = (machine.root / SITE).read_text()
    assert "[::]" not in site
    assert site.count("    listen ") == 2


@pytest.mark.nginx
def test_a_very_long_name_is_accepted_by_nginx(machine: Machine) -> None:
    rename(machine, LONG)
    again(machine)
    machine.write_site()
    http = machine.here / "http.conf"
    beside = f"server {{ listen 127.0.0.1:{machine.http_port}; server_name other.example.com; }}\n"
    http.write_text(http.read_text() + beside)  # nginx looks names up only where there are several sites
    done = accepted(machine)
    assert (done.returncode, done.stderr) == (0, "")
    http.write_text(re.sub(r"server_names_hash_bucket_size.*", "", http.read_text()))
    assert "server_names_hash_bucket_size" in accepted(machine).stderr, "without the line it is not"


def test_a_size_that_the_operator_has_set_is_not_set_twice(machine: Machine) -> None:
    rename(machine, LONG)
    own = machine.root / "etc/nginx/conf.d/names.conf"
    own.parent.mkdir()
    own.write_text("server_names_hash_bucket_size 256;\n")
    again(machine)
    assert "server_names_hash" not in (machine.root / PARTS[0]).read_text()


def test_a_short_name_needs_no_size(machine: Machine) -> None:
    assert "server_names_hash" not in (machine.root / PARTS[0]).read_text()
