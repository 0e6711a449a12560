"""A key of the portal's own that the panel refuses: one banner, the cause to administrators, one alert an hour."""

from __future__ import annotations

import logging
from collections.abc import Callable

import pytest
from sqlalchemy import select

from portal.credentials import refusals
from portal.credentials import service as credentials
from portal.mail.models import Mail
from portal.pterodactyl import ApiKey
from portal.pterodactyl.errors import KeyRefused
from portal.store import read
from tests.conftest import World

BANNER = "The portal has lost its access to the panel"
Break = Callable[[World], None]


def revoke(world: World) -> None:
    key = world.demo.keys["service"]
    world.demo.world.api_keys[:] = [one for one in world.demo.world.api_keys if one.identifier != key[:16]]


def restrict(world: World) -> None:
    _service_key(world).allowed_ips = ["203.0.113.9"]


def demand_two_factor(world: World) -> None:
    world.demo.set_condition("two-factor-required")


def demote(world: World) -> None:
    _service_key(world).user.root_admin = False


def _service_key(world: World):
    name = world.demo.keys["service"][:16]
    return next(one for one in world.demo.world.api_keys if one.identifier == name)


BROKEN: dict[str, tuple[Break, str]] = {
    "revoked": (revoke, "The panel does not know the key"),
    "address": (restrict, "may not be used from this machine&#39;s address"),
    "two factor": (demand_two_factor, "demands two-factor authentication"),
    "no admin": (demote, "no administrator of the panel any more"),
}


def later(world: World, seconds: float = 31) -> None:
    world.clock.advance(seconds)
    world.work()


def mailed(world: World) -> list[Mail]:
    with world.app.app_context(), read() as session:
        return list(session.scalars(select(Mail).where(Mail.kind == "alert")))


@pytest.mark.parametrize("how", BROKEN)
def test_customers_see_one_banner_and_administrators_the_cause(how: str, service_world: World) -> None:
    breaks, cause = BROKEN[how]
    breaks(service_world)
    later(service_world)
    page = service_world.browser("owner").get("/servers").text
    assert page.count(BANNER) == 1
    assert "Lobby" in page
    assert cause not in page
    told = service_world.browser("admin").get("/servers").text
    assert cause in told
    assert "The panel refuses the service key" in told


@pytest.mark.parametrize("how", BROKEN)
def test_the_key_rests_but_for_a_try_every_quarter_of_an_hour(how: str, service_world: World) -> None:
    BROKEN[how][0](service_world)
    later(service_world)
    service_world.calls()
    owner = service_world.browser("owner")
    page = f"/servers/{service_world.demo.main_server.identifier}"
    for _ in range(14):  # minutes
        later(service_world, 60)
        owner.get("/servers")
        owner.get(page)
        owner.post(f"{page}/power/start")
    assert [one for one in service_world.calls() if one.startswith(("GET /api/client", "POST /api/client"))] == []
    later(service_world, 120)
    tries = [one for one in service_world.calls() if one.startswith("GET /api/client")]
    assert 1 <= len(tries) <= 2


def test_a_refusal_is_known_to_other_processes_at_once(service_world: World) -> None:
    revoke(service_world)
    service_world.clock.advance(31)
    service_world.browser("owner").get(f"/servers/{service_world.demo.main_server.identifier}")
    with service_world.app.app_context():
        assert credentials.service() is None
        assert not isinstance(credentials.for_account(1, 2), credentials.Credential)


def test_operators_are_told_once_an_hour(
    make_world: Callable[..., World], caplog: pytest.LogCaptureFixture
) -> None:
    world = make_world("service", is_ready=True, smtp_host="127.0.0.1", mail_from="help@example.com")
    logging.getLogger("roost.alerts").propagate = True
    revoke(world)
    with caplog.at_level(logging.ERROR, logger="roost.alerts"):
        for _ in range(58):
            later(world, 60)
        assert [one.recipient for one in mailed(world)] == ["admin@example.com"]
        for _ in range(20):
            later(world, 60)
    assert len(mailed(world)) == 2
    assert len([one for one in caplog.records if one.name == "roost.alerts"]) == 2


