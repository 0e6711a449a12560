"""Asking for something that takes long: who may, what is kept, and that the page waits for no node."""

from __future__ import annotations

import pytest

from portal.files.work.asking import MOST_OF_A_SERVER
from portal.files.work.jobs import Detail
from portal.store.types import load
from tests.conftest import World
from tests.files.work_support import (
    MINE,
    SHARED,
    Folder,
    ask,
    band,
    looked,
    only,
    pack,
    runner,
    states,
    tick,
    unpack,
    works,
)
from tests.servers.support import HTMX, account_id, said, share_of

PULL = {"url": "https://example.com/plugin.jar"}


@pytest.fixture
def world(world: World) -> World:
    return looked(world)


@pytest.fixture
def own_world(own_world: World) -> World:
    return looked(own_world)


def test_asking_costs_no_call_to_the_node(world: World) -> None:
    Folder(world).put_zip("world.zip", {"a.txt": "a"})

    answer = unpack(world)

    assert (answer.status_code, answer.headers["Location"]) == (303, f"/servers/{world.server(MINE)}/files?directory=/")
    assert world.calls() == []
    row = only(world)
    assert (row.kind, row.directory, row.state, row.account_id) == (
        "unarchive", "/", "queued", account_id(world, "owner"),
    )  # fmt: skip


def test_the_folder_says_since_when_it_waits(world: World) -> None:
    unpack(world)

    assert band(world).startswith("Waiting to unarchive world.zip since 20:26:40 UTC .")


def test_with_script_the_answer_is_the_band_and_no_whole_page(world: World) -> None:
    page = f"http://localhost/servers/{world.server(MINE)}/files?directory=/"
    answer = unpack(world, headers=HTMX | {"HX-Current-URL": page})

    assert '<div id="work" hx-swap-oob="true">' in answer.text
    assert "<html" not in answer.text
    assert "Waiting to unarchive" in said(answer.text)


def test_from_another_page_the_answer_leads_to_the_folder(world: World) -> None:
    page = f"http://localhost/servers/{world.server(MINE)}/files/search?directory=/"
    answer = unpack(world, headers=HTMX | {"HX-Current-URL": page})

    assert 'id="work"' not in answer.text
    assert f'href="/servers/{world.server(MINE)}/files?directory=/"' in answer.text


def test_the_same_is_not_asked_for_twice(own_world: World) -> None:
    assert unpack(own_world).status_code == 303
    answer = unpack(own_world, headers=HTMX)

    assert "That is being done already." in said(answer.text)
    assert len(works(own_world)) == 1
    assert pack(own_world, "world.zip").status_code == 303
    assert unpack(own_world, "/other.zip").status_code == 303
    assert len(works(own_world)) == 3


def test_the_same_is_not_asked_for_while_it_is_being_done(own_world: World) -> None:
    folder, held = Folder(own_world), []
    folder.put("a.txt")
    pack(own_world, "a.txt")
    one = runner(own_world, start=held.append)
    tick(own_world, one)
    assert states(own_world) == ["running"]

    assert "That is being done already." in said(pack(own_world, "a.txt", headers=HTMX).text)
    assert states(own_world) == ["running"]


def test_not_too_much_waits_for_one_server(own_world: World) -> None:
    for number in range(MOST_OF_A_SERVER):
        assert unpack(own_world, f"/{number}.zip").status_code == 303
    answer = unpack(own_world, "/more.zip")

    assert answer.status_code == 409
    assert "Too much is waiting already." in said(answer.text)
    assert len(works(own_world)) == MOST_OF_A_SERVER
    assert unpack(own_world, server=SHARED).status_code == 303


@pytest.mark.parametrize(
    ("path", "data", "needed"),
    [("archive", {"name": "a"}, "file.archive"), ("unarchive?file=/a.zip", {}, "file.create"),
     ("pull", PULL | {"replace": "y"}, "file.create")],
)  # fmt: skip
def test_each_needs_its_own_permission(world: World, path: str, data: dict[str, str], needed: str) -> None:
    others = ["file.read", "file.read-content", "file.create", "file.update", "file.delete", "file.archive"]
    others.remove(needed)
    share_of(world, SHARED).permissions[:] = others
    world.work()
    world.calls()
    refused = ask(world, path, "subuser", SHARED, data=data)

    assert refused.status_code == 403
    assert needed in refused.text
    assert world.calls() == []
    assert works(world) == []
    share_of(world, SHARED).permissions[:] = [needed]
    world.work()
    assert ask(world, path, "subuser", SHARED, data=data).status_code == 303
    assert ask(world, path, "stranger", SHARED, data=data).status_code == 404
    assert len(works(world)) == 1


