"""Pages stay right while entries are added: nothing twice, nothing lost, and one call for each."""

from __future__ import annotations

import random

import pytest

from portal.activity import service
from portal.activity.cursor import Cursor, read_cursor
from portal.activity.sentences import plain
from portal.activity.service import Query
from tests.activity.support import SERVER, clear, keep, lines, log, older, path, read
from tests.conftest import World

SERVICE = {"own": "owner", "service": "service"}


def actor(world: World) -> str:
    return "service" if world.app.config["ROOST"].use_service_key else "owner"


def command(world: World, text: str, ago_s: float, *, late_s: float = 0.0, both: bool = True) -> None:
    """A command that both logs tell, or only the panel's."""
    if both:
        keep(world, SERVER, "console.command", detail=text, ago_s=ago_s)
    log(world, SERVER, "server:console.command", actor(world) if both else "owner", ago_s=ago_s - late_s,
        properties={"command": text}, is_api=both)  # fmt: skip


def walk(world: World, between: object = None, query: Query | None = None, most: int = 60) -> list[list[str]]:
    """Every page until the end, as texts."""
    pages, after = [], ""
    for number in range(most):
        asked = Query(query.group if query else "", query.who if query else "", after)
        shown = read(world, query=asked)
        pages.append([plain(one) for line in shown.lines for one in line.sentences])
        if callable(between):
            between(number)
        after = shown.older
        if not after:
            return pages
    raise AssertionError("it does not end")


def said(number: int) -> str:
    return f"Sent the command say {number}."


def flat(pages: list[list[str]]) -> list[str]:
    return [one for page in pages for one in page]


def test_each_page_is_one_call_and_each_entry_is_on_one_of_them(world: World) -> None:
    clear(world)
    for number in range(100):
        command(world, f"say {number}", ago_s=10_000 - 100 * number)
    read(world)
    world.calls()
    pages = walk(world)
    assert flat(pages) == [said(number) for number in reversed(range(100))]
    assert len(pages) == 4
    assert len([call for call in world.calls() if "activity" in call]) == 4


def test_what_is_added_meanwhile_pushes_nothing_onto_the_next_page_again(world: World) -> None:
    clear(world)
    for number in range(90):
        command(world, f"say {number}", ago_s=10_000 - 100 * number)

    def add(number: int) -> None:
        world.clock.advance(300)
        for one in range(17 if number < 3 else 0):
            command(world, f"say later {number} {one}", ago_s=200 - one)

    assert flat(walk(world, add)) == [said(number) for number in reversed(range(90))]


def test_more_than_a_whole_page_is_added_meanwhile(world: World) -> None:
    clear(world)
    for number in range(70):
        command(world, f"say {number}", ago_s=10_000 - 100 * number, both=number % 2 == 0)

    def add(number: int) -> None:
        world.clock.advance(300)
        for one in range(75 if number == 0 else 0):
            command(world, f"say later {number} {one}", ago_s=200 - one, both=False)

    assert flat(walk(world, add)) == [said(number) for number in reversed(range(70))]


def test_entries_of_the_same_second_over_several_pages(world: World) -> None:
    clear(world)
    for number in range(75):
        command(world, f"say {number}", ago_s=500, both=False)
    for number in range(75, 95):
        command(world, f"say {number}", ago_s=400, both=False)

    def add(number: int) -> None:
        if number == 0:
            command(world, "say 95", ago_s=500, both=False)

    found = flat(walk(world, add))
    assert sorted(found) == sorted(said(number) for number in range(96))


@pytest.mark.parametrize("seed", range(12))
def test_any_mixture_is_shown_once_and_in_order(world: World, seed: int) -> None:
    """Slow and early entries, bursts, acts that the panel does not log; two clocks apart by up to 20 s."""
    clear(world)
    chance = random.Random(seed)
    apart_s = chance.choice([-20, -1, 0, 0, 15])
    wanted, ago_s = [], 4000.0
    for number in range(120):
        ago_s -= chance.choice([0, 0, 0.3, 2, 40, 130]) if ago_s > 300 else 0.1
        kind = chance.random()
        if kind < 0.6:
            command(world, f"say {number}", ago_s=ago_s, late_s=apart_s + chance.choice([0, 0, 3]))
            wanted.append(said(number))
        elif kind < 0.8:
            command(world, f"say {number}", ago_s=ago_s, both=False)
            wanted.append(said(number))
        else:
            keep(world, SERVER, "database.reveal", detail=str(number), ago_s=ago_s)
            wanted.append(f"Looked at the password of the database {number}.")
    pages = walk(world, lambda number: command(world, f"say new {number}", ago_s=0, both=False))
    found = [one for one in flat(pages) if "new" not in one]
    assert sorted(found) == sorted(wanted)


