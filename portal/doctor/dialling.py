"""A node's socket, tried step by step by hand: its name, its port, its certificate, and the handshake of its console.

The other side may be anybody: at most a few kilobytes are read, nothing lasts longer than the deadline, and neither a
token nor a key is ever sent there.
"""

from __future__ import annotations

import base64
import re
import secrets
import socket
import ssl
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import quote, urlsplit

from portal import clock, faultpoint
from portal.doctor.lines import Finding, Line, ok

DEADLINE_S: Final = 5.0
ANSWER_CAP: Final = 4096
SOON_DAYS: Final = 14
LOOK_S: Final = 3.0

FINDINGS: Final = {
    "node_address": Finding(
        "fail", "The panel gives an address for the node's consoles that is none.",
        "Correct the node's FQDN and its daemon port in the panel (Admin > Nodes).",
    ),
    "node_name": Finding(
        "fail", "The name {host} of the node cannot be resolved from here.",
        "Correct the node's FQDN in the panel, or the name's DNS record.",
    ),
    "node_port": Finding(
        "fail", "Port {port} of the node ({host}) cannot be reached from here: {reason}.",
        "Look whether Wings runs there (`systemctl status wings`), and open the port for this machine in its firewall.",
    ),
    "node_tls_expired": Finding(
        "fail", "The certificate of the node ({host}) has expired.",
        "Renew it on the node (`certbot renew`) and restart Wings.",
    ),
    "node_tls_name": Finding(
        "fail", "The certificate of the node is not for the name {host}.",
        "Make a certificate for exactly that name on the node, or correct the node's FQDN in the panel.",
    ),
    "node_tls_untrusted": Finding(
        "fail", "The certificate of the node ({host}) is self-signed or of an authority that nobody here trusts.",
        "Use a certificate of a public authority on the node, with the whole chain (fullchain.pem).",
    ),
    "node_tls": Finding(
        "fail", "No secure connection can be made with the node ({host}, port {port}).",
        "Look at ssl in Wings' config.yml, and whether the scheme of the node in the panel is the same.",
    ),
    "node_tls_soon": Finding(
        "warn", "The certificate of the node ({host}) is over in {days} days.",
        "Renew it on the node (`certbot renew`), and look why that did not happen by itself.",
    ),
    "node_origin": Finding(
        "fail", "The node ({host}) refuses the console's Origin {origin} (403).",
        "Set console_origin to exactly what `remote` in Wings' config.yml says, "
        "or `remote` to {origin} and restart Wings.",
    ),
    "node_unknown": Finding(
        "fail", "The node ({host}) does not know a server that the panel has there (404).",
        "Look whether the name leads to the right machine, and whether Wings was set up with this panel's token.",
    ),
    "node_odd": Finding(
        "fail", "The node ({host}) answers the console's handshake with {answer} instead of 101.",
        "Look at the proxy in front of Wings: it must pass the Upgrade header on; then into Wings' log.",
    ),
    "node_silent": Finding(
        "fail", "The node ({host}) takes the connection but does not answer the console's handshake in time.",
        "Look into Wings' log on the node (`journalctl -u wings`), and restart Wings.",
    ),
}  # fmt: skip
_EXPIRED: Final = 10
_NAMES: Final = (62, 63, 64)
_STATUS = re.compile(rb"HTTP/1\.[01] ([1-5]\d\d)(?: |\r|\n|$)")

resolve: Callable[..., list[Any]] = socket.getaddrinfo
"""How names become addresses; tests put something else here."""


class _Deadline:
    """The time that all steps have together, in seconds."""

    def __init__(self, seconds: float) -> None:
        self._ends_at = clock.monotonic() + seconds

    def left(self) -> float:
        """What is left; raises TimeoutError when there is nothing."""
        seconds = self._ends_at - clock.monotonic()
        if seconds <= 0:
            raise TimeoutError
        return seconds


class _Stop(Exception):
    """A step failed; holds the line."""

    def __init__(self, line: Line) -> None:
        super().__init__(line.said)
        self.line = line


@dataclass(frozen=True)
class _Target:
    """Whom to call: the line's name, the socket's address in its parts, the panel's address."""

    name: str
    host: str
    port: int
    path: str
    origin: str

    def stop(self, finding: str, **more: object) -> _Stop:
        """The end of the steps."""
        line = FINDINGS[finding].line(self.name, host=self.host, port=self.port, origin=self.origin, **more)
        return _Stop(line)


def try_socket(
    name: str, address: str, origin: str, *, tls: ssl.SSLContext | None = None, deadline_s: float = DEADLINE_S
) -> list[Line]:
    """Lines about a node: the first step that failed, or that all went well, and a certificate that is over soon.

    `address` is the socket's (`wss://node:8080/api/servers/<uuid>/ws`), `origin` what consoles send. Source: Wings
    1.11 compares the Origin as a text with its `remote`, and answers 404 for a server that it does not have.
    """
    try:
        parts = urlsplit(address)
        is_secure = parts.scheme == "wss"
        port = parts.port or (443 if is_secure else 80)
    except ValueError:  # brackets that do not match, or a port that no socket has
        return [FINDINGS["node_address"].line(name)]
    path = quote(parts.path or "/", safe="/-._~", errors="replace")
    target = _Target(name, parts.hostname or "", port, path, origin)
    deadline = _Deadline(deadline_s)
    lines: list[Line] = []
    try:
        sock = _connect(target, deadline)
        with closing(sock):
            if is_secure:
                sock = _secure(target, sock, deadline, tls or ssl.create_default_context())
                lines += _soon(target, sock)
            with closing(sock):
                lines.append(_shake_hands(target, sock, deadline))
    except _Stop as stop:
        lines.append(stop.line)
    return lines


