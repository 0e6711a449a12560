"""Headers of every answer, caching and compression."""

from __future__ import annotations

import gzip
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from portal.web import headers
from tests.conftest import PASSWORD, World

DOCUMENT = {"Referrer-Policy": "same-origin", "X-Frame-Options": "DENY"}
NO_DOCUMENTS = ("text/css", "text/javascript")
"""Never shown by themselves; everything else that a browser could show as a page carries all headers."""
HTMX = {"HX-Request": "true"}


@pytest.fixture
def portal(make_world: Callable[..., World]) -> World:
    return make_world("own", accent="#2563eb", logo="logo.svg")


def every_kind(world: World) -> dict[str, TestResponse]:
    """One answer of each kind that there is."""
    (world.instance / "logo.svg").write_text("<svg/>")
    nobody, owner = world.browser(), world.browser("owner")
    server = world.demo.main_server.identifier
    versioned = re.search(r'href="(/static/roost\.css\?v=\w+)"', nobody.get("/login").text)[1]
    return {
        "page": owner.get("/servers"),
        "fragment": owner.get("/servers", headers=HTMX),
        "nothing new": owner.get(f"/servers/{server}/live"),
        "one server": owner.get(f"/servers/{server}"),
        "redirect": nobody.get("/servers"),
        "to login for htmx": nobody.get("/servers", headers=HTMX),
        "login": nobody.get("/login"),
        "refused form": nobody.post("/login"),
        "signed in": world.browser().post("/login", data={"email": "solo@example.com", "password": PASSWORD}),
        "not found": owner.get("/nothing"),
        "not found for htmx": owner.get("/servers/zzzzzzzz", headers=HTMX),
        "wrong method": owner.delete("/servers"),
        "options": owner.options("/servers"),
        "head": owner.head("/servers"),
        "too big": nobody.post("/login", data={"email": "x" * 70_000}),
        "over": nobody.get("/invite/x"),
        "theme": nobody.get("/theme.css"),
        "logo": nobody.get("/logo", buffered=True),
        "static": nobody.get(versioned, buffered=True),
        "static without version": nobody.get("/static/roost.js", buffered=True),
        "missing file": owner.get("/static/nothing.css"),
        "missing file with a version": owner.get("/static/nothing.css?v=0123456789"),
        "outside of the files": nobody.get("/static/../wsgi.py"),
        "bad store": _with_broken_view(world),
    }


def _with_broken_view(world: World) -> TestResponse:
    def broken(*_args: object, **_kwargs: object) -> None:
        raise RuntimeError("broken on purpose")

    views = world.app.view_functions
    before, views["auth.login"] = views["auth.login"], broken
    try:
        return world.browser().get("/login")
    finally:
        views["auth.login"] = before


def test_every_answer_has_the_headers(portal: World) -> None:
    answers = every_kind(portal)
    assert answers["bad store"].status_code == 500
    for name, answer in answers.items():
        assert answer.headers["X-Content-Type-Options"] == "nosniff", name
        if answer.mimetype in NO_DOCUMENTS:
            continue
        if answer.mimetype != "image/svg+xml":  # a picture links nowhere and is framed by nobody
            assert {header: answer.headers.get(header) for header in DOCUMENT} == DOCUMENT, name
        policy = answer.headers["Content-Security-Policy"]
        assert policy.startswith("default-src 'self'"), name
        assert "unsafe" not in policy, name
        assert "frame-ancestors 'none'" in policy, name
        assert len(answer.headers.getlist("Content-Security-Policy")) == 1, name


def test_nothing_of_a_person_is_kept_by_a_cache(portal: World) -> None:
    for name, answer in every_kind(portal).items():
        if name.startswith(("static", "theme", "logo")) and answer.status_code == 200:
            assert "Set-Cookie" not in answer.headers, name
        else:
            assert answer.headers["Cache-Control"] == "no-store", name


def test_no_answer_that_a_cache_may_keep_carries_a_cookie(portal: World) -> None:
    """The session cookie of somebody who stays signed in must not end up in a shared cache."""
    browser = portal.browser()
    browser.post("/login", data={"email": "owner@example.com", "password": PASSWORD, "stay": "y"})
    (portal.instance / "logo.svg").write_text("<svg/>")
    for path in ("/static/roost.css?v=1", "/theme.css", "/logo"):
        answer = browser.get(path, buffered=True)
        assert answer.status_code == 200
        assert "public" in answer.headers["Cache-Control"]
        assert "Set-Cookie" not in answer.headers, path


def test_pages_and_fragments_are_kept_apart(portal: World) -> None:
    answers = every_kind(portal)
    for name in ("page", "fragment", "login", "not found", "redirect"):
        varies = {one.strip() for one in ", ".join(answers[name].headers.getlist("Vary")).split(",")}
        assert {"HX-Request", "HX-Boosted", "HX-History-Restore-Request", "Cookie"} <= varies, name


