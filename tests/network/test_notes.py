"""Notes are edited in place: saved as they are, never cut, never lost."""

from __future__ import annotations

import html
import re

import pytest

from portal.network.service import LONGEST_NOTE
from tests.conftest import World
from tests.network.support import EVERY, call, get, only, path, post, share, shown
from tests.servers.support import audit_of, said


@pytest.mark.parametrize(
    "notes", ["query port", "Zäune & \"Hühner\" <b>", "\U0001f409" * LONGEST_NOTE, "x" * LONGEST_NOTE]
)
def test_a_note_is_saved_and_the_answer_is_its_form(notes: str, world: World) -> None:
    _, second = only(world, "before")
    answer = post(world, path(world, second, "notes"), notes=notes)

    assert answer.status_code == 200
    assert second.notes == notes
    assert world.calls() == [call(world, second, method="POST")]
    assert answer.text.lstrip().startswith("<form")
    assert f'id="notes-{second.id}"' in answer.text
    assert html.unescape(re.search(r'name="notes" value="([^"]*)"', answer.text)[1]) == notes  # type: ignore[index]
    assert "Saved." in said(answer.text)
    assert "HX-Trigger" not in answer.headers
    assert audit_of(world, "allocation.") == [("done", shown(second))]


@pytest.mark.parametrize("notes", ["", "   "])
def test_an_empty_note_takes_it_away(notes: str, world: World) -> None:
    _, second = only(world, "before")
    post(world, path(world, second, "notes"), notes=notes)

    assert second.notes is None


def test_without_script_it_leads_back_with_the_news(world: World) -> None:
    first, _ = only(world, None)
    browser = world.browser("owner")
    answer = browser.post(path(world, first, "notes"), data={"notes": "the game"})

    assert (answer.status_code, answer.headers["Location"]) == (303, path(world))
    page = browser.get(path(world))
    assert f"The note of {shown(first)} is saved." in said(page.text)
    assert 'value="the game"' in page.text


def test_an_alias_cannot_turn_the_news_around(world: World) -> None:
    first, _ = only(world, None)
    first.ip_alias = "play\u202e.example.com"
    browser = world.browser("owner")
    browser.post(path(world, first, "notes"), data={"notes": "the game"})

    assert "The note of play .example.com:" in said(browser.get(path(world)).text)


@pytest.mark.parametrize("length", [LONGEST_NOTE + 1, 256, 257, 5000])
@pytest.mark.parametrize("is_page", [True, False])
def test_what_the_panel_would_cut_is_refused_and_stays_in_the_field(length: int, is_page: bool, world: World) -> None:
    """The panel takes 256 letters, says that it has them, and keeps 191."""
    _, second = only(world, "before")
    notes = "y" * length
    answer = post(world, path(world, second, "notes"), is_page=is_page, notes=notes)

    assert answer.status_code == 422
    wanted = f"The panel keeps 191 characters of a note; this has {length - LONGEST_NOTE} too many. Nothing was saved."
    assert f'<p id="notes-{second.id}-help" class="wrong" role="status">{wanted}</p>' in answer.text
    assert f'value="{notes}"' in answer.text
    assert 'aria-invalid="true"' in answer.text
    assert ("<h1>" in answer.text) is is_page
    assert world.calls() == []
    assert second.notes == "before"
    assert audit_of(world, "allocation.") == []


def test_the_field_itself_cuts_nothing(world: World) -> None:
    only(world, "before")

    assert "maxlength" not in get(world, path(world)).text


@pytest.mark.parametrize("is_page", [True, False])
def test_what_was_typed_stays_when_the_panel_cannot_be_asked(is_page: bool, world: World) -> None:
    _, second = only(world, "before")
    world.demo.set_condition("panel-maintenance")
    answer = post(world, path(world, second, "notes"), is_page=is_page, notes="a long thought")

    assert answer.status_code == (503 if is_page else 422)
    assert "working on the panel" in said(answer.text)
    assert 'value="a long thought"' in answer.text
    assert [outcome for outcome, _ in audit_of(world, "allocation.")] == ["refused"]


