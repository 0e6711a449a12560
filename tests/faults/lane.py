"""Running a scenario in processes that die: each on a fresh copy of its store, with the panel in the parent.

Processes are forked, not started: what is loaded and prepared once is there in all of them.
"""

from __future__ import annotations

import gc
import logging
import mmap
import os
import shutil
import signal
import smtplib
import sqlite3
import struct
import traceback
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from multiprocessing import Pipe
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from argon2 import PasswordHasher
from sqlalchemy import event

from portal import clock as portal_clock
from portal import create_app, faultpoint
from portal.auth import passwords
from portal.config import Settings
from portal.demo import ManualClock, build
from portal.store import db
from tests.conftest import Nodes, TestClock, World, _make_people
from tests.faults.phone import Exchange, Phone, counted, postman
from tests.servers.support import fixture
from tests.support.wsgi_adapter import WsgiAdapter
from tests.sweep.fleet import Fleet

SERVERS = 24
PAUSE_S = 100.0
EVENTS = ("CALL ", "BEGIN", "COMMIT", "ROLLBACK")


class Faulted(Exception):
    """What a driver raises at a place."""


class SharedClock(TestClock):
    """One clock for the panel and for every process that is forked; it goes on where a dead one left it."""

    __test__ = False

    def __init__(self) -> None:
        self._shared = mmap.mmap(-1, 8)
        super().__init__()

    @property
    def _now(self) -> float:
        return float(struct.unpack("d", self._shared[:8])[0])

    @_now.setter
    def _now(self, value: float) -> None:
        self._shared[:8] = struct.pack("d", value)

    def put_back(self, value: float) -> None:
        """Set it to what it was."""
        self._now = value


@dataclass(frozen=True)
class Shot:
    """What happens where: at the `nth` time that a place is reached. `act` is kill, raise or pause."""

    place: str
    nth: int
    act: str

    def __str__(self) -> str:
        return f"{self.act} at {self.place} #{self.nth}"


@dataclass
class Aim:
    """Hears every place, and does at the right one what a shot says."""

    shot: Shot
    clock: SharedClock
    reached: int = 0
    has_hit: bool = False

    def __call__(self, name: str) -> None:
        """A place is reached."""
        if self.has_hit or name != self.shot.place:
            return
        self.reached += 1
        if self.reached != self.shot.nth:
            return
        self.has_hit = True
        if self.shot.act == "kill":
            os.kill(os.getpid(), signal.SIGKILL)
        if self.shot.act == "pause":
            self.clock.advance(PAUSE_S)
        if self.shot.act == "raise":
            raise Faulted(str(self.shot))


@dataclass
class Side:
    """A scenario's view from inside a process: the world, and a line to who watches."""

    world: World
    fleet: Fleet
    notes: dict[str, Any]
    line: Connection
    aim: Aim | None = None

    def tell(self, *said: Any) -> None:
        """Say something to the parent; what it was told before a crash counts as acknowledged."""
        self.line.send(said)

    def ask(self, *said: Any) -> Any:
        """The same, with an answer."""
        self.line.send(said)
        return self.line.recv()

    def step(self, name: str, work: Callable[[], Any], *, but: tuple[type[Exception], ...] = ()) -> None:
        """One act of somebody, which leaves something in the store; acknowledged once it has returned.

        `but` are answers as good as any: declined, and nothing was done. What else it raises is not well, unless it was
        hit; then nobody can know whether it was done.
        """
        self.tell("began", name)
        self._try(name, work, but, "ok", "unknown")

    def look(self, name: str, work: Callable[[], Any]) -> None:
        """The same for what leaves nothing that anybody was promised: a page, or a chore of the background process."""
        self._try(name, work, (), "went", "hit")

    def _try(self, name: str, work: Callable[[], Any], but: tuple[type[Exception], ...], well: str, hit: str) -> None:
        was_hit = self._was_hit()
        try:
            work()
        except but as error:
            self.tell("declined", name, f"{type(error).__name__}: {error}")
        except Exception as error:
            is_hit = self._was_hit() and not was_hit
            self.tell(hit if is_hit else "refused", name, f"{type(error).__name__}: {error}")
        else:
            self.tell(well, name)

    def _was_hit(self) -> bool:
        return self.aim is not None and self.aim.has_hit


