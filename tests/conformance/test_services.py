"""Every recorded step behind the pages of a server's things, through the services that the pages stand on.

A panel answers as it was recorded, and each step is done as its person by the function that a page would call
(`driving.py`). The same request leaves, or Roost refuses it before, for a reason that stands here; what succeeds gives
its typed result; what the panel refuses becomes the right exception, and the right status and sentence of a page.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime
from functools import cache
from typing import Any

import pytest
from flask import url_for

from portal.auth import service as accounts
from portal.auth.service import PanelUser
from portal.auth.sessions import Viewer
from portal.credentials import service as credentials
from portal.databases.service import Gone as GoneDatabase
from portal.pterodactyl import errors
from portal.pterodactyl.client.reading.servers import read_server
from portal.pterodactyl.envelope import Reader
from portal.server_backups.service import Restoring, TooSoon
from portal.servers import records
from portal.servers.door import looking
from portal.servers.facts import Facts, facts_of
from portal.servers.reading import Opened
from portal.servers.rights import Rights
from portal.servers.trouble import Trouble
from portal.unfit import Unfit
from portal.web.access import Forbidden
from portal.web.errors import sentence
from tests.conformance.driving import Case, belongs, driver_of
from tests.conftest import PEOPLE, World
from tests.support.recorded_panel import RecordedPanel, recording, recordings
from tests.support.replay import Step, needs_recordings, recordings_there, shared_root

pytestmark = needs_recordings

COUNTS = {"recorded": 119, "races": 9, "install-failed": 1, "node-down": 14, "node-garbage": 1, "node-maintenance": 1,
          "node-refuses": 14, "panel-database-down": 1, "panel-gateway": 1, "panel-maintenance": 1,
          "reinstall-failed": 1, "server-transferring": 1, "two-factor-required": 1}  # fmt: skip
"""How many steps of each recording are behind these pages; other recordings have none."""
CUSTOMERS = {"owner", "subuser", "stranger", "reader"}
"""Who makes these steps. Nobody else does: what is asked with an application key, by an administrator or by nobody is
not behind these pages, and is replayed through the library (tests/pterodactyl)."""

CRON = ("minute", "hour", "day_of_month", "month", "day_of_week")
BY_FORM = {
    "schedule missing fields": ("schedules.create", {"name": "bad", **dict.fromkeys(CRON, "")}),
    "schedule task without payload": ("schedules.create_task", {"action": "command", "time_offset_s": "0"}),
    "schedule task bad action": ("schedules.create_task", {"action": "dance", "command": "x", "time_offset_s": "0"}),
    "schedule task bad offset": (
        "schedules.create_task", {"action": "power", "signal": "restart", "time_offset_s": "901"},
    ),
    "subuser bad email": ("subusers.invite", {"email": "nonsense", "permissions": ["control.console"]}),
    "backup restore without truncate": ("server_backups.restore", {"name": "first"}),
}  # fmt: skip
"""What no function of a service takes: a form refuses it (422), and nothing is changed. Route and what is sent."""
ROOST_REFUSES = {
    "backup in progress download": "a backup that is not done has no archive; the panel hands out an address anyway",
    "backup in progress restore": "the same; the node would empty the server before it looks",
    "backup in progress delete": "while it runs it can only be looked at; the panel would delete it under the node",
    "backup locked delete": "locked: the way out is said, and the panel is not asked",
    "backup by subuser": "no backup.create",
    "reader: backups": "no backup.read",
    "reader: backup create": "no backup.create",
    "databases by subuser with password": "no database.view_password",
    "backup where none is allowed": "the limit is 0, which is said",
    "rename empty": "a server has a name",
    "startup variable unknown": "the panel breaks over a name that does not exist (500)",
    "startup variable hidden": "what is hidden is not known to Roost, so it is not there",
    "startup variable read only": "the host has made it read-only",
    "subuser unknown permission": "the panel does not know it, and would drop it silently",
    "allocation note too long": "the panel keeps 191 characters",
}
"""What Roost does not even send, and why."""
SAYS: dict[str, tuple[type[object], str]] = {
    "database same name": (Unfit, "already exists"),
    "database unknown": (GoneDatabase, ""),
    "schedule unknown": (Unfit, "not there any more"),
    "allocation of no server": (Unfit, "no such allocation"),
    "allocation of another server": (Unfit, "no such allocation"),
    "subuser twice": (Unfit, "already"),
    "subuser is the owner": (Unfit, "owner"),
    "subuser unknown": (Unfit, "no access to this server any more"),
    "backups while restoring by a subuser": (Restoring, "being restored"),
    "backup third inside ten minutes": (TooSoon, ""),
    "races: the new owner is made a subuser too": (Unfit, "owner"),
}
"""What a service says more exactly than the library: exception or result, and a part of its sentence."""
_WHOLE = "a plan of a schedule or a task is always whole"
_GIVEN = "what every subuser has is sent along, as the panel's own page does"
_BOTH = "the form has both, and the panel takes an empty description for the one that is missing"
SENT_OTHERWISE = {
    "reader: schedule create": _WHOLE, "schedule bad cron": _WHOLE, "schedule task": _WHOLE,
    "schedule task update": _WHOLE,
    "reader: subuser create": _GIVEN, "subuser": _GIVEN, "subuser twice": _GIVEN, "subuser is the owner": _GIVEN,
    "subuser no permissions": _GIVEN, "subuser update": _GIVEN,
    "races: the new owner is made a subuser too": _GIVEN,
    "reader: rename": _BOTH, "rename without description": _BOTH, "rename by subuser": _BOTH,
    "node-down: rename": _BOTH, "node-refuses: rename": _BOTH,
}  # fmt: skip
"""Where more leaves than was recorded, and why that means the same."""
_LOG = "a page of the log has 30 entries, and asks for a group of events"
ASKED_OTHERWISE = {"server activity": _LOG, "server activity by event": _LOG}
"""Where the address asks for another part."""
IN_THE_LIST = {"schedule view", "schedule with tasks", "schedule after a run", "schedule unknown"}
"""What pages take from the list, which holds every schedule whole: one is not asked for alone."""
UNKNOWN_ROUTE = {"backup unlock endpoint of the documents": "the panel has no such route, whatever documents say"}


def name_of(recorded: str, step: Step) -> str:
    """How a step is called here: as in its recording, with the recording's name unless it is the main one."""
    return step.name if recorded == "recorded" else f"{recorded}: {step.name}"


