"""bin/upgrade killed in the middle, as by kill -9 or a power cut: the next call brings it to an end, or goes back."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Iterator

import pytest

from portal.store.schema import SCHEMA
from tests.deploy.machine import command, wait_until
from tests.deploy.test_upgrade import NEXT, Site, idle, prepared

__all__ = ["idle", "prepared"]
pytestmark = pytest.mark.soak

WAITS = ': > "$(dirname "$0")/../waiting"\nsleep 60\n'
GO_ON = '[ ! -e "$(dirname "$0")/../go-on" ] || exit 0\n'


@pytest.fixture
def site(idle: Site) -> Iterator[Site]:  # noqa: F811
    """One that runs."""
    idle.services("start")
    idle.calls()
    yield idle
    idle.services("stop")


def killed(site: Site, *options: str) -> str:
    """Run bin/upgrade until something in it waits, and kill everything at once; what it had said."""
    (site.tree / "waiting").unlink(missing_ok=True)
    clean = {name: value for name, value in os.environ.items() if not name.startswith("ROOST_")}
    started = subprocess.Popen(
        [site.tree / "bin/upgrade", *options], env=clean | site.environment(), stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, start_new_session=True,
    )  # fmt: skip
    try:
        wait_until(lambda: (site.tree / "waiting").exists(), "it did not get so far")
    finally:
        os.killpg(started.pid, signal.SIGKILL)
        said, _ = started.communicate(timeout=60)
    assert started.returncode == -signal.SIGKILL
    assert site.calls() == ["stop"], "the portal is down"
    return said


def is_marked(site: Site) -> bool:
    return (site.root / "etc/roost/upgrading").exists()


def schema(site: Site) -> object:
    return site.rows("SELECT version_num FROM alembic_version")


def release_that_waits(site: Site, where: str) -> str:
    """A release with one table more that waits before the store is touched (in bin/setup), or after it has."""
    changes = site.with_schema() | {"static/note.txt": "new"}
    if where == "before":
        changes["bin/setup"] = "#!/bin/sh\n" + GO_ON + WAITS
    else:
        waits = GO_ON.replace("exit 0", "return 0") + WAITS
        changes["bin/install"] = site.source("bin/install").replace(
            "set -eu\n", f"set -eu\nwaits() {{\n{waits}}}\nwaits\n", 1
        )
    return site.release(changes)


@pytest.mark.parametrize("where", ["before", "after"])
def test_killed_after_the_checkout_the_next_call_goes_on(where: str, site: Site) -> None:
    site.machine.roost("user", "create", "somebody@example.com")
    newest = release_that_waits(site, where)
    killed(site)
    assert (site.head(), is_marked(site)) == (newest, True)
    assert schema(site) == [(SCHEMA if where == "before" else NEXT,)]
    (site.tree / "go-on").touch()
    done = site.upgrade()
    assert done.returncode == 0, done.stdout + done.stderr
    assert "was cut off" in done.stdout
    assert "newest release already" not in done.stdout
    assert done.stdout.splitlines()[-1].endswith("The way back is: roost upgrade --back")
    assert (site.head(), is_marked(site)) == (newest, False)
    assert schema(site) == [(NEXT,)]
    assert site.rows("SELECT email FROM account") == [("somebody@example.com",)]
    assert site.is_ready()
    assert "newest release already" in site.upgrade().stdout
    assert site.upgrade("--back", "--yes").returncode == 0
    assert site.head() == site.first


@pytest.mark.parametrize("where", ["before", "after"])
def test_killed_after_the_checkout_one_can_also_go_back(where: str, site: Site) -> None:
    site.machine.roost("user", "create", "somebody@example.com")
    release_that_waits(site, where)
    killed(site)
    if where == "after":
        refused = site.upgrade("--back")
        assert refused.returncode == 1
        assert "is lost to the portal" in refused.stdout
        assert is_marked(site), "nobody said yes"
    done = site.upgrade("--back", "--yes")
    assert done.returncode == 0, done.stdout + done.stderr
    assert (site.head(), is_marked(site)) == (site.first, False)
    assert site.git(site.tree, "symbolic-ref", "--short", "HEAD") == "main"
    assert schema(site) == [(SCHEMA,)]
    assert site.rows("SELECT email FROM account") == [("somebody@example.com",)]
    assert site.is_ready()
    assert "There was no upgrade to go back from." in site.upgrade("--back").stderr


def test_a_checkout_that_was_cut_off_is_put_in_order(site: Site) -> None:
    newest = release_that_waits(site, "before")
    killed(site)
    site.git(site.tree, "checkout", "--quiet", "main")  # as it is half way: some files new, the lock still there
    (site.tree / "bin/setup").write_text(site.source("bin/setup"))
    (site.tree / "static/note.txt").write_text("half of it")
    (site.tree / ".git/index.lock").touch()
    (site.tree / "go-on").touch()
    done = site.upgrade()
    assert done.returncode == 0, done.stdout + done.stderr
    assert (site.head(), is_marked(site)) == (newest, False)
    assert site.git(site.tree, "status", "--porcelain", "--untracked-files=no") == ""
    assert (site.tree / "static/note.txt").read_text() == "new"
    assert site.is_ready()


def test_one_that_fails_when_it_goes_on_is_left_again(site: Site) -> None:
    release_that_waits(site, "before")
    killed(site)
    (site.tree / "bin/setup").write_text("#!/bin/sh\nexit 1\n")
    site.git(site.tree, "commit", "--quiet", "--no-verify", "--all", "-m", "a release that cannot be set up")
    mark = site.root / "etc/roost/upgrading"
    mark.write_text("".join(
        f"to={site.head()}\n" if line.startswith("to=") else f"{line}\n" for line in mark.read_text().splitlines()
    ))  # fmt: skip
    done = site.upgrade()
    assert done.returncode == 1
    assert "Everything is as before" in done.stderr, done.stdout + done.stderr
    assert (site.head(), is_marked(site)) == (site.first, False)
    assert site.is_ready()


def test_killed_before_anything_was_changed_the_portal_starts_again(site: Site) -> None:
    newest = site.release({"static/note.txt": "new"})
    control = site.control.read_text()
    site.control.write_text(control.replace("exec ", "", 1) + f': > "{site.tree}/waiting"\nsleep 60\n')
    killed(site)
    site.control.write_text(control)
    assert (site.head(), is_marked(site), site.backups()) == (site.first, True, [])
    done = site.upgrade("--back")
    assert done.returncode == 0, done.stderr
    assert "It had not changed anything yet." in done.stdout
    assert (site.calls(), is_marked(site)) == (["start"], False)
    assert site.is_ready()
    assert site.upgrade().returncode == 0
    assert site.head() == newest


def test_a_way_back_that_was_cut_off_is_gone_to_its_end(site: Site) -> None:
    site.release(site.with_schema())
    assert site.upgrade().returncode == 0
    site.calls()
    setup = site.tree / "bin/setup"
    site.git(site.tree, "checkout", "--quiet", "--detach", site.first)
    setup.write_text("#!/bin/sh\n" + GO_ON + WAITS)
    first = site.commit(site.tree, "the one before, whose setup waits")
    newest = site.git(site.tree, "rev-parse", "origin/main")
    site.git(site.tree, "checkout", "--quiet", "--detach", newest)
    last = site.root / "etc/roost/last-upgrade"
    last.write_text(last.read_text().replace(f"from={site.first}", f"from={first}"))
    killed(site, "--back", "--yes")
    assert (site.head(), is_marked(site)) == (first, True)
    assert schema(site) == [(NEXT,)]
    (site.tree / "go-on").touch()
    done = site.upgrade()
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.splitlines()[-1].startswith("Back at ")
    assert (site.head(), is_marked(site)) == (first, False)
    assert schema(site) == [(SCHEMA,)]
    assert site.is_ready()


def test_one_that_was_brought_to_its_end_by_hand_is_none_any_more(site: Site) -> None:
    release_that_waits(site, "before")
    killed(site)
    done = command(site.tree / "bin/install", "--root", site.root, "--keep-venv")
    assert done.returncode == 0, done.stdout + done.stderr
    assert not is_marked(site)
