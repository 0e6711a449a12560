"""The page: whom it is for, its states, its filters, and that it costs one call."""

from __future__ import annotations

import re

import pytest

from portal.activity.service import MOST_PAGES, Query
from tests.activity.support import SERVER, SHARED, clear, keep, lines, log, older, path, person, read, texts
from tests.conftest import World
from tests.servers.support import HTMX, row_of, said, share_of


def actor(world: World) -> str:
    return "service" if world.app.config["ROOST"].use_service_key else "owner"


@pytest.mark.parametrize("who", ["owner", "subuser"])
def test_the_page_is_one_call_and_whole(world: World, who: str) -> None:
    clear(world)
    log(world, SHARED, "server:power.start", "owner", is_api=False)
    browser = world.browser(who)
    browser.get(path(world, SHARED))
    world.calls()
    page = browser.get(path(world, SHARED))
    assert page.status_code == 200
    assert len(lines(page.text)) == 1
    uuid = row_of(world, SHARED).uuid
    assert world.calls() == [f"GET /api/client/servers/{uuid[:8]}/activity"]
    assert 'id="activity"' in page.text
    assert "<html" in page.text


def test_a_fragment_is_the_log_alone(world: World) -> None:
    answer = world.browser("owner").get(path(world), headers=HTMX)
    assert answer.status_code == 200
    assert answer.text.startswith("<section id=")
    assert "<html" not in answer.text


def test_without_the_permission_it_is_not_offered_and_not_asked(world: World) -> None:
    share = share_of(world, SHARED)
    share.permissions = [one for one in share.permissions if one != "activity.read"]
    world.clock.advance(400)
    world.work()
    browser = world.browser("subuser")
    overview = browser.get(f"/servers/{world.server(SHARED)}").text
    assert "/activity" not in overview
    world.calls()
    answer = browser.get(path(world, SHARED))
    assert answer.status_code == 403
    assert "activity.read" in answer.text
    assert browser.get(path(world, SHARED), headers=HTMX).status_code == 403
    assert world.calls() == []


@pytest.mark.parametrize("who", ["stranger", "solo"])
def test_for_strangers_there_is_no_such_server(world: World, who: str) -> None:
    clear(world)
    keep(world, SERVER, "file.permissions", detail="/: secret.txt")
    answer = world.browser(who).get(path(world))
    assert answer.status_code == 404
    assert "secret.txt" not in answer.text


def test_nobody_signs_in_first(world: World) -> None:
    assert world.browser().get(path(world)).status_code in (302, 303)


def test_a_right_that_ended_on_the_panel_shows_nothing_of_roosts_either(own_world: World) -> None:
    keep(own_world, SHARED, "file.permissions", "owner", detail="/: secret.txt")
    browser = own_world.browser("subuser")
    browser.get(path(own_world, SHARED))
    share = share_of(own_world, SHARED)
    share.permissions = [one for one in share.permissions if one != "activity.read"]
    answer = browser.get(path(own_world, SHARED))
    assert answer.status_code == 403
    assert "secret.txt" not in answer.text


def test_nothing_happened_and_nothing_fits_are_two_things(world: World) -> None:
    clear(world)
    browser = world.browser("owner")
    assert "Nothing has happened yet" in browser.get(path(world)).text
    log(world, SERVER, "server:power.start", "owner", is_api=False)
    page = browser.get(f"{path(world)}?group=backups").text
    assert "Nothing fits" in page
    assert "Nothing has happened yet" not in page
    assert lines(page) == []


CONDITIONS = [("panel-gateway", 503), ("panel-maintenance", 503), ("rate-limited", 429), ("panel-database-down", 503)]


def begin(world: World, condition: str) -> None:
    """A condition of the panel; of a limited one all that it gives in this minute is used up."""
    world.demo.set_condition(condition)
    for _ in range(10 if condition == "rate-limited" else 0):
        world.browser("owner").get(path(world))


@pytest.mark.parametrize(("condition", "status"), CONDITIONS)
def test_while_the_panel_cannot_be_asked_roosts_part_stands_with_a_band(
    world: World, condition: str, status: int
) -> None:
    clear(world)
    keep(world, SERVER, "power.start")
    for number in range(70):
        keep(world, SERVER, "file.permissions", detail=f"/: {number}", ago_s=100 + number)
    browser = world.browser("owner")
    browser.get(path(world))
    begin(world, condition)
    answer = browser.get(path(world))
    assert answer.status_code == status
    assert int(answer.headers["Retry-After"]) > 0
    assert "What the panel keeps is missing here" in answer.text
    assert "Try again" in answer.text
    assert "Asked the server to start." in lines(answer.text)[0]
    assert len(lines(answer.text)) == 60
    assert browser.get(path(world), headers=HTMX).status_code == 200
    world.calls()
    rest = browser.get(older(answer.text))
    assert rest.status_code == 200
    assert world.calls() == []
    assert len(lines(rest.text)) == 11
    assert "What the panel keeps is missing here" in rest.text


