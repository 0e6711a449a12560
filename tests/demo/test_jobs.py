"""Work that is done later: in its order, by one thread at a time, and without making everybody wait."""
from __future__ import annotations

import threading

from portal.demo import ManualClock
from portal.demo.jobs import Jobs


def test_jobs_run_in_the_order_of_their_moments_and_not_before() -> None:
    clock, done = ManualClock(), list[str]()
    jobs = Jobs(clock)
    for seconds, name in ((2, "late"), (1, "early"), (2, "later")):
        jobs.after(seconds, lambda name=name: done.append(name))  # type: ignore[misc]
    jobs.run_due()
    assert done == []
    clock.advance(2)
    jobs.run_due()
    assert done == ["early", "late", "later"]


def test_a_job_that_is_begun_by_another_and_due_at_once_runs_too() -> None:
    done: list[str] = []
    jobs = Jobs(ManualClock())
    jobs.after(0, lambda: jobs.after(0, lambda: done.append("second")))
    jobs.run_due()
    assert done == ["second"]


def test_who_has_patience_goes_on_while_a_job_waits_and_who_has_none_sees_it_done() -> None:
    jobs, done = Jobs(ManualClock()), list[str]()
    begun, may_end = threading.Event(), threading.Event()

    def work() -> None:
        begun.set()
        may_end.wait(60)
        done.append("done")

    jobs.after(0, work)
    worker = threading.Thread(target=jobs.run_due)
    worker.start()
    assert begun.wait(60)
    jobs.run_due(0.01)
    assert done == []
    may_end.set()
    jobs.run_due()
    assert done == ["done"]
    worker.join(60)