def all_steps() -> Iterator[tuple[str, Step]]:
    """Every step behind these pages."""
    for recorded in recordings() if recordings_there() else ():
        yield from ((recorded, one) for one in recording(recorded) if belongs(one))


# ---- The people and their servers ----


@pytest.fixture
def stage(make_world: Callable[..., World]) -> Stage:
    """The people of the recordings, with keys of their own."""
    fixture = json.loads((shared_root() / "conformance" / "fixture.json").read_text(encoding="utf-8"))
    return Stage(make_world("own", fixture=fixture, client_calls_per_minute=10**9))


class Stage:
    """Where steps are done: a portal whose panel answers from a recording."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.viewers = {who: self._viewer(who) for who in sorted(CUSTOMERS)}
        self.world.demo.limiter.per_minute["client"] = 0

    def _viewer(self, who: str) -> Viewer:
        user = next(one for one in self.world.demo.world.users if one.username == who)
        with self.world.app.app_context():
            if who not in PEOPLE:
                linked = PanelUser(user.id, who, user.email)
                accounts.create(f"{who}@example.com", panel_user=linked, is_admin=False)
                credentials.set_key(accounts.find(f"{who}@example.com"), self.world.demo.keys[who])
            account = accounts.find(f"{who}@example.com")
        return Viewer("token", account.id, account.email, False, user.id, who)

    def case(self, recorded: str, step: Step) -> Case:
        """A step with everything around it; the panel answers from its recording at the time of it."""
        servers = facts_in(recorded)
        facts = servers.get(step.path.split("/")[4] if "/servers/" in step.path else "", next(iter(servers.values())))
        panel = RecordedPanel(list(recording(recorded)), step, {one.uuid: one.identifier for one in servers.values()})
        self.world.adapter.app = panel
        self.world.clock.advance(_moment(recorded) - self.world.clock.now())
        viewer = self.viewers[step.who or ""]
        rights = Rights(*rights_of(recorded, step), self.world.clock.now())
        opened = Opened(facts, rights, self.world.clock.now(), None)
        with self.world.app.app_context():
            records.save_view(viewer.account_id, facts, viewer.panel_user_id or 0, rights)
            self.world.app.extensions.pop("roost_permissions", None)
        return Case(step, viewer, opened, panel)

    def do(self, case: Case) -> Any:
        """What came of it: a result, a `Trouble`, or the exception."""
        found = driver_of(case.step)
        assert found is not None
        method = "GET" if case.step.method == "GET" else "POST"
        with self.world.app.test_request_context("/", method=method):
            try:
                return found[1](case)
            except (errors.PanelError, Unfit, Forbidden, TooSoon, GoneDatabase) as error:
                return error


@cache
def facts_in(recorded: str) -> dict[str, Facts]:
    """The servers of a recording by identifier, as the owner's list showed them in the main one."""
    listed = next(one for one in recording("recorded") if one.name == "servers of the owner")
    found = [facts_of(read_server(Reader(one))) for one in listed.json["data"]]
    lines = (shared_root() / "conformance").glob("*.jsonl" if recorded in ("recorded", "races") else "faults/*.jsonl")
    name = {"recorded": "recorded.jsonl", "races": "races.recorded.jsonl"}.get(recorded, f"{recorded}.recorded.jsonl")
    (path,) = (one for one in lines if one.name == name)
    known: dict[str, str] = {}
    for line in path.read_text(encoding="utf-8").splitlines():
        known |= {told.strip("<>"): value for value, told in json.loads(line)["known"].items()}
    names = {"alpha": "server", "beta": "other_server", "gamma": "suspended", "delta": "installing"}
    made = [
        replace(one, identifier=known[names[one.name]], uuid=known.get(f"{names[one.name]}_uuid", one.uuid))
        for one in found
    ]
    made = [one if one.uuid[:8] == one.identifier else replace(one, uuid=one.identifier + one.uuid[8:]) for one in made]
    return {one.identifier: one for one in made}


