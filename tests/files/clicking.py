"""Somebody who only clicks: follows links and sends forms as they stand on the page, as browsers without script do."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from html import unescape
from typing import Any
from urllib.parse import urljoin

import html5lib
from flask.testing import FlaskClient
from werkzeug.test import TestResponse


@dataclass(frozen=True)
class Page:
    """A page that is open: its address and what came."""

    address: str
    answer: TestResponse

    @cached_property
    def tree(self) -> Any:
        """What it is made of; nothing if it is no page."""
        is_page = self.answer.mimetype == "text/html"
        return html5lib.parse(self.answer.text if is_page else "", namespaceHTMLElements=False)

    @property
    def text(self) -> str:
        """All that is to be read on it, in one line."""
        return said(self.tree)

    def links(self) -> dict[str, str]:
        """Where links lead to, by what they say."""
        return {said(one) or in_line(one.get("aria-label", "")): one.get("href") for one in self.tree.iter("a")}


class Clicker:
    """A browser that knows one page at a time."""

    def __init__(self, client: FlaskClient) -> None:
        self.client = client

    def open(self, address: str) -> Page:
        """Go there, and on to where redirects lead, and to where a page without script goes on by itself."""
        answer = self.client.get(address, follow_redirects=True)
        page = Page(answer.request.full_path if answer.history else address, answer)
        goes_on = re.search(r'<noscript><meta http-equiv="refresh" content="0; url=([^"]*)"', answer.text)
        if goes_on is None:
            return page
        later = urljoin(page.address, unescape(goes_on[1]))
        return Page(later, self.client.get(later))

    def follow(self, page: Page, says: str) -> Page:
        """Click a link by what it says."""
        found = page.links()
        assert says in found, f"{says!r} is none of {sorted(found)}"
        return self.open(urljoin(page.address, found[says]))

    def send(self, page: Page, action: str, **typed: str) -> Page:
        """Send the form whose address ends so, with these fields filled in; browsers make "\\r\\n" of line breaks."""
        (form,) = [one for one in page.tree.iter("form") if (one.get("action") or "").endswith(action)]
        fields = [
            (one.get("name"), one.get("value") or "")
            for one in form.iter("input")
            if one.get("name") and one.get("name") not in typed and one.get("type") not in ("checkbox", "submit")
        ]
        data: dict[str, list[str]] = {}
        for name, value in [*fields, *typed.items()]:
            data.setdefault(name, []).append(re.sub(r"\r\n|\r|\n", "\r\n", value))
        target = urljoin(page.address, form.get("action"))
        return Page(target, self.client.post(target, data=data, follow_redirects=True))


def said(node: Any) -> str:
    """The text of a node, blanks as they are shown."""
    return in_line("".join(node.itertext()))


def in_line(text: str) -> str:
    """A text as HTML shows it: without blanks around it, and one where there are several."""
    return " ".join(text.split())
