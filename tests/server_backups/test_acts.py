"""Making, locking, deleting and restoring: what Roost accepts, what it says, and what it never asks the panel."""

from __future__ import annotations

import re

import pytest

from portal.pterodactyl import errors
from portal.pterodactyl.client.files import FileCalls
from tests.conftest import World
from tests.server_backups.support import (
    PLAYED,
    SHARED,
    add,
    answers_lost,
    finish,
    left,
    looked,
    made,
    post,
    root,
    see,
    server,
    share,
)
from tests.servers.support import Bent, audit_of, row_of, said


def changes(world: World) -> list[str]:
    return [one for one in world.calls() if not one.startswith("GET")]


def test_a_backup_is_made_with_name_patterns_and_lock(world: World) -> None:
    server(world)
    answer = post(world, "/new", name=" before the update ", ignored="*.log\r\n\r\n/cache/\r\n*.log", is_locked="y")
    backup = finish(world)

    assert answer.status_code == 200
    assert "The backup “before the update” has started." in said(answer.text)
    assert answer.headers["HX-Trigger"] == "server_backups-changed"
    assert (backup.name, backup.ignored_files, backup.is_locked) == ("before the update", ["/cache/", "*.log"], True)
    assert audit_of(world, "backup.create") == [("done", "before the update")]


def test_without_a_name_the_panel_names_it(world: World) -> None:
    server(world)
    post(world, "/new", name="", ignored="")

    assert finish(world).name.startswith("Backup at ")


def test_locking_at_creation_needs_the_right_to_delete(world: World) -> None:
    server(world, SHARED)
    share(world, "backup.read", "backup.create")
    asked = see(world, "subuser", SHARED, "/new").text
    assert 'name="is_locked"' not in asked
    world.calls()
    answer = post(world, "/new", "subuser", on=SHARED, name="mine", is_locked="y")

    assert answer.status_code == 422
    assert "Locking a backup needs backup.delete" in said(answer.text)
    assert 'value="mine"' in answer.text
    assert world.calls() == []


def test_who_may_make_but_not_see_them_is_led_to_the_server(world: World) -> None:
    server(world, SHARED)
    share(world, "backup.create")
    assert see(world, "subuser", SHARED, "/new").status_code == 200
    answer = post(world, "/new", "subuser", on=SHARED, is_page=True, name="x")

    assert answer.status_code == 303
    assert answer.location == f"/servers/{world.server(SHARED)}"
    assert left(world, SHARED) == ["x"]


def test_a_name_that_is_too_long_is_said_beside_it(world: World) -> None:
    server(world)
    answer = post(world, "/new", name="x" * 192, ignored="*.log")

    assert answer.status_code == 422
    assert re.search(r'id="name-help" class="wrong">[^<]', answer.text)
    assert "*.log" in answer.text
    assert changes(world) == []


def test_the_panels_limit_is_said_and_nothing_typed_is_lost(world: World) -> None:
    server(world)
    for number in range(10):
        add(world, f"n{number}", age_s=5000 + number)
    assert "The limit is reached" in said(see(world, rest="/new").text)
    answer = post(world, "/new", name="eleventh", ignored="*.log")

    assert answer.status_code == 422
    assert "reached its limit of 10 backups" in said(answer.text)
    assert 'value="eleventh"' in answer.text
    assert "*.log" in answer.text
    assert audit_of(world, "backup.create")[0][0] == "refused"


def test_a_server_without_backups_asks_for_none(world: World) -> None:
    row_of(world, PLAYED).feature_limits.backups = 0
    looked(world)
    answer = post(world, "/new", name="x")

    assert "Your host gives this server no backups." in said(answer.text)
    assert changes(world) == []


def test_too_many_in_ten_minutes_is_answered_with_when_to_try_again(world: World) -> None:
    made(world, "first")
    made(world, "second")
    assert "at" in said(see(world, rest="/new").text)
    page = post(world, "/new", is_page=True, name="third", ignored="*.log")

    assert page.status_code == 429
    assert 0 < int(page.headers["Retry-After"]) <= 600
    assert "The panel takes only so many backups in so much time. Try again in " in said(page.text)
    assert 'value="third"' in page.text
    assert "*.log" in page.text
    part = post(world, "/new", name="third")
    assert part.status_code == 422
    assert "Retry-After" in part.headers
    world.clock.advance(601)
    assert post(world, "/new", name="third").status_code == 200


def test_an_unknown_outcome_is_said_as_unknown_and_the_page_looks(own_world: World) -> None:
    server(own_world)
    with answers_lost(own_world, "POST"):
        answer = post(own_world, "/new", name="perhaps")

    assert "Whether it was done is not known" in said(answer.text)
    assert answer.headers["HX-Trigger"] == "server_backups-changed"
    assert audit_of(own_world, "backup.create") == [("unknown", "perhaps")]


