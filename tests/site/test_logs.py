"""What is written to the log: a reference for every error, never a secret, always one line."""

from __future__ import annotations

import logging
import re
import sys
from collections.abc import Iterator

import pytest
from sqlalchemy.exc import OperationalError

from portal.web import log
from tests.conftest import PASSWORD, World
from tests.site.conftest import crawl

CHOSEN = "a password of my own"
TYPED = "a-wrong-password-typed"


class Keeper(logging.Handler):
    """Keeps every record of every logger, raw and as the file would show it."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.raw: list[str] = []
        self.lines: list[str] = []
        self._formatter = log.CleanFormatter(log.FORMAT)

    def emit(self, record: logging.LogRecord) -> None:
        self.raw.append(f"{record.getMessage()} {record.args}")
        self.lines.append(self._formatter.format(record))


@pytest.fixture
def kept() -> Iterator[Keeper]:
    """All loggers, at DEBUG, but for those that write what they are given: SQL with its values."""
    keeper, root = Keeper(), logging.getLogger()
    names = [
        name for name in logging.root.manager.loggerDict if not name.startswith(("sqlalchemy", "asyncio", "faker"))
    ]
    before = {name: (logging.getLogger(name).level, logging.getLogger(name).propagate) for name in names}
    level = root.level
    root.addHandler(keeper)
    root.setLevel(logging.DEBUG)
    for name in names:
        logging.getLogger(name).setLevel(logging.DEBUG)
        logging.getLogger(name).propagate = True
    yield keeper
    root.removeHandler(keeper)
    root.setLevel(level)
    for name, (was, propagated) in before.items():
        logging.getLogger(name).setLevel(was)
        logging.getLogger(name).propagate = propagated


def busy_session(world: World) -> set[str]:
    """Everything that happens in a portal, good and bad; returns the secrets that were about."""
    secrets = {PASSWORD, CHOSEN, TYPED, *world.demo.keys.values()}
    runner = world.app.test_cli_runner()
    for name in ("owner", "admin", "service", "application", "stranger"):
        if name in world.demo.keys:
            runner.invoke(args=["user", "set-key", "owner@example.com"], input=world.demo.keys[name] + "\n")
    runner.invoke(args=["user", "set-key", "owner@example.com"], input="ptlc_" + "x" * 43 + "\n")
    secrets.add("ptlc_" + "x" * 43)
    runner.invoke(args=["user", "set-password", "stranger@example.com"], input=CHOSEN + "\n")
    link = runner.invoke(args=["user", "invite", "subuser@example.com"]).stdout.strip()
    token = link.rpartition("/")[2]
    secrets.add(token)
    browser = world.browser()
    browser.post("/login", data={"email": "owner@example.com", "password": TYPED})
    browser.post("/login", data={"email": "owner@example.com", "password": PASSWORD})
    with browser.session_transaction() as session:
        secrets |= {session["_user_id"], str(session.get("csrf_token", "none at all"))}
    secrets.add(browser.get_cookie("roost").value)
    crawl(browser, limit=10)
    page = f"/servers/{world.demo.main_server.identifier}"
    for signal in ("start", "restart", "kill"):
        browser.post(f"{page}/power/{signal}")
    browser.post(f"{page}/console/command", data={"command": "list"})
    for method in ("GET", "POST", "DELETE", "PUT"):
        for marks in ({}, {"HX-Request": "true"}):
            world.browser().open(f"/invite/{token}", method=method, headers=marks, data={"password": "short"})
            world.browser().open(f"/invite/{token}/more", method=method, headers=marks)
    world.app.config["WTF_CSRF_ENABLED"] = True
    world.browser().post(f"/invite/{token}", data={"password": CHOSEN, "again": CHOSEN})
    world.app.config["WTF_CSRF_ENABLED"] = False
    world.browser().post(f"/invite/{token}", data={"password": CHOSEN, "again": "x" * 70_000})
    for condition in ("panel-gateway", "panel-maintenance", "rate-limited", "node-down"):
        world.demo.set_condition(condition)
        world.clock.advance(120)
        browser.get("/servers")
        browser.get(page)
        browser.post(f"{page}/power/start")
        world.work()
    world.demo.set_condition(None)
    _break(world, link)
    return secrets


def _break(world: World, link: str) -> None:
    """Exceptions of ours, on a page whose address is a secret."""

    def broken(**_kwargs: object) -> None:
        raise OperationalError("SELECT 1", {"token": "x"}, Exception("disk I/O error"))

    before = dict(world.app.view_functions)
    world.app.view_functions["auth.invitation"] = broken
    world.browser().get(link.removeprefix("http://localhost"))
    world.app.view_functions.update(before)


def test_no_secret_is_ever_in_a_log_line(world: World, kept: Keeper) -> None:
    secrets = busy_session(world)
    assert len(secrets) > 10
    assert len(kept.lines) > 100
    for secret in secrets:
        assert not [line for line in kept.lines if secret in line]
        if secret.startswith("ptl"):
            assert not [line for line in kept.raw if secret in line]
            assert not [line for line in kept.lines if secret[16:] in line]


def test_a_key_that_gets_into_a_message_is_cut(kept: Keeper) -> None:
    key = "ptlc_" + "abcDEF123" * 4 + "abcdefg"
    for arguments in (("the key %s", key), (f"the key {key}",), ("%r", {"Authorization": f"Bearer {key}"})):
        logging.getLogger("roost.test").warning(*arguments)
    try:
        raise RuntimeError(f"refused {key}")
    except RuntimeError:
        logging.getLogger("roost.test").exception("failed with %s", key)
    assert len(kept.lines) == 4
    assert not [line for line in kept.lines if key[8:] in line]
    assert all("ptlc_abc..." in line for line in kept.lines)


def test_what_the_store_was_asked_is_not_written_with_its_values(own_world: World, kept: Keeper) -> None:
    """An error of SQLite says which statement failed, not with which hash or token."""
    with own_world.app.app_context():
        from portal.store import db

        assert db.engine.hide_parameters


def test_the_reference_of_every_error_page_is_in_the_log(own_world: World, kept: Keeper) -> None:
    browser = own_world.browser("owner")
    pages = [
        browser.get("/nothing"), browser.get("/logout"), browser.get("/servers/zzzzzzzz"),
        browser.get("/servers/zzzzzzzz", headers={"HX-Request": "true"}),
        browser.post("/login", data={"email": "x" * 70_000}),
    ]  # fmt: skip
    for page in pages:
        reference = re.search(r"<code>([0-9a-f]{8})</code>", page.text)[1]
        assert [line for line in kept.lines if f"[{reference}]" in line]


def test_every_request_has_a_reference_of_its_own(own_world: World) -> None:
    found = {re.search(r"<code>(\w{8})</code>", own_world.browser().get("/nothing").text)[1] for _ in range(20)}
    assert len(found) == 20


FORGED = "2026-01-01 00:00:00,000 INFO roost.audit [-] forged"
HOSTILE = ["\n", "\r\n", "\x0b", "\x0c", "\x1b[2K", "\x85", "\u2028", "\u2029", "\u202e", "\x00", "%0a", "\ud800"]


def test_a_message_stays_on_its_line(kept: Keeper) -> None:
    for mark in HOSTILE:
        logging.getLogger("roost.test").warning("answered %s", f"/x{mark}{FORGED}")
        logging.getLogger("roost.test").warning(f"/x{mark}{FORGED}")
    assert len(kept.lines) == 2 * len(HOSTILE)
    for line in kept.lines:
        assert len(line.splitlines()) == 1
        assert all(letter.isprintable() for letter in line), line
        line.encode()


def test_a_hostile_path_stays_on_its_line(own_world: World, kept: Keeper) -> None:
    browser = own_world.browser("owner")
    for raw in ("%0a", "%0d%0a", "%1b%5b2K", "%c2%85", "%e2%80%a8", "%ed%a0%80", "%00", "%ff", "a" * 5000):
        browser.get(f"/x{raw}{FORGED.replace(' ', '%20')}")
    assert len(kept.lines) >= 9
    for line in kept.lines:
        assert len(line.splitlines()) == 1
        assert len(line) < 1500


def test_a_hostile_name_stays_on_its_line(own_world: World, kept: Keeper) -> None:
    for server in own_world.demo.world.servers:
        server.name = f"\n{FORGED}\r\n\x1b[2K"
    own_world.work()
    browser = own_world.browser("owner")
    crawl(browser, limit=10)
    browser.post("/login", data={"email": f"\n{FORGED}@example.com", "password": "x"})
    assert kept.lines
    assert not [line for line in kept.lines if len(line.splitlines()) > 1]


def test_log_lines_go_to_standard_error_at_the_chosen_level(make_world) -> None:
    make_world("own", log_level="ERROR")
    root = logging.getLogger("roost")
    assert root.level == logging.ERROR
    assert [handler.stream for handler in root.handlers if type(handler) is logging.StreamHandler] == [sys.stderr]
    make_world("own")
