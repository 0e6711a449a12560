"""The portal as its visitors meet it: real gunicorn behind real nginx, both with the installed files."""

from __future__ import annotations

import http.client
import socket
import sqlite3
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from http import HTTPStatus

import pytest

from tests.deploy.browser import Answer
from tests.deploy.conftest import PASSWORD
from tests.deploy.machine import HOST, Machine, wait_until

pytestmark = pytest.mark.nginx

YEAR = "public, max-age=31536000, immutable"
SIGN_IN = {"email": "owner@example.com", "password": PASSWORD}


def test_somebody_signs_in_and_sees_their_servers(machine: Machine) -> None:
    browser = machine.browser()
    assert browser.get("/").headers["Location"] == "/login?next=/"
    assert browser.submit("/login", SIGN_IN).headers["Location"] == "/servers"
    answer = browser.get("/servers")
    assert answer.status == 200
    assert "Survival SMP" in answer.text


def test_cookies_and_headers_know_that_it_is_https(machine: Machine) -> None:
    answer = machine.browser().get("/login")
    assert "; Secure;" in answer.headers["Set-Cookie"]
    assert answer.headers["Strict-Transport-Security"] == "max-age=31536000"
    assert answer.headers["Server"] == "nginx"


def test_http_leads_to_https_under_the_portal_s_own_name(machine: Machine) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", machine.http_port, timeout=60)
    connection.request("GET", "/servers?q=a", headers={"Host": "evil.example"})
    with closing(connection.getresponse()) as answer:
        assert (answer.status, answer.headers["Location"]) == (301, f"https://{HOST}/servers?q=a")
    connection.close()


def test_certbot_s_question_over_http_is_answered_from_disk(machine: Machine) -> None:
    place = machine.root / "var/www/html/.well-known/acme-challenge"
    place.mkdir(parents=True, exist_ok=True)
    (place / "token").write_text("token.thumbprint")
    connection = http.client.HTTPConnection("127.0.0.1", machine.http_port, timeout=60)
    connection.request("GET", "/.well-known/acme-challenge/token", headers={"Host": HOST})
    with closing(connection.getresponse()) as answer:
        assert answer.read() == b"token.thumbprint"
    connection.close()


def test_browsers_speak_http_2(machine: Machine) -> None:
    context = machine.browser().context
    context.set_alpn_protocols(["h2", "http/1.1"])
    plain = socket.create_connection(("127.0.0.1", machine.https_port), 60)
    with context.wrap_socket(plain, server_hostname=HOST) as secure:
        assert secure.selected_alpn_protocol() == "h2"
        assert secure.version() == "TLSv1.3"


@pytest.mark.parametrize("coding", ["br", "gzip"])
def test_a_static_file_with_a_version_is_kept_for_a_year(coding: str, machine: Machine) -> None:
    answer = machine.browser().get("/static/roost.css?v=1", Accept_Encoding=f"deflate, {coding}")
    assert answer.headers["Cache-Control"] == YEAR
    assert answer.headers["Content-Encoding"] == coding
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_a_static_file_without_a_version_is_not_kept(machine: Machine) -> None:
    assert machine.browser().get("/static/roost.css").headers["Cache-Control"] == "no-cache"


def test_pages_are_compressed_and_not_kept(machine: Machine) -> None:
    answer = machine.browser().get("/login", Accept_Encoding="gzip, br")
    assert (answer.headers["Content-Encoding"], answer.headers["Cache-Control"]) == ("br", "no-store")
    plain = machine.browser().get("/login", Accept_Encoding="br;q=0, identity")
    assert "Content-Encoding" not in plain.headers


@pytest.mark.parametrize(("size", "status"), [(60_000, 400), (70_000, 413), (5_000_000, 413)])
def test_a_body_is_limited_and_the_answer_is_a_page(size: int, status: int, machine: Machine) -> None:
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    answer = machine.browser().ask("POST", "/login", b"a=" + b"x" * size, form)
    assert answer.status == status
    assert "<h1" in answer.text
    assert "nginx" not in answer.text


def seen_address(machine: Machine) -> str:
    """The address that the audit holds for the last refused sign-in."""
    mine = "SELECT address FROM audit_entry WHERE action = 'login' AND outcome = 'refused' ORDER BY id DESC LIMIT 1"
    with closing(sqlite3.connect(machine.instance / "roost.db", timeout=60)) as store:
        return str(store.execute(mine).fetchone()[0])