def speaks_plain(host: str, port: int, *, deadline_s: float = LOOK_S) -> bool:
    """Whether a port answers a TLS handshake with something that is no TLS, as a plain http server does.

    False also when nothing answers, or the handshake fails in any other way. Nothing but the handshake is sent.
    """
    deadline = _Deadline(deadline_s)
    try:
        sock = _connect(_Target("", host, port, "", ""), deadline)
        with closing(sock):
            sock.settimeout(deadline.left())
            with closing(ssl.create_default_context().wrap_socket(sock, server_hostname=host)):
                return False
    except ssl.SSLError as error:
        return error.reason == "WRONG_VERSION_NUMBER"  # what OpenSSL calls a first byte that is of no TLS record
    except (_Stop, OSError, ValueError):
        return False


def _connect(target: _Target, deadline: _Deadline) -> socket.socket:
    """The first of the host's addresses that takes a connection; all of them share the time."""
    try:
        found = resolve(target.host, target.port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise target.stop("node_name") from None
    reason = "it has no address"
    for index, (family, kind, protocol, _, address) in enumerate(found):
        sock = None
        try:
            sock = socket.socket(family, kind, protocol)  # this machine may have no IPv6, or no more files to open
            sock.settimeout(deadline.left() / (len(found) - index))
            with faultpoint.around("socket of a node"):
                sock.connect(address)
        except OSError as error:
            if sock is not None:
                sock.close()
            reason = "no answer in time" if isinstance(error, TimeoutError) else error.strerror or "no connection"
        else:
            return sock
    raise target.stop("node_port", reason=reason.lower())


def _secure(target: _Target, sock: socket.socket, deadline: _Deadline, tls: ssl.SSLContext) -> socket.socket:
    try:
        sock.settimeout(deadline.left())
        return tls.wrap_socket(sock, server_hostname=target.host)
    except ssl.SSLCertVerificationError as error:
        if error.verify_code == _EXPIRED:
            raise target.stop("node_tls_expired") from None
        raise target.stop("node_tls_name" if error.verify_code in _NAMES else "node_tls_untrusted") from None
    except (OSError, ValueError):  # ValueError: a name that no certificate could hold
        raise target.stop("node_tls") from None


def _soon(target: _Target, sock: socket.socket) -> list[Line]:
    """A line when the certificate is over in less than two weeks."""
    certificate = sock.getpeercert() if isinstance(sock, ssl.SSLSocket) else None
    until = str((certificate or {}).get("notAfter", ""))
    days = int((ssl.cert_time_to_seconds(until) - clock.now()) // 86_400) if until else SOON_DAYS
    return [FINDINGS["node_tls_soon"].line(target.name, host=target.host, days=days)] if days < SOON_DAYS else []


def _shake_hands(target: _Target, sock: socket.socket, deadline: _Deadline) -> Line:
    """Ask for the console's websocket, without any token; the connection ends with the answer's first line."""
    host = f"[{target.host}]" if ":" in target.host else target.host
    key = base64.b64encode(secrets.token_bytes(16)).decode("ascii")
    request = (
        f"GET {target.path} HTTP/1.1\r\nHost: {host}:{target.port}\r\nUser-Agent: Roost\r\nOrigin: {target.origin}\r\n"
        f"Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {key}\r\n\r\n"
    )
    try:
        sock.settimeout(deadline.left())
        sock.sendall(request.encode("utf-8"))
        begin = _first_bytes(sock, deadline)
    except TimeoutError:
        raise target.stop("node_silent") from None
    except OSError:
        raise target.stop("node_odd", answer="a cut connection") from None
    found = _STATUS.match(begin)
    status = int(found[1]) if found else None
    if status == 101:
        said = f"The node answers at {target.host}, port {target.port}, and takes the console's handshake."
        return ok(target.name, said)
    if status == 403:
        raise target.stop("node_origin")
    if status == 404:
        raise target.stop("node_unknown")
    answer = f"status {status}" if status else "something that is not HTTP" if begin else "a cut connection"
    raise target.stop("node_odd", answer=answer)


def _first_bytes(sock: socket.socket, deadline: _Deadline) -> bytes:
    """The answer up to the end of its first line, or as much as we take of one that has none."""
    begin = b""
    while b"\n" not in begin and len(begin) < ANSWER_CAP:
        sock.settimeout(deadline.left())
        piece = sock.recv(ANSWER_CAP - len(begin))
        if not piece:
            break
        begin += piece
    return begin
