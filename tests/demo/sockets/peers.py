"""A node's websockets on a loopback port, and peers that speak to them."""
from __future__ import annotations

import itertools
import json
import socket
import threading
from typing import Any

import websocket

from portal.demo import Demo
from portal.demo.permissions import permissions_of
from portal.demo.tokens import WEBSOCKET_SECONDS, jti_of, sign, token_for
from portal.demo.wings.node import WingsNode
from portal.demo.wings.process import Process
from portal.demo.wings.socket import serve_socket
from portal.demo.world import Server, User
from tests.demo.wire_support import PATIENCE_SECONDS

MARKER = "nothing more came"
Told = tuple[str, ...]
"""A message: its event and its arguments."""

_MARKS = itertools.count()


class Gate:
    """Accepts connections to one node and hands each to `serve_socket`, in a thread of its own."""

    def __init__(self, node: WingsNode) -> None:
        self.node = node
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self.threads: list[threading.Thread] = []
        self.connections: list[socket.socket] = []
        self._accepting = threading.Thread(target=self._accept, daemon=True)
        self._accepting.start()

    def close(self) -> None:
        self.node.sockets.drop()
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self.join([self._accepting, *self.threads])

    def join(self, threads: list[threading.Thread]) -> None:
        for thread in threads:
            thread.join(PATIENCE_SECONDS)
            assert not thread.is_alive()

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            thread = threading.Thread(target=self._serve, args=(connection,), daemon=True)
            self.threads.append(thread)
            self.connections.append(connection)
            thread.start()

    def _serve(self, connection: socket.socket) -> None:
        head = b""
        while b"\r\n\r\n" not in head:
            if not (piece := connection.recv(65536)):
                connection.close()
                return
            head += piece
        head, _, rest = head.partition(b"\r\n\r\n")
        serve_socket(self.node, _environ(head.decode()), connection, rest)


def _environ(head: str) -> dict[str, Any]:
    first, *lines = head.split("\r\n")
    method, path, _ = first.split(" ")
    headers = {f"HTTP_{name.upper().replace('-', '_')}": value.strip()
               for name, _, value in (line.partition(":") for line in lines)}
    return {"REQUEST_METHOD": method, "PATH_INFO": path, "REMOTE_ADDR": "192.0.2.99", **headers}


class Peer:
    """One websocket client."""

    def __init__(self, place: Place, server: Server, origin: str | None) -> None:
        self.place = place
        self.server = server
        self.socket = websocket.create_connection(
            place.address(server), timeout=PATIENCE_SECONDS, origin=origin, suppress_origin=origin is None)

    def send(self, event: str, *args: str) -> None:
        self.socket.send(json.dumps({"event": event, "args": list(args)}))

    def next(self) -> Told:
        """The next message; fails when none comes in time."""
        while True:
            frame = self.raw()
            told = _read(frame)
            if told[0] != MARKER:
                return told

    def raw(self) -> str:
        opcode, data = self.socket.recv_data()
        assert opcode == websocket.ABNF.OPCODE_TEXT, f"closed: {data!r}"
        return data.decode()

    def until(self, event: str) -> Told:
        while (told := self.next())[0] != event:
            pass
        return told

    def settled(self) -> list[Told]:
        """All that came as an answer to what was sent and done so far."""
        told: list[Told] = []
        self.socket.ping()
        while (frame := self.socket.recv_data_frame(control_frame=True))[0] != websocket.ABNF.OPCODE_PONG:
            told.append(_read(frame[1].data.decode()))
        mark = str(next(_MARKS))
        self.place.node.sockets.send_raw(MARKER, mark, server=self.server.uuid)
        while (one := _read(self.raw())) != (MARKER, mark):
            told.append(one)
        return [one for one in told if one[0] != MARKER]

    def closing(self) -> tuple[int, str]:
        """Code and reason of the close frame that comes next."""
        opcode, data = self.socket.recv_data(control_frame=True)
        assert opcode == websocket.ABNF.OPCODE_CLOSE
        return int.from_bytes(data[:2], "big"), data[2:].decode()


def _read(frame: str) -> Told:
    document = json.loads(frame)
    return document["event"], *document.get("args", [])


class Place:
    """The first node of a demo, its websockets and those who connect."""

    def __init__(self, demo: Demo) -> None:
        self.demo = demo
        self.node = demo.nodes[demo.world.nodes[0].uuid]
        self._gate = Gate(self.node)
        self._peers: list[Peer] = []

    def close(self) -> None:
        for peer in self._peers:
            peer.socket.shutdown()
        self._gate.close()

    def serving(self) -> int:
        """How many connections are being served."""
        return sum(thread.is_alive() for thread in self._gate.threads)

    def cut(self) -> None:
        """Shut down all connections from this side, and wait until nobody serves them."""
        for connection in self._gate.connections:
            connection.shutdown(socket.SHUT_RDWR)
        self._gate.join(self._gate.threads)

    def address(self, server: Server | str) -> str:
        uuid = server if isinstance(server, str) else server.uuid
        return f"ws://127.0.0.1:{self._gate.port}/api/servers/{uuid}/ws"

    def server(self, name: str) -> Server:
        return next(server for server in self.demo.world.servers if server.name == name)

    def process(self, name: str) -> Process:
        return self.demo.processes[self.server(name).uuid]

    def run(self, name: str) -> Process:
        """As if it had been up for a while."""
        process = self.process(name)
        process.run_since(100)
        assert process.state == "running"
        return process

    def user(self, name: str) -> User:
        return next(user for user in self.demo.world.users if user.username == name)

    def token(self, who: str, name: str = "Uno", permissions: list[str] | None = None) -> str:
        """As the panel issues it; `permissions` replaces those that the user has."""
        user, server = self.user(who), self.server(name)
        held = permissions_of(user, server) if permissions is None else permissions
        return token_for(user, server, {"server_uuid": server.uuid, "permissions": held}, issuer=self.demo.base,
                         now=self.demo.clock.now(), lifetime=WEBSOCKET_SECONDS, chance=self.demo.chance)

    def signed(self, who: str, name: str = "Uno", **claims: Any) -> str:
        """A token with these claims instead of the usual ones; None leaves a claim out."""
        user, server, now = self.user(who), self.server(name), int(self.demo.clock.now())
        every = {"jti": jti_of(user, server), "iat": now, "exp": now + WEBSOCKET_SECONDS, "server_uuid": server.uuid,
                 "user_uuid": user.uuid, "permissions": permissions_of(user, server), **claims}
        return sign({"typ": "JWT", "alg": "HS256"}, {key: one for key, one in every.items() if one is not None},
                    self.node.row)

    def open(self, name: str = "Uno", origin: str | None = "http://127.0.0.1") -> Peer:
        peer = Peer(self, self.server(name), origin)
        self._peers.append(peer)
        return peer

    def join(self, who: str = "kim", name: str = "Uno", **options: Any) -> Peer:
        """Connected and authenticated; what came so far is read."""
        peer = self.open(name)
        peer.send("auth", self.token(who, name, **options))
        assert peer.settled()[0] == ("auth success",)
        return peer

    def pass_time(self, seconds: float) -> None:
        self.demo.clock.advance(seconds)
        self.node.tick()
