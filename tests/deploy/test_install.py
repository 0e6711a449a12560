"""bin/install below another root: what it leaves there, that it can be run again, and what it never writes over."""

from __future__ import annotations

import datetime
import os
import shutil
import ssl
import stat
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from cryptography import x509

from tests.deploy.machine import HOST, ROOT, Machine, command

OURS = ("bin/install", "bin/upgrade", "bin/roost")
PARTS_OF_THEM = ("deploy/common.sh", "deploy/place.sh", "deploy/mark.sh")
IN_DOCKER = ("deploy/docker/nginx.sh", "deploy/docker/certificate.sh")
SCRIPTS = (*OURS, *PARTS_OF_THEM, *IN_DOCKER, "bin/setup", "bin/demo", "bin/test", "bin/lock")
KEY = "ptla_" + "a1B2" * 10 + "abc"
SETTINGS = {"panel_url": "http://127.0.0.1:1", "application_key": KEY, "portal_url": f"https://{HOST}"}
SITE = "etc/nginx/sites-available/roost.conf"
PARTS = ("etc/nginx/roost/http.conf", "etc/nginx/roost/server.conf")
MODES = {
    "var/lib/roost": 0o700,
    "var/lib/roost/roost.db": 0o600,
    "var/lib/roost/master_key": 0o600,
    "etc/roost/tls/placeholder.key": 0o600,
    "etc/roost/tls/placeholder.crt": 0o644,
    "etc/systemd/system/roost-web.service": 0o644,
    "etc/systemd/system/roost-web.socket": 0o644,
    "etc/systemd/system/roost-worker.service": 0o644,
    SITE: 0o644,
    PARTS[0]: 0o644,
    PARTS[1]: 0o644,
}


@pytest.fixture(scope="module")
def prepared() -> Iterator[Path]:
    """A root in which bin/install has run once; tests take copies."""
    root = Path("/tmp") / f"roost-{os.getpid()}-prepared"
    shutil.rmtree(root, ignore_errors=True)
    machine = Machine(root)
    machine.write_settings(**SETTINGS)
    done = machine.install("--keep-venv")
    assert done.returncode == 0, done.stdout + done.stderr
    yield root
    shutil.rmtree(root)


@pytest.fixture
def installed(prepared: Path, folder: Path) -> Path:
    shutil.copytree(prepared, folder, symlinks=True, dirs_exist_ok=True)
    return folder


def install(root: Path, *options: str) -> subprocess.CompletedProcess[str]:
    return command(root / "opt/roost/bin/install", "--root", root, "--keep-venv", *options)


def files(root: Path) -> dict[str, bytes]:
    kept = {}
    for path in (*root.joinpath("etc").rglob("*"), *root.joinpath("usr").rglob("*"), *root.joinpath("var").rglob("*")):
        if path.is_symlink():
            kept[str(path.relative_to(root))] = str(path.readlink()).encode()
        elif path.is_file():
            kept[str(path.relative_to(root))] = path.read_bytes()
    return kept


@pytest.mark.parametrize("script", SCRIPTS)
def test_every_script_is_plain_sh(script: str) -> None:
    subprocess.run(["sh", "-n", ROOT / script], check=True)


@pytest.mark.parametrize("script", OURS)
def test_scripts_can_be_run(script: str) -> None:
    assert os.access(ROOT / script, os.X_OK)


@pytest.mark.parametrize("script", ["bin/install", "bin/upgrade"])
def test_an_unknown_option_is_refused_with_the_usage(script: str) -> None:
    done = command(ROOT / script, "--nonsense")
    assert done.returncode == 2
    assert script in done.stderr


def test_everything_is_in_its_place_with_its_mode(prepared: Path) -> None:
    for path, mode in MODES.items():
        assert stat.S_IMODE((prepared / path).stat().st_mode) == mode, path
    assert str((prepared / "usr/local/bin/roost").readlink()) == "/opt/roost/bin/roost"
    assert (prepared / "etc/nginx/sites-enabled/roost.conf").resolve() == prepared / SITE


def test_the_site_bears_the_name_of_the_portal(folder: Path) -> None:
    machine = Machine(folder)
    machine.write_settings(**(SETTINGS | {"portal_url": "https://games.example.net"}))
    assert install(folder).returncode == 0
    site = (folder / SITE).read_text()
    assert site.count("server_name games.example.net;") == 2
    assert "my.example.com" not in site


def test_units_and_site_name_the_folder_that_roost_stands_in(folder: Path) -> None:
    machine = Machine(folder)
    machine.write_settings(**SETTINGS)
    (folder / "srv").mkdir()
    (folder / "opt/roost").rename(folder / "srv/portal")
    assert command(folder / "srv/portal/bin/install", "--root", folder, "--keep-venv").returncode == 0
    units = [(folder / "etc/systemd/system" / f"roost-{name}.service").read_text() for name in ("web", "worker")]
    site = [(folder / path).read_text() for path in (SITE, *PARTS)]
    for text in (*units, *site):
        assert "/opt/roost" not in text
        assert str(folder) not in text
    for text in (*units, site[-1]):
        assert "/srv/portal/" in text


