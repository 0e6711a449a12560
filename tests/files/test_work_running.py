"""Packing and unpacking by the background process: done once, as who asked, and ended in what can be trusted."""

from __future__ import annotations

import json
import threading

import pytest

from portal.audit.models import AuditEntry
from portal.auth import service as accounts
from portal.auth.models import Account
from portal.background.tidy import tidy
from portal.background.worker import Worker
from portal.files.showing import visible
from portal.files.work.jobs import Detail
from portal.files.work.running import AT_ONCE, LATE_S, in_thread
from portal.store import write
from portal.store.restored import NAME
from portal.store.state import StoreState
from portal.store.types import load
from tests.conftest import World
from tests.files.work_support import (
    GAVE_UP,
    LOST,
    SHARED,
    Folder,
    Held,
    band,
    changes,
    looked,
    only,
    pack,
    runner,
    states,
    tick,
    turn,
    unpack,
    works,
)
from tests.servers.support import audit_of, row_of, share_of

COMPRESS, DECOMPRESS = "*/files/compress", "*/files/decompress"
LONGEST_S = 60.0


@pytest.fixture
def world(world: World) -> World:
    return looked(world)


@pytest.fixture
def own_world(own_world: World) -> World:
    return looked(own_world)


def test_an_archive_is_unpacked_where_it_lies(world: World) -> None:
    folder = Folder(world)
    folder.put_zip("box/world.zip", {"level/a.txt": "a", "b.txt": "b"})
    unpack(world, "/box/world.zip")
    tick(world, runner(world))

    assert (only(world).state, only(world).result) == ("done", "")
    assert folder.names("/box") == ["b.txt", "level", "world.zip"]
    assert changes(world) == ["decompress"]
    assert audit_of(world, "file.") == [("done", "/box: world.zip")]
    assert band(world).startswith("Unarchived world.zip 20:26:43 UTC .")


def test_what_was_chosen_is_packed_and_its_name_is_told(world: World) -> None:
    folder = Folder(world)
    for name in ("box/a.txt", "box/b/c.txt", "box/other.txt"):
        folder.put(name)
    pack(world, "a.txt", "b", directory="/box")
    tick(world, runner(world))
    (made,) = folder.archives("/box")

    assert (only(world).state, only(world).result) == ("done", made)
    assert changes(world) == ["compress"]
    assert audit_of(world, "file.") == [("done", "/box: a.txt, b")]
    assert f"It is in {made}" in band(world)


def test_names_that_are_gone_meanwhile_are_named(own_world: World) -> None:
    Folder(own_world).put("a.txt")
    pack(own_world, "a.txt", "gone.txt", "away%0A.txt")
    tick(own_world, runner(own_world))

    assert states(own_world) == ["done"]
    names = load(Detail, only(own_world).detail).missing
    assert names == ("gone.txt", "away\n.txt")
    said = f"Not there any more, and so not in it: gone.txt, {visible(names[1])}"
    assert said in band(own_world).replace(" ,", ",")


@pytest.mark.parametrize(("ask", "why"), [(pack, "Nothing of what was chosen"), (unpack, "The archive is not there")])
def test_what_is_gone_altogether_is_no_call(own_world: World, ask: object, why: str) -> None:
    Folder(own_world).put("other.txt")
    ask(own_world, *(("gone.txt",) if ask is pack else ()))  # type: ignore[operator]
    tick(own_world, runner(own_world))

    assert only(own_world).state == "failed"
    assert only(own_world).result.startswith(why)
    assert changes(own_world) == []


def test_a_folder_that_is_gone_is_said(own_world: World) -> None:
    unpack(own_world, "/nowhere/world.zip")
    tick(own_world, runner(own_world))

    assert (only(own_world).state, only(own_world).result) == ("failed", "This folder is not there any more.")


def test_an_archive_that_is_none_has_failed_and_is_not_unknown(own_world: World) -> None:
    """The node answers 500 without a reason: it did not get through with it."""
    Folder(own_world).put("world.zip", b"no archive at all")
    unpack(own_world)
    tick(own_world, runner(own_world))

    assert only(own_world).state == "failed"
    assert "mostly the archive is damaged" in only(own_world).result
    assert changes(own_world) == ["decompress"]


