"""The panel as the doctor tells it: how fast, our clock beside its own, calls left, where it sees us."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from email.utils import formatdate
from typing import Any

import pytest

from portal import clock as portal_clock
from portal.config import Settings
from portal.demo import Demo
from portal.doctor import key_checks, panel_checks, panel_lines
from portal.doctor.lines import Line, ok
from portal.doctor.panel_lines import (
    FINDINGS,
    PanelReport,
    check_address_of_panel,
    check_address_of_portal,
    check_panel,
    versions,
)
from portal.doctor.probe import Probe
from tests.conftest import PortalSide, TestClock
from tests.doctor.conftest import URL, key_of, only, with_headers
from tests.support.wsgi_adapter import WsgiAdapter

HERE = "192.0.2.77"
Check = Callable[..., PanelReport]


@pytest.fixture(autouse=True)
def _own_address(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(panel_lines, "outgoing_address", lambda _url: HERE)


@pytest.fixture
def demo() -> Iterator[Demo]:
    """The demo, and the portal's clock beside it."""
    from portal.demo import build

    clock = TestClock()
    before = portal_clock.use(PortalSide(clock))
    yield build(clock=clock)
    portal_clock.use(before)


@pytest.fixture
def check(demo: Demo) -> Check:
    """The doctor's look at the panel, with settings and further headers."""

    def run(mode: str = "service", headers: dict[str, str] | None = None, **more: Any) -> PanelReport:
        values: dict[str, Any] = {
            "panel_url": URL, "application_key": demo.keys["application_ro"], "use_service_key": mode == "service",
            "service_key": demo.keys["service"] if mode == "service" else None,
        }  # fmt: skip
        headers = {"Date": formatdate(demo.clock.now(), usegmt=True)} if headers is None else headers
        adapter = WsgiAdapter(with_headers(demo.wsgi, **headers))
        return check_panel(Settings(**(values | more)), Probe(URL, adapter=adapter))

    return run


def test_a_panel_that_is_well_takes_few_calls(demo: Demo, check: Check) -> None:
    report = check()
    assert {one.name for one in report.lines if one.status == "fail"} == set()
    assert only(report.lines, "panel").said.startswith(f"The panel at {URL} answers in ")
    assert (report.is_up, report.service_works, len(demo.calls)) == (True, True, 7)


def test_without_a_service_key_only_the_other_one_is_asked_with(demo: Demo, check: Check) -> None:
    report = check("own")
    assert only(report.lines, "service key").status == "ok"
    assert (report.service_works, len(demo.calls)) == (False, 2)


def test_a_panel_that_is_down_is_one_line_and_is_not_asked_on(demo: Demo, check: Check) -> None:
    demo.set_condition("panel-maintenance")
    report = check()
    assert report.lines == (panel_checks.FINDINGS["panel_maintenance"].line("panel"),)
    assert (report.is_up, len(demo.calls)) == (False, 1)


def test_a_refused_service_key_is_not_asked_with_again(demo: Demo, check: Check) -> None:
    key_of(demo, "service").allowed_ips = ["203.0.113.1"]
    report = check()
    assert only(report.lines, "service key").status == "fail"
    assert (report.is_up, report.service_works, len(demo.calls)) == (True, False, 3)


def test_a_refused_application_key_does_not_hide_that_the_panel_is_up(demo: Demo, check: Check) -> None:
    demo.world.api_keys.remove(key_of(demo, "application_ro"))
    report = check("own")
    assert (only(report.lines, "panel").status, only(report.lines, "application key").status) == ("ok", "fail")
    assert (report.is_up, len(demo.calls)) == (True, 1)


@pytest.mark.parametrize(
    ("ahead", "finding"),
    [(0, None), (29, None), (-29, None), (31, "clock_off"), (-31, "clock_off"), (119, "clock_off"),
     (121, "clock_wrong"), (-86_400, "clock_wrong")],
)  # fmt: skip
def test_the_clocks_are_compared(ahead: int, finding: str | None, demo: Demo, check: Check) -> None:
    report = check(headers={"Date": formatdate(int(demo.clock.now()) - ahead, usegmt=True)})
    said = only(report.lines, "clock")
    if finding is None:
        assert said.status == "ok"
    else:
        assert said == FINDINGS[finding].line("clock", seconds=abs(ahead))


@pytest.mark.parametrize("date", [{}, {"Date": "yesterday"}, {"Date": "Mon, 99 Foo 2026 00:00:00 GMT"}])
def test_without_a_date_the_clocks_cannot_be_compared(date: dict[str, str], check: Check) -> None:
    assert only(check(headers=date).lines, "clock") == FINDINGS["clock_unknown"].line("clock")


def test_the_calls_that_are_left_are_told_for_each_key(check: Check) -> None:
    lines = check().lines
    assert only(lines, "application calls") == ok(
        "application calls", "Of the 240 calls a minute of the application key 238 are left."
    )
    assert only(lines, "service calls").status == "ok"


