"""Live figures and charts of the console page: right values, right units, readable everywhere."""

from __future__ import annotations

import json
import random
import re

import pytest
from playwright.sync_api import Page, expect

from portal.web import formatting
from tests.conftest import World
from tests.e2e.conftest import DESKTOP, OpenPage, watched
from tests.e2e.fake_console import MIB, FakeConsole
from tests.e2e.stand import Stand

SERVER = "Survival SMP"  # 8 GiB of memory, 400 % CPU, 20 GiB of disk
UNLIMITED = "Factorio Space Age"


def figure(page: Page, name: str) -> str:
    return page.locator(f'[data-value="{name}"]').inner_text()


def plot(page: Page, name: str) -> str:
    return f'[data-chart="{name}"] canvas'


DOTS = """(selector, near) => {
    const canvas = document.querySelector(selector);
    const copy = document.createElement("canvas");
    [copy.width, copy.height] = [canvas.width, canvas.height];
    const context = copy.getContext("2d", { willReadFrequently: true });
    context.drawImage(canvas, 0, 0);
    const { data, width, height } = context.getImageData(0, 0, copy.width, copy.height);
    const style = getComputedStyle(canvas.closest("[data-figures]"));
    return (name) => {
        const wanted = style.getPropertyValue(name).trim().slice(1).match(/../g).map((one) => parseInt(one, 16));
        const columns = Array(width).fill(0);
        for (let at = 0; at < width * height; at += 1) {
            const dot = data.slice(4 * at, 4 * at + 4);
            if (dot[3] > 150 && wanted.every((value, c) => Math.abs(value - dot[c]) < near)) columns[at % width] += 1;
        }
        return columns;
    };
}"""


def colours(page: Page, name: str) -> dict[str, int]:
    """How many dots of the colours of a chart's lines are on its canvas."""
    script = f"""([selector, names]) => {{
        const columns = ({DOTS})(selector, 12);
        return Object.fromEntries(names.map((name) => [name, columns(name).reduce((sum, one) => sum + one, 0)]));
    }}"""
    return page.evaluate(script, [plot(page, name), ["--chart-1", "--chart-2", "--chart-limit"]])


@pytest.fixture
def desk(open_page: OpenPage, site: Stand) -> FakeConsole:
    """The console page of a running server on a desk, live."""
    console = FakeConsole(open_page(site, "owner", viewport=DESKTOP), site, SERVER)
    console.open()
    return console


def samples(console: FakeConsole, count: int, **values: object) -> None:
    """Some samples, two seconds apart, seen by the charts."""
    for number in range(count):
        console.sample(after_s=2, network={"rx_bytes": 100_000 * number, "tx_bytes": 50_000 * number}, **values)


def drawn(console: FakeConsole) -> None:
    """Wait until there are charts."""
    expect(console.page.locator(plot(console.page, "network"))).to_be_visible()


def test_the_figures_are_those_of_the_sample(desk: FakeConsole) -> None:
    desk.sample(cpu_absolute=243.218, memory_bytes=812417024, disk_bytes=734003200, uptime=3_604_211,
                network={"rx_bytes": 10422, "tx_bytes": 88341})  # fmt: skip

    expect(desk.page.locator('[data-value="cpu"]')).to_have_text("243.2 %")
    assert figure(desk.page, "memory") == "775 MiB"
    assert figure(desk.page, "disk") == "700 MiB"
    assert (figure(desk.page, "in"), figure(desk.page, "out")) == ("10.2 KiB", "86.3 KiB")
    assert figure(desk.page, "uptime") == "1 h 0 min"
    assert "/ 8.0 GiB" in desk.page.locator('[data-tile="memory"]').inner_text()
    assert "/ 400 %" in desk.page.locator('[data-tile="cpu"]').inner_text()