def test_a_refusal_of_the_node_is_told_in_its_words(own_world: World) -> None:
    folder = Folder(own_world)
    folder.put("a.txt")
    pack(own_world, "a.txt")
    said = "An error occurred on the remote host: This server does not have enough available disk space."
    turn(own_world, "status", COMPRESS, status=409, code="DaemonConnectionException", detail=said)
    tick(own_world, runner(own_world))

    assert only(own_world).state == "failed"
    assert only(own_world).result.endswith("refused: This server does not have enough available disk space.")
    assert audit_of(own_world, "file.") == [("refused", "NodeRefused: /: a.txt")]


def test_no_answer_about_packing_is_unknown_with_what_the_folder_shows(own_world: World) -> None:
    folder = Folder(own_world)
    folder.put("a.txt")
    folder.put("archive-2020-01-01T000000Z.tar.gz")
    pack(own_world, "a.txt")
    turn(own_world, "status", COMPRESS, **LOST)
    one = runner(own_world)
    tick(own_world, one)
    (made,) = [name for name in folder.archives() if "2020" not in name]

    assert only(own_world).state == "unknown"
    assert f"Probably it is {made} (" in only(own_world).result
    assert audit_of(own_world, "file.") == [("unknown", "/: a.txt")]
    assert band(own_world).startswith("Perhaps archived: a.txt")


def test_no_answer_and_no_archive_is_said_as_well(own_world: World) -> None:
    folder = Folder(own_world)
    folder.put("a.txt")
    folder.put("archive-2020-01-01T000000Z.tar.gz")
    pack(own_world, "a.txt")
    turn(own_world, "status", COMPRESS, **(LOST | {"effect": "before"}))
    tick(own_world, runner(own_world))

    assert only(own_world).state == "unknown"
    assert only(own_world).result.endswith("No new archive is in the folder.")


def test_no_answer_about_unpacking_is_unknown(own_world: World) -> None:
    Folder(own_world).put_zip("world.zip", {"a.txt": "a"})
    unpack(own_world)
    turn(own_world, "reset", DECOMPRESS, effect="after")
    tick(own_world, runner(own_world))

    assert only(own_world).state == "unknown"
    assert only(own_world).result == (
        "No answer came, so what became of it is not known; the node may still be at it."
    )  # fmt: skip


@pytest.mark.parametrize("fault", [LOST, GAVE_UP, {"status": 500, "effect": "after"}])
def test_nothing_is_ever_done_a_second_time(own_world: World, fault: dict[str, object]) -> None:
    Folder(own_world).put_zip("world.zip", {"a.txt": "a"})
    unpack(own_world)
    turn(own_world, "status", DECOMPRESS, **fault)
    one = runner(own_world)
    for _ in range(5):
        tick(own_world, one, 60)
    tick(own_world, runner(own_world, "next"), 60)

    assert changes(own_world) == ["decompress"]


def test_what_is_on_its_way_stands_in_the_store_before_the_call(own_world: World) -> None:
    Folder(own_world).put_zip("world.zip", {"a.txt": "a"})
    unpack(own_world)
    held = Held()
    tick(own_world, runner(own_world, "me", held))

    assert (only(own_world).state, only(own_world).owner) == ("running", "me")
    assert changes(own_world) == []
    assert band(own_world).startswith("Unarchiving world.zip since 20:26:43 UTC .")
    held.let_go()
    assert states(own_world) == ["done"]


def test_what_a_dead_process_left_is_unknown_and_not_begun_again(own_world: World) -> None:
    folder = Folder(own_world)
    folder.put_zip("world.zip", {"a.txt": "a"})
    unpack(own_world)
    tick(own_world, runner(own_world, "killed", Held()))
    tick(own_world, runner(own_world, "next"))

    assert only(own_world).state == "unknown"
    assert only(own_world).result.startswith("The portal's background process was stopped meanwhile")
    assert changes(own_world) == []
    assert "a.txt" not in folder.names()