def test_packing_for_a_download_needs_the_right_to_read_it(world: World) -> None:
    share_of(world, SHARED).permissions[:] = ["file.read", "file.archive"]
    world.work()
    answer = ask(world, "archive?download=1", "subuser", SHARED, data={"name": "a"})

    assert answer.status_code == 403
    assert "file.read-content" in answer.text
    assert works(world) == []


def test_names_come_as_they_are(own_world: World) -> None:
    name = " a%2e\n#\u202e.txt "
    pack(own_world, "%20a%252e%0A%23%E2%80%AE.txt%20", directory="/plugins")

    assert load(Detail, only(own_world).detail) == Detail((name,))
    assert only(own_world).directory == "/plugins"


def test_packing_nothing_is_refused(own_world: World) -> None:
    answer = pack(own_world)

    assert answer.status_code == 422
    assert works(own_world) == []


@pytest.mark.parametrize("name", ["..", ".", "", "a%2Fb", "%00", "%FF"])
def test_what_is_no_name_is_refused(own_world: World, name: str) -> None:
    assert pack(own_world, name).status_code == 422
    assert works(own_world) == []


@pytest.mark.parametrize(("path", "status"), [("/../world.zip", 404), ("/", 422), ("", 422), ("/a/../../x.zip", 404)])
def test_no_archive_outside_of_the_folder_is_unpacked(own_world: World, path: str, status: int) -> None:
    assert ask(own_world, "unarchive", data={"file": path}).status_code == status
    assert works(own_world) == []


def test_everything_in_a_folder_is_packed_only_as_it_was_seen(own_world: World) -> None:
    Folder(own_world).put("box/a.txt")
    path = f"/servers/{own_world.server(MINE)}/files/list?directory=/box"
    page = own_world.browser("owner").get(path, headers=HTMX).text
    version = page.partition('name="all" value="')[2].partition('"')[0]
    assert version
    form = {"directory": "/box", "all": version}

    assert ask(own_world, "archive", data=form).status_code == 303
    assert load(Detail, only(own_world).detail).names == ("a.txt",)
    Folder(own_world).put("box/b.txt")
    assert ask(own_world, "archive", data=form).status_code == 409
    assert len(works(own_world)) == 1


def test_before_unpacking_it_is_asked(own_world: World) -> None:
    path = f"/servers/{own_world.server(MINE)}/files/unarchive?file=/plugins/pack.zip"
    page = own_world.browser("owner").get(path).text
    fragment = own_world.browser("owner").get(path, headers=HTMX).text

    assert "Files that have the same names are replaced" in said(page)
    assert "<html" in page
    assert "<html" not in fragment
    assert 'action="/servers/' in fragment
    assert own_world.calls() == []


def test_what_waits_can_be_taken_back(own_world: World) -> None:
    unpack(own_world)
    answer = ask(own_world, f"work/{only(own_world).id}/put-away", data={"directory": "/"})

    assert answer.status_code == 303
    assert band(own_world) == ""
    tick(own_world, runner(own_world))
    assert (only(own_world).state, only(own_world).result) == ("failed", "It was taken back before it began.")


def test_what_is_being_done_cannot_be_put_away(own_world: World) -> None:
    unpack(own_world)
    held: list[object] = []
    tick(own_world, runner(own_world, start=held.append))
    answer = ask(own_world, f"work/{only(own_world).id}/put-away")

    assert answer.status_code == 409
    assert band(own_world).startswith("Unarchiving world.zip since")


def test_only_who_could_have_asked_for_it_puts_it_away(world: World) -> None:
    share_of(world, SHARED).permissions[:] = ["file.read", "file.archive"]
    world.work()
    unpack(world, server=SHARED)
    path = f"work/{only(world).id}/put-away"

    assert ask(world, path, "subuser", SHARED).status_code == 409
    assert "Cancel" not in band(world, "subuser", SHARED)
    assert ask(world, path, "stranger", SHARED).status_code == 404
    assert ask(world, path, "owner", MINE).status_code == 409
    assert states(world) == ["queued"]
    assert "Cancel" in band(world, "owner", SHARED)
    assert ask(world, path, "owner", SHARED).status_code == 303
