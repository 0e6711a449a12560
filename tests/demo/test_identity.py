"""The order of checks: the first failure wins."""
from __future__ import annotations

import pytest

from portal.demo import Demo
from tests.demo.conftest import Asker, says

GENERIC_404 = "The requested resource could not be found on the server."
TWO_FACTOR = "Two-factor authentication is required on this account in order to access this endpoint."


@pytest.mark.parametrize("key", [None, "nonsense", "ptlc_" + "A" * 43, ""])
def test_without_a_known_key(ask: Asker, key: str | None) -> None:
    answer = ask.get(key, "/api/client")
    assert says(answer) == (401, "AuthenticationException", "Unauthenticated.")
    assert "X-RateLimit-Limit" not in answer.headers


@pytest.mark.parametrize(("scheme", "status"), [
    ("Bearer {}", 200), ("bearer {}", 401), ("Bearer  {}", 401), ("Basic {}", 401), ("{}", 401),
    ("Bearer {}, more", 200), ("Basic x, Bearer {}", 200), ("Bearer {}x", 401),
])
def test_authorization_headers(ask: Asker, demo: Demo, scheme: str, status: int) -> None:
    headers = {"Authorization": scheme.format(demo.keys["kim"])}
    assert ask.get(None, "/api/client/account", headers=headers).status_code == status


def test_a_key_is_found_by_its_identifier_whatever_its_prefix(ask: Asker, demo: Demo) -> None:
    key = demo.world.api_keys[1]
    key.identifier = "0123456789abcdef"
    assert ask.get(key.plain_text, "/api/client").status_code == 200
    assert ask.get(key.plain_text[:-1] + "?", "/api/client").status_code == 401


def test_an_expired_key(ask: Asker, demo: Demo) -> None:
    demo.world.api_keys[1].expires_at = demo.clock.now() - 1
    assert ask.get("kim", "/api/client").status_code == 401


def test_using_a_key_is_noted(ask: Asker, demo: Demo) -> None:
    ask.get("kim", "/api/client")
    assert demo.world.api_keys[1].last_used_at == demo.clock.now()


def test_route_before_key(ask: Asker) -> None:
    assert says(ask.get(None, "/api/client/nothing/here/")) == (
        404, "NotFoundHttpException", "The route api/client/nothing/here could not be found.")
    assert says(ask(None, "DELETE", "/api/client")) == (
        405, "MethodNotAllowedHttpException",
        "The DELETE method is not supported for route api/client. Supported methods: GET, HEAD.")


def test_key_before_body(ask: Asker) -> None:
    broken = {"data": b"{", "headers": {"Content-Type": "application/json"}}
    path = ask.server("Uno") + "/power"
    assert ask.post(None, path, **broken).status_code == 401
    assert says(ask.post("kim", path, **broken)) == (
        400, "BadRequestHttpException",
        "The JSON data passed in the request appears to be malformed: Syntax error")


def test_body_before_two_factor_before_address(ask: Asker, demo: Demo) -> None:
    demo.set_condition("two-factor-required")
    demo.world.api_keys[1].allowed_ips = ["10.0.0.0/8"]
    broken = {"data": b"{", "headers": {"Content-Type": "application/json"}}
    assert ask.post("kim", "/api/client/account/api-keys", **broken).status_code == 400
    assert says(ask.get("kim", "/api/client")) == (400, "TwoFactorAuthRequiredException", TWO_FACTOR)
    demo.set_condition(None)
    assert ask.get("kim", "/api/client").status_code == 403


def test_address_before_limit_and_it_is_noted(ask: Asker, demo: Demo) -> None:
    demo.world.api_keys[1].allowed_ips = ["10.0.0.0/8", "192.0.2.1"]
    answer = ask.get("kim", "/api/client")
    assert says(answer) == (403, "AccessDeniedHttpException", "This IP address (127.0.0.1) does not have permission "
                            "to access the API using these credentials.")
    assert "X-RateLimit-Limit" not in answer.headers
    assert demo.world.activity_logs[-1].event == "auth:ip-blocked"
    assert ask.get("kim", "/api/client", environ_base={"REMOTE_ADDR": "10.1.2.3"}).status_code == 200


def test_identifier_before_kind_of_key(ask: Asker) -> None:
    assert says(ask.get("all", "/api/client/servers/00000000"))[2] == GENERIC_404
    answer = ask.get("all", ask.server("Uno"))
    assert says(answer)[:2] == (403, "AccessDeniedHttpException")
    assert answer.headers["X-RateLimit-Limit"] == "50"


def test_access_before_state_before_permission_before_validation(ask: Asker, demo: Demo) -> None:
    path = ask.server("Due") + "/power"
    assert says(ask.post("nobody", path))[2] == "The requested resource does not exist on this server."
    assert ask.post("kim", path).status_code == 409
    demo.world.servers[1].status = None
    demo.world.servers[1].owner = demo.world.servers[2].owner
    assert ask.post("kim", path).status_code == 404
    assert says(ask.post("lee", ask.server("Uno") + "/power")) == (
        403, "AccessDeniedHttpException", "This action is unauthorized.")
    assert ask.post("kim", ask.server("Uno") + "/power").status_code == 422


def test_short_id_and_uuid(ask: Asker, demo: Demo) -> None:
    server = demo.world.servers[0]
    for text in (server.identifier, server.uuid, server.identifier.upper()):
        assert ask.get("kim", f"/api/client/servers/{text}").status_code == 200
    for text in (server.uuid[:9], str(server.id), server.uuid.replace("-", "")):
        assert says(ask.get("kim", f"/api/client/servers/{text}"))[2] == GENERIC_404


def test_head_works_where_get_does(ask: Asker) -> None:
    answer = ask("kim", "HEAD", "/api/client")
    assert answer.status_code == 200
    assert answer.data == b""


def test_calls_are_listed(ask: Asker, demo: Demo) -> None:
    ask.get("kim", "/api/client?per_page=1")
    ask.get(None, "/api/client")
    assert [(call.method, call.path, call.query, call.key_owner, call.status) for call in demo.calls] == [
        ("GET", "/api/client", "per_page=1", "kim", 200), ("GET", "/api/client", "", None, 401)]
