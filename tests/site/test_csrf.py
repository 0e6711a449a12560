"""Every change needs the token of the page that it was asked from."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.conftest import World
from tests.site.conftest import crawl
from tests.site.test_routes import methods_of, path_of, policy, routes

SIGNED = {"credit.signed"}
"""Programs sign the whole request with a key instead (tests/credit/test_door.py); it reads no cookie."""
BY_ITSELF = {"files.upload"}
"""Looks for the token without reading the gigabytes behind it; the tests here hold for it as for all others."""
FIELD = re.compile(r'name="csrf_token" value="([^"]+)"')
HTMX = {"HX-Request": "true"}


@pytest.fixture
def guarded(make_world: Callable[..., World]) -> World:
    world = make_world("own")
    world.app.config["WTF_CSRF_ENABLED"] = True
    return world


def changes(world: World) -> list[str]:
    """A path of every route that changes something from a page; servers are the owner's own."""
    from_pages = [rule for rule in routes(world.app) if methods_of(rule) == ["POST"] and rule.endpoint not in SIGNED]
    paths = [path_of(world.app, rule) for rule in from_pages]
    return [path.replace("zzzzzzzz", world.demo.main_server.identifier) for path in paths]


def token(browser: FlaskClient, path: str = "/servers") -> str:
    return FIELD.search(browser.get(path).text)[1]


def assert_refused(answer: TestResponse, path: str) -> None:
    assert answer.status_code == 400, path
    assert "Load the page again" in answer.text, path
    assert re.search(r"<code>[0-9a-f]{8}</code>", answer.text), path


@pytest.mark.parametrize("marks", [{}, HTMX], ids=["page", "htmx"])
@pytest.mark.parametrize("sent", [{}, {"csrf_token": ""}, {"csrf_token": "wrong"}, {"csrf_token": "a.b.c"}], ids=str)
def test_every_change_without_the_right_token_is_refused(
    sent: dict[str, str], marks: dict[str, str], guarded: World
) -> None:
    browser = guarded.browser("owner")
    token(browser)
    paths = changes(guarded)
    assert len(paths) >= 5
    guarded.calls()
    for path in paths:
        assert_refused(browser.post(path, data=sent, headers=marks), path)
    assert guarded.calls() == []
    assert browser.get("/servers").status_code == 200


def test_the_token_of_another_browser_is_refused(guarded: World) -> None:
    browser, other = guarded.browser("owner"), guarded.browser("owner")
    token(browser)
    for path in changes(guarded):
        assert_refused(browser.post(path, data={"csrf_token": token(other)}), path)


def test_a_token_for_another_secret_key_is_refused(guarded: World, make_world: Callable[..., World]) -> None:
    elsewhere = make_world("own")
    elsewhere.app.config["WTF_CSRF_ENABLED"] = True
    foreign = token(elsewhere.browser("owner"))
    browser = guarded.browser("owner")
    token(browser)
    assert_refused(browser.post("/logout", data={"csrf_token": foreign}), "/logout")


def test_with_the_token_every_change_is_looked_at(guarded: World) -> None:
    for path in sorted(changes(guarded), key=lambda path: path == "/logout"):
        browser = guarded.browser("admin" if path.startswith("/admin/") else "owner")
        answer = browser.post(path, data={"csrf_token": token(browser), "command": "list"})
        assert answer.status_code in (200, 303, 409, 410, 422), f"{path}: {answer.status_code}"
        assert "Load the page again" not in answer.text


def test_no_route_is_let_off_but_the_one_that_is_signed_and_the_one_that_looks_itself(guarded: World) -> None:
    csrf = guarded.app.extensions["csrf"]
    views = {guarded.app.view_functions[one] for one in SIGNED | BY_ITSELF}
    assert csrf._exempt_views == {f"{view.__module__}.{view.__name__}" for view in views}
    assert not csrf._exempt_blueprints


def test_no_change_is_a_get(guarded: World) -> None:
    for rule in routes(guarded.app):
        if methods_of(rule) == ["GET"]:
            assert policy(guarded.app, rule).kind in ("public", "account", "admin", "server")
            name = rule.endpoint.rpartition(".")[2]
            is_question = name.startswith("ask_")
            assert is_question or not re.search(r"delete|remove|logout|create|set_", name), rule.endpoint


@pytest.mark.parametrize("who", ["owner", None])
def test_every_form_that_changes_something_carries_the_token_of_its_browser(who: str | None, guarded: World) -> None:
    browser = guarded.browser(who)
    forms = 0
    for path, answer in crawl(browser, limit=60).items():
        if answer.mimetype != "text/html":
            continue
        for form in re.findall(r'<form[^>]*method="post".*?</form>', answer.text, re.DOTALL):
            forms += 1
            assert len(FIELD.findall(form)) == 1, path
    assert forms >= 1


def test_a_form_works_as_it_stands_on_the_page(guarded: World) -> None:
    """The walk: sign in, start a server, send a command, sign out, each with what the page holds."""
    browser = guarded.browser()
    sent = {"email": "owner@example.com", "password": "correct horse", "csrf_token": token(browser, "/login")}
    assert browser.post("/login", data=sent).status_code == 303
    page = f"/servers/{guarded.demo.main_server.identifier}"
    assert browser.post(f"{page}/power/restart", data={"csrf_token": token(browser, page)}).status_code == 303
    command = {"csrf_token": token(browser, f"{page}/console"), "command": "list"}
    assert browser.post(f"{page}/console/command", data=command).status_code in (303, 409)
    assert browser.post("/logout", data={"csrf_token": token(browser)}).status_code == 303
