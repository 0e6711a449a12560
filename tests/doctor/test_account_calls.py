"""What the library asks of an account for the doctor, and how the demo answers it."""

from __future__ import annotations

import pytest

from portal.demo import Demo
from portal.doctor.probe import Probe
from portal.pterodactyl.errors import KeyRefused
from tests.doctor.conftest import key_of


def test_the_activity_of_an_account_is_what_happened_to_it_newest_first(demo: Demo, probe: Probe) -> None:
    user, other = key_of(demo, "service").user, key_of(demo, "owner").user
    writer = demo.panel.services.activity
    writer.log("auth:success", user, (user,), ip="198.51.100.1", is_api=False)
    writer.log("auth:success", other, (other,), ip="198.51.100.2", is_api=False)
    demo.clock.advance(5)
    writer.log("user:api-key.create", user, (user,), ip="198.51.100.3", properties={"identifier": "ptlc_x"})
    page = probe.client(demo.keys["service"]).activity.of_account()
    assert [(one.event, one.ip, one.is_api) for one in page.items] == [
        ("user:api-key.create", "198.51.100.3", True), ("auth:success", "198.51.100.1", False),
    ]  # fmt: skip
    assert (page.total, page.current_page) == (2, 1)


def test_it_comes_in_pages(demo: Demo, probe: Probe) -> None:
    user = key_of(demo, "service").user
    for number in range(5):
        demo.panel.services.activity.log(f"event:{number}", user, (user,), ip="198.51.100.1")
        demo.clock.advance(1)
    page = probe.client(demo.keys["service"]).activity.of_account(page=2, per_page=2)
    assert [one.event for one in page.items] == ["event:2", "event:1"]
    assert page.total_pages == 3


def test_what_somebody_else_did_to_an_account_shows_no_address_to_its_owner(demo: Demo, probe: Probe) -> None:
    owner, admin = key_of(demo, "owner").user, key_of(demo, "admin").user
    demo.panel.services.activity.log("user:account.email-changed", admin, (owner,), ip="198.51.100.1")
    newest = probe.client(demo.keys["owner"]).activity.of_account().items[0]
    assert (newest.event, newest.ip) == ("user:account.email-changed", None)


def test_the_activity_demands_two_factors_where_the_panel_does(demo: Demo, probe: Probe) -> None:
    demo.set_condition("two-factor-required")
    with pytest.raises(KeyRefused) as caught:
        probe.client(demo.keys["service"]).activity.of_account()
    assert caught.value.cause == "two_factor"


@pytest.mark.parametrize("allowed", [[], ["203.0.113.1"], ["10.0.0.0/8", "::1"]])
def test_from_where_a_key_may_be_used(allowed: list[str], demo: Demo, probe: Probe) -> None:
    other = demo.keys["owner"]
    key_of(demo, "service").allowed_ips = allowed
    key_of(demo, "owner").allowed_ips = ["127.0.0.1"]
    mine = probe.client(other).api_keys.find(other[:16])
    assert mine is not None
    assert mine.allowed_ips == ("127.0.0.1",)
    assert probe.client(other).api_keys.find(demo.keys["service"][:16]) is None
    key_of(demo, "service").allowed_ips = [*allowed, "127.0.0.1"] if allowed else []
    key = demo.keys["service"]
    found = probe.client(key).api_keys.find(key[:16])
    assert found is not None
    assert found.allowed_ips == tuple(key_of(demo, "service").allowed_ips)
