"""Every page and every change of a server's things while something is wrong with the panel, for its owner.

A read that failed never looks like an empty list; a refusal has the right status and sentence, and keeps what was
typed; nothing claims success; what nobody knows is called unknown. What is sent stands in `samples.py`; a new route
takes part by its row in `matrix.txt` and its line there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from html import unescape
from typing import Any

import pytest
from sqlalchemy import select
from werkzeug.test import TestResponse

from portal.audit.models import AuditEntry
from portal.store import read
from tests.conftest import World
from tests.servers.support import HTMX, said
from tests.site import matrix
from tests.site.conftest import ROOT
from tests.site.matrix import Row
from tests.site.samples import place, sample
from tests.site.test_matrix import VALUES, path_of
from tests.support.broken_panel import Broken, changes, everything, plain, silent
from tests.support.broken_panel import said as panel_said
from tests.support.furnished import Furnished, furnish
from tests.support.page_forms import forms_of

FEATURES = ("activity", "databases", "network", "schedules", "server_backups", "server_settings", "startup", "subusers")
ROWS = [row for row in matrix.table() if row.endpoint.partition(".")[0] in FEATURES]
READS = [row for row in ROWS if row.method == "GET"]
CHANGES = [row for row in ROWS if row.method == "POST"]
EMPTY = {
    "activity": "Nothing has happened yet", "databases": "There is none yet.",
    "network": "This server has none: ask your host.", "schedules": "No schedules yet",
    "server_backups": "No backups yet", "startup": "No variables", "subusers": "Nobody else has access",
}  # fmt: skip
"""What a page says where there really is nothing."""
OURS = {"server_backups.set_retention", "server_backups.remove_retention", "subusers.resend"}
"""Changes of what Roost keeps by itself; the panel is at most read."""
UNKNOWN = "Whether it was done is not known"


@dataclass(frozen=True)
class Wrong:
    """One thing that is wrong: how the panel answers, and what a page says to a read and to a change."""

    answer: Callable[[], tuple[int, dict[str, str], bytes]]
    read: tuple[int, str]
    change: tuple[int, str]
    happens: bool = False


def _conflict(detail: str, sentence: str) -> Wrong:
    told = 409, sentence
    return Wrong(panel_said(409, "ServerStateConflictException", detail), told, told)


_DOWN, _LOST = (503, "cannot be reached"), (503, UNKNOWN)
_NONSENSE = 503, "does not understand"
WRONG = {
    "refused": Wrong(panel_said(403, "AuthorizationException", "This action is unauthorized."),
                     (403, "do not have the permission"), (403, "do not have the permission")),
    "suspended": _conflict("This server is currently suspended and the functionality requested is unavailable.",
                           "suspended"),
    "installing": _conflict("This server has not yet completed its installation process, please try again later.",
                            "set up"),
    "restoring": _conflict("This server is currently restoring from a backup, please try again later.",
                           "A backup is being"),
    "busy": Wrong(panel_said(429, "ThrottleRequestsException", "Too Many Attempts.", Retry_After="30"),
                  (429, "Too much at once"), (429, "Too much at once")),
    "gateway": Wrong(plain(502, b"<html><h1>502 Bad Gateway</h1></html>"), _DOWN, _LOST),
    "database down": Wrong(panel_said(500, "QueryException", "An unexpected error was encountered."), _DOWN, _LOST),
    "maintenance": Wrong(panel_said(503, "HttpException", "Service Unavailable"), (503, "working on the panel"),
                         (503, "working on the panel")),
    "a page": Wrong(plain(200, b"<!doctype html><title>Hello</title>"), _DOWN, _LOST),
    "cut": Wrong(plain(200, b'{"object": "list", "da', "application/json"), _NONSENSE, _LOST),
    "null": Wrong(plain(200, b"null", "application/json"), _NONSENSE, _LOST),
    "another thing": Wrong(plain(200, b'{"object": "nest", "attributes": {}}', "application/json"), _NONSENSE, _LOST),
    "hangs": Wrong(silent, _DOWN, _LOST),
    "hangs, and does it": Wrong(silent, _DOWN, _LOST, happens=True),
}  # fmt: skip


WITHOUT_SCRIPT = ("refused", "suspended", "busy", "gateway", "maintenance", "null", "hangs")
"""Of those that differ only in how the panel says the same, the page without script is asked for once."""


class Place:
    """A furnished server that its owner looks at, and ways to ask for its things."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.things: Furnished = furnish(world)
        self.browser = world.browser("owner")
        assert self.browser.get(self.things.address).status_code == 200
        self.set_rule()

    def set_rule(self) -> None:
        """A rule for backups, so that there is one to take back."""
        (row,) = (one for one in CHANGES if one.endpoint == "server_backups.set_retention")
        assert self.ask(row, script=True, sent=self.sent(row)).status_code == 200

    def path(self, row: Row) -> str:
        return path_of(self.world, row, self._values(row))

    def sent(self, row: Row) -> dict[str, Any]:
        """What the owner sends: the form of the page as it stands, and what is typed into it."""
        typed = sample(row.endpoint, "POST", self._values(row))
        return {**self._form(row), **typed}

    def typed(self, row: Row) -> list[str]:
        """What must be there again after a refusal."""
        found = sample(row.endpoint, "POST", self._values(row))
        return [one for one in found.values() if isinstance(one, str) and len(one) > 3]

    def ask(self, row: Row, *, script: bool, sent: dict[str, Any] | None = None) -> TestResponse:
        """Ask for a row; the panel's rows are put back before, and the call budget is as new."""
        self.world.app.extensions.pop("roost_panel", None)
        self.world.app.extensions.pop("roost_permissions", None)
        marks = HTMX if script else {}
        if row.method == "GET":
            values = sample(row.endpoint, "GET", self._values(row))
            return self.browser.get(self.path(row), query_string=values, headers=marks, buffered=True)
        return self.browser.post(self.path(row), data=sent, headers=marks, buffered=True)

    def put_back(self) -> None:
        self.things.put_back(self.world)

    def last_act(self) -> tuple[int, str]:
        """Number and outcome of the newest audit line."""
        query = select(AuditEntry).order_by(AuditEntry.id.desc()).limit(1)
        with self.world.app.app_context(), read() as session:
            found = session.scalar(query)
            return (found.id, found.outcome) if found else (0, "")

    def _values(self, row: Row) -> dict[str, Any]:
        return place(row.endpoint, {**VALUES, **self.things.values, **row.fixed})

    def _form(self, row: Row) -> dict[str, Any]:
        """The form that is sent to a row: on its question, else on the page of the feature."""
        path, feature = self.path(row), row.endpoint.partition(".")[0]
        own = [one for one in READS if self.path(one) == path]
        first = [one for one in READS if one.endpoint in (f"{feature}.page", "schedules.one")]
        others = [one for one in READS if one.endpoint.startswith(f"{feature}.ask")]
        for page in (*own, *first, *others):
            answer = self.ask(page, script=False)
            for form in forms_of(answer.text) if answer.status_code == 200 else ():
                if path in form.actions or (form.actions == [""] and page in own):
                    return {name: values for name, values in form.fields.items() if name != "csrf_token"}
        raise LookupError(f"no page has a form that is sent to {row.name}")


