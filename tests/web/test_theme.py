"""The host's colour and logo: whatever colour is chosen, text stays readable."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from tests.conftest import World

SVG = b'<svg xmlns="http://www.w3.org/2000/svg"/>'
STEPS = ("00", "33", "66", "99", "cc", "ff")
COLOURS = [f"#{red}{green}{blue}" for red in STEPS for green in STEPS for blue in STEPS] + [
    f"#{grey:02x}{grey:02x}{grey:02x}" for grey in range(0x60, 0xA0)
]
CSS = (Path(__file__).parents[2] / "static" / "roost.css").read_text()


def luminance(colour: str) -> float:
    """Relative luminance, written down from WCAG 2.1 a second time."""
    if len(colour) == 4:
        colour = "#" + "".join(2 * letter for letter in colour[1:])
    channels = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def themes(world: World, colours: list[str]) -> dict[str, str]:
    browser = world.browser()
    found = {}
    for colour in colours:
        world.app.config["ROOST"] = replace(world.app.config["ROOST"], accent=colour)
        found[colour] = browser.get("/theme.css").text
    return found


def own_colours(name: str) -> tuple[str, str]:
    """A colour of the stylesheet, light and dark."""
    found = re.findall(rf"--{name}: (#[0-9a-f]+)", CSS)
    assert len(found) == 2
    return found[0], found[1]


@pytest.fixture
def world(make_world: Callable[..., World]) -> World:
    return make_world("own", accent="#2563eb")


def test_text_on_the_colour_can_be_read(world: World) -> None:
    for colour, style in themes(world, COLOURS).items():
        text = re.search(r"--on-accent:(#[0-9a-f]+)", style)[1]
        assert contrast(text, colour) >= 4.5, colour


@pytest.mark.parametrize("dark", [False, True])
def test_links_in_the_colour_can_be_read_on_page_and_card(dark: bool, world: World) -> None:
    grounds = [own_colours("page")[dark], own_colours("card")[dark]]
    for colour, style in themes(world, COLOURS).items():
        light_link, dark_link = re.findall(r"--link:([^};]+)", style)
        link = dark_link if dark else light_link
        shown = own_colours("text")[dark] if link == "var(--text)" else link
        assert min(contrast(shown, ground) for ground in grounds) >= 4.5, (colour, shown)


@pytest.mark.parametrize("dark", [False, True])
def test_the_own_colours_can_be_read(dark: bool) -> None:
    pairs = [
        (text, ground)
        for text in ("text", "quiet", "link", "good", "busy", "warn", "bad")
        for ground in ("page", "card")
    ]
    pairs += [
        ("good", "good-soft"),
        ("busy", "busy-soft"),
        ("warn", "warn-soft"),
        ("bad", "bad-soft"),
        ("on-accent", "accent"),
    ]
    for text, ground in pairs:
        assert contrast(own_colours(text)[dark], own_colours(ground)[dark]) >= 4.5, (text, ground)


def test_without_a_colour_there_is_no_theme(make_world: Callable[..., World]) -> None:
    world = make_world("own")
    assert world.browser().get("/theme.css").status_code == 404
    assert "theme.css" not in world.browser().get("/login").text


def test_the_theme_is_a_stylesheet_that_pages_load(world: World) -> None:
    answer = world.browser().get("/theme.css")
    assert answer.content_type == "text/css; charset=utf-8"
    assert "theme.css" in world.browser().get("/login").text


def test_the_logo_is_shown_from_the_instance_folder(make_world: Callable[..., World]) -> None:
    world = make_world("own", logo="logo.svg")
    (world.instance / "logo.svg").write_bytes(SVG)
    page = world.browser().get("/login").text
    assert '<img src="/logo" alt=""' in page
    answer = world.browser().get("/logo", buffered=True)
    assert (answer.data, answer.mimetype) == (SVG, "image/svg+xml")
    assert "default-src" in answer.headers["Content-Security-Policy"]


def test_a_logo_that_is_not_there_is_a_404(make_world: Callable[..., World]) -> None:
    assert make_world("own", logo="logo.svg").browser().get("/logo").status_code == 404
    assert make_world("own").browser().get("/logo").status_code == 404