def test_of_an_archive_that_a_dead_process_left_the_folder_is_asked(own_world: World) -> None:
    folder = Folder(own_world)
    folder.put("a.txt")
    pack(own_world, "a.txt")
    held = Held()
    tick(own_world, runner(own_world, "killed", held))
    folder.put("archive-2030-01-01T000000Z.tar.gz", b"x" * 2048)
    tick(own_world, runner(own_world, "next"))

    assert only(own_world).state == "unknown"
    assert "Probably it is archive-2030-01-01T000000Z.tar.gz (2.0 KiB)" in only(own_world).result


def test_who_was_only_taken_for_dead_still_tells_what_happened(own_world: World) -> None:
    Folder(own_world).put_zip("world.zip", {"a.txt": "a"})
    unpack(own_world)
    slept = Held()
    tick(own_world, runner(own_world, "slept", slept))
    tick(own_world, runner(own_world, "next"))
    assert states(own_world) == ["unknown"]
    slept.let_go()

    assert (only(own_world).state, only(own_world).result) == ("done", "")


def test_one_at_once_on_a_server_two_for_a_person_four_in_all(own_world: World) -> None:
    mine = [one.name for one in own_world.demo.world.servers if one.owner.username == "owner"][:3]
    for name in (mine[0], mine[0], mine[1], mine[2]):
        unpack(own_world, f"/{len(works(own_world))}.zip", server=name)
    held = Held()
    one = runner(own_world, start=held)
    tick(own_world, one)
    tick(own_world, one)

    assert states(own_world) == ["running", "queued", "running", "queued"]
    held.let_go()
    tick(own_world, one, 1)
    assert states(own_world) == ["failed", "queued", "failed", "running"]
    held.let_go()
    tick(own_world, one, 3)
    assert states(own_world) == ["failed", "running", "failed", "failed"]


def test_never_more_than_four_calls_at_once(own_world: World) -> None:
    held = Held()
    servers = [one for one in own_world.demo.world.servers if one.owner.username == "owner"][:6]
    assert len(servers) == 6
    for number, server in enumerate(servers):
        unpack(own_world, server=server.name)
        with own_world.app.app_context(), write() as session:
            session.get_one(type(works(own_world)[0]), number + 1).account_id = number + 100
    tick(own_world, runner(own_world, start=held))

    assert states(own_world).count("running") == AT_ONCE
    assert states(own_world).count("queued") == 2


def test_two_archives_never_get_one_name(own_world: World) -> None:
    """Wings names them by the second."""
    folder = Folder(own_world)
    folder.put("a.txt", b"a")
    folder.put("b.txt", b"b")
    pack(own_world, "a.txt")
    pack(own_world, "b.txt")
    one = runner(own_world)
    for _ in range(12):
        tick(own_world, one, 0.4)

    assert states(own_world) == ["done", "done"]
    assert len(folder.archives()) == 2


@pytest.mark.parametrize("loss", ["permission", "share", "account", "key"])
def test_what_was_lost_meanwhile_is_not_used(own_world: World, loss: str) -> None:
    """Rights and key are looked at as they are when it begins."""
    share = share_of(own_world, SHARED)
    share.permissions[:] = ["file.read", "file.create"]
    own_world.work()
    Folder(own_world, SHARED).put_zip("world.zip", {"a.txt": "a"})
    unpack(own_world, who="subuser", server=SHARED)
    own_world.calls()
    if loss == "permission":
        share.permissions[:] = ["file.read"]
    elif loss == "share":
        row_of(own_world, SHARED).subusers.remove(share)
    elif loss == "key":
        own_world.demo.world.api_keys[:] = [
            one for one in own_world.demo.world.api_keys if one.user.username != "subuser"
        ]  # fmt: skip
    else:
        with own_world.app.app_context(), write() as session:
            session.get_one(Account, accounts.find("subuser@example.com").id).is_disabled = True
    tick(own_world, runner(own_world), 61)

    assert only(own_world).state == "failed"
    assert changes(own_world) == []
    assert "a.txt" not in Folder(own_world, SHARED).names()


def test_a_panel_that_is_down_is_no_reason_to_try_forever(own_world: World) -> None:
    Folder(own_world).put_zip("world.zip", {"a.txt": "a"})
    unpack(own_world)
    turn(own_world, "status", "*", status=503, code="HttpException", effect="before")
    tick(own_world, runner(own_world))

    assert only(own_world).state == "failed"
    assert only(own_world).result == "Your host is working on the panel. Try again in a few minutes."