Work = Callable[[Side], Any]


@dataclass
class Lane:
    """One folder, one app, one run at a time."""

    folder: Path
    template: Path
    notes: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        passwords.hasher = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
        logging.disable(logging.CRITICAL)
        self.folder.mkdir(parents=True)
        self.instance = self.folder / "instance"
        self._reset(self.template)
        self.clock = SharedClock()
        self._began = self.clock.now()
        demo = build(clock=self.clock, fixture=fixture(SERVERS))
        self.phone = Phone(demo.wsgi)
        smtplib.SMTP = postman(self.phone)  # type: ignore[misc, assignment]
        chosen = Settings(
            panel_url="http://panel.test", application_key=demo.keys["application"], instance=self.instance,
            billing="on", application_calls_per_minute=100_000, client_calls_per_minute=100_000,
            portal_url="https://my.example.com", smtp_host="mail.test", smtp_security="none",
            mail_from="help@example.com", log_level="ERROR",
        )  # fmt: skip
        self.app = create_app(chosen, {"TESTING": True, "WTF_CSRF_ENABLED": False, "ROOST_PANEL_ADAPTER": self.phone})
        self.fleet = Fleet(World(self.app, demo, self.clock, self.phone, self.instance, WsgiAdapter(Nodes(demo))))

    def make_people(self) -> None:
        """The accounts that every scenario has; done once, for the template."""
        _make_people(self.fleet.world, "own")
        self._forget()

    def _stage(self) -> Side:
        """A panel as it was made, and the template's store."""
        self._forget()
        self._reset(self.template)
        self.clock.put_back(ManualClock().now())
        demo = build(clock=self.clock, fixture=fixture(SERVERS))
        self.phone.app = demo.wsgi
        self.fleet = Fleet(World(self.app, demo, self.clock, self.phone, self.instance, WsgiAdapter(Nodes(demo))))
        self.notes.clear()
        self.phone.arrived.clear()
        return Side(self.fleet.world, self.fleet, self.notes, _nobody())

    def prepare(self, *work: Work) -> None:
        """Bring store, panel and clock to where a scenario begins; every run starts from there.

        What is done here for the first time in a lane is compiled for all runs that follow.
        """
        side = self._stage()
        with self.app.app_context():
            for one in work:
                one(side)
        self._forget()
        with closing(sqlite3.connect(self.instance / "roost.db")) as connection:
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        shutil.rmtree(self.folder / "begin", ignore_errors=True)
        shutil.copytree(self.instance, self.folder / "begin")
        self._began = self.clock.now()
        self.fleet.world.demo.log.clear()
        gc.collect()
        gc.freeze()

    def _forget(self) -> None:
        """Nothing that was opened or learned goes along into a child, but what was compiled does."""
        with self.app.app_context():
            db.engine.dispose()
        self.app.extensions.pop("roost_panel", None)

    def _reset(self, origin: Path) -> None:
        shutil.rmtree(self.instance, ignore_errors=True)
        shutil.copytree(origin, self.instance)

    def in_fork(self, work: Callable[[], Any]) -> Any:
        """The result of something done in a process of its own, which takes all its traces along."""
        mine, theirs = Pipe()
        child = os.fork()
        if child == 0:
            _ended(theirs, lambda: theirs.send(("ended", work())))
        theirs.close()
        try:
            how, result = mine.recv()
        except EOFError:
            how, result = "died", None
        mine.close()
        os.waitpid(child, 0)
        if how != "ended":
            raise RuntimeError(f"a run {how}: {result}")
        return result

    def begin(self) -> Exchange:
        """Store and clock as they were prepared; the panel is as long as nobody has used it in this process."""
        self._reset(self.folder / "begin")
        self.clock.put_back(self._began)
        return Exchange(self.phone, self.fleet.world.demo, mails=list(self.phone.arrived))

    def child(self, exchange: Exchange, work: Work, shot: Shot | None = None) -> list[tuple[Any, ...]]:
        """Do something in a process that may die; what it told, ending with ("ended",) unless it died."""
        mine, theirs = Pipe()
        pid = os.fork()
        if pid == 0:
            mine.close()
            self.phone.line = theirs
            aim = Aim(shot, self.clock) if shot is not None else None
            side = Side(self.fleet.world, self.fleet, self.notes, theirs, aim)

            def run() -> None:
                with self.app.app_context():
                    faultpoint.listen(aim)
                    work(side)
                    faultpoint.listen(None)
                theirs.send(("ended",))

            _ended(theirs, run)
        theirs.close()
        told = exchange.serve(mine)
        mine.close()
        _, status = os.waitpid(pid, 0)
        if os.WIFSIGNALED(status):
            told.append(("killed", os.WTERMSIG(status)))
        return told

    def places(self, exchange: Exchange, work: Work) -> tuple[list[tuple[str, int]], list[str]]:
        """Every place that a scenario reaches, with the how-manieth time; and what left the process without a name."""

        def listed(side: Side) -> None:
            with _heard(self) as names:
                work(side)
            side.tell("places", names)

        told = self.child(exchange, listed)
        found = [one for one in told if one[0] == "places"]
        if not found:
            raise RuntimeError(f"the scenario itself does not end: {told[-1:]}")
        names = found[0][1]
        return counted([one for one in names if not one.startswith(EVENTS)]), unnamed(names)


