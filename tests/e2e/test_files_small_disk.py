"""A file of 1 GiB passes up and down while the disk for temporary files holds 16 MiB."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from tests.e2e.stand import PASSWORD, Stand

MIB = 1024 * 1024
SIZE = 1024 * MIB


class OnSmallDisk(Stand):
    """Roost's own processes have their temporary files on `small`; the node's are elsewhere."""

    small: Path

    def _environment(self) -> dict[str, str]:
        return super()._environment() | {"TMPDIR": str(self.small)}


class Body:
    """A line of JSON and then zeros, as long as `len` says and never in memory as a whole."""

    def __init__(self, line: bytes) -> None:
        self.line, self.left, self.zeros = line, SIZE, bytes(MIB)
        self.len = len(line) + SIZE

    def read(self, size: int = -1) -> bytes:
        """At most `size` bytes."""
        if self.line:
            line, self.line = self.line, b""
            return line
        piece = self.zeros[: min(size if size >= 0 else MIB, self.left, MIB)]
        self.left -= len(piece)
        return piece


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 16 MiB in memory."""
    place = tmp_path / "small"
    place.mkdir()
    made = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=16m", "tmpfs", str(place)], check=False)  # noqa: S607
    if made.returncode:
        pytest.skip("a small disk can be made by root alone")
    yield place
    # Lazily: a web process that was killed may still have its file there open for a moment.
    subprocess.run(["umount", "--lazy", str(place)], check=True)  # noqa: S607


@pytest.fixture
def site(small_disk: Path) -> Iterator[OnSmallDisk]:
    OnSmallDisk.small = small_disk
    stand = OnSmallDisk(people=("owner",))
    try:
        yield stand
    finally:
        stand.close()


@pytest.mark.slow
def test_a_gibibyte_needs_no_room_for_temporary_files(site: OnSmallDisk, small_disk: Path) -> None:
    for node in site.demo.world.nodes:
        node.upload_size = 2048
    place = f"{site.url}/servers/{site.server('Lobby')}/files"
    with requests.Session() as browser:
        token = token_in(browser.get(f"{site.url}/login").text)
        form = {"email": "owner@example.com", "password": PASSWORD, "csrf_token": token}
        browser.post(f"{site.url}/login", form).raise_for_status()
        headers = {
            "Content-Type": "application/octet-stream", "Accept": "application/json",
            "X-CSRFToken": token_in(browser.get(f"{site.url}/servers").text),
        }  # fmt: skip
        body = Body(json.dumps([["large.bin", SIZE]]).encode() + b"\n")
        answer = browser.post(f"{place}/upload?directory=/&replace=0", data=body, headers=headers)
        assert answer.json() == {"files": [{"name": "large.bin", "state": "done", "why": ""}]}
        with browser.get(f"{place}/download?file=/large.bin", stream=True) as down:
            assert sum(len(piece) for piece in down.iter_content(MIB)) == SIZE
    assert list(small_disk.iterdir()) == []


def token_in(page: str) -> str:
    """The token of a page's forms."""
    found = re.search(r'name="csrf_token" value="([^"]+)"', page)
    assert found
    return found[1]
