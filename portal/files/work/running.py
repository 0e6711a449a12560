"""The part of the background process that does what takes long: four at once, one on a server, two for a person.

Each in a thread of its own, so that a call of 15 minutes holds nothing up, not even the end of the process. Before a
call it stands in the store who makes it; what stands there of somebody who is gone is not known any more, and is never
done a second time.
"""

from __future__ import annotations

import logging
import threading
from collections import Counter
from collections.abc import Callable
from functools import partial
from typing import Final

from flask import Flask

from portal import clock
from portal.files.work import doing, jobs, pulling
from portal.files.work.jobs import Ended, Job
from portal.files.work.pulling import Watch
from portal.store import restored
from portal.web.i18n import _

log = logging.getLogger("roost.worker")
AT_ONCE: Final = 4
PER_ACCOUNT: Final = 2
PAUSE_S: Final = 2.0
"""After each work on a server: Wings names archives by the second, and a second one would replace the first."""
LATE_S: Final = 7200.0
"""Whoever asked so long ago does not expect it any more."""
Step = Callable[[], Ended | Watch]


def in_thread(work: Callable[[], None]) -> None:
    """Do something beside everything else; it does not keep the process from ending."""
    threading.Thread(target=work, name="files", daemon=True).start()


class Runner:
    """Begins what waits, and looks after what is on its way. `owner` is this process, as the store names it."""

    def __init__(self, app: Flask, owner: str, *, start: Callable[[Callable[[], None]], None] = in_thread) -> None:
        self._app = app
        self._owner = owner
        self._start = start
        self._lock = threading.Lock()
        self._flying: set[int] = set()
        self._watches: dict[int, Watch] = {}
        self._rests_until: dict[str, float] = {}

    def tick(self) -> None:
        """One round; in an app context."""
        found = jobs.all_open()
        for job in found:
            if job.state == "running" and not self._is_mine(job):
                self._lose(job)
        self._look()
        self._begin(found)

    def _is_mine(self, job: Job) -> bool:
        with self._lock:
            return job.owner == self._owner and (job.number in self._flying or job.number in self._watches)

    def _lose(self, job: Job) -> None:
        """Say that it is not known, and then look what can be seen of it."""
        why = _("The portal's background process was stopped meanwhile, so what became of it is not known.")

        def look() -> None:
            with self._app.app_context():
                more = doing.look_after(job)
                if more:
                    jobs.explain(job, f"{why} {more}")

        if jobs.lose(job, why):
            log.warning("file work %d was left behind by %s", job.number, job.owner)
            self._start(look)

    def _look(self) -> None:
        """Look after files that may be on their way, those whose time has come."""
        with self._lock:
            due = [one for one in self._watches.values() if one.due <= clock.monotonic()]
            due = [one for one in due if one.job.number not in self._flying]
        for watch in due:
            self._fly(watch.job, partial(pulling.look, watch))

    def _begin(self, found: list[Job]) -> None:
        queued = [job for job in found if job.state == "queued"]
        if not queued:
            return
        running = [job for job in found if job.state == "running"]
        with self._lock:
            calls = sum(job.number not in self._watches for job in running)
        servers, accounts = {job.server_uuid for job in running}, Counter(job.account_id for job in running)
        put_back = restored.since()
        for job in queued:
            if _is_dropped(job, put_back):
                continue
            if self._is_resting(job.server_uuid) or job.server_uuid in servers:
                continue
            if calls >= AT_ONCE or accounts[job.account_id] >= PER_ACCOUNT:
                continue
            if jobs.take(job.number, self._owner):
                calls += 1
                servers.add(job.server_uuid)
                accounts[job.account_id] += 1
                self._fly(job, partial(doing.do, job))

    def _is_resting(self, server_uuid: str) -> bool:
        with self._lock:
            now = clock.monotonic()
            self._rests_until = {uuid: until for uuid, until in self._rests_until.items() if until > now}
            return server_uuid in self._rests_until

    def _fly(self, job: Job, step: Step) -> None:
        with self._lock:
            self._flying.add(job.number)
        self._start(lambda: self._run(job, step))

    def _run(self, job: Job, step: Step) -> None:
        """One step of one job in its thread; how it ended is kept, or when to look again."""
        try:
            with self._app.app_context():
                outcome = _outcome(step)
                if isinstance(outcome, Ended):
                    jobs.end(job, self._owner, outcome)
            with self._lock:
                self._watches.pop(job.number, None)
                if isinstance(outcome, Watch):
                    self._watches[job.number] = outcome
                else:
                    self._rests_until[job.server_uuid] = clock.monotonic() + PAUSE_S
        except Exception:  # the store is busy or full: the next round finds it without anybody who does it
            log.exception("how file work ended could not be kept")
            with self._lock:
                self._watches.pop(job.number, None)
        finally:
            with self._lock:
                self._flying.discard(job.number)


def _outcome(step: Step) -> Ended | Watch:
    try:
        return step()
    except Exception:
        log.exception("file work failed")
        return Ended("unknown", _("Something went wrong on our side, so what became of it is not known."))


def _is_dropped(job: Job, put_back: float | None) -> bool:
    """Whether it is too late for it: nothing old is done to files that may be others by now."""
    if put_back is not None and job.asked_at <= put_back:
        jobs.drop(job, _("The portal was put back to an older state meanwhile, so it was not done."))
        return True
    if abs(clock.now() - job.asked_at) > LATE_S:
        jobs.drop(job, _("It waited for more than two hours, so it was not done."))
        return True
    return False