def rights_of(recorded: str, step: Step) -> tuple[bool, tuple[str, ...]]:
    """What somebody holds on the step's server, as `fixture.json` gives it."""
    if step.who == "owner" or (recorded, step.who) == ("races", "stranger"):  # the server's owner changes in the races
        return True, ()
    if step.who == "subuser":
        return False, ("websocket.connect", "control.console", "control.start", "file.read", "backup.read",
                       "database.read")  # fmt: skip
    assert step.who == "reader"
    return False, ("file.read", "websocket.connect")


def _moment(recorded: str) -> float:
    """When a recording was made: the first time that it tells."""
    for step in recording(recorded):
        for found in _times(step.json):
            return found
    return 1_780_000_000.0


def _times(value: Any) -> Iterator[float]:
    if isinstance(value, dict):
        if isinstance(value.get("created_at"), str):
            yield datetime.fromisoformat(value["created_at"]).timestamp()
        for one in value.values():
            yield from _times(one)
    elif isinstance(value, list):
        for one in value:
            yield from _times(one)


# ---- Nothing is missing ----


def test_no_step_is_missing() -> None:
    counted = Counter(recorded for recorded, _step in all_steps())
    assert counted == COUNTS
    asked = [
        step["path"]
        for name in ("steps.json", "races.steps.json")
        for step in json.loads((shared_root() / "conformance" / name).read_text(encoding="utf-8"))
    ]
    things = ("/backups", "/databases", "/schedules", "/network", "/users", "/startup", "/settings", "/activity")
    behind = [
        path for path in asked
        if path == "/api/client/permissions"
        or (path.startswith("/api/client/servers/") and any(one in path.partition("?")[0] for one in things))
    ]  # fmt: skip
    assert len(behind) == COUNTS["recorded"] + COUNTS["races"]


def test_every_step_is_a_customers_and_has_somebody_who_does_it() -> None:
    for _recorded, step in all_steps():
        assert step.who in CUSTOMERS, step.name
        assert "{" not in step.path, step.name
        assert (driver_of(step) is None) == (step.name in UNKNOWN_ROUTE), step.name
    names = {name_of(*one) for one in all_steps()}
    for reviewed in (BY_FORM, ROOST_REFUSES, SAYS, SENT_OTHERWISE, ASKED_OTHERWISE, IN_THE_LIST, UNKNOWN_ROUTE):
        assert set(reviewed) <= names, set(reviewed) - names  # no line for a step that is not there


def test_what_is_taken_from_lists_could_be_asked_for_alone(stage: Stage) -> None:
    """The recorded answers are read as well, through the same door."""
    for recorded, step in all_steps():
        if name_of(recorded, step) in IN_THE_LIST:
            case = stage.case(recorded, step)
            with stage.world.app.test_request_context("/"), looking(case.viewer) as api:
                if step.status == 404:
                    with pytest.raises(errors.NotFound):
                        api.schedules.view(case.opened.facts.identifier, case.number)
                else:
                    found = api.schedules.view(case.opened.facts.identifier, case.number)
                    assert found.id == step.json["attributes"]["id"]
            assert len(case.panel.same) == 1


def test_forms_refuse_what_no_service_takes(stage: Stage) -> None:
    for recorded, step in all_steps():
        if name_of(recorded, step) not in BY_FORM:
            continue
        case = stage.case(recorded, step)
        endpoint, sent = BY_FORM[step.name]
        values = {"identifier": case.opened.facts.identifier, "schedule": 1, "backup": case.tail[0]}
        (rule,) = stage.world.app.url_map.iter_rules(endpoint)
        with stage.world.app.test_request_context("/"):
            path = url_for(endpoint, **{name: values[name] for name in rule.arguments})
        answer = stage.world.browser(step.who).post(path, data=sent)
        assert answer.status_code == 422, step.name
        assert [one for one in case.panel.seen if one.is_change] == [], step.name


