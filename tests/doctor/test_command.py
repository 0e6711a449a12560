"""`flask doctor` as a whole: text, JSON, exit status, and what it still does when hardly anything is there."""

from __future__ import annotations

import json
import logging
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result

from portal.background import lease
from portal.backup import starting
from portal.config import BadSetting
from portal.doctor import (
    dialling,
    key_checks,
    node_checks,
    panel_checks,
    panel_lines,
    service,
    store_checks,
    work_checks,
)
from portal.doctor.lines import ok
from portal.doctor.probe import Probe
from portal.mail import sending
from portal.setup.bare import bare_app, command_of
from portal.store import inuse
from tests.conftest import World
from tests.doctor.conftest import key_of


@pytest.fixture(autouse=True)
def _nodes_are_well(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dialling, "try_socket", lambda name, *_: [ok(name, "It is well.")])


@pytest.fixture(autouse=True)
def _level() -> Any:
    """The command lowers how much is logged, for its own process."""
    before = logging.getLogger("roost").level
    yield
    logging.getLogger("roost").setLevel(before)


def run(world: World, *args: str) -> Result:
    return world.app.test_cli_runner().invoke(args=["doctor", *args])


def told(world: World, *args: str) -> dict[str, Any]:
    ran = run(world, "--json", *args)
    found: dict[str, Any] = json.loads(ran.stdout)
    assert ran.exit_code == (1 if found["status"] == "fail" else 0)
    return found


def failing(found: dict[str, Any]) -> list[str]:
    return [one["said"] for one in found["lines"] if one["status"] == "fail"]


def with_worker(world: World) -> World:
    with world.app.app_context():
        lease.take("worker", "me")
    return world


def test_nothing_fails_when_all_is_well(service_world: World) -> None:
    ran = run(with_worker(service_world))
    assert ran.exit_code == 0, ran.output
    assert "FAIL" not in ran.stdout
    for name in ("panel", "panel address", "application key", "service key", "clock", "worker", "node fra-1", "store",
                 "disk", "files", "mail", "backup", "our address", "portal address", "versions"):  # fmt: skip
        assert f"  {name}  " in ran.stdout, name


def test_each_line_has_its_mark_and_its_cure_below(own_world: World) -> None:
    lines = run(own_world).stdout.splitlines()
    at = next(index for index, line in enumerate(lines) if line.startswith("FAIL  worker"))
    below = " ".join(" ".join(lines[at:]).split())
    assert "-> Start it with `systemctl start roost-worker` (or `roost worker`)" in below
    assert max(map(len, lines)) <= 100


def test_a_line_that_fails_makes_the_status(own_world: World) -> None:
    """Nobody holds the worker's lease here."""
    assert run(own_world).exit_code == 1
    assert told(own_world)["status"] == "fail"


def test_json_is_one_object_with_whole_lines(own_world: World) -> None:
    found = told(with_worker(own_world))
    assert set(found) == {"status", "lines"}
    assert found["status"] == "warn"
    for one in found["lines"]:
        assert set(one) == {"name", "status", "said", "cure"}
        assert bool(one["cure"]) == (one["status"] != "ok")


def test_no_key_and_no_password_is_ever_told(service_world: World) -> None:
    key_of(service_world.demo, "service").allowed_ips = ["203.0.113.1"]
    ran = run(service_world)
    for key in service_world.demo.keys.values():
        assert key[:9] not in ran.output


def test_a_panel_that_is_down_leaves_the_rest_to_be_told(service_world: World) -> None:
    service_world.demo.set_condition("panel-maintenance")
    service_world.calls()
    found = told(with_worker(service_world))
    assert failing(found) == [panel_checks.FINDINGS["panel_maintenance"].said]
    assert {"worker", "store", "disk", "files", "mail"} <= {one["name"] for one in found["lines"]}
    assert len(service_world.calls()) <= 2, "one call, and perhaps its one repetition"


def test_one_run_makes_few_calls(service_world: World) -> None:
    service_world.calls()
    run(service_world)
    assert len(service_world.calls()) == 7 + 2, "seven for panel and keys, one for each node that is tried"


