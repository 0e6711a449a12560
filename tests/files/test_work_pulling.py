"""A file that the node fetches: which addresses, under which name, and when it has arrived."""

from __future__ import annotations

from typing import Any

import pytest

from portal.files.models import FileWork
from portal.files.work.pulling import GIVEN_UP_S, BadAddress, checked_address, name_in
from portal.store import write
from tests.conftest import World
from tests.files.work_support import (
    GAVE_UP,
    LOST,
    SHARED,
    Folder,
    Held,
    ask,
    band,
    changes,
    looked,
    only,
    runner,
    states,
    tick,
    turn,
    works,
)
from tests.servers.support import HTMX, audit_of, said, share_of

URL = "https://example.com/files/plugin.jar?token=hush"
ARRIVED = {"status": 204, "form": "empty", "effect": "before"}
"""What the panel says when the node has fetched it within 15 s; the demo's nodes reach no other machine."""
SLOW = LOST | {"effect": "before"}
PULL = "*/files/pull"


@pytest.fixture
def world(world: World) -> World:
    return looked(world)


@pytest.fixture
def own_world(own_world: World) -> World:
    return looked(own_world)


def fetch(world: World, url: str = URL, directory: str = "/", **data: Any) -> Any:
    return ask(world, "pull", data={"url": url, "directory": directory, **data}, headers=HTMX)


def slow(world: World) -> Any:
    """A runner that has begun to fetch something for which the panel did not wait."""
    fetch(world)
    turn(world, "status", PULL, **SLOW)
    one = runner(world)
    tick(world, one)
    assert states(world) == ["running"]
    return one


def test_the_node_is_asked_with_everything_that_was_chosen(own_world: World) -> None:
    fetch(own_world, directory="/plugins", name="mine.jar")
    turn(own_world, "status", PULL, **ARRIVED)
    own_world.calls()
    world = own_world
    held = Held()
    tick(world, runner(world, start=held))
    sent = world.adapter.requests
    held.let_go()
    (call,) = [one for one in sent if one.method == "POST"]

    assert call.path_url.endswith("/files/pull")
    assert b'"foreground":true' in (call.body or b"").replace(b" ", b"")
    for part in (b"plugin.jar?token=hush", b"/plugins", b"mine.jar"):
        assert part in (call.body or b"")


def test_what_came_while_the_panel_waited_is_certain(own_world: World) -> None:
    fetch(own_world)
    turn(own_world, "status", PULL, **ARRIVED)
    held = Held()
    tick(own_world, runner(own_world, start=held))
    Folder(own_world).put("box/plugin.jar")
    held.let_go()

    assert (only(own_world).state, only(own_world).result) == ("done", "")
    assert band(own_world).startswith("Fetched plugin.jar 20:26:43 UTC . From https://example.com/files/plugin.jar")


def test_the_secret_of_an_address_is_neither_shown_nor_kept(own_world: World) -> None:
    fetch(own_world)
    assert "hush" not in band(own_world)
    turn(own_world, "status", PULL, **ARRIVED)
    tick(own_world, runner(own_world))

    assert "hush" not in only(own_world).detail
    assert audit_of(own_world, "file.") == [("done", "/: plugin.jar, https://example.com/files/plugin.jar")]


def test_what_grows_is_shown_and_of_what_grows_no_more_nobody_knows_whether_it_is_all(own_world: World) -> None:
    one = slow(own_world)
    folder = Folder(own_world)
    folder.put("plugin.jar", b"x" * 2048)
    tick(own_world, one, 5)
    assert only(own_world).progress == 2048
    assert "2.0 KiB so far." in band(own_world)
    folder.put("plugin.jar", b"x" * 4096)
    tick(own_world, one, 10)
    for _ in range(5):
        tick(own_world, one, 30)
    assert only(own_world).state == "unknown"
    assert band(own_world).startswith("Perhaps fetched: plugin.jar")
    assert only(own_world).result == "4.0 KiB arrived; the node does not say whether that is all."
    assert changes(own_world) == ["pull"]


def test_a_size_that_stays_for_less_than_two_minutes_proves_nothing(own_world: World) -> None:
    one = slow(own_world)
    Folder(own_world).put("plugin.jar", b"x")
    for _ in range(4):
        tick(own_world, one, 30)

    assert states(own_world) == ["running"]


def test_what_never_appears_is_unknown_after_two_minutes(own_world: World) -> None:
    one = slow(own_world)
    Folder(own_world).put("plugin.jar", b"")
    for _ in range(3):
        tick(own_world, one, 30)
    assert states(own_world) == ["running"]
    tick(own_world, one, 31)

    assert only(own_world).state == "unknown"
    assert only(own_world).result == "Nothing has arrived so far, and the node does not say why."


def test_what_still_grows_after_a_quarter_of_an_hour_is_unknown(own_world: World) -> None:
    one = slow(own_world)
    size = 0
    while states(own_world) == ["running"]:
        size += 1
        assert size * 31 < GIVEN_UP_S + 62
        Folder(own_world).put("plugin.jar", b"x" * size)
        tick(own_world, one, 31)

    assert only(own_world).state == "unknown"
    assert "arrived in 15 minutes" in only(own_world).result


