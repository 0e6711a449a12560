"""A stand-in for a Pterodactyl panel 1.11.8 and its Wings nodes, faithful to recordings of a real one.

It is plain WSGI, imports nothing else of the portal, and nothing else of the portal imports it.  Tests use it so::

    demo = build(clock=ManualClock())                   # the lively world; or fixture={...}
    client = werkzeug.test.Client(demo.wsgi)            # or mount demo.wsgi as a transport adapter
    client.get("/api/client", headers={"Accept": "application/json",
                                       "Authorization": f"Bearer {demo.keys['owner']}"})

`Demo` offers

- ``wsgi``: the panel's WSGI callable; ``base``: its own address, which a test may set
- ``keys``: key name -> key (lively world: admin, owner, subuser, stranger, solo, service, application, application_ro)
- ``vars``: what a world file knows besides, such as ``server`` (identifier) or ``owner_email``
- ``world``: the panel's rows (`world.py`); ``processes``: what runs on the nodes, by server uuid (`wings/process.py`)
- ``calls``: a `Call` for each request to the panel; ``log.all`` has those to nodes and object store as well
- ``knobs``: what goes wrong on purpose (`faults/`); ``control``: the same and more over HTTP (`control/`)
- ``set_condition(name)``: one of `CONDITIONS`, or None for "all is well"
- ``clock``: a `Clock` (real time plus offset) or `ManualClock` (stands still; ``advance(seconds)``)

`python -m portal.demo --help` serves it over HTTP, `served.Served(demo)` does so from a test.
"""
from __future__ import annotations

from typing import Any

from portal.demo.calls import Call
from portal.demo.clock import Clock, ManualClock
from portal.demo.conditions import CONDITIONS
from portal.demo.config import BackupDisk, config_of
from portal.demo.control.api import ControlApi
from portal.demo.demo import Demo
from portal.demo.fixture import limits_of, read_fixture
from portal.demo.lively import lively_demo

__all__ = ["CONDITIONS", "Call", "Clock", "Demo", "ManualClock", "build"]

DEFAULT_LIMITS = {"client": 720, "application": 240}


def build(*, fixture: dict[str, Any] | None = None, condition: str | None = None, rate_limit: int | None = None,
          clock: Clock | None = None, seed: int = 1, backup_disk: BackupDisk | None = None,
          control: bool = False) -> Demo:
    """`rate_limit` is the client API's, a minute; 0 switches both APIs' limits off.  `control`: answer `/_demo` too."""
    clock = clock or Clock()
    limits = dict(DEFAULT_LIMITS)
    if fixture is not None:
        limits |= limits_of(fixture)
    if rate_limit is not None:
        limits["client"] = rate_limit
    if rate_limit == 0:
        limits["application"] = 0
    if fixture is None:
        demo = lively_demo(clock, seed, limits)
    else:
        demo = Demo(read_fixture(fixture, clock, seed), clock, limits, config_of(fixture))
    if backup_disk is not None:
        demo.config.backup_disk = backup_disk
    if control:
        demo.control = ControlApi(demo)
    demo.set_condition(condition)
    return demo
