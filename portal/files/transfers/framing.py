"""What a page's script sends: a line of JSON, `[[name, size], ...]`, then the bytes of all files, one after another."""

from __future__ import annotations

import json

from portal.files import paths
from portal.files.transfers.incoming import Incoming, TooLong
from portal.pterodactyl.file_names import base_name
from portal.pterodactyl.multipart import FilePart
from portal.web.i18n import _

LONGEST_LINE = 64 * 1024
MOST_FILES = 100
LARGEST = 2**53
"""Bytes; what a browser's numbers can say."""


class BadUpload(Exception):
    """An upload that is not what it says it is, or that cannot be stored under its name; the message is a sentence."""


def parts_of(body: Incoming) -> tuple[FilePart, ...]:
    """The files that follow in `body`, which then stands at the first byte of the first one. Raises BadUpload."""
    try:
        listed = json.loads(body.line(LONGEST_LINE))
    except (TooLong, EOFError, ValueError, RecursionError):
        raise BadUpload(_("The upload does not say which files it holds.")) from None
    if not isinstance(listed, list) or not 0 < len(listed) <= MOST_FILES:
        raise BadUpload(_("The upload does not say which files it holds."))
    parts = tuple(_part(one) for one in listed)
    if len({part.name for part in parts}) < len(parts):
        raise BadUpload(_("Two files of one upload have the same name."))
    if sum(part.size_bytes for part in parts) != body.left:
        raise BadUpload(_("The upload is not as long as it says."))
    return parts


def sendable(name: str) -> str:
    """A name that a file can be uploaded under. Raises BadUpload: also for line breaks and other control characters."""
    try:
        return base_name(paths.name(name))
    except paths.BadPath as bad:
        raise BadUpload(str(bad)) from None
    except ValueError:
        raise BadUpload(_("A file cannot be uploaded under the name %(name)s: rename it first.", name=name)) from None


def _part(listed: object) -> FilePart:
    match listed:
        case [str(name), int(size)] if not isinstance(size, bool) and 0 <= size <= LARGEST:
            return FilePart(sendable(name), size)
    raise BadUpload(_("The upload does not say which files it holds."))