@pytest.fixture(params=["own", "service"])
def spot(request: pytest.FixtureRequest, make_world: Callable[..., World]) -> Place:
    """A furnished server in both key modes; the portal could send mail."""
    settings = {"smtp_host": "127.0.0.1", "smtp_port": 1, "smtp_security": "none", "mail_from": "help@example.com"}
    return Place(make_world(request.param, is_ready=True, client_calls_per_minute=10**9, **settings))


def _report(wrong: list[str]) -> None:
    assert not wrong, f"{len(wrong)}:\n" + "\n".join(wrong)


# ---- While all is well ----


def test_each_page_is_there_while_all_is_well(spot: Place) -> None:
    """And so it was not the sample that was refused below."""
    wrong = []
    for row in READS:
        for script in (False, True):
            answer = spot.ask(row, script=script)
            if answer.status_code not in (200, 204):
                wrong.append(f"{row.name}: {answer.status_code}: {said(answer.text)[-200:]}")
    _report(wrong)


def test_each_change_is_done_while_all_is_well(spot: Place) -> None:
    wrong = []
    for row in CHANGES:
        for script in (False, True):
            spot.put_back()
            spot.set_rule()
            if row.endpoint == "server_settings.rename":  # what is known of the server goes back as well
                spot.world.clock.advance(11)
                spot.browser.get(f"/servers/{spot.world.demo.main_server.identifier}")
            sent, before = spot.sent(row), spot.last_act()[0]
            answer = spot.ask(row, script=script, sent=sent)
            spot.world.clock.advance(301 if row.endpoint == "subusers.resend" else 0)
            number, outcome = spot.last_act()
            is_done = answer.status_code in ((200, 204) if script else (303, 200)) and (number > before)
            if not is_done or outcome != "done":
                told = f"{answer.status_code} {outcome if number > before else 'no act'}: {said(answer.text)[-300:]}"
                wrong.append(f"{row.name} {script}: {told}")
    _report(wrong)


def test_what_empty_pages_say_is_what_they_say() -> None:
    for feature, sentence in EMPTY.items():
        parts = [path.read_text(encoding="utf-8") for path in (ROOT / "templates" / feature).glob("*.html")]
        assert any(sentence in part for part in parts), sentence
    assert set(FEATURES) - set(EMPTY) == {"server_settings"}  # which is never empty


