"""A node of few words: the console protocol of Wings with frames that are ready made, for many servers on one port.

Handshake with the check of the origin, `auth` (any token), `status`, `stats` each second, `send logs`, `send command`
(said back as a line), and numbered lines at a rate for each server. A line says its number and when it was written.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import json
import random
import time
from collections import deque
from multiprocessing.connection import Connection
from typing import Any

from bench.consoles import frames
from bench.consoles.child import until_over

MAGIC = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
HISTORY = 150
SLOW_PER_S = 250  # up to this rate each line goes out at its own moment, above they go in bundles
BUNDLE_S = 0.004
AFTER_S = 0.05
UNREAD_BYTES = 256 * 1024
FILL = "x" * 49
STATS = {"memory_bytes": 812417024, "memory_limit_bytes": 2355200000, "cpu_absolute": 43.218, "disk_bytes": 734003200,
         "network": {"rx_bytes": 10422, "tx_bytes": 88341}, "uptime": 3604211, "state": "running"}  # fmt: skip


def say(event: str, *texts: str) -> bytes:
    """One event as Wings frames it."""
    return frames.frame((json.dumps({"event": event, "args": texts}, separators=(",", ":")) + "\n").encode())


class Server:
    """One game server's console."""

    def __init__(self, uuid: str) -> None:
        self.uuid = uuid
        self.sockets: list[Socket] = []
        self.kept: deque[bytes] = deque(maxlen=HISTORY)
        self.rate = 0.0
        self.began = 0.0
        self.paced = 0
        self.made = 0
        self.unread = 0  # lines that a socket was not sent because it does not read quickly enough
        self.timer: asyncio.TimerHandle | None = None

    def pace(self, rate: float, after_s: float) -> None:
        """That many lines a second from then on."""
        if self.timer is not None:
            self.timer.cancel()
        loop = asyncio.get_running_loop()
        self.rate, self.began, self.paced = rate, loop.time() + after_s, 0
        self.timer = loop.call_at(self.began, self._tick) if rate else None

    def _tick(self) -> None:
        loop = asyncio.get_running_loop()
        due = int((loop.time() - self.began) * self.rate) + 1 - self.paced
        if due > 0:
            self._write(due)
            self.paced += due
        after = self.began + self.paced / self.rate
        self.timer = loop.call_at(after if self.rate <= SLOW_PER_S else max(after, loop.time() + BUNDLE_S), self._tick)

    def _write(self, count: int) -> None:
        first, rest = self.made + 1, f" {time.monotonic_ns():019d} {FILL}"
        lines = [say("console output", f"#{number:09d}{rest}") for number in range(first, first + min(count, 1))]
        if count > 1:
            head, _, tail = lines[0].partition(b"#%09d" % first)
            lines = [head + b"#%09d" % number + tail for number in range(first, first + count)]
        self.made += count
        self.kept.extend(lines[-HISTORY:])
        whole = b"".join(lines)
        for one in self.sockets:
            if one.transport.get_write_buffer_size() > UNREAD_BYTES:
                self.unread += count
            else:
                one.transport.write(whole)

    def tell(self, data: bytes) -> None:
        """To every socket."""
        for one in self.sockets:
            one.transport.write(data)