def refused(machine: Machine, source: str, **headers: str) -> Answer:
    """A sign-in with a wrong password."""
    browser = machine.browser(source)
    token = browser.get("/login").token
    form = {"email": "owner@example.com", "password": "wrong password", "csrf_token": token}
    return browser.post("/login", form, **headers)


@pytest.mark.parametrize("name", ["X_Forwarded_For", "X_Real_IP", "Forwarded", "X_Forwarded_Proto"])
def test_what_a_visitor_says_about_the_address_is_not_believed(name: str, machine: Machine) -> None:
    told = {"Forwarded": "for=203.0.113.9", "X_Forwarded_Proto": "http"}.get(name, "203.0.113.9")
    answer = refused(machine, "127.0.0.7", **{name: told})
    assert answer.status == HTTPStatus.UNPROCESSABLE_ENTITY
    assert seen_address(machine) == "127.0.0.7"
    assert "Strict-Transport-Security" in answer.headers


def test_a_host_or_folder_that_a_visitor_says_is_not_believed(machine: Machine) -> None:
    answer = machine.browser().get("/servers", X_Forwarded_Host="evil.example", X_Forwarded_Prefix="/evil")
    assert answer.headers["Location"] == "/login?next=/servers"
    raw = machine.browser().ask("GET", "/login", headers={"SCRIPT_NAME": "/evil"})
    assert "/evil" not in raw.text


def test_the_sign_in_throttle_counts_each_visitor_for_themselves(machine: Machine) -> None:
    waits = [refused(machine, "127.0.0.8").status for _ in range(25)]
    assert waits[0] == HTTPStatus.UNPROCESSABLE_ENTITY
    assert waits[-1] == HTTPStatus.TOO_MANY_REQUESTS
    assert refused(machine, "127.0.0.9").status == HTTPStatus.UNPROCESSABLE_ENTITY


def test_floods_of_one_address_are_stopped_before_the_app_and_looking_is_free(machine: Machine) -> None:
    flood = machine.browser("127.0.0.10")
    with ExitStack() as stack:  # all are asked at once, since one after the other may take longer than the limit counts
        waiting = [stack.enter_context(closing(flood.connect())) for _ in range(40)]
        for one in waiting:
            one.request("POST", "/login", b"", {"Host": HOST})
        answers = [flood.answer(one) for one in waiting]
    stopped = [one for one in answers if one.status == HTTPStatus.TOO_MANY_REQUESTS]
    assert stopped
    assert "Too many tries" in stopped[-1].text
    assert stopped[-1].headers["Cache-Control"] == "no-store"
    assert flood.get("/login").status == 200
    assert machine.browser("127.0.0.11").post("/login").status != HTTPStatus.TOO_MANY_REQUESTS


def test_health_is_open_and_readiness_for_this_machine_alone(machine: Machine) -> None:
    assert machine.browser("127.0.0.12").get("/healthz").status == 200
    assert machine.browser("127.0.0.12").get("/readyz").status == HTTPStatus.FORBIDDEN
    assert machine.browser("127.0.0.1").get("/readyz").status == 200


def test_links_to_choose_a_password_are_not_in_the_log(machine: Machine) -> None:
    machine.browser().get("/invite/a-secret-word")
    machine.browser().get("/terms?mark=seen")
    log = machine.root / "var/log/nginx/roost.access.log"
    wait_until(lambda: "mark=seen" in log.read_text(), "the log says nothing")
    assert "a-secret-word" not in log.read_text()


def test_the_app_s_own_error_pages_pass_through(machine: Machine) -> None:
    answer = machine.browser().get("/servers/nothing-here")
    assert answer.status == HTTPStatus.NOT_FOUND
    assert "roost.css" in answer.text


@contextmanager
def without_web(machine: Machine) -> Iterator[None]:
    """Neither the service nor its socket."""
    machine.web.stop()
    machine.web.close_socket()
    try:
        yield
    finally:
        machine.web.open_socket()
        machine.web.start()
        wait_until(lambda: machine.browser().get("/login").status == 200, "the portal does not come back")


def test_without_the_portal_there_is_a_page_that_says_so(machine: Machine) -> None:
    machine.browser().get("/static/roost.js?v=1")
    with without_web(machine):
        answer = machine.browser("127.0.0.13").get("/servers")
        assert answer.status == HTTPStatus.SERVICE_UNAVAILABLE
        assert "We will be back in a moment" in answer.text
        assert "updat" not in answer.text, "that is not known"
        assert answer.headers["Retry-After"] == "10"
        assert answer.headers["Cache-Control"] == "no-store"
        assert machine.browser("127.0.0.14").get("/static/roost.js?v=1").status == 200, "nginx has it on its own disk"
