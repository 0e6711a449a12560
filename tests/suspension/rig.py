"""One server of a demo panel for the state machine: a store that is put back for each example, and a witness.

The witness stands between portal and panel and knows what the portal cannot: who really suspended the server. What must
never happen is written into `wrong` at once, since whatever the portal's own code raises there it may survive.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

from requests import PreparedRequest, Response
from sqlalchemy import func, select

from portal import clock, faultpoint
from portal.audit import changes
from portal.billing import ledger, renewing, terms
from portal.billing.periods import PeriodError
from portal.billing.renewing import RenewalError
from portal.credentials import service as credentials
from portal.demo.world import Server
from portal.pterodactyl.errors import PanelError
from portal.store import db, read, write
from portal.suspension import calls, dispatching, holds, intents, observing, pace, reconciling
from portal.suspension.findings import look_in
from portal.suspension.holds import Kind
from portal.suspension.models import Hold, Intent, Observed, PanelCall
from tests.conftest import World
from tests.support import money

DAY_S = 86_400


class Killed(BaseException):
    """The process ends here."""


@dataclass
class Rig:
    """The server, its store, and what is really so."""

    world: World
    name: str
    owner: str | None = None
    lifted: set[int] = field(default_factory=set)
    wrong: list[str] = field(default_factory=list)
    is_restoring: bool = False
    is_installing: bool = False
    seen_off_at: int = 0
    steps: int = 0
    happened: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.world.adapter.send = self._witness(self.world.adapter.send)  # type: ignore[method-assign]
        self.world.demo.limiter.per_minute["application"] = 10**9
        self.account = money.account_id(self.world, "owner")
        money.price(self.world, self.name)
        money.fund(self.world, "owner", 10**9)
        self.sync()
        with self.world.app.app_context():
            db.engine.dispose()
        self._kept = self.world.instance / "kept.db"
        shutil.copyfile(self._store, self._kept)

    @property
    def _store(self) -> Any:
        return self.world.instance / "roost.db"

    @property
    def server(self) -> Server:
        """The panel's own row."""
        return next(one for one in self.world.demo.world.servers if one.name == self.name)

    def begin(self) -> None:
        """All as at first, a day later."""
        with self.world.app.app_context():
            db.engine.dispose()
        for more in ("-wal", "-shm"):
            (self.world.instance / f"roost.db{more}").unlink(missing_ok=True)
        shutil.copyfile(self._kept, self._store)
        self.world.demo.knobs.clear()
        self.server.status, self.server.is_transferring = None, False
        self.owner, self.is_restoring, self.is_installing, self.seen_off_at = None, False, False, 0
        self.lifted.clear()
        self.world.clock.advance(DAY_S)
        self.sync()

    # What the world does.

    def suspend_by_hand(self) -> None:
        """Someone clicks in the panel; who was suspended already stays so (F1)."""
        if self.server.status == "suspended" or self.server.is_transferring:
            return
        self.owner = "hand" if self._is_known_to_run() else "anybody's"
        self.server.status = "suspended"

    def lift_by_hand(self) -> None:
        """Someone clicks in the panel."""
        if self.server.status != "suspended" or self.server.is_transferring:
            return
        if self._is_known_to_be_suspended():
            self.lifted |= {one.id for one in self.holds() if one.kind != "external"}
        self.server.status, self.owner = None, None

    def restore(self) -> None:
        """A restore is begun, or ends: whatever the status is then, it is gone (F6)."""
        self.lifted.clear()
        if self.is_restoring:
            self.is_restoring = False
            self.server.status, self.owner = None, None
        elif self.server.status is None:
            self.is_restoring = True
            self.server.status = "restoring_backup"

    def reinstall(self) -> None:
        """An admin reinstalls, whatever the status is (F7), or that ends: a suspension made meanwhile stays."""
        self.lifted.clear()
        if not self.is_installing:
            self.is_installing = True
            self.server.status, self.owner = "installing", None
            return
        self.is_installing = False
        if self.server.status != "suspended":
            self.server.status = None

    def transfer(self) -> None:
        """A transfer is begun, or ends."""
        self.server.is_transferring = not self.server.is_transferring

    def end_work(self) -> None:
        """What goes on in the panel ends."""
        self.server.is_transferring = False
        for is_on, end in ((self.is_restoring, self.restore), (self.is_installing, self.reinstall)):
            if is_on:
                end()

    def breaks(self, fault: str, path: str, **settings: Any) -> None:
        """The next call is answered badly."""
        self.world.demo.knobs.turn({"fault": fault, "match": {"path": path}, "times": 1, "settings": settings})

    # What people do in the portal.

    def expire(self) -> None:
        """The paid time is over."""
        with self.world.app.app_context(), write() as session:
            terms.set_expiry_in(session, self.server.uuid, int(clock.now()) - 1, by=None, why="test")

    def sweep(self) -> None:
        """What a sweep with all gates open does."""
        with self.world.app.app_context(), write() as session:
            shown = terms.get_in(session, self.server.uuid)
            standing = {one.kind for one in holds.open_in(session, self.server.uuid)}
            if shown and shown.expires_at and shown.expires_at < clock.now() and "unpaid" not in standing:
                holds.place_in(session, self.server.uuid, "unpaid", reason="not paid", by=None)

    def pay(self) -> None:
        """The owner renews."""
        with self.world.app.app_context():
            shown = terms.of(self.server.uuid)
            assert shown is not None
            with suppress(RenewalError, PeriodError):
                renewing.pay(self.account, renewing.offer(shown, renewing.least_periods(shown)), accepts_hold=True)

    def place(self, kind: Kind) -> None:
        """An administrator places a hold."""
        with self.world.app.app_context(), suppress(holds.HoldError), write() as session:
            holds.place_in(session, self.server.uuid, kind, reason="because", by=None)

    def release(self, kind: Kind) -> None:
        """An administrator releases a hold; an external one is ours to lift from then on."""
        with self.world.app.app_context(), write() as session:
            for one in holds.open_in(session, self.server.uuid):
                if one.kind == kind:
                    holds.release_in(session, one, reason="by hand", by=None)
                    if kind == "external" and self.server.status == "suspended":
                        self.owner = "given"

    # What the worker does.

    def sync(self) -> None:
        """Half a minute goes by, the list is read and noted; that may fail."""
        self.steps += 1
        self.world.clock.advance(30)
        with self.world.app.app_context(), suppress(PanelError), credentials.as_portal("worker") as api:
            read_at = clock.now()
            observing.note(list(api.servers.iterate()), read_at)
        self._remember()

    def dispatch(self) -> None:
        """One round of the dispatcher."""
        self.steps += 1
        self.world.clock.advance(2)
        with self.world.app.app_context():
            dispatching.work()
        self._remember()

    def minutes(self, count: int) -> None:
        """All that the worker does, some times."""
        for _ in range(count):
            self.minute()

    def minute(self) -> None:
        """All that the worker does."""
        self.sync()
        self.reconcile()
        self.dispatch()

    def reconcile(self) -> None:
        """One reconciliation."""
        self.steps += 1
        with self.world.app.app_context():
            reconciling.reconcile()

    def go_on(self) -> None:
        """An administrator lets suspending go on."""
        with self.world.app.app_context():
            pace.go_on(None)

    @contextmanager
    def at(self, number: int, act: Callable[[], None]) -> Any:
        """Do something at the n-th place between two steps of the body where no lock is held, once."""
        left = [number]

        def reached(name: str) -> None:
            if name.startswith("commit") and not name.endswith("after"):
                return
            left[0] -= 1
            if left[0] == 0:
                faultpoint.listen(None)
                act()
                faultpoint.listen(reached)

        before = faultpoint.listen(reached)
        try:
            yield
        except Killed:
            pass
        finally:
            faultpoint.listen(before)

    def kill(self) -> None:
        """The process ends."""
        raise Killed

    # What must be so.

    def settle(self) -> None:
        """Everything comes to rest: the panel is well, and the worker has its time."""
        self.world.demo.knobs.clear()
        self.end_work()
        self.go_on()
        self.world.clock.advance(3700)
        for number in range(14):
            self.minute()
            self.world.clock.advance(60)
            if number > 2 and not self.at_rest():
                return

    def at_rest(self) -> list[str]:
        """What is not as it should be once everything is at rest."""
        found = list(self.wrong)
        with self.world.app.app_context(), read() as session:
            seen = session.get_one(Observed, self.server.uuid)
            is_suspended = self.server.status == "suspended"
            look = look_in(session, seen, int(clock.now()))
            is_wanted = intents.is_wanted_suspended(session, self.server.uuid)
            if seen.is_suspended != is_suspended:
                found.append("the last reading is not what the panel shows")
            if is_wanted != is_suspended and look.finding != "too_many":
                found.append(f"wanted {is_wanted}, suspended {is_suspended}, look {look}")
            if is_suspended and not is_wanted:
                found.append("a server without a reason is suspended")
            asking = [one.kind for one in holds.open_in(session, self.server.uuid) if not one.is_lifted]
            if is_suspended and self.owner == "ours" and asking == ["external"]:
                found.append("our own suspension is taken for somebody else's")
            if (session.scalar(select(func.max(Hold.asserted))) or 0) > 2:
                found.append("asserted more than twice")
            found += [f"an intent is {one}" for one in session.scalars(select(Intent.state)) if one not in OVER]
        with self.world.app.app_context():
            found += [str(one) for one in (*ledger.verify(), *changes.verify())]
        return found

    def holds(self) -> list[holds.OpenHold]:
        """The open holds that ask."""
        with self.world.app.app_context():
            return [one for one in holds.of(self.server.uuid) if not one.is_lifted]

    def count(self, what: str) -> None:
        """Keep how often something happened, so that a machine which does nothing is seen."""
        self.happened[what] = self.happened.get(what, 0) + 1

    def _is_known_to_run(self) -> bool:
        """Whether the portal has seen it run after the last of our suspends had ended for sure."""
        with self.world.app.app_context(), read() as session:
            seen = session.get(Observed, self.server.uuid)
            mine = session.scalars(select(PanelCall).where(PanelCall.suspends)).all()
            last = mine[-1].sent_at if mine else 0
            ends = [one.ended_at if one.ended_at is not None else one.sent_at + calls.LOOSE_S for one in mine]
            if len(mine) == 1 and self.seen_off_at > last:
                ends = [self.seen_off_at]  # it has acted, whether its answer came or not
            return seen is not None and not seen.is_suspended and seen.read_at > max(ends, default=0)

    def _remember(self) -> None:
        """Keep when the portal last saw it suspended."""
        with self.world.app.app_context(), read() as session:
            seen = session.get(Observed, self.server.uuid)
            if seen is not None and seen.is_suspended:
                self.seen_off_at = seen.read_at

    def _is_known_to_be_suspended(self) -> bool:
        """Whether every hold that asks was seen to have its suspension, and nothing is on its way."""
        with self.world.app.app_context(), read() as session:
            seen = session.get(Observed, self.server.uuid)
            open_ones = session.scalar(select(func.count()).where(Intent.state.in_(intents.OPEN)))
            asking = select(func.count()).where(
                Hold.released_at.is_(None), Hold.lifted_at.is_(None), Hold.confirmed_at.is_(None)
            )
            loose = select(func.max(PanelCall.sent_at)).where(PanelCall.ended_at.is_(None))
            is_loose = (session.scalar(loose) or 0) > clock.now() - calls.LOOSE_S
            is_known = seen is not None and seen.is_suspended and not open_ones and not session.scalar(asking)
            return is_known and not is_loose

    def _witness(self, send: Callable[..., Response]) -> Callable[..., Response]:
        def witnessed(request: PreparedRequest, *args: Any, **more: Any) -> Response:
            before = self.server.status
            try:
                return send(request, *args, **more)
            finally:
                self._look_at(request, before)

        return witnessed

    def _look_at(self, request: PreparedRequest, before: str | None) -> None:
        path = request.path_url
        if request.method != "GET" and not path.endswith(("/suspend", "/unsuspend", "/power")):
            self.wrong.append(f"{request.method} {path}")
        if self.server.status == before:
            return
        if path.endswith("/suspend"):
            self.count("suspended")
            asking = {one.id for one in self.holds()}  # none: paid while the call was on its way
            if self.owner is None and asking and asking <= self.lifted:
                self.wrong.append("suspended again what was lifted by hand")
            self.owner = "ours"
        elif path.endswith("/unsuspend"):
            self.count("lifted")
            if self.owner == "hand":
                self.wrong.append("lifted what somebody suspended in the panel")
            self.owner = None


OVER = ("confirmed", "superseded")
