from __future__ import annotations

from portal.demo import Demo, ManualClock
from tests.demo.conftest import Asker, says
from tests.demo.stub_node import StubNode, server_called

BODY = {"url": "https://example.org/x"}


def test_ten_pulls_in_five_minutes_whatever_came_of_them(ask: Asker, demo: Demo, clock: ManualClock) -> None:
    StubNode(demo, server_called(demo, "Uno"))
    path = ask.server("Uno") + "/files/pull"
    statuses = [ask.post("kim", path, BODY if number % 2 else {}).status_code for number in range(10)]
    assert statuses == [422, 204] * 5
    refused = ask.post("kim", path, BODY)
    assert says(refused) == (429, "ThrottleRequestsException", "Too Many Attempts.")
    assert {name: refused.headers[name] for name in (
        "X-RateLimit-Limit", "X-RateLimit-Remaining", "Retry-After", "X-RateLimit-Reset")} == {
        "X-RateLimit-Limit": "10", "X-RateLimit-Remaining": "0", "Retry-After": "300",
        "X-RateLimit-Reset": str(int(clock.now()) + 300)}
    assert ask.post("lee", path, BODY).status_code == 403
    assert ask.get("kim", "/api/client/account").headers["X-RateLimit-Remaining"] == "38"
    clock.advance(300)
    assert ask.post("kim", path, BODY).headers["X-RateLimit-Remaining"] == "9"


def test_the_tighter_limit_is_told(ask: Asker, demo: Demo) -> None:
    StubNode(demo, server_called(demo, "Uno"))
    path = ask.server("Uno") + "/files/pull"
    first = ask.post("kim", path, {})
    assert (first.headers["X-RateLimit-Limit"], first.headers["X-RateLimit-Remaining"]) == ("10", "9")
    demo.set_condition("rate-limited")
    second = ask.post("kim", path, {})
    assert (second.headers["X-RateLimit-Limit"], second.headers["X-RateLimit-Remaining"]) == ("5", "3")


def test_what_the_limit_of_all_requests_refuses_is_no_pull(ask: Asker, demo: Demo) -> None:
    demo.limiter.per_minute["client"] = 1
    path = ask.server("Uno") + "/files/pull"
    ask.get("kim", "/api/client/account")
    assert ask.post("kim", path, {}).headers["X-RateLimit-Limit"] == "1"
    demo.limiter.per_minute["client"] = 50
    assert ask.post("kim", path, {}).headers["X-RateLimit-Remaining"] == "9"
