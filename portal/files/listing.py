"""A folder's list as somebody wants to see it: filtered, in an order, in parts; and what was chosen in it."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Literal

from werkzeug.datastructures import MultiDict

from portal.auth.sessions import Viewer
from portal.files import folders, paths
from portal.files.entries import Entry
from portal.files.folders import Folder
from portal.servers.reading import Opened

Sort = Literal["name", "size", "date"]
SORTS: tuple[Sort, ...] = ("name", "size", "date")
PART = 200
"""Rows that are drawn at once."""
LONGEST_FILTER = 255
DIGITS = re.compile(r"\d+")


class Changed(Exception):
    """Everything in a folder was chosen, but by now other names are in it than those that were looked at."""


@dataclass(frozen=True)
class ListQuery:
    """How somebody wants a folder shown. `text` is a part of names, `part` counts from 1."""

    directory: str = "/"
    text: str = ""
    sort: Sort = "name"
    is_descending: bool = False
    part: int = 1

    def address(self, **other: Any) -> dict[str, Any]:
        """What an address of this view says beside the server, without what is usual; `other` goes over it."""
        usual: dict[str, Any] = {"directory": "/", "q": "", "sort": "name", "desc": 0, "part": 1}
        here: dict[str, Any] = {
            "directory": self.directory, "q": self.text, "sort": self.sort, "desc": int(self.is_descending)
        }  # fmt: skip
        return {name: value for name, value in (here | other).items() if value != usual.get(name)}


@dataclass(frozen=True)
class FileList:
    """One part of a folder's list. `total` counts all entries of the folder, `fitting` those that fit the filter.

    `names` is a short text that differs when other names fit, `seen` when a part would not follow the part before.
    `is_whole`: no part before it is missing.
    """

    query: ListQuery
    rows: tuple[Entry, ...]
    total: int
    fitting: int
    folders: int
    size_bytes: int
    read_at: float
    names: str
    seen: str
    is_whole: bool

    @property
    def next_part(self) -> int | None:
        """The number of the part that follows, if one does."""
        return self.query.part + 1 if self.query.part * PART < self.fitting else None

    @property
    def drawn(self) -> int:
        """How many rows the parts up to this one have."""
        return min(self.fitting, self.query.part * PART)


@dataclass(frozen=True)
class Chosen:
    """What somebody chose in a folder. `missing` are names that are not in it any more: say so for each."""

    entries: tuple[Entry, ...]
    missing: tuple[str, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """The names of what is there."""
        return tuple(one.name for one in self.entries)


def shown(folder: Folder, query: ListQuery, *, upto: bool = False, to: str = "") -> FileList:
    """One part of a folder's list, with a name in `to` at least the part that it is in; with `upto` also all before."""
    fitting = ordered(filtered(folder.entries, query.text), query.sort, is_descending=query.is_descending)
    at = next((number for number, one in enumerate(fitting) if one.name == to), 0)
    query = replace(query, part=max(query.part, at // PART + 1))
    names = names_version(fitting)
    begin = 0 if upto else (query.part - 1) * PART
    return FileList(
        query=query,
        rows=fitting[begin : query.part * PART],
        total=len(folder.entries),
        fitting=len(fitting),
        folders=sum(one.is_folder for one in fitting),
        size_bytes=sum(one.size_bytes for one in fitting if one.kind == "file"),
        read_at=folder.read_at,
        names=names,
        seen=names if query.sort == "name" else folder.version,
        is_whole=begin == 0,
    )


def chosen(viewer: Viewer, opened: Opened, directory: str, form: MultiDict[str, str]) -> Chosen:
    """What the selection form of a folder's page has chosen.

    Its fields: `name` (packed, repeated), or for everything that fits the filter `q`: `all` (FileList.names of what
    was shown) and `but` (packed, repeated: not those). Reads the folder, anew for `all`. Raises Changed, BadPath,
    NoSuchFolder and the library's errors.
    """
    version = form.get("all", "")
    folder = folders.read(viewer, opened, directory, is_fresh=bool(version))
    if not version:
        names = _names(form, "name")
        found = {one.name: one for one in folder.entries}
        there = tuple(found[one] for one in names if one in found)
        return Chosen(there, tuple(one for one in names if one not in found))
    fitting = ordered(filtered(folder.entries, form.get("q", "")), "name")
    if names_version(fitting) != version:
        raise Changed
    but = set(_names(form, "but"))
    return Chosen(tuple(one for one in fitting if one.name not in but))


def filtered(entries: tuple[Entry, ...], text: str) -> tuple[Entry, ...]:
    """Those whose name holds a text, however its letters are written."""
    wanted = text.strip()[:LONGEST_FILTER].casefold()
    return tuple(one for one in entries if wanted in one.name.casefold()) if wanted else entries


def ordered(entries: tuple[Entry, ...], sort: Sort, *, is_descending: bool = False) -> tuple[Entry, ...]:
    """Folders first, then everything else; within both by name (2 before 10), size or date."""
    keys: dict[Sort, Callable[[Entry], Any]] = {
        "name": lambda _one: 0,
        "size": lambda one: 0 if one.is_folder else one.size_bytes,
        "date": lambda one: one.changed_at,
    }
    by_name = sorted(entries, key=lambda one: natural(one.name), reverse=is_descending and sort == "name")
    by_key = sorted(by_name, key=keys[sort], reverse=is_descending)
    return tuple(sorted(by_key, key=lambda one: not one.is_folder))


def natural(name: str) -> tuple[str, str]:
    """The order of names as people count: numbers in them by their value, letters however they are written.

    A text and no list of parts: a name of 255 letters may have 128 parts, and a folder many such names.
    """
    return DIGITS.sub(_counted, name.casefold()), name


def _counted(number: re.Match[str]) -> str:
    """A number that sorts as text: before all letters, the shorter one first. Digits of other scripts are letters."""
    if not number[0].isascii():
        return f"\1{number[0]}"
    digits = number[0].lstrip("0")
    return f"\0{chr(len(digits) + 1)}{digits}"


def names_version(entries: tuple[Entry, ...]) -> str:
    """A short text that differs when names or kinds do, in whatever order."""
    digest = hashlib.sha256()
    for one in sorted(entries, key=lambda entry: entry.name):
        digest.update(f"{one.name}\0{one.kind}\1".encode())
    return digest.hexdigest()[:16]


def query_of(directory: str, values: MultiDict[str, str]) -> ListQuery:
    """What an address asks of the list; whatever is not on offer is ignored."""
    sort, part = values.get("sort", ""), values.get("part", "")
    return ListQuery(
        directory=directory,
        text=values.get("q", "").strip()[:LONGEST_FILTER],
        sort=sort if sort in SORTS else "name",
        is_descending=values.get("desc") == "1",
        part=int(part) if re.fullmatch(r"[1-9][0-9]{0,4}", part) else 1,
    )


def _names(form: MultiDict[str, str], field: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(paths.name(paths.unpacked(one)) for one in form.getlist(field)))
