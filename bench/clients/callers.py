"""The two libraries, each in a process of its own, doing the same calls.

Each is used as its documentation says: one client object for the whole process, shared by its threads. What begins with
`held_` holds the group of calls too, as nobody's documentation does.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from bench.consoles.child import answer

PER_PAGE = 50
UNBOUNDED = 10**9
MOST_THREADS = 8

Acts = dict[str, Callable[[], int]]
"""By name a call, which tells how many servers came."""


def ours(world: dict[str, Any], trusted: Path) -> Acts:
    """With the portal's own library; its budget is off, as the panel's limit is."""
    from portal.pterodactyl import ApiKey, Panel, Transport
    from portal.pterodactyl.budget import CallBudget

    transport = Transport(world["base"], budget=CallBudget(UNBOUNDED, shared=False), verify=str(trusted))
    client = Panel(transport).client(ApiKey(world["client"]))
    application = Panel(transport).application(ApiKey(world["application"]))
    held = client.servers
    return {
        "list": lambda: len(client.servers.list(per_page=PER_PAGE).items),
        "view": lambda: int(client.servers.view(world["identifier"]).server.identifier == world["identifier"]),
        "held_list": lambda: len(held.list(per_page=PER_PAGE).items),
        "held_view": lambda: int(held.view(world["identifier"]).server.identifier == world["identifier"]),
        "app_list": lambda: len(application.servers.list(per_page=PER_PAGE).items),
        "app_view": lambda: int(application.servers.view(world["id"]).internal_id == world["id"]),
    }


def theirs(world: dict[str, Any], trusted: Path) -> Acts:
    """With py-dactyl, which takes what to trust from the environment."""
    os.environ["REQUESTS_CA_BUNDLE"] = str(trusted)
    from pydactyl import PterodactylClient

    client = PterodactylClient(world["base"], world["client"])
    application = PterodactylClient(world["base"], world["application"])
    held = client.client.servers
    page = {"per_page": PER_PAGE}
    return {
        "list": lambda: len(client.client.servers.list_servers(params=page).data),
        "view": lambda: int(
            client.client.servers.get_server(world["identifier"])["identifier"] == world["identifier"]
        ),
        "held_list": lambda: len(held.list_servers(params=page).data),
        "held_view": lambda: int(held.get_server(world["identifier"])["identifier"] == world["identifier"]),
        "app_list": lambda: len(application.servers.list_servers(params=page).data),
        "app_view": lambda: int(application.servers.get_server_info(world["id"])["id"] == world["id"]),
    }  # fmt: skip


class Caller:
    """Does calls when it is asked to. The threads stay, as those of a web server do."""

    def __init__(self, acts: Acts) -> None:
        self.acts = acts
        self.threads = ThreadPoolExecutor(MOST_THREADS)

    def turn(self, kind: str, calls: int, threads: int, wanted: int) -> tuple[float, float]:
        """Wall seconds and processor seconds of so many calls, each of which must bring `wanted` servers."""
        act = self.acts[kind]

        def some(number: int) -> list[int]:
            return [act() for _ in range(number)]

        began, used = time.perf_counter(), time.process_time()
        if threads == 1:
            found = some(calls)
        else:
            shares = [calls // threads + (turn < calls % threads) for turn in range(threads)]
            found = [one for some_found in self.threads.map(some, shares) for one in some_found]
        took = time.perf_counter() - began, time.process_time() - used
        if found != [wanted] * calls:
            raise RuntimeError(f"{kind} brought {set(found)} servers instead of {wanted}")
        return took


def main(pipe: Connection, make: Callable[[dict[str, Any], Path], Acts], world: dict[str, Any], trusted: Path) -> None:
    """A client's process, until nobody asks any more."""
    caller = Caller(make(world, trusted))
    while answer(pipe, caller):
        pass