def test_the_script_writes_what_the_server_writes(desk: FakeConsole, own_world: World) -> None:
    dice = random.Random(6)
    sizes = [0, 1, 1023, 1024, 1536, 102_348, 102_349, 1_048_575, 1_048_576, 5 * 2**40, 1024 * 0.25, 2**50]
    sizes += [int(2 ** dice.uniform(0, 45)) for _ in range(1500)] + [dice.randrange(4096) * 128 for _ in range(500)]
    shares = [0.0, 0.05, 0.25, 0.35, 43.25, 99.95, 1600.0, *(round(dice.uniform(0, 900), 3) for _ in range(1500))]
    times = [0, 999, 1000, 59_999, 60_000, 3_599_999, 86_399_999, 86_400_000,
             *(int(10 ** dice.uniform(0, 11)) for _ in range(1000))]  # fmt: skip
    script = """([sizes, shares, times, tenths]) => {
        const { bytes, cpu, duration, share } = window.roostFigures;
        const texts = document.querySelector("[data-figures]").dataset;
        return [sizes.map(bytes), shares.map(cpu), times.map((one) => duration(one, texts)),
                tenths.map((one) => share(one, 8))];
    }"""
    tenths = [number / 25 for number in range(400)]
    written = desk.page.evaluate(script, [sizes, shares, times, tenths])
    with own_world.app.test_request_context():
        assert written[0] == [formatting.in_bytes(one) for one in sizes]
        assert written[1] == [formatting.in_cpu(one, 1) for one in shares]
        assert written[2] == [formatting.duration(one) for one in times]
        assert written[3] == [formatting.share(one, 8) for one in tenths]


def test_before_any_sample_there_are_the_last_known_figures_or_a_dash_and_no_zeros(
    open_page: OpenPage, site: Stand
) -> None:
    page = open_page(site, "owner", viewport=DESKTOP, java_script_enabled=False)
    page.goto(f"/servers/{site.server(SERVER)}/console")
    for name in ("cpu", "memory", "disk", "in", "out", "uptime"):
        assert re.fullmatch(r"–|[1-9].*|0\.[1-9].*", figure(page, name)), name


def test_rates_are_by_real_time_and_a_restart_is_no_negative_rate(desk: FakeConsole) -> None:
    samples(desk, 3)
    assert figure(desk.page, "in-rate") == "48.8 KiB/s"  # 100 kB in two seconds
    desk.sample(after_s=4, network={"rx_bytes": 600_000, "tx_bytes": 600_000})
    assert figure(desk.page, "in-rate") == "97.7 KiB/s"
    desk.sample(after_s=2, network={"rx_bytes": 5, "tx_bytes": 5}, uptime=500)

    assert figure(desk.page, "in-rate") == "0 B/s"
    assert figure(desk.page, "in") == "5 B"


def test_offline_reads_offline_and_the_disk_stays(desk: FakeConsole) -> None:
    desk.sample()
    desk.sample(state="offline", memory_bytes=0, cpu_absolute=0, uptime=0, network={"rx_bytes": 0, "tx_bytes": 0})
    desk.say(status=["offline"])

    for name in ("cpu", "memory", "in", "out", "uptime"):
        expect(desk.page.locator(f'[data-value="{name}"]')).to_have_text("Offline")
    assert figure(desk.page, "disk") == "700 MiB"


def test_figures_of_a_lost_connection_keep_their_values_with_their_age(desk: FakeConsole) -> None:
    desk.sample()
    expect(desk.page.locator('[data-value="cpu"]')).to_have_text("12.5 %")
    assert desk.page.locator("[data-age]").inner_text() == ""
    desk.page.evaluate("window.later(4)")
    desk.lose()

    expect(desk.page.locator("[data-age]")).to_have_text("Last figures 4 s ago")
    assert figure(desk.page, "cpu") == "12.5 %"


