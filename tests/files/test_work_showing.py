"""The band of a folder's page: what it says, to whom, and for how long it asks again."""

from __future__ import annotations

import re

import pytest

from portal.files.models import FileWork
from portal.files.work import jobs
from portal.files.work.asking import MOST_KEPT
from portal.files.work.showing import DONE_S, ENDED_S, MOST_ENDED
from tests.conftest import World
from tests.files.work_support import (
    MINE,
    SHARED,
    Folder,
    Held,
    ask,
    band,
    live,
    looked,
    only,
    pack,
    runner,
    states,
    tick,
    unpack,
    works,
)
from tests.servers.support import poll_of, said, share_of

CHANGED = "files-changed"


@pytest.fixture
def world(world: World) -> World:
    return looked(world)


@pytest.fixture
def own_world(own_world: World) -> World:
    return looked(own_world)


def poll(world: World, address: str, who: str = "owner") -> object:
    return world.browser(who).get(address, headers={"HX-Request": "true"})


def test_a_folder_without_work_has_an_empty_band_that_asks_nothing(world: World) -> None:
    assert said(live(world).text) == ""
    assert "hx-get" not in live(world).text


def test_the_page_of_a_folder_holds_the_band_without_any_call(world: World) -> None:
    unpack(world)
    world.calls()
    page = world.browser("owner").get(f"/servers/{world.server(MINE)}/files?directory=/").text

    assert "Waiting to unarchive world.zip" in said(page)
    assert world.calls() == []


def test_a_poll_costs_no_call_and_says_nothing_when_nothing_changed(world: World) -> None:
    unpack(world)
    address = poll_of(live(world).text)
    world.calls()
    answer = poll(world, address)

    assert (answer.status_code, answer.text) == (204, "")
    assert world.calls() == []


def test_when_it_begins_the_poll_says_so_and_the_list_stays(own_world: World) -> None:
    unpack(own_world)
    address = poll_of(live(own_world).text)
    tick(own_world, runner(own_world, start=Held()))
    answer = poll(own_world, address)

    assert answer.status_code == 200
    assert "Unarchiving world.zip since" in said(answer.text)
    assert "HX-Trigger" not in answer.headers


def test_when_it_ends_the_list_loads_itself_again_and_the_poll_ends(own_world: World) -> None:
    Folder(own_world).put_zip("world.zip", {"a.txt": "a"})
    unpack(own_world)
    address = poll_of(live(own_world).text)
    tick(own_world, runner(own_world))
    answer = poll(own_world, address)

    assert answer.headers["HX-Trigger"] == CHANGED
    assert "Unarchived world.zip" in said(answer.text)
    assert "/work/live" not in answer.text
    assert "HX-Trigger" not in live(own_world).headers


def test_the_list_that_loads_then_is_no_older_one(own_world: World) -> None:
    """What was read of the folder before is forgotten."""
    Folder(own_world).put_zip("world.zip", {"unpacked.txt": "a"})
    listed = f"/servers/{own_world.server(MINE)}/files/list?directory=/&read=1"
    assert "unpacked.txt" not in poll(own_world, listed).text
    unpack(own_world)
    address = poll_of(live(own_world).text)
    tick(own_world, runner(own_world))
    poll(own_world, address)

    assert "unpacked.txt" in poll(own_world, listed).text


def test_one_of_two_that_ends_says_so_and_the_poll_goes_on(own_world: World) -> None:
    Folder(own_world).put_zip("world.zip", {"a.txt": "a"})
    unpack(own_world)
    unpack(own_world, "/other.zip")
    address = poll_of(live(own_world).text)
    tick(own_world, runner(own_world))
    assert states(own_world) == ["done", "queued"]
    answer = poll(own_world, address)

    assert answer.headers["HX-Trigger"] == CHANGED
    assert poll_of(answer.text) != address


@pytest.mark.parametrize("odd", ["x", "-", "1-1-1", "9" * 4000, "\u202e", "1%2D"])
def test_a_poll_with_odd_words_is_answered(own_world: World, odd: str) -> None:
    unpack(own_world)

    assert live(own_world, open=odd, seen=odd).status_code == 200


def test_an_archive_can_be_fetched_and_deleted_by_who_may(own_world: World) -> None:
    share = share_of(own_world, SHARED)
    folder = Folder(own_world, SHARED)
    folder.put("box/a.txt")
    ask(own_world, "archive?download=1", server=SHARED, data={"directory": "/box", "name": "a.txt"})
    tick(own_world, runner(own_world))
    (made,) = folder.archives("/box")
    texts = {}
    for right in ("file.read-content", "file.delete", "file.archive", "none"):
        share.permissions[:] = ["file.read", right]
        own_world.work()
        texts[right] = live(own_world, "subuser", SHARED).text

    assert [right for right, text in texts.items() if "/download?" in text] == ["file.read-content"]
    assert [right for right, text in texts.items() if "/delete?" in text] == ["file.delete"]
    assert [right for right, text in texts.items() if "put-away" in text] == ["file.archive"]
    assert f"/files/download?file=/box/{made}" in texts["file.read-content"]
    assert f"/files/delete?directory=%2Fbox&amp;name={made}" in texts["file.delete"]
    assert 'class="button primary"' in texts["file.read-content"]


def test_what_failed_offers_no_archive(own_world: World) -> None:
    pack(own_world, "gone.txt")
    tick(own_world, runner(own_world))

    assert states(own_world) == ["failed"]
    assert band(own_world).startswith("Not archived: gone.txt 20:26:43 UTC . Nothing of what was chosen is there")
    assert "/download?" not in live(own_world).text