def test_it_is_over_when_the_key_works_again(service_world: World) -> None:
    restrict(service_world)
    later(service_world)
    assert BANNER in service_world.browser("owner").get("/servers").text
    _service_key(service_world).allowed_ips = []
    later(service_world, 901)
    assert BANNER not in service_world.browser("owner").get("/servers").text
    assert "The panel refuses" not in service_world.browser("admin").get("/servers").text


def test_a_panel_that_is_down_while_the_key_is_tried_proves_nothing(service_world: World) -> None:
    restrict(service_world)
    later(service_world)
    service_world.demo.set_condition("panel-gateway")
    later(service_world, 901)
    with service_world.app.app_context():
        key = ApiKey(service_world.demo.keys["service"])
        assert refusals.current("service", key) is not None


def test_a_key_that_was_replaced_is_a_new_one(service_world: World) -> None:
    with service_world.app.app_context():
        refusals.refused("service", ApiKey("ptlc_another" + "x" * 36), KeyRefused("gone"))
        assert credentials.service() is not None


def test_two_workers_try_once(service_world: World) -> None:
    key = ApiKey(service_world.demo.keys["service"])
    with service_world.app.app_context():
        refusals.refused("service", key, KeyRefused("gone"))
        service_world.clock.advance(901)
        assert [refusals.may_try("service", key) for _ in range(3)] == [True, False, False]


def test_a_refused_application_key_is_told_and_rests_too(own_world: World) -> None:
    world = own_world
    world.demo.world.api_keys[:] = [
        one for one in world.demo.world.api_keys if one.identifier != world.demo.keys["application"][:16]
    ]
    later(world)
    assert "The panel refuses the application key" in world.browser("admin").get("/servers").text
    world.calls()
    for _ in range(10):
        later(world)
    assert not [one for one in world.calls() if "/api/application" in one]
    with world.app.app_context(), pytest.raises(KeyRefused), credentials.as_portal("operator") as api:
        api.users.view(1)
    assert [one for one in world.calls() if "/api/application" in one] != []


def test_customers_with_their_own_keys_go_on(own_world: World) -> None:
    own_world.demo.world.api_keys[:] = [
        one for one in own_world.demo.world.api_keys if one.identifier != own_world.demo.keys["application"][:16]
    ]
    later(own_world)
    page = own_world.browser("owner").get("/servers")
    assert (page.status_code, BANNER in page.text) == (200, False)


def test_the_alert_ends_when_the_worker_starts_with_another_key(own_world: World) -> None:
    gone = ApiKey("ptla_another" + "x" * 36)
    with own_world.app.app_context():
        refusals.refused("application", gone, KeyRefused("gone"))
    assert "The panel refuses the application key" in own_world.browser("admin").get("/servers").text
    with own_world.app.app_context():
        credentials.settle()
    assert "The panel refuses" not in own_world.browser("admin").get("/servers").text


def test_the_alert_ends_when_the_service_key_is_switched_off(own_world: World) -> None:
    with own_world.app.app_context():
        refusals.refused("service", ApiKey("ptlc_" + "x" * 43), KeyRefused("gone"))
        credentials.settle()
    assert "The panel refuses" not in own_world.browser("admin").get("/servers").text


def test_settling_leaves_a_refusal_of_the_key_that_is_set(service_world: World) -> None:
    key = ApiKey(service_world.demo.keys["service"])
    with service_world.app.app_context():
        refusals.refused("service", key, KeyRefused("gone"))
        credentials.settle()
        assert refusals.current("service", key) is not None


def test_a_call_that_was_on_its_way_when_the_key_was_refused_proves_nothing(service_world: World) -> None:
    key = ApiKey(service_world.demo.keys["service"])
    with service_world.app.app_context():
        begun_at = service_world.clock.now()
        service_world.clock.advance(1)
        refusals.refused("service", key, KeyRefused("gone"))
        refusals.works("service", key, begun_at)
        assert refusals.current("service", key) is not None
        refusals.works("service", ApiKey("ptlc_" + "x" * 43), service_world.clock.now())
        assert refusals.current("service", key) is not None
        refusals.works("service", key, service_world.clock.now())
        assert refusals.current("service", key) is None
