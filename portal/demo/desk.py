"""`/_demo/desk`: a page for people who try the portal: move the clock, read the mail that it sent."""
from __future__ import annotations

import re
from datetime import UTC, datetime
from html import escape
from typing import TYPE_CHECKING

from portal.demo.mailbox import Received

if TYPE_CHECKING:
    from portal.demo.demo import Demo

PATH = "/_demo/desk"
STEPS = {"hour": (3600.0, "+1 hour"), "day": (86_400.0, "+1 day"), "week": (604_800.0, "+7 days")}
_LINK = re.compile(r"https?://127\.0\.0\.1:\d+[^\s<>\"]*")
_STYLE = """
:root{color-scheme:light dark;font:16px/1.5 system-ui,sans-serif}
body{max-width:44rem;margin:1.5rem auto;padding:0 1rem}
form{display:inline}button{font:inherit;padding:.5rem .9rem;margin:0 .4rem .4rem 0}
article{border:1px solid #8885;border-radius:.5rem;padding:.75rem 1rem;margin:0 0 1rem}
pre{white-space:pre-wrap;overflow-wrap:anywhere;font:inherit;margin:.5rem 0 0}small{opacity:.8}
h1{font-size:1.4rem}h2{font-size:1.1rem}h3{font-size:1rem;margin:0}
"""


def page(demo: Demo) -> str:
    """The whole page as HTML; everything in it that came from elsewhere is escaped."""
    moves = "".join(f'<form method="post" action="{PATH}?step={name}"><button>{words}</button></form>'
                    for name, (_, words) in STEPS.items())
    mails = "".join(_mail(one) for one in demo.mailbox.all()) or "<p>No mail has come yet.</p>"
    return (f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Demo desk</title>'
            f'<meta name="viewport" content="width=device-width, initial-scale=1"><style>{_STYLE}</style></head><body>'
            f"<h1>Demo desk</h1><h2>Clock</h2><p>Panel and portal go by <b>{_moment(demo.clock.now())}</b>. "
            f"Moved on by more than a day at once, whoever did not tick “stay signed in” has to sign in again. "
            f"After a jump the clock is believed at the second look: nothing is suspended until then. "
            f"Press +1 hour.</p>"
            f"<p>{moves}</p><h2>Mailbox</h2><p>Every mail that the portal sent, for whomever. "
            f'<a href="{PATH}">Look again</a></p>{mails}</body></html>')


def move(demo: Demo, step: str) -> bool:
    """Move the clock on by one of the steps; False when there is no such step."""
    if step not in STEPS:
        return False
    with demo.turn:
        demo.clock.advance(STEPS[step][0])
        demo.jobs.run_due()
    return True


def _mail(one: Received) -> str:
    text = _LINK.sub(lambda found: f'<a href="{found[0]}">{found[0]}</a>', escape(one.text, quote=False))
    recipients = escape(", ".join(one.recipients))
    return (f'<article id="mail-{one.number}"><h3>{escape(one.subject)}</h3>'
            f"<small>to {recipients}, {_moment(one.at)}</small><pre>{text}</pre></article>")


def _moment(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).strftime("%A, %Y-%m-%d %H:%M UTC")