class Socket(asyncio.Protocol):
    """One connection of a portal."""

    transport: asyncio.Transport

    def __init__(self, node: Node) -> None:
        self.node = node
        self.buffer = bytearray()
        self.server: Server | None = None
        self.is_authentic = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport

    def connection_lost(self, _exc: Exception | None) -> None:
        if self.server is not None and self in self.server.sockets:
            self.server.sockets.remove(self)

    def data_received(self, data: bytes) -> None:
        self.buffer += data
        if self.server is None and not self._greet():
            return
        for opcode, payload in frames.taken(self.buffer):
            if opcode == frames.TEXT:
                self._hear(payload)
            elif opcode == frames.PING:
                self.transport.write(frames.frame(payload, frames.PONG))
            elif opcode == frames.CLOSE:
                self.transport.write(frames.frame(payload, frames.CLOSE))
                self.transport.close()

    def _greet(self) -> bool:
        head, end, rest = bytes(self.buffer).partition(b"\r\n\r\n")
        if not end:
            return False
        request, *lines = head.decode("latin-1").split("\r\n")
        headers = {name.strip().lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
        uuid = request.split(" ")[1].removeprefix("/api/servers/").removesuffix("/ws")
        if headers.get("origin") != self.node.origin:
            return self._refuse("403 Forbidden")
        if uuid not in self.node.servers:
            return self._refuse("404 Not Found")
        mark = base64.b64encode(hashlib.sha1(headers["sec-websocket-key"].encode() + MAGIC).digest()).decode()
        self.transport.write(
            "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            f"Sec-WebSocket-Accept: {mark}\r\n\r\n".encode()
        )
        self.server, self.buffer = self.node.servers[uuid], bytearray(rest)
        self.node.accepted += 1
        return True

    def _refuse(self, status: str) -> bool:
        self.node.refused += 1
        self.transport.write(f"HTTP/1.1 {status}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n".encode())
        self.transport.close()
        return False

    def _hear(self, payload: bytes) -> None:
        assert self.server is not None
        said = json.loads(payload)
        event, texts = said["event"], said.get("args") or []
        if event == "auth" and texts and texts[0]:
            self.transport.write(say("auth success"))
            if not self.is_authentic:
                self.is_authentic = True
                self.transport.write(say("status", "running"))
                self.server.sockets.append(self)
        elif not self.is_authentic:
            self.transport.write(say("jwt error", "jwt: no jwt present"))
        elif event == "send logs":
            self.transport.write(b"".join(self.server.kept))
        elif event == "send stats":
            self.transport.write(self.node.stats)
        elif event == "send command":
            self.server.tell(say("console output", f"> {''.join(texts)}"))


class Node:
    """Answers the bench's questions; `origin` is the only one that is let in."""

    def __init__(self, origin: str, uuids: list[str]) -> None:
        self.origin = origin
        self.servers = {uuid: Server(uuid) for uuid in uuids}
        self.stats = say("stats", json.dumps(STATS))
        self.accepted = self.refused = 0
        self.number = 0

    def port(self) -> int:
        """Where it listens."""
        return self.number

    def pace(self, uuids: list[str], rate: float) -> None:
        """Lines a second for each of these servers, their moments spread over the time between two lines."""
        for number, uuid in enumerate(uuids):
            self.servers[uuid].pace(rate, AFTER_S + (number / len(uuids) / rate if rate else 0.0))

    def counts(self) -> dict[str, int]:
        """Lines made and lines not sent to slow readers, of all servers; sockets now and since the start."""
        every = self.servers.values()
        return {
            "made": sum(one.made for one in every), "unread": sum(one.unread for one in every),
            "sockets": sum(len(one.sockets) for one in every), "accepted": self.accepted, "refused": self.refused,
        }  # fmt: skip

    async def run(self, pipe: Connection) -> None:
        """Until nobody asks any more."""
        loop = asyncio.get_running_loop()
        listener = await loop.create_server(lambda: Socket(self), "127.0.0.1", 0, backlog=1024)
        self.number = int(listener.sockets[0].getsockname()[1])
        for number, server in enumerate(self.servers.values()):
            loop.call_later(number / len(self.servers), self._figures, server)
        await until_over(pipe, self).wait()

    def _figures(self, server: Server) -> None:
        """About each second, so that it does not always fall on the same moment between two lines."""
        server.tell(self.stats)
        asyncio.get_running_loop().call_later(random.uniform(0.95, 1.05), self._figures, server)


def main(pipe: Connection, *arguments: Any) -> None:
    """The node's process."""
    asyncio.run(Node(*arguments).run(pipe))
