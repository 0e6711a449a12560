"""bin/upgrade: forward with a backup, back by itself when anything fails, back by hand. Real git, real services."""

from __future__ import annotations

import os
import shutil
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from portal.store.schema import SCHEMA
from tests.deploy.machine import HOST, Machine, command, wait_until
from tests.deploy.test_install import SETTINGS

pytestmark = pytest.mark.slow

NEXT = f"{int(SCHEMA) + 1:04}"
MIGRATION = f'''"""A table more."""
from alembic import op
import sqlalchemy as sa
revision, down_revision, branch_labels, depends_on = "{NEXT}", "{SCHEMA}", None, None


def upgrade() -> None:
    op.create_table("extra", sa.Column("id", sa.Integer, primary_key=True))
'''


class Site:
    """An installation in `folder`/m that is a git clone of `folder`/origin, with services of its own."""

    def __init__(self, folder: Path) -> None:
        self.root = folder / "m"
        self.machine = Machine.at(self.root)
        self.tree = self.machine.tree
        self.origin = folder / "origin"
        self.git(self.tree, "remote", "set-url", "origin", str(self.origin))
        self.first = self.head()
        self.control = self.root / "services"
        helper = Path(__file__).with_name("services.py")
        self.control.write_text(f'#!/bin/sh\nexec {sys.executable} {helper} {self.root} "$1"\n')
        self.control.chmod(0o755)

    @classmethod
    def prepare(cls, folder: Path) -> None:
        """Make both, and install."""
        machine = Machine(folder / "m")
        cls.git(machine.tree, "init", "--quiet", "--initial-branch=main")
        cls.commit(machine.tree, "first")
        cls.git(folder, "clone", "--quiet", "--no-hardlinks", str(machine.tree), "origin")
        cls.git(machine.tree, "remote", "add", "origin", "nowhere")
        machine.write_settings(**SETTINGS)
        done = machine.install("--keep-venv")
        assert done.returncode == 0, done.stderr

    @staticmethod
    def git(where: Path, *words: str) -> str:
        names = {f"GIT_{who}_{what}": "t@example.com" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
        return subprocess.run(
            ["git", "-C", str(where), *words], env=os.environ | names, check=True, capture_output=True, text=True
        ).stdout.strip()

    @classmethod
    def commit(cls, where: Path, message: str) -> str:
        cls.git(where, "add", "--all")
        cls.git(where, "commit", "--quiet", "--no-verify", "-m", message)
        return cls.git(where, "rev-parse", "HEAD")

    def release(self, changes: dict[str, str], tag: str | None = None) -> str:
        """A commit in origin in which files are others; its id."""
        for name, text in changes.items():
            (self.origin / name).write_text(text)
        made = self.commit(self.origin, "next")
        if tag:
            self.git(self.origin, "tag", tag)
        return made

    def head(self) -> str:
        return self.git(self.tree, "rev-parse", "HEAD")

    def services(self, what: str) -> None:
        subprocess.run([self.control, what], check=True)

    def upgrade(self, *options: str) -> subprocess.CompletedProcess[str]:
        return command(self.tree / "bin/upgrade", *options, **self.environment())

    def environment(self) -> dict[str, str]:
        """Where it is, and who starts and stops its services."""
        return {
            "ROOST_ROOT": str(self.root), "ROOST_SERVICE_COMMAND": str(self.control), "ROOST_READY_S": "60",
        }  # fmt: skip

    def calls(self) -> list[str]:
        """What was asked of the services since the last look."""
        file = self.root / "calls"
        found = file.read_text().split() if file.exists() else []
        file.unlink(missing_ok=True)
        return found

    def is_ready(self) -> bool:
        ask = self.tree / "deploy/ask.py"
        done = command(sys.executable, ask, "--wait", "60", f"unix:{self.root}/run/roost/web.sock:/readyz")
        return done.returncode == 0

    def backups(self, reason: str = "before-upgrade") -> list[Path]:
        return sorted((self.machine.instance / "backups").glob(f"*-{reason}.db"))

    def rows(self, question: str) -> list[tuple[object, ...]]:
        with closing(sqlite3.connect(self.machine.instance / "roost.db", timeout=60)) as store:
            return store.execute(question).fetchall()

    def source(self, name: str) -> str:
        return (self.origin / name).read_text()

    def with_schema(self) -> dict[str, str]:
        """What a release with one table more changes."""
        schema = "portal/store/schema.py"
        return {
            schema: self.source(schema).replace(f'SCHEMA = "{SCHEMA}"', f'SCHEMA = "{NEXT}"'),
            f"portal/store/migrations/versions/{NEXT}_extra.py": MIGRATION,
        }


@pytest.fixture(scope="module")
def prepared() -> Iterator[Path]:
    """What each test takes a copy of."""
    folder = Path("/tmp") / f"roost-{os.getpid()}-upgrade"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(mode=0o700)
    Site.prepare(folder)
    yield folder
    shutil.rmtree(folder)


@pytest.fixture
def idle(prepared: Path, folder: Path) -> Site:
    """For refusals: nothing has to run."""
    shutil.copytree(prepared, folder, symlinks=True, dirs_exist_ok=True)
    return Site(folder)


@pytest.fixture
def site(idle: Site) -> Iterator[Site]:
    """One that runs."""
    idle.services("start")
    idle.calls()
    yield idle
    idle.services("stop")


def test_it_goes_to_the_newest_release_with_a_backup_first(site: Site) -> None:
    unit = site.source("deploy/systemd/roost-web.service") + "# of the new release\n"
    site.release({"static/note.txt": "old"}, "v1.9.0")
    newest = site.release({"static/note.txt": "new", "deploy/systemd/roost-web.service": unit}, "v1.10.0")
    site.release({"static/note.txt": "not released"})
    done = site.upgrade()
    assert done.returncode == 0, done.stdout + done.stderr
    assert site.head() == newest
    assert site.calls() == ["stop", "start"]
    assert site.is_ready()
    [backup] = site.backups()
    assert str(backup) in done.stdout
    assert (site.root / "etc/systemd/system/roost-web.service").read_text() == unit
    assert not (site.tree / ".venv.copy").exists()
    again = site.upgrade()
    assert (again.returncode, site.calls(), len(site.backups())) == (0, [], 1)
    assert "newest release already" in again.stdout


def test_with_another_schema_the_store_goes_along_and_back(site: Site) -> None:
    site.machine.roost("user", "create", "before@example.com")
    newest = site.release(site.with_schema())
    done = site.upgrade()
    assert done.returncode == 0, done.stdout + done.stderr
    assert site.head() == newest
    assert site.rows("SELECT version_num FROM alembic_version") == [(NEXT,)]
    site.machine.roost("user", "create", "after@example.com")
    refused = site.upgrade("--back")
    assert refused.returncode == 1
    assert "lost" in refused.stdout
    assert site.head() == newest, "nobody said yes"
    done = site.upgrade("--back", "--yes")
    assert done.returncode == 0, done.stdout + done.stderr
    assert site.head() == site.first
    assert site.is_ready()
    assert site.rows("SELECT version_num FROM alembic_version") == [(SCHEMA,)]
    assert site.rows("SELECT email FROM account") == [("before@example.com",)]
    assert len(site.backups("before-going-back")) == 1
    assert site.upgrade("--back").returncode == 1, "there is no upgrade left to go back from"


def test_back_by_hand_keeps_what_happened_since_when_the_schema_is_the_same(site: Site) -> None:
    site.release({"static/note.txt": "new"})
    assert site.upgrade().returncode == 0
    site.machine.roost("user", "create", "since@example.com")
    done = site.upgrade("--back")
    assert done.returncode == 0, done.stdout + done.stderr
    assert site.head() == site.first
    assert site.is_ready()
    assert site.rows("SELECT email FROM account") == [("since@example.com",)]


@pytest.mark.parametrize("how", ["the app does not load", "the migration fails", "it never gets ready"])
def test_a_release_that_fails_is_left_again_by_itself(how: str, site: Site) -> None:
    site.machine.roost("user", "create", "somebody@example.com")
    changes = site.with_schema()
    if how == "the app does not load":
        changes["gunicorn.conf.py"] = "raise SystemExit('this release is broken')\n"
    elif how == "the migration fails":
        migration = f"portal/store/migrations/versions/{NEXT}_extra.py"
        changes[migration] += '    raise RuntimeError("half way")\n'
    else:
        routes = "portal/health/routes.py"
        changes[routes] = site.source(routes).replace("problems()", "problems() or ['never']")
    asking = site.source("deploy/ask.py")  # it waits for the release that it belongs to: for the one before as usual
    changes["deploy/ask.py"] = asking.replace("monotonic() + options.wait", "monotonic() + 4")
    assert changes["deploy/ask.py"] != asking
    site.release(changes)
    done = site.upgrade()
    assert done.returncode == 1
    assert "Everything is as before" in done.stderr, done.stdout + done.stderr
    assert site.head() == site.first
    assert site.git(site.tree, "symbolic-ref", "--short", "HEAD") == "main"
    assert site.calls()[-1] == "start"
    assert site.is_ready()
    assert site.rows("SELECT version_num FROM alembic_version") == [(SCHEMA,)]
    assert site.rows("SELECT email FROM account") == [("somebody@example.com",)]
    assert site.rows("SELECT name FROM sqlite_master WHERE name = 'extra'") == []


def test_a_release_that_cannot_be_set_up_does_not_touch_the_store(site: Site) -> None:
    before = (site.machine.instance / "roost.db").read_bytes()
    site.release(site.with_schema() | {"bin/setup": "#!/bin/sh\necho no such package >&2\nexit 1\n"})
    done = site.upgrade()
    assert done.returncode == 1
    assert "no such package" in done.stderr
    assert site.head() == site.first
    assert site.is_ready()
    assert not list(site.machine.instance.glob("before-restore-*"))
    assert len(before) == (site.machine.instance / "roost.db").stat().st_size


def test_somebody_who_presses_ctrl_c_gets_everything_back(site: Site) -> None:
    site.release(site.with_schema() | {"bin/setup": '#!/bin/sh\n: > "$(dirname "$0")/../waiting"\nsleep 60\n'})
    clean = {name: value for name, value in os.environ.items() if not name.startswith("ROOST_")}
    started = subprocess.Popen(
        [site.tree / "bin/upgrade"], env=clean | site.environment(), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT, text=True, start_new_session=True,
    )  # fmt: skip
    try:
        wait_until(lambda: (site.tree / "waiting").exists(), "it did not get so far")
        os.killpg(started.pid, signal.SIGINT)
        said, _ = started.communicate(timeout=300)
    except BaseException:
        os.killpg(started.pid, signal.SIGKILL)
        started.communicate()
        raise
    assert started.returncode == 1
    assert "Everything is as before" in said
    assert site.head() == site.first
    assert site.is_ready()


def test_without_a_backup_nothing_is_changed(site: Site) -> None:
    site.release({"static/note.txt": "new"})
    (site.machine.instance / "backups").write_text("in the way")
    done = site.upgrade()
    assert done.returncode == 1
    assert "nothing was changed" in done.stderr
    assert site.head() == site.first
    assert site.calls() == ["stop", "start"]
    assert site.is_ready()


def test_a_change_of_a_file_of_the_release_stops_it(idle: Site) -> None:
    idle.release({"static/note.txt": "new"})
    (idle.tree / "wsgi.py").write_text("# changed here\n")
    done = idle.upgrade()
    assert done.returncode == 1
    assert "wsgi.py" in done.stderr
    assert idle.calls() == []


def test_what_cannot_be_found_stops_it(idle: Site) -> None:
    done = idle.upgrade("--to", "v99")
    assert done.returncode == 1
    assert "There is no v99. Nothing was done." in done.stderr
    shutil.rmtree(idle.origin)
    done = idle.upgrade()
    assert done.returncode == 1
    assert "could not be fetched. Nothing was done." in done.stderr
    assert idle.calls() == []


def test_a_branch_or_a_commit_can_be_named(site: Site) -> None:
    wanted = site.release({"static/note.txt": "one"})
    site.release({"static/note.txt": "two"}, "v2.0.0")
    assert site.upgrade("--to", wanted).returncode == 0
    assert site.head() == wanted


def test_two_upgrades_at_once_are_refused(idle: Site) -> None:
    idle.release({"static/note.txt": "new"})
    holder = subprocess.Popen(["flock", str(idle.root / "etc/roost/upgrade.lock"), "sleep", "60"])
    try:
        lock = ["flock", "-n", str(idle.root / "etc/roost/upgrade.lock"), "true"]
        wait_until(lambda: subprocess.run(lock, check=False).returncode == 1, "the lock is not held")
        done = idle.upgrade()
    finally:
        holder.kill()
        holder.wait()
    assert done.returncode == 1
    assert "Another upgrade is at work." in done.stderr


def test_elsewhere_than_installed_it_is_refused(idle: Site) -> None:
    (idle.root / "etc/roost/installed").write_text(f"tree=/srv/other\nhost={HOST}\n")
    done = idle.upgrade()
    assert done.returncode == 1
    assert "/srv/other" in done.stderr
