"""Packing and unpacking: one call that may take 15 minutes, never repeated, and what is known of it afterwards."""

from __future__ import annotations

import re
from dataclasses import replace

from portal.files import door
from portal.files.folders import Folder
from portal.files.showing import visible
from portal.files.work import jobs, pulling
from portal.files.work.jobs import Ended, Job
from portal.files.work.pulling import Watch
from portal.files.work.standing_in import NotBegun, folder_after, folder_before, stand_in
from portal.pterodactyl import errors
from portal.web.errors import sentence
from portal.web.formatting import in_bytes
from portal.web.i18n import _

MADE = re.compile(r"archive-.*\.tar\.gz")
"""How Wings names what it packs: by the time of the node."""


def do(job: Job) -> Ended | Watch:
    """Do what somebody asked for, as that person. What goes wrong is how it ended; nothing of the library is raised."""
    try:
        if job.kind == "pull":
            return pulling.pull(job)
        return _pack(job) if job.kind == "archive" else _unpack(job)
    except NotBegun as why:
        return Ended("failed", str(why))


def look_after(job: Job) -> str:
    """What can be seen of something whose doer is gone; a sentence, or nothing."""
    try:
        viewer, opened = stand_in(job)
    except NotBegun:
        return ""
    folder = folder_after(viewer, opened, job.directory)
    if folder is None:
        return ""
    return pulling.seen(job, folder) if job.kind == "pull" else _seen(job, folder)


def _pack(job: Job) -> Ended:
    viewer, opened = stand_in(job)
    before = folder_before(viewer, opened, job.directory)
    names = job.detail.names
    if before is not None:
        missing = tuple(name for name in names if before.find(name) is None)
        names = tuple(name for name in names if name not in set(missing))
        if not names:
            raise NotBegun(_("Nothing of what was chosen is there any more."))
        job = replace(job, detail=replace(job.detail, archives=_archives(before), missing=missing))
        jobs.note(job, job.detail)
    try:
        with door.acting(viewer, "file.archive", job.server_uuid, door.several(job.directory, names)) as files:
            made = files.compress(job.server_uuid, names, root=job.directory)
    except errors.OutcomeUnknown as error:
        after = folder_after(viewer, opened, job.directory) if before is not None else None
        return _without_answer(job, error, after)
    except errors.PanelError as error:
        return Ended("failed", sentence(error)[1])
    return Ended("done", made.name)


def _unpack(job: Job) -> Ended:
    viewer, opened = stand_in(job)
    name = job.detail.names[0]
    before = folder_before(viewer, opened, job.directory)
    if before is not None:
        found = before.find(name)
        if found is None or found.is_folder:
            raise NotBegun(_("The archive is not there any more."))
    try:
        with door.acting(viewer, "file.unarchive", job.server_uuid, door.several(job.directory, (name,))) as files:
            files.decompress(job.server_uuid, name, root=job.directory)
    except errors.OutcomeUnknown as error:
        return _without_answer(job, error, None)
    except errors.PanelError as error:
        return Ended("failed", sentence(error)[1])
    return Ended("done")


def _without_answer(job: Job, error: errors.OutcomeUnknown, after: Folder | None) -> Ended:
    seen = _seen(job, after) if after is not None else ""
    if not door.gave_up(error):
        unsure = _("No answer came, so what became of it is not known; the node may still be at it.")
        return Ended("unknown", f"{unsure} {seen}".strip())
    if job.kind == "archive":
        why = _("The node gave up, and does not say why.")
    else:
        why = _("The node gave up, and does not say why: mostly the archive is damaged, or of an unknown kind.")
        seen = _("What it had unarchived by then is there.")
    return Ended("failed", f"{why} {seen}".strip())


def _seen(job: Job, folder: Folder) -> str:
    """What the folder says of an archive that may have been made; of unpacking it says nothing that is certain."""
    if job.kind != "archive":
        return ""
    new = sorted(set(_archives(folder)) - set(job.detail.archives))
    found = folder.find(new[-1]) if new else None
    if found is None:
        return _("No new archive is in the folder.")
    size = in_bytes(found.size_bytes)
    return _(
        "Probably it is %(name)s (%(size)s); whether that is all is not known.", name=visible(found.name), size=size
    )


def _archives(folder: Folder) -> tuple[str, ...]:
    return tuple(sorted(one.name for one in folder.entries if one.kind == "file" and MADE.fullmatch(one.name)))
