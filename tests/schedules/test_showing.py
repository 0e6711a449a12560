"""The pages: what they say, in whose zone, what they offer, and what they say when nothing can be read."""

from __future__ import annotations

import re
from datetime import datetime

import pytest

from tests.conftest import World
from tests.schedules.support import EMPTY, PLAYED, SHARED, allow, at, panel, put
from tests.servers.support import HTMX, Bent, poll_of, said, see

HOSTILE = "<script>alert(1)</script>‮\"'&"


def test_a_list_says_what_when_and_whether(world: World) -> None:
    put(world, PLAYED, "0 4 * * *", ("command", "save-all", 0), ("backup", "", 10), last_run_at=1_779_900_000.0)
    put(world, PLAYED, "30 5 * * 1", name="Weekly", is_active=False, only_when_online=True)
    page = see(world, "owner", at(world, PLAYED))
    text = said(page)
    assert "Nightly On At 04:00, every day. 2 tasks Next run 2026-05-29 04:00 UTC panel: 2026-05-29 04:00 UTC" in text
    assert "Last run 2026-05-27 16:40 UTC panel: 2026-05-27 16:40 UTC" in text
    assert "Weekly Off Only when online At 05:30, on Monday. No tasks yet: it does nothing." in text
    assert "Next run none while it is switched off Last run never" in text
    assert "Running now" not in text
    assert "/schedules/live" not in page
    assert "Switch on : Weekly" in text
    assert "Switch off : Nightly" in text


def test_times_are_in_the_viewers_zone_and_in_the_panels(own_world: World) -> None:
    put(own_world, PLAYED)
    browser = own_world.browser("owner")
    browser.set_cookie("tz", "Europe/Berlin")
    text = said(browser.get(at(own_world, PLAYED)).text)
    assert "Next run 2026-05-29 06:00 CEST panel: 2026-05-29 04:00 UTC" in text
    assert "They run in the panel’s time zone, UTC." in text


def test_a_panel_in_another_zone_is_understood_from_what_it_says(own_world: World) -> None:
    row = put(own_world, PLAYED)

    def bend(path: str, body: object) -> object:
        if path.endswith("/schedules"):
            body["data"][0]["attributes"]["next_run_at"] = "2026-05-29T04:00:00+02:00"  # type: ignore[index]
        return body

    Bent(own_world, bend)
    text = said(see(own_world, "owner", at(own_world, PLAYED, f"/{row.id}")))
    assert "Next run 2026-05-29 02:00 UTC panel: 2026-05-29 04:00 UTC+02:00" in text
    editor = see(own_world, "owner", at(own_world, PLAYED, f"/{row.id}/edit"))
    assert 'name="zone" value="UTC+02:00"' in editor
    assert "2026-05-29 02:00 UTC panel: 2026-05-29 04:00 UTC+02:00" in said(editor)


def test_a_host_that_says_its_zone_is_believed_when_the_panel_agrees(make_world) -> None:
    world = make_world("own", is_ready=True, time_zone="Europe/Berlin")
    text = said(see(world, "owner", at(world, PLAYED, "/new")))
    assert "The panel’s time zone is not known yet. Times here are taken to be in Europe/Berlin." in text
    put(world, PLAYED)
    text = said(see(world, "owner", at(world, PLAYED)))
    assert "They run in the panel’s time zone, UTC." in text


def test_what_one_server_told_of_the_panels_zone_counts_for_all(make_world) -> None:
    world = make_world("own", is_ready=True, time_zone="Europe/Berlin")
    path = at(world, EMPTY, "/new")
    page = see(world, "owner", path)
    assert '<p class="band warn">The panel’s time zone is not known yet.' in page
    row = put(world, EMPTY, "* * * * *")
    for rest in ("", f"/{row.id}"):
        page = see(world, "owner", at(world, EMPTY, rest))
        assert '<p class="band warn">The panel’s time zone is not known yet.' in page
    put(world, PLAYED)
    see(world, "owner", at(world, PLAYED))
    assert "They run in the panel’s time zone, UTC." in said(see(world, "owner", at(world, EMPTY)))
    assert "It runs in the panel’s time zone, UTC." in said(see(world, "owner", at(world, EMPTY, f"/{row.id}")))
    page = see(world, "owner", path)
    assert "Times here are in the panel’s time zone, UTC." in said(page)
    assert 'name="zone" value="UTC"' in page
    assert "not known yet" not in page


@pytest.mark.parametrize("rest", ["/new", "/new?preset=nightly-backup", "/import", "/{id}/edit"])
def test_a_form_that_is_no_dialog_stands_on_a_page_of_its_server(world: World, rest: str) -> None:
    row = put(world, PLAYED)
    page = see(world, "owner", at(world, PLAYED, rest.format(id=row.id)))
    assert page.count("<h1") == 1
    assert f'<h1><bdi>{PLAYED}</bdi></h1>' in page
    assert f'<a href="{at(world, PLAYED)}">All schedules</a>' in page


