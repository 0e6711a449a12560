"""What docs/library.md shows runs, prints what it says and leaves no group out; and the library stands alone."""

from __future__ import annotations

import ast
import doctest
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyotp
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from portal.demo import ManualClock, build
from portal.demo.served import Served
from portal.pterodactyl import ApiKey, ApplicationApi, ClientApi, Panel, Transport
from tests.pterodactyl.fakes import MAINTENANCE, World

ROOT = Path(__file__).parents[2]
DOCUMENT = ROOT / "docs" / "library.md"
BLOCK = re.compile(r"^```python\n(.*?)^```", re.DOTALL | re.MULTILINE)
SHOWN = re.compile(r"# -> (.*)$", re.MULTILINE)
WITH_REQUESTS = {"requests", "urllib3", "certifi", "idna", "charset_normalizer"}


def blocks() -> list[tuple[int, str]]:
    """Each python block with the number of its first line."""
    text = DOCUMENT.read_text(encoding="utf-8")
    return [(text.count("\n", 0, found.start(1)) + 1, found[1]) for found in BLOCK.finditer(text)]


@pytest.fixture
def prelude(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[tuple[dict[str, str], dict[str, Any]]]:
    """What examples in the blocks stand for, and the names that they find; waiting moves the demo's clock.

    Beside the node that a block looks for there is one whose name begins alike.
    """
    clock = ManualClock()
    demo = build(clock=clock, rate_limit=0)

    def work(seconds: float) -> None:
        clock.advance(seconds)
        demo.pulse()

    public_key = Ed25519PrivateKey.from_private_bytes(bytes(range(32))).public_key()
    names: dict[str, Any] = {
        "password": demo.vars["solo_password"],
        "public_key": public_key.public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH).decode(),
        "code_of": lambda secret: pyotp.TOTP(secret).at(int(clock.now())),
    }
    server = next(one for one in demo.world.servers if one.owner.username == "solo")
    (tmp_path / "plugin.jar").write_bytes(b"j" * 1234)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(time, "sleep", work)
    with Served(demo):
        with Transport(demo.base) as transport:
            nodes = Panel(transport).application(ApiKey(demo.keys["application"])).nodes
            nodes.create(name="fra-20", location_id=1, fqdn="f20.example.com", memory_mib=1, disk_mib=1, public=False)
        yield {
            "https://panel.example.com": demo.base,
            "ptlc_...": demo.keys["solo"],
            "ptla_...": demo.keys["application"],
            "1a2b3c4d": server.identifier,
        }, names  # fmt: skip
    if panel := names.get("panel"):
        panel._transport.close()
        names["patient"].close()


def test_every_block_runs_and_prints_what_it_says(
    prelude: tuple[dict[str, str], dict[str, Any]], capsys: pytest.CaptureFixture[str]
) -> None:
    examples, names = prelude
    text = "".join(code for _, code in blocks())
    assert [one for one in (*examples, *names) if one not in text] == []
    for line, code in blocks():
        said = "".join(f"{one}\n" for one in SHOWN.findall(code))
        for example, real in examples.items():
            code = code.replace(example, real)
        exec(compile("\n" * (line - 1) + code, str(DOCUMENT), "exec"), names)
        printed = capsys.readouterr().out
        alike = doctest.OutputChecker().check_output(said, printed, doctest.ELLIPSIS)
        assert alike, f"the block at line {line} printed\n{printed}"


def test_every_group_of_both_apis_is_shown() -> None:
    world = World(MAINTENANCE)
    used = {
        (node.value.value.id, node.value.attr)
        for _, code in blocks()
        for node in ast.walk(ast.parse(code))
        if isinstance(node, ast.Attribute)
        and isinstance(node.value, ast.Attribute)
        and isinstance(node.value.value, ast.Name)
    }
    for name, made in {"client": ClientApi, "api": ApplicationApi}.items():
        groups = set(vars(made(world.client.account._caller)))
        assert len(groups) >= 8
        assert {group for group in groups if (name, group) not in used} == set()


ALONE = """
import sys

folder, address, key, *allowed = sys.argv[1:]
known = sys.stdlib_module_names | set(allowed)

class Nothing:
    def find_spec(self, name, path=None, target=None):
        if name != "portal" and not name.startswith("portal.pterodactyl") and name.partition(".")[0] not in known:
            raise ModuleNotFoundError(name)

sys.meta_path.insert(0, Nothing())
sys.path.insert(0, folder)
for other in ("flask", "sqlalchemy", "portal.config"):
    try:
        __import__(other)
    except ModuleNotFoundError:
        continue
    raise SystemExit(other)

from portal.pterodactyl import ApiKey, Panel, Transport, errors, models

assert errors.__file__.startswith(folder)
print(Panel(Transport(address)).client(ApiKey(key)).account.view().username)
"""


def test_the_library_stands_alone(prelude: tuple[dict[str, str], dict[str, Any]], tmp_path: Path) -> None:
    """The files that the document names, in a folder of their own, in a process where `requests` is all there is."""
    shutil.copytree(ROOT / "portal/pterodactyl", tmp_path / "portal/pterodactyl")
    (tmp_path / "portal/__init__.py").touch()
    address, key, *_ = prelude[0].values()
    done = subprocess.run(
        [sys.executable, "-I", "-c", ALONE, str(tmp_path), address, key, *WITH_REQUESTS],
        capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip
    assert (done.returncode, done.stdout, done.stderr) == (0, "solo\n", "")
