"""Making folders and empty files, deleting, permissions: done, then looked at (`attempts`)."""

from __future__ import annotations

import io
from collections.abc import Callable
from contextlib import suppress
from functools import partial

from portal.auth.sessions import Viewer
from portal.files import folders
from portal.files.attempts import Standing, Work, by_name, carry_out, read_before
from portal.files.entries import Entry
from portal.files.folders import Folder
from portal.files.outcomes import Result
from portal.pterodactyl import errors
from portal.pterodactyl.client.files import FileCalls
from portal.pterodactyl.file_names import base_name
from portal.pterodactyl.models import FileMode
from portal.servers.reading import Opened
from portal.unfit import Unfit
from portal.web.i18n import _

Look = Callable[[], Callable[[str], tuple[Standing, str]]]


def create_folder(viewer: Viewer, opened: Opened, directory: str, name: str) -> Result:
    """Make a folder. Raises Unfit when something of that name is there already, and the library's errors."""
    with suppress(folders.NoSuchFolder):  # it is made as well
        _require_free(read_before(viewer, opened, directory), name)

    def send(files: FileCalls, names: tuple[str, ...]) -> None:
        files.create_folder(opened.facts.uuid, sendable(names[0]), root=directory)

    look = _look_for(viewer, opened, directory, is_folder=True)
    outcomes = carry_out(Work("new-folder", viewer, opened, directory, send, look), (name,))
    return Result("new-folder", directory, outcomes)


def create_empty_file(viewer: Viewer, opened: Opened, directory: str, name: str) -> Result:
    """Make a file without anything in it. Raises Unfit when there is one already, and the library's errors.

    Wings 1.11 refuses to write an empty file, so it is stored as an upload of no bytes. An upload replaces what is
    there: the folder is read before, and nothing is done when that fails. So this needs `file.read` too.
    """
    try:
        _require_free(read_before(viewer, opened, directory), base_name(name))
    except ValueError:
        raise Unfit(_("A file of this name cannot be made.")) from None
    except folders.NoSuchFolder:  # or the node cannot read it: then nobody knows what would be replaced
        raise Unfit(_("The folder is not there, or cannot be read just now.")) from None

    def send(files: FileCalls, names: tuple[str, ...]) -> None:
        files.upload(opened.facts.uuid, directory, names[0], io.BytesIO(), 0)

    look = _look_for(viewer, opened, directory, is_folder=False)
    return Result("new-file", directory, carry_out(Work("new-file", viewer, opened, directory, send, look), (name,)))


def delete(viewer: Viewer, opened: Opened, directory: str, names: tuple[str, ...]) -> Result:
    """Delete files, and folders with everything in them. Raises the library's errors."""
    before = _known_before(viewer, opened, directory)

    def send(files: FileCalls, names: tuple[str, ...]) -> None:
        files.delete(opened.facts.uuid, [sendable(name) for name in names], root=directory)

    def look() -> Callable[[str], tuple[Standing, str]]:
        after = by_name(folders.read(viewer, opened, directory, is_fresh=True))

        def stands(name: str) -> tuple[Standing, str]:
            if name in after:
                return "not", ""
            return ("missing" if before is not None and name not in before else "done"), ""

        return stands

    return Result("delete", directory, carry_out(Work("delete", viewer, opened, directory, send, look), names))


def permissions(viewer: Viewer, opened: Opened, directory: str, names: tuple[str, ...], mode: int) -> Result:
    """Give files and folders the permissions `mode` (0 to 0o777); nothing in folders. Raises the library's errors."""
    digits = f"{mode:03o}"

    def send(files: FileCalls, names: tuple[str, ...]) -> None:
        files.chmod(opened.facts.uuid, [FileMode(sendable(name), digits) for name in names], root=directory)

    def look() -> Callable[[str], tuple[Standing, str]]:
        after = folders.read(viewer, opened, directory, is_fresh=True)
        return partial(_has_mode, by_name(after), mode)

    work = Work("permissions", viewer, opened, directory, send, look)
    return Result("permissions", directory, carry_out(work, names))


def sendable(name: str) -> str:
    """A name as the library takes it: it refuses what the panel would cut down to nothing, or to a way out.

    The panel cuts nothing off when the server is named by its full uuid; the node reads `./ ../.` as the name " ..".
    """
    return f"./{name}/." if name.strip() in ("", ".", "..") else name


def _has_mode(after: dict[str, Entry], mode: int, name: str) -> tuple[Standing, str]:
    found = after.get(name)
    if found is None:
        return "missing", ""
    if found.kind == "link":  # what it leads to has changed, which is not seen here
        return "unclear", ""
    return ("done" if int(found.mode_bits, 8) == mode else "not"), ""


def _look_for(viewer: Viewer, opened: Opened, directory: str, *, is_folder: bool) -> Look:
    def look() -> Callable[[str], tuple[Standing, str]]:
        after = folders.read(viewer, opened, directory, is_fresh=True)

        def stands(name: str) -> tuple[Standing, str]:
            found = after.find(name)
            return ("done" if found is not None and found.is_folder == is_folder else "not"), ""

        return stands

    return look


def _known_before(viewer: Viewer, opened: Opened, directory: str) -> dict[str, Entry] | None:
    """What was there before; None when it could not be read: that only makes the report poorer."""
    try:
        found = read_before(viewer, opened, directory)
        return None if found is None else by_name(found)
    except (folders.NoSuchFolder, errors.NodeUnreachable):
        return None


def _require_free(before: Folder | None, name: str) -> None:
    found = before.find(name) if before else None
    if found is not None:
        raise Unfit(
            _("There is already a folder with this name.") if found.is_folder
            else _("There is already a file with this name.")
        )  # fmt: skip
