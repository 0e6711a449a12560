"""A restart that nobody notices, and a background process that dies and is replaced."""

from __future__ import annotations

import http.client
import os
import re
import signal
import sqlite3
import threading
import time
from contextlib import closing

import pytest

from portal.background.lease import LEASE_S
from tests.deploy.browser import Browser
from tests.deploy.conftest import PASSWORD
from tests.deploy.machine import Machine, wait_until
from tests.deploy.units import END_S, Service

pytestmark = pytest.mark.nginx

RATE, SECONDS, VISITORS = 50, 8, 25


class Load:
    """`RATE` pages a second from `VISITORS`, who keep to that on the whole: whoever waited catches up."""

    def __init__(self, machine: Machine, signed_in: Browser, servers: list[str]) -> None:
        self.machine, self.signed_in, self.servers = machine, signed_in, servers
        self.wrong: list[str] = []
        self.answered: list[float] = []

    def run(self) -> None:
        """For `SECONDS`; ends when the last page has been answered."""
        visitors = [threading.Thread(target=self._visit, args=(number,)) for number in range(VISITORS)]
        for one in visitors:
            one.start()
        for one in visitors:
            one.join()

    def _visit(self, number: int) -> None:
        browser = self.machine.browser(f"127.0.1.{number + 1}", stays=True)
        browser.cookies = dict(self.signed_in.cookies)
        began = time.monotonic() + number / RATE
        for turn in range(RATE * SECONDS // VISITORS):
            time.sleep(max(0.0, began + turn * VISITORS / RATE - time.monotonic()))
            try:
                if wrong := self._page(browser, number + turn):
                    self.wrong.append(wrong)
            except (OSError, http.client.HTTPException) as wrong:
                self.wrong.append(repr(wrong))
            self.answered.append(time.monotonic())
        browser.close()

    def _page(self, browser: Browser, turn: int) -> str | None:
        if turn % 10 == 0:  # a change: nginx may not send it twice, so it has to go through the first time
            answer = browser.post("/login", {"email": "nobody@example.com", "password": "x"})
            return None if answer.status == 400 else f"POST {answer.status}"  # refused by the portal: no token
        path, holds = ("/servers", "Survival SMP") if turn % 10 == 1 else (self.servers[turn % 5], "csrf_token")
        answer = browser.get(path)
        return None if answer.status == 200 and holds in answer.text else f"GET {path} {answer.status}"


def test_a_restart_under_load_fails_no_page(machine: Machine) -> None:
    browser = machine.browser()
    browser.submit("/login", {"email": "owner@example.com", "password": PASSWORD})
    servers = re.findall(r'href="(/servers/\w{8})"', browser.get("/servers").text)
    load = Load(machine, browser, servers)
    before = machine.web.process
    visitors = threading.Thread(target=load.run)
    visitors.start()
    time.sleep(2)
    machine.web.restart()
    restarted = time.monotonic()
    visitors.join()
    assert machine.web.process is not before
    assert load.wrong == []
    assert len(load.answered) == RATE * SECONDS
    assert max(load.answered) > restarted, "the load went on after the restart"


def test_pages_on_their_way_are_finished_by_the_old_process_or_the_new_one(machine: Machine) -> None:
    answers: list[int] = []

    def visit() -> None:
        answers.append(machine.browser("127.0.2.1").get("/login").status)

    for _ in range(3):
        visitors = [threading.Thread(target=visit) for _ in range(20)]
        for one in visitors:
            one.start()
        machine.web.restart()
        for one in visitors:
            one.join()
    assert answers == [200] * 60


def lease_owner(machine: Machine) -> str:
    with closing(sqlite3.connect(machine.instance / "roost.db", timeout=60)) as store:
        row = store.execute("SELECT owner FROM lease WHERE name = 'worker'").fetchone()
    return str(row[0]) if row else ""


def test_a_killed_background_process_is_replaced_within_its_lease(machine: Machine) -> None:
    wait_until(lambda: lease_owner(machine), "nobody works")
    first = lease_owner(machine)
    second = Service(machine.root, "roost-worker", machine.here / "second.log")
    second.start()
    try:
        assert machine.worker.process is not None
        os.kill(machine.worker.process.pid, signal.SIGKILL)
        machine.worker.process.wait(END_S)
        assert lease_owner(machine) == first
        wait_until(lambda: lease_owner(machine) != first, "nobody took over", machine.logs, within_s=LEASE_S + 25)
        assert second.process is not None
        assert lease_owner(machine).startswith(f"{second.process.pid}-")
    finally:
        assert second.stop() == 0
        machine.worker.start()
    wait_until(lambda: lease_owner(machine) not in ("", first), "nobody works again")