def test_a_panel_that_allows_fewer_calls_than_the_settings_say(demo: Demo, check: Check) -> None:
    demo.limiter.per_minute["application"] = 60
    assert only(check().lines, "application calls") == FINDINGS["calls_limit"].line(
        "application calls", which="application", limit=60, setting="application_calls_per_minute", set=240,
        variable="APP_API_APPLICATION_RATELIMIT",
    )  # fmt: skip


def test_a_minute_that_is_nearly_used_up(demo: Demo, check: Check) -> None:
    demo.limiter.per_minute["application"] = 10
    for _ in range(7):
        demo.limiter.hit(demo.limiter.of_api("application"), key_of(demo, "application_ro").user.uuid)
    lines = check(application_calls_per_minute=10).lines
    assert only(lines, "application calls") == FINDINGS["calls_low"].line(
        "application calls", which="application", limit=10, remaining=1
    )


def test_too_many_calls_are_not_taken_for_a_broken_key(demo: Demo, check: Check) -> None:
    demo.limiter.per_minute["application"] = 1
    assert only(check().lines, "panel") == panel_checks.FINDINGS["panel_busy"].line("panel")


def test_our_address_is_known_from_a_refusal(demo: Demo, check: Check) -> None:
    key_of(demo, "service").allowed_ips = ["203.0.113.1"]
    said = only(check().lines, "our address").said
    assert said == f"The panel sees this machine as 127.0.0.1; this machine itself calls from {HERE}."


def test_our_address_is_known_from_a_key_that_may_be_used_from_one_only(demo: Demo, check: Check) -> None:
    key_of(demo, "service").allowed_ips = ["127.0.0.1"]
    assert "sees this machine as 127.0.0.1" in only(check().lines, "our address").said


def test_our_address_is_known_from_what_the_panel_noted_for_a_call(demo: Demo, check: Check) -> None:
    row = key_of(demo, "service")
    row.allowed_ips = ["203.0.113.1"]
    check()  # refused, which the panel notes in the account's activity
    row.allowed_ips = []
    demo.clock.advance(120)
    said = only(check().lines, "our address").said
    assert said.startswith("The panel noted 127.0.0.1 for a call with the service key 2 minutes ago")


def test_a_login_by_browser_is_not_taken_for_our_address(demo: Demo, check: Check) -> None:
    user = key_of(demo, "service").user
    demo.panel.services.activity.log("auth:success", user, (user,), ip="198.51.100.9", is_api=False)
    said = only(check().lines, "our address").said
    assert said == f"This machine calls from {HERE}; as what the panel sees it, it tells only when it refuses a key."


def test_the_own_address_is_found_without_sending_anything(monkeypatch: pytest.MonkeyPatch) -> None:
    import socket

    from portal.doctor import dialling

    monkeypatch.undo()
    monkeypatch.setattr(dialling, "resolve", socket.getaddrinfo)
    assert panel_lines.outgoing_address("http://127.0.0.1:9") == "127.0.0.1"
    monkeypatch.undo()
    assert panel_lines.outgoing_address("http://panel.test") is None


@pytest.mark.parametrize(
    ("url", "is_good"),
    [("https://my.example.com", True), ("http://127.0.0.1:8000", True), ("http://localhost", True),
     ("http://[::1]:80", True), ("http://my.example.com", False), ("http://127.example.com", False)],
)  # fmt: skip
def test_a_portal_without_tls_is_warned_of(url: str, is_good: bool) -> None:
    settings = Settings(panel_url=URL, application_key="x" * 48, portal_url=url)
    line = check_address_of_portal(settings)
    wanted: Line = FINDINGS["portal_plain"].line("portal address", url=url)
    assert line == wanted if not is_good else line.status == "ok"


@pytest.mark.parametrize(
    ("url", "is_good"),
    [("https://panel.example.com", True), ("http://panel.example.com", False), ("http://127.0.0.1:8001", True),
     ("http://[::1]", True), ("http://localhost/panel", True), ("http://10.0.0.5", False)],
)  # fmt: skip
def test_keys_that_go_to_the_panel_in_the_open_are_warned_of(url: str, is_good: bool) -> None:
    wanted = [] if is_good else [FINDINGS["panel_plain"].line("panel address", url=url)]
    assert check_address_of_panel(url) == wanted


def test_that_the_panels_version_cannot_be_read_is_said() -> None:
    assert (versions().status, "1.11.8" in versions().said, "cannot be read" in versions().said) == ("ok", True, True)


def test_every_cause_of_a_refusal_has_its_words() -> None:
    from typing import get_args

    from portal.doctor.work_checks import CAUSES
    from portal.pterodactyl.errors import KeyCause

    assert set(CAUSES) == set(get_args(KeyCause))
    assert set(get_args(key_checks.Which)) == set(key_checks.MAKE)