@contextmanager
def _heard(lane: Lane) -> Iterator[list[str]]:
    """All places, calls and commits in their order."""
    names: list[str] = []
    lane.phone.heard = names
    engine = db.engine

    def begin(connection: Any) -> None:
        if connection.get_execution_options().get("sqlite_begin") == "IMMEDIATE":
            names.append("BEGIN")

    ends = {"commit": lambda _connection: names.append("COMMIT"), "rollback": lambda _: names.append("ROLLBACK")}
    listeners = {"begin": begin, **ends}
    for name, listener in listeners.items():
        event.listen(engine, name, listener)
    before = faultpoint.listen(names.append)
    try:
        yield names
    finally:
        faultpoint.listen(before)
        for name, listener in listeners.items():
            event.remove(engine, name, listener)
        lane.phone.heard = []


def unnamed(names: list[str]) -> list[str]:
    """Commits and calls that have no place of their own right before, and calls made while the store is locked."""
    wrong = []
    locks = False
    for number, name in enumerate(names):
        before = names[number - 1] if number else ""
        locks = name == "BEGIN" or (locks and name not in ("COMMIT", "ROLLBACK"))
        if locks and name.startswith("CALL "):
            wrong.append(f"{name} inside a transaction")
        if name == "COMMIT" and not (before.startswith("commit ") and before.endswith(" before")):
            wrong.append(f"a commit after {before!r}")
        if name.startswith("CALL ") and (not before.endswith(" before") or before.startswith("commit ")):
            wrong.append(f"{name} after {before!r}")
    return wrong


def _ended(line: Connection, work: Callable[[], Any]) -> None:
    """The end of a forked process: nothing of the parent's is cleaned up or flushed by it."""
    try:
        portal_clock.monotonic()
        work()
    except BaseException:
        line.send(("broke", traceback.format_exc(limit=-4)))
    finally:
        line.close()
        os._exit(0)


def _nobody() -> Connection:
    """A line whose other end takes everything."""

    class Nobody:
        def send(self, _said: Any) -> None:
            """Nobody listens."""

        def recv(self) -> None:
            """Nobody answers."""

    return Nobody()  # type: ignore[return-value]
