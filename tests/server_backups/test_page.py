"""The page Backups: what it says of each, of all together, and of what could not be read."""

from __future__ import annotations

import pytest

from tests.conftest import World
from tests.server_backups.support import PLAYED, SHARED, add, left, looked, made, root, see, server, share
from tests.servers.support import HTMX, details, row_of, said


def page(world: World, who: str = "owner", name: str = PLAYED) -> str:
    answer = world.browser(who).get(root(world, name))
    assert answer.status_code == 200, said(answer.text)
    return str(answer.text)


def test_an_empty_page_says_what_backups_are_for_and_offers_the_first(world: World) -> None:
    server(world)
    shown = page(world)

    assert "No backups yet" in shown
    assert "Create the first one" in shown
    assert "New backup" not in shown
    assert "0 of 10 used." in said(shown)
    assert f"/servers/{world.server(PLAYED)}/schedules/new?preset=nightly-backup" in shown


def test_each_state_is_said_loudly(world: World) -> None:
    add(world, "is done", age_s=7200, size=5 * 1024 * 1024)
    add(world, "is running", state="running", age_s=60)
    add(world, "has failed", state="failed", age_s=4000)
    shown = said(page(world))

    assert "is done Done" in shown
    assert "is running Running Started" in shown
    assert "has failed Failed It failed, there is nothing in it." in shown
    assert "2 of 10 used, 5.0 MiB in all." in shown
    assert list(details(page(world)))[-3:] == ["Done", "Size", "Started"]
    assert details(page(world))["Size"] == "5.0 MiB"


def test_a_page_asks_the_panel_once(world: World) -> None:
    add(world, "one")
    world.calls()
    page(world)

    assert world.calls() == [f"GET /api/client/servers/{row_of(world, PLAYED).uuid}/backups"]


def test_all_pages_of_the_list_are_read_and_added_up(own_world: World) -> None:
    for number in range(60):
        add(own_world, f"one of {number}", age_s=3600 * (60 - number), size=1024 * 1024)
    own_world.calls()
    shown = said(page(own_world))

    assert "60 of 10 used, 60.0 MiB in all." in shown
    assert "one of 0 " in shown
    assert "one of 59 " in shown
    assert len(own_world.calls()) == 2


def test_the_checksum_can_be_copied(world: World) -> None:
    add(world, "one", checksum="sha1:" + "cd" * 20)

    assert f'data-copy="{"cd" * 20}"' in page(world)


def test_the_limit_reached_is_said_and_nothing_more_is_offered(world: World) -> None:
    server(world).feature_limits.backups = 10
    for number in range(10):
        add(world, f"n{number}", age_s=5000 + number)
    looked(world)
    shown = page(world)

    assert "10 of 10 used, 9.8 KiB in all. The limit is reached" in said(shown)
    assert 'id="make"' not in shown


def test_a_limit_of_none_is_explained(world: World) -> None:
    row_of(world, PLAYED).feature_limits.backups = 0
    looked(world)
    shown = page(world)

    assert "Your host gives this server no backups." in said(shown)
    assert 'id="make"' not in shown
    assert "nightly-backup" not in shown


def offered(world: World, uuid: str, who: str = "owner", name: str = PLAYED) -> set[str]:
    shown = page(world, who, name)
    return {one for one in ("download", "restore", "lock", "unlock", "delete") if f'id="{one}-{uuid}"' in shown}


def test_what_is_offered_depends_on_the_state(world: World) -> None:
    done, running = add(world, "done"), add(world, "running", state="running")
    failed, locked = add(world, "failed", state="failed"), add(world, "locked", locked=True)

    assert offered(world, done.uuid) == {"download", "restore", "lock", "delete"}
    assert offered(world, running.uuid) == set()
    assert offered(world, failed.uuid) == {"delete"}
    assert offered(world, locked.uuid) == {"download", "restore", "unlock"}


@pytest.mark.parametrize(
    ("permission", "acts"),
    [
        ("backup.download", {"download"}),
        ("backup.restore", {"restore"}),
        ("backup.delete", {"lock", "delete"}),
        ("backup.create", set()),
    ],
)
def test_each_act_is_offered_with_its_permission_only(permission: str, acts: set[str], world: World) -> None:
    name = "Viking Fjord"
    one = add(world, "done", name)
    share(world, "backup.read", permission)

    assert offered(world, one.uuid, "subuser", name) == acts
    assert ('id="make"' in page(world, "subuser", name)) == (permission == "backup.create")


