"""Saving one variable: alone, checked by the panel, with the command that comes of it."""

from __future__ import annotations

import logging
import re
import sqlite3
from contextlib import closing

import pytest

from tests.conftest import World
from tests.servers.support import HTMX, audit_of, row_of, said
from tests.startup.support import COUNTER, PAPER, VALHEIM, Lost, api, cards, save, seen, share, startup, variable

SECRET = "correct-horse.jar"


def calls(world: World, name: str) -> list[str]:
    return [f"GET {api(world, name, 'startup')}", f"PUT {api(world, name, 'startup/variable')}"]


def value_of(world: World, name: str, key: str) -> str | None:
    return row_of(world, name).server_values.get(key)


def test_a_value_is_saved_and_the_new_command_comes_with_it(world: World) -> None:
    seen(world, PAPER)
    answer = save(world, PAPER, "SERVER_JARFILE", value="paper.jar")

    assert answer.status_code == 200, said(answer.text)
    assert world.calls() == calls(world, PAPER)
    assert value_of(world, PAPER, "SERVER_JARFILE") == "paper.jar"
    assert list(cards(answer.text)) == ["SERVER_JARFILE"], "what is typed for others stays"
    assert 'value="paper.jar"' in cards(answer.text)["SERVER_JARFILE"]
    command = re.findall(r'<section id="startup-command"[^>]*hx-swap-oob="true">.*?</section>', answer.text, re.DOTALL)
    assert "-jar paper.jar" in said(command[0])
    assert "Saved: Server Jar File. It counts from the next start of the server." in said(answer.text)
    assert audit_of(world, "startup.update") == [("done", "SERVER_JARFILE")]


def test_without_script_the_page_tells_it(world: World) -> None:
    seen(world, PAPER)
    answer = save(world, PAPER, "SERVER_JARFILE", is_page=True, value="paper.jar")
    assert answer.status_code == 303

    assert answer.headers["Location"] == f"/servers/{world.server(PAPER)}/startup"
    assert value_of(world, PAPER, "SERVER_JARFILE") == "paper.jar"


def test_what_the_panel_does_not_take_stays_beside_its_sentence(world: World) -> None:
    seen(world, PAPER)
    for is_page in (False, True):
        answer = save(world, PAPER, "SERVER_JARFILE", is_page=is_page, value="not a <jar>")
        assert answer.status_code == 422
        card = cards(answer.text)["SERVER_JARFILE"]
        assert 'value="not a &lt;jar&gt;"' in card
        assert re.search(r'id="help-SERVER_JARFILE" class="wrong">The value format is invalid.</p>', card)
        assert 'aria-invalid="true"' in card
        assert "<h1" in answer.text if is_page else "<h1" not in answer.text
        assert ("startup.css" in answer.text) == is_page, "the page of its own brings the style of its card"
    assert value_of(world, PAPER, "SERVER_JARFILE") == "server.jar"
    assert [outcome for outcome, _ in audit_of(world, "startup.update")] == ["refused", "refused"]


def test_nothing_clears_a_value_and_is_not_said_to_be_the_default(world: World) -> None:
    variable(world, COUNTER, "NOTE", "nullable|string", default="of the egg", value="mine")
    seen(world, COUNTER)
    answer = save(world, COUNTER, "NOTE", value="")

    assert value_of(world, COUNTER, "NOTE") == ""
    card = cards(answer.text)["NOTE"]
    assert 'value=""' in card
    assert "Nothing is set" not in said(card)
    assert "Use the default: of the egg" in said(card)


def test_the_default_is_one_click_away(world: World) -> None:
    row_of(world, COUNTER).server_values["SRCDS_MAP"] = "de_nuke"
    seen(world, COUNTER)
    card = cards(startup(world, COUNTER))["SRCDS_MAP"]
    assert '<button class="button plain restore" name="default" value="1">' in card
    assert card.index('class="button save"') < card.index('name="default"'), "Enter saves what is typed"
    world.calls()
    answer = save(world, COUNTER, "SRCDS_MAP", value="half typed", default="1")

    assert world.calls() == calls(world, COUNTER)
    assert value_of(world, COUNTER, "SRCDS_MAP") == "de_dust2"
    assert "This is the default." in said(cards(answer.text)["SRCDS_MAP"])
    assert re.search(r'<input [^>]*value="de_dust2"[^>]* autofocus=""', answer.text), "the button had the focus"