def test_a_refused_key_is_remembered_for_all_processes_and_forgotten_when_it_works(service_world: World) -> None:
    row = key_of(service_world.demo, "service")
    row.allowed_ips = ["203.0.113.1"]
    values = {"which": "service", "hint": row.plain_text[:8], "make": key_checks.MAKE["service"]}
    wanted = key_checks.FINDINGS["key_address"].line("service key", address="127.0.0.1", **values)
    assert wanted.said in failing(told(service_world))
    with service_world.app.app_context():
        from portal.credentials import service as credentials

        assert credentials.service() is None
        row.allowed_ips = []
        told(service_world)
        assert credentials.service() is not None


def test_a_key_of_no_administrator_stays_put_aside(service_world: World) -> None:
    """The panel takes it, but for the portal it is no good."""
    key_of(service_world.demo, "service").user.root_admin = False
    service_world.work()
    with service_world.app.app_context():
        from portal.credentials import refusals
        from portal.pterodactyl import ApiKey

        key = ApiKey(service_world.demo.keys["service"], shared=True)
        assert refusals.current("service", key) is not None
        run(service_world)
        assert refusals.current("service", key) is not None


def test_when_the_panel_cannot_be_asked_a_refused_key_is_told_from_memory(service_world: World) -> None:
    row = key_of(service_world.demo, "service")
    row.allowed_ips = ["203.0.113.1"]
    told(service_world)
    service_world.demo.set_condition("panel-gateway")
    values = {"which": "service", "hint": row.plain_text[:8], "age": "just now"}
    cause = "it is not allowed from 127.0.0.1"
    assert work_checks.FINDINGS["key_put_aside"].line("x", cause=cause, **values).said in failing(told(service_world))


def test_a_store_that_is_missing_does_not_keep_the_panel_from_being_checked(service_world: World) -> None:
    (service_world.instance / "roost.db").unlink()
    found = told(service_world)
    assert failing(found) == [store_checks.FINDINGS["store_missing"].said]
    assert {"panel", "service key", "clock"} <= {one["name"] for one in found["lines"]}


def test_settings_that_are_wrong_are_the_first_line(tmp_path: Path) -> None:
    app = bare_app(BadSetting("The setting panel_url is missing."), {"ROOST_INSTANCE": str(tmp_path)})
    ran = app.test_cli_runner().invoke(args=["doctor", "--json"])
    found = json.loads(ran.stdout)
    wanted = service.FINDINGS["settings_wrong"].line("settings", reason="The setting panel_url is missing")
    assert (ran.exit_code, found["lines"][0]) == (1, vars(wanted))
    assert {"store", "disk", "files", "backup"} <= {one["name"] for one in found["lines"]}


