"""Every page that links lead to: valid HTML, a title, unique ids, labels, and nothing from other hosts."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from functools import partial
from typing import Any
from urllib.parse import urlsplit

import html5lib
import pytest
from html5lib.html5parser import ParseError

from tests.conftest import World
from tests.site.conftest import crawl

HTMX = {"HX-Request": "true"}
FEATURE_SERVERS = {"eula": "Lobby", "java_version": "Lobby", "pid_limit": "Lobby", "gsl_token": "Dust2 24/7",
                   "steam_disk_space": "Dust2 24/7"}  # fmt: skip
OTHER_HOSTS = {"example.com", "panel.test", "www.minecraft.net", "steamcommunity.com"}
"""Of the settings of a test: support, terms and the panel itself; and what a dialog of an egg feature leads to."""
NODES = {"fra-1.example.com", "fra-2.example.com", "nyc-1.example.com"}
"""Only the SFTP of a server leads there."""
WITH_FIELDS = ("/files/permissions",)
"""What htmx asks for with the fields of the form around it, without which there is nothing to answer."""
BLOCKED = 'class="empty failed blocked"'
SPACE = "{http://www.w3.org/1999/xhtml}"


def parsed(text: str, *, is_fragment: bool = False) -> Any:
    """The tree of a page; a mistake in it is an error."""
    parser = html5lib.HTMLParser(strict=True, namespaceHTMLElements=False)
    try:
        return (
            parser.parseFragment(text, container="ul" if text.lstrip().startswith("<li") else "div")
            if is_fragment
            else parser.parse(text)
        )
    except ParseError as wrong:
        line = parser.tokenizer.stream.position()[0]
        raise AssertionError(f"line {line}: {wrong!r}\n{text.splitlines()[max(0, line - 2) : line + 1]}") from None


def named(tree: Any, *names: str) -> list[Any]:
    return [node for node in tree.iter() if node.tag in names]


def text_of(node: Any) -> str:
    return " ".join("".join(node.itertext()).split())


def check(path: str, text: str, *, is_fragment: bool = False) -> None:
    """All the rules for one page or fragment."""
    tree = parsed(text, is_fragment=is_fragment)
    ids = Counter(node.get("id") for node in tree.iter() if isinstance(node.tag, str) and node.get("id"))
    assert [one for one, times in ids.items() if times > 1] == [], path
    if not is_fragment:
        check_page(path, tree)
    for node in tree.iter():
        if isinstance(node.tag, str):
            check_node(path, node, ids)
    for form in named(tree, "form"):
        check_form(path, form)
    for one in named(tree, "input", "select", "textarea"):
        check_label(path, one, tree)
    for one in named(tree, "button", "a", "summary"):
        assert text_of(one) or one.get("aria-label"), f"{path}: {one.tag} says nothing: {one.attrib}"


def check_page(path: str, tree: Any) -> None:
    assert tree.get("lang"), path
    titles = named(tree, "title")
    assert len(titles) == 1, path
    assert re.fullmatch(r"\S.* · Roost", text_of(titles[0])), path
    assert len(named(tree, "h1")) <= 1, path
    assert named(tree, "h1", "h2"), path
    assert len(named(tree, "main")) == 1, path


def check_node(path: str, node: Any, ids: Counter[str]) -> None:
    assert not [name for name in node.attrib if name == "style" or name.startswith("on")], f"{path}: {node.attrib}"
    if node.tag == "script":
        assert node.get("src"), path
        assert not (node.text or "").strip(), path
    assert node.tag != "style", path
    for name in ("href", "src", "action", "hx-get", "hx-post"):
        if name not in node.attrib:
            continue
        place = urlsplit(node.get(name))
        assert place.scheme in ("", "http", "https", "mailto", "sftp"), f"{path}: {node.attrib}"
        if place.netloc:
            assert node.tag == "a", f"{path}: {node.tag} loads from {place.netloc}"
            assert place.hostname in (NODES if place.scheme == "sftp" else OTHER_HOSTS), f"{path}: {place.netloc}"
            assert "noopener" in (node.get("rel") or "") or place.scheme == "sftp", path
    for name in ("aria-labelledby", "aria-describedby", "for"):
        if node.get(name) and node.get("id") != "dialog":
            assert node.get(name) in ids, f"{path}: {name}={node.get(name)}"
    if node.tag == "img":
        assert node.get("alt") is not None, path


def check_form(path: str, form: Any) -> None:
    assert form.get("action"), path
    assert form.get("method") in ("get", "post"), path
    hidden = [one for one in named(form, "input") if one.get("name") == "csrf_token"]
    assert len(hidden) == (1 if form.get("method") == "post" else 0), f"{path}: {form.get('action')}"
    assert named(form, "button"), path


def check_label(path: str, one: Any, tree: Any) -> None:
    if one.get("type") == "hidden":
        return
    labels = [label for label in named(tree, "label") if label.get("for") == one.get("id")]
    assert one.get("id"), f"{path}: {one.attrib}"
    assert labels or one.get("aria-label"), f"{path}: {one.get('name')} has no label"
    assert all(text_of(label) for label in labels), path


@pytest.mark.parametrize("who", ["owner", "subuser", "solo", "stranger", "admin", None])
def test_every_page_that_links_lead_to_is_well_made(who: str | None, world: World) -> None:
    world.work()
    rest = partial(world.clock.advance, 30)
    seen = crawl(world.browser(who), limit=400, rest=rest)
    rest()
    world.work()
    seen |= {f"{path} again": answer for path, answer in crawl(world.browser(who), limit=400, rest=rest).items()}
    pages = {path: answer for path, answer in seen.items() if answer.mimetype == "text/html" and answer.text}
    assert len(pages) >= {"owner": 40}.get(who or "", 1)
    for path, answer in seen.items():
        expected = (422,) if path.removesuffix(" again").endswith(WITH_FIELDS) else (200, 204, 303)
        if BLOCKED in answer.text:  # the server's state allows nothing of this page
            expected = (200, 409)
        assert answer.status_code in expected, f"{path}: {answer.status_code}"
    for path, answer in pages.items():
        is_fragment = "<!doctype" not in answer.text[:200].lower() or "/live" in path
        if answer.status_code == 200:
            check(path, answer.text, is_fragment=is_fragment)


def test_the_pages_that_no_link_leads_to_are_well_made(own_world: World) -> None:
    owner, nobody = own_world.browser("owner"), own_world.browser()
    invite = own_world.app.test_cli_runner().invoke(args=["user", "invite", "solo@example.com"]).stdout.strip()
    server = own_world.demo.main_server.identifier
    pages = {
        "login": nobody.get("/login"),
        "refused login": nobody.post("/login", data={"email": "<b>", "password": "x"}),
        "empty login": nobody.post("/login"),
        "invitation": nobody.get(urlsplit(invite).path),
        "refused invitation": nobody.post(urlsplit(invite).path, data={"password": "x"}),
        "over": nobody.get("/invite/x"),
        "not found": owner.get("/nothing"),
        "wrong method": owner.get("/logout"),
        "nothing found": owner.get("/servers?q=there-is-no-such-server"),
        "second page": owner.get("/servers?page=2"),
        "page too far": owner.get("/servers?page=9999"),
        "refused command": owner.post(f"/servers/{server}/console/command", data={"command": ""}),
        "question": owner.get(f"/servers/{server}/power/kill"),
        **{
            feature: owner.get(f"/servers/{own_world.server(name)}/egg-features/{feature}")
            for feature, name in FEATURE_SERVERS.items()
        },
        "act done": owner.get(f"/servers/{server}/egg-features/eula?done=restart"),
        "act refused": owner.post(f"/servers/{own_world.server('Dust2 24/7')}/egg-features/gsl_token"),
    }
    for name, answer in pages.items():
        check(name, answer.text)


def test_fragments_are_well_made(own_world: World) -> None:
    owner = own_world.browser("owner")
    server = own_world.demo.main_server.identifier
    owner.get(f"/servers/{server}")
    fragments = {
        "list": owner.get("/servers", headers=HTMX),
        "live list": owner.get(f"/servers/live?seen={server}.00000000", headers=HTMX),
        "live server": owner.get(f"/servers/{server}/live", headers=HTMX),
        "question": owner.get(f"/servers/{server}/power/stop", headers=HTMX),
        "asked": owner.post(f"/servers/{server}/power/restart", headers=HTMX),
        "command": owner.post(f"/servers/{server}/console/command", data={"command": "list"}, headers=HTMX),
        "refused": owner.post(f"/servers/{server}/console/command", data={"command": ""}, headers=HTMX),
        "notice": owner.get("/servers/zzzzzzzz", headers=HTMX),
        "dialog": owner.get(f"/servers/{server}/egg-features/java_version", headers=HTMX),
        "act": owner.post(f"/servers/{server}/egg-features/eula", headers=HTMX),
    }
    for name, answer in fragments.items():
        assert answer.status_code in (200, 404, 422), name
        check(name, answer.text, is_fragment=True)


def test_with_the_panel_down_every_page_is_still_well_made(own_world: World) -> None:
    browser = own_world.browser("owner")
    crawl(browser, limit=12)
    own_world.demo.set_condition("panel-gateway")
    own_world.clock.advance(120)
    for path, answer in crawl(browser, limit=12).items():
        assert answer.status_code in (200, 204, 303, 404, 503), path
        if answer.status_code != 303 and answer.mimetype == "text/html" and "<!doctype" in answer.text[:200].lower():
            check(path, answer.text)


HOSTILE = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "\u202egnp.exe",
    "{{ 7 * 7 }}",
    "x" * 10_000,
    "&lt;b&gt;",
]


def test_hostile_names_stay_text_on_every_page(make_world: Callable[..., World]) -> None:
    world = make_world("own")
    for number, server in enumerate(world.demo.world.servers):
        server.name = server.description = HOSTILE[number % len(HOSTILE)]
    pages = crawl(world.browser("owner"), limit=60)
    for path, answer in pages.items():
        if answer.status_code == 200 and answer.mimetype == "text/html" and "/live" not in path:
            check(path, answer.text)
            assert "<script>alert" not in answer.text
            assert "<img src=x" not in answer.text
