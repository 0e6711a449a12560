"""Making and changing a schedule: what the panel gets, what it refuses, and what somebody else did meanwhile."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from typing import Any

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
    assert "“Restart” was created. Add what it shall do" in page
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
        ({"minute": None}, "Enter this field; * stands for any."),
        ({"hour": None}, "Enter this field; * stands for any."),
        (dict.fromkeys(("minute", "hour", "day_of_month", "month", "day_of_week")), "Enter this field"),
    ],
)
def test_what_is_missing_is_said_without_asking_the_panel(
    world: World, form: dict[str, str | None], text: str
) -> None:
    browser = world.browser("owner")
    world.calls()
    sent = {name: value for name, value in {**FORM, **form}.items() if value is not None}
    answer = browser.post(at(world, EMPTY, "/new"), data=sent)
    assert answer.status_code == 422
    assert text in said(answer.text)
    assert [one for one in world.calls() if one.startswith("POST")] == []
    assert schedules_of(world, EMPTY) == []


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
    _cut(own_world)
    answer = browser.post(at(own_world, EMPTY, "/new"), data=FORM)
    assert answer.status_code == 503
    assert "Whether it was done is not known" in said(answer.text)
    assert 'value="Restart"' in answer.text
    assert audit_of(own_world, "schedule.create") == [("unknown", "Restart")]
    fragment = browser.post(at(own_world, EMPTY, "/new"), data=FORM, headers=HTMX)
    assert fragment.headers["HX-Trigger"] == "schedules-changed"


def _cut(world: World, *, happens: bool = False) -> None:
    """The answer to every change is lost; whether it happens."""
    before = world.adapter.app

    def cut(environ: dict[str, Any], start_response: Any) -> Any:
        if environ["REQUEST_METHOD"] == "GET":
            return before(environ, start_response)
        if happens:
            list(before(environ, lambda *_args: None))
        start_response("502 Bad Gateway", [("Content-Type", "text/html")])
        return [b"<html>"]

    world.adapter.app = cut


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
    assert "Times here are taken to be in UTC." in answer.text
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


@pytest.mark.parametrize("headers", [{}, HTMX], ids=["page", "htmx"])
def test_how_often_counts_although_nobody_pressed_fill_in(world: World, headers: dict[str, str]) -> None:
    """Without script the fields do not follow the choice; what was chosen is not saved as something else."""
    browser = world.browser("owner")
    page = browser.get(at(world, EMPTY, "/new")).text
    was = re.findall(r'name="was" value="([^"]*)"', page)[0]
    assert was == "0 4 * * *"
    chosen = FORM | {"minute": "0", "hour": "4", "was": was, "at": "04:00", "weekday": "0", "day": "1"}
    answer = browser.post(at(world, EMPTY, "/new"), data=chosen | {"rhythm": "weekly"}, headers=headers)
    assert answer.status_code == 422
    assert "“How often” was changed, and the fields below say it now." in said(answer.text)
    assert "At 04:00, on Sunday." in answer.text
    assert '<option value="weekly" selected>' in answer.text
    assert 'name="was" value="0 4 * * 0"' in answer.text
    assert schedules_of(world, EMPTY) == []
    again = chosen | {"rhythm": "weekly", "day_of_week": "0", "was": "0 4 * * 0"}
    assert browser.post(at(world, EMPTY, "/new"), data=again).status_code == 303
    assert schedules_of(world, EMPTY)[0].day_of_week == "0"


def test_fields_that_were_typed_count_and_not_the_rhythm_that_stands_above_them(world: World) -> None:
    browser = world.browser("owner")
    unchanged = {"rhythm": "daily", "at": "04:00", "weekday": "1", "day": "1", "was": "0 4 * * *"}
    assert browser.post(at(world, EMPTY, "/new"), data=FORM | unchanged | {"hour": "7"}).status_code == 303
    assert schedules_of(world, EMPTY)[0].hour == "7"
    row = put(world, PLAYED, "15 6 * * 2")
    path = at(world, PLAYED, f"/{row.id}/edit")
    page = see(world, "owner", path)
    changed = {"rhythm": "daily", "at": "06:15", "weekday": "2", "day": "1", "was": "15 6 * * 2", "minute": "15",
               "hour": "6", "day_of_week": "2", "seen": seen_in(page)}  # fmt: skip
    answer = browser.post(path, data=FORM | changed)
    assert answer.status_code == 422
    assert "At 06:15, every day." in answer.text
    assert row.day_of_week == "2"


@pytest.mark.parametrize("headers", [{}, HTMX], ids=["page", "htmx"])
def test_what_was_sent_twice_is_made_once(world: World, headers: dict[str, str]) -> None:
    browser = world.browser("owner")
    path = at(world, EMPTY, "/new")
    assert browser.post(path, data=FORM, headers=headers).status_code in (200, 303)
    answer = browser.post(path, data=FORM, headers=headers)
    assert answer.status_code == (422 if headers else 409)
    assert "This is there already, exactly so: “Restart”. Nothing was created." in said(answer.text)
    assert 'value="Restart"' in answer.text
    assert len(schedules_of(world, EMPTY)) == 1
    assert len(audit_of(world, "schedule.create")) == 1
    assert browser.post(path, data=FORM | {"hour": "6"}).status_code == 303
    wanted = browser.post(path, data=FORM | {"seen": seen_in(answer.text)})
    assert wanted.status_code == 303
    assert len(schedules_of(world, EMPTY)) == 3


def test_two_at_the_same_time_wait_for_each_other(own_world: World) -> None:
    path = at(own_world, EMPTY, "/new")
    browsers = [own_world.browser("owner") for _ in range(4)]
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda one: one.post(path, data=FORM).status_code, browsers))
    assert sorted(answers) == [303, 409, 409, 409]
    assert len(schedules_of(own_world, EMPTY)) == 1


def test_sending_it_again_after_a_lost_answer_makes_no_second(own_world: World) -> None:
    browser = own_world.browser("owner")
    browser.get(at(own_world, EMPTY))
    _cut(own_world, happens=True)
    answer = browser.post(at(own_world, EMPTY, "/new"), data=FORM)
    assert "Whether it was done is not known" in said(answer.text)
    assert browser.post(at(own_world, EMPTY, "/new"), data=FORM).status_code == 409
    assert len(schedules_of(own_world, EMPTY)) == 1


def test_a_name_from_somebody_else_turns_nothing_around_in_a_sentence(own_world: World) -> None:
    row = put(own_world, PLAYED)
    path = at(own_world, PLAYED, f"/{row.id}/edit")
    seen = seen_in(see(own_world, "owner", path))
    row.name = "Theirs\u202e\u2066 x"
    text = said(own_world.browser("owner").post(path, data=FORM | {"seen": seen}).text)
    assert "Now it is “Theirs x”" in text
