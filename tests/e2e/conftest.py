"""A real Chromium against a real portal. A page that breaks the content policy, logs an error or leaves the host fails.

`open_page` makes pages (one fresh browser context for each call), `page` is a phone signed in as the owner. What a test
provokes on purpose it names with `watched(page).allow("part of the message")`.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Request, expect, sync_playwright

from tests.e2e import walk
from tests.e2e.behind import NGINX, BehindNginx
from tests.e2e.stand import Stand

PHONE = {"width": 360, "height": 740}
DESKTOP = {"width": 1280, "height": 900}
PATIENCE_MS = 45_000
"""For what comes at once on a machine that does nothing else; a build machine is busy four times over."""
HERE = Path(__file__).parent
ARGUMENTS = ("--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu", "--disable-background-networking")
REPORT_VIOLATIONS = (
    "document.addEventListener('securitypolicyviolation',"
    " e => console.error('policy violation: ' + e.violatedDirective + ' ' + e.blockedURI))"
)
MARK_READY = "addEventListener('DOMContentLoaded', () => { document.documentElement.dataset.ready = '' })"
"""By then what is deferred has run: a page can be seen, and touched in vain, before it can answer."""
OWN_PORTALS = {"own_site", "behind_nginx"}
OpenPage = Callable[..., Page]
expect.set_options(timeout=PATIENCE_MS)


def shared(seconds: float) -> float:
    """So long what takes these seconds on a machine of its own may take beside what else runs on this one."""
    return seconds * max(1.0, os.getloadavg()[0] / (os.cpu_count() or 1))


def chromium() -> str | None:
    """The browser: what CHROMIUM names, else Debian's; the one without windows first, which needs half the time."""
    named = os.environ.get("CHROMIUM")
    found = shutil.which(named) if named else None
    usual = ("/usr/bin/chromium-headless-shell", "/usr/bin/chromium", "/usr/bin/chromium-browser")
    return found or next((path for path in usual if Path(path).exists()), None)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Everything here needs the browser."""
    missing = chromium() is None
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.browser)
            if missing:
                item.add_marker(pytest.mark.skip(reason="no Chromium: install it, or name it in CHROMIUM"))
            if item.get_closest_marker("nginx") and not NGINX:
                item.add_marker(pytest.mark.skip(reason="no nginx: install it"))


class Watch:
    """What went wrong in the pages of one context, but for what a test allows."""

    def __init__(self, context: BrowserContext, url: str) -> None:
        self.host = urlsplit(url).netloc
        self.wrong: list[str] = []
        self.allowed: list[str] = []
        context.on("console", self._said)
        context.on("weberror", lambda error: self.wrong.append(f"page error: {error.error}"))
        context.on("request", self._asked)

    def allow(self, *parts: str) -> None:
        """What holds one of these parts is meant to happen."""
        self.allowed.extend(parts)

    def allow_status(self, *numbers: int) -> None:
        """Answers with these statuses are meant to come."""
        self.allowed.extend(f"status of {number}" for number in numbers)
        self.allowed.extend(f"Response Status Error Code {number}" for number in numbers)

    def check(self) -> None:
        """Fails with everything that was not meant to happen."""
        left = [one for one in self.wrong if not any(part in one for part in self.allowed)]
        assert not left, "the page did what it must not:\n" + "\n".join(left)

    def _said(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            self.wrong.append(f"console {message.type}: {message.text} ({message.location.get('url', '')})")

    def _asked(self, request: Request) -> None:
        parts = urlsplit(request.url)
        if parts.scheme not in ("data", "blob", "about") and parts.netloc != self.host:
            self.wrong.append(f"request to another host: {request.url}")


_watches: dict[BrowserContext, Watch] = {}


def watched(page: Page) -> Watch:
    """The watch over a page."""
    return _watches[page.context]


def ready(page: Page) -> Page:
    """A page on which every act and every `expect` waits first until its deferred scripts have run."""
    page.add_init_script(MARK_READY)
    waiting = page.locator("html:not([data-ready])")
    page.add_locator_handler(waiting, lambda: page.wait_for_load_state("domcontentloaded"), no_wait_after=True)
    return page


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """One Chromium for all tests."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=list(ARGUMENTS))
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def site(_cheap_passwords: None) -> Iterator[Stand]:
    """The portal that tests share; what they start or stop there is their own server. Nobody breaks it."""
    with _stand() as stand:
        yield stand


@pytest.fixture(scope="session")
def service_site(_cheap_passwords: None) -> Iterator[Stand]:
    """The same with the service key."""
    with _stand(mode="service") as stand:
        yield stand


@pytest.fixture
def own_site(_cheap_passwords: None) -> Iterator[Stand]:
    """A portal of the test's own, to break."""
    with _stand() as stand:
        yield stand


@pytest.fixture
def behind_nginx(_cheap_passwords: None) -> Iterator[BehindNginx]:
    """A portal of the test's own behind nginx, with two web processes and cutters on both legs."""
    stand = BehindNginx()
    try:
        yield stand
    finally:
        stand.close()


@pytest.fixture
def open_page(browser: Browser, request: pytest.FixtureRequest) -> Iterator[OpenPage]:
    """Makes a page in a fresh context: `open_page(stand, who, **context)`; a phone unless told otherwise."""
    for portal in OWN_PORTALS & set(request.fixturenames):
        request.getfixturevalue(portal)  # begun before its pages, so that it ends after them: else they would miss it
    contexts: list[BrowserContext] = []

    def make(stand: Stand, who: str | None = None, **options: Any) -> Page:
        chosen: dict[str, Any] = {
            "viewport": PHONE, "has_touch": True, "is_mobile": True, "base_url": stand.url, "locale": "en-GB",
            "timezone_id": "Europe/Berlin",
        } | stand.browsing | options  # fmt: skip
        if chosen["viewport"] == DESKTOP:
            chosen |= {"has_touch": False, "is_mobile": False}
        if who is not None:
            chosen["storage_state"] = walk.signed_in_state(browser, stand, who)
        context = browser.new_context(**chosen)
        context.set_default_timeout(PATIENCE_MS)
        context.add_init_script(REPORT_VIOLATIONS)
        has_scripts = chosen.get("java_script_enabled", True)
        _watches[context] = Watch(context, stand.url)
        contexts.append(context)
        return ready(context.new_page()) if has_scripts else context.new_page()

    yield make
    left = [_watches.pop(context) for context in contexts]
    for context in contexts:
        context.close()
    for watch in left:
        watch.check()


@pytest.fixture
def page(open_page: OpenPage, site: Stand) -> Page:
    """A phone, signed in as the owner of many servers."""
    return open_page(site, "owner")


@contextmanager
def _stand(**options: Any) -> Iterator[Stand]:
    stand = Stand(**options)
    try:
        yield stand
    finally:
        stand.close()
