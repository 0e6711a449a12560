"""Making and changing a schedule: what the panel gets, what it refuses, and what somebody else did meanwhile."""

from __future__ import annotations

import re

import pytest

from tests.conftest import World
from tests.schedules.support import EMPTY, FORM, PLAYED, at, panel, put, schedules_of
from tests.servers.support import HTMX, Bent, audit_of, said, see

SENTENCE = "The cron data provided does not evaluate to a valid expression."


def seen_in(page: str) -> str:
    return re.findall(r'name="seen" value="([^"]*)"', page)[0]


def test_a_schedule_is_made_as_it_was_said(world: World) -> None:
    browser = world.browser("owner")
    answer = browser.post(at(world, EMPTY, "/new"), data=FORM | {"only_when_online": "y"})
    row = schedules_of(world, EMPTY)[0]
    assert answer.status_code == 303
    assert answer.location == at(world, EMPTY, f"/{row.id}")
    assert (row.name, row.minute, row.hour, row.day_of_month, row.month, row.day_of_week) == (
        "Restart", "30", "5", "*", "*", "*",
    )  # fmt: skip
    assert (row.is_active, row.only_when_online, row.tasks) == (True, True, [])
    page = browser.get(answer.location).text
    assert "“Restart” was made. Add what it shall do" in page
    assert "Add the first task" in page
    assert audit_of(world, "schedule.create") == [("done", "Restart")]


def test_what_is_not_ticked_is_off(world: World) -> None:
    form = {name: text for name, text in FORM.items() if name != "is_active"}
    answer = world.browser("owner").post(at(world, EMPTY, "/new"), data=form, headers=HTMX)
    row = schedules_of(world, EMPTY)[0]
    assert answer.headers["HX-Redirect"] == at(world, EMPTY, f"/{row.id}")
    assert (row.is_active, row.only_when_online) == (False, False)


@pytest.mark.parametrize(
    ("field", "text", "hint"),
    [
        ("minute", "61", "number from 0 to 59"),
        ("hour", "4 5", "number from 0 to 23"),
        ("day_of_week", "MOO", "like *, MON-FRI or 5L"),
        ("month", "13", "like *, */3 or JUN-AUG"),
        ("day_of_month", "31W,2", "L for the last day"),
    ],
)
@pytest.mark.parametrize("headers", [{}, HTMX], ids=["page", "htmx"])
def test_a_line_that_the_panel_refuses_is_refused_beside_its_field(
    own_world: World, field: str, text: str, hint: str, headers: dict[str, str]
) -> None:
    form = FORM | {field: text, "name": "Kept <b>"}
    answer = own_world.browser("owner").post(at(own_world, EMPTY, "/new"), data=form, headers=headers)
    assert answer.status_code == 422
    help_of = re.search(rf'<p id="{field}-help" class="wrong">(.*?)</p>', answer.text)
    assert help_of
    assert said(help_of[1]).startswith(SENTENCE)
    assert hint in said(help_of[1])
    assert 'value="Kept &lt;b&gt;"' in answer.text
    assert f'value="{text}"' in answer.text
    assert schedules_of(own_world, EMPTY) == []
    assert audit_of(own_world, "schedule.create") == [("refused", "Refused: Kept <b>")]


def test_a_line_that_is_never_due_is_refused_with_the_panels_sentence(own_world: World) -> None:
    form = FORM | {"day_of_month": "30", "month": "2"}
    answer = own_world.browser("owner").post(at(own_world, EMPTY, "/new"), data=form)
    assert answer.status_code == 422
    assert f"{SENTENCE} No day fits this, so it would never run." in said(answer.text)


def test_the_panel_has_the_last_word_on_a_line(own_world: World) -> None:
    """Roost refuses no line by itself: should it know less than the panel, nobody is kept from anything."""
    from portal.schedules import cron

    browser = own_world.browser("owner")
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(cron._ACCEPTS, "minute", lambda _text: False)
        answer = browser.post(at(own_world, EMPTY, "/new"), data=FORM)
    assert answer.status_code == 303
    assert len(schedules_of(own_world, EMPTY)) == 1


