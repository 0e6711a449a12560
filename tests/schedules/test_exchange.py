"""Schedules as a file: out, shown before anything is made, in again; hostile files; imports that end half-way."""

from __future__ import annotations

import copy
import json
import re
from html import unescape
from io import BytesIO
from typing import Any

import pytest

from portal.demo.client import tasks as panel_tasks
from portal.demo.errors import PanelError
from portal.schedules import exchange
from portal.schedules.exchange import BadFile
from tests.conftest import World
from tests.schedules.support import EMPTY, PLAYED, at, put, row_of, schedules_of
from tests.servers.support import HTMX, audit_of, said, see

CRON = {"minute": "0", "hour": "4", "day_of_month": "*", "month": "*", "day_of_week": "*"}
TASKS: list[dict[str, Any]] = [
    {"action": "command", "payload": "save-all", "time_offset_s": 0, "continue_on_failure": True},
    {"action": "backup", "payload": "logs/\n*.tmp", "time_offset_s": 10, "continue_on_failure": False},
]
SCHEDULE: dict[str, Any] = {
    "name": "Nightly <b>", "cron": CRON, "is_active": True, "only_when_online": False, "tasks": TASKS,
}  # fmt: skip
CONTENT: dict[str, Any] = {"format": "roost-schedules", "version": 1, "schedules": [SCHEDULE]}
FILE = json.dumps(CONTENT)


def sent(content: bytes | str) -> dict[str, Any]:
    data = content.encode() if isinstance(content, str) else content
    return {"data": {"file": (BytesIO(data), "a.json")}, "content_type": "multipart/form-data"}


def changed(place: str, value: Any) -> bytes:
    """The file with another value at a place like `schedules.0.name`; `...` takes it out."""
    content = copy.deepcopy(CONTENT)
    at: Any = content
    *way, last = [int(part) if part.isdigit() else part for part in place.split(".")]
    for part in way:
        at = at[part]
    if value is ...:
        del at[last]
    else:
        at[last] = value
    return json.dumps(content).encode()


def test_what_was_exported_makes_the_same_again(world: World) -> None:
    put(world, PLAYED, "0 4 * * *", ("command", "save-all", 0), ("backup", "logs/\n*.tmp", 10), name="Größe „1“")
    row = put(world, PLAYED, "*/7 1-5 L jan-mar 5L", ("power", "restart", 900), name="Odd", is_active=False,
              only_when_online=True)  # fmt: skip
    browser = world.browser("owner")
    exported = browser.get(at(world, PLAYED, "/export"))
    assert exported.mimetype == "application/json"
    assert "attachment" in exported.headers["Content-Disposition"]
    shown = browser.post(at(world, EMPTY, "/import"), **sent(exported.data))
    assert shown.status_code == 200
    assert schedules_of(world, EMPTY) == []
    answer = browser.post(at(world, EMPTY, "/import"), data={"content": exported.text, "sure": "1", "on": "0"})
    assert (answer.status_code, answer.location) == (303, at(world, EMPTY))
    assert "2 schedules were created." in browser.get(answer.location).text
    assert exchange.written([]) != exported.text
    assert json.loads(browser.get(at(world, EMPTY, "/export")).text) == json.loads(exported.text)
    one = browser.get(at(world, PLAYED, f"/{row.id}/export")).json
    assert [each["name"] for each in one["schedules"]] == ["Odd"]
    assert audit_of(world, "schedule.import") == [("done", "Größe „1“"), ("done", "Odd")]
    assert len(audit_of(world, "task.create")) == 3


@pytest.mark.parametrize("headers", [{}, HTMX], ids=["page", "htmx"])
def test_a_preview_says_what_would_be_made_and_asks_what_to_switch_on(world: World, headers: dict[str, str]) -> None:
    content = copy.deepcopy(CONTENT)
    content["owner"] = "somebody"
    content["schedules"][0]["colour"] = "<i>"
    content["schedules"].append(SCHEDULE | {"name": "Wrong", "cron": CRON | {"hour": "25"}, "is_active": False})
    page = world.browser("owner").post(at(world, EMPTY, "/import"), headers=headers, **sent(json.dumps(content)))
    assert page.status_code == 200
    text = said(page.text)
    assert "This creates 2 new schedules." in text
    assert "Left out, because Roost does not know it: owner schedules[0].colour" in text
    assert "Nightly <b> At 04:00, every day." in text
    assert ("Send a command: save-all The next one follows even when it fails. Create a backup: leaves out logs/ *.tmp "
            "after 10 s") in text  # fmt: skip
    assert "The panel will not take this line: 0 25 * * *" in text
    assert 'value="0" checked' in page.text
    assert 'value="1" checked' not in page.text
    assert "Nightly <b>" not in page.text
    assert "<i>" not in page.text
    assert schedules_of(world, EMPTY) == []


