"""Visitors who look at pages: so many a second, whether or not the last ones have been answered."""

from __future__ import annotations

import asyncio
import time
from contextlib import suppress
from multiprocessing.connection import Connection

from bench.consoles.child import until_over

LONGEST_S = 30.0


class Visitor:
    """One customer; keeps the connections that nginx keeps, as a browser does."""

    def __init__(self, port: int, cookie: str, source: str, paths: list[str]) -> None:
        self.port, self.source, self.paths = port, source, paths
        self.free: list[tuple[asyncio.StreamReader, asyncio.StreamWriter]] = []
        self.rest = (f"HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nCookie: {cookie}\r\n"
                     "Accept: text/html\r\nAccept-Encoding: gzip, deflate, br\r\n\r\n")  # fmt: skip

    async def look(self, turn: int) -> str:
        """Get a page whole; its status, or what went wrong."""
        try:
            async with asyncio.timeout(LONGEST_S):
                return await self._look(self.paths[turn % len(self.paths)])
        except (OSError, ValueError, asyncio.IncompleteReadError) as wrong:
            return type(wrong).__name__

    async def _look(self, path: str) -> str:
        while self.free and self.free[-1][0].at_eof():
            self.free.pop()[1].close()
        if self.free:
            reader, writer = self.free.pop()
        else:
            reader, writer = await asyncio.open_connection("127.0.0.1", self.port, local_addr=(self.source, 0))
        kept = False
        try:
            writer.write(f"GET {path} {self.rest}".encode())
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower()
            size = head.partition("\r\ncontent-length:")[2].partition("\r\n")[0]
            await reader.readexactly(int(size))
            kept = "\r\nconnection: close" not in head
        finally:
            if kept:
                self.free.append((reader, writer))
            else:
                writer.close()
        return head.split(" ", 2)[1]

    def leave(self) -> None:
        """Close what is kept."""
        for _, writer in self.free:
            writer.close()


class Visitors:
    """All visitors; answers the bench's questions."""

    def __init__(self) -> None:
        self.visitors: list[Visitor] = []
        self.pages: list[tuple[float, float, str]] = []
        self.task: asyncio.Task[None] | None = None
        self.open: set[asyncio.Task[None]] = set()
        self.turns = 0

    def come(self, port: int, people: list[tuple[str, str, list[str]]]) -> None:
        """Who visits: cookie, source address and pages of each."""
        self.visitors = [Visitor(port, *one) for one in people]

    def start(self, rate: float) -> None:
        """That many pages a second from now on."""
        self.pages = []
        self.task = asyncio.get_running_loop().create_task(self._visit(rate))

    def stop(self) -> None:
        """No new ones; those that were asked for go on."""
        if self.task is not None:
            self.task.cancel()

    def waiting(self) -> int:
        """How many pages have not been answered."""
        return len(self.open)

    def seen(self) -> list[tuple[float, float, str]]:
        """When each page was asked for (monotonic), how long it took in ms, its status."""
        return self.pages

    async def _visit(self, rate: float) -> None:
        began, turn = time.monotonic(), 0
        while True:
            await asyncio.sleep(max(0.0, began + turn / rate - time.monotonic()))
            one = asyncio.get_running_loop().create_task(self._one())
            self.open.add(one)
            one.add_done_callback(self.open.discard)
            turn += 1

    async def _one(self) -> None:
        self.turns += 1
        visitor = self.visitors[self.turns % len(self.visitors)]
        began = time.monotonic()
        status = await visitor.look(self.turns // len(self.visitors))
        self.pages.append((began, (time.monotonic() - began) * 1000, status))

    async def run(self, pipe: Connection) -> None:
        """Until nobody asks any more."""
        await until_over(pipe, self).wait()
        self.stop()
        for one in self.visitors:
            with suppress(OSError):
                one.leave()


def main(pipe: Connection) -> None:
    """The visitors' process."""
    asyncio.run(Visitors().run(pipe))
