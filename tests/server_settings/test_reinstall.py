"""Installing a server again: asked by typing its name, and nothing is asked of the panel before that is right."""

from __future__ import annotations

import unicodedata

import pytest
from werkzeug.test import TestResponse

from tests.conftest import World
from tests.servers.support import HTMX, audit_of, row_of, said
from tests.startup.support import PAPER, Lost, seen, share


def path(world: World, name: str = PAPER) -> str:
    return f"/servers/{world.server(name)}/settings/reinstall"


def ask(world: World, who: str = "owner", name: str = PAPER, *, is_page: bool = False) -> TestResponse:
    return world.browser(who).get(path(world, name), headers={} if is_page else HTMX)


def reinstall(
    world: World, typed: str = PAPER, who: str = "owner", *, name: str = PAPER, is_page: bool = False
) -> TestResponse:
    return world.browser(who).post(path(world, name), data={"name": typed}, headers={} if is_page else HTMX)


def test_the_question_says_what_may_be_lost_and_offers_a_backup(world: World) -> None:
    seen(world, PAPER)
    for is_page in (False, True):
        answer = ask(world, is_page=is_page)
        text = said(answer.text)
        assert answer.status_code == 200
        assert "A running server is stopped" in text
        assert "may be lost or replaced" in text
        assert f"Reinstall <bdi>{PAPER}</bdi>?</h" in answer.text
        assert f"Type <bdi>{PAPER}</bdi> to reinstall." in answer.text
        assert f'href="/servers/{world.server(PAPER)}/backups/new"' in answer.text
        assert ("<!doctype html>" in answer.text) == is_page
    assert world.calls() == []


def test_a_backup_is_offered_only_where_one_can_be_made(world: World) -> None:
    share(world, PAPER, "settings.reinstall")
    assert "/backups/new" not in ask(world, "subuser").text
    share(world, PAPER, "settings.reinstall", "backup.create")
    assert "/backups/new" in ask(world, "subuser").text
    seen(world, "Factorio Space Age")
    assert "/backups/new" not in ask(world, name="Factorio Space Age").text


def test_typing_the_name_installs_it_again_and_the_page_shows_it(world: World) -> None:
    seen(world, PAPER)
    answer = reinstall(world)

    assert world.calls() == [f"POST /api/client/servers/{world.server(PAPER)}/settings/reinstall"]
    assert answer.headers["HX-Redirect"] == f"/servers/{world.server(PAPER)}/settings"
    assert row_of(world, PAPER).status == "installing"
    page = world.browser("owner").get(answer.headers["HX-Redirect"]).text
    assert "<b>Installing.</b>" in page
    assert "settings/live?seen=installing" in page
    assert "Installing" in said(world.browser("owner").get(f"/servers/{world.server(PAPER)}").text)
    assert audit_of(world, "settings.reinstall") == [("done", PAPER)]


def test_a_running_server_is_stopped(world: World) -> None:
    process = world.demo.processes[row_of(world, PAPER).uuid]
    assert process.state == "running"
    seen(world, PAPER)
    reinstall(world)
    for _ in range(20):
        world.clock.advance(2)

    assert process.state == "offline"


def test_without_script_the_page_tells_it(world: World) -> None:
    seen(world, PAPER)
    browser = world.browser("owner")
    answer = browser.post(path(world), data={"name": PAPER})
    assert (answer.status_code, answer.headers["Location"]) == (303, f"/servers/{world.server(PAPER)}/settings")

    assert f"The reinstall of {PAPER} has started." in said(browser.get(answer.headers["Location"]).text)


@pytest.mark.parametrize("typed", ["", " ", "survival smp", "Survival", "Survival SMP 2", "Lobby"])
def test_another_name_asks_nothing_of_the_panel(typed: str, world: World) -> None:
    seen(world, PAPER)
    for is_page in (False, True):
        answer = reinstall(world, typed, is_page=is_page)
        assert answer.status_code == 422
        assert 'class="wrong"' in answer.text
        assert "/backups/new" in answer.text
    assert world.calls() == []
    assert audit_of(world, "settings.reinstall") == []
    assert row_of(world, PAPER).status is None


