"""Real sockets on loopback, the only ones of these tests: deadlines hold against peers that misbehave."""

from __future__ import annotations

import contextlib
import json
import math
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from portal.pterodactyl import Transport, errors
from tests.pterodactyl.fakes import ACCOUNT, KEY, Clock
from tests.pterodactyl.listening import PATIENCE_S, Listener

Serve = Callable[[socket.socket], None]
BODY = json.dumps(ACCOUNT).encode()
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n" % len(BODY)
ENDLESS = b"HTTP/1.1 200 OK\r\nX-Long: " + b"x" * 100
DEADLINE_S = 0.3
DRIP_DEADLINE_S = 50.0
"""On the test's clock, which goes on by a second with each byte."""
SOON_S = 20.0
"""Nothing here takes that long, not even on a busy machine; every peer is patient for longer."""


class Peer(Listener):
    """Accepts connections, reads what comes first and hands the socket to `serve`; with a context it speaks TLS."""

    def __init__(self, serve: Serve, tls: ssl.SSLContext | None = None) -> None:
        self.serve = serve
        self.tls = tls
        self.heard: list[bytes] = []
        super().__init__()

    @property
    def url(self) -> str:
        return f"{'https' if self.tls else 'http'}://{self.address}"

    def talk(self, connection: socket.socket) -> None:
        with contextlib.suppress(OSError), self._secured(connection) as secured:
            while not self.stop.is_set() and (heard := secured.recv(65536)):
                self.heard.append(heard)
                self.serve(secured)

    def _secured(self, connection: socket.socket) -> socket.socket:
        connection.settimeout(PATIENCE_S)
        return self.tls.wrap_socket(connection, server_side=True) if self.tls else connection


@pytest.fixture
def peer() -> Iterator[Callable[..., Peer]]:
    peers: list[Peer] = []

    def start(serve: Serve, tls: ssl.SSLContext | None = None) -> Peer:
        peers.append(Peer(serve, tls))
        return peers[-1]

    yield start
    for started in peers:
        started.stop.set()
    for started in peers:
        started.close()


@pytest.fixture
def clock() -> Clock:
    """Stands still, so that only what a test waits for is waited for, until a peer moves it."""
    return Clock()


