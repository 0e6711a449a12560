"""Looking for names in a folder and all folders below it, in steps that each ask little of the panel.

Nothing is kept between steps: the page carries what has still to be looked at, nearest folders first.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from fnmatch import translate
from re import IGNORECASE, Pattern
from re import compile as compiled
from typing import Literal

from portal import clock
from portal.auth.sessions import Viewer
from portal.files import door, folders, paths
from portal.files.entries import Entry, entry_of
from portal.files.listing import ordered
from portal.pterodactyl import errors
from portal.servers.reading import Opened
from portal.web.i18n import _

STEP_CALLS = 8
STEP_S = 3.0
PAUSE_S = 2
"""Between two steps; so that a search takes no more than a third of what a customer's key may ask in a minute."""
MOST_FOLDERS = 300
MOST_HITS = 500
DEEPEST = 16
MOST_BYTES = 30_000
"""Of folders that wait; they travel in a form."""
LONGEST_TEXT = 255
End = Literal["", "whole", "folders", "hits", "failed"]


@dataclass(frozen=True)
class Search:
    """How far a search got. `waiting` are folders to look at; `looked` and `found` count what is behind.

    `unread` counts folders that could not be read, `is_cut` says that some were left out because they were too many
    or too deep.
    """

    directory: str
    text: str
    waiting: tuple[str, ...]
    looked: int = 0
    found: int = 0
    unread: int = 0
    is_cut: bool = False


@dataclass(frozen=True)
class Hit:
    """Something whose name fits, and the folder that it is in."""

    directory: str
    entry: Entry

    @property
    def path(self) -> str:
        """Where it is."""
        return paths.joined(self.directory, self.entry.name)


@dataclass(frozen=True)
class Step:
    """What a step found and how far it got. `end` "" says that it goes on, after `wait_s`; with `is_busy` because
    no more may be asked of the panel now. "failed": `error` is why nothing can be read."""

    search: Search
    hits: tuple[Hit, ...]
    end: End = ""
    wait_s: int = PAUSE_S
    is_busy: bool = False
    error: errors.PanelError | None = None


def begun(directory: str, text: str) -> Search:
    """A search that has looked at nothing yet."""
    return Search(directory, text.strip()[:LONGEST_TEXT], (directory,))


def carried(directory: str, text: str, waiting: list[str], counts: tuple[int, int, int], *, is_cut: bool) -> Search:
    """A search as a page carried it. Raises BadPath for folders that are not below its own."""
    below = directory.rstrip("/") + "/"
    safe = tuple(dict.fromkeys(paths.whole(paths.unpacked(one)) for one in waiting))
    if any(one != directory and not one.startswith(below) for one in safe):
        raise paths.BadPath(_("This address leads nowhere in this server's folder."))
    looked, found, unread = counts
    return Search(directory, text.strip()[:LONGEST_TEXT], safe[:MOST_FOLDERS], looked, found, unread, is_cut)


def step(viewer: Viewer, opened: Opened, search: Search) -> Step:
    """Look at the next folders: at most 8 panel calls, begun within 3 s. Links are not followed."""
    fits, hits, now = pattern(search.text), list[Hit](), search
    began = clock.monotonic()
    for _number in range(STEP_CALLS):
        if _end(now) or clock.monotonic() - began >= STEP_S:
            break
        directory, rest = now.waiting[0], now.waiting[1:]
        try:
            entries = _entries(viewer, opened, directory)
        except errors.Busy as busy:
            return Step(now, tuple(hits), wait_s=max(PAUSE_S, round(busy.retry_after_s) + 1), is_busy=True)
        except errors.PanelError as error:
            if not _is_unreadable(error, directory):
                return Step(now, tuple(hits), end="failed", error=error)
            now = replace(now, waiting=rest, looked=now.looked + 1, unread=now.unread + 1)
            continue
        new = [Hit(directory, one) for one in entries if fits.match(one.name)][: MOST_HITS - now.found]
        hits += new
        now = _after(replace(now, waiting=rest, looked=now.looked + 1, found=now.found + len(new)), directory, entries)
    return Step(now, tuple(hits), end=_end(now))


def pattern(text: str) -> Pattern[str]:
    """What a name must be like: a pattern with * and ? as a whole, any other text anywhere; letters however written."""
    plain = text.replace("[", "[[]")
    return compiled(translate(plain if "*" in text or "?" in text else f"*{plain}*"), IGNORECASE)


def _entries(viewer: Viewer, opened: Opened, directory: str) -> tuple[Entry, ...]:
    """What is in a folder, in the order in which it is shown; what pages keep of folders is left alone."""
    with door.searching(viewer) as files:
        return ordered(tuple(entry_of(one) for one in files.list(opened.facts.uuid, directory)), "name")


def _is_unreadable(error: errors.PanelError, directory: str) -> bool:
    """Whether only this folder cannot be read: it is gone, or the node refuses it."""
    return directory != "/" and (isinstance(error, errors.NodeRefused) or folders.is_missing(error))


def _after(search: Search, directory: str, entries: tuple[Entry, ...]) -> Search:
    """The search with the folders of a folder behind those that wait, as long as there is room for them."""
    room = MOST_FOLDERS - search.looked - len(search.waiting)
    size = sum(len(paths.packed(one)) for one in search.waiting)
    below = [paths.joined(directory, one.name) for one in entries if one.is_folder]
    taken = list[str]()
    for path in below:
        size += len(paths.packed(path))
        if len(taken) >= room or size > MOST_BYTES or _depth(search.directory, path) > DEEPEST:
            break
        taken.append(path)
    is_cut = search.is_cut or len(taken) < len(below)
    return replace(search, waiting=(*search.waiting, *taken), is_cut=is_cut)


def _depth(top: str, path: str) -> int:
    return len(paths.crumbs(path)) - len(paths.crumbs(top))


def _end(search: Search) -> End:
    if search.found >= MOST_HITS:
        return "hits"
    if not search.waiting or search.looked >= MOST_FOLDERS:
        return "folders" if search.is_cut or search.waiting else "whole"
    return ""
