"""How a message comes to be: the feature that asked for it writes it, at the moment when it is sent.

So a link in it exists nowhere else, and a message whose reason is gone is not sent at all.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from flask import render_template

from portal.mail.models import Mail
from portal.panel import settings


class Dropped(Exception):
    """A message that need not be sent any more; the text says why."""


@dataclass(frozen=True)
class Written:
    """One message: subject, text and HTML."""

    subject: str
    text: str
    html: str


Writers = Mapping[str, Callable[[Mail], Written]]
"""Who writes which kind of message. A writer raises Dropped when there is nothing to send."""


def rendered(name: str, subject: str, **context: str) -> Written:
    """A message from `templates/mail/<name>.txt` and `.html`."""
    context |= {"portal_url": settings().portal_url}
    return Written(
        subject, render_template(f"mail/{name}.txt", **context), render_template(f"mail/{name}.html", **context)
    )
