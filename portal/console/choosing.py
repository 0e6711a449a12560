"""Several consoles on one page: which servers somebody may choose, and those that are open."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from portal.auth.sessions import Viewer
from portal.servers import listing
from portal.servers.reading import Opened

MOST = 6
PERMISSION = "websocket.connect"
_IDENTIFIER = re.compile(r"[0-9a-z]{8}")


@dataclass(frozen=True)
class Choice:
    """A server that may be chosen."""

    identifier: str
    name: str
    node: str
    is_open: bool


def identifiers(asked: Sequence[str]) -> tuple[list[str], bool]:
    """The identifiers among what an address asks for, each once and at most `MOST`; and whether any were left out."""
    found = list(dict.fromkeys(one for one in asked if _IDENTIFIER.fullmatch(one)))
    return found[:MOST], len(found) > MOST


def choices(viewer: Viewer, opened: Sequence[Opened]) -> list[Choice]:
    """The servers whose console a person may see, by name; no panel call."""
    there = {one.facts.identifier for one in opened}
    mine = [facts for facts, rights in listing.servers_of(viewer) if rights.allow(PERMISSION)]
    named = sorted(mine, key=lambda facts: (facts.name.casefold(), facts.identifier))
    return [Choice(one.identifier, one.name, one.node, one.identifier in there) for one in named]
