"""A file that the node fetches from elsewhere. The panel waits 15 s for it; after that only the folder tells more.

The node goes on fetching when the panel has given up on it, and says neither how far it is nor that it has ended. So
the folder is looked at: a file that grows is under way, and of one that grew no more for two minutes nobody looks any
further. Whether that is all of it is not known: the place that it comes from may just have stalled.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Final
from urllib.parse import unquote, urlsplit

from portal import clock
from portal.auth.sessions import Viewer
from portal.files import door, paths
from portal.files.entries import Entry
from portal.files.folders import Folder
from portal.files.showing import visible
from portal.files.work import jobs
from portal.files.work.jobs import Ended, Job
from portal.files.work.standing_in import NotBegun, folder_after, folder_before, stand_in
from portal.pterodactyl import errors
from portal.servers.reading import Opened
from portal.web.errors import sentence
from portal.web.formatting import in_bytes
from portal.web.i18n import _

LONGEST_URL: Final = 2000
PAUSES_S: Final = (3.0, 5.0, 10.0, 20.0, 30.0)
"""Between two looks; the last one again and again."""
APPEARS_S: Final = 120.0
GIVEN_UP_S: Final = 900.0
STILL_S: Final = 120.0
STILL_LOOKS: Final = 3
"""A size that is the same so often, and for so long, is not looked at any more."""


class BadAddress(Exception):
    """No node fetches anything from there; the message is a sentence."""


@dataclass(frozen=True)
class Watch:
    """A file that may be on its way. Times of the monotonic clock; `before` is what had its name before.

    `size` is the last one seen, `still_since` and `still_looks` since when and how often it was the same.
    """

    job: Job
    viewer: Viewer
    opened: Opened
    before: Entry | None
    begun: float
    due: float
    looks: int = 0
    size: int | None = None
    still_since: float = math.inf
    still_looks: int = 0


def checked_address(text: str) -> str:
    """A web address that a node may fetch from, without its fragment. Raises BadAddress."""
    text = text.strip()
    if len(text) > LONGEST_URL:
        raise BadAddress(_("This address is too long."))
    if any(letter.isspace() or not letter.isprintable() for letter in text):
        raise BadAddress(_("This address holds blanks or line breaks."))
    try:
        parts = urlsplit(text)
        has_port = parts.port != 0
    except ValueError:
        raise BadAddress(_("This is not a web address.")) from None
    if parts.scheme not in ("http", "https") or not parts.hostname or not has_port:
        raise BadAddress(_("This is not a web address: it begins with https:// or http://."))
    if "@" in parts.netloc:
        raise BadAddress(_("There is a name or password in this address, which would be shown to others."))
    return parts._replace(fragment="").geturl()


def name_in(address: str) -> str:
    """The name that a file from an address gets unless another one is chosen; "" when the address has none."""
    try:
        return paths.new_name(unquote(urlsplit(address).path).rstrip("/").rpartition("/")[2])
    except paths.BadPath:
        return ""


def pull(job: Job) -> Ended | Watch:
    """Let the node fetch it, and wait as long as the panel does. Raises NotBegun."""
    viewer, opened = stand_in(job)
    name = job.detail.names[0]
    if not opened.rights.allow("file.read") and not job.detail.replaces:
        raise NotBegun(_("What would be replaced cannot be seen any more by whoever asked for it."))
    folder = _folder(viewer, opened, job)
    before = folder.find(name) if folder is not None else None
    if before is not None and (before.is_folder or not job.detail.replaces):
        raise NotBegun(_("Something of that name is there already."))
    detail = door.several(job.directory, (name, jobs.without_query(job.detail.url)))
    try:
        with door.acting(viewer, "file.pull", job.server_uuid, detail) as files:
            files.pull(
                job.server_uuid, job.detail.url, directory=job.directory, filename=name, use_header=False,
                foreground=True,
            )  # fmt: skip
    except errors.OutcomeUnknown as error:
        if door.gave_up(error):
            return Ended("failed", _nothing_came())
        now = clock.monotonic()
        return Watch(job, viewer, opened, before, now, now + PAUSES_S[0])
    except errors.PanelError as error:
        return Ended("failed", sentence(error)[1])
    after = folder_after(viewer, opened, job.directory)
    found = after.find(name) if after is not None else None
    return Ended("done", in_bytes(found.size_bytes) if found is not None else "")


def look(watch: Watch) -> Ended | Watch:
    """Look once whether it has arrived; how it ended, or when to look again."""
    folder = folder_after(watch.viewer, watch.opened, watch.job.directory)
    now = clock.monotonic()
    if folder is not None:
        watch = _after(watch, folder.find(watch.job.detail.names[0]), now)
        if watch.size is not None:
            jobs.note_progress(watch.job.number, watch.size)
    if watch.still_looks >= STILL_LOOKS and now - watch.still_since >= STILL_S:
        size = in_bytes(watch.size or 0)
        return Ended("unknown", _("%(size)s arrived; the node does not say whether that is all.", size=size))
    if watch.size is None and now - watch.begun >= APPEARS_S:
        return Ended("unknown", _("Nothing has arrived so far, and the node does not say why."))
    if now - watch.begun >= GIVEN_UP_S:
        size = in_bytes(watch.size or 0)
        return Ended("unknown", _("%(size)s arrived in 15 minutes; nobody looks any further.", size=size))
    looks = watch.looks + 1
    return replace(watch, looks=looks, due=now + PAUSES_S[min(looks, len(PAUSES_S) - 1)])


def seen(job: Job, folder: Folder) -> str:
    """What the folder says of a file that may have been fetched."""
    found = folder.find(job.detail.names[0])
    if found is None:
        return _("Nothing of that name is in the folder.")
    size = in_bytes(found.size_bytes)
    return _("%(name)s is there with %(size)s; whether that is all is not known.", name=visible(found.name), size=size)


def _folder(viewer: Viewer, opened: Opened, job: Job) -> Folder | None:
    """What is in the folder before; one that is not there is made by the node."""
    try:
        return folder_before(viewer, opened, job.directory)
    except NotBegun as why:
        if why.is_missing_folder:
            return None
        raise


def _after(watch: Watch, found: Entry | None, now: float) -> Watch:
    """A file of no length has not arrived, and one that looks as it did before is the old one."""
    is_new = found is not None and found.size_bytes > 0 and not _looks_same(found, watch.before)
    size = found.size_bytes if found is not None and is_new else None
    if size is None or size != watch.size:
        return replace(watch, size=size, still_since=now, still_looks=1 if size is not None else 0)
    return replace(watch, still_looks=watch.still_looks + 1)


def _looks_same(found: Entry, before: Entry | None) -> bool:
    return before is not None and (found.size_bytes, found.changed_at) == (before.size_bytes, before.changed_at)


def _nothing_came() -> str:
    return _(
        "The node could not fetch it, and does not say why: mostly nothing is at that address, it leads on to another "
        "one, does not say how long the file is, or lies in a network that nodes may not fetch from."
    )