@pytest.mark.parametrize(
    ("form", "text"),
    [
        ({"name": ""}, "Enter a name."),
        ({"name": "x" * 192}, "at most 191 letters"),
        ({"minute": " "}, "Enter this field; * stands for any."),
        ({"month": ""}, "Enter this field; * stands for any."),
    ],
)
def test_what_is_missing_is_said_without_asking_the_panel(world: World, form: dict[str, str], text: str) -> None:
    browser = world.browser("owner")
    world.calls()
    answer = browser.post(at(world, EMPTY, "/new"), data=FORM | form)
    assert answer.status_code == 422
    assert text in said(answer.text)
    assert [one for one in world.calls() if one.startswith("POST")] == []


def test_without_script_fields_are_filled_in_and_said_in_words(world: World) -> None:
    browser = world.browser("owner")
    chosen = {"rhythm": "weekly", "at": "06:45", "weekday": "0", "day": "1", "then": "fill"}
    page = browser.post(at(world, EMPTY, "/new"), data=FORM | chosen | {"name": "Typed"})
    assert page.status_code == 200
    assert "At 06:45, on Sunday." in page.text
    assert 'value="Typed"' in page.text
    assert 'id="minute" maxlength="191" name="minute"' in page.text
    again = browser.post(at(world, EMPTY, "/new"), data=FORM | {"minute": "*/10", "hour": "*", "then": "words"})
    assert "Every 10 minutes." in again.text
    assert "<noscript>" in again.text
    assert schedules_of(world, EMPTY) == []


def test_the_editor_shows_what_there_is_and_writes_all_of_it(world: World) -> None:
    row = put(world, PLAYED, "15 6 * * 2", ("command", "say hi", 0), is_active=False, only_when_online=True)
    path = at(world, PLAYED, f"/{row.id}/edit")
    page = see(world, "owner", path)
    assert "At 06:15, on Tuesday." in page
    assert '<option value="weekly" selected>' in page
    assert '<option value="2" selected>' in page
    assert 'value="06:15"' in page
    form = FORM | {"name": "New name", "seen": seen_in(page)}
    answer = world.browser("owner").post(path, data=form)
    assert answer.status_code == 303
    assert (row.name, row.minute, row.is_active, row.only_when_online) == ("New name", "30", True, False)
    assert len(row.tasks) == 1
    assert audit_of(world, "schedule.update") == [("done", "New name")]


def test_what_somebody_else_changed_is_not_overwritten_blindly(world: World) -> None:
    row = put(world, PLAYED)
    path = at(world, PLAYED, f"/{row.id}/edit")
    seen = seen_in(see(world, "owner", path))
    row.hour, row.name = "7", "Theirs"
    world.calls()
    answer = world.browser("owner").post(path, data=FORM | {"name": "Mine", "seen": seen})
    assert answer.status_code == 409
    text = said(answer.text)
    assert "Somebody changed this schedule since you opened it. Now it is “Theirs”, 0 7 * * *, switched on." in text
    assert 'value="Mine"' in answer.text
    assert row.name == "Theirs"
    assert [one for one in world.calls() if one.startswith("POST")] == []
    again = world.browser("owner").post(path, data=FORM | {"name": "Mine", "seen": seen_in(answer.text)})
    assert again.status_code == 303
    assert row.name == "Mine"


def test_a_run_in_between_is_no_change(world: World) -> None:
    row = put(world, PLAYED)
    path = at(world, PLAYED, f"/{row.id}/edit")
    seen = seen_in(see(world, "owner", path))
    row.last_run_at = row.updated_at = world.clock.now() + 5
    row.is_processing = True
    assert world.browser("owner").post(path, data=FORM | {"seen": seen}).status_code == 303