@pytest.mark.parametrize(
    ("called", "typed"),
    [("Two  blanks", "Two blanks"), ("<b>Bold</b> & more", "<b>Bold</b> & more"), ("Right\u202eleft", "Right left"),
     ("\u200b\u200b", ""), ("Cafe\u0301", "Caf\u00e9"), ("Caf\u00e9", "Cafe\u0301")],
)  # fmt: skip
def test_every_name_can_be_typed(called: str, typed: str, world: World) -> None:
    row = row_of(world, PAPER)
    row.name = called
    seen(world, called)
    needed = typed or row.identifier
    asked = unicodedata.normalize("NFC", said(ask(world, name=called).text))
    assert unicodedata.normalize("NFC", needed) in asked
    assert reinstall(world, needed, name=called).status_code == 200

    assert row.status == "installing"


def test_without_its_permission_nothing_is_asked(world: World) -> None:
    share(world, PAPER, "settings.rename", "backup.create")
    for answer in (ask(world, "subuser"), reinstall(world, who="subuser")):
        assert answer.status_code == 403
        assert "settings.reinstall" in said(answer.text)
    assert world.calls() == []


@pytest.mark.parametrize("who", ["stranger", "admin"])
def test_others_find_nothing(who: str, world: World) -> None:
    seen(world, PAPER)

    assert reinstall(world, who=who).status_code == 404
    assert world.calls() == []


def test_a_subuser_with_the_permission_does_it(world: World) -> None:
    share(world, PAPER, "settings.reinstall")

    assert reinstall(world, who="subuser").status_code == 200
    assert row_of(world, PAPER).status == "installing"


@pytest.mark.parametrize("name", ["Unpaid", "New Adventure", "On the Move"])
def test_a_state_that_forbids_it_is_said_before_and_after(name: str, world: World) -> None:
    seen(world, name)
    assert 'role="alert"' in ask(world, name=name).text
    answer = reinstall(world, name, name=name, is_page=True)

    assert answer.status_code == 409
    assert 'role="alert"' in answer.text
    assert f'value="{name}"' in answer.text
    assert [outcome for outcome, _ in audit_of(world, "settings.reinstall")] == ["refused"]


def test_a_node_that_does_not_answer_changes_nothing(world: World) -> None:
    seen(world, PAPER)
    world.demo.set_condition("node-down")
    answer = reinstall(world)

    assert answer.status_code == 422
    assert 'role="alert"' in answer.text
    assert row_of(world, PAPER).status is None
    page = world.browser("owner").get(f"/servers/{world.server(PAPER)}/settings").text
    assert "Installing" not in page


def test_a_lost_answer_is_called_unknown_and_the_page_looks(world: World) -> None:
    seen(world, PAPER)
    Lost(world)
    answer = reinstall(world)

    assert "Whether it was done is not known" in said(answer.text)
    assert answer.headers["HX-Trigger"] == "settings-changed"
    assert audit_of(world, "settings.reinstall") == [("unknown", PAPER)]
    world.clock.advance(11)
    page = world.browser("owner").get(f"/servers/{world.server(PAPER)}/settings", headers=HTMX).text
    assert "<b>Installing.</b>" in page


@pytest.mark.parametrize("condition", ["panel-maintenance", "rate-limited"])
def test_trouble_keeps_what_was_typed(condition: str, world: World) -> None:
    seen(world, PAPER)
    world.demo.set_condition(condition)
    for _ in range(6):
        world.browser("owner").get(f"/servers/{world.server(PAPER)}/startup")
    answer = reinstall(world, is_page=True)

    assert answer.status_code in (429, 503)
    assert f'value="{PAPER}"' in answer.text
    assert row_of(world, PAPER).status is None