def test_who_may_not_read_schedules_is_led_to_no_list(service_world: World) -> None:
    allow(service_world, "schedule.create")
    page = see(service_world, "subuser", at(service_world, SHARED, "/new"))
    assert "Create schedule" in page
    assert "All schedules" not in page


def test_questions_name_what_they_are_about(world: World) -> None:
    row = put(world, PLAYED, "0 4 * * *", ("command", "a", 0))
    questions = {"delete": "Delete schedule <bdi>Nightly</bdi>?", "execute": "Run <bdi>Nightly</bdi> now?",
                 "active?on=1": "Switch <bdi>Nightly</bdi> on?",
                 "active?on=0": "Switch <bdi>Nightly</bdi> off?"}  # fmt: skip
    for rest, text in questions.items():
        assert f">{text}</h1>" in see(world, "owner", at(world, PLAYED, f"/{row.id}/{rest}"))
    page = see(world, "owner", at(world, PLAYED, f"/{row.id}/tasks/{row.tasks[0].id}/delete"))
    assert "Delete this task?" in said(page)


def test_an_empty_list_says_what_schedules_are_for_and_offers_the_first(world: World) -> None:
    page = see(world, "owner", at(world, EMPTY))
    assert "No schedules yet" in page
    assert f'href="{at(world, EMPTY, "/new")}?preset=nightly-backup"' in page
    assert f'href="{at(world, EMPTY, "/new")}"' in page
    assert "Export all" not in page


def test_who_may_only_read_is_offered_nothing(world: World) -> None:
    row = put(world, SHARED, "0 4 * * *", ("command", "say hi", 0), ("backup", "", 0))
    allow(world, "schedule.read")
    for rest in ("", f"/{row.id}"):
        page = see(world, "subuser", at(world, SHARED, rest))
        section = page[page.index('<section id="schedules"') :]
        assert "<form" not in section
        assert not re.search(r"/(new|edit|delete|execute|active|import)\b", section)
        assert "Export" in section


def test_one_page_makes_one_call(world: World) -> None:
    row = put(world, PLAYED, "0 4 * * *", ("command", "say hi", 0))
    world.browser("owner").get(at(world, PLAYED))
    for rest in ("", f"/{row.id}", f"/{row.id}/edit", "/new", f"/{row.id}/delete", f"/{row.id}/tasks/1/edit"):
        world.calls()
        see(world, "owner", at(world, PLAYED, rest))
        assert world.calls() == [f"GET {panel(world, PLAYED)}"]
    for rest in ("/import", f"/{row.id}/tasks/new", "/words?minute=0&hour=4&day_of_month=*&month=*&day_of_week=*"):
        see(world, "owner", at(world, PLAYED, rest))
        assert world.calls() == []


def test_what_runs_is_asked_for_until_it_ends(world: World) -> None:
    row = put(world, PLAYED, "0 4 * * *", ("command", "say hi", 0), is_processing=True)
    row.tasks[0].is_queued = True
    browser = world.browser("owner")
    for rest in ("", f"/{row.id}"):
        row.is_processing = True
        page = browser.get(at(world, PLAYED, rest)).text
        assert "Running now" in page
        poll = re.findall(r'hx-get="([^"]*/live\?[^"]*)"', page)[0].replace("&amp;", "&")
        assert browser.get(poll, headers=HTMX).status_code == 204
        world.demo.set_condition("panel-gateway")
        trouble = browser.get(poll, headers=HTMX)
        assert trouble.status_code == 200
        assert "The panel cannot be reached just now." in said(trouble.text)
        assert "Running now" not in trouble.text
        assert poll_of(trouble.text) == poll.partition("?")[0]
        world.demo.set_condition(None)
        row.is_processing = False
        answer = browser.get(poll_of(trouble.text), headers=HTMX)
        assert answer.status_code == 200
        assert "/live" not in answer.text
        assert "Running now" not in answer.text
    assert "Waiting for its turn" in browser.get(at(world, PLAYED, f"/{row.id}")).text


def test_names_and_payloads_from_elsewhere_are_only_text(world: World) -> None:
    row = put(world, PLAYED, "0 4 * * *", ("command", HOSTILE, 0), ("backup", HOSTILE, 0), ("power", HOSTILE, 0),
              name=HOSTILE)  # fmt: skip
    for rest in ("", f"/{row.id}", f"/{row.id}/edit", f"/{row.id}/delete", f"/{row.id}/tasks/{row.tasks[0].id}/delete"):
        page = see(world, "owner", at(world, PLAYED, rest))
        assert "<script>alert" not in page
        assert "&lt;script&gt;" in page
    assert "a power signal that the panel does not know" in see(world, "owner", at(world, PLAYED, f"/{row.id}"))


