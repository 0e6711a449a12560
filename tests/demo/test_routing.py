"""Paths and methods: what a real panel's routes would say."""
from __future__ import annotations

import pytest

from portal.demo import Demo
from tests.demo.conftest import Asker, says

CLIENT, APPLICATION = "/api/client", "/api/application"


@pytest.mark.parametrize(("method", "path", "allowed"), [
    ("POST", CLIENT, "GET, HEAD"), ("DELETE", f"{CLIENT}/permissions", "GET, HEAD"),
    ("PUT", f"{CLIENT}/account", "GET, HEAD"), ("PUT", f"{CLIENT}/account/api-keys", "GET, HEAD, POST"),
    ("GET", f"{CLIENT}/account/api-keys/x", "DELETE"), ("HEAD", f"{CLIENT}/servers/x/power", "POST"),
    ("DELETE", f"{CLIENT}/servers/x/command", "POST"), ("PATCH", f"{CLIENT}/servers/x", "GET, HEAD"),
    ("POST", f"{CLIENT}/servers/x/websocket", "GET, HEAD"), ("POST", f"{CLIENT}/servers/x/activity/", "GET, HEAD"),
    ("PUT", f"{APPLICATION}/users", "GET, HEAD, POST"), ("POST", f"{APPLICATION}/users/2", "GET, HEAD, PATCH, DELETE"),
    ("POST", f"{APPLICATION}/users/external/x", "GET, HEAD"), ("DELETE", f"{APPLICATION}/servers", "GET, HEAD, POST"),
    ("PATCH", f"{APPLICATION}/servers/1", "GET, HEAD, DELETE"),
    ("POST", f"{APPLICATION}/servers/external/x", "GET, HEAD, DELETE"),
    ("GET", f"{APPLICATION}/servers/1/suspend", "POST, DELETE"),
    ("PUT", f"{APPLICATION}/servers/1/unsuspend", "POST, DELETE"),
    ("GET", f"{APPLICATION}/servers/1/details", "PATCH, DELETE"),
    ("PUT", f"{APPLICATION}/servers/1/build", "PATCH, DELETE"),
    ("PATCH", f"{APPLICATION}/servers/1/databases", "GET, HEAD, POST, DELETE"),
    ("PATCH", f"{APPLICATION}/servers/1/databases/1", "GET, HEAD, DELETE"),
    ("GET", f"{APPLICATION}/servers/1/databases/1/reset-password", "POST"),
    ("POST", f"{APPLICATION}/nodes/deployable", "GET, HEAD, PATCH, DELETE"),
    ("PUT", f"{APPLICATION}/nodes/1", "GET, HEAD, PATCH, DELETE"),
    ("POST", f"{APPLICATION}/nodes/1/configuration", "GET, HEAD"),
    ("DELETE", f"{APPLICATION}/nodes/1/allocations", "GET, HEAD, POST"),
    ("GET", f"{APPLICATION}/nodes/1/allocations/1", "DELETE"),
    ("PUT", f"{APPLICATION}/locations/1", "GET, HEAD, PATCH, DELETE"),
    ("DELETE", f"{APPLICATION}/nests/1/eggs/1", "GET, HEAD"),
])
def test_wrong_methods(ask: Asker, method: str, path: str, allowed: str) -> None:
    answer = ask(None, method, path)
    assert (answer.status_code, answer.headers["Allow"]) == (405, allowed)
    assert "X-RateLimit-Limit" not in answer.headers
    if method != "HEAD":
        assert says(answer)[1:] == ("MethodNotAllowedHttpException",
            f"The {method} method is not supported for route {path.strip('/')}. Supported methods: {allowed}.")


@pytest.mark.parametrize(("path", "shown"), [
    ("/api/client/nothing/", "api/client/nothing"), ("//api/client", "api/client"),
    ("/api//client", "api//client"), ("/api/client/servers", "api/client/servers"),
    ("/api/client/servers/x/powers", "api/client/servers/x/powers"), ("/api/application", "api/application"),
    ("/api/Client", "api/Client"), ("/api/client/a%20b", "api/client/a%20b"),
])
def test_unknown_paths(ask: Asker, path: str, shown: str) -> None:
    answer = ask.get("kim", "/", environ_overrides={"RAW_URI": path})
    assert says(answer) == (404, "NotFoundHttpException", f"The route {shown} could not be found.")


def test_slashes_at_the_end_do_not_count(ask: Asker) -> None:
    assert ask.get("kim", "/", environ_overrides={"RAW_URI": "/api/client/account//"}).status_code == 200


def test_options_need_no_key(ask: Asker, demo: Demo) -> None:
    answer = ask(None, "OPTIONS", f"{APPLICATION}/users")
    assert (answer.status_code, answer.data, answer.headers["Allow"]) == (200, b"", "GET,HEAD,POST")
    assert answer.content_type == "text/html; charset=UTF-8"
    assert ask(None, "OPTIONS", f"{CLIENT}/nothing").status_code == 404
    demo.set_condition("panel-maintenance")
    assert ask(None, "OPTIONS", CLIENT).status_code == 503
    preflight = {"Origin": "https://example.org", "Access-Control-Request-Method": "GET"}
    assert ask(None, "OPTIONS", CLIENT, headers=preflight).status_code == 204


@pytest.mark.parametrize(("text", "is_found"), [
    ("1", True), ("1abc", True), ("%201", True), ("1.0", True), ("1e0", True), ("01", True),
    ("1.5", False), ("abc", False), ("-1", False), ("0x1", False), ("external", False),
])
def test_ids_as_the_database_reads_them(ask: Asker, text: str, is_found: bool) -> None:
    assert ask.get("all", f"{APPLICATION}/servers/{text}").status_code == (200 if is_found else 404)


def test_texts_as_the_database_compares_them(ask: Asker, demo: Demo) -> None:
    server = demo.world.servers[0]
    for text in (server.identifier.upper(), server.uuid.upper(), f"{server.uuid}%20"):
        assert ask.get("kim", f"{CLIENT}/servers/{text}").status_code == 200
    for text in (str(server.id), f"{server.identifier}%20", server.uuid[:-1], server.uuid.replace("-", "")):
        assert says(ask.get("kim", f"{CLIENT}/servers/{text}"))[2] == (
            "The requested resource could not be found on the server.")
    assert ask.get("all", f"{APPLICATION}/servers/external/oRDER-1").json["attributes"]["id"] == server.id
    key = demo.keys["kim"]
    assert ask.get(key[:16].upper() + key[16:], f"{CLIENT}/account").status_code == 200
    assert ask.get(key[:16] + key[16:].swapcase(), f"{CLIENT}/account").status_code == 401
    assert ask("kim", "DELETE", f"{CLIENT}/account/api-keys/{key[:16].upper()}").status_code == 204
