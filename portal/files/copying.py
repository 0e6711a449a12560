"""Copying files beside themselves: Wings chooses the copy's name, so the folder is compared before and after."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from portal.auth.sessions import Viewer
from portal.files import folders, paths
from portal.files.attempts import Standing, Work, by_name, carry_out, read_before
from portal.files.entries import Entry
from portal.files.outcomes import Outcome, Result
from portal.pterodactyl.client.files import FileCalls
from portal.servers.reading import Opened
from portal.unfit import Unfit
from portal.web.i18n import _


def copy(viewer: Viewer, opened: Opened, directory: str, names: tuple[str, ...]) -> Result:
    """Make a copy of each file beside it, one call for each. Folders cannot be copied by the node.

    Raises Unfit and the library's errors. What is made is known by its name ("name copy.ext", "name copy 1.ext", ...;
    `server/filesystem/filesystem.go`) and its size.
    """
    try:
        found = read_before(viewer, opened, directory)
    except folders.NoSuchFolder:
        raise Unfit(_("The folder is not there, or cannot be read just now.")) from None
    before = None if found is None else by_name(found)
    known = {} if before is None else {name: one for name in names if (one := _cannot(name, before.get(name)))}

    def send(files: FileCalls, names: tuple[str, ...]) -> None:
        files.copy(opened.facts.uuid, paths.joined(directory, names[0]))

    def look() -> Callable[[str], tuple[Standing, str]]:
        after = by_name(folders.read(viewer, opened, directory, is_fresh=True))
        return lambda name: _stands(name, before or {}, after)

    outcomes = dict(known)
    able = tuple(name for name in names if name not in known)
    if able:
        work = Work("copy", viewer, opened, directory, send, look, is_single=True)
        outcomes |= {one.name: one for one in carry_out(work, able)}
    return Result("copy", directory, tuple(outcomes[name] for name in names))


def is_copy_of(name: str, copied: str) -> bool:
    """Whether Wings may have called a copy of `name` so."""
    extension = name[name.rindex(".") :] if "." in name else ""
    base = name.removesuffix(extension)
    if base.endswith(".tar"):
        base, extension = base.removesuffix(".tar"), f".tar{extension}"
    return re.fullmatch(rf"{re.escape(base)}( copy( \d+)?|copy\..*){re.escape(extension)}", copied, re.S) is not None


def _cannot(name: str, found: Entry | None) -> Outcome | None:
    if found is None:
        return Outcome(name, "missing", _("There is no such file any more."))
    if found.is_folder:
        return Outcome(name, "failed", _("Folders cannot be copied. Archive it, and unarchive that elsewhere."))
    if found.kind == "special":
        return Outcome(name, "failed", _("This is no file with contents: it cannot be copied."))
    return None


def _stands(name: str, before: Mapping[str, Entry], after: Mapping[str, Entry]) -> tuple[Standing, str]:
    copies = [one for other, one in after.items() if other not in before and is_copy_of(name, other)]
    if not copies:
        return ("unclear" if name in before and before[name].kind == "link" else "not"), ""
    if len(copies) > 1:  # somebody else copied it, too
        return "done", ""
    size_bytes = after[name].size_bytes if name in after else before[name].size_bytes
    is_whole = copies[0].size_bytes >= min(size_bytes, before[name].size_bytes) or before[name].kind == "link"
    return ("done" if is_whole else "unclear"), copies[0].name