def test_what_is_not_ticked_is_made_switched_off(world: World) -> None:
    browser = world.browser("owner")
    browser.post(at(world, EMPTY, "/import"), data={"content": FILE, "sure": "1"})
    row = schedules_of(world, EMPTY)[0]
    assert (row.is_active, [one.action for one in row.tasks]) == (False, ["command", "backup"])
    again = browser.post(at(world, EMPTY, "/import"), data={"content": FILE, "sure": "1", "on": ["0", "7", "x"]})
    assert again.status_code == 409
    assert "This is there already, exactly so: “Nightly <b>”. Nothing was created." in said(again.text)
    assert len(schedules_of(world, EMPTY)) == 1
    seen = re.findall(r'name="seen" value="([^"]+)"', again.text)[0]
    sent = {"content": FILE, "sure": "1", "on": ["0", "7", "x"], "seen": seen}
    assert browser.post(at(world, EMPTY, "/import"), data=sent).status_code == 303
    row = schedules_of(world, EMPTY)[1]
    assert (row.is_active, [one.continue_on_failure for one in row.tasks]) == (True, [True, False])


@pytest.mark.parametrize(
    ("content", "text"),
    [
        (b"", "it is not JSON in UTF-8"),
        (b"\xff\xfe{}", "it is not JSON in UTF-8"),
        (b"[" * 30_000, "it is not JSON in UTF-8"),
        (b"9" * 39_000, "it is not JSON in UTF-8"),
        (b'{"a": NaN}', "it is not JSON in UTF-8"),
        (b"[]", "must be an object"),
        (b"{}", "“format” is missing"),
        (b'{"format":"roost-schedules","format":"x"}', "stands twice"),
        (changed("format", "crontab"), "no file of schedules that Roost has written"),
        (changed("version", 2), "This Roost reads version 1"),
        (changed("version", True), "This Roost reads version 1"),
        (changed("version", "1"), "This Roost reads version 1"),
        (changed("schedules", {}), "“schedules” must be a list"),
        (changed("schedules", []), "There is no schedule in this file."),
        (changed("schedules", [SCHEDULE] * 21), "at most 20 schedules"),
        (changed("schedules", [SCHEDULE | {"tasks": TASKS[:1] * 61}]), "at most 60 tasks"),
        (changed("schedules.0", 7), "“schedules[0]” must be an object"),
        (changed("schedules.0.name", ...), "“schedules[0].name” is missing"),
        (changed("schedules.0.name", " "), "“schedules[0].name” must be text of 1 to 191"),
        (changed("schedules.0.name", "x" * 192), "must be text of 1 to 191"),
        (changed("schedules.0.name", "a\nb"), "must be text on one line"),
        (changed("schedules.0.name", "\ud800"), "“schedules[0].name” must be text"),
        (changed("schedules.0.name", ["x"]), "“schedules[0].name” must be text"),
        (changed("schedules.0.name", "a\u202eb"), "must be text without marks that turn its direction"),
        (changed("schedules.0.tasks.0.payload", "say \u2067b"), "must be text without marks that turn its direction"),
        (changed("schedules.0.tasks.1.payload", "a\n\u202db"), "must be text without marks that turn its direction"),
        (changed("schedules.0.tasks.0.payload", "a\u2028b"), "must be text on one line"),
        (changed("schedules.0.tasks.0.payload", "a\x85b"), "must be text on one line"),
        (changed("schedules.0.is_active", 1), "“schedules[0].is_active” must be true or false"),
        (changed("schedules.0.only_when_online", "false"), "must be true or false"),
        (changed("schedules.0.cron", "0 4 * * *"), "“schedules[0].cron” must be an object"),
        (changed("schedules.0.cron.month", ...), "“schedules[0].cron.month” is missing"),
        (changed("schedules.0.cron.hour", 4), "“schedules[0].cron.hour” must be text"),
        (changed("schedules.0.tasks", None), "“schedules[0].tasks” must be a list"),
        (changed("schedules.0.tasks.0.action", "reinstall"), "must be one of command, power, backup"),
        (changed("schedules.0.tasks.0.action", ["command"]), "must be one of command, power, backup"),
        (changed("schedules.0.tasks.0.action", "power"), "must be one of start, stop, restart, kill"),
        (changed("schedules.0.tasks.0.payload", ""), "“schedules[0].tasks[0].payload” must be text"),
        (changed("schedules.0.tasks.0.payload", "a\nb"), "must be text on one line"),
        (changed("schedules.0.tasks.1.payload", "\x00"), "“schedules[0].tasks[1].payload” must be text"),
        (changed("schedules.0.tasks.0.time_offset_s", 901), "a whole number of seconds from 0 to 900"),
        (changed("schedules.0.tasks.0.time_offset_s", True), "a whole number of seconds from 0 to 900"),
        (changed("schedules.0.tasks.0.time_offset_s", 1.5), "a whole number of seconds from 0 to 900"),
        (b" " * 40_001, "The file is too large."),
    ],
)
def test_hostile_files_are_refused_with_the_place_and_the_reason(content: bytes, text: str) -> None:
    with pytest.raises(BadFile) as caught:
        _in_words(content)
    assert text in str(caught.value)


