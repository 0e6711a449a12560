"""The doctor's page: for administrators only, there at once, with and without JavaScript."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest

from portal.background.mail import send_mail
from portal.doctor import dialling, service, work_checks
from portal.doctor.lines import Line, ok
from portal.mail import queue, sending
from portal.mail.models import Mail
from portal.mail.sending import MailProblem
from portal.store import write
from tests.conftest import World
from tests.site.test_pages import check

HTMX = {"HX-Request": "true"}
PATHS = (("GET", "/admin/doctor"), ("GET", "/admin/doctor/lines"), ("POST", "/admin/doctor/mail"))


@pytest.fixture(autouse=True)
def _nodes_are_well(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dialling, "try_socket", lambda name, *_: [ok(name, "It is well.")])


@pytest.fixture
def mailing(make_world: Callable[..., World]) -> World:
    return make_world("own", smtp_host="mail.example.com", mail_from="a@example.com")


@pytest.mark.parametrize("who", ["owner", "subuser", "stranger"])
@pytest.mark.parametrize(("method", "path"), PATHS)
def test_to_others_there_is_nothing_here(method: str, path: str, who: str, own_world: World) -> None:
    own_world.calls()
    browser = own_world.browser(who)
    answer, nothing = browser.open(path, method=method), browser.open("/admin/nothing", method=method)
    assert answer.status_code == nothing.status_code == 404
    assert own_world.calls() == []


@pytest.mark.parametrize(("method", "path"), PATHS)
def test_visitors_are_sent_to_the_login_page(method: str, path: str, own_world: World) -> None:
    answer = own_world.browser().open(path, method=method)
    assert answer.status_code == 303
    assert answer.location.startswith("/login")


def test_the_page_is_there_without_asking_anything(own_world: World) -> None:
    browser = own_world.browser("admin")
    own_world.calls()
    answer = browser.get("/admin/doctor")
    check("/admin/doctor", answer.text)
    assert own_world.calls() == []
    assert 'hx-get="/admin/doctor/lines" hx-trigger="load"' in answer.text


def test_its_lines_come_as_a_fragment(service_world: World) -> None:
    answer = service_world.browser("admin").get("/admin/doctor/lines", headers=HTMX)
    assert answer.status_code == 200
    check("lines", answer.text, is_fragment=True)
    assert "<!doctype" not in answer.text.lower()
    assert "reads servers and users" in answer.text
    assert "The worker does not run" in answer.text


@pytest.mark.parametrize("path", ["/admin/doctor?now=1", "/admin/doctor/lines"])
def test_without_javascript_the_whole_page_has_them(path: str, own_world: World) -> None:
    browser = own_world.browser("admin")
    plain = browser.get("/admin/doctor").text
    assert 'href="/admin/doctor?now=1"' in plain
    answer = browser.get(path)
    assert answer.status_code == 200
    check(path, answer.text)
    assert "The worker does not run" in answer.text
    assert "hx-trigger" not in answer.text.partition("doctor-lines")[2].partition("</div>")[0]


def test_what_fails_stands_first_in_words_and_with_its_cure(own_world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    lines = [ok("a", "Good."), Line("b", "warn", "Soso.", "Cure b."), Line("c", "fail", "Bad.", "Cure c.")]
    monkeypatch.setattr(service, "examine", lambda: lines)
    text = own_world.browser("admin").get("/admin/doctor/lines", headers=HTMX).text
    words = re.findall(r'class="badge \w+">(\w+)<', text)
    assert words == ["fails", "warning", "ok"]
    assert text.index("Bad.") < text.index("Cure c.") < text.index("Soso.") < text.index("Good.")
    assert "Something does not work" in text


@pytest.mark.parametrize(
    ("lines", "said"),
    [([ok("a", "Good.")], "Everything is well."), ([Line("a", "warn", "Soso.", "Cure.")], "Roost works;")],
)
def test_the_whole_is_said_in_a_sentence(
    lines: list[Line], said: str, own_world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(service, "examine", lambda: lines)
    assert said in own_world.browser("admin").get("/admin/doctor?now=1").text


def test_hostile_words_stay_text(own_world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service, "examine", lambda: [Line("<b>", "fail", "<script>alert(1)</script>", "<img src=x>")])
    text = own_world.browser("admin").get("/admin/doctor?now=1").text
    check("hostile", text)
    assert "<script>alert" not in text
    assert "<img src=x" not in text


def test_a_test_mail_goes_to_the_address_that_was_typed(mailing: World, monkeypatch: pytest.MonkeyPatch) -> None:
    sent: list[str] = []
    monkeypatch.setattr(sending, "send_test", sent.append)
    browser = mailing.browser("admin")
    assert 'value="admin@example.com"' in browser.get("/admin/doctor").text
    answer = browser.post("/admin/doctor/mail", data={"address": "me@example.com"})
    check("mail", answer.text)
    assert (answer.status_code, sent) == (200, ["me@example.com"])
    assert "took the test mail" in answer.text


def test_a_test_mail_that_is_refused_says_why_and_what_to_do(mailing: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_address: str) -> None:
        raise MailProblem("The mail server refuses the login.")

    monkeypatch.setattr(sending, "send_test", refuse)
    answer = mailing.browser("admin").post("/admin/doctor/mail", data={"address": "me@example.com"}, headers=HTMX)
    check("mail", answer.text, is_fragment=True)
    wanted = work_checks.FINDINGS["mail_test"].line("test mail", reason="The mail server refuses the login")
    assert wanted.said in answer.text
    assert wanted.cure in answer.text


@pytest.mark.parametrize("address", ["", "nobody", "a@b c", "a@b\nBcc: c@d", "x" * 200 + "@example.com"])
def test_what_is_no_address_is_not_sent_to(address: str, mailing: World, monkeypatch: pytest.MonkeyPatch) -> None:
    sent: list[str] = []
    monkeypatch.setattr(sending, "send_test", sent.append)
    answer = mailing.browser("admin").post("/admin/doctor/mail", data={"address": address}, headers=HTMX)
    assert (answer.status_code, sent) == (422, [])


def test_without_a_mail_server_there_is_no_form(own_world: World) -> None:
    text = own_world.browser("admin").get("/admin/doctor").text
    assert 'action="/admin/doctor/mail"' not in text
    assert "Mail is not set up" in text


def test_mail_that_was_not_sent_is_listed_and_can_be_tried_again(make_world: Callable[..., World]) -> None:
    world = make_world("own", smtp_host="127.0.0.1", smtp_port=1, smtp_security="none", mail_from="help@example.com")
    with world.app.app_context(), write() as session:
        queue.add_in(session, "alert", "<b>@example.com", detail={"title": "t", "text": "x", "cure": "y"})
    with world.app.app_context():
        send_mail()
    admin = world.browser("admin")
    page = admin.get("/admin/doctor").text
    assert "&lt;b&gt;@example.com" in page
    assert "That is not an address that mail can be sent to." in page
    (mail,) = troubled(world)
    assert admin.post(f"/admin/doctor/mail/{mail.id}/again").status_code == 303
    assert troubled(world) == []
    assert admin.post("/admin/doctor/mail/999999/again").status_code == 303
    assert world.browser("owner").post(f"/admin/doctor/mail/{mail.id}/again").status_code == 404


def troubled(world: World) -> list[Mail]:
    with world.app.app_context():
        return [one for one in queue.troubled() if one.state == "failed"]
