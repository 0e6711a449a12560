"""The whole site, as a crawler and a reader of source see it."""

from __future__ import annotations

import ast
import re
from collections import Counter
from collections.abc import Callable, Iterator
from functools import cache
from html import unescape
from pathlib import Path
from urllib.parse import urldefrag, urljoin, urlsplit

from flask.testing import FlaskClient
from werkzeug.exceptions import HTTPException
from werkzeug.test import TestResponse

ROOT = Path(__file__).parents[2]
LINK = re.compile(r'\b(?:href|hx-get)="([^"]*)"')


def crawl(
    browser: FlaskClient, first: str = "/", *, limit: int = 200, per_route: int = 5,
    rest: Callable[[], object] = lambda: None,
) -> dict[str, TestResponse]:
    """The pages that links lead to, by path, so many of each route; redirects are followed by hand.

    `rest` is called now and then, for a world whose clock stands still while calls of the panel are counted by time.
    """
    waiting, seen, opened = [first], dict[str, TestResponse](), Counter[str]()
    routes = browser.application.url_map.bind("localhost")
    while waiting and len(seen) < limit:
        path = waiting.pop(0)
        if path in seen or path.startswith("/static/"):
            continue
        try:
            route = str(routes.match(urlsplit(path).path, "GET")[0])
        except HTTPException:  # the page that links there is to be blamed for it
            route = path
        if opened[route] >= per_route:
            continue
        opened[route] += 1
        answer = seen[path] = browser.get(path, buffered=True)
        if len(seen) % 40 == 0:
            rest()
        targets = [answer.location] if answer.location else []
        if answer.mimetype == "text/html":
            targets += [unescape(found) for found in LINK.findall(answer.text)]
        for target in targets:
            place = urlsplit(urljoin(f"http://localhost{path}", urldefrag(target)[0]))
            if place.netloc == "localhost":
                waiting.append(f"{place.path}?{place.query}" if place.query else place.path)
    return seen


@cache
def modules(folder: str = "portal") -> dict[str, ast.Module]:
    """The parsed modules below a folder, by their path in the repository."""
    found = sorted((ROOT / folder).rglob("*.py"))
    return {str(path.relative_to(ROOT)): ast.parse(path.read_text(encoding="utf-8")) for path in found}


def imports(tree: ast.Module) -> Iterator[str]:
    """What a module imports, wherever in it: `a.b` for `import a.b`, `a.b.c` for `from a.b import c`."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (one.name for one in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "relative imports hide who imports whom"
            yield from (f"{node.module}.{one.name}" for one in node.names)