def _in_words(content: bytes) -> None:
    from flask import Flask
    from flask_babel import Babel

    app = Flask("words")
    Babel(app)
    with app.test_request_context():
        exchange.read(content)


@pytest.mark.parametrize("headers", [{}, HTMX], ids=["page", "htmx"])
def test_a_refused_file_is_said_where_it_was_chosen(world: World, headers: dict[str, str]) -> None:
    browser = world.browser("owner")
    world.calls()
    answer = browser.post(at(world, EMPTY, "/import"), headers=headers, **sent(b"\x00\x01"))
    assert answer.status_code == 422
    assert "it is not JSON in UTF-8" in answer.text
    assert 'type="file"' in answer.text
    for data in ({}, {"content": "{}", "sure": "1"}, {"file": "text"}):
        assert browser.post(at(world, EMPTY, "/import"), data=data).status_code == 422
    assert [one for one in world.calls() if one.startswith("POST")] == []


def test_an_import_that_ends_half_way_says_what_was_made(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    count = [0]

    def refuse(_context: Any) -> None:
        count[0] += 1
        if count[0] == 4:
            raise PanelError(400, "DisplayException", "No more of these today.")

    monkeypatch.setattr(panel_tasks, "_refuse_backup", refuse)
    content = CONTENT | {"schedules": [SCHEDULE | {"name": name} for name in ("One", "Two", "Three")]}
    browser = world.browser("owner")
    answer = browser.post(
        at(world, EMPTY, "/import"), data={"content": json.dumps(content), "sure": "1", "on": ["0", "1", "2"]}
    )
    assert (answer.status_code, answer.location) == (303, at(world, EMPTY))
    page = browser.get(answer.location).text
    assert 'class="band warn"' in page
    assert ("Not everything was created. Created: “One”. “Two” was created with 1 of 2 tasks: No more of these today. "
            "It is switched off, so that half of it does not run. Complete it, then switch it on. "
            "Not created: “Three”.") in said(page)  # fmt: skip
    assert [(one.name, one.is_active, len(one.tasks)) for one in schedules_of(world, EMPTY)] == [
        ("One", True, 2), ("Two", False, 1),
    ]  # fmt: skip


def test_a_line_that_the_panel_refuses_ends_the_import_there(world: World) -> None:
    wrong = SCHEDULE | {"name": "Two", "cron": CRON | {"hour": "25"}}
    content = CONTENT | {"schedules": [SCHEDULE | {"name": "One"}, wrong, SCHEDULE | {"name": "Three"}]}
    browser = world.browser("owner")
    answer = browser.post(at(world, EMPTY, "/import"), data={"content": json.dumps(content), "sure": "1"})
    page = said(browser.get(answer.location).text)
    assert "Created: “One”." in page
    assert "The cron data provided does not evaluate to a valid expression. Not created: “Two”, “Three”." in page
    first = browser.post(at(world, EMPTY, "/import"),
                         data={"content": json.dumps(CONTENT | {"schedules": [wrong]}), "sure": "1"})  # fmt: skip
    assert first.status_code == 409
    assert "does not evaluate" in first.text
    assert len(schedules_of(world, EMPTY)) == 1


def test_a_file_with_backups_makes_nothing_where_there_may_be_none(world: World) -> None:
    row_of(world, EMPTY).feature_limits.backups = 0
    world.clock.advance(100)
    world.work()
    browser = world.browser("owner")
    browser.get(f"/servers/{world.server(EMPTY)}")
    answer = browser.post(at(world, EMPTY, "/import"), data={"content": FILE, "sure": "1"})
    assert answer.status_code == 409
    assert "Your host gives this server no backups" in answer.text
    assert 'name="sure"' in answer.text
    assert schedules_of(world, EMPTY) == []


def test_the_largest_file_can_be_sent_and_confirmed(own_world: World) -> None:
    schedules = [SCHEDULE | {"name": f"{n}" * 3, "tasks": [TASKS[1] | {"payload": "x" * 1500}] * 3} for n in range(7)]
    content = json.dumps(CONTENT | {"schedules": schedules}, indent=2)
    assert 30_000 < len(content) < exchange.MOST_BYTES
    browser = own_world.browser("owner")
    assert browser.post(at(own_world, EMPTY, "/import"), **sent(content)).status_code == 200
    answer = browser.post(
        at(own_world, EMPTY, "/import"), data={"content": content.replace("\n", "\r\n"), "sure": "1"},
        content_type="multipart/form-data",
    )  # fmt: skip
    assert answer.status_code == 303
    assert len(schedules_of(own_world, EMPTY)) == 7


def test_a_file_of_many_lines_can_be_confirmed_as_a_browser_sends_it(own_world: World) -> None:
    """A browser writes two letters for each end of a line, which would make a file too large that just was not."""
    room = exchange.MOST_BYTES - len(json.dumps(CONTENT))
    content = json.dumps(CONTENT)[:-1] + "\n" * room + "}"
    assert len(content) == exchange.MOST_BYTES
    browser = own_world.browser("owner")
    page = browser.post(at(own_world, EMPTY, "/import"), **sent(content)).text
    shown = unescape(re.findall(r'name="content" value="([^"]*)"', page)[0])
    answer = browser.post(
        at(own_world, EMPTY, "/import"), content_type="multipart/form-data",
        data={"content": re.sub("\r\n|\r|\n", "\r\n", shown), "sure": "1"},
    )  # fmt: skip
    assert answer.status_code == 303
    assert len(schedules_of(own_world, EMPTY)) == 1


@pytest.mark.parametrize(("status", "text"), [
    (502, "Look whether it is switched on."), (403, "It is still switched off: switch it on."),
])  # fmt: skip
def test_one_that_could_only_not_be_switched_on_is_told_so(own_world: World, status: int, text: str) -> None:
    before, browser = own_world.adapter.app, own_world.browser("owner")

    def cut(environ: dict[str, Any], start_response: Any) -> Any:
        if environ["REQUEST_METHOD"] == "POST" and re.search(r"/schedules/\d+$", environ["PATH_INFO"]):
            start_response(f"{status} X", [("Content-Type", "application/json")])
            return [b'{"errors": [{"code": "AuthorizationException", "status": "403", "detail": "No."}]}']
        return before(environ, start_response)

    own_world.adapter.app = cut
    answer = browser.post(at(own_world, EMPTY, "/import"), data={"content": FILE, "sure": "1", "on": "0"})
    page = said(browser.get(answer.location).text)
    assert "was created with 2 of 2 tasks" in page
    assert text in page
    assert "no backup task" not in page
    assert "Complete it" not in page


def test_the_import_page_says_what_comes(world: World) -> None:
    page = see(world, "owner", at(world, EMPTY, "/import"))
    assert 'enctype="multipart/form-data"' in page
    assert "You see what it would create before anything is created." in page
