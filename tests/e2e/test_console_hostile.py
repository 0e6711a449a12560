"""What a node or a game may print that is meant to harm: it is text, and nothing of it runs, opens or fails."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.behind import BehindNginx
from tests.e2e.conftest import OpenPage
from tests.e2e.consoles import expect_line, expect_live, lines, open_console, process_of, send, view

pytestmark = pytest.mark.nginx

NAME = "Lobby"
LINES = (
    "<script>window.harmed = 1</script>",
    "<img src=x onerror='window.harmed = 1'>",
    "\x1b]8;;javascript:window.harmed=1\x1b\\click me\x1b]8;;\x1b\\ please",
    "\x1b]0;another title\x07after the title",
    "\x1b[2J\x1b[H\x1b[?1049hcleared \x1b[999;999H\x1b[5ncursor",
    "\x1bP$q\"p\x1b\\device \x1b_program\x1b\\ \x1b^private\x1b\\ \x1bXstring\x1b\\end",
    "\x1b[38;2;999;-1;7mno such colour\x1b[38;5;700m nor this\x1b[m",
    "javascript:alert(1) data:text/html,<b>no</b> ftp://example.com/no https://example.com/yes",
    "\x1b[31mred that is never ended",
    "\u202egnp.exe\u2066 turned \u0000 null \x07 bell \x08 back",
    "x" * 65_536,
    "ctrl \x9b31m c1 \x85 next",
    "\ud800 half a letter",
)
EVENTS = (
    "of a later version", "daemon message", "daemon error", "install started", "install completed", "transfer status",
    "backup completed", "backup completed:0000", "backup restore completed", "status", "stats", "token nonsense",
    "__proto__", "constructor", "",
)  # fmt: skip
LAST = "and this is the end of it"


def harm(page: Page) -> list[object]:
    """What did happen: dialogs, other pages, scripts."""
    happened: list[object] = []
    page.on("dialog", lambda dialog: (happened.append(dialog.message), dialog.dismiss()))
    page.context.on("page", lambda other: happened.append(other.url))
    return happened


def test_lines_are_text(behind_nginx: BehindNginx, open_page: OpenPage) -> None:
    page = open_page(behind_nginx, "owner")
    happened = harm(page)
    open_console(page, behind_nginx, NAME)
    title = page.title()
    for line in (*LINES, LAST):
        process_of(behind_nginx, NAME).console.print(line)
    expect_line(page, LAST)
    page.wait_for_timeout(300)
    assert page.evaluate("window.harmed") is None
    assert (page.title(), happened) == (title, [])
    expect(view(page).locator("script, img, iframe, object, svg")).to_have_count(0)
    links = view(page).locator("a").evaluate_all("all => all.map(one => [one.href, one.rel, one.target])")
    assert [href for href, _, _ in links] == ["https://example.com/yes"]
    assert all("noopener" in rel and "noreferrer" in rel for _, rel, _ in links)
    text = "\n".join(lines(page))
    assert "<script>window.harmed = 1</script>" in text
    assert not {"\x1b", "\x07", "\x00", "\u202e", "\x9b"} & set(text)
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), "a long line makes the page wide"


def test_events_of_another_kind_are_text_or_nothing(behind_nginx: BehindNginx, open_page: OpenPage) -> None:
    page = open_page(behind_nginx, "owner")
    happened = harm(page)
    open_console(page, behind_nginx, NAME)
    (node,) = [one for one in behind_nginx.demo.nodes.values() if one.row.name == "fra-1"]
    bad = "<img src=x onerror='window.harmed = 1'>"
    for event in (*EVENTS, bad):
        for args in ((), (bad,), ("null",), ("{}",), ("[" * 2000,), (bad, bad)):
            node.sockets.send_raw(event, *args)
    process_of(behind_nginx, NAME).console.print(LAST)
    expect_line(page, LAST)
    expect_live(page)
    assert page.evaluate("window.harmed") is None
    assert happened == []
    shown = view(page).inner_text()
    assert "[object" not in shown
    assert "native code" not in shown
    send(page, "say still well")
    expect_line(page, "[Server] still well")


def test_frames_that_no_node_sends_end_the_socket_and_nothing_else(
    behind_nginx: BehindNginx, open_page: OpenPage
) -> None:
    page = open_page(behind_nginx, "owner")
    open_console(page, behind_nginx, NAME)
    (node,) = [one for one in behind_nginx.demo.nodes.values() if one.row.name == "fra-1"]
    node.sockets.huge_frame(20 * 1024 * 1024)
    page.wait_for_timeout(500)
    process_of(behind_nginx, NAME).console.print(LAST)
    expect_line(page, LAST)
    expect_live(page)


def test_a_server_with_a_hostile_name(behind_nginx: BehindNginx, open_page: OpenPage) -> None:
    page = open_page(behind_nginx, "owner")
    happened = harm(page)
    name = next(one.name for one in behind_nginx.demo.world.servers if one.name.startswith("<script>"))
    open_console(page, behind_nginx, name)
    process_of(behind_nginx, name).console.print(LAST)
    expect_line(page, LAST)
    assert happened == []
