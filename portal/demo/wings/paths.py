"""Names that come from outside, and where they lead to: never out of a server's folder."""
from __future__ import annotations

import os
from pathlib import Path

from portal.demo.wings.file_errors import BadPath

_SEPARATOR = "/"


def joined(*parts: str) -> str:
    """As Go's `path.Join`: empty parts are skipped, `.` and `..` resolved by the text alone; "" for nothing."""
    text = _SEPARATOR.join(part for part in parts if part)
    if not text:
        return ""
    kept: list[str] = []
    is_absolute = text.startswith(_SEPARATOR)
    for part in text.split(_SEPARATOR):
        if part == ".." and kept and kept[-1] != "..":
            kept.pop()
        elif part not in ("", ".") and not (part == ".." and is_absolute):
            kept.append(part)
    return (_SEPARATOR if is_absolute else "") + _SEPARATOR.join(kept) or "."


def plain(name: str) -> str:
    """What is no character becomes U+FFFD; raises BadPath for what no path can hold."""
    if "\0" in name:
        raise BadPath(name)
    return "".join("\N{REPLACEMENT CHARACTER}" if "\ud800" <= letter <= "\udfff" else letter for letter in name)


def parts_of(name: str) -> list[str]:
    """The parts below the root, without `.` and `..`; raises BadPath."""
    kept: list[str] = []
    for part in plain(name).split(_SEPARATOR):
        if part == "..":
            if not kept:
                raise BadPath(name)
            kept.pop()
        elif part not in ("", "."):
            kept.append(part)
    return kept


def resolved(root: Path, name: str, *, follows: bool) -> Path:
    """The place of `name` below `root`; links on the way must stay inside, with `follows` the last part's too."""
    real_root = root.resolve()
    parts = parts_of(name)
    if not parts:
        return real_root
    parent = real_root.joinpath(*parts[:-1])
    place = _real(parent) / parts[-1]
    if follows:
        place = _real(place)
    checked = place if follows else place.parent
    if not checked.is_relative_to(real_root):
        raise BadPath(name)
    return place


def _real(place: Path) -> Path:
    """Unlike `Path.resolve` no error where links go round in circles; the caller's system call says that."""
    return Path(os.path.realpath(place))