def test_an_upload_whose_entries_lie_on_two_pages_is_one_act(world: World) -> None:
    clear(world)
    names = [f"mod{number:02}.jar" for number in range(20)]
    detail = f"/mods: {', '.join(names[:5])} (+15)"
    keep(world, SERVER, "file.upload", detail=detail, ago_s=3000)
    for number, name in enumerate(names):
        log(world, SERVER, "server:file.uploaded", actor(world), ago_s=2000 - 10 * number, is_api=False,
            properties={"directory": "/mods", "file": name})  # fmt: skip
    for number in range(25):
        command(world, f"say {number}", ago_s=1000 - 10 * number, both=False)
    command(world, "say old", ago_s=5000, both=False)
    found = flat(walk(world))
    assert len(found) == 27
    assert [one for one in found if "Uploaded" in one] == [f"Uploaded to /mods: {', '.join(names[:5])} (+15)."]


def test_many_acts_that_the_panel_does_not_know_fill_pages_of_their_own(world: World) -> None:
    """As on a panel that hides what its administrators do."""
    clear(world)
    for number in range(150):
        keep(world, SERVER, "console.command", detail=f"say {number}", ago_s=1000 - number * 0.1)
    pages = walk(world)
    assert flat(pages) == [said(number) for number in reversed(range(150))]
    assert max(len(page) for page in pages) <= 2 * service.PER_PAGE


def test_a_burst_above_a_page_of_the_panel_ends(world: World) -> None:
    clear(world)
    for number in range(200):
        keep(world, SERVER, "console.command", detail=f"say {number}", ago_s=100 - number * 0.01)
    for number in range(200, 240):
        command(world, f"say {number}", ago_s=500, both=False)
    assert sorted(flat(walk(world))) == sorted(said(number) for number in range(240))


def test_the_links_lead_on_without_script(world: World) -> None:
    clear(world)
    for number in range(45):
        command(world, f"say {number}", ago_s=10_000 - 100 * number)
    browser = world.browser("owner")
    first = browser.get(path(world)).text
    assert len(lines(first)) == 30
    assert "Newest" not in first
    second = browser.get(older(first)).text
    assert len(lines(second)) == 15
    assert older(second) == ""
    assert "Newest" in second


def test_a_page_beyond_the_end_says_so(world: World) -> None:
    clear(world)
    page = world.browser("owner").get(f"{path(world)}?after=7_100____").text
    assert "Nothing older" in page
    assert "Nothing has happened yet" not in page


@pytest.mark.parametrize(
    "text",
    ["", "x", "1", "1_2_3_4", "1_-5___", "1_1e9___", "0000000_5___", "1_5_zz__", "1_5__5_", "1_99999999999999___",
     "\ud800", "1_5____b", "²_5____", "1_5__1-1._a" * 900],
)  # fmt: skip
def test_a_place_that_nobody_made_is_the_beginning(world: World, text: str) -> None:
    assert read_cursor(text) == Cursor()
    answer = world.browser("owner").get(path(world), query_string={"after": text.encode("utf-8", "replace")})
    assert answer.status_code == 200


def test_any_place_that_looks_right_is_answered(world: World) -> None:
    far = "999999_999999999999.999999____a"
    for text in ("0_5____", far, "1_0__999999999999999-9999._5.", "2_5_" + "ab" * 600 + "___"):
        assert world.browser("owner").get(path(world), query_string={"after": text}).status_code == 200


def test_a_place_is_read_as_it_was_written() -> None:
    cursor = Cursor(4, 1_790_000_000.25, frozenset({"0123abcd", "ffffffff"}), {7: 0, 12: 3}, frozenset({8, 9}), True)
    assert read_cursor(str(cursor)) == cursor
    many = Cursor(1, 5.0, frozenset(f"{n:08x}" for n in range(400)), dict.fromkeys(range(10**14, 10**14 + 400), 1))
    assert len(str(many)) < 4500
    assert read_cursor(str(many)).page == 1
