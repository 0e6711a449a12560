"""Many paid servers of one owner, and a sweeper that is allowed to work: what the guard is tested on."""

from __future__ import annotations

import random
from collections.abc import Callable, Collection, Iterable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from email.utils import formatdate
from typing import Any

from sqlalchemy import insert, update

from portal import clock as portal_clock
from portal.background import directory
from portal.background.worker import Chore, Worker
from portal.billing.models import Price, Reminder, Term
from portal.store import write
from portal.sweep import confirming, sweeping
from portal.sweep.sweeping import Swept
from tests.conftest import TestClock, World
from tests.support import money
from tests.support.money import DAY_S

HOUR_S = 3600


class _AtOnce(ThreadPoolExecutor):
    """Does the work where it is submitted."""

    def submit(self, work: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        done: Future[Any] = Future()
        done.set_result(work(*args, **kwargs))
        return done


AT_ONCE = _AtOnce(1)


@dataclass
class Skewed:
    """The portal's clock beside the panel's: `ahead` is how far it is wrong, `mono_lost` what the other one missed."""

    clock: TestClock
    ahead: float = 0.0
    mono_lost: float = 0.0

    def now(self) -> float:
        """What the portal takes for the time."""
        return self.clock.now() + self.ahead

    def monotonic(self) -> float:
        """Seconds that only grow."""
        return self.clock.now() - self.mono_lost

    def sleep(self, seconds: float) -> None:
        """Takes no time."""


@dataclass
class Fleet:
    """A world in which billing is on, and the moves of these tests."""

    world: World
    clock: Skewed = field(init=False)
    chores: list[Chore] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.clock = Skewed(self.world.clock)
        portal_clock.use(self.clock)
        adapter = self.world.adapter
        adapter.app = _dated(adapter.app, self.world.clock)

    @property
    def uuids(self) -> list[str]:
        """All servers of the panel, in its order."""
        return [one.uuid for one in self.world.demo.world.servers]

    def price_all(self, expires_at: Callable[[int], int], count: int | None = None) -> None:
        """Let the first `count` servers have a price, and expire when `expires_at` says of their place."""
        servers = self.world.demo.world.servers[:count]
        now = int(self.clock.now())
        prices = [
            {"id": n + 1, "server_uuid": one.uuid, "amount_minor": 500, "currency": "EUR", "period_count": 30,
             "period_unit": "days", "since": now}
            for n, one in enumerate(servers)
        ]  # fmt: skip
        terms = [
            {"server_uuid": one.uuid, "identifier": one.uuid[:8], "name": one.name, "internal_id": one.id,
             "kind": "priced", "price_id": n + 1, "anchor": expires_at(n), "periods": 0, "expires_at": expires_at(n)}
            for n, one in enumerate(servers)
        ]  # fmt: skip
        with self.world.app.app_context(), write() as session:
            session.execute(insert(Price), prices)
            session.execute(insert(Term), terms)

    def expire(self, uuids: Collection[str], at: int) -> None:
        """Move the expiry of some, past all rules."""
        with self.world.app.app_context(), write() as session:
            moved = update(Term).where(Term.server_uuid.in_(uuids))
            session.execute(moved.values(expires_at=at, anchor=at, periods=0))

    def overdue(self, count: int, *, days: float = 3, is_noticed: bool = True) -> list[str]:
        """Let the first `count` servers be overdue for so many days, their owner reminded before."""
        chosen = self.uuids[:count]
        at = int(self.clock.now() - days * DAY_S)
        self.expire(chosen, at)
        if is_noticed:
            self.notice(chosen, at)
        return chosen

    def notice(self, uuids: Iterable[str], expires_at: int, *, ago_s: int = 25 * HOUR_S, person: str = "owner") -> None:
        """As if a page had told the owner of this expiry so long ago."""
        self.notice_each(dict.fromkeys(uuids, expires_at), ago_s=ago_s, person=person)

    def notice_each(self, expiries: Mapping[str, int], *, ago_s: int, person: str = "owner") -> None:
        """The same for servers with different expiries."""
        account_id, at = money.account_id(self.world, person), int(self.clock.now()) - ago_s
        rows = [
            {"server_uuid": uuid, "expires_at": expires_at, "days": 3, "account_id": account_id, "made_at": at,
             "shown_at": at}
            for uuid, expires_at in expiries.items()
        ]  # fmt: skip
        if rows:
            with self.world.app.app_context(), write() as session:
                session.execute(insert(Reminder), rows)

    def sync(self) -> bool:
        """Read the panel's list."""
        with self.world.app.app_context():
            return directory.sync()

    def confirm(self) -> None:
        """The administrator confirms prices and expiry."""
        with self.world.app.app_context():
            confirming.confirm(None)

    def sweep(self, *, after_s: float = 300, is_synced: bool = True, is_dry_run: bool = False) -> Swept:
        """One sweep, some time after the last one."""
        self.world.clock.advance(after_s)
        if is_synced:
            self.sync()
        with self.world.app.app_context():
            return sweeping.sweep(is_dry_run=is_dry_run)

    def settle(self) -> None:
        """All gates open: the list read, prices confirmed, the clock right in two sweeps."""
        self.sync()
        self.confirm()
        self.sweep()
        assert [one.name for one in self.sweep().closed] == []

    def work(self, rounds: int, *, step_s: float = 300) -> None:
        """Rounds of the background process with all that it does, each in its turn."""
        if not self.chores:
            self.chores = list(Worker(self.world.app)._chores)
        for _ in range(rounds):
            self.world.clock.advance(step_s)
            for chore in self.chores:
                chore.tick(AT_ONCE, self.world.app)

    def panel_writes(self) -> list[str]:
        """What was written to the panel: method and path, from its own call log."""
        return [f"{one.method} {one.path}" for one in self.world.demo.calls if one.method not in ("GET", "HEAD")]

    def suspended(self) -> int:
        """How many suspensions were asked of the panel, by its own call log."""
        return sum(1 for one in self.panel_writes() if one.endswith("/suspend"))


def _dated(app: Callable[..., Any], clock: TestClock) -> Callable[..., Any]:
    """The panel behind a web server, which says what time it has."""

    def answer(environ: dict[str, Any], start_response: Callable[..., Any]) -> Any:
        def start(status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> Any:
            headers = [(name, value) for name, value in headers if name.lower() != "date"]
            return start_response(status, [*headers, ("Date", formatdate(clock.now(), usegmt=True))], exc_info)

        return app(environ, start)

    return answer


def spread(fleet: Fleet, seed: int = 7) -> Callable[[int], int]:
    """Expiries of the next 30 days, as a host has them that has been there for a while."""
    now, chance = int(fleet.clock.now()), random.Random(seed)
    made: dict[int, int] = {}
    return lambda place: made.setdefault(place, now + chance.randrange(DAY_S, 30 * DAY_S))