@pytest.mark.parametrize(("used", "tone", "text"), [(0.79, "", ""), (0.8, "is-warn", "80 %"), (0.9, "is-bad", "90 %")])
def test_little_room_is_said_in_words_and_by_shape(used: float, tone: str, text: str, desk: FakeConsole) -> None:
    desk.sample(memory_bytes=int(8192 * MIB * used) + 1)
    tile = desk.page.locator('[data-tile="memory"]')

    expect(tile.locator("[data-tone]")).to_have_text(f"{text} of the limit" if text else "")
    assert [one for one in ("is-warn", "is-bad") if one in tile.get_attribute("class").split()] == [tone] * bool(tone)


def test_the_line_of_a_limit_is_drawn_however_little_of_it_is_used(desk: FakeConsole) -> None:
    drawn(desk)
    samples(desk, 3, memory_bytes=6000 * MIB, cpu_absolute=2.0)

    assert colours(desk.page, "memory")["--chart-limit"] > 100
    assert colours(desk.page, "memory")["--chart-1"] > 0
    assert colours(desk.page, "cpu")["--chart-limit"] > 100


def test_no_limit_is_said_so_and_has_no_line(open_page: OpenPage, site: Stand) -> None:
    console = FakeConsole(open_page(site, "owner", viewport=DESKTOP), site, UNLIMITED)
    console.open()
    drawn(console)
    samples(console, 12, memory_bytes=6000 * MIB, cpu_absolute=790.0)

    for name in ("cpu", "memory", "disk"):
        assert "/ unlimited" in console.page.locator(f'[data-tile="{name}"]').inner_text()
        assert colours(console.page, name)["--chart-limit"] == 0
    assert colours(console.page, "cpu")["--chart-1"] > 0


def test_in_and_out_are_two_lines_that_differ_by_more_than_colour(desk: FakeConsole) -> None:
    drawn(desk)
    samples(desk, 20)
    dots = colours(desk.page, "network")

    assert dots["--chart-1"] > 10
    assert dots["--chart-2"] > 5
    styles = "els => els.map(e => getComputedStyle(e).borderTopStyle)"
    assert desk.page.locator(".tile-net .key").evaluate_all(styles) == ["solid", "dashed"]


@pytest.mark.parametrize("how", ["lost", "silent", "offline", "none"])
def test_a_gap_is_a_gap(how: str, desk: FakeConsole) -> None:
    """Two pieces of line with nothing between them: the columns of dots stop and begin again."""
    drawn(desk)
    samples(desk, 12, cpu_absolute=300)
    if how == "lost":
        desk.lose()
    elif how == "offline":
        desk.say(status=["offline"])
    desk.sample(after_s=4 if how != "silent" else 40, cpu_absolute=300)
    if how in ("lost", "offline"):
        desk.sample(after_s=4, state=how if how == "offline" else "running", cpu_absolute=300)
        desk.sample(after_s=4, state="running", cpu_absolute=300)
    samples(desk, 12, cpu_absolute=300)
    script = f"selector => ({DOTS})(selector, 40)('--chart-1').map((one) => (one ? '#' : '.')).join('')"
    columns = desk.page.evaluate(script, plot(desk.page, "cpu")).strip(".")

    assert len(columns) > 20
    assert bool(re.fullmatch(r"#+\.+#+", columns)) == (how != "none"), columns


def test_colours_follow_the_scheme_at_once(desk: FakeConsole) -> None:
    drawn(desk)
    samples(desk, 3, memory_bytes=6000 * MIB)
    before = desk.page.locator(plot(desk.page, "memory")).evaluate("e => e.toDataURL()")
    assert colours(desk.page, "memory")["--chart-limit"] > 100
    desk.page.evaluate("for (let id = 1; id < 10_000; id += 1) clearInterval(id);")  # which draws again every second
    desk.page.emulate_media(color_scheme="dark")
    changed = "([place, before]) => document.querySelector(place).toDataURL() !== before"
    desk.page.wait_for_function(changed, arg=[plot(desk.page, "memory"), before])

    assert colours(desk.page, "memory")["--chart-limit"] > 100


