"""A thousand malformed requests over all routes: a clear answer, never an error of ours."""

from __future__ import annotations

import gzip
import random
from collections.abc import Callable
from typing import Any

import pytest

from tests.conftest import World
from tests.site.test_routes import path_of, routes

pytestmark = pytest.mark.fuzz

SEED = 20260601
TEXTS = [
    "",
    " ",
    "0",
    "-1",
    "1e309",
    "99999999999999999999",
    "null",
    "true",
    "[]",
    "{}",
    "<script>alert(1)</script>",
    "' OR 1=1 --",
    "../../etc/passwd",
    "%00",
    "%0d%0aX: y",
    "%ed%a0%80",
    "%ff%fe",
    "%c3%28",
    "\u202e",
    "\u0000",
    "é" * 100,
    "𝔘" * 50,
    "a" * 10_000,
    "{{7*7}}",
    "${x}",
    "\\",
    '"',
    ";",
    "&",
    "=",
    "+",
    "?",
    "#",
    "//",
    "..",
    ".",
    "~",
    "zzzzzzzz",
    "ZZZZZZZZ",
    "start",
    "kill",
]
NAMES = ["q", "state", "sort", "page", "seen", "status", "next", "sent", "v", "x"]
METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "TRACE", "PROPFIND", "CONNECT"]
TYPES = [
    "application/x-www-form-urlencoded",
    "multipart/form-data; boundary=x",
    "multipart/form-data",
    "application/json",
    "text/plain",
    "application/x-www-form-urlencoded; charset=utf-16",
    "nonsense",
    "",
    "multipart/form-data; boundary=" + "x" * 300,
]
BODIES = [
    b"",
    b"a",
    b"a=b&a=c&&&===",
    b"email=a&password=b",
    b"\xff\xfe\x00",
    b"{",
    b"[" * 5000,
    b"--x\r\n\r\n",
    b"command=%ed%a0%80",
    b'--x\r\nContent-Disposition: form-data; name="command"\r\n\r\nsay\r\n--x--\r\n',
    b"a=" + b"b" * 70_000,
    b"&".join(b"f%d=1" % n for n in range(3000)),
    b"command=" + b"%00" * 100,
    b"command=a%0ab%0dc",
    b"email=%00&password=%00",
]
HEADERS = [
    "Referer",
    "HX-Current-URL",
    "HX-Request",
    "HX-Boosted",
    "HX-Target",
    "Accept",
    "Accept-Language",
    "Accept-Encoding",
    "Cookie",
    "Origin",
    "If-None-Match",
    "If-Modified-Since",
    "Range",
    "X-Forwarded-For",
    "X-CSRFToken",
    "User-Agent",
    "Authorization",
]
HEADER_TEXTS = [
    "",
    "x",
    "http://[",
    "http://localhost/\\",
    "//x",
    "a" * 8000,
    "\x7f",
    "é",
    "bytes=0-",
    "bytes=9-1",
    "q=1;q=2",
    "de;q=x",
    "roost=x; tz=../..",
    "roost=.a.b; roost_device=a.b",
    "tz=\xff",
    "=;=;",
    "*",
    "W/",
    "1970",
    "gzip;q=",
    ",",
]


def generated(world: World, dice: random.Random, number: int) -> list[dict[str, Any]]:
    """Requests that are nearly right: a known route, and something in it that is not."""
    rules = [*routes(world.app), *world.app.url_map.iter_rules("static")]
    identifiers = [one.identifier for one in world.demo.world.servers[:4]]
    made = []
    for _ in range(number):
        rule = dice.choice(rules)
        path = rule.rule
        for name in sorted(rule.arguments):  # a set has another order in each process
            known = {"identifier": identifiers, "signal": ["start", "stop"], "filename": ["roost.css"]}.get(
                name, ["x" * 43]
            )
            value = dice.choice(known if dice.random() < 0.6 else TEXTS)
            path = path.replace(next(part for part in path.split("/") if part.endswith(f"{name}>")), value)
        query = "&".join(f"{dice.choice(NAMES)}={dice.choice(TEXTS)}" for _ in range(dice.randrange(4)))
        made.append(
            {
                "path": path.replace("?", "%3F").replace("#", "%23"),
                "query_string": query,
                "method": dice.choice(METHODS)
                if dice.random() < 0.4
                else dice.choice(sorted(rule.methods - {"OPTIONS"})),
                "headers": [(dice.choice(HEADERS), dice.choice(HEADER_TEXTS)) for _ in range(dice.randrange(3))],
                "data": dice.choice(BODIES),
                "content_type": dice.choice(TYPES),
            }
        )
    return made


@pytest.mark.parametrize("who", ["owner", "stranger", "admin", None])
@pytest.mark.parametrize("mode", ["own", "service"])
def test_no_malformed_request_is_an_error_of_ours(mode: str, who: str | None, make_world: Callable[..., World]) -> None:
    world = make_world(mode)
    world.work()
    dice = random.Random(f"{SEED} {mode} {who}")
    for request in generated(world, dice, 140):
        answer = world.browser(who).open(buffered=True, **request)
        assert answer.status_code < 500, request
        if answer.status_code >= 400 and request["method"] != "HEAD" and answer.mimetype == "text/html":
            plain = gzip.decompress(answer.data) if answer.content_encoding == "gzip" else answer.data
            assert b"Traceback" not in plain
            assert answer.headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize(
    "host", ["[", "a b", "localhost:99999", "é", "x" * 300, "", "localhost/x", "..", "\x00", "evil.example"]
)
def test_no_host_header_is_an_error_of_ours(host: str, make_world: Callable[..., World]) -> None:
    world = make_world("own")
    for path in ("/login", "/servers", "/nothing", "/logout"):
        answer = world.browser().get(path, environ_overrides={"HTTP_HOST": host})
        assert answer.status_code < 500, path
        assert "evil.example" not in answer.text
        assert "evil.example" not in answer.headers.get("Location", "")


def test_every_text_in_every_place_of_the_list(own_world: World) -> None:
    browser = own_world.browser("owner")
    for text in TEXTS:
        for path in ("/servers", "/servers/live"):
            answer = browser.get(
                path, query_string=dict.fromkeys(("q", "state", "sort", "page", "seen", "status"), text)
            )
            assert answer.status_code in (200, 204), (path, text)


def test_every_text_as_a_command(own_world: World) -> None:
    browser = own_world.browser("owner")
    page = f"/servers/{own_world.demo.main_server.identifier}/console"
    browser.get(page)
    for text in TEXTS:
        answer = browser.post(f"{page}/command", data={"command": text.replace("%", "")})
        assert answer.status_code in (303, 409, 413, 422, 429), text


def test_a_body_that_is_too_big_is_refused_everywhere(own_world: World) -> None:
    for rule in routes(own_world.app):
        if "POST" not in rule.methods:
            continue
        path = path_of(own_world.app, rule).replace("zzzzzzzz", own_world.demo.main_server.identifier)
        form = "application/x-www-form-urlencoded"
        answer = own_world.browser().post(path, data=b"a=" + b"b" * 200_000, content_type=form)
        assert answer.status_code in (303, 410, 413), path