def test_a_check_that_breaks_is_a_line_and_the_others_go_on(
    own_world: World, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(*_: Any, **__: Any) -> Any:
        raise RuntimeError("secret details")

    monkeypatch.setattr(node_checks, "check_nodes", broken)
    found = told(with_worker(own_world))
    assert failing(found) == [service.FINDINGS["not_checked"].line("nodes", reason="RuntimeError").said]
    assert "secret details" not in json.dumps(found)


def test_a_test_mail_is_sent_on_request_only(make_world: Callable[..., World], monkeypatch: pytest.MonkeyPatch) -> None:
    world = make_world("own", smtp_host="mail.example.com", mail_from="a@example.com")
    sent: list[str] = []
    monkeypatch.setattr(sending, "send_test", sent.append)
    told(world)
    assert sent == []
    assert told(world, "--mail", "me@example.com")["lines"][-1]["name"] == "test mail"
    assert sent == ["me@example.com"]


@pytest.mark.parametrize(
    ("words", "command"),
    [(["setup"], "setup"), (["--app", "wsgi.py", "setup", "--non-interactive"], "setup"),
     (["-A", "setup", "doctor"], "doctor"), (["--debug", "doctor"], "doctor"), (["user", "create", "setup"], "user"),
     (["--app=wsgi.py", "setup"], "setup"), (["--help"], None), ([], None)],
)  # fmt: skip
def test_which_command_is_meant(words: list[str], command: str | None) -> None:
    assert command_of(words) == command


def test_words_of_the_panel_cannot_write_on_the_terminal(service_world: World) -> None:
    key_of(service_world.demo, "service").user.username = "bad\x1b]0;owned\x07\x1b[2J\nOK everything"
    ran = run(service_world)
    assert "administrator's (bad ]0;owned [2J OK everything)" in " ".join(ran.output.split())
    assert {"\x1b", "\x07"}.isdisjoint(ran.output)


def test_while_a_store_is_being_put_back_the_rest_is_told_without_it(service_world: World) -> None:
    row = key_of(service_world.demo, "service")
    row.allowed_ips = ["203.0.113.1"]
    with inuse.alone(service_world.instance):
        found = told(with_worker(service_world))
    reason = starting.RESTORING[0].lower() + starting.RESTORING[1:].rstrip(".")
    assert found["lines"][0] == vars(service.FINDINGS["store_refused"].line("store", reason=reason))
    names = {one["name"] for one in found["lines"]}
    assert {"panel", "service key", "clock", "disk", "files"} <= names
    assert {"worker", "mail", "node fra-1"}.isdisjoint(names)
    assert [one["name"] for one in found["lines"]].count("store") == 1
    with service_world.app.app_context():
        from portal.credentials import service as credentials

        assert credentials.service() is not None, "nothing was written into the store"


def test_settings_that_are_wrong_while_a_store_is_being_put_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(starting, "PAUSE_S", 0)
    app = bare_app(BadSetting("The setting panel_url is missing."), {"ROOST_INSTANCE": str(tmp_path)})
    with inuse.alone(tmp_path):
        found = json.loads(app.test_cli_runner().invoke(args=["doctor", "--json"]).stdout)
    assert [one["name"] for one in found["lines"][:2]] == ["store", "settings"]
    assert [one["name"] for one in found["lines"]].count("store") == 1


def test_the_store_is_held_while_the_doctor_looks(own_world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    held: list[bool] = []

    def look(**_: Any) -> list[Any]:
        with pytest.raises(inuse.InUse), inuse.alone(own_world.instance):
            raise AssertionError("a restore could begin")
        held.append(True)
        return []

    monkeypatch.setattr(service, "examine", look)
    run(own_world)
    assert held == [True]
    with inuse.alone(own_world.instance):
        pass


def test_a_slow_panel_is_not_asked_for_longer_than_the_page_waits(
    service_world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each call takes four seconds: the fourth would begin when twelve are over."""
    real, given = service_world.adapter.send, []

    def slow(*args: Any, **more: Any) -> Any:
        service_world.clock.advance(4)
        return real(*args, **more)

    def nodes(*_: Any, within_s: float, service_works: bool) -> list[Any]:
        given.append((within_s, service_works))
        return []

    monkeypatch.setattr(service_world.adapter, "send", slow)
    monkeypatch.setattr(node_checks, "check_nodes", nodes)
    service_world.calls()
    found = told(with_worker(service_world))
    assert len(service_world.calls()) == 3
    assert panel_checks.FINDINGS["panel_slow"].line("service key", seconds=12).said in failing(found)
    assert given == [(8, True)], "what is left of twenty seconds; nothing is known against the key"
    with service_world.app.app_context():
        from portal.credentials import service as credentials

        assert credentials.service() is not None


def test_nodes_have_a_few_seconds_even_then(service_world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    real, given = panel_lines.check_panel, []

    def late(*args: Any) -> Any:
        found = real(*args)
        service_world.clock.advance(19)
        return found

    monkeypatch.setattr(panel_lines, "check_panel", late)
    monkeypatch.setattr(node_checks, "check_nodes", lambda *_, within_s, **__: given.append(within_s) or [])
    told(with_worker(service_world))
    assert given == [3]


def test_a_node_that_there_was_no_time_to_ask_about_is_told_as_such(service_world: World) -> None:
    service_world.calls()
    with service_world.app.app_context():
        probe = Probe("http://panel.test", adapter=service_world.adapter, seconds=0)
        lines = node_checks.check_nodes(probe, "http://panel.test", service_works=True)
    error = "it was not asked any more, its answers take too long"
    assert node_checks.FINDINGS["node_panel"].line("node fra-1", error=error) in lines
    assert service_world.calls() == []


def test_a_panel_whose_name_is_looked_up_for_ever_does_not_hold_the_rest_up(
    service_world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    end = threading.Event()
    monkeypatch.setattr(panel_lines, "check_panel", lambda *_: end.wait(60))
    monkeypatch.setattr(service, "PANEL_S", 0.1)
    found = told(with_worker(service_world))
    end.set()
    assert failing(found) == [panel_checks.FINDINGS["panel_slow"].line("panel", seconds=12).said]
    assert {"worker", "store", "disk", "files", "mail"} <= {one["name"] for one in found["lines"]}
