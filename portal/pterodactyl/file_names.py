"""Names of files and folders, checked where a wrong one would mean another file than intended."""

from __future__ import annotations

import posixpath
import unicodedata
from collections.abc import Iterable


def inside(name: str) -> str:
    """A name or path below a folder that is named beside it.

    Raises ValueError for what is that folder itself or lies outside of it ("", ".", "/", "..", "a/../.."): Wings would
    take the folder, with everything in it.
    """
    clean = posixpath.normpath("./" + _text(name).strip())
    if clean == "." or clean == ".." or clean.startswith("../"):
        raise ValueError("a file's name must name something below its folder")
    return name


def all_inside(names: Iterable[str]) -> list[str]:
    """Names as for `inside`. Raises ValueError for one text instead of several, which Python would take apart."""
    if isinstance(names, str | bytes):
        raise ValueError("several names were expected, not one text")
    return [inside(name) for name in names]


def folder(path: str) -> str:
    """A folder's path, "/" for the uppermost. Raises ValueError if it is empty, which the panel answers with 500."""
    if not _text(path).strip():
        raise ValueError("a folder is named by its path, / for the uppermost")
    return path


def file_path(path: str) -> str:
    """A file's whole path. Raises ValueError if it is empty."""
    if not _text(path).strip():
        raise ValueError("a file is named by its path")
    return path


def base_name(name: str) -> str:
    """A file's name alone. Raises ValueError for slashes, control characters, "", "." and ".."."""
    odd = any(character == "/" or unicodedata.category(character) in ("Cc", "Cs") for character in _text(name))
    if odd or name.strip() in ("", ".", ".."):
        raise ValueError("a file's name must be a name and nothing else")
    return name


def _text(value: str) -> str:
    if not isinstance(value, str):
        raise ValueError("a name is text")
    return value