def test_a_lock_is_what_was_asked_for_and_asked_twice_changes_nothing(world: World) -> None:
    one = add(world, "precious")
    answer = post(world, f"/{one.uuid}/lock", name="precious")
    assert "“precious” is locked." in said(answer.text)
    assert one.is_locked
    world.calls()
    answer = post(world, f"/{one.uuid}/lock", name="precious")

    assert "“precious” is locked." in said(answer.text)
    assert one.is_locked
    assert changes(world) == []
    assert "is not locked" in said(post(world, f"/{one.uuid}/unlock").text)
    assert not one.is_locked
    assert [name for name, _ in audit_of(world, "backup.")] == ["done", "done"]


@pytest.mark.parametrize("times", [1, 2])
def test_a_lock_that_somebody_else_turned_over_is_tried_once_more_and_said_as_it_is(
    times: int, own_world: World
) -> None:
    """As when it is sent twice at once: both find it open, and each turns it over."""
    one = add(own_world, "shared")
    views = {"seen": 0}

    def turn(path: str, body: object) -> object:
        if path.endswith(one.uuid):
            views["seen"] += 1
            if 2 <= views["seen"] <= 1 + times:
                one.is_locked = not one.is_locked
        return body

    Bent(own_world, turn)
    answer = post(own_world, f"/{one.uuid}/lock")

    turned = "“shared” is not locked. Somebody else turned its lock over in the same moment."
    assert ("“shared” is locked." if times == 1 else turned) in said(answer.text)
    assert one.is_locked == (times == 1)
    assert len(audit_of(own_world, "backup.lock")) == 1


def test_a_backup_is_deleted(world: World) -> None:
    one, other = add(world, "old"), add(world, "newer")
    asked = see(world, rest=f"/{one.uuid}/delete").text
    assert "Delete backup old ?" in said(asked)
    assert "It cannot be brought back." in said(asked)
    answer = post(world, f"/{one.uuid}/delete", name="old")

    assert "The backup “old” was deleted." in said(answer.text)
    assert left(world) == [other.name]
    assert audit_of(world, "backup.delete") == [("done", "old")]


def test_a_locked_one_is_not_deleted_and_the_way_out_is_said(world: World) -> None:
    one = add(world, "precious", locked=True)
    world.calls()
    answer = post(world, f"/{one.uuid}/delete", name="precious")

    assert "This backup is locked, so it is not deleted. Unlock it first" in said(answer.text)
    assert left(world) == ["precious"]
    assert changes(world) == []


@pytest.mark.parametrize("act", ["lock", "unlock", "delete", "restore"])
def test_nothing_is_done_to_one_that_runs(act: str, world: World) -> None:
    one = add(world, "running", state="running")
    world.calls()
    answer = post(world, f"/{one.uuid}/{act}", truncate="no")

    assert "still being made" in said(answer.text)
    assert changes(world) == []
    assert see(world, rest=f"/{one.uuid}/{act}").status_code == 409
    assert audit_of(world, "backup.") == []


@pytest.mark.parametrize("act", ["lock", "unlock", "restore"])
def test_one_that_failed_can_only_be_deleted(act: str, world: World) -> None:
    one = add(world, "failed", state="failed")
    world.calls()
    answer = post(world, f"/{one.uuid}/{act}", truncate="yes", sure="y")

    assert "there is nothing in it. It can only be deleted." in said(answer.text)
    assert changes(world) == []
    assert post(world, f"/{one.uuid}/delete").status_code == 200
    assert left(world) == []


def test_one_that_is_gone_is_said_to_be_gone(world: World) -> None:
    one = add(world, "gone")
    one.deleted_at = world.clock.now()

    assert "not there any more" in said(post(world, f"/{one.uuid}/delete").text)


@pytest.mark.parametrize(
    ("rest", "permission"),
    [("/new", "backup.create"), ("/{}/lock", "backup.delete"), ("/{}/unlock", "backup.delete"),
     ("/{}/delete", "backup.delete"), ("/{}/restore", "backup.restore"), ("/retention", "backup.delete"),
     ("/retention/remove", "backup.delete")],
)  # fmt: skip
def test_nothing_is_asked_for_who_may_not(rest: str, permission: str, world: World) -> None:
    one = add(world, "done", SHARED)
    others = {"backup.read", "backup.create", "backup.delete", "backup.restore", "backup.download"} - {permission}
    share(world, *sorted(others))
    answer = post(world, rest.format(one.uuid), "subuser", on=SHARED, truncate="no", number="3", unit="count")

    assert answer.status_code == 403
    assert permission in said(answer.text)
    assert world.calls() == []
    assert left(world, SHARED) == ["done"]


