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
from portal.background.tidy import tidy
from portal.backup import highwater
from portal.backup import service as backups
from portal.credentials import service as credentials

log = logging.getLogger("roost.worker")
NAME = "worker"
TICK_S = 1.0
LEASE_EVERY_S = 10.0
DIRECTORY_EVERY_S = 30.0
MAIL_EVERY_S = 3.0
TIDY_EVERY_S = 6 * 3600.0
TIDY_FIRST_S = 600.0
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
        self._leased_until = 0.0
        self._chores = (
            Chore(DIRECTORY_EVERY_S, directory.sync),
            Chore(DIRECTORY_EVERY_S, lambda: read_long_lists(clock.now())),
            Chore(MAIL_EVERY_S, send_mail),
            Chore(TIDY_EVERY_S, tidy, first_s=TIDY_FIRST_S),
            Chore(highwater.EVERY_S, highwater.keep, first_s=highwater.EVERY_S),
            Chore(BACKUP_LOOK_S, backups.nightly_chore, first_s=BACKUP_FIRST_S),
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
        now = clock.now()
        if now < self._leased_until - lease.LEASE_S + LEASE_EVERY_S:
            return True
        if lease.take(NAME, self._owner):
            self._leased_until = now + lease.LEASE_S
            return True
        return False


def run(app: Flask) -> None:
    """Run the worker in this process until SIGTERM or SIGINT."""
    worker = Worker(app._get_current_object() if hasattr(app, "_get_current_object") else app)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: worker.stop())
    log.info("worker started")
    worker.run()
    log.info("worker stopped")
