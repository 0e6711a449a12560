"""Rules for every route: a policy, typed parameters, nothing open that should not be."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import urlsplit

import pytest
from flask import Flask
from werkzeug.routing import PathConverter, Rule, UnicodeConverter

from portal.pterodactyl import errors
from portal.web.access import Policy
from tests.conftest import World
from tests.console.live import serving

PUBLIC = {
    "static", "auth.login", "auth.log_in", "auth.invitation", "auth.accept", "auth.forgot",
    "auth.ask_reset", "site.theme", "site.logo", "health.healthz", "health.readyz",
    "credit.signed",
}  # fmt: skip
"""Whoever adds one here says in the commit why nobody needs to sign in for it."""
VALUES = {"identifier": "zzzzzzzz", "signal": "start", "token": "x" * 43, "filename": "nothing",
          "account_id": 1, "number": 1, "mail_id": 1,
          "act": "disable", "feature": "eula", "schedule": 1, "task": 1, "allocation": 1, "database": "a1b2c3d4",
          "backup": "1a2b3c4d-0000-4000-8000-000000000000",
          "subuser": "1a2b3c4d-0000-4000-8000-000000000000"}  # fmt: skip


@pytest.fixture
def app(make_world: Callable[..., World]) -> Flask:
    return make_world("own").app


def routes(app: Flask) -> list[Rule]:
    return [rule for rule in app.url_map.iter_rules() if rule.endpoint != "static"]


def policy(app: Flask, rule: Rule) -> Policy:
    return app.view_functions[rule.endpoint].policy


def path_of(app: Flask, rule: Rule) -> str:
    """A path that the rule matches; the server in it is nobody's."""
    with app.test_request_context():
        return app.url_for(rule.endpoint, **{name: VALUES[name] for name in rule.arguments})


def methods_of(rule: Rule) -> list[str]:
    return sorted((rule.methods or set()) - {"HEAD", "OPTIONS"})


def test_every_route_has_exactly_one_policy(app: Flask) -> None:
    for rule in routes(app):
        view = app.view_functions[rule.endpoint]
        assert isinstance(getattr(view, "policy", None), Policy), rule.endpoint
        marked = 0
        while view is not None:
            marked += "policy" in vars(view) and not (
                hasattr(view, "__wrapped__") and "policy" in vars(view.__wrapped__)
            )
            view = getattr(view, "__wrapped__", None)
        assert marked == 1, f"{rule.endpoint} has {marked} policies"


def test_only_these_routes_are_open_to_everybody(app: Flask) -> None:
    assert {rule.endpoint for rule in routes(app) if policy(app, rule).kind == "public"} == PUBLIC - {"static"}


def test_every_route_of_a_server_says_which_permission_it_needs(app: Flask) -> None:
    """The server's own page is for anybody with access to it; every change needs a word of the panel."""
    for rule in routes(app):
        has_server = "identifier" in rule.arguments
        assert (policy(app, rule).kind == "server") == has_server, rule.endpoint
        if has_server and "POST" in methods_of(rule):
            assert policy(app, rule).permission, rule.endpoint


def test_every_parameter_has_a_declared_type(app: Flask) -> None:
    for rule in routes(app):
        for is_dynamic, data in rule._trace:
            if is_dynamic:
                assert f":{data}>" in rule.rule, f"{rule.rule}: say <string:{data}> if any text will do"
                assert not isinstance(rule._converters[data], PathConverter), rule.rule
        if any(type(one) is UnicodeConverter for one in rule._converters.values()):
            assert policy(app, rule).kind == "public", f"{rule.rule}: only tokens are free text"


def test_reading_and_changing_are_kept_apart(app: Flask) -> None:
    for rule in routes(app):
        assert methods_of(rule) in (["GET"], ["POST"]), rule.rule


def test_an_endpoint_is_one_route(app: Flask) -> None:
    endpoints = [rule.endpoint for rule in routes(app)]
    assert len(endpoints) == len(set(endpoints))


@pytest.mark.parametrize("marks", [{}, {"HX-Request": "true"}], ids=["page", "htmx"])
def test_a_visitor_is_sent_to_the_login_page_from_everywhere_else(marks: dict[str, str], make_world) -> None:
    world = make_world("own")
    browser = world.browser()
    for rule in routes(world.app):
        if rule.endpoint in PUBLIC:
            continue
        answer = browser.open(path_of(world.app, rule), method=methods_of(rule)[0], headers=marks)
        if rule.websocket:  # who opens none is told nothing at all; who does is looked at below
            assert answer.status_code == 400
        elif rule.rule.endswith("/live"):  # a poll: the page stays for whoever is typing on it, and asks no more
            assert answer.status_code == 286
            assert 'href="/login' in answer.text
        elif marks:
            assert answer.status_code == 401
            assert answer.headers["HX-Redirect"].startswith("/login")
        else:
            assert answer.status_code == 303, rule.rule
            assert answer.location.startswith("/login")
    assert world.calls() == []


def test_a_stranger_gets_the_same_answer_as_for_a_server_that_there_is_not(world: World) -> None:
    browser, theirs = world.browser("stranger"), world.demo.main_server.identifier
    world.browser("owner").get(f"/servers/{theirs}")
    for rule in routes(world.app):
        if "identifier" not in rule.arguments or rule.websocket:
            continue
        answers = []
        for identifier in (theirs, "zzzzzzzz"):
            path = path_of(world.app, rule).replace("zzzzzzzz", identifier)
            answer = browser.open(path, method=methods_of(rule)[0], data={"command": "x"})
            answers.append((answer.status_code, len(answer.text), answer.headers.get("Location")))
        assert answers[0] == answers[1]
        assert answers[0][0] == 404, rule.rule


def test_a_socket_says_the_same_only_when_it_is_open(world: World) -> None:
    """A browser's script sees nothing of a refused handshake but that it failed."""
    theirs = world.demo.main_server.identifier
    world.browser("owner").get(f"/servers/{theirs}")
    sockets = [rule for rule in routes(world.app) if rule.websocket]
    assert sockets
    with serving(world) as live:
        for rule in sockets:
            assert rule.arguments == {"identifier"}
            path = urlsplit(path_of(world.app, rule)).path
            paths = [path.replace("zzzzzzzz", one) for one in (theirs, "zzzzzzzz")]
            visitors = [live.page_on(path, None).closing() for path in paths]
            strangers = [live.page_on(path, "stranger").closing() for path in paths]
            assert visitors[0] == visitors[1]
            assert visitors[0][0] == 4401, rule.rule
            assert strangers[0] == strangers[1]
            assert strangers[0][0] == 4404, rule.rule


def test_an_error_that_a_view_raises_is_never_a_bare_500(app: Flask) -> None:
    assert app.error_handler_spec[None][None].keys() >= {Exception, errors.PanelError}