def test_a_forged_mark_overwrites_nothing(world: World) -> None:
    row = put(world, PLAYED)
    answer = world.browser("owner").post(at(world, PLAYED, f"/{row.id}/edit"), data=FORM)
    assert answer.status_code == 409
    assert row.name == "Nightly"


def test_one_that_is_gone_is_said_and_what_was_typed_stays(world: World) -> None:
    row = put(world, PLAYED)
    path = at(world, PLAYED, f"/{row.id}/edit")
    seen = seen_in(see(world, "owner", path))
    world.demo.world.schedules.remove(row)
    answer = world.browser("owner").post(path, data=FORM | {"name": "Mine", "seen": seen})
    assert answer.status_code == 409
    assert "This schedule is not there any more." in answer.text
    assert 'value="Mine"' in answer.text


def test_an_answer_that_never_came_is_unknown(own_world: World) -> None:
    browser = own_world.browser("owner")
    browser.get(at(own_world, EMPTY))
    own_world.demo.set_condition("panel-gateway")
    answer = browser.post(at(own_world, EMPTY, "/new"), data=FORM)
    assert answer.status_code == 503
    assert "Whether it was done is not known" in said(answer.text)
    assert 'value="Restart"' in answer.text
    assert audit_of(own_world, "schedule.create") == [("unknown", "Restart")]
    fragment = browser.post(at(own_world, EMPTY, "/new"), data=FORM, headers=HTMX)
    assert fragment.headers["HX-Trigger"] == "schedules-changed"


def test_a_field_that_the_panel_finds_wrong_is_marked(own_world: World) -> None:
    """Its 422 for a name; Roost's own check looks the other way here."""
    from portal.schedules import forms

    browser = own_world.browser("owner")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(forms.ScheduleForm, "validate", lambda self: bool(self.process(None)) or True)
        patch.setattr(forms.ScheduleForm, "plan", _too_long)
        answer = browser.post(at(own_world, EMPTY, "/new"), data=FORM)
    assert answer.status_code == 422
    assert re.search(r'id="name-help" class="wrong">The name may not be greater than 191 characters', answer.text)


def _too_long(_form: object, _preset: str = "") -> object:
    from portal.pterodactyl.models import Cron
    from portal.schedules.models import Plan

    return Plan("x" * 192, Cron("0", "4", "*", "*", "*"), True, False)


def test_a_hidden_zone_is_only_ever_a_zone(own_world: World) -> None:
    answer = own_world.browser("owner").post(
        at(own_world, EMPTY, "/new"), data=FORM | {"zone": "<script>", "then": "words"}
    )
    assert "taken to be UTC" in answer.text
    assert "<script>" not in re.sub(r"<script src[^>]*>", "", answer.text)


def test_where_nothing_can_be_read_before_a_change_nothing_is_changed(own_world: World) -> None:
    row = put(own_world, PLAYED)
    browser = own_world.browser("owner")
    browser.get(at(own_world, PLAYED))
    Bent(own_world, lambda path, body: [] if path.endswith("/schedules") else body)
    answer = browser.post(at(own_world, PLAYED, f"/{row.id}/active"), data={"on": "0"})
    assert answer.status_code == 503
    assert row.is_active
    assert panel(own_world, PLAYED) in "".join(own_world.calls())


def test_what_was_typed_as_a_session_ended_is_there_again(own_world: World) -> None:
    from tests.conftest import PASSWORD

    path = at(own_world, EMPTY, "/new")
    browser = own_world.browser()
    base = {"base_url": "http://localhost", "headers": {"Referer": f"http://localhost{path}"}}
    typed = browser.post(path, data=FORM | {"name": "Typed", "hour": "7"}, **base)
    assert "/login" in typed.location
    login = browser.post(typed.location, data={"email": "owner@example.com", "password": PASSWORD, "next": path})
    assert login.location == path
    page = browser.get(path).text
    assert 'value="Typed"' in page
    assert "At 07:30, every day." in page
