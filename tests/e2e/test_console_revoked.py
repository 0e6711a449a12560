"""Who may no longer look is put out, in whichever web process, with the reason in words."""

from __future__ import annotations

import json
import re
import urllib.request
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.e2e import walk
from tests.e2e.behind import BehindNginx
from tests.e2e.conftest import DESKTOP, OpenPage, shared, watched
from tests.e2e.consoles import expect_line, expect_live, lines, open_console, process_of, send

pytestmark = pytest.mark.nginx

NAME = "Viking Fjord"
HERE_S = 5.0
ON_THE_PANEL_MS = 60_000
SIGNED_OUT = re.compile("signed out", re.IGNORECASE)
NO_ACCESS = re.compile("no longer have access|no such server", re.IGNORECASE)
MANY = 10
TRIES = 40


@pytest.fixture
def consoles(behind_nginx: BehindNginx, open_page: OpenPage) -> Callable[[str], list[Page]]:
    """Pages of somebody at a console, enough of them that both web processes have some."""

    def opened(who: str) -> list[Page]:
        pages = [open_page(behind_nginx, who)]
        watched(pages[0]).allow_status(401, 403, 404)
        open_console(pages[0], behind_nginx, NAME)
        for _ in range(TRIES):
            if behind_nginx.lasting_sockets(NAME) == 2:
                return pages
            if len(pages) == MANY:  # which process gets a page is the kernel's choice
                pages.pop().close()
            pages.append(pages[0].context.new_page())
            open_console(pages[-1], behind_nginx, NAME)
        raise AssertionError("not in both processes")

    return opened


def ask_panel(stand: BehindNginx, method: str, path: str, document: object = None) -> None:
    """The owner does something on the panel."""
    identifier = stand.server(NAME)
    body = None if document is None else json.dumps(document).encode()
    request = urllib.request.Request(
        f"{stand.demo.base}/api/client/servers/{identifier}{path}", body, method=method,
        headers={"Authorization": f"Bearer {stand.demo.keys['owner']}", "Accept": "application/json",
                 "Content-Type": "application/json"},
    )  # fmt: skip
    with urllib.request.urlopen(request, timeout=10):
        pass


def subuser_uuid(stand: BehindNginx) -> str:
    return next(one.uuid for one in stand.demo.world.users if one.username == "subuser")


def expect_put_out(stand: BehindNginx, pages: list[Page], why: re.Pattern[str], within_ms: float) -> None:
    """Each page says why, and gets no line any more."""
    for page in pages:
        expect(page.locator("[data-console]").first).to_contain_text(why, timeout=within_ms)
    process_of(stand, NAME).console.print("a secret said afterwards")
    pages[0].wait_for_timeout(1500)
    for page in pages:
        assert not any("a secret" in line for line in lines(page))


def test_signed_out_in_another_tab(behind_nginx: BehindNginx, consoles: Callable[[str], list[Page]]) -> None:
    pages = consoles("owner")
    other = pages[0].context.new_page()
    other.goto("/servers")
    other.locator(".menu summary").click()
    other.get_by_role("button", name="Sign out").click()
    other.wait_for_url("**/login**")
    behind_nginx.states.clear()
    expect_put_out(behind_nginx, pages, SIGNED_OUT, 1000 * shared(HERE_S))


def test_every_session_is_ended(behind_nginx: BehindNginx, consoles: Callable[[str], list[Page]]) -> None:
    pages = consoles("owner")
    behind_nginx.end_sessions()
    expect_put_out(behind_nginx, pages, SIGNED_OUT, 1000 * shared(HERE_S))


def test_the_account_is_disabled(
    behind_nginx: BehindNginx, consoles: Callable[[str], list[Page]], open_page: OpenPage
) -> None:
    pages = consoles("subuser")
    admin = open_page(behind_nginx, "admin", viewport=DESKTOP)
    admin.goto("/admin/accounts")
    admin.get_by_role("link", name="subuser@example.com").click()
    admin.get_by_role("button", name="Disable").or_(admin.get_by_role("link", name="Disable")).first.click()
    walk.confirm(admin, "Disable")
    expect_put_out(behind_nginx, pages, SIGNED_OUT, 1000 * shared(HERE_S))


@pytest.mark.soak
def test_the_subuser_is_removed_on_the_panel(
    behind_nginx: BehindNginx, consoles: Callable[[str], list[Page]], open_page: OpenPage
) -> None:
    pages = consoles("subuser")
    owner = open_page(behind_nginx, "owner")
    open_console(owner, behind_nginx, NAME)
    ask_panel(behind_nginx, "DELETE", f"/users/{subuser_uuid(behind_nginx)}")
    expect_put_out(behind_nginx, pages, NO_ACCESS, ON_THE_PANEL_MS)
    expect_line(owner, "a secret said afterwards")


@pytest.mark.soak
def test_the_right_to_send_commands_is_taken_and_the_console_stays(
    behind_nginx: BehindNginx, consoles: Callable[[str], list[Page]]
) -> None:
    pages = consoles("subuser")
    for page in pages:
        expect(page.get_by_role("textbox", name=re.compile("command", re.IGNORECASE))).to_be_visible()
    left = {"permissions": ["websocket.connect", "control.start"]}
    ask_panel(behind_nginx, "POST", f"/users/{subuser_uuid(behind_nginx)}", left)
    for page in pages:
        box = page.get_by_role("textbox", name=re.compile("command", re.IGNORECASE))
        expect(box).to_be_hidden(timeout=ON_THE_PANEL_MS)
    for page in pages:
        expect_live(page)
    process_of(behind_nginx, NAME).console.print("still to be seen")
    for page in pages:
        expect_line(page, "still to be seen")


def test_a_command_of_somebody_without_the_right_goes_nowhere(behind_nginx: BehindNginx, open_page: OpenPage) -> None:
    """Without the command line on the page: by what a page could send by itself."""
    page = open_page(behind_nginx, "subuser")
    name = "Survival SMP"
    open_console(page, behind_nginx, name)
    expect(page.get_by_role("textbox", name=re.compile("command", re.IGNORECASE))).to_have_count(0)
    answer = page.evaluate(
        """path => new Promise(done => {
            const socket = new WebSocket(path);
            socket.onopen = () => {
                socket.send('{"hello": null}');
                socket.send('{"command": {"id": 1, "text": "stop"}}');
            };
            socket.onmessage = event => { const told = JSON.parse(event.data); if (told.answer) done(told.answer); };
            socket.onclose = event => done({outcome: 'closed ' + event.code});
        })""",
        f"wss://{behind_nginx.url.partition('//')[2]}/servers/{behind_nginx.server(name)}/console/socket",
    )
    assert answer["outcome"] == "refused"
    assert process_of(behind_nginx, name).commands == []


def test_the_owner_s_command_is_in_the_audit(behind_nginx: BehindNginx, open_page: OpenPage) -> None:
    page = open_page(behind_nginx, "owner")
    open_console(page, behind_nginx, "Lobby")
    send(page, "say for the record")
    expect_line(page, "[Server] for the record")
    assert behind_nginx.audit("console.command") == ["say for the record"]
