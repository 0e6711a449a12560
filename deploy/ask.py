"""Asks this machine's own portal for a page until it answers 200: `ask.py [--wait S] [--host NAME] ADDRESS`.

ADDRESS is https://127.0.0.1/login (any certificate will do: it is this machine) or unix:/run/roost/web.sock:/readyz.
Status 0 when it answered, else 1 and one sentence. Standard library only: it must work when nothing else does.
"""

from __future__ import annotations

import argparse
import http.client
import socket
import ssl
import sys
import time
from urllib.parse import urlsplit


class UnixConnection(http.client.HTTPConnection):
    """HTTP over the socket that nginx uses."""

    def __init__(self, path: str) -> None:
        super().__init__("localhost", timeout=10)
        self.path = path

    def connect(self) -> None:
        """Connect to the socket."""
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self.path)


class TlsConnection(http.client.HTTPSConnection):
    """HTTPS to this machine, under the name that it has for others."""

    def __init__(self, address: str, port: int, name: str) -> None:
        context = ssl.create_default_context()
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        super().__init__(address, port, timeout=10, context=context)
        self.context, self.name = context, name

    def connect(self) -> None:
        """Connect and name the host."""
        plain = socket.create_connection((self.host, self.port), self.timeout)
        self.sock = self.context.wrap_socket(plain, server_hostname=self.name)


def ask(address: str, host: str) -> tuple[int, str]:
    """Status and beginning of the answer. Raises OSError or HTTPException."""
    connection: http.client.HTTPConnection
    if address.startswith("unix:"):
        place, _, path = address.removeprefix("unix:").rpartition(":")
        connection = UnixConnection(place)
    else:
        parts = urlsplit(address)
        path = parts.path or "/"
        connection = TlsConnection(parts.hostname or "", parts.port or 443, host)
    try:
        connection.request("GET", path, headers={"Host": host})
        answer = connection.getresponse()
        return answer.status, answer.read(2000).decode("utf-8", "replace")
    finally:
        connection.close()


def main() -> int:
    parser = argparse.ArgumentParser(description="Does this machine's portal answer?")
    parser.add_argument("--wait", type=float, default=0, help="go on asking for so many seconds")
    parser.add_argument("--host", default="localhost", help="name of the portal")
    parser.add_argument("address")
    options = parser.parse_args()
    deadline = time.monotonic() + options.wait
    while True:
        try:
            status, text = ask(options.address, options.host)
            if status == 200:
                return 0
            said = f"It answered {status}: {' '.join(text.split())[:200]}"
        except (OSError, http.client.HTTPException) as wrong:
            said = f"There was no answer ({wrong})."
        if time.monotonic() >= deadline:
            sys.stderr.write(f"{said}\n")
            return 1
        time.sleep(0.2)


if __name__ == "__main__":
    sys.exit(main())
