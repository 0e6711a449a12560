"""What forms share."""

from __future__ import annotations

from flask_wtf import FlaskForm


def stripped(text: str | None) -> str:
    """A filter: what was typed, without blanks around it."""
    return (text or "").strip()


class NoForm(FlaskForm):  # type: ignore[misc]
    """Nothing to fill in."""