def test_who_asked_is_named_to_who_may_know_people(world: World) -> None:
    share = share_of(world, SHARED)
    share.permissions[:] = ["file.read"]
    world.work()
    unpack(world, server=SHARED)

    assert "Asked by" not in band(world, "owner", SHARED)
    assert "Asked by somebody else." in band(world, "subuser", SHARED)
    assert "owner" not in band(world, "subuser", SHARED)
    share.permissions[:] = ["file.read", "user.read"]
    world.work()
    assert "Asked by owner." in band(world, "subuser", SHARED)


def test_nobody_sees_the_work_of_other_servers(world: World) -> None:
    unpack(world)

    assert band(world, "owner", SHARED) == ""
    assert live(world, "stranger").status_code == 404
    share_of(world, SHARED).permissions[:] = ["file.create"]
    world.work()
    assert live(world, "subuser", SHARED).status_code == 403


def test_work_of_another_folder_names_it(own_world: World) -> None:
    unpack(own_world, "/plugins/pack.zip")

    assert "In /plugins ." in band(own_world)
    assert "In /plugins" not in band(own_world, directory="/plugins")


def test_names_hide_nothing_and_are_no_html(own_world: World) -> None:
    pack(own_world, "%3Cb%3E%E2%80%AE%0A.txt", directory="/<i>")
    text = live(own_world).text

    assert "&lt;b&gt;" in text
    assert "<b>\u202e" not in text
    assert "\u202e" not in text
    assert "<i>" not in text


@pytest.mark.parametrize(("works_out", "shown_s"), [(True, DONE_S), (False, ENDED_S)])
def test_what_ended_goes_from_the_page_by_itself(own_world: World, works_out: bool, shown_s: float) -> None:
    if works_out:
        Folder(own_world).put_zip("world.zip", {"a.txt": "a"})
    unpack(own_world)
    tick(own_world, runner(own_world))
    own_world.clock.advance(shown_s - 1)
    assert band(own_world) != ""
    own_world.clock.advance(1)

    assert band(own_world) == ""


def test_what_ended_can_be_put_away_and_stays_in_the_log(own_world: World) -> None:
    Folder(own_world).put_zip("world.zip", {"a.txt": "a"})
    unpack(own_world)
    tick(own_world, runner(own_world))
    answer = ask(own_world, f"work/{only(own_world).id}/put-away", headers={"HX-Request": "true"})

    assert said(answer.text) == ""
    assert '<div id="work">' in answer.text
    assert band(own_world) == ""
    assert (only(own_world).state, only(own_world).result) == ("done", "")


def test_not_more_than_ten_that_ended_are_shown(own_world: World) -> None:
    one = runner(own_world)
    for number in range(MOST_ENDED + 2):
        unpack(own_world, f"/{number}.zip")
        tick(own_world, one)
    unpack(own_world, "/waits.zip")

    assert len(re.findall("Not unarchived", live(own_world).text)) == MOST_ENDED
    assert "Waiting to unarchive waits.zip" in band(own_world)
    assert len(works(own_world)) == MOST_ENDED + 3


def test_of_what_has_ended_only_the_first_names_and_counts_are_kept(own_world: World) -> None:
    names = [f"file-{number:04}" for number in range(200)]
    pack(own_world, *names)
    tick(own_world, runner(own_world))
    assert states(own_world) == ["failed"]
    Folder(own_world).put("there.txt")
    pack(own_world, "there.txt", *names)
    tick(own_world, runner(own_world), 9)

    failed, done = works(own_world)
    assert (len(failed.detail) < 300, len(done.detail) < 500) == (True, True)
    found = band(own_world)
    assert (found.count("201 files and folders"), found.count("200 files and folders")) == (2, 2)
    assert "file-0003 , file-0004 and 195 more" in found


def test_what_the_node_said_at_length_is_cut(own_world: World) -> None:
    pack(own_world, "a.txt")
    tick(own_world, runner(own_world, start=Held()))
    with own_world.app.app_context():
        (job,) = jobs.all_open()
        jobs.end(job, "worker", jobs.Ended("failed", "x" * 5000))

    assert len(only(own_world).result) == jobs.LONGEST_RESULT


def test_no_more_than_what_is_shown_is_read_of_what_has_ended(
    own_world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = runner(own_world)
    for number in range(MOST_ENDED + 5):
        unpack(own_world, f"/{number}.zip")
        tick(own_world, one)
    read: list[FileWork] = []
    whole = jobs.job_of
    monkeypatch.setattr(jobs, "job_of", lambda row: (read.append(row), whole(row))[1])
    live(own_world)

    assert {row.id for row in read} == {*range(6, MOST_ENDED + 6)}


def test_asking_forgets_what_ended_long_before(own_world: World) -> None:
    one = runner(own_world)
    unpack(own_world, "/other.zip", server=SHARED)
    tick(own_world, one)
    for number in range(MOST_KEPT + 4):
        unpack(own_world, f"/{number}.zip")
        tick(own_world, one)
    unpack(own_world, "/last.zip")

    kept = works(own_world)
    assert len([row for row in kept if row.state == "failed"]) == MOST_KEPT + 1
    assert [row.state for row in kept if row.id == 1] == ["failed"]
    assert "other.zip" in kept[0].detail
    assert "/4.zip" not in " ".join(row.detail for row in kept)
    assert kept[-1].state == "queued"


def test_without_script_there_is_a_link_to_look_again_while_it_goes_on(own_world: World) -> None:
    unpack(own_world)
    assert "<noscript>" in live(own_world).text
    tick(own_world, runner(own_world))
    assert "<noscript>" not in live(own_world).text