def test_the_old_file_of_that_name_is_not_taken_for_the_new_one(own_world: World) -> None:
    Folder(own_world).put("plugin.jar", b"old one")
    fetch(own_world, replace="y")
    turn(own_world, "status", PULL, **SLOW)
    one = runner(own_world)
    for _ in range(6):
        tick(own_world, one, 30)

    assert only(own_world).state == "unknown"


def test_a_folder_that_cannot_be_read_says_nothing_about_the_file(own_world: World) -> None:
    one = slow(own_world)
    Folder(own_world).put("plugin.jar", b"x")
    tick(own_world, one, 5)
    turn(own_world, "status", "*/files/list", times=4, status=504, code="DaemonConnectionException", effect="before")
    tick(own_world, one, 30)
    assert states(own_world) == ["running"]
    own_world.demo.knobs.clear()
    for _ in range(4):
        tick(own_world, one, 30)

    assert only(own_world).result == "1 B arrived; the node does not say whether that is all."


def test_looks_become_rare(own_world: World) -> None:
    one = slow(own_world)
    own_world.calls()
    for _ in range(100):
        tick(own_world, one, 1)

    assert 4 <= len([call for call in own_world.calls() if call.endswith("/files/list")]) <= 7


def test_a_watch_keeps_no_call_of_others_waiting(own_world: World) -> None:
    one = slow(own_world)
    with own_world.app.app_context(), write() as session:
        for number in range(3):
            session.add(
                FileWork(
                    server_uuid=f"other-{number}", account_id=900 + number, kind="unarchive", directory="/",
                    detail='{"names":["a.zip"]}', state="running", asked_at=own_world.clock.now(), owner="worker",
                )
            )  # fmt: skip
    one._flying.update({2, 3, 4})
    ask(own_world, "unarchive?file=/a.zip", server=SHARED)
    tick(own_world, one, 1)

    assert only_of(own_world, 5) == "failed"


def only_of(world: World, number: int) -> str:
    return next(row.state for row in works(world) if row.id == number)


def test_a_node_that_gave_up_has_failed(own_world: World) -> None:
    fetch(own_world)
    turn(own_world, "status", PULL, **GAVE_UP)
    tick(own_world, runner(own_world))

    assert only(own_world).state == "failed"
    assert only(own_world).result.startswith("The node could not fetch it")


def test_a_node_that_fetches_nothing_says_so(own_world: World) -> None:
    for node in own_world.demo.nodes.values():
        node.config.pulls_enabled = False
    fetch(own_world)
    tick(own_world, runner(own_world))

    assert only(own_world).state == "failed"
    assert only(own_world).result.endswith("This functionality is not currently enabled on this instance.")


def test_the_panels_own_limit_is_told_with_a_time(own_world: World) -> None:
    fetch(own_world)
    turn(own_world, "throttle", PULL, retry_after="240")
    tick(own_world, runner(own_world))

    assert (only(own_world).state, only(own_world).result) == ("failed", "Too much at once. Try again in 240 s.")
    ask(own_world, "unarchive?file=/a.zip")
    tick(own_world, runner(own_world))
    assert works(own_world)[1].result == "The archive is not there any more."


def test_a_pull_that_a_dead_process_left_is_unknown_with_what_is_there(own_world: World) -> None:
    slow(own_world)
    Folder(own_world).put("plugin.jar", b"x" * 2048)
    tick(own_world, runner(own_world, "next"))

    assert only(own_world).state == "unknown"
    assert "plugin.jar is there with 2.0 KiB; whether that is all is not known." in only(own_world).result
    assert "hush" not in only(own_world).detail


def test_a_name_that_is_taken_is_asked_about(own_world: World) -> None:
    Folder(own_world).put("plugin.jar", b"old one")
    answer = fetch(own_world)

    assert answer.status_code == 422
    assert "There is a plugin.jar already." in said(answer.text)
    assert 'type="checkbox"' in answer.text
    assert 'value="plugin.jar"' in answer.text
    assert works(own_world) == []
    assert fetch(own_world, name="other.jar").status_code == 200
    assert fetch(own_world, replace="y").status_code == 200
    assert len(works(own_world)) == 2


def test_a_folder_is_never_replaced(own_world: World) -> None:
    Folder(own_world).put("plugin.jar/a.txt")
    answer = fetch(own_world, replace="y")

    assert answer.status_code == 422
    assert "There is a folder of that name" in said(answer.text)


def test_a_name_that_was_taken_meanwhile_is_not_replaced(own_world: World) -> None:
    fetch(own_world)
    Folder(own_world).put("plugin.jar", b"mine")
    tick(own_world, runner(own_world))

    assert (only(own_world).state, only(own_world).result) == ("failed", "Something of that name is there already.")
    assert changes(own_world) == []


def test_a_folder_that_is_not_there_is_made_by_the_node(own_world: World) -> None:
    assert fetch(own_world, directory="/new").status_code == 200
    turn(own_world, "status", PULL, **ARRIVED)
    tick(own_world, runner(own_world))

    assert states(own_world) == ["done"]


