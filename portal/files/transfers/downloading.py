"""Sending a file of a server to a browser, under its own name."""

from __future__ import annotations

import errno
import logging
import re
from collections.abc import Iterator
from urllib.parse import quote

from portal.auth.sessions import Viewer
from portal.credentials import service as credentials
from portal.credentials.service import Credential
from portal.files import door, folders, paths
from portal.files.transfers.places import Place
from portal.panel import settings
from portal.pterodactyl import errors
from portal.pterodactyl.downloads import Download
from portal.servers.reading import Opened

log = logging.getLogger("roost.files")
SAFE = "!#$&+-.^_`|~"
"""What may stand in `filename*` as it is, besides letters and digits (RFC 8187, attr-char)."""


class NoSuchFile(Exception):
    """The node has no file there: none at all, or a folder."""


def open_file(viewer: Viewer, opened: Opened, file: str) -> Download:
    """A file on its way from the node. Raises NoSuchFile, and the library's errors.

    Wings' 500 may also be a node that is broken: who may look into the folder is told only what that shows.
    """
    try:
        with door.looking(viewer) as files:
            download = files.open_download(opened.facts.uuid, file)
    except (errors.NodeRefused, errors.NodeUnreachable) as error:
        if not folders.is_missing(error):
            raise
        if error.status == 500 and opened.rights.allow("file.read"):
            _demand(viewer, opened, file, is_fresh=True)
            raise
        raise NoSuchFile from error
    door.note_read(viewer, "file.download", opened.facts.uuid, file)
    return download


def address(viewer: Viewer, opened: Opened, file: str) -> str | None:
    """Where the browser may fetch a file itself, once; None when it comes through Roost.

    Only for who has a key of their own: an address that the service key made permits more than the panel knows of.
    Raises NoSuchFile when the folder is known not to hold it, and the library's errors.
    """
    if settings().downloads != "node":
        return None
    credential = credentials.for_account(viewer.account_id, viewer.panel_user_id)
    if not isinstance(credential, Credential) or credential.kind != "own":
        return None
    if opened.rights.allow("file.read"):
        _demand(viewer, opened, file)
    with door.looking(viewer) as files:
        return files.download_url(opened.facts.uuid, file).url


def _demand(viewer: Viewer, opened: Opened, file: str, *, is_fresh: bool = False) -> None:
    """Raises NoSuchFile when the folder does not hold the file, and the library's errors."""
    try:
        entry = folders.read(viewer, opened, paths.parent(file), is_fresh=is_fresh).find(paths.base(file))
    except folders.NoSuchFolder:
        raise NoSuchFile from None
    if entry is None or entry.is_folder:
        raise NoSuchFile


def pieces(download: Download, place: Place) -> Iterator[bytes]:
    """The file; at its end, or when nobody wants more of it, the place is given back.

    When it breaks off, so does the answer: a browser must not take what came for the whole file. gunicorn answers this
    error by closing the connection, without a word to anybody.
    """
    try:
        with download:
            yield from download
    except errors.PanelError as error:
        log.warning("a download was cut off: %s", error)
        raise ConnectionResetError(errno.ECONNRESET, "the node cut the file off") from None
    finally:
        place.give_back()


def disposition(name: str) -> str:
    """The header that names a download (RFC 6266): any name at all, and an ASCII one for who cannot read that."""
    plain = re.sub(r"[^ -~]|[\"\\%;/]", "_", name)
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe=SAFE)}"
