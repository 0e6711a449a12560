"""What the page shows, to whom; how to reach the files by SFTP."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from sqlalchemy import update

from portal.auth.models import Account
from portal.server_settings.service import Sftp
from portal.store import write
from tests.conftest import World
from tests.servers.support import HTMX, row_of, said
from tests.startup.support import PAPER, seen, share

LABELS = {"Unpaid": "Suspended", "New Adventure": "Installing", "Broken Pack": "Install failed",
          "Yesterday's World": "Restoring", "On the Move": "Moving"}  # fmt: skip


def settings(world: World, name: str = PAPER, who: str = "owner") -> str:
    answer = world.browser(who).get(f"/servers/{world.server(name)}/settings")
    assert answer.status_code == 200, said(answer.text)
    return answer.text


def live(world: World, name: str, state: str) -> str:
    path = f"/servers/{world.server(name)}/settings/live?seen={state}"
    answer = world.browser("owner").get(path, headers=HTMX)
    assert answer.status_code in (200, 204)
    return answer.text


def test_the_page_costs_the_one_call_for_the_server(world: World) -> None:
    seen(world, PAPER)
    settings(world)
    assert world.calls() == []
    world.clock.advance(30)
    settings(world)

    assert world.calls() == [f"GET /api/client/servers/{world.server(PAPER)}"]


def test_the_owner_sees_everything(world: World) -> None:
    row = row_of(world, PAPER)
    page = settings(world)

    assert f'value="{PAPER}"' in page
    assert "Vanilla-like survival" in page
    for part in (row.identifier, row.uuid, row.node.name, f"owner.{row.identifier}", f"sftp://{row.node.fqdn}:2022"):
        assert f'data-copy="{part}"' in page
    assert f'href="sftp://owner.{row.identifier}@{row.node.fqdn}:2022"' in page
    assert "your password of the panel, not the one of this portal" in said(page)
    assert "/settings/reinstall" in page


def test_each_part_is_there_with_its_permission_only(world: World) -> None:
    parts = {"settings.rename": "/settings/rename", "settings.reinstall": "/settings/reinstall", "file.sftp": "sftp://"}
    for permission, mark in parts.items():
        share(world, PAPER, permission)
        page = settings(world, PAPER, "subuser")
        assert [one for one in parts.values() if one in page] == [mark]
        assert row_of(world, PAPER).uuid in page


def test_who_can_change_nothing_is_told(world: World) -> None:
    share(world, PAPER)
    page = settings(world, PAPER, "subuser")

    assert "does not include changing anything here" in said(page)
    assert "<form" not in page.partition('<section id="settings"')[2]
    assert "For support" in said(page)


@pytest.mark.parametrize("who", ["stranger", "admin", None])
def test_others_find_nothing(who: str | None, world: World) -> None:
    seen(world, PAPER)
    for rest in ("", "/live", "/reinstall"):
        answer = world.browser(who).get(f"/servers/{world.server(PAPER)}/settings{rest}")
        assert answer.status_code in ((404,) if who else (303, 286, 200))
        assert row_of(world, PAPER).uuid not in answer.text
    assert world.calls() in ([], [f"GET /api/client/servers/{world.server(PAPER)}"]), "a key of their own may ask"


@pytest.mark.parametrize("name", sorted(LABELS))
def test_a_state_that_forbids_everything_is_said_and_the_forms_rest(name: str, world: World) -> None:
    page = settings(world, name)

    assert f"<b>{LABELS[name]}.</b>" in page
    assert "Until then nothing can be changed here." in said(page)
    assert '<fieldset class="bare" disabled>' in page
    assert f'"/servers/{world.server(name)}/settings/reinstall"' not in page
    assert ('/billing">Open Billing</a>' in page) == (name == "Unpaid")
    assert ("settings/live?seen=" in page) == (name not in ("Unpaid", "Broken Pack")), "these do not end by themselves"


def test_after_a_reinstall_that_failed_everything_works(world: World) -> None:
    page = settings(world, "Half Reinstalled")

    assert "Until then" not in said(page)
    assert "/settings/reinstall" in page
    assert "settings/live" not in page


def test_the_page_notices_the_end_without_any_call(world: World) -> None:
    assert "settings/live?seen=installing" in settings(world, "New Adventure")
    world.calls()
    assert live(world, "New Adventure", "installing") == ""
    row_of(world, "New Adventure").status = None
    world.clock.advance(30)
    world.work()
    world.calls()
    shown = live(world, "New Adventure", "installing")

    assert world.calls() == []
    assert shown.lstrip().startswith('<section id="settings"')
    assert "settings/live" not in shown
    assert "/settings/reinstall" in shown


def test_with_the_panel_down_what_was_known_last_is_shown_and_rests(world: World) -> None:
    seen(world, PAPER)
    world.clock.advance(30)
    world.demo.set_condition("panel-gateway")
    page = settings(world)

    assert "The panel does not answer." in said(page)
    assert '<fieldset class="bare" disabled>' in page
    assert "Not while the panel cannot be asked." in said(page)
    assert row_of(world, PAPER).uuid in page


def test_ids_are_unique_with_the_question_open_too(own_world: World) -> None:
    page = settings(own_world)
    asked = own_world.browser("owner").get(f"/servers/{own_world.server(PAPER)}/settings/reinstall", headers=HTMX)
    ids = re.findall(r'\bid="([^"]*)"', page + asked.text)

    assert len(ids) == len(set(ids))


def test_names_from_elsewhere_are_no_markup(world: World) -> None:
    row = next(one for one in world.demo.world.servers if one.name.startswith("<script>"))
    page = settings(world, row.name)

    assert "&lt;script&gt;" in page
    assert row.name not in page


def test_an_account_without_a_panel_name_is_told_whom_to_ask(own_world: World) -> None:
    with own_world.app.app_context(), write() as session:
        session.execute(update(Account).values(panel_username=None))
    assert "yours is not linked to one" in said(settings(own_world))


def test_links_hold_whatever_a_name_or_address_is() -> None:
    plain = Sftp("node.example.org", 2022, "owner.1a2b3c4d")

    assert plain.link == "sftp://owner.1a2b3c4d@node.example.org:2022"
    assert replace(plain, username="o wner@x:/?#.1a").link == "sftp://o%20wner%40x%3A%2F%3F%23.1a@node.example.org:2022"
    assert replace(plain, host="2001:db8::1").address == "sftp://[2001:db8::1]:2022"
    assert replace(plain, host="[2001:db8::1]").link == "sftp://owner.1a2b3c4d@[2001:db8::1]:2022"
    assert replace(plain, host='x"/y').address == "sftp://x%22%2Fy:2022"
