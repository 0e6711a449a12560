"""Renaming one file, moving many: what is in the way is found before, what was done is looked at after."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.exc import OperationalError

from portal.auth.sessions import Viewer
from portal.files import folders, paths
from portal.files.attempts import Standing, Work, by_name, carry_out, read_before
from portal.files.changes import sendable
from portal.files.entries import Entry
from portal.files.models import FileVersion
from portal.files.outcomes import Outcome, Result
from portal.files.text import versions
from portal.pterodactyl.client.files import FileCalls
from portal.pterodactyl.models import FileMove
from portal.servers.reading import Opened
from portal.store import read
from portal.unfit import Unfit
from portal.web.i18n import _

log = logging.getLogger("roost.files")


def rename(viewer: Viewer, opened: Opened, directory: str, name: str, new_name: str) -> Result:
    """Give one file another name in its folder. Raises Unfit when that is taken, and the library's errors."""
    if name == new_name:
        raise Unfit(_("That is its name already."))
    before = _before(viewer, opened, directory)
    if before is not None and name not in before:
        return Result("rename", directory, (Outcome(name, "missing", _("There is no such file any more.")),))
    if before and new_name in before:
        raise Unfit(_("There is already something with this name."))

    def send(files: FileCalls, names: tuple[str, ...]) -> None:
        files.rename(opened.facts.uuid, [FileMove(sendable(names[0]), new_name)], root=directory)

    def look() -> Callable[[str], tuple[Standing, str]]:
        after = by_name(folders.read(viewer, opened, directory, is_fresh=True))
        return lambda name: (_moved(name in after, new_name in after), new_name)

    outcomes = carry_out(Work("rename", viewer, opened, directory, send, look), (name,))
    _tell_versions(opened, outcomes, lambda _name: paths.joined(directory, new_name), directory)
    return Result("rename", directory, outcomes)


@dataclass(frozen=True)
class _Plan:
    """What of a move is asked of the node, and what is known not to work before. `target` None: nobody may look."""

    able: tuple[str, ...]
    known: Mapping[str, Outcome]
    makes_target: bool


def move(viewer: Viewer, opened: Opened, directory: str, names: tuple[str, ...], target: str) -> Result:
    """Move files of one folder into another, which is made if need be. Raises Unfit and the library's errors."""
    if target == directory:
        raise Unfit(_("They are in this folder already."))
    plan = _planned(viewer, opened, directory, names, target)

    def send(files: FileCalls, names: tuple[str, ...]) -> None:
        moves = [FileMove(_from_root(directory, name), _from_root(target, name)) for name in names]
        files.rename(opened.facts.uuid, moves)

    def look() -> Callable[[str], tuple[Standing, str]]:
        here = by_name(folders.read(viewer, opened, directory, is_fresh=True))
        there = _entries(viewer, opened, target)
        return lambda name: (_moved(name in here, name in there), "")

    outcomes = dict(plan.known)
    if plan.able:
        done = carry_out(Work("move", viewer, opened, directory, send, look), plan.able)
        _tell_versions(opened, done, lambda name: paths.joined(target, name), directory)
        outcomes |= {one.name: one for one in done}
    made = plan.makes_target and any(one.state == "done" for one in outcomes.values())
    note = _("The folder was not there before; it was made.") if made else ""
    return Result("move", directory, tuple(outcomes[name] for name in names), target, note)


def _planned(viewer: Viewer, opened: Opened, directory: str, names: tuple[str, ...], target: str) -> _Plan:
    here = _before(viewer, opened, directory)
    known: dict[str, Outcome] = {}
    makes_target = False
    there: Mapping[str, Entry] = {}
    if here is not None:
        try:
            there = by_name(folders.read(viewer, opened, target, is_fresh=True))
        except folders.NoSuchFolder:
            makes_target = True
    for name in names:
        path = paths.joined(directory, name)
        if here is not None and name not in here:
            known[name] = Outcome(name, "missing", _("There is no such file any more."))
        elif target == path or target.startswith(f"{path}/"):
            known[name] = Outcome(name, "failed", _("A folder cannot be moved into itself."))
        elif name in there:
            known[name] = Outcome(name, "failed", _("There is already something with this name in that folder."))
    return _Plan(tuple(name for name in names if name not in known), known, makes_target)


def _moved(is_here: bool, is_there: bool) -> Standing:
    """How it stands with something that was here and shall be there, where nothing was before."""
    if is_here and is_there:  # somebody else made one of them
        return "unclear"
    if is_there:
        return "done"
    return "not" if is_here else "unclear"


def _before(viewer: Viewer, opened: Opened, directory: str) -> dict[str, Entry] | None:
    """What is in the folder; None for who may not see it. Raises Unfit when there is no such folder."""
    try:
        found = read_before(viewer, opened, directory)
    except folders.NoSuchFolder:
        raise Unfit(_("The folder is not there, or cannot be read just now.")) from None
    return None if found is None else by_name(found)


def _entries(viewer: Viewer, opened: Opened, directory: str) -> dict[str, Entry]:
    """What is in a folder; nothing when there is none."""
    try:
        return by_name(folders.read(viewer, opened, directory, is_fresh=True))
    except folders.NoSuchFolder:
        return {}


def _from_root(directory: str, name: str) -> str:
    """A path as seen from the server's own folder; a name at its end that is only blanks or dots stays whole."""
    return sendable(paths.joined(directory, name).lstrip("/"))


def _tell_versions(opened: Opened, outcomes: tuple[Outcome, ...], where: Callable[[str], str], directory: str) -> None:
    """Earlier versions of texts go with their file, and with the folder that it is in.

    The files are moved by now: a store that is busy must not make it look as if they were not.
    """
    uuid = opened.facts.uuid
    moved = {one.name for one in outcomes if one.state == "done"}
    try:
        for name in moved & _with_versions(uuid, directory):
            versions.moved(uuid, paths.joined(directory, name), where(name))
    except OperationalError as error:
        log.error("earlier versions stay under their old path: %s", error)


def _with_versions(server_uuid: str, directory: str) -> set[str]:
    """The names in a folder of what has earlier versions, itself or in it."""
    below = paths.joined(directory, "")
    begins = func.substr(FileVersion.path, 1, len(below)) == below
    query = select(FileVersion.path).where(FileVersion.server_uuid == server_uuid, begins).distinct()
    with read() as session:
        return {path[len(below) :].partition("/")[0] for path in session.scalars(query)}
