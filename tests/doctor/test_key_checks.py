"""Keys: the right kind, of the right owner, with the rights that are needed, from an address that is allowed."""

from __future__ import annotations

from typing import Any

import pytest

from portal.demo import Demo
from portal.demo.builder import ALLOW_READING
from portal.doctor import panel_checks
from portal.doctor.key_checks import (
    FINDINGS,
    MAKE,
    KeyReport,
    Which,
    address_in,
    check_application_key,
    check_service_key,
    first_problem,
)
from portal.doctor.lines import Line
from portal.doctor.probe import Probe
from tests.doctor.conftest import key_of

CHECKS = {"application": check_application_key, "service": check_service_key}
USED = {"application": "application_ro", "service": "service"}


def line(finding: str, which: Which, key: str, **values: Any) -> Line:
    return FINDINGS[finding].line(f"{which} key", which=which, hint=key[:8], make=MAKE[which], **values)


def check(which: str, probe: Probe, key: str) -> KeyReport:
    return CHECKS[which](probe, key)


def test_a_good_application_key_reads_servers_and_users(demo: Demo, probe: Probe) -> None:
    report = check_application_key(probe, demo.keys["application_ro"])
    assert [one.status for one in report.lines] == ["ok"]
    assert "reads servers and users" in report.lines[0].said
    assert len(demo.calls) == 2
    assert {one.method for one in demo.calls} == {"GET"}


def test_a_good_service_key_is_told_to_be_able_to_do_everything(demo: Demo, probe: Probe) -> None:
    key_of(demo, "service").allowed_ips = ["127.0.0.1"]
    report = check_service_key(probe, demo.keys["service"])
    assert [one.status for one in report.lines] == ["ok"]
    assert f"everything with all {len(demo.world.servers)} servers" in report.lines[0].said
    assert report.seen_from == "127.0.0.1"
    assert {one.method for one in demo.calls} == {"GET"}


@pytest.mark.parametrize("which", ["application", "service"])
def test_a_key_that_the_panel_does_not_know(which: Which, demo: Demo, probe: Probe) -> None:
    key = demo.keys[USED[which]][:-1] + "_"
    report = check(which, probe, key)
    assert report.lines == (line("key_unknown", which, key),)
    assert len(demo.calls) == 1, "a refused key is not asked with again"


@pytest.mark.parametrize("which", ["application", "service"])
def test_a_key_that_is_not_allowed_from_here_names_the_address(which: Which, demo: Demo, probe: Probe) -> None:
    key_of(demo, USED[which]).allowed_ips = ["203.0.113.0/24"]
    key = demo.keys[USED[which]]
    report = check(which, probe, key)
    assert report.lines == (line("key_address", which, key, address="127.0.0.1"),)
    assert report.seen_from == "127.0.0.1"


@pytest.mark.parametrize("which", ["application", "service"])
def test_two_factors_that_the_keys_owner_lacks(which: Which, demo: Demo, probe: Probe) -> None:
    demo.set_condition("two-factor-required")
    key = demo.keys[USED[which]]
    assert check(which, probe, key).lines == (line("key_two_factor", which, key),)


@pytest.mark.parametrize("whose", ["admin", "owner"])
def test_a_client_key_is_no_application_key_even_if_it_works(whose: str, demo: Demo, probe: Probe) -> None:
    key = demo.keys[whose]
    assert check_application_key(probe, key).lines == (line("application_is_client", "application", key),)


def test_an_application_key_is_no_service_key(demo: Demo, probe: Probe) -> None:
    key = demo.keys["application"]
    assert check_service_key(probe, key).lines == (line("service_is_application", "service", key),)


def test_an_application_key_whose_owner_is_no_administrator_any_more(demo: Demo, probe: Probe) -> None:
    key_of(demo, "application_ro").user.root_admin = False
    key = demo.keys["application_ro"]
    assert check_application_key(probe, key).lines == (line("application_no_admin", "application", key),)


@pytest.mark.parametrize(
    ("lacks", "wanted"),
    [(("servers",), ["application_no_servers"]), (("users",), ["application_no_users"]),
     (("servers", "users"), ["application_no_servers", "application_no_users"])],
)  # fmt: skip
def test_rights_that_an_application_key_lacks(
    lacks: tuple[str, ...], wanted: list[str], demo: Demo, probe: Probe
) -> None:
    key_of(demo, "application_ro").grants = {name: bit for name, bit in ALLOW_READING.items() if name not in lacks}
    key = demo.keys["application_ro"]
    report = check_application_key(probe, key)
    assert report.lines == tuple(line(one, "application", key) for one in wanted)
    assert not report.works


def test_a_service_key_of_somebody_who_is_no_administrator(demo: Demo, probe: Probe) -> None:
    key = demo.keys["owner"]
    assert check_service_key(probe, key).lines == (line("service_no_admin", "service", key),)


def test_a_service_key_of_an_account_that_has_servers_of_its_own(demo: Demo, probe: Probe) -> None:
    demo.main_server.owner = key_of(demo, "service").user
    report = check_service_key(probe, demo.keys["service"])
    assert FINDINGS["service_owns"].line("service key", username="service", count=1) in report.lines
    assert report.works


def test_a_service_key_that_works_from_everywhere_is_warned_of(demo: Demo, probe: Probe) -> None:
    key = demo.keys["service"]
    report = check_service_key(probe, key)
    assert report.lines[1:] == (line("service_open", "service", key),)
    assert report.seen_from is None


@pytest.mark.parametrize("which", ["application", "service"])
def test_a_panel_that_is_down_is_not_the_keys_fault(which: Which, demo: Demo, probe: Probe) -> None:
    demo.set_condition("panel-maintenance")
    report = check(which, probe, demo.keys[USED[which]])
    assert report.lines == (panel_checks.FINDINGS["panel_maintenance"].line(f"{which} key"),)
    assert first_problem(report.lines) == report.lines[0]


@pytest.mark.parametrize("which", ["application", "service"])
def test_no_line_ever_holds_more_than_the_beginning_of_a_key(which: Which, demo: Demo, probe: Probe) -> None:
    for name in ("admin", "owner", "application", "application_ro", "service"):
        key = demo.keys[name]
        for one in check(which, probe, key).lines:
            assert key[8:] not in one.said + one.cure
            assert key[:9] not in one.said + one.cure


@pytest.mark.parametrize(
    ("detail", "address"),
    [("This IP address (203.0.113.9) does not have permission", "203.0.113.9"),
     ("This IP address (2001:db8::0001) does not have permission", "2001:db8::1"),
     ("This IP address (999.1.1.1) does not", None), ("This IP address (<script>) does not", None), ("", None)],
)  # fmt: skip
def test_the_address_that_a_refusal_names(detail: str, address: str | None) -> None:
    assert address_in(detail) == address