# ---- Each step ----


def test_each_step_does_what_the_panel_recorded_of_it(stage: Stage) -> None:
    wrong = []
    for recorded, step in all_steps():
        name = name_of(recorded, step)
        if name in BY_FORM or name in UNKNOWN_ROUTE:
            continue
        case = stage.case(recorded, step)
        told = stage.do(case)
        wrong += [f"{name}: {one}" for one in judged(stage, name, case, told)]
    assert not wrong, "\n".join(wrong)


def judged(stage: Stage, name: str, case: Case, told: Any) -> Iterator[str]:
    """What is not as it should be."""
    changes = [one for one in case.panel.seen if one.is_change]
    if case.panel.missing:
        yield f"not in the recording: {case.panel.missing}"
    if name in ROOST_REFUSES:
        if not isinstance(told, Unfit | Forbidden) or changes or case.panel.same:
            yield f"should be refused by Roost: {told!r} {changes}"
        return
    if name in IN_THE_LIST:
        if case.panel.same or changes:
            yield "is asked for alone: take it off the table"
    else:
        yield from _request(name, case)
    if case.step.status < 400 and name not in SAYS:
        found = driver_of(case.step)
        expected = found[0] if found else None
        if not (told is None if expected is None else isinstance(told, expected)):
            yield f"gives {told!r}"
        return
    if name in SAYS:
        kind, part = SAYS[name]
        if not isinstance(told, kind) or part not in str(told):
            yield f"says {told!r}"
        return
    kind, status, part = meaning(case.step)
    if isinstance(told, Trouble):
        got: tuple[int, str] = told.status, told.message
    elif not isinstance(told, kind):
        yield f"is {told!r} and not {kind.__name__}"
        return
    else:
        with stage.world.app.test_request_context("/", method="GET" if case.step.method == "GET" else "POST"):
            got = sentence(told)
    if got[0] != status or part not in got[1]:
        yield f"is answered with {got} and not {status} {part!r}"


def _request(name: str, case: Case) -> Iterator[str]:
    """The step's own request left, once, as the last one and as it was recorded; no other change did."""
    same = case.panel.same
    changes = [one for one in case.panel.seen if one.is_change]
    if not same or case.panel.seen[-1] != same[-1]:
        yield f"did not leave last: {case.panel.seen}"
        return
    if case.step.method != "GET" and changes != same[-1:]:
        yield f"is not the only change: {changes}"
    sent, wanted = same[-1].body or {}, case.step.request or {}
    if sent != wanted and (name not in SENT_OTHERWISE or any(not _has(sent.get(key), wanted[key]) for key in wanted)):
        yield f"sent {sent} and not {wanted}"
    if sent == wanted and name in SENT_OTHERWISE:
        yield "is sent as recorded: take it off the table"
    if not case.query.items() <= same[-1].query.items() and name not in ASKED_OTHERWISE:
        yield f"asked for {same[-1].query} and not {case.query}"


def _has(sent: Any, wanted: Any) -> bool:
    return set(wanted) <= set(sent) if isinstance(wanted, list) and isinstance(sent, list) else sent == wanted


def meaning(step: Step) -> tuple[type[Exception], int, str]:
    """What a refusal of the panel should be: exception, status and a part of the sentence of the page."""
    document = step.json if isinstance(step.json, dict) else {}
    first = document.get("errors", [{}])[0]
    code, detail = first.get("code", ""), first.get("detail", "")
    is_change = step.method != "GET"
    if code == "DaemonConnectionException":
        refused = detail.startswith("An error occurred on the remote host:")
        if not refused and is_change:  # what the node heard of it before is anybody's guess
            return errors.OutcomeUnknown, 503, "not known"
        return (errors.NodeRefused, 409, "refused") if refused else (errors.NodeUnreachable, 503, "machine that runs")
    if code == "TwoFactorAuthRequiredException":
        return errors.KeyRefused, 503, "set up again"
    if step.status == 503:
        return errors.PanelUnreachable, 503, "working on the panel"
    if step.status >= 500:
        kind = errors.OutcomeUnknown if is_change else errors.PanelUnreachable
        return kind, 503, "not known" if is_change else "cannot be reached"
    return {
        400: (errors.Refused, 409, detail),
        403: (errors.NotAllowed, 403, "do not have the permission"),
        404: (errors.NotFound, 404, ""),
        409: (errors.ServerStateConflict, 409, ""),
        422: (errors.Invalid, 422, detail),
        429: (errors.Busy, 429, "Too much at once"),
    }[step.status]