def test_a_folder_that_cannot_be_read_is_not_taken_for_one_that_is_missing(own_world: World) -> None:
    """It would have been fetched over what is in it."""
    Folder(own_world).put("box/plugin.jar", b"mine")
    turn(own_world, "status", "*/files/list", **GAVE_UP)
    assert fetch(own_world, directory="/box").status_code == 503
    own_world.demo.knobs.clear()
    fetch(own_world, directory="/box", name="other.jar")
    Folder(own_world).put("box/other.jar", b"mine")
    turn(own_world, "status", "*/files/list", **GAVE_UP)
    own_world.calls()
    tick(own_world, runner(own_world))

    assert states(own_world) == ["failed"]
    assert changes(own_world) == []


def test_who_may_not_look_has_to_say_that_a_file_may_be_replaced(world: World) -> None:
    share_of(world, SHARED).permissions[:] = ["file.create"]
    world.work()
    form = world.browser("subuser").get(f"/servers/{world.server(SHARED)}/files/pull", headers=HTMX)
    assert 'name="replace"' in form.text
    answer = ask(world, "pull", "subuser", SHARED, data={"url": URL})

    assert answer.status_code == 422
    assert "Say that a file may be replaced." in answer.text
    assert works(world) == []


def test_who_lost_the_right_to_look_replaces_nothing(world: World) -> None:
    share_of(world, SHARED).permissions[:] = ["file.create", "file.read"]
    world.work()
    ask(world, "pull", "subuser", SHARED, data={"url": URL})
    share_of(world, SHARED).permissions[:] = ["file.create"]
    world.clock.advance(61)
    world.work()
    tick(world, runner(world))

    assert states(world) == ["failed"]
    assert changes(world) == []


def test_who_may_not_look_may_still_fetch(world: World) -> None:
    share_of(world, SHARED).permissions[:] = ["file.create"]
    world.work()
    world.calls()
    assert ask(world, "pull", "subuser", SHARED, data={"url": URL, "replace": "y"}).status_code == 303
    turn(world, "status", PULL, **ARRIVED)
    tick(world, runner(world))

    assert [call for call in world.calls() if call.endswith("/files/list")] == []
    assert states(world) == ["done"]


@pytest.mark.parametrize(
    "address",
    ["", "plugin.jar", "ftp://example.com/a", "file:///etc/passwd", "javascript:alert(1)", "https://", "https:///a",
     "https://user@example.com/a", "https://user:pass@example.com/a", "https://example.com:0/a",
     "https://example.com:99999/a", "https://exa mple.com/a", "https://example.com/a\nb", "https://example.com/\u202ea",
     "https://[::1/a", "https://example.com/" + "a" * 2000],
)  # fmt: skip
def test_what_is_no_web_address_is_refused_beside_the_field(own_world: World, address: str) -> None:
    answer = fetch(own_world, address)

    assert answer.status_code == 422
    assert 'aria-invalid="true"' in answer.text
    assert works(own_world) == []
    assert own_world.calls() == []


def test_addresses_are_kept_as_they_are_but_for_what_browsers_keep() -> None:
    for address in ("https://example.com/a.jar", "http://example.com:8080/a%20b.jar?x=1&y=%2F", "https://[::1]/a"):
        assert checked_address(f" {address} ") == address
    assert checked_address("https://example.com/a.jar#part") == "https://example.com/a.jar"
    with pytest.raises(BadAddress):
        checked_address("https://example.com/\x7f")


@pytest.mark.parametrize(
    ("address", "name"),
    [("https://x.y/a/b.jar?c=/d.jar", "b.jar"), ("https://x.y/a%20b.jar", "a b.jar"), ("https://x.y", ""),
     ("https://x.y/a/", "a"), ("https://x.y/..%2F..%2Fpasswd", "passwd"), ("https://x.y/%2e%2e", ""),
     ("https://x.y/a%00b", ""), ("https://x.y/a%0Ab", "")],
)  # fmt: skip
def test_the_name_is_the_end_of_the_address(address: str, name: str) -> None:
    assert name_in(address) == name


@pytest.mark.parametrize("name", ["a/b", "..", ".", "a\nb", "x" * 256])
def test_what_is_no_name_is_refused_beside_the_field(own_world: World, name: str) -> None:
    answer = fetch(own_world, name=name)

    assert answer.status_code == 422
    assert works(own_world) == []


def test_an_address_without_a_name_asks_for_one(own_world: World) -> None:
    answer = fetch(own_world, "https://example.com/")

    assert answer.status_code == 422
    assert "The address does not end in a name" in said(answer.text)
    assert fetch(own_world, "https://example.com/", name="a.jar").status_code == 200


def test_without_script_the_form_is_a_page(own_world: World) -> None:
    path = f"/servers/{own_world.server('Skyblock')}/files/pull?directory=/plugins"
    page = own_world.browser("owner").get(path).text
    refused = ask(own_world, "pull?directory=/plugins", data={"url": "nothing"})

    assert "<h1" in page
    assert "<html" in refused.text
    assert "/plugins" in said(refused.text)
    assert refused.status_code == 422