@pytest.mark.parametrize("is_page", [True, False])
@pytest.mark.parametrize("fields", [{"value": "mine.jar"}, {"value": "old.jar", "default": "1"}])
def test_a_newer_value_of_somebody_else_is_not_overwritten_unseen(
    fields: dict[str, str], is_page: bool, world: World
) -> None:
    row_of(world, PAPER).server_values["SERVER_JARFILE"] = "old.jar"
    assert was(cards(startup(world))["SERVER_JARFILE"]) == "old.jar"
    row_of(world, PAPER).server_values["SERVER_JARFILE"] = "their.jar"
    world.calls()
    answer = save(world, PAPER, "SERVER_JARFILE", is_page=is_page, was="old.jar", **fields)

    assert answer.status_code == 422
    assert world.calls() == calls(world, PAPER)[:1]
    assert value_of(world, PAPER, "SERVER_JARFILE") == "their.jar"
    card = cards(answer.text)["SERVER_JARFILE"]
    assert "Somebody has changed this value meanwhile, to: their.jar. Save again to replace it." in said(card)
    assert f'value="{"their.jar" if "default" in fields else "mine.jar"}"' in card
    assert was(card) == "their.jar"
    assert audit_of(world, "startup.update") == []

    assert save(world, PAPER, "SERVER_JARFILE", was=was(card), **fields).status_code == 200
    assert value_of(world, PAPER, "SERVER_JARFILE") == ("server.jar" if "default" in fields else "mine.jar")


@pytest.mark.parametrize("there", ["old.jar", "mine.jar"])
def test_a_value_that_is_as_it_was_seen_or_wanted_is_saved(there: str, world: World) -> None:
    row_of(world, PAPER).server_values["SERVER_JARFILE"] = there
    seen(world, PAPER)
    answer = save(world, PAPER, "SERVER_JARFILE", was="old.jar", value="mine.jar")

    assert value_of(world, PAPER, "SERVER_JARFILE") == "mine.jar"
    assert was(cards(answer.text)["SERVER_JARFILE"]) == "mine.jar"


def was(card: str) -> str:
    """The value that a form has seen."""
    found = re.search(r'name="was" value="([^"]*)"', card)
    assert found, card
    return found[1]


def test_numbers_go_out_as_text(world: World) -> None:
    """The panel breaks over a number although its own rules ask for one."""
    seen(world, COUNTER)
    assert save(world, COUNTER, "SRCDS_MAXPLAYERS", value="64").status_code == 200

    assert value_of(world, COUNTER, "SRCDS_MAXPLAYERS") == "64"


def test_lines_stay_as_they_are(world: World) -> None:
    variable(world, COUNTER, "MOTD", "nullable|string", value="one\ntwo")
    seen(world, COUNTER)
    save(world, COUNTER, "MOTD", value="one\r\ntwo\r\nthree")

    assert value_of(world, COUNTER, "MOTD") == "one\ntwo\nthree"


@pytest.mark.parametrize("key", ["NOPE", "PASSWORD", "", "x" * 300, "SERVER_NAME\x00"])
def test_a_variable_that_is_not_shown_is_never_sent(key: str, world: World) -> None:
    """The panel breaks over an unknown name, and refuses a hidden one."""
    seen(world, VALHEIM)
    answer = save(world, VALHEIM, key, value="1234567")

    assert answer.status_code == 422
    assert "no such variable" in said(answer.text)
    assert "PUT" not in " ".join(world.calls())
    assert audit_of(world, "startup.update") == []
    assert value_of(world, VALHEIM, "PASSWORD") == "secret"


def test_what_is_hidden_stays_hidden_in_the_new_command(world: World) -> None:
    row_of(world, VALHEIM).server_values["PASSWORD"] = "hush-hush"
    seen(world, VALHEIM)
    answer = save(world, VALHEIM, "SERVER_NAME", value="Fjord {{PASSWORD}}")

    assert "hush-hush" not in answer.text
    assert '-name "Fjord [hidden]"' in said(answer.text)


def test_what_is_read_only_is_not_sent_either(world: World) -> None:
    seen(world, "Rust Weekly")
    answer = save(world, "Rust Weekly", "RCON_PORT", value="1234")

    assert "made this variable read-only" in said(answer.text)
    assert "PUT" not in " ".join(world.calls())


def test_without_startup_update_nothing_is_asked(world: World) -> None:
    share(world, PAPER, "startup.read", "startup.docker-image")
    answer = save(world, PAPER, "SERVER_JARFILE", "subuser", value="paper.jar")

    assert answer.status_code == 403
    assert "startup.update" in said(answer.text)
    assert world.calls() == []