@pytest.fixture
def waits(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """How long the caller's sockets may wait, each time that they are told so."""
    here, seen, tell = threading.get_ident(), list[float](), socket.socket.settimeout

    def noting(one: socket.socket, seconds: float | None) -> None:
        if threading.get_ident() == here:
            seen.append(math.inf if seconds is None else seconds)
        tell(one, seconds)

    monkeypatch.setattr(socket.socket, "settimeout", noting)
    return seen


def _drip(data: bytes, clock: Clock) -> Serve:
    """A second before each byte, and silence after the last; whoever reads hears one after the other."""

    def serve(connection: socket.socket) -> None:
        for byte in data:
            time.sleep(0.002)
            clock.now += 1.0
            connection.sendall(bytes([byte]))

    return serve


def _get(url: str, clock: Clock, **more: object) -> object:
    transport = Transport(url, clock=clock, sleep=clock.sleep)
    try:
        options = {"deadline_s": PATIENCE_S, "effect": False} | more
        return transport.call(KEY, "GET", "/api/client/account", **options)  # type: ignore[arg-type]
    finally:
        transport.close()


def _fails_in_time(url: str, fault: str, clock: Clock, **more: object) -> errors.PanelUnreachable:
    started = time.monotonic()
    with pytest.raises(errors.PanelUnreachable) as caught:
        _get(url, clock, **more)
    assert time.monotonic() - started < SOON_S
    assert caught.value.fault == fault
    return caught.value


def test_connection_is_reused(peer: Callable[..., Peer]) -> None:
    good = peer(lambda connection: connection.sendall(HEAD + BODY))
    transport = Transport(good.url)
    for _ in range(3):
        assert transport.call(KEY, "GET", "/api/client/account", deadline_s=PATIENCE_S, effect=False).json == ACCOUNT
    assert good.accepted == 1
    assert good.heard[0].startswith(b"GET /api/client/account HTTP/1.1\r\nHost: 127.0.0.1")
    transport.close()


def test_chunked_answer_is_read(peer: Callable[..., Peer], clock: Clock) -> None:
    head = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"
    chunks = b"5\r\n" + BODY[:5] + b"\r\n%x\r\n" % (len(BODY) - 5) + BODY[5:] + b"\r\n0\r\n\r\n"
    good = peer(lambda connection: connection.sendall(head + chunks))
    assert _get(good.url, clock).json == ACCOUNT  # type: ignore[attr-defined]


def test_headers_that_drip_end_at_the_deadline(peer: Callable[..., Peer], clock: Clock) -> None:
    assert _fails_in_time(peer(_drip(ENDLESS, clock)).url, "timeout", clock, deadline_s=DRIP_DEADLINE_S).happened


def test_a_body_that_drips_ends_at_the_deadline(peer: Callable[..., Peer], clock: Clock) -> None:
    def serve(connection: socket.socket) -> None:
        connection.sendall(HEAD)
        _drip(BODY[:-1], clock)(connection)

    _fails_in_time(peer(serve).url, "timeout", clock, deadline_s=DRIP_DEADLINE_S)


def test_chunks_that_drip_end_at_the_deadline(peer: Callable[..., Peer], clock: Clock) -> None:
    def serve(connection: socket.socket) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        _drip(b"1\r\n \r\n" * 50, clock)(connection)

    _fails_in_time(peer(serve).url, "timeout", clock, deadline_s=DRIP_DEADLINE_S)


def test_silence_ends_at_the_deadline(peer: Callable[..., Peer], clock: Clock, waits: list[float]) -> None:
    url = peer(lambda connection: connection.recv(1)).url
    waits.clear()
    _fails_in_time(url, "timeout", clock, deadline_s=DEADLINE_S)
    assert max(waits) == pytest.approx(DEADLINE_S)


def test_a_drip_on_a_reused_connection_ends_too(peer: Callable[..., Peer], clock: Clock) -> None:
    answers = iter([lambda connection: connection.sendall(HEAD + BODY), _drip(ENDLESS, clock)])
    sly = peer(lambda connection: next(answers)(connection))
    transport = Transport(sly.url, clock=clock)
    transport.call(KEY, "GET", "/api/client/account", deadline_s=PATIENCE_S, effect=False)
    started = time.monotonic()
    with pytest.raises(errors.PanelUnreachable):
        transport.call(KEY, "GET", "/api/client/account", deadline_s=DRIP_DEADLINE_S, effect=False)
    assert time.monotonic() - started < SOON_S
    assert sly.accepted == 1
    transport.close()


def test_a_write_cut_after_it_was_sent_is_unknown(peer: Callable[..., Peer], clock: Clock) -> None:
    cut = peer(lambda connection: connection.close())
    with pytest.raises(errors.OutcomeUnknown) as caught:
        _get(cut.url, clock, effect=True)
    assert isinstance(caught.value.cause, errors.PanelUnreachable)
    assert caught.value.cause.fault == "cut"
    assert cut.accepted == 1


@pytest.mark.parametrize("sent", [1, 20, 60, len(HEAD), len(HEAD) + 1, len(HEAD) + len(BODY) - 1])
def test_a_read_cut_anywhere_is_tried_twice(peer: Callable[..., Peer], clock: Clock, sent: int) -> None:
    def serve(connection: socket.socket) -> None:
        connection.sendall((HEAD + BODY)[:sent])
        connection.shutdown(socket.SHUT_RDWR)

    cut = peer(serve)
    with pytest.raises(errors.PanelUnreachable) as caught:
        _get(cut.url, clock)
    assert caught.value.fault == "cut"
    assert cut.accepted == 2


@pytest.mark.parametrize("effect", [False, True])
def test_nobody_listens(effect: bool, clock: Clock) -> None:
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{held.getsockname()[1]}"
        assert not _fails_in_time(url, "connect", clock, effect=effect).happened


@pytest.mark.parametrize("effect", [False, True])
def test_a_name_that_nobody_knows(effect: bool, clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    def nobody(*args: object, **more: object) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", nobody)
    assert not _fails_in_time("http://panel.invalid", "name", clock, effect=effect).happened


@pytest.mark.parametrize("effect", [False, True])
def test_no_tls_on_the_other_side(peer: Callable[..., Peer], clock: Clock, effect: bool) -> None:
    plain = peer(lambda connection: connection.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n"))
    gone = _fails_in_time(plain.url.replace("http:", "https:"), "tls", clock, effect=effect)
    assert not gone.happened


def test_a_handshake_that_hangs(peer: Callable[..., Peer], clock: Clock, waits: list[float]) -> None:
    url = peer(lambda connection: connection.recv(1)).url.replace("http:", "https:")
    waits.clear()
    assert not _fails_in_time(url, "tls", clock, deadline_s=DEADLINE_S, effect=True).happened
    assert max(waits) == pytest.approx(DEADLINE_S)


def test_endless_chunk_length_is_cut(peer: Callable[..., Peer], clock: Clock) -> None:
    def serve(connection: socket.socket) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        for _ in range(10_000):
            connection.sendall(b"1" * 65536)

    with pytest.raises(errors.PanelError):
        _get(peer(serve).url, clock, retry=False)


def test_a_huge_body_is_cut_soon(peer: Callable[..., Peer], clock: Clock) -> None:
    sent = 0

    def serve(connection: socket.socket) -> None:
        nonlocal sent
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 1073741824\r\n\r\n")
        for _ in range(16384):
            connection.sendall(b" " * 65536)
            sent += 65536

    with pytest.raises(errors.BadAnswer):
        _get(peer(serve).url, clock)
    assert sent < 32 * 1024 * 1024


def test_many_tiny_chunks_are_cut_off_the_wire(
    peer: Callable[..., Peer], clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("portal.pterodactyl.wire.RECEIVE_CAP", 100_000)

    def serve(connection: socket.socket) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        for _ in range(1000):
            connection.sendall(b"1\r\n \r\n" * 1000)

    with pytest.raises(errors.BadAnswer):
        _get(peer(serve).url, clock)


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate for 127.0.0.1 that signs itself, with its key, in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "panel")])
    now = datetime.now(UTC)
    built = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(IPv4Address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = tmp_path_factory.mktemp("tls") / "panel.pem"
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    path.write_bytes(private + built.public_bytes(Encoding.PEM))
    return path


@pytest.fixture
def tls(certificate: Path, monkeypatch: pytest.MonkeyPatch) -> ssl.SSLContext:
    """A handshake has its time, too: both sides of it work here."""
    monkeypatch.setattr("portal.pterodactyl.wire.CONNECT_S", PATIENCE_S)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    return context


def test_tls_with_a_trusted_certificate(peer: Callable[..., Peer], tls: ssl.SSLContext, certificate: Path) -> None:
    good = peer(lambda connection: connection.sendall(HEAD + BODY), tls)
    transport = Transport(good.url, verify=str(certificate))
    for _ in range(2):
        assert transport.call(KEY, "GET", "/api/client/account", deadline_s=PATIENCE_S, effect=False).json == ACCOUNT
    assert good.accepted == 1
    transport.close()


def test_tls_with_an_unknown_certificate_sends_nothing(
    peer: Callable[..., Peer], tls: ssl.SSLContext, clock: Clock
) -> None:
    strange = peer(lambda connection: connection.sendall(HEAD + BODY), tls)
    assert not _fails_in_time(strange.url, "tls", clock, effect=True).happened
    assert strange.heard == []


def test_a_drip_over_tls_ends_at_the_deadline(
    peer: Callable[..., Peer], tls: ssl.SSLContext, certificate: Path, clock: Clock
) -> None:
    sly = peer(_drip(ENDLESS, clock), tls)
    transport = Transport(sly.url, verify=str(certificate), clock=clock)
    started = time.monotonic()
    with pytest.raises(errors.OutcomeUnknown):
        transport.call(KEY, "POST", "/api/client/account", deadline_s=DRIP_DEADLINE_S, effect=True)
    assert time.monotonic() - started < SOON_S
    transport.close()


def test_authorities_that_are_not_there_are_a_setup_error() -> None:
    with pytest.raises(ValueError):
        Transport("https://127.0.0.1:1", verify="/nonexistent/bundle.pem")


def test_authorities_that_vanish_later_keep_calls_from_being_made(tmp_path: Path) -> None:
    bundle = tmp_path / "bundle.pem"
    bundle.touch()
    transport = Transport("https://127.0.0.1:1", verify=str(bundle))
    bundle.unlink()
    with pytest.raises(errors.PanelUnreachable) as caught:
        transport.call(KEY, "GET", "/api/client/account", deadline_s=DEADLINE_S, effect=True)
    assert not caught.value.happened


def test_an_address_of_a_kind_that_this_machine_has_not_is_passed_over(
    peer: Callable[..., Peer], clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A machine without IPv6 cannot even make such a socket."""
    good = peer(lambda connection: connection.sendall(HEAD + BODY))
    real = socket.getaddrinfo

    def both(*args: object, **more: object) -> list[object]:
        return [(9999, socket.SOCK_STREAM, 6, "", ("::1", 1, 0, 0)), *real(*args, **more)]  # type: ignore[arg-type]

    monkeypatch.setattr(socket, "getaddrinfo", both)
    assert _get(good.url, clock) is not None
    assert good.accepted == 1


def test_a_process_that_may_open_no_more_files_reaches_nobody(clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object, **__: object) -> socket.socket:
        raise OSError(24, "Too many open files")

    monkeypatch.setattr(socket, "socket", full)
    with pytest.raises(errors.PanelUnreachable) as caught:
        _get("http://127.0.0.1:9", clock, effect=True)
    assert (caught.value.fault, caught.value.happened) == ("connect", False)
