"""Uploads at a byte a millisecond, many at once; who is sent away tries again when told, as the page's script does."""

from __future__ import annotations

import asyncio
import json
from contextlib import suppress
from multiprocessing.connection import Connection

from bench.consoles.child import until_over

SIZE = 400_000
BYTES_PER_S = 1000


class Slow:
    """Answers the bench's questions."""

    def __init__(self) -> None:
        self.tasks: list[asyncio.Task[None]] = []
        self.sending = 0
        self.refused: dict[int, int] = {}
        self.broken = 0

    def begin(self, port: int, uploads: list[tuple[str, str, str]]) -> None:
        """Start them all: path, cookie and token of each."""
        for number, one in enumerate(uploads):
            task = asyncio.get_running_loop().create_task(self._upload(port, number, *one))
            self.tasks.append(task)

    def counts(self) -> dict[str, object]:
        """How many send just now, how many answers came before the end by status, how many ended without one."""
        return {"sending": self.sending, "refused": self.refused, "broken": self.broken}

    def end(self) -> None:
        """Cut them all."""
        for one in self.tasks:
            one.cancel()

    async def _upload(self, port: int, number: int, path: str, cookie: str, token: str) -> None:
        await asyncio.sleep(number * 0.02)
        while True:
            status = None
            with suppress(OSError, asyncio.IncompleteReadError):
                status = await self._try(port, number, path, cookie, token)
            if status is None:
                self.broken += 1
            else:
                self.refused[status] = self.refused.get(status, 0) + 1
            await asyncio.sleep(5)

    async def _try(self, port: int, number: int, path: str, cookie: str, token: str) -> int:
        """Send until there is an answer."""
        reader, writer = await asyncio.open_connection("127.0.0.1", port, local_addr=(f"127.0.2.{number % 200 + 1}", 0))
        first = json.dumps([[f"slow-{number}.bin", SIZE]]).encode() + b"\n"
        length = len(first) + SIZE
        lines = (
            f"POST {path} HTTP/1.1", f"Host: 127.0.0.1:{port}", f"Cookie: {cookie}", f"X-CSRFToken: {token}",
            "Accept: application/json", "Content-Type: application/octet-stream", f"Content-Length: {length}",
        )  # fmt: skip
        waiting = asyncio.create_task(reader.readuntil(b"\r\n"))
        self.sending += 1
        try:
            writer.write("\r\n".join([*lines, "", ""]).encode() + first)
            for _ in range(SIZE // BYTES_PER_S):
                done, _rest = await asyncio.wait([waiting], timeout=1.0)
                if done:
                    break
                writer.write(b"x" * BYTES_PER_S)
            return int((await waiting).split(b" ")[1])
        finally:
            self.sending -= 1
            waiting.cancel()
            writer.close()

    async def run(self, pipe: Connection) -> None:
        """Until nobody asks any more."""
        await until_over(pipe, self).wait()
        self.end()


def main(pipe: Connection) -> None:
    """The process of the slow uploads."""
    asyncio.run(Slow().run(pipe))
