"""The demo panel behind TLS, in a process of its own, that counts who connects.

The demo's own server speaks TLS here, so that neither nginx nor root is needed: HTTP/1.1 with kept connections, TLS 1.3
with session tickets, as a panel behind nginx has it.
"""

from __future__ import annotations

import ssl
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from bench.consoles.child import answer
from portal.demo import build
from portal.demo.serving import LOOPBACK, Application, Server


class SecureServer(Server):
    """A server whose connections are encrypted; `accepted` is how many there have been."""

    def __init__(self, application: Application, certificate: Path, key: Path) -> None:
        self.tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.tls.load_cert_chain(certificate, key)
        self.accepted = 0
        super().__init__(0, application)

    @property
    def address(self) -> str:
        """Where it is, as a client has to write it."""
        return f"https://{LOOPBACK}:{self.server_address[1]}"

    def process_request(self, request: Any, client_address: Any) -> None:
        """The handshake is the business of the connection's own thread: its first read brings it about."""
        self.accepted += 1
        secured = self.tls.wrap_socket(request, server_side=True, do_handshake_on_connect=False)
        super().process_request(secured, client_address)


class Panel:
    """What the bench may ask of the panel's process."""

    def __init__(self, certificate: Path, key: Path) -> None:
        self.demo = build(rate_limit=0)
        self.server = SecureServer(self.demo.wsgi, certificate, key)
        self.demo.base = self.server.address
        self.server.start()

    def world(self) -> dict[str, Any]:
        """Where it is, a customer's key, the application key, and servers of both."""
        owner = next(one for one in self.demo.world.users if one.username == "owner")
        own = [one for one in self.demo.world.servers if one.owner is owner]
        return {
            "base": self.demo.base, "own": len(own), "all": len(self.demo.world.servers),
            "client": self.demo.keys["owner"], "application": self.demo.keys["application"],
            "identifier": own[0].identifier, "id": own[0].id,
        }  # fmt: skip

    def wait(self, seconds: float) -> None:
        """From now on each answer takes that much longer."""
        self.demo.latency = seconds

    def accepted(self) -> int:
        """TCP connections so far."""
        return self.server.accepted


def main(pipe: Connection, certificate: Path, key: Path) -> None:
    """The panel's process, until nobody asks any more."""
    panel = Panel(certificate, key)
    while answer(pipe, panel):
        pass
    panel.server.stop()
    panel.demo.clock.close()
