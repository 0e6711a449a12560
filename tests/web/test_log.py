"""Log lines: text or JSON, with the request's reference and figures."""

from __future__ import annotations

import io
import json
import logging
import re
from collections.abc import Callable
from typing import Any

import pytest

from tests.conftest import World

ID = "0123456789abcdef0123456789abcdef"
Lines = Callable[[], list[str]]


@pytest.fixture
def lines() -> Lines:
    """What the portal's own handler writes."""
    written = io.StringIO()

    def read() -> list[str]:
        handler = logging.getLogger("roost").handlers[0]
        assert isinstance(handler, logging.StreamHandler)
        handler.setStream(written)
        return written.getvalue().splitlines()

    return read


def asked(world: World, lines: Lines, path: str = "/servers", who: str | None = "owner", **more: Any) -> list[str]:
    lines()
    world.browser(who).get(path, **more)
    return lines()


def test_one_line_a_request_with_its_figures(own_world: World, lines: Lines) -> None:
    (line,) = [one for one in asked(own_world, lines) if "roost.request" in one]
    assert re.search(r"INFO roost\.request \[[0-9a-f]{8}\] GET /servers status=200 ms=\d+ account=\d+$", line)


def test_one_line_a_panel_call_with_the_reference_of_its_request(own_world: World, lines: Lines) -> None:
    told = asked(own_world, lines)
    (call,) = [one for one in told if "roost.panel" in one]
    (request,) = [one for one in told if "roost.request" in one]
    assert re.search(r"panel GET /api/client status=200 outcome=ok ms=\d+ key=ptlc_\w{3} who=\d+ attempt=1", call)
    assert re.findall(r"\[[0-9a-f]{8}\]", call) == re.findall(r"\[[0-9a-f]{8}\]", request)


def test_json_lines_are_objects(make_world: Callable[..., World], lines: Lines) -> None:
    world = make_world("own", is_ready=True, log_format="json")
    told = [json.loads(one) for one in asked(world, lines)]
    (call,) = [one for one in told if one["logger"] == "roost.panel"]
    (request,) = [one for one in told if one["logger"] == "roost.request"]
    assert call["reference"] == request["reference"]
    assert (call["status"], call["outcome"], call["message"]) == (200, "ok", "panel GET /api/client")
    assert (request["status"], request["message"], request["level"]) == (200, "GET /servers", "INFO")
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}\+00:00", request["at"])


def test_a_traceback_stays_one_json_line_and_holds_no_key(make_world: Callable[..., World], lines: Lines) -> None:
    make_world("own", log_format="json")
    lines()
    try:
        raise RuntimeError("ptlc_" + "x" * 43 + "\nsecond line")
    except RuntimeError:
        logging.getLogger("roost.test").exception("it broke")
    (line,) = lines()
    assert "RuntimeError" in json.loads(line)["traceback"]
    assert "x" * 20 not in line


def test_hostile_text_cannot_make_a_line_of_its_own(own_world: World, lines: Lines) -> None:
    told = asked(own_world, lines, "/servers/%0a2026-01-01%20ERROR%20forged")
    assert all(one.startswith("20") and " [" in one for one in told)
    assert not [one for one in told if one.startswith("2026-01-01 ERROR forged")]


@pytest.mark.parametrize("form", ["text", "json"])
def test_the_web_servers_number_is_the_reference(form: str, make_world: Callable[..., World], lines: Lines) -> None:
    world = make_world("own", log_format=form)
    told = asked(world, lines, headers={"X-Request-ID": ID})
    assert any(ID[:8] in one for one in told)
    told = asked(world, lines, headers={"X-Request-ID": "<script>"})
    assert not any("<script>" in one for one in told)


def test_a_number_that_did_not_come_from_the_web_server_is_not_believed(own_world: World, lines: Lines) -> None:
    told = asked(
        own_world, lines, headers={"X-Request-ID": ID}, environ_overrides={"REMOTE_ADDR": "203.0.113.7"}
    )
    assert told
    assert not any(ID[:8] in one for one in told)


@pytest.mark.parametrize("path", ["/healthz", "/readyz", "/static/roost.css"])
def test_what_machines_ask_again_and_again_is_not_told(path: str, own_world: World, lines: Lines) -> None:
    assert [one for one in asked(own_world, lines, path, buffered=True) if "roost.request" in one] == []


def test_somebody_who_is_not_signed_in_has_no_account(own_world: World, lines: Lines) -> None:
    (line,) = [one for one in asked(own_world, lines, "/login", None) if "roost.request" in one]
    assert "account=" not in line


def test_a_traceback_cannot_pass_for_lines_of_the_log(own_world: World, lines: Lines) -> None:
    lines()
    try:
        raise RuntimeError("x\n2026-01-01 00:00:00,000 INFO roost.request [0] POST /admin\x1b[2J")
    except RuntimeError:
        logging.getLogger("roost.test").exception("it broke")
    told = lines()
    assert len(told) > 3
    assert [one for one in told if not one.startswith("    ")] == told[:1]
    assert "\x1b" not in "".join(told)