@pytest.mark.parametrize(("condition", "status"), CONDITIONS)
def test_a_failed_read_never_looks_like_an_empty_log(world: World, condition: str, status: int) -> None:
    clear(world)
    browser = world.browser("owner")
    browser.get(path(world))
    begin(world, condition)
    answer = browser.get(path(world))
    assert answer.status_code == status
    assert "What happened is not known just now" in answer.text
    assert "Nothing" not in said(answer.text)
    filtered = browser.get(f"{path(world)}?group=power")
    assert "Nothing fits" not in filtered.text


@pytest.mark.parametrize("name", ["Unpaid", "New Adventure"])
def test_a_state_that_forbids_it_is_said(world: World, name: str) -> None:
    clear(world)
    browser = world.browser("owner")
    nothing = browser.get(path(world, name))
    assert nothing.status_code == 409
    assert 'class="filter"' not in nothing.text
    assert 'class="filter"' in browser.get(f"{path(world, name)}?group=power").text  # the way back
    keep(world, name, "power.start")
    answer = browser.get(path(world, name))
    assert answer.status_code == 409
    assert 'class="filter"' in answer.text
    assert len(lines(answer.text)) == 1
    assert "What the panel keeps is missing here" in answer.text


def test_an_answer_that_makes_no_sense_is_no_empty_log(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    clear(world)
    log(world, SERVER, "server:power.start", "owner", is_api=False)
    browser = world.browser("owner")
    browser.get(path(world))
    monkeypatch.setattr("portal.demo.client.activity.activity_log_object", lambda *_: {"object": "activity_log"})
    answer = browser.get(path(world))
    assert answer.status_code == 503
    assert "does not understand" in answer.text


def test_a_failure_on_a_later_page_is_said_there_too(world: World) -> None:
    clear(world)
    for number in range(40):
        log(world, SERVER, "server:power.start", "owner", is_api=False, ago_s=number * 100)
    keep(world, SERVER, "file.permissions", detail="/: old", ago_s=90_000)
    keep(world, SERVER, "file.permissions", detail="/: new")
    browser = world.browser("owner")
    first = browser.get(path(world)).text
    world.demo.set_condition("panel-gateway")
    answer = browser.get(older(first))
    assert answer.status_code == 503
    assert "What the panel keeps is missing here" in answer.text
    assert len(lines(answer.text)) == 1
    assert "old" in lines(answer.text)[0]


@pytest.mark.parametrize(
    ("group", "event", "action"),
    [("power", "server:power.stop", "power.kill"), ("console", "server:console.command", "console.command"),
     ("files", "server:file.write", "file.permissions"), ("sftp", "server:sftp.write", None),
     ("backups", "server.backup.restore-failed", "backup.retention"),
     ("databases", "server:database.create", "database.reveal"), ("schedules", "server:task.create", "schedule.import"),
     ("network", "server:allocation.notes", "allocation.notes"),
     ("subusers", "server:subuser.delete", "subuser.resend"),
     ("startup", "server:startup.edit", "startup.image"), ("settings", "server:reinstall", "settings.rename")],
)  # fmt: skip
def test_a_group_shows_its_own_of_both_logs(world: World, group: str, event: str, action: str | None) -> None:
    clear(world)
    log(world, SERVER, event, "owner", is_api=False)
    other = "server:allocation.create" if group != "network" else "server:power.start"
    log(world, SERVER, other, "owner", is_api=False)
    keep(world, SERVER, "egg_feature.gsl_token" if group != "startup" else "power.start", ago_s=900)
    if action:
        keep(world, SERVER, action, ago_s=800, detail="x")
    world.calls()
    page = world.browser("owner").get(f"{path(world)}?group={group}").text
    assert len([call for call in world.calls() if "activity" in call]) == 1
    assert len(lines(page)) == (2 if action else 1)
    assert f'<option value="{group}" selected>' in page


def test_a_filtered_act_is_still_one_under_its_person(world: World) -> None:
    clear(world)
    keep(world, SHARED, "backup.create", "subuser", detail="a")
    log(world, SHARED, "server:backup.start", "service" if actor(world) == "service" else "subuser",
        properties={"name": "a"})  # fmt: skip
    for group in ("backups", ""):
        assert texts(read(world, SHARED, query=Query(group))) == [("subuser", "Started the backup a.")]


def test_a_person_can_be_asked_for(world: World) -> None:
    clear(world)
    for number in range(12):
        who = ("owner", "subuser", None)[number % 3]
        log(world, SHARED, "server:power.start", who, is_api=False, ago_s=number)
    browser = world.browser("owner")
    page = browser.get(path(world, SHARED)).text
    offered = re.findall(r'<option value="([^"]*)"', page[page.index("activity-who") :])
    assert offered == ["", "you", "u:subuser", "panel"]
    for key, who in (("you", "You"), ("u:subuser", "subuser"), ("panel", "The panel")):
        shown = read(world, SHARED, query=Query(who=key))
        assert [name for name, _text in texts(shown)] == [who] * 4
        assert not shown.is_cut
    assert texts(read(world, SHARED, query=Query(group="backups", who="you"))) == []
    assert "Nothing fits" in browser.get(f"{path(world, SHARED)}?who=u:nobody").text


def test_looking_for_a_person_reads_so_many_pages_and_says_when_there_are_more(world: World) -> None:
    clear(world)
    log(world, SHARED, "server:power.kill", "subuser", is_api=False, ago_s=80_000)
    for number in range(100 * MOST_PAGES + 5):
        log(world, SHARED, "server:power.start", "owner", is_api=False, ago_s=number)
    browser = world.browser("owner")
    world.calls()
    first = browser.get(f"{path(world, SHARED)}?who=u:subuser").text
    assert len([call for call in world.calls() if "activity" in call]) == MOST_PAGES
    assert "Nothing fits so far" in first
    assert "Look through older ones" in first
    assert lines(first) == []
    second = browser.get(older(first)).text
    assert len(lines(second)) == 1
    assert "Asked to kill the server. subuser" in lines(second)[0]


@pytest.mark.parametrize("query", ["group=x", "group[]=power", "who=" + "x" * 5000, "who=%00%ff", "group=%ed%a0%80"])
def test_what_nobody_offers_is_answered(world: World, query: str) -> None:
    assert world.browser("owner").get(f"{path(world)}?{query}").status_code == 200


def test_names_from_elsewhere_are_text(world: World) -> None:
    clear(world)
    evil = '<script>alert(1)</script>"\' \u202e{{ 7*7 }} %(name)s'
    properties = {"file": evil, evil: [evil, {evil: evil}]}
    log(world, SERVER, "server:file.write", "owner", is_api=False, properties=properties)
    keep(world, SERVER, "file.permissions", detail=f"/: {evil}", ago_s=500)
    user = person(world, "subuser")
    assert user is not None
    user.username = evil
    log(world, SHARED, "server:power.start", "owner", is_api=False)
    world.demo.world.activity_logs[-1] = type(world.demo.world.activity_logs[-1])(
        id=9999, event=f"server:{evil}", actor=user, ip=evil, is_api=False,
        subjects=(row_of(world, SERVER),), properties={}, timestamp=int(world.clock.now()),
    )  # fmt: skip
    page = world.browser("owner").get(path(world)).text
    assert "<script>alert" not in page
    assert "\u202e" not in page
    assert " 49 " not in page
    assert len(lines(page)) == 3
    assert "&lt;script&gt;" in page


def test_times_are_in_the_viewers_zone(world: World) -> None:
    clear(world)
    log(world, SERVER, "server:power.start", "owner", is_api=False)
    browser = world.browser("owner")
    browser.set_cookie("tz", "Asia/Tokyo")
    assert "JST" in browser.get(path(world)).text


def test_details_are_there_on_demand(world: World) -> None:
    clear(world)
    log(world, SERVER, "server:startup.edit", "owner", is_api=False,
        properties={"variable": "MODE", "old": "easy", "new": "hard"})  # fmt: skip
    page = world.browser("owner").get(path(world)).text
    assert "Changed the variable MODE from easy to hard ." in lines(page)[0]
    details = page[page.index("<details>") :]
    assert "server:startup.edit" in details
    for name, value in (("Variable", "MODE"), ("Before", "easy"), ("After", "hard")):
        assert f"<dt><bdi>{name}</bdi></dt><dd><bdi>{value}</bdi></dd>" in details
    assert "<details open" not in page


def test_acts_that_concern_administrators_are_theirs(world: World) -> None:
    clear(world)
    keep(world, SERVER, "billing.retry", "admin", detail="intent 4")
    page = world.browser("owner").get(path(world)).text
    assert "suspension" not in page
    assert 'value="billing"' not in page
