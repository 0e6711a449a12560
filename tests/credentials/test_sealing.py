"""Keys at rest: only with our master key, only for the account that they belong to."""

from __future__ import annotations

import os
import sqlite3
import stat
import subprocess
import sys
import tempfile
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import update

from portal import secrets_file
from portal.config import BadSetting
from portal.credentials.models import ClientKey
from portal.credentials.sealing import Unreadable, seal, unseal
from portal.store import write
from tests.conftest import PASSWORD, World

KEY = "ptlc_" + "k3Y_" * 10 + "abc"
MASTER, OTHER = os.urandom(32), os.urandom(32)


def test_a_sealed_key_opens_for_its_account() -> None:
    assert unseal(MASTER, 7, seal(MASTER, 7, KEY)) == KEY


def test_sealed_bytes_do_not_contain_the_key() -> None:
    sealed = seal(MASTER, 7, KEY)
    assert not any(KEY[at : at + 6].encode() in sealed for at in range(len(KEY) - 5))


def test_the_same_key_is_sealed_differently_each_time() -> None:
    assert seal(MASTER, 7, KEY) != seal(MASTER, 7, KEY)


@pytest.mark.parametrize(
    ("master", "account", "spoil"),
    [
        (OTHER, 7, lambda sealed: sealed),
        (MASTER, 8, lambda sealed: sealed),
        (MASTER, 7, lambda sealed: sealed[:-1]),
        (MASTER, 7, lambda sealed: sealed[:20] + bytes([sealed[20] ^ 1]) + sealed[21:]),
        (MASTER, 7, lambda sealed: bytes([sealed[0] ^ 1]) + sealed[1:]),
        (MASTER, 7, lambda _: b""),
        (MASTER, 7, lambda _: b"short"),
    ],
    ids=["other master key", "other account", "cut", "changed text", "changed nonce", "empty", "short"],
)
def test_a_sealed_key_opens_in_no_other_way(master: bytes, account: int, spoil: Callable[[bytes], bytes]) -> None:
    with pytest.raises(Unreadable):
        unseal(master, account, spoil(seal(MASTER, 7, KEY)))


def test_no_file_of_the_instance_contains_a_key_or_a_password(make_world: Callable[..., World]) -> None:
    world = make_world("service", service_key=None)  # the settings hold the service key, nothing else may
    _ = world.browser("owner").get("/servers")
    files = {path.name: path.read_bytes() for path in world.instance.iterdir()}
    assert {"roost.db", "master_key", "secret_key"} <= set(files)
    for secret in [*world.demo.keys.values(), PASSWORD]:
        assert not [name for name, content in files.items() if secret.encode() in content]


@pytest.mark.parametrize("name", ["master_key", "secret_key"])
def test_a_secret_file_is_made_for_the_owner_alone(name: str, make_world: Callable[..., World]) -> None:
    path = make_world().instance / name
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_secret_file_is_made_once(tmp_path: Path) -> None:
    made = secrets_file.load_or_make(tmp_path / "new" / "master_key")
    assert len(made) == 32
    assert secrets_file.load_or_make(tmp_path / "new" / "master_key") == made
    assert secrets_file.load_or_make(tmp_path / "new" / "secret_key") != made


def test_the_umask_does_not_widen_a_secret_file(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        secrets_file.load_or_make(tmp_path / "deep" / "master_key")
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "deep" / "master_key").stat().st_mode) == 0o600
    assert stat.S_IMODE((tmp_path / "deep").stat().st_mode) == 0o700


@pytest.mark.parametrize("mode", [0o644, 0o640, 0o604, 0o602, 0o610])
def test_a_secret_file_that_others_can_open_is_refused(mode: int, tmp_path: Path) -> None:
    path = tmp_path / "master_key"
    secrets_file.load_or_make(path)
    path.chmod(mode)
    with pytest.raises(BadSetting, match=rf"^The file master_key .*mode {mode:o}.*\.$"):
        secrets_file.load_or_make(path)


@pytest.mark.parametrize("content", [b"", b"short\n", b"\xff\xfe\x00", b"A" * 44, b"\n"])
def test_a_secret_file_with_something_else_in_it_is_refused(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "master_key"
    path.write_bytes(content)
    path.chmod(0o600)
    with pytest.raises(BadSetting, match=r"^The file master_key .*\.$"):
        secrets_file.load_or_make(path)
    assert path.read_bytes() == content


def test_a_folder_that_can_hold_no_secret_is_said_in_a_sentence() -> None:
    with pytest.raises(BadSetting, match=r"^The instance folder cannot hold master_key: .*\.$"):
        secrets_file.load_or_make(Path("/proc/roost/master_key"))


def test_without_the_master_key_people_sign_in_and_are_told(own_world: World) -> None:
    own_world.app.config["ROOST_MASTER_KEY"] = os.urandom(32)
    browser = own_world.browser()
    signed_in = browser.post("/login", data={"email": "owner@example.com", "password": PASSWORD})
    own_world.calls()
    page = browser.get(signed_in.location)
    assert page.status_code == 200
    assert "The panel no longer accepts your key" in page.text
    assert "Connect it again on the page Account" in page.text
    assert "No servers yet" not in page.text
    assert own_world.calls() == []


def test_a_key_moved_to_another_account_does_not_open_there(own_world: World) -> None:
    """Somebody who can write the store still cannot lend one customer's key to another."""
    with own_world.app.app_context(), closing(sqlite3.connect(own_world.instance / "roost.db")) as connection:
        ids = dict(connection.execute("SELECT email, id FROM account").fetchall())
        sealed = connection.execute(
            "SELECT sealed FROM client_key WHERE account_id = ?", (ids["owner@example.com"],)
        ).fetchone()[0]
        with write() as session:
            session.execute(
                update(ClientKey).where(ClientKey.account_id == ids["stranger@example.com"]).values(sealed=sealed)
            )
    page = own_world.browser("stranger").get("/servers")
    assert "The panel no longer accepts your key" in page.text
    assert "Connect it again on the page Account" in page.text
    assert own_world.calls() == []


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody who may not read a file")
@pytest.mark.parametrize("name", ["config.toml", "master_key"])
def test_a_file_that_belongs_to_somebody_else_is_named_with_the_cure(name: str) -> None:
    with tempfile.TemporaryDirectory() as folder:  # the folders that pytest makes can be entered by nobody else
        said = _read_as_nobody(Path(folder), name)
    assert said.startswith(f"The file {name} cannot be read (Permission denied)")
    assert "chown" in said


def _read_as_nobody(folder: Path, name: str) -> str:
    folder.chmod(0o755)
    (folder / "config.toml").write_text("")
    secrets_file.load_or_make(folder / "master_key")
    (folder / name).chmod(0o600)
    read = "load({'ROOST_INSTANCE': FOLDER})" if name == "config.toml" else "load_or_make(Path(FOLDER) / 'master_key')"
    script = (
        "import os, sys; sys.path.insert(0, sys.argv[2])\n"
        "from pathlib import Path\nfrom portal.config import BadSetting, load\n"
        "from portal.secrets_file import load_or_make\nFOLDER = sys.argv[1]\nos.setuid(65534)\n"
        f"try:\n    {read}\nexcept BadSetting as wrong:\n    sys.stdout.write(str(wrong))\n"
    )
    root = str(Path(__file__).parents[2])
    ran = subprocess.run([sys.executable, "-c", script, str(folder), root], capture_output=True, text=True)
    return ran.stdout or ran.stderr
