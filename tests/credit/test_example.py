"""The worked examples of docs/credit.md, run as they stand there, against a portal on loopback."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from werkzeug.serving import make_server

from portal import clock
from tests.conftest import World
from tests.credit.conftest import KEY, entries
from tests.support import money

DOCUMENT = (Path(__file__).parents[2] / "docs" / "credit.md").read_text(encoding="utf-8")


@pytest.fixture
def address(portal: World) -> Iterator[str]:
    """The portal, served; its clock is the machine's, as that of whoever signs."""
    before = clock.use(clock.SystemClock())
    server = make_server("127.0.0.1", 0, portal.app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()
    clock.use(before)


def example(language: str, address: str) -> str:
    """The one block of a language, for this portal and its key."""
    (block,) = re.findall(rf"```{language}\n(.*?)```", DOCUMENT, re.DOTALL)
    for there, here in (("https://my.example.com", address), ("the-credit-key-of-this-portal", KEY)):
        assert there in block
        block = block.replace(there, f"'{here}'" if language == "sh" else here)
    return str(block)


def test_the_example_with_curl_and_openssl(portal: World, address: str) -> None:
    command = ["bash", "-euo", "pipefail", "-c", example("sh", address)]
    ran = [subprocess.run(command, capture_output=True, text=True, timeout=60) for _ in range(2)]
    assert [one.returncode for one in ran] == [0, 0], ran[0].stderr
    (shown,) = re.findall(r"```json\n(.*?)```", DOCUMENT, re.DOTALL)
    answer = json.loads(ran[0].stdout)
    assert answer == json.loads(shown) | {"account": money.account_id(portal, "owner")}
    assert json.loads(ran[1].stdout) == answer | {"new": False}
    assert [(one.amount_minor, one.reference) for one in entries(portal)] == [(1250, "order 1001")]


def test_the_example_in_python(portal: World, address: str) -> None:
    code = example("python", address)
    assert len([line for line in code.splitlines() if line]) <= 10
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert (ran.stdout, ran.returncode) == ("7.00\n", 0), ran.stderr
    assert [(one.amount_minor, one.reference) for one in entries(portal)] == [(700, "order 1002")]


def test_the_signature_is_the_one_that_openssl_makes() -> None:
    from portal.credit import signature

    body = b'{"a": "\xc3\xa9"}'
    command = ["openssl", "dgst", "-sha256", "-hmac", KEY, "-r"]
    made = subprocess.run(command, input=b"1767225600." + body, capture_output=True, check=True).stdout.split()[0]
    assert signature.sign(KEY, 1767225600, body) == f"sha256={made.decode()}"
