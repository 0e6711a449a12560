"""`next=` leads back into this site and nowhere else."""

from __future__ import annotations

import re
from html import unescape
from urllib.parse import quote_from_bytes, urljoin, urlsplit

import pytest

from portal.web.resume import inside
from tests.auth.conftest import log_in
from tests.conftest import World

INSIDE = [
    "/",
    "/servers",
    "/servers?q=a&page=2",
    "/servers/1a2b3c4d/console",
    "/servers?q=http://evil.example",
    "/ä?q=ü",
    "/servers?q=%0d%0a",
    "/servers#top",
    "/a//b",
    "/servers?q=a%2F%2Fb",
]
OUTSIDE = [
    "//evil.example",
    "///evil.example",
    "////evil.example",
    "/\\evil.example",
    "\\\\evil.example",
    "\\/evil.example",
    "/\\/evil.example",
    "https://evil.example",
    "https:evil.example",
    "https:/evil.example",
    "http://localhost@evil.example",
    "javascript:alert(1)",
    "JaVaScRiPt:alert(1)",
    "data:text/html,x",
    "mailto:a@example.com",
    "evil.example",
    "servers",
    "./servers",
    "../servers",
    "?q=a",
    "#top",
    "",
    " ",
    " /servers",
    "\t//evil.example",
    "/\t/evil.example",
    "/\n/evil.example",
    "/\r\nSet-Cookie: a=b",
    "/servers\r\nX: y",
    "/\x00",
    "/a\\b",
    "\u2028//evil.example",
    "\uff0f/evil.example",
    "/\ud800",
    "/servers?q=\udfff",
    "／／evil.example",
    "http:///evil.example",
    "x" * 10_000,
]
NEXT = re.compile(r'name="next" type="hidden" value="([^"]*)"')
ENCODED = ["%2f%2fevil.example", "/%0d%0aLocation:%20https://evil.example", "/%09/evil.example", "/%5cevil.example"]


@pytest.mark.parametrize("target", INSIDE)
def test_a_path_of_this_site_is_kept(target: str) -> None:
    assert inside(target) == target


@pytest.mark.parametrize("target", [*OUTSIDE, None])
def test_anything_else_is_not(target: str | None) -> None:
    assert inside(target) is None


def test_the_login_page_leads_nowhere_else(portal: World) -> None:
    browser, signed_in = portal.browser(), portal.browser("stranger")
    for target in [*OUTSIDE, *ENCODED, *INSIDE]:
        query = target if target in ENCODED else quote_from_bytes(target.encode("utf-8", "surrogatepass"))
        page = browser.get(f"/login?next={query}")
        assert page.status_code == 200
        assert_here(urlsplit(unescape(NEXT.search(page.text)[1])).geturl() or "/")
        answer = signed_in.get(f"/login?next={query}")
        assert answer.status_code == 303
        assert len(answer.headers.getlist("Location")) == 1
        assert_here(answer.headers["Location"])


def test_the_login_form_leads_nowhere_else(portal: World) -> None:
    browser = portal.browser()
    for target in OUTSIDE[:18]:
        answer = log_in(browser, next=target.encode("utf-8", "replace"))
        assert answer.status_code == 303
        assert_here(answer.headers["Location"])


def assert_here(location: str) -> None:
    """As a browser reads a place: on this host, and nothing in it that could end the header."""
    assert location.startswith("/")
    assert not location.startswith("//")
    assert "\\" not in location
    assert all(letter >= " " for letter in location), location
    assert urlsplit(urljoin("http://localhost/login", location)).netloc == "localhost"


def test_the_login_leads_to_the_page_that_was_wanted(portal: World) -> None:
    browser = portal.browser()
    wanted = browser.get("/servers?q=sky&page=2")
    assert wanted.status_code == 303
    page = browser.get(wanted.location).text
    assert 'name="next" type="hidden" value="/servers?q=sky&amp;page=2"' in page
    assert log_in(browser, next="/servers?q=sky&page=2").location == "/servers?q=sky&page=2"


def test_a_refused_login_keeps_where_one_wanted_to_go(portal: World) -> None:
    page = log_in(portal.browser(), password="wrong password", next="/servers?q=sky").text
    assert 'value="/servers?q=sky"' in page
