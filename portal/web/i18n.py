"""Translated text, with types. English is the only language for now; every text goes through here."""

from __future__ import annotations

import flask_babel


def _(text: str, **values: object) -> str:
    """A text in the viewer's language."""
    return str(flask_babel.gettext(text, **values))


def counted(one: str, many: str, number: int) -> str:
    """A text with a number in it."""
    return str(flask_babel.ngettext(one, many, number))
