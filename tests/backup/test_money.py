"""Money and suspensions after a restore: nothing is charged, lifted or suspended by a store that is behind."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import delete, insert, select

from portal import clock
from portal.audit import changes
from portal.backup import highwater, starting
from portal.billing import ledger, renewing, terms
from portal.billing.models import Term
from portal.billing.renewing import RenewalError
from portal.store import db, read, restored, write
from portal.suspension import holds, intents
from portal.suspension.models import Hold, Intent, Observed
from tests.backup.conftest import ask, backup, done, run, store, worked
from tests.conftest import World
from tests.support import money

SERVER = "Survival SMP"
DAY_S = 86_400
MONTH_S = 30 * DAY_S


@pytest.fixture
def paying(make_world: Callable[..., World]) -> World:
    return make_world("own", is_ready=True, billing="on")


def start(world: World) -> None:
    with world.app.app_context():
        db.engine.dispose()
    starting.check(store(world), closely=True)()


def observe(world: World, uuid: str, name: str, *, is_suspended: bool) -> None:
    """What the panel showed just now."""
    now = int(clock.now())
    with world.app.app_context(), write() as session:
        session.merge(
            Observed(server_uuid=uuid, internal_id=1, owner_id=1, name=name, is_suspended=is_suspended,
                     status="suspended" if is_suspended else None, since=now, read_at=now)
        )  # fmt: skip


def wishes(world: World) -> list[tuple[bool, str, str]]:
    with world.app.app_context(), read() as session:
        rows = session.scalars(select(Intent).order_by(Intent.id)).all()
    return [(row.wants_suspended, row.state, row.cause) for row in rows]


def test_a_store_that_lacks_one_movement_is_noticed(paying: World, tmp_path: Path) -> None:
    """R-92: by the ledger alone, with acts and beats as they were."""
    with paying.app.app_context():
        db.engine.dispose()
    shutil.copyfile(store(paying), tmp_path / "copy.db")
    money.fund(paying, "owner", 500)
    with paying.app.app_context():
        highwater.keep()
        db.engine.dispose()
    noted = highwater.noted(paying.instance)
    assert noted is not None
    assert (noted.ledger, noted.changes) == (1, 1)
    path = paying.instance / highwater.FILE
    path.write_text(json.dumps({**json.loads(path.read_text()), "audit": 0, "beat": 0, "changes": 0}))
    start(paying)
    with paying.app.app_context():
        assert restored.since() is None
        db.engine.dispose()
    shutil.copyfile(tmp_path / "copy.db", store(paying))
    start(paying)
    with paying.app.app_context():
        found = restored.state()
    assert found is not None
    assert (found.ledger_before, found.ledger_now) == (1, 0)


def test_a_store_that_lacks_one_change_is_noticed(paying: World) -> None:
    path = paying.instance / highwater.FILE
    path.write_text(json.dumps({"audit": 0, "beat": 0, "at": 1.0, "ledger": 0, "changes": 1}))
    start(paying)
    with paying.app.app_context():
        assert restored.since() is not None


def test_a_file_of_the_release_before_is_understood(paying: World) -> None:
    money.fund(paying, "owner", 500)
    (paying.instance / highwater.FILE).write_text(json.dumps({"audit": 0, "beat": 0, "at": 1.0}))
    start(paying)
    with paying.app.app_context():
        assert restored.since() is None


def test_after_a_restore_the_marks_go_on_from_where_the_lost_store_was(paying: World) -> None:
    path = backup(paying)
    for number in range(5):
        money.fund(paying, "owner", 100 + number)
    worked(paying, 70)
    done(paying, "restore", str(path), "--yes")
    done(paying, "confirm", "--yes")
    for _ in range(2):
        start(paying)
        worked(paying, 70)
    with paying.app.app_context():
        assert restored.since() is None
    noted = highwater.noted(paying.instance)
    assert noted is not None
    assert noted.ledger == 5
    money.fund(paying, "owner", 1)
    with paying.app.app_context():
        highwater.keep()
    noted = highwater.noted(paying.instance)
    assert noted is not None
    assert noted.ledger == 6, "each new movement counts, so that its loss would be noticed again"
    done(paying, "restore", str(backup(paying)), "--yes")
    with paying.app.app_context():
        found = restored.state()
    assert found is not None
    assert (found.ledger_before, found.ledger_now) == (6, 6)


def test_in_quarantine_nothing_is_charged_and_credit_comes_in(paying: World) -> None:
    shown = money.price(paying, SERVER, 500)
    money.fund(paying, "owner", 5000)
    done(paying, "restore", str(backup(paying)), "--yes")
    owner = money.account_id(paying, "owner")
    with paying.app.app_context():
        wanted = renewing.offer(shown, 1)
        with pytest.raises(RenewalError, match="restored"):
            renewing.pay(owner, wanted)
    money.fund(paying, "owner", 700)
    assert money.balance(paying, "owner") == 5700
    done(paying, "confirm", "--yes")
    with paying.app.app_context():
        assert renewing.pay(owner, wanted).balance.minor == 5200
        assert list(ledger.verify()) == []
        assert list(changes.verify()) == []


def test_what_was_on_its_way_is_superseded_and_wished_anew_after_confirming(paying: World) -> None:
    to_lift, to_hold, settled = (money.price(paying, name) for name in (SERVER, "Lobby", "Dust2 24/7"))
    with paying.app.app_context(), write() as session:
        hold = holds.place_in(session, to_lift.server.uuid, "unpaid", reason="x", by=None, sends=False)
        holds.release_in(session, hold, reason="paid", by=None, start_as=money_owner(paying))
        for one in (to_hold, settled):
            holds.place_in(session, one.server.uuid, "admin", reason="x", by=None)
    done(paying, "restore", str(backup(paying)), "--yes")
    assert wishes(paying) == [
        (False, "superseded", "released unpaid"), (True, "superseded", "hold admin"),
        (True, "superseded", "hold admin"),
    ]  # fmt: skip
    observe(paying, to_lift.server.uuid, SERVER, is_suspended=True)
    observe(paying, settled.server.uuid, "Dust2 24/7", is_suspended=True)
    done(paying, "confirm", "--yes")
    assert sorted(wishes(paying)[3:]) == [(False, "pending", "restored"), (True, "pending", "restored")]
    with paying.app.app_context(), read() as session:
        assert intents.open_for(session, [settled.server.uuid]) == {}
        lifting = intents.open_for(session, [to_lift.server.uuid])[to_lift.server.uuid]
    assert lifting.start_as == money_owner(paying)
    paying.clock.advance(100)
    observe(paying, settled.server.uuid, "Dust2 24/7", is_suspended=False)
    done(paying, "restore", str(backup(paying)), "--yes")
    done(paying, "confirm", "--yes")
    assert len(wishes(paying)) == 7, "the second time only what waited the second time; the rest is the reconciler's"


def money_owner(world: World) -> int:
    return money.account_id(world, "owner")


def test_a_restore_has_to_be_confirmed_for_suspensions_as_well(paying: World) -> None:
    done(paying, "restore", str(backup(paying)), "--yes")
    asked = ask(store(paying), "SELECT value FROM store_state WHERE name = 'billing_unconfirmed'")
    assert json.loads(str(asked[0][0]))["why"] == "The store was restored from a backup."
    said = done(paying, "confirm", "--yes")
    assert "Nothing is suspended until prices and expiry are confirmed as well" in said
    assert ask(store(paying), "SELECT value FROM store_state WHERE name = 'billing_unconfirmed'")


def test_a_backup_of_a_month_ago_with_500_servers(paying: World) -> None:
    """R-94: what can be known is shown, and nobody is suspended or charged before somebody has looked."""
    now = int(clock.now())
    with paying.app.app_context(), write() as session:
        rows = [
            {"server_uuid": f"{number:08x}-0000", "identifier": f"{number:08x}", "name": f"Server {number:03}",
             "internal_id": number, "kind": "priced", "anchor": now, "periods": 0, "expires_at": now + DAY_S}
            for number in range(500)
        ]  # fmt: skip
        session.execute(delete(Observed))
        session.execute(insert(Term), rows)
        holds.place_in(session, "000001f0-0000", "unpaid", reason="x", by=None, sends=False)
    path = backup(paying)
    for number in range(40):
        money.fund(paying, "owner", 100, reference=f"order {number}")
    with paying.app.app_context():
        highwater.keep()
    done(paying, "restore", str(path), "--yes")
    paying.clock.advance(MONTH_S)
    for number in range(500):
        is_suspended = number < 12
        observe(paying, f"{number:08x}-0000", f"Server {number:03}", is_suspended=is_suspended)
    ran = run(paying, "confirm", typed="n\n")
    assert ran.exit_code == 1
    assert "At least 40 movements of money (payments, renewals) and 40 changes" in ran.stdout
    assert "488 servers are past their expiry here but run on the panel: they may have been paid since" in ran.stdout
    assert "12 servers are suspended on the panel without a hold here" in ran.stdout
    assert "Server 000, Server 001" in ran.stdout
    assert "and 2 more" in ran.stdout
    assert "1 servers are held here but not suspended on the panel" in ran.stdout
    assert "credited by hand since cannot be known" in ran.stdout
    assert wishes(paying) == []
    for number in range(40):
        money.fund(paying, "owner", 100, reference=f"order {number}")
        money.fund(paying, "owner", 100, reference=f"order {number}")
    assert money.balance(paying, "owner") == 4000, "every payment once"


def test_with_billing_off_nothing_is_said_of_money(make_world: Callable[..., World]) -> None:
    world = make_world("own", billing="off")
    done(world, "restore", str(backup(world)), "--yes")
    said = done(world, "confirm", "--yes")
    assert "movement of money" not in said
    assert "suspended" not in said


def test_the_trail_goes_on_whole_after_a_restore(paying: World) -> None:
    shown = money.price(paying, SERVER, 500)
    path = backup(paying)
    money.fund(paying, "owner", 500)
    done(paying, "restore", str(path), "--yes")
    done(paying, "confirm", "--yes")
    with paying.app.app_context():
        assert list(changes.verify()) == []
        assert terms.of(shown.server.uuid) == shown
        with read() as session:
            assert session.scalars(select(Hold)).all() == []
