"""Who sees what: the subuser only what the rights allow, the stranger nothing; with both kinds of keys."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.e2e import walk
from tests.e2e.conftest import OpenPage, watched
from tests.e2e.stand import Stand

SIGNALS = ("Start", "Restart", "Stop")
MAY = {
    "Survival SMP": (),
    "Hardcore Week 42": ("Start",),
    "Viking Fjord": ("Restart", "Stop"),
    "The Factory": (),
}


@pytest.fixture(params=["site", "service_site"])
def stand(request: pytest.FixtureRequest) -> Stand:
    found: Stand = request.getfixturevalue(request.param)
    return found


@pytest.fixture
def subuser(stand: Stand, open_page: OpenPage) -> Page:
    page = open_page(stand, "subuser")
    page.goto("/servers")
    expect(page.locator("li.server")).to_have_count(len(MAY))
    return page


def _buttons(page: Page, name: str) -> tuple[str, ...]:
    return tuple(what for what in SIGNALS if walk.act(page, what, name).count())


def test_subuser_has_the_buttons_of_the_rights(subuser: Page) -> None:
    for name, may in MAY.items():
        badge = walk.row(subuser, name).locator(".badge")
        expect(badge).to_have_text("Offline" if name == "Hardcore Week 42" else "Running", timeout=walk.CHANGE_MS)
        assert _buttons(subuser, name) == may, name


def test_subuser_on_the_server_pages(subuser: Page, stand: Stand) -> None:
    for name, may in MAY.items():
        subuser.goto(f"/servers/{stand.server(name)}")
        expect(subuser.get_by_role("heading", name=name)).to_be_visible()
        badge = subuser.locator("#live .badge")
        expect(badge).to_have_text("Offline" if name == "Hardcore Week 42" else "Running", timeout=walk.CHANGE_MS)
        assert _buttons(subuser, name) == may, name
        sftp = subuser.get_by_role("heading", name="SFTP")
        if name == "Viking Fjord":
            expect(sftp).to_be_visible()
            expect(subuser.get_by_text(f"subuser.{stand.server(name)}", exact=True)).to_be_visible()
        else:
            expect(sftp).to_be_hidden()


def test_subuser_and_the_command_line(subuser: Page, stand: Stand) -> None:
    subuser.goto(f"/servers/{stand.server('Survival SMP')}/console")
    expect(subuser.get_by_text("does not include sending commands")).to_be_visible()
    expect(subuser.get_by_role("textbox")).to_have_count(0)
    subuser.goto(f"/servers/{stand.server('Viking Fjord')}/console")
    expect(subuser.get_by_role("textbox")).to_be_visible()


def test_subuser_is_told_which_permission_is_missing(subuser: Page, stand: Stand) -> None:
    watched(subuser).allow_status(403)
    answer = subuser.goto(f"/servers/{stand.server('Survival SMP')}/power/stop")
    assert answer is not None
    assert answer.status == 403
    expect(subuser.get_by_text("control.stop")).to_be_visible()
    expect(subuser.get_by_role("link", name="Get help")).to_be_visible()


@pytest.mark.parametrize("path", ["", "/console", "/power/stop"])
def test_stranger_gets_the_page_of_what_is_not_there(stand: Stand, open_page: OpenPage, path: str) -> None:
    page = open_page(stand, "stranger")
    watched(page).allow_status(404)
    answer = page.goto(f"/servers/{stand.server('Survival SMP')}{path}")
    assert answer is not None
    assert answer.status == 404
    expect(page.get_by_role("heading", name="Not found")).to_be_visible()
    assert "Survival" not in page.content()
    missing = page.goto(f"/servers/00000000{path}")
    assert missing is not None
    assert missing.status == 404
    expect(page.get_by_role("link", name="Get help")).to_be_visible()
    expect(page.locator(".hint code")).to_have_text(re.compile(r"^\w{8}$"))


def test_stranger_has_an_empty_list_that_says_so(stand: Stand, open_page: OpenPage) -> None:
    page = open_page(stand, "stranger")
    page.goto("/")
    expect(page.get_by_role("heading", name="No servers yet")).to_be_visible()


def test_whoever_has_one_server_lands_on_it(stand: Stand, open_page: OpenPage) -> None:
    page = open_page(stand, "solo")
    page.goto("/")
    expect(page.get_by_role("heading", name="Solo Survival")).to_be_visible()
    page.get_by_role("navigation", name="Way back").get_by_role("link").tap()
    expect(page.get_by_role("heading", name="Solo Survival")).to_be_visible()