@pytest.mark.parametrize("who", ["stranger", "admin"])
def test_others_find_nothing(who: str, world: World) -> None:
    seen(world, PAPER)

    assert save(world, PAPER, "SERVER_JARFILE", who, value="paper.jar").status_code == 404
    assert world.calls() == []


def test_a_subuser_with_both_permissions_saves(world: World) -> None:
    share(world, PAPER, "startup.read", "startup.update")

    assert save(world, PAPER, "SERVER_JARFILE", "subuser", value="paper.jar").status_code == 200
    assert value_of(world, PAPER, "SERVER_JARFILE") == "paper.jar"


def test_who_may_change_but_not_read_is_shown_nothing(world: World) -> None:
    """As with the panel itself; what it tells of values and command after a change stays here."""
    share(world, PAPER, "startup.update")
    for is_page in (False, True):
        answer = save(world, PAPER, "SERVER_JARFILE", "subuser", is_page=is_page, value="paper.jar")
        assert world.calls() == calls(world, PAPER)[1:]
        assert "-jar" not in answer.text
        assert "server.jar" not in answer.text
    assert answer.headers["Location"] == f"/servers/{world.server(PAPER)}"
    unknown = save(world, PAPER, "NOPE", "subuser", value="x")

    assert "Whether it was done is not known" in said(unknown.text)
    world.calls()
    assert "no such variable" in said(save(world, PAPER, "NO SUCH", "subuser", value="x").text)
    assert world.calls() == []
    assert [outcome for outcome, _ in audit_of(world, "startup.update")] == ["done", "done", "unknown"]


def test_a_lost_answer_is_called_unknown_and_keeps_what_was_typed(world: World) -> None:
    seen(world, PAPER)
    Lost(world)
    for is_page, status in ((False, 422), (True, 503)):
        answer = save(world, PAPER, "SERVER_JARFILE", is_page=is_page, value="paper.jar")
        assert answer.status_code == status
        assert "Whether it was done is not known" in said(answer.text)
        assert 'value="paper.jar"' in answer.text
    assert audit_of(world, "startup.update") == [("unknown", "SERVER_JARFILE")] * 2


@pytest.mark.parametrize(
    ("condition", "text"),
    [("panel-gateway", "The panel cannot be reached just now. Nothing was changed."),
     ("panel-maintenance", "working on the panel"), ("rate-limited", "Too much")],
)  # fmt: skip
def test_trouble_keeps_what_was_typed(condition: str, text: str, world: World) -> None:
    seen(world, PAPER)
    world.demo.set_condition(condition)
    for _ in range(6):
        for is_page in (False, True):
            answer = save(world, PAPER, "SERVER_JARFILE", is_page=is_page, value="paper.jar")
    assert answer.status_code in (429, 503)

    assert text in said(answer.text)
    assert 'value="paper.jar"' in answer.text
    assert 'value="SERVER_JARFILE"' in answer.text
    assert int(answer.headers["Retry-After"]) > 0


def test_a_suspended_server_says_so(world: World) -> None:
    seen(world, PAPER)
    row_of(world, PAPER).status = "suspended"
    answer = save(world, PAPER, "SERVER_JARFILE", value="paper.jar")

    assert answer.status_code == 422
    assert "suspended" in said(answer.text)
    assert value_of(world, PAPER, "SERVER_JARFILE") == "server.jar"


def test_a_value_is_in_no_log_no_audit_line_and_not_in_the_store(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    seen(world, PAPER)
    caplog.set_level(logging.DEBUG)
    save(world, PAPER, "SERVER_JARFILE", value=SECRET)
    save(world, PAPER, "SERVER_JARFILE", value=SECRET, is_page=True)
    save(world, PAPER, "NOPE", value=SECRET)
    startup(world)
    world.clock.advance(60)
    world.work()
    texts = [f"{one.getMessage()} {one.args}" for one in caplog.records if not one.name.startswith("sqlalchemy")]
    with closing(sqlite3.connect(world.instance / "roost.db")) as store:
        texts += list(store.iterdump())

    assert value_of(world, PAPER, "SERVER_JARFILE") == SECRET
    assert not [one for one in texts if SECRET in one]


def test_a_value_is_not_carried_over_when_the_session_has_ended(own_world: World) -> None:
    browser = own_world.browser()
    path = f"/servers/{own_world.server(PAPER)}/startup/variable"
    browser.post(path, data={"key": "SERVER_JARFILE", "value": SECRET}, headers=HTMX)

    with browser.session_transaction() as session:
        assert SECRET not in str(dict(session))
