"""What is measured, one after the other, with one rig."""

from __future__ import annotations

import json
import re
import statistics
import threading
import time
from contextlib import contextmanager
from dataclasses import dataclass
from html import unescape
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from bench.consoles.measures import share
from bench.consoles.rig import EACH, wait_until
from bench.idle import mib
from bench.transfers import wire

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bench.transfers.rig import Files

MIB = 1024 * 1024
TOKEN = re.compile(r'name="csrf_token"[^>]*value="([^"]+)"')
NEXT = re.compile(r'hx-get="([^"]*[?&](?:amp;)?more=1[^"]*)"')
MANY = 5000
SLOW = 100
PAGES_PER_S = 20.0
EDGE = "----------------------------roost-bench"


@dataclass(frozen=True)
class Plan:
    """How much of it."""

    size: int = 1024 * MIB
    tries: int = 3
    folders: int = 5
    idle_s: float = 15.0
    busy_s: float = 30.0


class Measures:
    """Each gives figures by their names."""

    def __init__(self, rig: Files, plan: Plan) -> None:
        self.rig = rig
        self.plan = plan
        self.tokens: dict[str, str] = {}
        self.server = rig.servers[0]
        self.path = f"/servers/{self.server.identifier}/files"
        self.node = f"{rig.demo.base}/api/client/servers/{self.server.identifier}/files"
        self.key = {"Authorization": f"Bearer {rig.demo.keys[rig.people[0]]}", "Accept": "application/json"}

    def transfers(self) -> dict[str, Any]:
        """Up and down, through everything and to the node itself, in turn; the best of each counts."""
        self._through(4 * MIB)  # what is loaded at first is none of what is measured
        took: dict[str, list[float]] = {"up": [], "down": [], "up directly": [], "down directly": []}
        with self._memory() as grown:
            for _ in range(self.plan.tries):
                took["up directly"].append(self._directly(self.plan.size))
                took["down directly"].append(self._down_directly())
                up, down = self._through(self.plan.size)
                took["up"].append(up)
                took["down"].append(down)
        best = {name: min(values) for name, values in took.items()}
        speed = {name: round(self.plan.size / MIB / seconds) for name, seconds in best.items()}
        return {
            "upload_ratio": round(best["up directly"] / best["up"], 2),
            "download_ratio": round(best["down directly"] / best["down"], 2),
            "rss_growth_mib": round(max(0.0, max(grown)), 1), "upload_mib_per_s": speed["up"],
            "upload_direct_mib_per_s": speed["up directly"], "download_mib_per_s": speed["down"],
            "download_direct_mib_per_s": speed["down directly"],
        }  # fmt: skip

    def list(self) -> dict[str, Any]:
        """The first answer for a folder of 5,000 files, read from the node each time; then all of its parts."""
        took, sizes, parts = [], [], []
        for number in range(self.plan.folders):
            folder = f"/many-{number}"
            self.rig.panel.ask("fill", self.server.uuid, folder, MANY)
            first = self._page(f"{self.path}/list?directory={folder}")
            took.append(first.took_s * 1000)
            sizes.append(first.size)
            if number == 0:
                parts = self._parts(first)
        return {
            "list_5000_ms": round(statistics.median(took)), "list_5000_kb": round(max(sizes) / 1000, 1),
            "list_5000_all_kb": round(sum(parts) / 1000, 1), "list_5000_parts": len(parts),
        }  # fmt: skip

    def slow(self) -> dict[str, Any]:
        """Pages alone, and beside a hundred uploads of a byte a millisecond."""
        for turn, person in enumerate(self.rig.people):
            for path in self.rig.paths(turn):  # what is read for the first time belongs to neither
                wire.get(self.rig.site.portal, path, {"Cookie": self.rig.cookies[person]})
        idle = self._pages(self.plan.idle_s)
        self.rig.slow.ask("begin", self.rig.site.portal, [self._slow(number) for number in range(SLOW)])
        wait_until(lambda: self.rig.slow.ask("counts")["sending"] > 0, "nothing is sent", 20)
        time.sleep(SLOW * 0.02 + 1)
        busy = self._pages(self.plan.busy_s)
        counts = self.rig.slow.ask("counts")
        self.rig.slow.ask("end")
        before, beside = (share([took for _, took, _ in pages], 99) for pages in (idle, busy))
        return {
            "page_p99_ratio": round(beside / before, 2), "page_over_ms": round(beside - 2 * before, 1),
            "page_idle_p99_ms": round(before, 1), "page_p99_ms": round(beside, 1),
            "page_errors": sum(status != "200" for _, _, status in (*idle, *busy)),
            "slow_sending": counts["sending"], "slow_refused": counts["refused"], "slow_broken": counts["broken"],
        }  # fmt: skip

    def _through(self, size: int) -> tuple[float, float]:
        """Seconds up and down through nginx, gunicorn and Roost."""
        token = self._token(0)
        head = {
            "Cookie": self.rig.cookie(0), "X-CSRFToken": token, "Accept": "application/json",
            "Content-Type": "application/octet-stream",
        }  # fmt: skip
        line = json.dumps([["through.bin", size]]).encode() + b"\n"
        up = wire.upload(self.rig.site.portal, f"{self.path}/upload?directory=/&replace=1", head, line, size)
        stored: Any = wire.told(up)
        if stored["files"][0]["state"] != "done" or not self._is_whole("through.bin", size):
            raise RuntimeError(f"the upload is not what was sent: {stored}")
        cookie = {"Cookie": self.rig.cookie(0)}
        down = wire.get(self.rig.site.portal, f"{self.path}/download?file=/through.bin", cookie, keeps=False)
        if down.status != 200 or down.size != size:
            raise RuntimeError(f"the download is not what lies there: {down}")
        self.rig.panel.ask("remove", self.server.uuid, "through.bin")
        return up.took_s, down.took_s

    def _directly(self, size: int) -> float:
        url = self._signed("/upload")
        before = (f'--{EDGE}\r\nContent-Disposition: form-data; name="files"; filename="direct.bin"\r\n'
                  "Content-Type: application/octet-stream\r\n\r\n").encode()  # fmt: skip
        head = {"Content-Type": f"multipart/form-data; boundary={EDGE}"}
        answer = wire.upload(*_place(f"{url}&directory=/"), head, before, size, f"\r\n--{EDGE}--\r\n".encode())
        if answer.status != 200 or not self._is_whole("direct.bin", size):
            raise RuntimeError(f"the node did not take the file: {answer}")
        return answer.took_s

    def _down_directly(self) -> float:
        answer = wire.get(*_place(self._signed("/download?file=/direct.bin")), keeps=False)
        if answer.status != 200 or answer.size != self.plan.size:
            raise RuntimeError(f"the node did not send the file: {answer}")
        self.rig.panel.ask("remove", self.server.uuid, "direct.bin")
        return answer.took_s

    def _signed(self, what: str) -> str:
        document: Any = wire.told(wire.get(*_place(f"{self.node}{what}"), self.key))
        return str(document["attributes"]["url"])

    def _is_whole(self, name: str, size: int) -> bool:
        return bool(self.rig.panel.ask("is_whole", self.server.uuid, name, size))

    def _page(self, path: str) -> wire.Answer:
        head = {"Cookie": self.rig.cookie(0), "HX-Request": "true", "Accept-Encoding": "gzip, deflate, br"}
        answer = wire.get(self.rig.site.portal, path, head)
        if answer.status != 200:
            raise RuntimeError(f"{path}: {answer.status}")
        return answer

    def _parts(self, first: wire.Answer) -> list[int]:
        """The size of each part, as the page's own links lead from one to the next."""
        sizes, answer = [first.size], first
        while found := NEXT.search(_text(answer)):
            answer = self._page(unescape(found[1]))
            sizes.append(answer.size)
        return sizes

    def _token(self, number: int) -> str:
        """Of the person whose server that is; their cookie knows it from then on."""
        person = self.rig.people[number // EACH]
        if person not in self.tokens:
            path = f"/servers/{self.rig.servers[number].identifier}/files/upload"
            answer = wire.get(self.rig.site.portal, path, {"Cookie": self.rig.cookie(number)})
            found = TOKEN.search(answer.body.decode())
            if found is None:
                raise RuntimeError(f"{path}: {answer.status}, and no token")
            self.tokens[person] = unescape(found[1])
            if "set-cookie" in answer.headers:
                self.rig.cookies[person] = answer.headers["set-cookie"].partition(";")[0]
        return self.tokens[person]

    def _slow(self, number: int) -> tuple[str, str, str]:
        number = number * EACH % len(self.rig.servers) + number // len(self.rig.people)
        path = f"/servers/{self.rig.servers[number].identifier}/files/upload?directory=/&replace=1"
        token = self._token(number)
        return path, self.rig.cookie(number), token

    def _pages(self, seconds: float) -> list[tuple[float, float, str]]:
        self.rig.visitors.ask("start", PAGES_PER_S)
        time.sleep(seconds)
        self.rig.visitors.ask("stop")
        wait_until(lambda: self.rig.visitors.ask("waiting") == 0, "pages are not answered", 40.0)
        pages: list[tuple[float, float, str]] = self.rig.visitors.ask("seen")
        return pages

    @contextmanager
    def _memory(self) -> Iterator[list[float]]:
        """How much more the web processes hold than before, seen ten times a second, in MiB."""
        grown, over = [0.0], threading.Event()
        before = self._held()

        def look() -> None:
            while not over.wait(0.1):
                grown.append(self._held() - before)

        looking = threading.Thread(target=look)
        looking.start()
        try:
            yield grown
        finally:
            over.set()
            looking.join()

    def _held(self) -> float:
        return sum(mib(one, "Rss") for one in self.rig.processes())


def _place(url: str) -> tuple[int, str]:
    parts = urlsplit(url)
    return wire.port_of(url), f"{parts.path}?{parts.query}" if parts.query else parts.path


def _text(answer: wire.Answer) -> str:
    kind = answer.headers.get("content-encoding", "")
    if kind == "br":
        import brotli

        return bytes(brotli.decompress(answer.body)).decode()
    if kind == "gzip":
        import gzip

        return gzip.decompress(answer.body).decode()
    return answer.body.decode()
