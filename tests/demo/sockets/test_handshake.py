"""Who gets a websocket at all."""
from __future__ import annotations

import http.client
import json
import socket

import pytest
import websocket

from tests.demo.sockets.peers import Place
from tests.demo.wire_support import PATIENCE_SECONDS

UPGRADE = {"Connection": "keep-alive, Upgrade", "Upgrade": "websocket", "Sec-WebSocket-Version": "13",
           "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==", "Origin": "http://127.0.0.1"}


def asked(place: Place, uuid: str, headers: dict[str, str]) -> tuple[int, str, bytes]:
    """Status, content type and body; each answer has an id and says which page may read it."""
    host = place.address(uuid).split("/")[2]
    connection = http.client.HTTPConnection(host, timeout=PATIENCE_SECONDS)
    connection.request("GET", f"/api/servers/{uuid}/ws", headers=headers)
    answer = connection.getresponse()
    result = answer.status, answer.headers["Content-Type"], answer.read()
    connection.close()
    assert answer.headers["X-Request-Id"]
    assert answer.headers["Access-Control-Allow-Origin"] == place.demo.base
    return result


@pytest.mark.parametrize("origin", [
    None, "", "http://127.0.0.1/", "https://127.0.0.1", "http://127.0.0.1:80", "http://LOCALHOST", "*",
])
def test_an_origin_that_is_not_exactly_the_panels_is_forbidden(place: Place, origin: str | None) -> None:
    with pytest.raises(websocket.WebSocketBadStatusException) as refused:
        place.open(origin=origin)
    assert refused.value.status_code == 403


def test_a_refused_origin_reads_a_line_and_then_an_error_as_text(place: Place) -> None:
    status, kind, body = asked(place, place.server("Uno").uuid, {**UPGRADE, "Origin": "http://evil.example.org"})
    first, _, rest = body.partition(b"\n")
    assert (status, kind, first) == (403, "text/plain; charset=utf-8", b"Forbidden")
    assert json.loads(rest)["error"] == "An unexpected error was encountered while processing this request"


@pytest.mark.parametrize(("allowed", "origin"), [
    ("https://shop.example.org", "https://shop.example.org"), ("*", "http://anything"), ("*", None),
])
def test_origins_of_the_nodes_configuration_are_accepted(place: Place, allowed: str, origin: str | None) -> None:
    place.node.config.allowed_origins.append(allowed)
    assert place.open(origin=origin).settled() == []


def test_the_panels_address_is_the_live_one(place: Place) -> None:
    place.demo.base = "https://panel.example.org/"
    assert place.open(origin="https://panel.example.org").settled() == []


def test_wrong_origin_switch(place: Place) -> None:
    place.node.socket_faults.refuse_origin = True
    with pytest.raises(websocket.WebSocketBadStatusException) as refused:
        place.open()
    assert refused.value.status_code == 403


def test_an_unknown_uuid_is_not_found(place: Place) -> None:
    uuid = place.server("Uno").uuid
    for unknown in (uuid[:8], uuid[:-1] + "x"):
        status, kind, body = asked(place, unknown, UPGRADE)
        assert (status, kind) == (404, "application/json; charset=utf-8")
        assert json.loads(body) == {"error": "The requested resource does not exist on this instance."}


@pytest.mark.parametrize("missing", ["Connection", "Upgrade", "Sec-WebSocket-Version", "Sec-WebSocket-Key"])
def test_what_is_no_websocket_is_a_bad_request(place: Place, missing: str) -> None:
    headers = {name: value for name, value in UPGRADE.items() if name != missing}
    status, _, body = asked(place, place.server("Uno").uuid, headers)
    assert (status, body.partition(b"\n")[0]) == (400, b"Bad Request")


def test_bytes_that_came_with_the_head_are_the_first_message(place: Place) -> None:
    uuid = place.server("Uno").uuid
    host, port = place.address(uuid).split("/")[2].split(":")
    head = "\r\n".join([f"GET /api/servers/{uuid}/ws HTTP/1.1", f"Host: {host}:{port}",
                        *(f"{name}: {value}" for name, value in UPGRADE.items())])
    frame = websocket.ABNF.create_frame('{"event":"send logs"}', websocket.ABNF.OPCODE_TEXT).format()
    with socket.create_connection((host, int(port)), timeout=PATIENCE_SECONDS) as connection:
        connection.sendall(head.encode() + b"\r\n\r\n" + frame)
        received = b""
        while b"no jwt present" not in received:
            received += connection.recv(65536)
    assert b"Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=" in received
