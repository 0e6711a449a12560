"""`flask worker`: the one background process. A second one waits until the first one's lease ends."""

from __future__ import annotations

import logging
import os
import secrets
import signal
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from flask import Flask

from portal import clock
from portal.background import directory, lease
from portal.background.live import LiveReader, read_long_lists
from portal.background.mail import send_mail
from portal.background.nightly import nightly
from portal.background.tidy import tidy
from portal.backup import highwater
from portal.billing import verifying
from portal.credentials import service as credentials
from portal.files.transfers import limits
from portal.files.work.running import Runner
from portal.server_backups import thinning
from portal.servers import records
from portal.subusers import linking
from portal.suspension import dispatching, reconciling
from portal.sweep import gone, sweeping

log = logging.getLogger("roost.worker")
NAME = "worker"
TICK_S = 1.0
LEASE_EVERY_S = 10.0
DIRECTORY_EVERY_S = 30.0
MAIL_EVERY_S = 3.0
TIDY_EVERY_S = 6 * 3600.0
TIDY_FIRST_S = 600.0
DISPATCH_EVERY_S = 2.0
RECONCILE_EVERY_S = 60.0
SWEEP_EVERY_S = 300.0
SWEEP_FIRST_S = 20.0
GONE_EVERY_S = 120.0
VERIFY_LOOK_S = 3600.0
VERIFY_FIRST_S = 900.0
LIMITS_EVERY_S = 3600.0
LIMITS_FIRST_S = 30.0
THIN_EVERY_S = 300.0
THIN_FIRST_S = 120.0
BACKUP_LOOK_S = 1800.0
BACKUP_FIRST_S = 300.0
"""Not at once: a start has enough to do."""
THREADS = 12


class Chore:
    """Something done again and again, never twice at once, `every_s` after its last start; first after `first_s`."""

    def __init__(self, every_s: float, work: Callable[[], object], *, first_s: float = 0.0) -> None:
        self._every_s = every_s
        self._work = work
        self._due = clock.monotonic() + first_s if first_s else 0.0
        self._busy = threading.Lock()

    def tick(self, threads: ThreadPoolExecutor, app: Flask) -> None:
        """Start it if it is due and not still going on."""
        if clock.monotonic() < self._due or not self._busy.acquire(blocking=False):
            return
        self._due = clock.monotonic() + self._every_s
        threads.submit(self._run, app)

    def _run(self, app: Flask) -> None:
        try:
            with app.app_context():
                self._work()
        except Exception:
            log.exception("a background chore failed")
        finally:
            self._busy.release()


class Worker:
    """Leases, ticks, stops. Nothing that goes wrong in one round ends it."""

    def __init__(self, app: Flask) -> None:
        self._app = app
        self._owner = f"{os.getpid()}-{secrets.token_hex(4)}"
        self._stop = threading.Event()
        self._leased_at: float | None = None
        self._files = Runner(app, self._owner)
        self._chores = (
            Chore(DIRECTORY_EVERY_S, directory.sync),
            Chore(DIRECTORY_EVERY_S, lambda: read_long_lists(clock.now())),
            Chore(MAIL_EVERY_S, send_mail),
            Chore(MAIL_EVERY_S, linking.work),
            Chore(TICK_S, self._files.tick),
            Chore(DISPATCH_EVERY_S, dispatching.work),
            Chore(RECONCILE_EVERY_S, reconciling.reconcile, first_s=SWEEP_FIRST_S),
            Chore(SWEEP_EVERY_S, sweep, first_s=SWEEP_FIRST_S),
            Chore(GONE_EVERY_S, gone.look, first_s=GONE_EVERY_S),
            Chore(TIDY_EVERY_S, tidy, first_s=TIDY_FIRST_S),
            Chore(VERIFY_LOOK_S, verifying.daily, first_s=VERIFY_FIRST_S),
            Chore(highwater.EVERY_S, highwater.keep, first_s=highwater.EVERY_S),
            Chore(LIMITS_EVERY_S, limits.refresh, first_s=LIMITS_FIRST_S),
            Chore(THIN_EVERY_S, thinning.thin, first_s=THIN_FIRST_S),
            Chore(BACKUP_LOOK_S, nightly, first_s=BACKUP_FIRST_S),
        )

    def stop(self) -> None:
        """Let `run` end within a second."""
        self._stop.set()

    def run(self) -> None:
        """Work until stopped. Chores have threads of their own, so that hanging nodes never hold rights up."""
        chores = ThreadPoolExecutor(len(self._chores), thread_name_prefix="chore")
        readers = ThreadPoolExecutor(THREADS, thread_name_prefix="read")
        reader = LiveReader(self._app, readers)
        is_settled = False
        while not self._stop.is_set():
            try:
                with self._app.app_context():
                    if self._holds_lease():
                        if not is_settled:
                            credentials.settle()
                            is_settled = True
                        for chore in self._chores:
                            chore.tick(chores, self._app)
                        reader.tick()
            except Exception:
                log.exception("a round of the worker failed")
            self._stop.wait(TICK_S)
        for threads in (chores, readers):
            threads.shutdown(wait=False, cancel_futures=True)
        with self._app.app_context():
            lease.give_back(NAME, self._owner)
            try:
                highwater.keep()
            except Exception:
                log.exception("how far the store is could not be written down")

    def _holds_lease(self) -> bool:
        now = clock.monotonic()
        if self._leased_at is not None and now < self._leased_at + LEASE_EVERY_S:
            return True
        self._leased_at = now if lease.take(NAME, self._owner) else None
        return self._leased_at is not None


def sweep() -> None:
    """One sweep. After a pause (a machine that slept) the panel is read first: what it said before judges nobody."""
    if clock.now() - (records.last_reading(directory.DIRECTORY).read_at or 0.0) > 2 * DIRECTORY_EVERY_S:
        directory.sync()
    sweeping.sweep()


def run(app: Flask) -> None:
    """Run the worker in this process until SIGTERM or SIGINT."""
    worker = Worker(app._get_current_object() if hasattr(app, "_get_current_object") else app)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: worker.stop())
    log.info("worker started")
    worker.run()
    log.info("worker stopped")
