"""The forms of a page, and what a browser would send from one that nobody touched."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser

TEXTS = ("text", "hidden", "email", "number", "search", "password", "url", "")


@dataclass
class PageForm:
    """Where a form is sent, by itself and by buttons of its own, and its fields as they stand; a name may have several
    values."""

    actions: list[str]
    fields: dict[str, list[str]] = field(default_factory=dict)

    def add(self, name: str | None, value: str) -> None:
        if name:
            self.fields.setdefault(name, []).append(value)


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.forms: list[PageForm] = []
        self._form: PageForm | None = None
        self._text: tuple[str, list[str]] | None = None
        self._select = ""
        self._first: str | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = {name: value or "" for name, value in attrs}
        if tag == "form":
            self._form = PageForm([told.get("hx-post") or told.get("action", "")])
            self.forms.append(self._form)
        if self._form is None or "disabled" in told:
            return
        if tag == "button" and (to := told.get("formaction") or told.get("hx-post")):
            self._form.actions.append(to)
        elif tag == "input":
            self._input(self._form, told)
        elif tag == "textarea":
            self._text = told.get("name", ""), []
        elif tag == "select":
            self._select, self._first = told.get("name", ""), None
        elif tag == "option" and self._select:
            value = told.get("value", "")
            self._first = value if self._first is None else self._first
            if "selected" in told:
                self._form.add(self._select, value)

    def _input(self, form: PageForm, told: dict[str, str]) -> None:
        kind = told.get("type", "")
        if kind in TEXTS:
            form.add(told.get("name"), told.get("value", ""))
        elif kind in ("checkbox", "radio") and "checked" in told:
            form.add(told.get("name"), told.get("value", "on"))

    def handle_data(self, data: str) -> None:
        if self._text is not None:
            self._text[1].append(data)

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea" and self._text is not None and self._form is not None:
            self._form.add(self._text[0], "".join(self._text[1]).removeprefix("\n"))
            self._text = None
        elif tag == "select" and self._form is not None:
            if self._select and self._select not in self._form.fields and self._first is not None:
                self._form.add(self._select, self._first)
            self._select = ""
        elif tag == "form":
            self._form = None


def forms_of(page: str) -> list[PageForm]:
    """All forms of a page in their order."""
    reader = _Reader()
    reader.feed(page)
    reader.close()
    return reader.forms