def test_a_finger_reads_a_value_off_the_chart(open_page: OpenPage, site: Stand) -> None:
    console = FakeConsole(open_page(site, "owner"), site, SERVER)
    console.open()
    console.page.get_by_role("button", name="Charts").tap()
    samples(console, 4, cpu_absolute=77.25)
    over = console.page.locator('[data-chart="cpu"] .u-over')
    over.scroll_into_view_if_needed()
    box = over.bounding_box()
    over.tap(position={"x": box["width"] - 1, "y": box["height"] / 2})

    expect(console.page.locator('[data-chart="cpu"] [data-at]')).to_have_text(re.compile(r"At \d\d:\d\d:\d\d: 77\.2 %"))


def test_the_library_is_fetched_when_charts_are_seen_first(open_page: OpenPage, site: Stand) -> None:
    page = open_page(site, "owner")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    console = FakeConsole(page, site, SERVER)
    console.open()
    samples(console, 2)
    assert not [one for one in asked if "uPlot" in one]
    button = page.get_by_role("button", name="Charts")
    assert button.get_attribute("aria-expanded") == "false"
    button.tap()

    expect(page.locator(plot(page, "cpu"))).to_be_visible()
    assert button.get_attribute("aria-expanded") == "true"
    assert len([one for one in asked if "uPlot" in one]) == 2
    page.reload()
    expect(button).to_have_attribute("aria-expanded", "true")


def test_without_the_library_the_figures_go_on_and_it_is_said(open_page: OpenPage, site: Stand) -> None:
    page = open_page(site, "owner", viewport=DESKTOP)
    watched(page).allow("uPlot", "ERR_FAILED")
    page.route("**/uPlot*", lambda route: route.abort())
    console = FakeConsole(page, site, SERVER)
    console.open()
    console.sample()

    expect(page.locator('[data-chart="cpu"] [data-at]')).to_have_text(re.compile("could not be loaded"))
    assert figure(page, "cpu") == "12.5 %"


def test_charts_keep_the_width_of_their_place(desk: FakeConsole) -> None:
    samples(desk, 2)
    expect(desk.page.locator(plot(desk.page, "cpu"))).to_be_visible()
    for width in (1280, 820, 1000):
        desk.page.set_viewport_size({"width": width, "height": 900})
        desk.page.wait_for_function("width => document.documentElement.scrollWidth <= width", arg=width)
    if not desk.page.locator(plot(desk.page, "cpu")).is_visible():
        desk.page.get_by_role("button", name="Charts").click()
    desk.page.wait_for_function("""() => {
        const wide = (one) => document.querySelector(`[data-chart="cpu"] ${one}`).getBoundingClientRect().width;
        return Math.abs(wide("[data-plot]") - wide(".uplot")) < 1.5;
    }""")


def test_on_a_phone_the_console_comes_first_and_the_figures_are_one_row(open_page: OpenPage, site: Stand) -> None:
    console = FakeConsole(open_page(site, "owner"), site, SERVER)
    console.open()
    console.sample(memory_bytes=7600 * MIB, cpu_absolute=399.5)
    page = console.page
    boxes = [page.locator(f'[data-tile="{name}"]').bounding_box() for name in ("cpu", "memory", "disk")]

    assert len({round(box["y"]) for box in boxes}) == 1
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    assert page.locator("[data-log]").bounding_box()["y"] < 740 / 2
    assert not page.locator(plot(page, "cpu")).is_visible()


@pytest.mark.parametrize(
    "sample", [{}, {"cpu_absolute": "x"}, {"network": None}, {"memory_bytes": -1}, {"uptime": None}]
)
def test_a_sample_with_something_missing_keeps_the_rest(sample: dict[str, object], desk: FakeConsole) -> None:
    desk.sample()
    expect(desk.page.locator('[data-value="cpu"]')).to_have_text("12.5 %")
    desk.say(stats=json.loads(json.dumps({"state": "running", **sample})))
    desk.sample(cpu_absolute=13.5)

    expect(desk.page.locator('[data-value="cpu"]')).to_have_text("13.5 %")