def test_a_line_that_nobody_understands_is_shown_as_it_is(own_world: World) -> None:
    row = put(own_world, PLAYED)
    row.minute = "every now and then"
    assert "<code>every now and then 4 * * *</code>" in see(own_world, "owner", at(own_world, PLAYED))
    assert "Roost cannot say when this runs" in see(own_world, "owner", at(own_world, PLAYED, f"/{row.id}"))


def test_what_is_not_there_is_not_found(world: World) -> None:
    row = put(world, PLAYED)
    for rest in (f"/{row.id + 7}", f"/{row.id + 7}/edit", f"/{row.id}/tasks/99/edit", f"/{row.id}/tasks/99/delete"):
        see(world, "owner", at(world, PLAYED, rest), 404)
    see(world, "owner", at(world, EMPTY, f"/{row.id}"), 404)


@pytest.mark.parametrize(
    ("condition", "status", "text"),
    [
        ("panel-gateway", 503, "The panel cannot be reached just now."),
        ("panel-maintenance", 503, "Your host is working on the panel."),
        ("rate-limited", 429, "Too much at once."),
    ],
)
def test_a_failed_read_is_no_empty_list(world: World, condition: str, status: int, text: str) -> None:
    row = put(world, PLAYED)
    browser = world.browser("owner")
    browser.get(at(world, PLAYED))
    world.demo.set_condition(condition)
    while condition == "rate-limited" and browser.get(at(world, PLAYED)).status_code != 429:
        continue
    for rest in ("", f"/{row.id}", f"/{row.id}/edit", "/new", "/export"):
        answer = browser.get(at(world, PLAYED, rest))
        assert answer.status_code == status, rest
        assert text in said(answer.text)
        assert "No schedules yet" not in answer.text
        assert "No tasks yet" not in answer.text
        assert answer.headers["Retry-After"]
    assert browser.get(at(world, PLAYED), headers=HTMX).status_code == 200
    assert "Which schedules there are is not known now." in browser.get(at(world, PLAYED), headers=HTMX).text


def test_nonsense_is_not_shown_as_schedules(own_world: World) -> None:
    put(own_world, PLAYED)
    browser = own_world.browser("owner")
    browser.get(at(own_world, PLAYED))
    Bent(own_world, lambda path, body: {"object": "list", "data": [7]} if path.endswith("/schedules") else body)
    answer = browser.get(at(own_world, PLAYED))
    assert answer.status_code == 503
    assert "an answer that Roost does not understand" in answer.text


@pytest.mark.parametrize(("name", "label"), [("Unpaid", "Suspended"), ("New Adventure", "Installing")])
def test_a_server_whose_state_forbids_it_says_so(world: World, name: str, label: str) -> None:
    for rest in ("", "/new", "/export", "/1", "/1/delete"):
        answer = world.browser("owner").get(at(world, name, rest))
        assert answer.status_code == 409
        assert label in said(answer.text)


def test_what_is_said_of_a_line_needs_no_panel(world: World) -> None:
    see(world, "owner", at(world, PLAYED))
    world.demo.set_condition("panel-gateway")
    query = "?minute=0&hour=4&day_of_month=*&month=*&day_of_week=1"
    text = said(world.browser("owner").get(at(world, PLAYED, f"/words{query}"), headers=HTMX).text)
    monday = datetime(2026, 6, 1)  # noqa: DTZ001
    assert text.startswith(f"At 04:00, on Monday. The next runs: {monday:%Y-%m-%d} 04:00 UTC")
    filled = "/words?fill=1&rhythm=monthly&at=23:15&day=31&weekday=9"
    page = world.browser("owner").get(at(world, PLAYED, filled), headers=HTMX).text
    assert 'value="15"' in page
    assert "At 23:15, on day 31 of the month." in page
    wrong = world.browser("owner").get(at(world, PLAYED, "/words?minute=61&hour=4"), headers=HTMX).text
    assert "The panel does not take this." in wrong
    assert "number from 0 to 59" in wrong


def test_a_poll_ends_where_there_is_nothing_more_to_see(own_world: World) -> None:
    row = put(own_world, PLAYED, "0 4 * * *", ("command", "say hi", 0), is_processing=True)
    browser = own_world.browser("owner")
    poll = poll_of(browser.get(at(own_world, PLAYED, f"/{row.id}")).text)
    own_world.demo.world.schedules.remove(row)
    answer = browser.get(poll, headers=HTMX)
    assert answer.status_code == 200
    assert "Gone This schedule is not there any more." in said(answer.text)
    assert "/live" not in answer.text
    answer = browser.get(at(own_world, "Unpaid", "/live"), headers=HTMX)
    assert answer.status_code == 200
    assert "Suspended" in said(answer.text)
    assert "/live" not in answer.text


def test_moments_at_the_end_of_all_time_break_nothing_here() -> None:
    from datetime import UTC

    from portal.schedules.zone import Zone

    assert Zone("UTC+14:00", True).written(datetime.max.replace(tzinfo=UTC)).startswith("9999-12-31 23:59")
