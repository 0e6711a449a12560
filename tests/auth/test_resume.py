"""Signing in again in the middle of an action: the same page, with what was typed."""

from __future__ import annotations

import re
from html import unescape

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.auth.conftest import log_in
from tests.conftest import World


class Typist:
    """The owner on a console page whose session ends while they type."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.browser: FlaskClient = world.browser()
        log_in(self.browser)
        self.page = f"/servers/{world.demo.main_server.identifier}/console"
        assert self.browser.get(self.page).status_code == 200
        world.app.test_cli_runner().invoke(args=["user", "disable", "owner@example.com"])
        world.app.test_cli_runner().invoke(args=["user", "disable", "owner@example.com", "--undo"])

    def send(self, *, htmx: bool = False, **fields: str) -> TestResponse:
        where = {"Referer": f"http://localhost{self.page}"}
        if htmx:
            where |= {"HX-Request": "true", "HX-Current-URL": f"http://localhost{self.page}"}
        return self.browser.post(f"{self.page}/command", data=fields, headers=where)

    def sign_in(self, next_page: str | None = None) -> TestResponse:
        return log_in(self.browser, next=next_page or self.page)

    def typed(self, page: str | None = None) -> str:
        return re.search(r'<input[^>]*name="command"[^>]*value="([^"]*)"', self.browser.get(page or self.page).text)[1]


@pytest.fixture
def typist(own_world: World) -> Typist:
    return Typist(own_world)


@pytest.mark.parametrize("htmx", [False, True])
def test_what_was_typed_is_there_again_after_signing_in(htmx: bool, typist: Typist) -> None:
    answer = typist.send(htmx=htmx, command="say hello")
    assert answer.status_code == (401 if htmx else 303)
    to_login = answer.headers["HX-Redirect" if htmx else "Location"]
    assert to_login == f"/login?next={typist.page}"
    assert typist.sign_in().location == typist.page
    assert typist.typed() == "say hello"


@pytest.mark.parametrize(
    "text", ["<script>alert(1)</script>", "say „hällo“ 🐔", '"quoted" & more', "x" * 500, "鶏" * 500]
)
def test_any_text_comes_back_as_it_was(text: str, typist: Typist) -> None:
    typist.send(command=text)
    typist.sign_in()
    page = typist.browser.get(typist.page)
    assert page.status_code == 200
    assert unescape(re.search(r'<input[^>]*name="command"[^>]*value="([^"]*)"', page.text)[1]) == text


def test_the_command_is_not_sent_by_signing_in(typist: Typist) -> None:
    typist.send(command="stop")
    typist.world.calls()
    typist.sign_in()
    typist.typed()
    assert not [call for call in typist.world.calls() if call.startswith("POST")]


def test_a_refused_login_in_between_loses_nothing(typist: Typist) -> None:
    typist.send(command="say hello")
    log_in(typist.browser, password="wrong password", next=typist.page)
    typist.sign_in()
    assert typist.typed() == "say hello"


def test_it_can_be_taken_once(typist: Typist) -> None:
    typist.send(command="say hello")
    typist.sign_in()
    assert typist.typed() == "say hello"
    assert typist.typed() == ""


def test_another_page_gets_nothing(typist: Typist) -> None:
    typist.send(command="say hello")
    other = next(
        one
        for one in typist.world.demo.world.servers
        if one.owner.username == "owner" and not typist.page.startswith(f"/servers/{one.identifier}")
    )
    typist.sign_in(f"/servers/{other.identifier}/console")
    assert typist.typed(f"/servers/{other.identifier}/console") == ""
    assert typist.typed() == "say hello"


def test_somebody_else_who_signs_in_does_not_get_it(typist: Typist) -> None:
    typist.send(command="say hello")
    log_in(typist.browser, "subuser@example.com", next=typist.page)
    with typist.browser.session_transaction() as session:
        assert "say hello" not in str(dict(session))


def test_it_is_forgotten_after_half_an_hour(typist: Typist) -> None:
    typist.send(command="say hello")
    typist.world.clock.advance(1801)
    typist.sign_in()
    assert typist.typed() == ""


def test_secrets_are_not_kept(typist: Typist) -> None:
    typist.send(command="say hello", csrf_token="csrf-secret", password="my-secret", next="/x")
    with typist.browser.session_transaction() as session:
        assert session["typed"]["fields"] == {"command": "say hello"}


@pytest.mark.parametrize("text", ["x" * 2100, "鶏" * 2100])
def test_too_much_is_not_kept(text: str, typist: Typist) -> None:
    typist.send(command=text)
    typist.sign_in()
    assert typist.typed() == ""


@pytest.mark.parametrize(
    "letters", [range(0x4E00, 0x4E00 + 1900), range(0x1F300, 0x1F300 + 1900), range(0x10000, 0x10000 + 480)]
)
def test_what_is_kept_fits_into_a_cookie(letters: range, typist: Typist) -> None:
    """Browsers throw away a cookie of more than 4,096 bytes; the session would be lost with it."""
    answer = typist.send(command="".join(map(chr, letters)))
    assert all(len(line.split(";")[0]) <= 4093 for line in answer.headers.getlist("Set-Cookie"))
    assert typist.sign_in().status_code == 303


STRANGE = [
    "http://[", "http://evil.example/servers", "//evil.example", "http://localhost:x/", "", "\\\\", "about:blank", "%",
    "http://localhost//evil.example", "http://localhost/\\evil.example", "http://localhost@evil.example/servers",
]  # fmt: skip


@pytest.mark.parametrize("header", ["Referer", "HX-Current-URL"])
def test_a_strange_source_leads_to_the_first_page(header: str, portal: World) -> None:
    marks = {"HX-Request": "true"} if header.startswith("HX") else {}
    for source in STRANGE:
        answer = portal.browser().post("/logout", headers={header: source, **marks})
        assert answer.status_code in (303, 401), source
        assert (answer.headers.get("HX-Redirect") or answer.location) == "/login?next=/"


@pytest.mark.parametrize(
    ("path", "fields"),
    [
        ("/account/key", {"key": "ptlc_thiskeyissecret"}),
        ("/account/password", {"current": "a secret", "password": "another secret", "again": "another secret"}),
        ("/admin/accounts/new", {"email": "somebody@example.com"}),
    ],
)
@pytest.mark.parametrize("has_csrf", [False, True])
def test_what_may_be_a_secret_is_not_put_into_the_cookie(
    path: str, fields: dict[str, str], has_csrf: bool, typist: Typist
) -> None:
    """It is signed and not sealed: whoever reads the cookie reads what is in it."""
    typist.world.app.config["WTF_CSRF_ENABLED"] = has_csrf
    assert typist.browser.post(path, data=fields).status_code == 303
    with typist.browser.session_transaction() as session:
        assert not [value for value in fields.values() if value in str(dict(session))]
