"""Files up and down through the installed nginx and gunicorn: nothing on a disk, little memory, nobody else waits."""

from __future__ import annotations

import hashlib
import http.client
import json
import re
import resource
import socket
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from tests.deploy.browser import Browser
from tests.deploy.conftest import PASSWORD
from tests.deploy.machine import HOST, DemoPanel, Machine, wait_until

pytestmark = pytest.mark.nginx

MIB = 1024 * 1024
SIZE = 64 * MIB
RAW = {"Content-Type": "application/octet-stream", "Accept": "application/json"}


class Patterned:
    """So many bytes that are not all alike, made as they are asked for; `digest` of what was given."""

    def __init__(self, size: int, line: bytes) -> None:
        self.left = size
        self.line = line
        self.block = hashlib.sha512(b"roost").digest() * 1024
        self.digest = hashlib.sha256()

    def read(self, size: int) -> bytes:
        """At most `size` bytes; the line comes first."""
        if self.line:
            line, self.line = self.line, b""
            return line
        piece = self.block[: min(size, self.left)]
        self.left -= len(piece)
        self.digest.update(piece)
        return piece


@pytest.fixture
def owner(machine: Machine) -> Browser:
    browser = machine.browser()
    browser.submit("/login", {"email": "owner@example.com", "password": PASSWORD})
    return browser


@pytest.fixture
def place(panel: DemoPanel) -> str:
    return f"/servers/{panel.world['vars']['server']}/files"


def raw(owner: Browser, length: int) -> dict[str, str]:
    """The headers of an upload by the page's script."""
    return RAW | {"Content-Length": str(length), "X-CSRFToken": owner.get("/servers").token}


def pids(machine: Machine) -> list[int]:
    """Of gunicorn and nginx with their processes; but one of nginx's, which ends by itself after a minute."""
    assert machine.web.process
    assert machine.nginx
    parents = [machine.web.process.pid, machine.nginx.pid]
    children = [
        int(one) for parent in parents
        for one in Path(f"/proc/{parent}/task/{parent}/children").read_text().split()
    ]  # fmt: skip
    return [*parents, *(pid for pid in children if b"cache loader" not in Path(f"/proc/{pid}/cmdline").read_bytes())]


@contextmanager
def no_large_files(machine: Machine) -> Iterator[None]:
    """None of these processes can write a file of more than 16 MiB anywhere, as on a small disk for temporary files."""
    before = {pid: resource.prlimit(pid, resource.RLIMIT_FSIZE) for pid in pids(machine)}
    for pid, (_, hard) in before.items():
        resource.prlimit(pid, resource.RLIMIT_FSIZE, (16 * MIB, hard))
    try:
        yield
    finally:
        for pid, limits in before.items():
            resource.prlimit(pid, resource.RLIMIT_FSIZE, limits)