def test_an_unknown_outcome_is_called_so_and_keeps_the_text(world: World) -> None:
    _, second = only(world, "before")
    knob = {"where": "panel", "fault": "status", "settings": {"status": 502, "effect": "after", "form": "html"}}
    world.demo.knobs.turn(knob | {"match": {"path": "*/network/*", "method": "POST"}})
    answer = post(world, path(world, second, "notes"), notes="a thought")

    assert "Whether it was done is not known" in said(answer.text)
    assert 'value="a thought"' in answer.text
    assert audit_of(world, "allocation.") == [("unknown", shown(second))]


@pytest.mark.parametrize("is_page", [True, False])
def test_without_the_permission_nothing_is_asked(is_page: bool, world: World) -> None:
    _, second = only(world, "before")
    share(world, *(one for one in EVERY if one != "allocation.update"))
    answer = post(world, path(world, second, "notes"), "subuser", is_page=is_page, notes="mine")

    assert answer.status_code == 403
    assert "allocation.update" in said(answer.text)
    assert world.calls() == []
    assert second.notes == "before"


def test_an_allocation_of_another_server_is_none_of_this_one(world: World) -> None:
    only(world, None)
    _, other = only(world, "theirs", server="Lobby")
    answer = post(world, path(world, other, "notes"), is_page=True, notes="mine")

    assert answer.status_code == 409
    assert "This server has no such allocation any more." in said(answer.text)
    assert 'value="mine"' in answer.text
    assert other.notes == "theirs"


@pytest.mark.parametrize("is_page", [True, False])
def test_a_newer_note_of_somebody_else_is_not_overwritten_unseen(is_page: bool, world: World) -> None:
    _, second = only(world, "before")
    seen = was(get(world, path(world)).text, second.id)
    second.notes = "<b>theirs"
    world.calls()
    answer = post(world, path(world, second, "notes"), is_page=is_page, notes="mine", was=seen)

    assert answer.status_code == 422
    assert second.notes == "<b>theirs"
    assert world.calls() == [call(world)]
    assert audit_of(world, "allocation.") == []
    wanted = "Somebody has changed this note meanwhile. It says: “&lt;b&gt;theirs”. Save again to replace it."
    assert f'class="wrong" role="status">{wanted}</p>' in answer.text
    assert 'value="mine"' in answer.text

    again = was(answer.text, second.id)
    assert post(world, path(world, second, "notes"), notes="mine", was=again).status_code == 200
    assert second.notes == "mine"


def test_a_note_that_somebody_took_away_is_said(world: World) -> None:
    _, second = only(world, "before")
    second.notes = None
    answer = post(world, path(world, second, "notes"), notes="mine", was="before")

    assert "Somebody has taken this note away meanwhile." in said(answer.text)
    assert was(answer.text, second.id) == ""
    assert second.notes is None


@pytest.mark.parametrize("there", ["before", " before ", "mine"])
def test_a_note_that_is_as_it_was_seen_or_wanted_is_saved(there: str, world: World) -> None:
    """The last one: an answer got lost, and the same is sent again."""
    _, second = only(world, there)
    answer = post(world, path(world, second, "notes"), notes="mine", was="before")

    assert second.notes == "mine"
    assert was(answer.text, second.id) == "mine", "the form that comes back has seen it"


def test_who_may_not_read_notes_is_told_of_none(world: World) -> None:
    _, second = only(world, "the secret door")
    share(world, "allocation.update")
    answer = post(world, path(world, second, "notes"), "subuser", notes="mine", was="before")

    assert "the secret door" not in answer.text
    assert world.calls() == [call(world, second, method="POST")]


def was(text: str, number: int) -> str:
    """The note that a form has seen."""
    found = re.search(rf'name="was" value="([^"]*)">(?:(?!</form>).)*id="notes-{number}"', text, re.DOTALL)
    assert found, text
    return html.unescape(found[1])