@pytest.mark.parametrize("header", ["HX-Boosted", "HX-History-Restore-Request"])
def test_a_boosted_or_restored_page_is_a_page(header: str, portal: World) -> None:
    page = portal.browser("owner").get("/servers", headers=HTMX | {header: "true"}).text
    assert page.lstrip().lower().startswith("<!doctype html>")


def test_static_files_with_their_version_are_kept_for_a_year(portal: World) -> None:
    browser = portal.browser()
    paths = re.findall(r'(?:src|href)="(/static/[^"]+\?v=[^"#]+)', browser.get("/login").text)
    assert len(paths) >= 3
    for path in paths:
        answer = browser.get(path, buffered=True)
        assert answer.status_code == 200
        assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"


def test_static_files_without_a_version_are_asked_for_again(portal: World) -> None:
    assert "max-age=31536000" not in portal.browser().get("/static/roost.css", buffered=True).headers["Cache-Control"]


def test_every_version_is_the_hash_of_the_file(portal: World) -> None:
    """A changed file gets a new address."""
    import hashlib

    browser = portal.browser()
    for path, version in re.findall(r'"(/static/[^"]+)\?v=([0-9a-f]+)', browser.get("/login").text):
        content = browser.get(path, buffered=True).data
        assert hashlib.sha256(content).hexdigest().startswith(version)


def get(browser: FlaskClient, path: str, accepted: str | None, **headers: str) -> TestResponse:
    return browser.get(path, headers={**({"Accept-Encoding": accepted} if accepted else {}), **headers}, buffered=True)


@pytest.mark.parametrize("path", ["/login", "/static/roost.css", "/static/roost.js", "/static/icons.svg"])
def test_text_is_compressed_for_those_who_can_read_it(path: str, portal: World) -> None:
    plain, packed = get(portal.browser(), path, None), get(portal.browser(), path, "gzip")
    assert "Content-Encoding" not in plain.headers
    assert packed.headers["Content-Encoding"] == "gzip"
    assert "Accept-Encoding" in ", ".join(packed.headers.getlist("Vary"))
    assert int(packed.headers["Content-Length"]) == len(packed.data) < len(plain.data)
    if path.startswith("/static"):
        assert gzip.decompress(packed.data) == plain.data


@pytest.mark.parametrize(
    "accepted", ["identity", "gzip;q=0", "gzip;q=0, br;q=0", "x-unknown", "", "gzip;q=nonsense=", ";;,,"]
)
def test_nobody_gets_what_they_cannot_read(accepted: str, portal: World) -> None:
    answer = get(portal.browser(), "/login", accepted)
    assert answer.status_code == 200
    if "q=nonsense" not in accepted:
        assert "Content-Encoding" not in answer.headers


def test_no_static_file_is_compressed_twice(portal: World) -> None:
    """All of them are kept in both codings: whoever loads a page first pays, nobody after."""
    browser, folder = portal.browser(), Path(portal.app.static_folder or "")
    kept = headers._squeezed_once
    kept.cache_clear()
    for _ in range(2):
        for path in sorted(folder.rglob("*")):
            if path.is_file():
                for accepted in ("br", "gzip"):
                    get(browser, f"/static/{path.relative_to(folder)}", accepted)
    assert 40 < kept.cache_info().misses == kept.cache_info().hits


@pytest.mark.parametrize("accepted", [None, "gzip", "br", "gzip, deflate, br, zstd"])
def test_a_static_file_that_has_not_changed_is_not_sent_again(accepted: str | None, portal: World) -> None:
    browser = portal.browser()
    first = get(browser, "/static/roost.css", accepted)
    again = get(browser, "/static/roost.css", accepted, **{"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
    assert get(browser, "/static/roost.css", accepted, **{"If-None-Match": '"other"'}).status_code == 200


def test_each_encoding_has_a_tag_of_its_own(portal: World) -> None:
    tags = {get(portal.browser(), "/static/roost.css", accepted).headers["ETag"] for accepted in (None, "gzip")}
    assert len(tags) == 2


def test_a_head_request_gets_no_body(portal: World) -> None:
    for path in ("/login", "/static/roost.css"):
        answer = portal.browser().head(path, headers={"Accept-Encoding": "gzip"}, buffered=True)
        assert (answer.status_code, answer.data) == (200, b"")


def test_a_part_of_a_static_file_is_that_part(portal: World) -> None:
    answer = get(portal.browser(), "/static/roost.css", "gzip", Range="bytes=0-9")
    if answer.status_code == 206:
        assert "Content-Encoding" not in answer.headers
        assert len(answer.data) == 10
    else:
        assert gzip.decompress(answer.data)


def test_tls_is_demanded_when_the_portal_has_it(portal: World) -> None:
    assert "Strict-Transport-Security" not in portal.browser().get("/login").headers
    secure = portal.browser().get("/login", base_url="https://localhost")
    assert secure.headers["Strict-Transport-Security"] == "max-age=31536000"
