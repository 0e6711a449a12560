"""`flask backup restore`: another store in place of the one in use, with nothing of the old one lost."""

from __future__ import annotations

import fcntl
import os
import shutil
import sqlite3
import stat
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from alembic import command
from alembic.config import Config

from portal.auth import links
from portal.auth import service as accounts
from portal.mail import queue
from portal.store import inuse, restored, schema, write
from tests.auth.conftest import is_signed_in, log_in
from tests.backup.conftest import ask, backup, change, done, refused, run, store
from tests.conftest import World
from tests.site.conftest import ROOT
from tests.site.test_config import REQUIRED

EMAILS = "SELECT email FROM account ORDER BY id"


def aside(world: World) -> Path:
    (folder,) = world.instance.glob("before-restore-*")
    return folder


@pytest.mark.parametrize("kind", ["plain", "encrypted"])
def test_the_store_is_as_it_was_and_the_newer_one_is_kept(kind: str, portal: World, sealed: World) -> None:
    world = sealed if kind == "encrypted" else portal
    path, before = backup(world), ask(store(world), EMAILS)
    change(store(world), "INSERT INTO account (email, is_admin, is_disabled, created_at) VALUES ('new@x.y', 0, 0, 1)")
    newer = ask(store(world), EMAILS)
    said = done(world, "restore", str(path), "--yes")
    assert ask(store(world), EMAILS) == before
    assert ask(aside(world) / "roost.db", EMAILS) == newer
    assert str(aside(world)) in said
    assert path.exists()


def test_what_had_not_reached_the_file_yet_is_kept_too(portal: World) -> None:
    """The WAL and its index go aside with the store that they belong to."""
    path = backup(portal)
    with closing(sqlite3.connect(store(portal))) as other:
        other.execute("PRAGMA journal_mode=WAL")
        other.execute("INSERT INTO attempt (bucket, at) VALUES ('in the wal', 1)")
        other.commit()
        assert (portal.instance / "roost.db-wal").stat().st_size
        done(portal, "restore", str(path), "--yes")
        moved = {one.name: one for one in aside(portal).iterdir()}
        assert {"roost.db", "roost.db-wal"} <= set(moved)
        assert ask(moved["roost.db"], "SELECT * FROM attempt WHERE bucket = 'in the wal'")
    assert ask(store(portal), "SELECT * FROM attempt WHERE bucket = 'in the wal'") == []


def test_the_restored_store_is_ours_alone_and_nothing_is_left_over(portal: World) -> None:
    names = {one.name for one in portal.instance.iterdir()}
    path = backup(portal)
    done(portal, "restore", str(path), "--yes")
    assert stat.S_IMODE(store(portal).stat().st_mode) == 0o600
    assert stat.S_IMODE(aside(portal).stat().st_mode) == 0o700
    left = {one.name for one in portal.instance.iterdir()} - names
    assert left - {"roost.db-wal", "roost.db-shm"} == {"backups", "in-use", "high-water.json", aside(portal).name}
    schema.check(store(portal))
    assert ask(store(portal), "SELECT * FROM store_state WHERE name = 'backup'") == []


def test_it_says_what_will_happen_and_asks(portal: World) -> None:
    path, before = backup(portal), ask(store(portal), "SELECT * FROM store_state")
    ran = run(portal, "restore", str(path), typed="n\n")
    assert ran.exit_code == 1
    for word in ("accounts", "schema 0005", "lost", "Put it in place?"):
        assert word in ran.stdout
    assert ran.stderr == "Nothing was changed.\n"
    assert ask(store(portal), "SELECT * FROM store_state") == before
    assert not [*portal.instance.glob("before-restore-*")]
    assert run(portal, "restore", str(path), typed="y\n").exit_code == 0
    assert aside(portal)


def test_a_bad_backup_is_refused_and_nothing_changes(portal: World) -> None:
    path = backup(portal)
    path.write_bytes(path.read_bytes()[:-4096])
    before = store(portal).read_bytes()
    assert "cut" in refused(portal, "restore", str(path), "--yes")
    assert store(portal).read_bytes() == before
    assert not [*portal.instance.glob("before-restore-*"), *portal.instance.glob("restor*")]


