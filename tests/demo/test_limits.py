from __future__ import annotations

from portal.demo import Demo, ManualClock, build
from tests.demo.conftest import Asker, says
from tests.demo.worlds import FIXTURE


def test_window_of_a_minute_from_the_first_hit(ask: Asker, demo: Demo, clock: ManualClock) -> None:
    for remaining in range(49, -1, -1):
        answer = ask.get("kim", "/api/client/account")
        assert answer.headers["X-RateLimit-Remaining"] == str(remaining)
    clock.advance(20)
    refused = ask.get("kim", "/api/client/account")
    assert says(refused) == (429, "ThrottleRequestsException", "Too Many Attempts.")
    assert {name: refused.headers[name] for name in (
        "X-RateLimit-Limit", "X-RateLimit-Remaining", "Retry-After", "X-RateLimit-Reset")} == {
        "X-RateLimit-Limit": "50", "X-RateLimit-Remaining": "0", "Retry-After": "40",
        "X-RateLimit-Reset": str(int(clock.now()) + 40)}
    clock.advance(40)
    assert ask.get("kim", "/api/client/account").headers["X-RateLimit-Remaining"] == "49"


def test_one_bucket_for_each_user_and_api(ask: Asker, demo: Demo) -> None:
    made = ask.post("kim", "/api/client/account/api-keys", {"description": "second"}).json
    second = made["attributes"]["identifier"] + made["meta"]["secret_token"]
    assert ask.get(second, "/api/client/account").headers["X-RateLimit-Remaining"] == "48"
    assert ask.get("lee", "/api/client/account").headers["X-RateLimit-Remaining"] == "49"
    assert ask.get("all", "/api/application/users").headers["X-RateLimit-Remaining"] == "19"
    assert ask.get("chief", "/api/application/users").headers["X-RateLimit-Remaining"] == "18"
    assert ask.get("chief", "/api/client/account").headers["X-RateLimit-Remaining"] == "49"


def test_refusals_after_the_limiter_count(ask: Asker) -> None:
    assert ask.get("kim", "/api/client/servers/00000000").headers["X-RateLimit-Remaining"] == "49"
    assert ask.get("kim", "/api/application/users").headers["X-RateLimit-Limit"] == "20"
    assert "X-RateLimit-Limit" not in ask.get("kim", "/api/client/nothing").headers


def test_remaining_is_counted_when_the_answer_is_ready(ask: Asker, demo: Demo, clock: ManualClock) -> None:
    demo.set_condition("node-hangs")
    ask.get("kim", "/api/client/account")
    clock.advance(50)
    answer = ask.get("kim", ask.server("Uno") + "/resources")
    assert (answer.status_code, answer.headers["X-RateLimit-Remaining"]) == (504, "50")


def test_limits_can_be_set_or_switched_off() -> None:
    three = Asker(build(fixture=FIXTURE, clock=ManualClock(), rate_limit=3))
    assert three.get("kim", "/api/client/account").headers["X-RateLimit-Limit"] == "3"
    assert three.get("all", "/api/application/users").headers["X-RateLimit-Limit"] == "20"
    off = Asker(build(fixture=FIXTURE, clock=ManualClock(), rate_limit=0))
    assert "X-RateLimit-Limit" not in off.get("kim", "/api/client/account").headers
    assert "X-RateLimit-Limit" not in off.get("all", "/api/application/users").headers
