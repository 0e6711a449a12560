"""How names, kinds and times of files look on pages."""

from __future__ import annotations

import re
from datetime import UTC, datetime

from portal import clock
from portal.files.entries import Entry
from portal.files.text.reading import LONGEST
from portal.web.formatting import zone
from portal.web.i18n import _

TEXTS = re.compile(r"text/|inode/x-empty|application/(json|xml|javascript|toml|(x-)?(yaml|sh|ndjson|sql|perl|ruby)\b)")
SIGNS = {" ": "␣", "\n": "↵", "\t": "⇥"}
UNSEEN = re.compile(r"[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]|^\s+|\s+$")


def visible(name: str) -> str:
    """A name in which nothing hides: control characters and those that turn the direction of text are drawn as signs,
    blanks at its ends as well."""
    return UNSEEN.sub(lambda found: "".join(_sign(letter) for letter in found[0]), name)


def when(at: float) -> str:
    """When a file was changed, in the viewer's zone (`zone_name`): the time alone for today."""
    try:
        local = datetime.fromtimestamp(at, zone())
        today = datetime.fromtimestamp(clock.now(), zone()).date()
    except (OverflowError, ValueError, OSError):
        return ""
    return _("today %(time)s", time=f"{local:%H:%M}") if local.date() == today else f"{local:%Y-%m-%d %H:%M}"


def zone_name() -> str:
    """The short name of the viewer's zone, as it is called today."""
    return datetime.fromtimestamp(clock.now(), zone()).tzname() or str(UTC)


def looks_like_text(entry: Entry) -> bool:
    """Whether opening it means editing it: the node's word for what is in it, and short enough for the panel."""
    is_short = entry.kind == "file" and entry.size_bytes <= LONGEST
    return is_short and (entry.size_bytes == 0 or TEXTS.match(entry.mimetype) is not None)


def unseen_words() -> str:
    """What is said to somebody who may write into a folder and not look into it."""
    return _("Your access does not include seeing what is in this folder. Say that a file may be replaced.")


def kind_words(entry: Entry) -> str:
    """What an entry is, in words."""
    if entry.is_archive and entry.kind == "file":
        return _("Archive")
    words = {
        "folder": _("Folder"),
        "file": _("File"),
        "link": _("Link to something else"),
        "special": _("Pipe, socket or device"),
    }
    return words[entry.kind]


def icon_of(entry: Entry) -> str:
    """The name of its picture."""
    return "archive" if entry.is_archive and entry.kind == "file" else entry.kind


def _sign(letter: str) -> str:
    return SIGNS.get(letter, f"⟨{ord(letter):04X}⟩")