def test_a_nightly_backup_is_offered_with_all_that_its_schedule_takes(world: World) -> None:
    server(world, SHARED)
    for permissions in (("schedule.create",), ("schedule.update",)):
        share(world, "backup.read", *permissions)
        assert "nightly-backup" not in page(world, "subuser", SHARED)
    share(world, "backup.read", "schedule.create", "schedule.update")

    assert "Set up a nightly backup" in page(world, "subuser", SHARED)


def test_without_permission_there_is_no_page_and_no_call(world: World) -> None:
    share(world, "control.start")

    assert see(world, "subuser", "Viking Fjord").status_code == 403
    assert world.calls() == []


def test_what_runs_is_looked_at_again_and_then_no_more(world: World) -> None:
    one = add(world, "running", state="running", age_s=10)
    assert 'hx-trigger="every 4s"' in see(world).text

    world.clock.advance(300)
    assert 'hx-trigger="every 15s"' in see(world, rest="/live").text
    one.completed_at, one.is_successful = world.clock.now(), True
    assert "/backups/live" not in see(world, rest="/live").text


def test_one_that_runs_too_long_is_called_stuck_and_asked_for_no_more(world: World) -> None:
    add(world, "forever", state="running", age_s=7201)
    shown = see(world).text

    assert "forever Stuck" in said(shown)
    assert "The panel gives up on it by itself" in said(shown)
    assert "Ask your host" in said(shown)
    assert "/backups/live" not in shown


@pytest.mark.parametrize(
    ("condition", "status"), [("panel-gateway", 503), ("panel-maintenance", 503), ("rate-limited", 429)]
)
def test_a_list_that_cannot_be_read_is_not_an_empty_one(condition: str, status: int, world: World) -> None:
    add(world, "one")
    world.demo.set_condition(condition)
    browser = world.browser("owner")
    for _ in range(12):
        answer = browser.get(root(world))
        if answer.status_code != 200:
            break

    assert answer.status_code == status
    assert "Which backups there are is not known now." in said(answer.text)
    assert "No backups yet" not in answer.text
    part = browser.get(root(world), headers=HTMX)
    assert part.status_code == 200
    assert "not known now" in said(part.text)


@pytest.mark.parametrize(("name", "label"), [("Unpaid", "suspended"), ("New Adventure", "")])
def test_a_server_in_a_state_that_allows_nothing_says_so(name: str, label: str, world: World) -> None:
    answer = world.browser("owner").get(root(world, name))

    assert answer.status_code == 409
    assert "Try again" not in answer.text
    assert label in said(answer.text).lower()


def test_while_a_backup_is_restored_the_page_says_so_and_looks_again(world: World) -> None:
    row = server(world)
    row.status = "restoring_backup"
    shown = see(world).text

    assert "Restoring" in shown
    assert "/backups/live" in shown
    row.status = None
    assert "Restoring" not in see(world, rest="/live").text


def test_a_name_of_markup_stays_text(world: World) -> None:
    add(world, '<img src=x onerror=alert(1)>"\u202e', ignored=("<b>*",))
    shown = page(world)

    assert "<img src=x" not in shown
    assert "<b>*" not in shown
    assert "&lt;img src=x" in shown


def test_what_the_panel_will_say_to_another_one_is_said_before(world: World) -> None:
    made(world, "first")
    asked = said(see(world, rest="/new").text)
    assert "1 backup was started here in the last 10 minutes." in asked
    assert "was started here" not in said(see(world).text)  # while one fits there is nothing to say on the page
    second = made(world, "second")
    world.browser("owner").post(f"{root(world)}/{second.uuid}/delete", headers=HTMX)
    shown = said(see(world).text)

    assert left(world) == ["first"]
    assert "2 backups were started here in the last 10 minutes. The panel usually takes two in that time" in shown
    world.clock.advance(601)
    assert "started here in the last" not in said(see(world).text)
