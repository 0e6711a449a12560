"""An act whose answer takes its time: what the page reads again meanwhile takes neither it nor its answer away."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, Route, expect

from tests.e2e import walk
from tests.e2e.conftest import DESKTOP, OpenPage, watched
from tests.e2e.relay import wait_for
from tests.e2e.stand import Stand

OVERVIEW, LISTED, FILED = "Retakes", "Hardcore Week 42", "Terraria Journey"
VERSION = re.compile(r"([?&]seen=(?:\w+\.)?)\w+")


@pytest.fixture(scope="module")
def stand(_cheap_passwords: None) -> Iterator[Stand]:
    """A portal whose servers may be started here."""
    made = Stand()
    yield made
    made.close()


class Held:
    """Requests like this wait until they are let go; what polls is always told everything anew."""

    def __init__(self, page: Page, method: str, path: str) -> None:
        self.page, self.method, self.path = page, method, re.compile(path)
        self.routes: list[Route] = []
        self.is_over = False
        page.route("**", self._came)

    def _came(self, route: Route) -> None:
        request = route.request
        if not self.is_over and request.method == self.method and self.path.search(request.url):
            self.routes.append(route)
        else:
            route.continue_(url=VERSION.sub(r"\g<1>00000000", request.url))

    def wait(self) -> None:
        """Until one is there."""
        wait_for(self.page, self.routes)

    def let_go(self) -> None:
        """They go on, and so does what comes now."""
        self.is_over = True
        for route in self.routes:
            route.continue_()


@pytest.mark.parametrize("name", [OVERVIEW, LISTED])
def test_a_poll_takes_no_answer_away(open_page: OpenPage, stand: Stand, name: str) -> None:
    page = open_page(stand, "owner")
    page.clock.install()
    page.goto(f"/servers/{stand.server(name)}" if name == OVERVIEW else f"/servers?q={name}")
    act = walk.act(page, "Start", name)
    expect(act).to_be_visible(timeout=walk.CHANGE_MS)
    held = Held(page, "POST", "/power")
    act.tap()
    held.wait()
    for _ in range(2):
        with page.expect_response(re.compile(r"/live\?")) as answered:
            page.clock.run_for(10_000)
        assert answered.value.status == 200
        answered.value.finished()
    world = stand.demo.world
    row = next(one for one in world.servers if one.name == name)
    row.status = "suspended"
    watched(page).allow_status(409)
    held.let_go()
    expect(page.locator("#notices")).to_contain_text("suspended")
    with page.expect_response(re.compile(r"/live\?")):  # polls go on
        page.clock.run_for(10_000)


def test_a_list_that_is_read_again_takes_no_answer_away(open_page: OpenPage, stand: Stand) -> None:
    page = open_page(stand, "owner", viewport=DESKTOP)
    row = next(one for one in stand.demo.world.servers if one.name == FILED)
    disk = stand.demo.processes[row.uuid].files
    disk.make_folder("/waits/folder")
    disk.write("/waits/a.txt", [b"text"])
    page.goto(f"/servers/{row.identifier}/files?directory=/waits")
    expect(page.locator("#selection .rows li")).to_have_count(2)
    reading = Held(page, "GET", "/files/list")
    page.get_by_role("checkbox", name="a.txt").check()
    page.locator(".bulk").get_by_role("button", name="Copy").click()
    reading.wait()
    copying = Held(page, "POST", "/files/copy")
    page.get_by_role("checkbox", name="folder").check()
    page.locator(".bulk").get_by_role("button", name="Copy").click()
    copying.wait()
    with page.expect_response(re.compile("/files/list")) as answered:
        reading.let_go()
    answered.value.finished()
    copying.let_go()
    expect(page.locator("#notices")).to_contain_text("Folders cannot be copied")
    expect(page.locator("#selection .rows li")).to_have_count(3)
