"""Figures and times: one look everywhere, in the viewer's zone, whatever a cookie says."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo, available_timezones

import pytest
from flask import Flask
from hypothesis import given, settings
from hypothesis import strategies as st

from portal import clock
from portal.web import formatting
from tests.conftest import TestClock, World

KIB, MIB, GIB, TIB = 1024, 1024**2, 1024**3, 1024**4
NOON = datetime(2026, 7, 1, 12, 0, 0, tzinfo=UTC).timestamp()


@pytest.fixture(scope="module")
def app():
    """gettext and the cookie need an app; nothing else of the portal is needed."""
    from flask_babel import Babel

    app = Flask(__name__)
    Babel(app)
    before = clock.use(TestClock(NOON))
    yield app
    clock.use(before)


@pytest.fixture(autouse=True)
def _request(app: Flask):
    with app.test_request_context("/"):
        yield


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (0, "0 B"),
        (1, "1 B"),
        (1023, "1023 B"),
        (KIB, "1.0 KiB"),
        (1536, "1.5 KiB"),
        (100 * KIB, "100 KiB"),
        (MIB, "1.0 MiB"),
        (512 * MIB, "512 MiB"),
        (GIB, "1.0 GiB"),
        (1.5 * GIB, "1.5 GiB"),
        (TIB, "1.0 TiB"),
        (5000 * TIB, "5000.0 TiB"),
        (MIB - 1, "1.0 MiB"),
        (GIB - 1, "1.0 GiB"),
        (TIB - 1, "1.0 TiB"),
        (KIB * 99.96, "100 KiB"),
    ],
)
def test_bytes_have_a_binary_unit(number: float, text: str) -> None:
    assert formatting.in_bytes(number) == text


@settings(max_examples=60)
@given(st.integers(0, 1000 * TIB))
def test_bytes_are_never_off_by_more_than_their_rounding(number: int) -> None:
    shown, unit = formatting.in_bytes(number).split()
    size = {"B": 1, "KiB": KIB, "MiB": MIB, "GiB": GIB, "TiB": TIB}[unit]
    assert float(shown) < 1024 or unit == "TiB"
    assert abs(float(shown) * size - number) <= max(0.51 * size if float(shown) >= 100 else 0.051 * size, 0)


@pytest.mark.parametrize(
    ("limit", "text"), [(0, "unlimited"), (-1, "unlimited"), (512, "512 MiB"), (1024, "1.0 GiB"), (6144, "6.0 GiB")]
)
def test_a_limit_of_0_is_said_as_unlimited(limit: int, text: str) -> None:
    assert formatting.in_mib(limit) == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "0 s"),
        (0.999, "0 s"),
        (59, "59 s"),
        (60, "1 min 0 s"),
        (3599, "59 min 59 s"),
        (3600, "1 h 0 min"),
        (86_399, "23 h 59 min"),
        (86_400, "1 d 0 h"),
        (400 * 86_400 + 7200, "400 d 2 h"),
        (-5, "0 s"),
    ],
)
def test_a_duration_has_its_two_biggest_units(seconds: float, text: str) -> None:
    assert formatting.duration(int(seconds * 1000)) == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "just now"),
        (9.4, "just now"),
        (10, "10 s ago"),
        (89, "89 s ago"),
        (90, "2 minutes ago"),
        (3600, "60 minutes ago"),
        (5400, "2 hours ago"),
        (86_400, "24 hours ago"),
        (172_800, "2 days ago"),
        (-30, "just now"),
    ],
)
def test_an_age_has_one_unit(seconds: float, text: str) -> None:
    assert formatting.age(NOON - seconds) == text


@settings(max_examples=60)
@given(st.integers(0, 10**7), st.integers(0, 10**7))
def test_what_is_older_never_looks_younger(one: int, other: int) -> None:
    def seconds(text: str) -> int:
        if text == "just now":
            return 0
        number, unit = text.split()[:2]
        return int(number) * {"s": 1, "minute": 60, "hour": 3600, "day": 86_400}[unit.rstrip("s") or "s"]

    younger, older = sorted((one, other))
    assert seconds(formatting.age(NOON - younger)) <= seconds(formatting.age(NOON - older))


@pytest.mark.parametrize(
    ("limit", "none_means", "text"),
    [(None, "unlimited", "unlimited"), (None, "none", "none"), (0, "unlimited", "none"), (3, "unlimited", "3")],
)
def test_a_count_says_none_and_unlimited(limit: int | None, none_means: str, text: str) -> None:
    assert formatting.count(limit, none_means=none_means) == text


@settings(max_examples=60)
@given(st.floats(0, 1e15), st.integers(-10, 10**15))
def test_a_share_stays_between_0_and_100(used: float, limit: int) -> None:
    assert 0 <= formatting.share(used, limit) <= 100


@pytest.mark.parametrize(
    ("zone", "shown"),
    [
        (None, "12:00:00 UTC"),
        ("Europe/Berlin", "14:00:00 CEST"),
        ("America/New_York", "08:00:00 EDT"),
        ("Asia/Kathmandu", "17:45:00 +0545"),
        ("Australia/Lord_Howe", "22:30:00 +1030"),
        ("Pacific/Apia", "01:00:00 +13"),
        ("Etc/GMT%2B5", "07:00:00 -05"),
    ],
)
def test_an_instant_is_shown_in_the_viewers_zone_which_is_named(zone: str | None, shown: str, app: Flask) -> None:
    assert f">{shown}</time>" in instant(app, NOON, zone)


def instant(app: Flask, at: float, zone: str | None) -> str:
    with app.test_request_context("/", headers={"Cookie": f"tz={zone}"} if zone else {}):
        return str(formatting.instant(at))


def test_a_moment_of_another_day_has_its_date(app: Flask) -> None:
    assert ">2026-06-30 12:00 UTC</time>" in instant(app, NOON - 86_400, None)
    late = datetime(2026, 6, 30, 23, 30, tzinfo=UTC).timestamp()
    assert ">01:30:00 CEST</time>" in instant(app, late, "Europe/Berlin")  # today, for somebody in Berlin


def test_an_instant_carries_the_exact_moment_for_programs(app: Flask) -> None:
    for zone in (None, "Asia/Tokyo"):
        assert 'datetime="2026-07-01T12:00:00+00:00"' in instant(app, NOON, zone)


@pytest.mark.parametrize(("month", "name"), [(1, "CET"), (7, "CEST")])
def test_the_name_of_the_zone_follows_the_season(month: int, name: str, app: Flask) -> None:
    assert instant(app, datetime(2026, month, 2, tzinfo=UTC).timestamp(), "Europe/Berlin").endswith(f" {name}</time>")


@pytest.mark.parametrize(
    "garbage",
    [
        "x",
        "Europe",
        "Europe/",
        "/etc/passwd",
        "../../etc/passwd",
        "Europe/../../x",
        "zone.tab",
        "tzdata.zi",
        "leapseconds",
        "%00",
        "%ff",
        "%ed%a0%80",
        "<script>",
        "a" * 5000,
        "Europe//Berlin",
        ".",
        "..",
        "/",
        "Europe/Berlin%00",
        "__init__.py",
        "Europe/__init__",
        "localtime",
        "a.b/c",
        "é",
        '"',
        "%",
        "%2",
        "=",
        "Europe\\Berlin",
        "europe/%0aberlin",
    ],
)
def test_a_cookie_with_garbage_means_utc(garbage: str, app: Flask) -> None:
    assert re.search(r">12:00:00 UTC</time>$", instant(app, NOON, garbage))


@settings(max_examples=60)
@given(st.text(max_size=80))
def test_any_text_in_the_cookie_gives_some_zone(text: str) -> None:
    app = Flask(__name__)
    with app.test_request_context(
        "/", headers=[("Cookie", f"tz={text}".encode().decode("latin-1").replace("\n", "").replace("\r", ""))]
    ):
        datetime.now(formatting.zone())


def test_every_zone_that_a_browser_may_name_is_known(app: Flask) -> None:
    moment = datetime.fromtimestamp(NOON, UTC)
    for name in sorted(available_timezones()):
        with app.test_request_context("/", headers={"Cookie": f"tz={name.replace('+', '%2B')}"}):
            assert moment.astimezone(formatting.zone()).utcoffset() == moment.astimezone(ZoneInfo(name)).utcoffset()


def test_a_moment_at_the_end_of_all_time_is_shown_in_utc(app: Flask) -> None:
    with app.test_request_context("/", headers={"Cookie": "tz=Pacific/Kiritimati"}):
        shown = formatting.instant(datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC).timestamp())
    assert shown == '<time datetime="9999-12-31T23:59:59+00:00">9999-12-31 23:59 UTC</time>'


def test_a_page_shows_times_in_the_zone_of_its_viewer(own_world: World) -> None:
    browser = own_world.browser("owner")
    browser.set_cookie("tz", "Asia/Kathmandu")
    browser.get("/servers")
    own_world.clock.advance(30)
    own_world.work()
    page = browser.get(f"/servers/{own_world.demo.main_server.identifier}").text
    local = datetime.fromtimestamp(own_world.clock.now(), UTC) + timedelta(hours=5, minutes=45)
    assert re.search(rf">{local:%H}:\d\d:\d\d \+0545</time>", page)