# ---- While something is wrong ----


def test_a_read_that_failed_says_so_and_never_looks_empty(spot: Place) -> None:
    wrong = []
    for name, trouble in WRONG.items():
        for row in READS:
            for script in (False, True) if name in WITHOUT_SCRIPT else (True,):
                with Broken(spot.world, everything, trouble.answer) as panel:
                    answer = spot.ask(row, script=script)
                wrong += [f"{name}: {row.name} {script}: {one}" for one in _read(row, script, panel, answer, trouble)]
    _report(wrong)


def _read(row: Row, script: bool, panel: Broken, answer: TestResponse, trouble: Wrong) -> Iterator[str]:
    text, (status, sentence) = said(answer.text), trouble.read
    if answer.status_code == 500 or "Something went wrong on our side" in text:
        yield "breaks"
    if (empty := EMPTY.get(row.endpoint.partition(".")[0])) and empty in text and panel.hit:
        yield f"looks empty: {empty}"
    if panel.hit and row.endpoint not in DEGRADES:
        if sentence.casefold() not in text.casefold():
            yield f"{answer.status_code} does not say {sentence!r}: {text[-250:]}"
        is_page = not script and "poll" not in row.rights
        if is_page and answer.status_code != status:
            yield f"is {answer.status_code} and not {status}"
        if is_page and status in (429, 503) and "Retry-After" not in answer.headers:
            yield "does not say when to ask again"
        if script and answer.status_code not in (200, 286, 422, status):
            yield f"is {answer.status_code} as a fragment"


DEGRADES = {
    "server_backups.ask_create": "only a glance at how many there are; the form asks nothing of the panel",
    "subusers.new": "the names of the permissions are known without the panel's descriptions",
}  # fmt: skip
"""What stands without the panel, and why that is honest."""


@pytest.mark.parametrize("picks", [everything, changes], ids=["all", "changes"])
def test_a_change_that_was_not_done_says_so_and_keeps_what_was_typed(
    spot: Place, picks: Callable[[str, str], bool]
) -> None:
    """Once everything is in trouble, and once only the change itself, after all reads went well."""
    wrong = []
    for row in CHANGES:
        spot.put_back()
        sent = spot.sent(row)
        for name, trouble in WRONG.items():
            for script in (False, True) if name in WITHOUT_SCRIPT and picks is changes else (picks is changes,):
                spot.put_back()
                before = spot.last_act()[0]
                with Broken(spot.world, picks, trouble.answer, happens=trouble.happens) as panel:
                    answer = spot.ask(row, script=script, sent=sent)
                act, outcome = spot.last_act()
                told = _changed(spot, row, script, panel, answer, trouble, outcome if act > before else "")
                wrong += [f"{name}: {row.name} {script}: {one}" for one in told]
    _report(wrong)


def _changed(
    spot: Place, row: Row, script: bool, panel: Broken, answer: TestResponse, trouble: Wrong, outcome: str
) -> Iterator[str]:
    text = said(answer.text)
    if answer.status_code == 500 or "Something went wrong on our side" in text:
        yield "breaks"
    if not panel.hit:
        if row.endpoint not in OURS:
            yield f"asks nothing of the panel: {answer.status_code}: {text[-250:]}"
        return
    is_change = not panel.hit[-1].startswith("GET")
    status, sentence = trouble.change if is_change else trouble.read
    if sentence.casefold() not in text.casefold():
        yield f"{answer.status_code} does not say {sentence!r}: {text[-250:]}"
    if answer.status_code not in ((status, 422) if script else (status,)):
        yield f"is {answer.status_code} and not {status}"
    if outcome == "done":
        yield "is kept as done"
    if is_change and UNKNOWN in sentence and outcome != "unknown":
        yield f"is kept as {outcome!r} and not as unknown"
    missing = [one for one in spot.typed(row) if one not in unescape(answer.text)]
    if missing:
        yield f"has lost {missing}"


@pytest.mark.parametrize("condition", ["panel-gateway", "panel-maintenance", "panel-database-down"])
def test_pages_stand_while_the_whole_panel_is_away(spot: Place, condition: str) -> None:
    """The demo's own conditions, noticed by the background process as well."""
    spot.world.demo.set_condition(condition)
    spot.world.clock.advance(31)
    spot.world.work()
    for row in (one for one in READS if one.endpoint.endswith(".page")):
        feature = row.endpoint.partition(".")[0]
        answer = spot.ask(row, script=False)
        assert answer.status_code == (200 if feature == "server_settings" else 503), row.name
        assert spot.things.row.name in answer.text, row.name
        assert EMPTY.get(feature, "Something went wrong") not in said(answer.text), row.name