def memory_kib(pid: int, name: str) -> int:
    found = re.search(rf"^{name}:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text(), re.MULTILINE)
    assert found
    return int(found[1])


def test_a_large_file_goes_up_and_down_without_a_large_file_here_and_without_memory(
    owner: Browser, machine: Machine, place: str
) -> None:
    line = json.dumps([["large.bin", SIZE]]).encode() + b"\n"
    content = Patterned(SIZE, line)
    headers = raw(owner, len(line) + SIZE)
    watched = pids(machine)
    before = {pid: memory_kib(pid, "VmRSS") for pid in watched}
    for pid in watched:
        Path(f"/proc/{pid}/clear_refs").write_text("5")  # what was the most until now counts no more
    with no_large_files(machine):
        answer = owner.ask("POST", f"{place}/upload?directory=/transfers&replace=1", content, headers)  # type: ignore[arg-type]
        assert json.loads(answer.text)["files"][0]["state"] == "done", answer.text
        down = owner.get(f"{place}/download?file=/transfers/large.bin")
    assert (down.status, down.headers["Content-Length"]) == (200, str(SIZE))
    assert hashlib.sha256(down.body).digest() == content.digest.digest()
    grown = {pid: memory_kib(pid, "VmHWM") - before[pid] for pid in watched}
    assert max(grown.values()) < 16 * 1024, grown
    wait_until(lambda: is_under_way(machine, 0), "the place was not given back", machine.logs)


class Slow:
    """An upload whose body comes when somebody says so."""

    def __init__(self, owner: Browser, path: str, size: int) -> None:
        line = json.dumps([["slow.bin", size]]).encode() + b"\n"
        plain = socket.create_connection(("127.0.0.1", owner.port), 70)
        self.connection = owner.context.wrap_socket(plain, server_hostname=HOST)
        headers = raw(owner, len(line) + size) | {"Host": HOST, "Cookie": f"roost={owner.cookies['roost']}"}
        head = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        self.connection.sendall(f"POST {path} HTTP/1.1\r\n{head}\r\n".encode() + line)

    def answer(self) -> http.client.HTTPResponse:
        """Status and headers, as soon as they are there."""
        found = http.client.HTTPResponse(self.connection)
        found.begin()
        return found


def is_under_way(machine: Machine, count: int) -> bool:
    """Whether so many places are taken, as the kernel says; it writes down neighbours of one process as one."""
    mark = f":{(machine.instance / 'transfers.lock').stat().st_ino} "
    ends = [line.split()[-2:] for line in Path("/proc/locks").read_text().splitlines() if mark in line]
    return sum(int(last) - int(first) + 1 for first, last in ends) == count


def test_the_third_upload_of_an_account_is_refused_at_once_and_unread(
    owner: Browser, machine: Machine, place: str
) -> None:
    path = f"{place}/upload?directory=/transfers&replace=1"
    slow = [Slow(owner, path, MIB) for _ in range(2)]
    wait_until(lambda: is_under_way(machine, 2), "two uploads did not begin", machine.logs)
    third = Slow(owner, path, 1024 * MIB)
    answer = third.answer()  # of its gigabyte not a byte was sent
    assert (answer.status, answer.headers["Retry-After"]) == (503, "5")
    assert "Two of your transfers" in json.loads(answer.read())["error"]
    assert owner.get("/servers").status == 200
    for one in (*slow, third):
        one.connection.close()
    wait_until(lambda: is_under_way(machine, 0), "the places were not given back", machine.logs)


def test_an_upload_that_breaks_off_stores_nothing(owner: Browser, machine: Machine, place: str) -> None:
    one = Slow(owner, f"{place}/upload?directory=/broken&replace=1", MIB)
    one.connection.sendall(b"x" * 1000)
    wait_until(lambda: is_under_way(machine, 1), "the upload did not begin", machine.logs)
    one.connection.close()
    wait_until(lambda: is_under_way(machine, 0), "the place was not given back", machine.logs)
    assert owner.get(f"{place}/download?file=/broken/slow.bin").status == 404


def test_a_browser_that_goes_away_in_a_download_frees_its_place(owner: Browser, machine: Machine, place: str) -> None:
    line = json.dumps([["half.bin", SIZE]]).encode() + b"\n"
    path = f"{place}/upload?directory=/transfers&replace=1"
    owner.ask("POST", path, Patterned(SIZE, line), raw(owner, len(line) + SIZE))  # type: ignore[arg-type]
    plain = socket.create_connection(("127.0.0.1", owner.port), 70)
    with closing(owner.context.wrap_socket(plain, server_hostname=HOST)) as connection:
        cookie = f"roost={owner.cookies['roost']}"
        request = f"GET {place}/download?file=/transfers/half.bin HTTP/1.1\r\nHost: {HOST}\r\nCookie: {cookie}\r\n\r\n"
        connection.sendall(request.encode())
        assert connection.recv(1000).startswith(b"HTTP/1.1 200")
        wait_until(lambda: is_under_way(machine, 1), "the upload's place was not given back", machine.logs)
    wait_until(lambda: is_under_way(machine, 0), "the place was not given back", machine.logs)


def test_other_addresses_take_no_large_bodies(owner: Browser, place: str) -> None:
    answer = owner.ask("POST", f"{place}/upload/check", b"x" * 70_000, RAW)
    assert answer.status == 413
