"""Names of files and folders, checked where a wrong one would mean another file than intended."""

from __future__ import annotations

import posixpath
import unicodedata
from collections.abc import Iterable
from typing import Final

from portal.pterodactyl.text import several

LONGEST_NAME: Final = 255
"""Bytes; what the file systems of nodes hold."""
_BLANKS: Final = "".join(one for one in map(chr, range(0x3001)) if one.isspace()) + "\ufeff\u200b\u200e"


def inside(name: str) -> str:
    """A name or path below a folder that is named beside it.

    Raises ValueError for what is that folder itself or lies outside of it ("", ".", "/", "..", "a/../.."): Wings would
    take the folder, with everything in it.
    """
    clean = posixpath.normpath("./" + _trimmed(name))
    if clean == "." or clean == ".." or clean.startswith("../"):
        raise ValueError("a file's name must name something below its folder")
    return name


def all_inside(names: Iterable[str]) -> list[str]:
    """Names as for `inside`. Raises ValueError for one text instead of several."""
    return [inside(name) for name in several(names)]


def folder(path: str) -> str:
    """A folder's path, "/" for the uppermost. Raises ValueError if it is empty, which the panel answers with 500."""
    if not _trimmed(path):
        raise ValueError("a folder is named by its path, / for the uppermost")
    return path


def file_path(path: str) -> str:
    """A file's whole path. Raises ValueError if it is empty."""
    if not _trimmed(path):
        raise ValueError("a file is named by its path")
    return path


def base_name(name: str) -> str:
    """A file's name alone. Raises ValueError for slashes, control characters, "", ".", ".." and over 255 bytes."""
    odd = any(character == "/" or unicodedata.category(character) in ("Cc", "Cs") for character in _text(name))
    if odd or _trimmed(name) in ("", ".", "..") or len(name.encode()) > LONGEST_NAME:
        raise ValueError("a file's name must be a name and nothing else")
    return name


def _trimmed(value: str) -> str:
    """What the panel makes of a name when the server is named by its 8 characters (`TrimStrings` of Laravel 10)."""
    return _text(value).strip(_BLANKS)


def _text(value: str) -> str:
    if not isinstance(value, str):
        raise ValueError("a name is text")
    return value
