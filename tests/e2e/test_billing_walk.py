"""The walk of a customer who forgot to pay: reminder, grace, suspension, too little, credit, one tap, running again."""

from __future__ import annotations

import json
import re
import signal
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.e2e.conftest import PATIENCE_MS
from tests.e2e.stand import ROOT
from tests.support.waiting import until

pytestmark = [pytest.mark.browser, pytest.mark.slow]
SERVER = "Survival SMP"
SOON_MS = 2 * PATIENCE_MS
ANSWERS_S = PATIENCE_MS // 1000
PHONE = {"width": 360, "height": 740}


@dataclass
class Demo:
    """`bin/demo` as it is told in its one line of JSON."""

    portal: str
    control: str
    desk: str
    logins: dict[str, dict[str, str]]

    def mails(self) -> str:
        """The text of the mailbox page."""
        with urllib.request.urlopen(self.desk, timeout=ANSWERS_S) as answer:
            return str(answer.read().decode())

    def move(self, step: str) -> None:
        """Press a button of the desk."""
        urllib.request.urlopen(urllib.request.Request(f"{self.desk}?step={step}", b""), timeout=ANSWERS_S).close()


@pytest.fixture(scope="module")
def demo() -> Iterator[Demo]:
    command = [sys.executable, str(ROOT / "bin" / "demo.py"), "--port", "0", "--panel-port", "0", "--json"]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    try:
        said = json.loads(process.stdout.readline())
        yield Demo(said["portal"], said["control"], said["desk"], said["logins"])
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(ANSWERS_S)
        process.stdout.close()


@pytest.fixture
def page(demo: Demo, browser: Browser) -> Iterator[Page]:
    context = browser.new_context(viewport=PHONE, has_touch=True)
    yield context.new_page()
    context.close()


def sign_in(page: Page, demo: Demo, person: str) -> None:
    page.get_by_label("E-mail").fill(demo.logins[person]["email"])
    page.get_by_label("Password", exact=True).fill(demo.logins[person]["password"])
    page.get_by_label("Stay signed in").check()
    page.get_by_role("button", name="Sign in").click()


def mail_about(demo: Demo, subject: str) -> str:
    """The text of the newest mail with this in its subject; waits for it."""
    def has_come() -> bool:
        return re.search(rf"<h3>[^<]*{subject}", demo.mails()) is not None

    until(has_come, lambda: f"no mail came: {subject}", SOON_MS / 1000, every_s=0.2)
    articles = re.findall(r"<article.*?</article>", demo.mails(), flags=re.DOTALL)
    return next(one for one in articles if re.search(rf"<h3>[^<]*{subject}", one))


def test_who_forgot_to_pay_is_told_waits_pays_and_plays_again(demo: Demo, page: Page, browser: Browser) -> None:
    # A reminder arrives and leads to the server.
    told = mail_about(demo, f"{SERVER} expires soon")
    assert "4.50 EUR are missing" in told
    page.goto(str(re.search(r'href="([^"]+/billing)"', told)[1]))  # type: ignore[index]
    sign_in(page, demo, "owner")
    expect(page.get_by_text("Due soon")).to_be_visible()
    billing = page.url

    # It passes its date; the one before it is suspended first, so that no day has two.
    demo.move("day")
    demo.move("day")
    mail_about(demo, "Creative Plots is suspended")
    demo.move("hour")
    page.goto(billing)
    expect(page.get_by_text("Runs until")).to_be_visible()

    # Grace is over: it is suspended, and its page says why and what to do.
    demo.move("day")
    demo.move("day")
    mail_about(demo, f"{SERVER} is suspended")
    page.goto(billing.removesuffix("/billing"))
    expect(page.get_by_text(re.compile("not paid")).first).to_be_visible(timeout=SOON_MS)

    # Too little: how much is missing, and how to pay.
    page.get_by_role("link", name=re.compile("Renew")).first.click()
    expect(page.get_by_text("4.50 EUR missing")).to_be_visible()
    expect(page.get_by_text("Send what you like by bank transfer")).to_be_visible()

    # Credit arrives, and the page notices by itself.
    office = browser.new_context()
    desk = office.new_page()
    desk.goto(f"{demo.portal}/admin/credit")
    sign_in(desk, demo, "admin")
    desk.get_by_label("Account", exact=True).fill("owner@example.com")
    desk.get_by_label("Amount", exact=True).fill("4.50")
    desk.get_by_label("Reference", exact=True).fill("transfer 17")
    desk.get_by_role("button", name="Credit", exact=True).click()
    expect(desk.get_by_text("transfer 17").first).to_be_visible()
    office.close()

    # One tap, and the server runs again.
    page.get_by_role("button", name="Pay 12.00 EUR").click(timeout=SOON_MS)
    expect(page.get_by_text("Paid 12.00 EUR.")).to_be_visible(timeout=SOON_MS)
    page.get_by_role("link", name="Overview").click()
    expect(page.locator("#live .badge", has_text=re.compile("Running|Starting"))).to_be_visible(timeout=SOON_MS)
    page.goto(f"{demo.portal}/balance")
    expect(page.get_by_text("0.00 EUR").first).to_be_visible()