def test_who_may_not_see_backups_does_nothing_to_one(world: World) -> None:
    """Roost reads a backup before it does anything to it, and that takes the right to see it."""
    one = add(world, "done", SHARED)
    share(world, "backup.delete", "backup.restore", "backup.download")
    for act in ("lock", "delete", "restore"):
        assert post(world, f"/{one.uuid}/{act}", "subuser", on=SHARED, truncate="no").status_code == 403
    assert see(world, "subuser", SHARED, f"/{one.uuid}/download").status_code == 403

    assert world.calls() == []


def test_a_backup_is_restored_over_the_files(world: World) -> None:
    one = made(world, "good")
    asked = see(world, rest=f"/{one.uuid}/restore").text
    assert "Restore backup good ?" in said(asked)
    assert "Create a fresh backup first" in said(asked)
    answer = post(world, f"/{one.uuid}/restore", name="good", truncate="no")

    assert answer.status_code == 200
    assert "“good” is being restored." in said(answer.text)
    assert audit_of(world, "backup.restore") == [("done", "good")]
    assert row_of(world, PLAYED).status == "restoring_backup"
    assert "Restoring" in see(world).text


def test_emptying_the_server_is_asked_twice(world: World) -> None:
    one = made(world, "good", ignored="*.jar")
    world.calls()
    second = post(world, f"/{one.uuid}/restore", name="good", truncate="yes")

    assert second.status_code == 200
    assert "Delete all files first?" in said(second.text)
    assert "files and folders in the uppermost folder, with everything in them: backups/ config/" in said(second.text)
    assert "Not in the backup, so gone for good: *.jar" in said(second.text)
    assert "Create a fresh backup first" in said(second.text)
    assert changes(world) == []
    assert second.text.count("<li>") == 6
    assert re.search(r"and \d+ more", said(second.text))
    assert re.search(r"<h2[^>]* autofocus>Delete all files first", second.text)  # it is read from its top
    unsure = post(world, f"/{one.uuid}/restore", name="good", truncate="yes", second="1")
    assert unsure.status_code == 422
    assert "Tick this if you mean it." in said(unsure.text)
    assert "autofocus" not in unsure.text  # the tick that is missing gets the focus
    assert changes(world) == []
    post(world, f"/{one.uuid}/restore", name="good", truncate="yes", second="1", sure="y")
    assert [one.split("/")[-1] for one in changes(world)] == ["restore"]


def test_files_that_cannot_be_seen_are_said_to_be_unknown(world: World) -> None:
    one = made(world, "good")

    def broken(*_: object) -> None:
        raise errors.NodeUnreachable("no answer")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(FileCalls, "list", broken)
        second = post(world, f"/{one.uuid}/restore", name="good", truncate="yes")

    assert "Which files there are is not known now." in said(second.text)


def test_restoring_says_how_before_it_is_done(world: World) -> None:
    one = add(world, "good")
    answer = post(world, f"/{one.uuid}/restore", truncate="perhaps")

    assert answer.status_code == 422
    assert changes(world) == []


def test_a_failed_installation_is_told_in_the_panels_words(world: World) -> None:
    one = add(world, "good")
    server(world).status = "reinstall_failed"
    answer = post(world, f"/{one.uuid}/restore", truncate="no")

    assert "not currently in a state that allows for a backup to be restored" in said(answer.text)


def test_everything_works_without_script(world: World) -> None:
    server(world)
    browser = world.browser("owner")
    assert "<h1" in browser.get(f"{root(world)}/new").text
    answer = browser.post(f"{root(world)}/new", data={"name": "plain", "ignored": "*.log", "preview": "1"})
    assert "left out" in answer.text
    assert 'value="plain"' in answer.text
    answer = browser.post(f"{root(world)}/new", data={"name": "plain"})
    assert (answer.status_code, answer.location) == (303, root(world))
    one = finish(world)
    assert "has started" in said(browser.get(root(world)).text)
    for act in ("lock", "unlock", "restore", "delete"):
        assert "<h1" in browser.get(f"{root(world)}/{one.uuid}/{act}").text
    second = browser.post(f"{root(world)}/{one.uuid}/restore", data={"truncate": "yes"})
    assert "Delete all files first?" in second.text
    assert "<h1" in second.text
    assert browser.post(f"{root(world)}/{one.uuid}/delete", data={"name": "plain"}).status_code == 303
    assert left(world) == []

