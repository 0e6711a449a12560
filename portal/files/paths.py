"""Paths and names of a server's files, as pages and forms carry them.

A path begins at the server's own folder, "/". What comes from a browser is brought into one form here, before anything
is asked of the panel: no path leads out of the server's folder, however its dots and slashes are written.
"""

from __future__ import annotations

import unicodedata
from urllib.parse import quote, unquote

from portal.web.i18n import _

LONGEST_PATH = 4096
LONGEST_NAME = 255
"""Bytes; what the file systems of nodes hold."""


class BadPath(Exception):
    """What somebody asked for is no path inside of a server's folder; the message is a sentence."""


def whole(path: str) -> str:
    """A path in its one form: from "/", no empty parts, no "." and no slash at the end. Raises BadPath.

    ".." is refused, not resolved: no page of ours makes such an address. Names that only look alike ("%2e%2e", "..." or
    a name with a blank at its end) are names like any other.
    """
    parts = [part for part in path.split("/") if part not in ("", ".")]
    if ".." in parts or "\0" in path or _is_unsendable(path):
        raise BadPath(_("This address leads nowhere in this server's folder."))
    if len(path.encode()) > LONGEST_PATH:
        raise BadPath(_("This path is too long."))
    return "/" + "/".join(parts)


def joined(folder: str, name: str) -> str:
    """The path of something in a folder; both in their one form."""
    return f"{folder.rstrip('/')}/{name}"


def below(folder: str, target: str) -> str:
    """Where somebody means to put something: a path from "/", or one seen from `folder` ("../" may lead up, but not
    out). Raises BadPath."""
    parts: list[str] = []
    for part in (target if target.startswith("/") else joined(folder, target)).split("/"):
        if part == ".." and not parts:
            raise BadPath(_("This leads out of the server's folder."))
        if part == "..":
            parts.pop()
        elif part not in ("", "."):
            parts.append(part)
    return whole("/".join(parts))


def parent(path: str) -> str:
    """The folder that something is in; "/" for itself."""
    return path.rpartition("/")[0] or "/"


def base(path: str) -> str:
    """The name at the end of a path; "" for "/"."""
    return path.rpartition("/")[2]


def crumbs(path: str) -> tuple[tuple[str, str], ...]:
    """Name and path of every folder on the way to `path` and of itself, without the uppermost."""
    parts = [part for part in path.split("/") if part]
    return tuple((part, "/" + "/".join(parts[: number + 1])) for number, part in enumerate(parts))


def name(text: str) -> str:
    """One name, of something that is there or shall be: nothing is changed about it. Raises BadPath."""
    if text in ("", ".", "..") or "/" in text or "\0" in text or _is_unsendable(text):
        raise BadPath(_("This is not a name: it must not be empty, . or .., and hold no slash."))
    if len(text.encode()) > LONGEST_NAME:
        raise BadPath(_("This name is too long: a name has at most 255 bytes."))
    return text


def new_name(text: str) -> str:
    """A name that somebody typed for something new. Raises BadPath also for what nobody types on purpose."""
    found = name(text)
    if not found.strip() or any(unicodedata.category(letter) == "Cc" for letter in found):
        raise BadPath(_("A new name must hold something to see, and no line breaks or other control characters."))
    return found


def first_below(directory: str, path: str) -> str:
    """The name in a folder of what a path below it begins with."""
    return path[len(directory.rstrip("/")) + 1 :].partition("/")[0]


def packed(text: str) -> str:
    """A name as a field of a form carries it: browsers change line breaks in fields, but nothing in this."""
    return quote(text, safe="")


def unpacked(text: str) -> str:
    """The name that `packed` made a field of; what it would never have made is refused. Raises BadPath."""
    try:
        return unquote(text, errors="strict")
    except UnicodeDecodeError:
        raise BadPath(_("This is not a name: it must not be empty, . or .., and hold no slash.")) from None


def _is_unsendable(text: str) -> bool:
    """Whether it is no text that UTF-8 can say."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return True
    return False
