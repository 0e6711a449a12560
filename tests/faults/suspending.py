"""Scenarios of holds, sweeps, reminders, and of what happens in the panel by hand."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from portal import clock
from portal.billing import renewing, terms
from portal.operator import holding
from portal.suspension import holds
from portal.suspension.holds import HoldError
from portal.sweep import runs
from portal.sweep.runs import Approved
from tests.faults.acknowledged import Effect
from tests.faults.lane import Side
from tests.faults.paying import renewal_of
from tests.faults.scene import Parts, calm, no_acts, nothing, number, overdue, says, tell_trail, trail
from tests.faults.settling import chores, settle
from tests.support.money import DAY_S


def held_by_hand() -> Parts:
    def place(side: Side) -> None:
        for uuid, kind in zip(side.fleet.uuids[:3], ("admin", "abuse", "admin"), strict=True):
            side.step(f"hold {uuid[:8]}", lambda: _place(side, uuid, kind), but=(HoldError,))  # noqa: B023

    def act(side: Side) -> None:
        place(side)
        chores(side, "directory", "dispatch", "reconcile")

    def effects(side: Side) -> Iterator[Effect]:
        for uuid in side.fleet.uuids[:3]:
            yield _hold_of(side, f"hold {uuid[:8]}", uuid, "released_at IS NULL", wants=True)

    def expect(side: Side) -> Iterator[str]:
        shown = side.ask("look")
        held = [uuid for uuid, status in shown.items() if status == "suspended"]
        yield from says(sorted(held) == sorted(side.fleet.uuids[:3]), f"suspended are {held}")

    return calm, act, place, effects, expect


def _hold_of(side: Side, act: str, uuid: str, how: str, *, wants: bool) -> Effect:
    """A hold of a server that is open or released, its line of the trail, and the wish that follows."""
    wished = "SELECT count(DISTINCT server_uuid) FROM intent WHERE server_uuid = :uuid AND wants_suspended = :wants"
    found = {
        "holds": number(f"SELECT count(*) FROM hold WHERE server_uuid = :uuid AND {how}", uuid=uuid),
        "lines of the trail": trail(side, "what = 'hold' AND server_uuid = :uuid", uuid=uuid),
        "wishes": number(wished, uuid=uuid, wants=wants),
    }
    return Effect(act, found)


def _place(side: Side, uuid: str, kind: Any) -> None:
    holding.place(side.notes["admin"], uuid[:8], kind, "test")


def released_by_hand() -> Parts:
    def prepare(side: Side) -> None:
        calm(side)
        for uuid in side.fleet.uuids[:3]:
            holding.place(side.notes["admin"], uuid[:8], "admin", "test")
        settle(side)

    def release(side: Side) -> None:
        for one in holding.listing():
            side.step(f"release {one.identifier}", lambda: holding.release(None, one.hold.id, "test"))  # noqa: B023

    def act(side: Side) -> None:
        release(side)
        chores(side, "directory", "dispatch", "reconcile")

    def effects(side: Side) -> Iterator[Effect]:
        for uuid in side.fleet.uuids[:3]:
            yield _hold_of(side, f"release {uuid[:8]}", uuid, "released_at IS NOT NULL", wants=False)

    def expect(side: Side) -> Iterator[str]:
        held = [uuid for uuid, status in side.ask("look").items() if status == "suspended"]
        yield from says(held == [], f"still suspended are {held}")

    return prepare, act, release, effects, expect


# --- the sweep


def swept(count: int) -> Parts:
    def prepare(side: Side) -> None:
        calm(side)
        overdue(side, count)

    def act(side: Side) -> None:
        side.world.clock.advance(300)
        chores(side)
        chores(side)

    def expect(side: Side) -> Iterator[str]:
        held = [uuid for uuid, status in side.ask("look").items() if status == "suspended"]
        yield from says(sorted(held) == sorted(side.fleet.uuids[:count]), f"{len(held)} are suspended, not {count}")
        asked = [one for one in side.ask("writes") if one.endswith("/suspend")]
        yield from says(len(asked) <= 2 * count, f"{len(asked)} calls for {count} servers")
        told = number("SELECT count(*) FROM mail WHERE kind = 'suspended'")
        yield from says(told == count, f"{told} were told of {count} suspensions")

    return prepare, act, nothing, no_acts, expect


def approved(count: int) -> Parts:
    def prepare(side: Side) -> None:
        calm(side)
        overdue(side, count)
        side.fleet.sweep()
        waiting = runs.frozen()
        assert waiting is not None
        side.notes["run"] = (waiting.id, waiting.digest)

    def approve(side: Side) -> None:
        run_id, digest = side.notes["run"]
        run = runs.show(run_id)
        if run is not None and run.state == "frozen":
            side.step("approve", lambda: _all_held(runs.approve(run_id, digest, side.notes["admin"])))

    def act(side: Side) -> None:
        approve(side)
        chores(side, "directory", "dispatch", "mail")

    def effects(side: Side) -> Iterator[Effect]:
        mine = {"run": side.notes["run"][0]}
        decided = {
            "runs": number("SELECT count(*) FROM sweep_run WHERE id = :run AND state = 'approved'", **mine),
            "lines of the trail": trail(side, "what = 'run' AND run_id = :run", **mine),
        }
        yield Effect("approve", decided)
        placed = {
            "holds": number("SELECT count(*) FROM hold WHERE run_id = :run", **mine),
            "entries": number("SELECT count(*) FROM run_entry WHERE run_id = :run AND state = 'held'", **mine),
            "lines of the trail": trail(side, "what = 'hold' AND run_id = :run", **mine),
        }
        yield Effect("approve", placed, count)

    def expect(side: Side) -> Iterator[str]:
        held = [uuid for uuid, status in side.ask("look").items() if status == "suspended"]
        yield from says(sorted(held) == sorted(side.fleet.uuids[:count]), f"{len(held)} are suspended, not {count}")
        placed = number("SELECT count(*) FROM hold")
        yield from says(placed == count, f"{placed} holds were placed for {count} servers")

    return prepare, act, approve, effects, expect


def _all_held(done: Approved) -> None:
    """The page says how many could not be held: then not all of it was acknowledged."""
    if done.failed or done.waiting:
        raise RuntimeError(str(done))


def undone_run(count: int) -> Parts:
    def prepare(side: Side) -> None:
        calm(side)
        overdue(side, count)
        side.fleet.sweep()
        settle(side)
        side.notes["run"] = number("SELECT max(id) FROM sweep_run")

    def undo(side: Side) -> None:
        side.step("undo", lambda: runs.undo(side.notes["run"], side.notes["admin"]))

    def act(side: Side) -> None:
        undo(side)
        chores(side, "directory", "dispatch", "reconcile")

    def effects(side: Side) -> Iterator[Effect]:
        mine = {"run": side.notes["run"]}
        decided = {
            "runs": number("SELECT count(*) FROM sweep_run WHERE id = :run AND state = 'undone'", **mine),
            "lines of the trail": trail(side, "what = 'run' AND run_id = :run", **mine),
        }
        yield Effect("undo", decided)
        released = {
            "holds": number("SELECT count(*) FROM hold WHERE run_id = :run AND released_at IS NOT NULL", **mine),
            "entries": number("SELECT count(*) FROM run_entry WHERE run_id = :run AND state = 'undone'", **mine),
            "lines of the trail": trail(side, "what = 'hold' AND run_id = :run", **mine),
        }
        yield Effect("undo", released, count)

    def expect(side: Side) -> Iterator[str]:
        held = [uuid for uuid, status in side.ask("look").items() if status == "suspended"]
        yield from says(held == [], f"still suspended are {held}")

    return prepare, act, undo, effects, expect


# --- what happens in the panel


def by_the_host() -> Parts:
    """Suspended by hand in the panel, paid, and it stays suspended."""

    def act(side: Side) -> None:
        uuid = side.fleet.uuids[0]
        side.ask("by hand", uuid, "suspended")
        for _ in range(2):
            side.world.clock.advance(70)
            chores(side, "directory", "reconcile", "dispatch", "mail")
        shown = terms.of(uuid)
        assert shown is not None
        side.notes["token"] = renewing.token_of(side.notes["owner"], renewing.offer(shown, 1))
        pay = side.notes["token"]
        side.step("renew", lambda: renewing.renew(side.notes["owner"], pay, accepts_hold=True))
        chores(side, "dispatch")

    def expect(side: Side) -> Iterator[str]:
        status = side.ask("look")[side.fleet.uuids[0]]
        touched = [one for one in side.ask("writes") if one.endswith("suspend")]
        yield from says(not touched, f"the portal touched what the host suspended: {touched}")
        kinds = [one.kind for one in holds.of(side.fleet.uuids[0])]
        yield from says(status != "suspended" or kinds == ["external"], f"the server has the holds {kinds}")

    def effects(side: Side) -> Iterator[Effect]:
        yield renewal_of(side, "renew", side.notes["owner"])

    return calm, act, nothing, effects, expect


def lifted_by_hand() -> Parts:
    def prepare(side: Side) -> None:
        calm(side)
        overdue(side, 2)
        side.fleet.sweep()
        settle(side)

    def act(side: Side) -> None:
        side.ask("by hand", side.fleet.uuids[0], None)
        for _ in range(3):
            side.world.clock.advance(70)
            chores(side, "directory", "reconcile", "dispatch", "mail")

    def expect(side: Side) -> Iterator[str]:
        asserted = number("SELECT coalesce(sum(asserted), 0) FROM hold")
        yield from says(asserted == 0, f"it was asserted {asserted} times against a person's act")

    return prepare, act, nothing, no_acts, expect


# --- telling people


def reminded() -> Parts:
    def prepare(side: Side) -> None:
        calm(side)
        now = int(clock.now())
        side.fleet.expire(side.fleet.uuids, now + 20 * DAY_S)
        for uuid, days in zip(side.fleet.uuids, (6.5, 2.5, 0.5, 6.0, 2.0), strict=False):
            side.fleet.expire([uuid], now + int(days * DAY_S))
        tell_trail(side)

    def act(side: Side) -> None:
        side.world.clock.advance(300)
        chores(side, "directory", "sweep", "mail", "mail")

    def expect(side: Side) -> Iterator[str]:
        told = number("SELECT count(*) FROM mail WHERE kind = 'renewal_reminder' AND state = 'sent'")
        yield from says(told == 5, f"{told} were told and not 5")

    return prepare, act, nothing, no_acts, expect