def test_what_waited_too_long_is_not_done(own_world: World) -> None:
    Folder(own_world).put_zip("world.zip", {"a.txt": "a"})
    unpack(own_world)
    tick(own_world, runner(own_world), LATE_S + 1)

    assert only(own_world).state == "failed"
    assert changes(own_world) == []


def test_what_waits_in_a_store_that_was_put_back_is_not_done(own_world: World) -> None:
    Folder(own_world).put_zip("world.zip", {"a.txt": "a"})
    unpack(own_world)
    value = {"since": own_world.clock.now(), "backup_at": None, "audit_before": 0, "audit_now": 0}
    with own_world.app.app_context(), write() as session:
        session.add(StoreState(name=NAME, value=json.dumps(value)))
    one = runner(own_world)
    tick(own_world, one)

    assert only(own_world).state == "failed"
    assert changes(own_world) == []
    unpack(own_world)
    tick(own_world, one)
    assert states(own_world) == ["failed", "done"]


def test_what_goes_wrong_on_our_side_is_unknown_and_ends(own_world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("broken")

    monkeypatch.setattr("portal.files.work.doing._unpack", broken)
    unpack(own_world)
    tick(own_world, runner(own_world))

    assert only(own_world).state == "unknown"


def test_an_end_that_could_not_be_kept_is_found_in_the_next_round(
    own_world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    Folder(own_world).put_zip("world.zip", {"a.txt": "a"})
    unpack(own_world)
    one = runner(own_world)
    with monkeypatch.context() as patch:
        patch.setattr("portal.files.work.jobs.write_end", lambda *_: 1 / 0)
        tick(own_world, one)
    assert states(own_world) == ["running"]
    tick(own_world, one)

    assert states(own_world) == ["unknown"]
    assert changes(own_world) == ["decompress"]


def test_the_background_process_does_it(own_world: World) -> None:
    Folder(own_world).put_zip("world.zip", {"a.txt": "a"})
    unpack(own_world)
    worker = Worker(own_world.app)
    done = threading.Event()

    class UntilDone(threading.Event):
        def wait(self, timeout: float | None = None) -> bool:
            own_world.clock.advance(timeout or 0.0)
            if done.wait(0.01) or states(own_world) == ["done"]:
                self.set()
            return self.is_set()

    worker._stop = UntilDone()
    giving_up = threading.Timer(LONGEST_S, done.set)
    giving_up.start()
    try:
        worker.run()
    finally:
        giving_up.cancel()
        for one in threading.enumerate():
            if one.name.startswith(("chore", "read_", "files")):
                one.join(LONGEST_S)  # what still goes on there would use the next test's clock

    assert states(own_world) == ["done"]


def test_a_thread_of_its_own_never_keeps_the_process_from_ending() -> None:
    seen: list[bool] = []
    ended = threading.Event()

    def look() -> None:
        seen.append(threading.current_thread().daemon)
        ended.set()

    in_thread(look)

    assert ended.wait(LONGEST_S)
    assert seen == [True]


def test_what_ended_a_month_ago_is_forgotten_and_what_waits_is_not(own_world: World) -> None:
    Folder(own_world).put_zip("world.zip", {"a.txt": "a"})
    unpack(own_world)
    tick(own_world, runner(own_world))
    unpack(own_world)
    with own_world.app.app_context():
        tidy()
        assert states(own_world) == ["done", "queued"]
        own_world.clock.advance(31 * 86_400)
        tidy()
    assert states(own_world) == ["queued"]


def test_the_audit_log_names_who_asked(own_world: World) -> None:
    share_of(own_world, SHARED).permissions[:] = ["file.read", "file.create"]
    own_world.work()
    Folder(own_world, SHARED).put_zip("world.zip", {"a.txt": "a"})
    unpack(own_world, who="subuser", server=SHARED)
    tick(own_world, runner(own_world))
    with own_world.app.app_context(), write() as session:
        entry = session.query(AuditEntry).where(AuditEntry.action == "file.unarchive").one()
        assert entry.account_id == accounts.find("subuser@example.com").id
