"""A password is shown on a click, to who may see it, and nowhere else: no page, log, store or cookie holds it."""

from __future__ import annotations

import logging
from urllib.parse import parse_qs, unquote, urlsplit

import pytest

from portal.audit.models import AuditEntry
from portal.store import read
from tests.conftest import World
from tests.databases.support import PLAYED, SECRET, answered, call, get, of, only, password, path, share
from tests.servers.support import audit_of, share_of
from tests.servers.support import said as text_of


@pytest.mark.parametrize("is_page", [True, False])
def test_a_click_shows_it_with_the_ways_to_connect(is_page: bool, world: World) -> None:
    (web,) = only(world, "web")
    answer = get(world, of(world, web, "password"), is_page=is_page)

    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "no-store"
    assert ("<!doctype" in answer.text.lower()) is is_page
    assert password(web) in answer.text
    for label in ("Copy the password", "Copy the connection string", "Copy the JDBC string"):
        assert f'aria-label="{label}"' in answer.text
    said = text_of(answer.text)
    url = next(word for word in said.split() if word.startswith("mysql://"))
    jdbc = next(word for word in said.split() if word.startswith("jdbc:"))
    assert unquote(urlsplit(url).password or "") == SECRET
    assert parse_qs(urlsplit(jdbc.removeprefix("jdbc:")).query)["password"] == [SECRET]
    assert world.calls() == [call(world)]
    assert audit_of(world, "database.") == [("done", web.database)]


def test_the_page_before_never_has_it(world: World) -> None:
    (web,) = only(world, "web")
    browser = world.browser("owner")
    for where in (path(world), path(world, "/new"), of(world, web, "rotate"), of(world, web, "delete")):
        page = browser.get(where).text
        assert password(web) not in page, where
        assert SECRET not in page, where
    assert audit_of(world, "database.reveal") == []


@pytest.mark.parametrize("is_page", [True, False])
@pytest.mark.parametrize("missing", ["database.view_password", "database.read"])
def test_both_permissions_are_needed(missing: str, is_page: bool, world: World) -> None:
    (web,) = only(world, "web")
    every = ("database.read", "database.create", "database.update", "database.delete", "database.view_password")
    share(world, *(one for one in every if one != missing))
    answer = get(world, of(world, web, "password"), "subuser", is_page=is_page)

    assert answer.status_code == 403
    assert missing in text_of(answer.text)
    assert password(web) not in answer.text
    assert world.calls() == []
    assert audit_of(world, "database.") == []


def test_a_subuser_with_the_permissions_sees_it(world: World) -> None:
    (web,) = only(world, "web")
    share(world, "database.read", "database.view_password")

    assert password(web) in get(world, of(world, web, "password"), "subuser").text


def test_a_permission_that_was_taken_away_counts_after_a_minute_at_most(world: World) -> None:
    """The page reads stored rights; what hands out a secret reads them again."""
    (web,) = only(world, "web")
    share(world, "database.read", "database.view_password")
    share_of(world, PLAYED).permissions[:] = ["database.read"]
    world.clock.advance(61)
    answer = get(world, of(world, web, "password"), "subuser")

    assert answer.status_code == 403
    assert password(web) not in answer.text
    assert audit_of(world, "database.") == []


def test_what_the_panel_withholds_is_withheld(own_world: World) -> None:
    """Within that minute the panel itself says no to the person's own key."""
    (web,) = only(own_world, "web")
    share(own_world, "database.read", "database.view_password")
    share_of(own_world, PLAYED).permissions[:] = ["database.read"]
    answer = get(own_world, of(own_world, web, "password"), "subuser")

    assert answer.status_code == 403
    assert "database.view_password" in text_of(answer.text)
    assert audit_of(own_world, "database.") == []


def test_no_log_no_store_and_no_cookie_holds_it(world: World, caplog: pytest.LogCaptureFixture) -> None:
    (web,) = only(world, "web")
    browser = world.browser("owner")
    with caplog.at_level(logging.DEBUG):
        secrets = {web.password}
        assert password(web) in browser.get(of(world, web, "password")).text
        answered(world, web, "rotate")
        secrets.add(web.password)
        answered(world, web, "rotate", is_page=True)
        secrets.add(web.password)
        browser.post(path(world, "/new"), data={"database": "more", "remote": "%"})
        secrets |= {one.password for one in world.demo.world.databases}
    lines = "\n".join(f"{one.getMessage()} {one.args}" for one in caplog.records if "sqlalchemy" not in one.name)
    kept = b"".join(one.read_bytes() for one in world.instance.rglob("*") if one.is_file())
    with browser.session_transaction() as session:
        cookie = str(dict(session))
    with world.app.app_context(), read() as store:
        audit = str([(one.action, one.detail) for one in store.query(AuditEntry)])

    assert len(secrets) >= 4
    assert audit.count("database.") == 4
    for secret in secrets:
        assert secret not in lines
        assert secret not in cookie
        assert secret not in audit
        assert secret.encode() not in kept
