"""Doing something to several files and looking afterwards what came of it.

The node answers 204 also for files that are not there, and one refusal may stop the rest: only the folder itself says
what was done. So every act is one call for all, then a look; what a refusal left undone is tried file by file.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from portal import clock
from portal.auth.sessions import Viewer
from portal.files import door, folders
from portal.files.entries import Entry
from portal.files.folders import Folder, NoSuchFolder
from portal.files.outcomes import Act, Outcome
from portal.pterodactyl import errors
from portal.pterodactyl.client.files import FileCalls
from portal.servers.reading import Opened
from portal.web.errors import sentence
from portal.web.i18n import _

Standing = Literal["done", "not", "missing", "unclear"]
MOST_SINGLE = 50
"""So many more calls are made after a refusal, or for what the node does one by one."""
BEGIN_UNTIL_S = 10.0
LOOK_UNTIL_S = 16.0
"""After so long no further call is begun, and the folder is not read again: a page has 25 s in all."""
WORDS: Mapping[Act, str] = {
    "new-folder": "file.create_folder", "new-file": "file.create_file", "rename": "file.rename", "move": "file.move",
    "copy": "file.copy", "delete": "file.delete", "permissions": "file.permissions",
}  # fmt: skip
"""The words of the audit log."""


@dataclass(frozen=True)
class Work:
    """One act on files of a server. `send` asks the node for several of them at once, unless `is_single`.

    `look` reads what is there now and gives back how it stands with one name, and the name that it has or made.
    """

    act: Act
    viewer: Viewer
    opened: Opened
    directory: str
    send: Callable[[FileCalls, tuple[str, ...]], None]
    look: Callable[[], Callable[[str], tuple[Standing, str]]]
    is_single: bool = False

    @property
    def can_look(self) -> bool:
        """Whether this person may see what is in a folder."""
        return self.opened.rights.allow("file.read")


def carry_out(work: Work, names: tuple[str, ...]) -> tuple[Outcome, ...]:
    """Do it and look what came of it, for each name in its order.

    Raises the library's errors when the first call shows that nothing was done at all and nothing else can be.
    """
    began = clock.monotonic()
    said: dict[str, errors.PanelError | None] = {}
    if not work.is_single:
        error = _sent(work, names)
        if error is not None and _ends_everything(error):
            raise error
        said = dict.fromkeys(names, error)
        seen = _judged(work, names, said, began, is_alone=len(names) == 1)
        left = tuple(one.name for one in seen if one.state == "failed")
        if len(names) == 1 or not left or not (error is not None and _is_over(error)):
            return seen
        names_left = left
    else:
        seen, names_left = (), names
    _one_by_one(work, names_left, said, began)
    again = {one.name: one for one in _judged(work, names_left, said, began, is_alone=True)}
    before = {one.name: one for one in seen}
    return tuple(again.get(name) or before[name] for name in names)


def by_name(folder: Folder) -> dict[str, Entry]:
    """A folder's entries by their names."""
    return {one.name: one for one in folder.entries}


class NotTried(errors.PanelError):
    """Something before it made it pointless to try; the detail says what."""


def read_before(viewer: Viewer, opened: Opened, directory: str) -> Folder | None:
    """A folder as it is before something is done to it; None for who may not see it. Errors as `folders.read`."""
    return folders.read(viewer, opened, directory, is_fresh=True) if opened.rights.allow("file.read") else None


def _one_by_one(work: Work, names: Sequence[str], said: dict[str, errors.PanelError | None], began: float) -> None:
    """Ask for each name by itself and keep what was said. Raises what the very first call of all shows to be vain."""
    stopped: errors.PanelError | None = None
    for number, name in enumerate(names):
        if stopped is None and number >= MOST_SINGLE:
            stopped = NotTried(_("Not tried: this is done for at most %(most)d files in one go.", most=MOST_SINGLE))
        if stopped is None and clock.monotonic() - began > BEGIN_UNTIL_S:
            stopped = NotTried(_("Not tried: the ones before it took too long. Do it again for the rest."))
        if stopped is not None:
            said[name] = stopped
            continue
        error = said[name] = _sent(work, (name,))
        if error is not None and _ends_everything(error):
            if len(said) == 1:
                raise error
            stopped = NotTried(_("Not tried: %(why)s", why=sentence(error)[1]))
            said[name] = stopped


def _sent(work: Work, names: tuple[str, ...]) -> errors.PanelError | None:
    """One call. None when the node took it, else what it said."""
    uuid = work.opened.facts.uuid
    try:
        with door.acting(work.viewer, WORDS[work.act], uuid, door.several(work.directory, names)) as files:
            work.send(files, names)
    except errors.PanelError as error:
        return error
    finally:
        folders.forget(uuid)
    return None


def _judged(
    work: Work,
    names: tuple[str, ...],
    said: Mapping[str, errors.PanelError | None],
    began: float,
    *,
    is_alone: bool,
) -> tuple[Outcome, ...]:
    """How it stands with each name, by what is there now and by what the node said (`is_alone`: of just this one)."""
    why = ""
    if not work.can_look:
        why = _("Your access does not include seeing whether it was done.")
    elif clock.monotonic() - began > LOOK_UNTIL_S:
        why = _("The node takes long. Look again in a moment.")
    if not why:
        try:
            stands = work.look()
        except (NoSuchFolder, errors.PanelError):
            why = _("The folder cannot be read just now, so nobody knows whether it was done. Look again in a moment.")
        else:
            return tuple(_outcome(name, *stands(name), said[name]) for name in names)
    return tuple(_unseen(name, said[name], why, is_alone=is_alone) for name in names)


def _outcome(name: str, standing: Standing, became: str, error: errors.PanelError | None) -> Outcome:
    if standing == "done":
        return Outcome(name, "done", became=became)
    if standing == "missing":
        return Outcome(name, "missing", _("There is no such file any more."))
    if standing == "unclear":
        return Outcome(name, "unknown", _("Whether it was done, or is still going on, cannot be told by looking."))
    if error is None:
        return Outcome(name, "failed", _("The node said that it was done, but it is not."))
    return Outcome(name, "failed" if _is_over(error) else "unknown", _said(error))


def _unseen(name: str, error: errors.PanelError | None, why: str, *, is_alone: bool) -> Outcome:
    """Nobody could look: only a clear refusal of just this one is certain."""
    if is_alone and error is not None and not isinstance(error, errors.OutcomeUnknown):
        return Outcome(name, "failed", _said(error))
    return Outcome(name, "unknown", why)


def _said(error: errors.PanelError) -> str:
    if isinstance(error, NotTried):
        return error.detail
    if isinstance(error, errors.OutcomeUnknown) and _is_over(error):
        return _("The node could not do it, and does not say why.")
    return sentence(error)[1]


def _is_over(error: errors.PanelError) -> bool:
    """Whether nothing goes on any more: the node answered, also where it has no words for what was wrong (500)."""
    return not isinstance(error, errors.OutcomeUnknown) or door.gave_up(error)


def _ends_everything(error: errors.PanelError) -> bool:
    """Whether the next file would get the same answer, and this call did nothing."""
    return not isinstance(error, errors.NodeRefused | errors.OutcomeUnknown | errors.Refused | errors.Invalid)