def test_the_store_itself_is_no_backup(portal: World) -> None:
    assert "itself" in refused(portal, "restore", str(store(portal)), "--yes")


WEB = ["-c", "import sys; sys.argv = ['gunicorn']; import wsgi; sys.stderr.write('started\\n'); sys.stdin.read()"]
WORKER = ["-m", "flask", "--app", "wsgi", "worker"]


@pytest.mark.parametrize("arguments", [WEB, WORKER], ids=["web", "worker"])
def test_it_refuses_while_another_process_uses_the_store(arguments: list[str], portal: World) -> None:
    path = backup(portal)
    environ = {name: value for name, value in os.environ.items() if not name.startswith("ROOST_")}
    values = REQUIRED | {"panel_url": "http://127.0.0.1:9"}  # nobody is there
    environ |= {f"ROOST_{name.upper()}": value for name, value in values.items()}
    other = subprocess.Popen(
        [sys.executable, *arguments], cwd=ROOT, env=environ | {"ROOST_INSTANCE": str(portal.instance)},
        stdin=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        assert other.stderr is not None
        assert any("started" in line for line in iter(other.stderr.readline, ""))
        said = refused(portal, "restore", str(path), "--yes")
        assert "first with `systemctl stop roost-web.socket roost-web roost-worker`." in said
        assert not [*portal.instance.glob("before-restore-*")]
    finally:
        other.terminate()
        other.communicate()
    done(portal, "restore", str(path), "--yes")


def test_a_forked_web_process_holds_the_store_after_its_parent(portal: World) -> None:
    """gunicorn loads the app once and forks; the lock ends with the last of them."""
    release = inuse.share(portal.instance)
    read_end, write_end = os.pipe()
    child = os.fork()
    if child == 0:  # a web process
        os.close(write_end)
        os.read(read_end, 1)
        os._exit(0)
    os.close(read_end)
    release()
    with pytest.raises(inuse.InUse), inuse.alone(portal.instance):
        pass
    os.close(write_end)
    os.waitpid(child, 0)
    with inuse.alone(portal.instance):
        pass


def test_nothing_starts_while_a_store_is_put_back(portal: World) -> None:
    with inuse.alone(portal.instance):
        ran = portal.app.test_cli_runner().invoke(args=["user", "list"])
    assert (ran.exit_code, ran.stdout) == (1, "")
    assert "being restored" in ran.stderr


def test_a_command_lets_go_of_the_store_when_it_ends(portal: World) -> None:
    assert portal.app.test_cli_runner().invoke(args=["user", "list"]).exit_code == 0
    handle = os.open(portal.instance / inuse.NAME, os.O_RDWR)
    fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    os.close(handle)


def test_a_backup_of_an_older_schema_is_brought_to_ours(portal: World, tmp_path: Path) -> None:
    old = tmp_path / "old.db"
    config = Config()
    config.set_main_option("script_location", str(schema.MIGRATIONS))
    config.attributes["database"] = old
    command.upgrade(config, "0001")
    old.chmod(0o600)
    change(
        old,
        "INSERT INTO account (email, is_admin, is_disabled, created_at) VALUES ('old@example.com', 0, 0, 1)",
        "INSERT INTO login_session VALUES ('hash', 1, 1, 9e9)",
    )
    assert schema.version(old) == "0001"
    said = done(portal, "restore", str(old), "--yes")
    assert "0001" in said
    schema.check(store(portal))
    assert ask(store(portal), EMAILS) == [("old@example.com",)]
    assert ask(store(portal), "SELECT * FROM login_session") == []
    assert schema.version(old) == "0001"


def test_a_session_that_was_ended_does_not_live_again(portal: World) -> None:
    browser = portal.browser("owner")
    assert is_signed_in(browser)
    path = backup(portal)
    browser.post("/logout")
    done(portal, "restore", str(path), "--yes")
    assert not is_signed_in(browser)
    assert ask(store(portal), "SELECT * FROM login_session") == []
    assert log_in(portal.browser()).status_code == 303


def test_an_open_link_is_over_and_a_used_one_stays_used(portal: World) -> None:
    with portal.app.app_context():
        owner, solo = accounts.find("owner@example.com").id, accounts.find("solo@example.com").id
        used = links.make(owner).url.removeprefix("http://localhost")
        chosen = {"password": "a password of my own", "again": "a password of my own"}
        assert portal.browser().post(used, data=chosen).status_code == 303
        opened = [links.make(solo, kind).url.removeprefix("http://localhost") for kind in ("invite", "reset")]
    path = backup(portal)
    assert [portal.browser().get(link).status_code for link in opened] == [200, 200]
    done(portal, "restore", str(path), "--yes")
    assert [portal.browser().get(link).status_code for link in [*opened, used]] == [410, 410, 410]
    assert ask(store(portal), "SELECT count(*) FROM invite") == [(1,)]


def test_mail_that_waited_is_not_sent_a_second_time(portal: World) -> None:
    with portal.app.app_context(), write() as session:
        for kind in ("invite", "reset"):
            queue.add_in(session, kind, "owner@example.com")
    change(store(portal), "UPDATE mail SET state = 'sent', ended_at = 5 WHERE kind = 'reset'")
    path = backup(portal)
    done(portal, "restore", str(path), "--yes")
    assert ask(store(portal), "SELECT kind, state, error, ended_at FROM mail ORDER BY kind") == [
        ("invite", "dropped", "restored", portal.clock.now()),
        ("reset", "sent", None, 5.0),
    ]


def test_it_is_in_the_audit_and_no_number_is_used_twice(portal: World) -> None:
    path = backup(portal)
    add = "INSERT INTO audit_entry (at, action, detail, outcome) VALUES (1, 'power', '', 'done')"
    change(store(portal), *[add] * 7)
    ((highest,),) = ask(store(portal), "SELECT max(id) FROM audit_entry")
    done(portal, "restore", str(path), "--yes")
    ((number, action, detail),) = ask(
        store(portal), "SELECT id, action, detail FROM audit_entry ORDER BY id DESC LIMIT 1"
    )
    assert (number, action) == (highest + 1, "backup.restore")
    assert "put back" in str(detail)


def test_a_new_machine_needs_no_store_first(portal: World, make_world: Callable[..., World]) -> None:
    path, other = backup(portal), make_world()
    for left in other.instance.glob("roost.db*"):
        left.unlink()
    done(other, "restore", str(path), "--yes")
    assert ask(store(other), EMAILS) == ask(store(portal), EMAILS)


def test_a_damaged_store_can_be_replaced(portal: World) -> None:
    path, before = backup(portal), ask(store(portal), EMAILS)
    broken = b"\xff" * 5000 + store(portal).read_bytes()[5000:]
    store(portal).write_bytes(broken)
    done(portal, "restore", str(path), "--yes")
    assert ask(store(portal), EMAILS) == before
    assert (aside(portal) / "roost.db").read_bytes() == broken


def test_a_store_put_back_from_an_older_one_again_works(portal: World) -> None:
    path = backup(portal)
    done(portal, "restore", str(path), "--yes")
    done(portal, "restore", str(path), "--yes")
    assert len([*portal.instance.glob("before-restore-*")]) == 2
    with portal.app.app_context():
        assert restored.since() is not None


def test_without_the_master_key_the_portal_works_and_customers_are_asked_for_their_keys(
    portal: World, make_world: Callable[..., World]
) -> None:
    """R-96: the backup holds the customers' keys, but sealed with a file that it does not hold."""
    path = backup(portal)
    other = make_world()
    shutil.copyfile(path, other.instance / "copy.db")
    done(other, "restore", str(other.instance / "copy.db"), "--yes")
    browser = other.browser()
    assert log_in(browser).status_code == 303
    page = browser.get("/servers")
    assert page.status_code == 200
    assert [call for call in other.calls() if "/api/client" in call] == []
    admin = other.browser("admin")
    assert admin.get("/servers").status_code == 200
    key = other.demo.keys["owner"]
    ran = other.app.test_cli_runner().invoke(args=["user", "set-key", "owner@example.com"], input=f"{key}\n")
    assert ran.exit_code == 0, ran.output
    assert browser.get("/servers").status_code == 200
    assert [call for call in other.calls() if "/api/client" in call]
