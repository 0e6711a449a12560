"""Every commit and every call that leaves the process is a named place; one without a name fails here."""

from __future__ import annotations

import ast
import os
from contextlib import nullcontext
from functools import partial
from multiprocessing import Pipe
from pathlib import Path
from typing import Any

import pytest

from portal import faultpoint
from tests.faults import driver
from tests.faults.lane import Lane, unnamed
from tests.faults.scenarios import all_of_them
from tests.site.conftest import modules

OPENS = {"connect", "connect_ex", "create_connection", "sendto", "SMTP", "SMTP_SSL", "LMTP", "urlopen", "send_message"}
DOORS = {
    "portal/doctor/dialling.py": "_connect",
    "portal/mail/sending.py": "_connected",
    "portal/pterodactyl/streaming.py": "_ask",
    "portal/pterodactyl/transport.py": "_send",
    "portal/wings/wire.py": "_connected",
}
"""Where calls leave: the function that makes them."""
NO_CALLS = {
    "portal/doctor/panel_lines.py",  # a datagram socket's own address; nothing is sent
    "portal/pterodactyl/wire.py",  # what requests does below the two doors
    "portal/store/copies.py",  # SQLite files
    "portal/store/schema.py",
}
STORES = {"portal/store/", "portal/backup/"}
"""Transactions of a store that no app has open, or of a copy: steps of files have a driver of their own."""


def calls(tree: ast.AST) -> list[str]:
    return [ast.unparse(node.func) for node in ast.walk(tree) if isinstance(node, ast.Call)]


def ours() -> dict[str, ast.Module]:
    return {path: tree for path, tree in modules().items() if not path.startswith("portal/demo/")}


def test_every_door_is_known_and_goes_through_a_place() -> None:
    found = set()
    for path, tree in ours().items():
        opened = {one for one in calls(tree) if one.rpartition(".")[2] in OPENS or one.endswith("_session.request")}
        if opened - {"sqlite3.connect", "event.listens_for"} and path not in NO_CALLS:
            found.add(path)
    found = {path for path in found if _really(path)}
    assert found == set(DOORS)
    for path in DOORS:
        assert [one for one in calls(ours()[path]) if one.endswith("around")], f"{path} has no fault point"


def _really(path: str) -> bool:
    """`send_message` and the like are also names of our own functions: only modules that import a way out count."""
    source = ast.unparse(ours()[path])
    return any(f"import {name}" in source for name in ("socket", "smtplib", "requests", "websocket", "http.client"))


def test_nothing_but_the_store_itself_commits() -> None:
    for path, tree in ours().items():
        if path.startswith(tuple(STORES)) or path in NO_CALLS:
            continue
        ends = [one for one in calls(tree) if one.endswith((".commit", ".begin", ".begin_nested"))]
        assert ends == [], path


def test_a_call_of_a_kind_has_the_same_name_whoever_it_is_about() -> None:
    heard: list[str] = []
    before = faultpoint.listen(heard.append)
    try:
        for path in ("/api/application/servers/5/suspend", "/api/application/servers/77/suspend"):
            with faultpoint.around(f"POST {path}"):
                pass
        with pytest.raises(OSError), faultpoint.around("GET /api/client"):
            raise OSError
    finally:
        faultpoint.listen(before)
    name = "POST /api/application/servers/*/suspend"
    assert heard == [f"{name} before", f"{name} after"] * 2 + ["GET /api/client before", "GET /api/client after"]


def test_what_has_no_name_is_found() -> None:
    named = ["commit a.b before", "COMMIT", "commit a.b after", "GET /x before", "CALL GET /x", "GET /x after"]
    assert unnamed(named) == []
    assert unnamed(["COMMIT"])
    assert unnamed(["commit a.b after", "COMMIT"])
    assert unnamed(["commit a.b before", "CALL GET /x"])
    assert unnamed(["GET /x after", "CALL GET /x"])
    assert unnamed(["BEGIN", "GET /x before", "CALL GET /x"])
    assert unnamed(["BEGIN", "ROLLBACK", "GET /x before", "CALL GET /x"]) == []


def test_everything_that_leaves_in_a_sweep_has_a_name(tmp_path: Path) -> None:
    """In a process of its own, because it takes names away to see that this is found."""
    mine, theirs = Pipe()
    child = os.fork()
    if child == 0:
        try:
            theirs.send(_unnamed(tmp_path))
        finally:
            os._exit(0)
    theirs.close()
    found: dict[str, list[str]] = mine.recv()
    os.waitpid(child, 0)
    assert found.pop("nothing") == []
    assert [name for name, sentences in found.items() if not sentences] == []
    assert len(found) == 3


def _unnamed(folder: Path) -> dict[str, list[str]]:
    sweep = next(one for one in all_of_them() if one.name == "sweep")
    lane = Lane(folder / "lane", driver.template(folder))
    lane.prepare(sweep.prepare)

    def look(missing: str) -> list[str]:
        _take_away(missing)
        return lane.places(lane.begin(), sweep.act)[1]

    return {missing: lane.in_fork(partial(look, missing)) for missing in ("nothing", "commits", "calls", "mail")}


def _take_away(missing: str) -> None:
    from portal import panel
    from portal.mail import sending
    from portal.store import engine

    class Silent:
        """A module of fault points that says nothing."""

        is_heard = staticmethod(faultpoint.is_heard)

        @staticmethod
        def reach(_name: str) -> None:
            """Nobody hears it."""

        @staticmethod
        def around(_name: str) -> Any:
            """Nobody hears it."""
            return nullcontext()

    where = {"commits": engine, "calls": panel, "mail": sending}.get(missing)
    if where is not None:
        where.faultpoint = Silent  # type: ignore[attr-defined]