def test_the_placeholder_certificate_is_for_the_portal_and_fits_its_key(prepared: Path) -> None:
    tls = prepared / "etc/roost/tls"
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tls / "placeholder.crt", tls / "placeholder.key")
    certificate = x509.load_pem_x509_certificate((tls / "placeholder.crt").read_bytes())
    names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert names.get_values_for_type(x509.DNSName) == [HOST]
    assert certificate.not_valid_after_utc > datetime.datetime.now(datetime.UTC) + datetime.timedelta(days=3000)


def test_a_tight_umask_of_root_hides_nothing_from_nginx_and_nothing_more_is_open(folder: Path) -> None:
    machine = Machine(folder)
    machine.write_settings(**SETTINGS)
    words = [str(machine.tree / "bin/install"), "--root", str(folder), "--keep-venv"]
    done = command("sh", "-c", 'umask 077; exec "$@"', "sh", *words)
    assert done.returncode == 0, done.stderr
    for path, mode in MODES.items():
        assert stat.S_IMODE((folder / path).stat().st_mode) == mode, path
    assert stat.S_IMODE((folder / "etc/nginx/roost").stat().st_mode) == 0o755


def test_a_second_run_changes_nothing(installed: Path) -> None:
    before = files(installed)
    done = install(installed)
    assert done.returncode == 0, done.stderr
    after = files(installed)
    assert after.keys() == before.keys()
    assert [name for name in before if after[name] != before[name] and "roost.db" not in name] == []


@pytest.mark.parametrize("path", [SITE, *PARTS, "etc/systemd/system/roost-web.service"])
def test_what_somebody_changed_is_kept_and_the_new_one_laid_beside(path: str, installed: Path) -> None:
    changed = (installed / path).read_text() + "# a line of the operator\n"
    (installed / path).write_text(changed)
    release = installed / "opt/roost/deploy" / ("nginx" if "nginx" in path else "systemd") / Path(path).name
    release.write_text(release.read_text() + "# a line of the release\n")
    done = install(installed, "--files-only")
    assert done.returncode == 0, done.stderr
    assert (installed / path).read_text() == changed
    assert (installed / f"{path}.new").read_text().endswith("# a line of the release\n")
    assert f"/{path}.new" in done.stdout


def test_a_changed_site_is_not_spoken_of_while_the_release_has_no_other_one(installed: Path) -> None:
    (installed / SITE).write_text("# certbot was here\n")
    done = install(installed, "--files-only")
    assert (installed / SITE).read_text() == "# certbot was here\n"
    assert done.stdout == ""
    assert not (installed / f"{SITE}.new").exists()


def test_what_nobody_changed_becomes_the_release_s_own(installed: Path) -> None:
    release = installed / "opt/roost/deploy/nginx/roost.conf"
    release.write_text(release.read_text() + "# a line of the release\n")
    assert install(installed, "--files-only").returncode == 0
    assert (installed / SITE).read_text().endswith("# a line of the release\n")


def test_nothing_is_written_outside_of_the_root(prepared: Path) -> None:
    for path in ("/etc/roost", "/etc/nginx/sites-available/roost.conf", "/etc/systemd/system/roost-web.service"):
        assert not Path(path).exists()


def test_wrong_settings_stop_it_with_their_sentence(folder: Path) -> None:
    machine = Machine(folder)
    machine.write_settings(**(SETTINGS | {"portal_url": "my.example.com"}))
    done = install(folder)
    assert done.returncode != 0
    assert "The setting portal_url must be an address" in done.stderr
    assert not (folder / "etc/systemd").exists()


def test_roost_uses_the_settings_and_the_store_of_the_installation(installed: Path) -> None:
    (installed / "etc/roost/environment").write_text('# mail\nROOST_PORTAL_URL="https://other.example.com"\nPATH=/nowhere\n')
    made = command(
        installed / "opt/roost/bin/roost", "user", "create", "somebody@example.com", ROOST_ROOT=str(installed)
    )
    assert made.returncode == 0, made.stderr
    link = command(
        installed / "opt/roost/bin/roost", "user", "invite", "somebody@example.com", ROOST_ROOT=str(installed)
    )
    assert link.stdout.startswith("https://other.example.com/invite/")
    assert not (installed / "opt/roost/instance/roost.db").exists()


def test_roost_imports_nothing_of_the_folder_that_one_is_in(installed: Path, tmp_path: Path) -> None:
    (tmp_path / "flask.py").write_text("raise SystemExit('imported what lay around')\n")
    done = subprocess.run(
        [installed / "opt/roost/bin/roost", "user", "list"], cwd=tmp_path, capture_output=True, text=True, check=False,
        env={"PATH": os.environ["PATH"], "ROOST_ROOT": str(installed)},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr


def test_without_a_virtual_environment_roost_says_what_to_do(installed: Path) -> None:
    (installed / "opt/roost/.venv").unlink()
    done = command(installed / "opt/roost/bin/roost", "doctor", ROOST_ROOT=str(installed))
    assert done.returncode == 1
    assert "bin/install" in done.stderr
