"""The page on which people move the demo's clock and read the mail that a portal beside it sent."""
from __future__ import annotations

import smtplib
import struct
import threading
from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path

import pytest
from werkzeug.test import Client

from portal.demo import Demo, ManualClock, build
from portal.demo.clock_file import SharedClock
from portal.demo.mailbox import KEPT, Mailbox
from tests.demo.wire_support import PATIENCE_SECONDS, is_listening

DESK = "/_demo/desk"


@pytest.fixture
def demo() -> Demo:
    return build(clock=ManualClock(), control=True)


@pytest.fixture
def listening(demo: Demo) -> Iterator[tuple[Mailbox, int]]:
    port = demo.mailbox.start()
    yield demo.mailbox, port
    demo.mailbox.close()


def message(subject: str = "Your server", text: str = "It ends soon.\n.hidden\n") -> EmailMessage:
    made = EmailMessage()
    made["From"], made["To"], made["Subject"], made["Message-ID"] = "a@example.com", "b@example.com", subject, "<1@x>"
    made.set_content(text)
    made.add_alternative(f"<p>{text}</p>", subtype="html")
    return made


def test_mail_that_is_sent_stands_on_the_page(demo: Demo, listening: tuple[Mailbox, int]) -> None:
    with smtplib.SMTP("127.0.0.1", listening[1], timeout=PATIENCE_SECONDS) as server:
        server.send_message(message("Größe & <b>"))
        server.send_message(message("Second", f"Look at http://127.0.0.1:8000/x?a=1 now\n{'long ' * 300}"))
    newest, first = demo.mailbox.all()
    assert (first.subject, first.recipients, first.message_id) == ("Größe & <b>", ("b@example.com",), "<1@x>")
    assert first.text == "It ends soon.\n.hidden\n"
    assert newest.text.count("long ") == 300
    page = Client(demo.wsgi).get(DESK).text
    assert "Größe &amp; &lt;b&gt;" in page
    assert '<a href="http://127.0.0.1:8000/x?a=1">' in page


def test_what_is_no_mail_is_told_so(listening: tuple[Mailbox, int]) -> None:
    with smtplib.SMTP("127.0.0.1", listening[1], timeout=PATIENCE_SECONDS) as server:
        assert server.docmd("DATA")[0] == 503
        assert server.docmd("WHAT")[0] == 502
        with pytest.raises(smtplib.SMTPDataError):
            server.sendmail("a@example.com", "b@example.com", b"x" * 1_100_000)
        assert server.noop()[0] == 250
    assert listening[0].all() == []


def test_a_mailbox_that_is_closed_takes_nothing_more(demo: Demo) -> None:
    """At once, and nobody watches its place: neither it nor whatever is there next."""
    before = threading.enumerate()
    address = f"http://127.0.0.1:{demo.mailbox.start()}"
    (watching,) = (one for one in threading.enumerate() if one.name == "mailbox" and one not in before)
    demo.mailbox.close()
    watching.join(PATIENCE_SECONDS / 2)
    assert not watching.is_alive()
    assert not is_listening(address)


def test_only_so_many_messages_are_kept(demo: Demo) -> None:
    for number in range(KEPT + 5):
        demo.mailbox.put(("b@example.com",), message(str(number)).as_bytes())
    assert len(demo.mailbox.all()) == KEPT
    assert demo.mailbox.all()[0].subject == str(KEPT + 4)


def test_the_clock_moves_by_a_button(demo: Demo) -> None:
    before, browser = demo.clock.now(), Client(demo.wsgi)
    answer = browser.post(f"{DESK}?step=day")
    assert (answer.status_code, answer.headers["Location"]) == (303, DESK)
    assert demo.clock.now() == before + 86_400
    assert browser.post(f"{DESK}?step=year").status_code == 400
    assert demo.clock.now() == before + 86_400


def test_no_page_of_another_site_moves_it(demo: Demo) -> None:
    before = demo.clock.now()
    answer = Client(demo.wsgi).post(f"{DESK}?step=day", headers={"Origin": "https://evil.example"})
    assert answer.status_code == 403
    assert demo.clock.now() == before


def test_how_far_the_clock_is_ahead_stands_in_a_file(tmp_path: Path) -> None:
    file = tmp_path / "clock"
    clock = SharedClock(file, 60.0)
    assert struct.unpack("<d", file.read_bytes()) == (60.0,)
    clock.advance(86_400)
    assert struct.unpack("<d", file.read_bytes()) == (86_460.0,)
