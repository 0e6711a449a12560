"""axe-core over every page of the portal: each route that a link leads to is opened once, as a phone and as a desk.

`tests/e2e/*_states.py` have pages in many states. Here it is counted that none is left out: a route with a page of its
own that no link leads to, and that `ELSEWHERE` does not name, fails.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from urllib.parse import urlsplit

import pytest
from flask import Flask
from playwright.sync_api import Page, expect
from werkzeug.exceptions import HTTPException

from portal import create_app
from portal.config import Settings
from portal.demo import by_hand
from portal.demo.lively_past import furnish
from tests.e2e.billing_states import SETTINGS, Priced
from tests.e2e.conftest import OpenPage, watched
from tests.e2e.stand import Stand
from tests.e2e.test_accessibility import findings_in_both

NO_PAGE = frozenset({
    "admin.search", "billing.as_csv", "billing.live", "doctor.lines", "files.contents", "files.download",
    "files.edit_text", "files.version_compared", "files.work_live", "health.healthz", "health.readyz",
    "schedules.export", "schedules.export_one", "schedules.live", "schedules.one_live", "schedules.words",
    "server_backups.download", "server_backups.downloads_live", "server_backups.live", "server_settings.live",
    "servers.live", "servers.overview_live", "site.logo", "site.theme",
})  # fmt: skip
"""Fragments, downloads, and what only leads on."""
ELSEWHERE = {
    "auth.invitation": "invite", "files.unarchive": "files-unarchive", "files.version": "editor-version",
}  # fmt: skip
"""Pages that a link leads to in other states only; the name of the look that has it stands beside."""
LINKS = "all => all.map(one => new URL(one.getAttribute('hx-get') || one.href || one.action, location).href)"


@pytest.fixture(scope="module")
def stand(_cheap_passwords: None) -> Iterator[Stand]:
    """One portal with billing on, whose first server has a past, and that has swept once."""
    made = Priced(settings=SETTINGS)
    try:
        furnish(made.demo)
        _leave_run(made)
        yield made
    finally:
        made.close()


@pytest.fixture(scope="module")
def app(stand: Stand) -> Flask:
    """For its map of addresses."""
    return create_app(Settings(panel_url="http://127.0.0.1:9", application_key="ptla_x", instance=stand.instance))


def _leave_run(stand: Stand) -> None:
    """A run of one server that is over, as a sweep leaves it."""
    row = by_hand.find_server(stand.demo, "Unpaid")
    with closing(sqlite3.connect(stand.instance / "roost.db", timeout=60)) as store, store:
        store.execute(
            "INSERT INTO sweep_run (id, at, state, gates, digest, running_paid)"
            " VALUES (1, 1, 'done', '{}', 'x', 9)"
        )
        store.execute(
            "INSERT INTO run_entry (run_id, server_uuid, name, identifier, expires_at, state, why)"
            " VALUES (1, ?, ?, ?, 1, 'skipped', '')", (row.uuid, row.name, row.identifier),
        )  # fmt: skip


def endpoint_of(app: Flask, url: str) -> str | None:
    try:
        return str(app.url_map.bind("localhost").match(urlsplit(url).path)[0])
    except HTTPException:
        return None


def opened(page: Page, app: Flask, start: list[str]) -> tuple[dict[str, str], list[str]]:
    """The endpoints that links lead to from `start`, each with the first address that was found; and all findings."""
    queue, seen, found = list(start), dict[str, str](), list[str]()
    host = urlsplit(start[0]).netloc
    while queue:
        url = queue.pop(0)
        endpoint = endpoint_of(app, url)
        if endpoint is None or endpoint in seen or endpoint in NO_PAGE:
            continue
        seen[endpoint] = url
        page.goto(url)
        expect(page.locator("[aria-busy=true], .htmx-request")).to_have_count(0)
        found += [f"{endpoint} ({urlsplit(url).path}): {one}" for one in findings_in_both(page)]
        links = page.eval_on_selector_all("a[href], [hx-get], form:not([method=post])", LINKS)
        queue += [one for one in links if urlsplit(one).netloc == host and not urlsplit(one).fragment]
    return seen, found


def pages(app: Flask, kinds: tuple[str, ...]) -> set[str]:
    """The endpoints whose policies are of these kinds and that answer with a page of their own."""
    policies = {name: getattr(view, "policy", None) for name, view in app.view_functions.items()}
    asked = {rule.endpoint for rule in app.url_map.iter_rules() if "GET" in (rule.methods or ()) and not rule.websocket}
    return {name for name in asked if (one := policies[name]) and one.kind in kinds} - NO_PAGE - ELSEWHERE.keys()


OWNERS = (
    "/servers/{server}/files/entry?file=/banned-players.json", "/servers/{server}/files/copy?name=banned-players.json",
    "/servers/{server}/schedules/1/active", "/servers/{server}/subusers/{mika}/resend",
)  # fmt: skip
"""Where the crawl begins: the last three are asked for by forms, or where there is mail."""


@pytest.mark.parametrize(
    ("who", "start", "kinds"),
    [("owner", OWNERS, ("account", "server")), ("admin", ("/admin/accounts",), ("admin",)),
     (None, ("/login",), ("public",))],
    ids=["owner", "admin", "visitor"],
)  # fmt: skip
def test_no_serious_finding_on_any_page(
    who: str | None, start: tuple[str, ...], kinds: tuple[str, ...], open_page: OpenPage, stand: Stand, app: Flask
) -> None:
    page = open_page(stand, who, color_scheme="dark", bypass_csp=True)
    watched(page).allow_status(403, 404, 409)
    names = {"server": stand.server("Survival SMP"), "mika": stand.demo.vars["mika_uuid"]}
    seen, found = opened(page, app, [stand.url + one.format(**names) for one in start])

    assert found == []
    assert not (left := pages(app, kinds) - seen.keys()), f"no link leads to {sorted(left)}"
