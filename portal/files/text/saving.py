"""Saving a text so that nothing is destroyed: the file is read again before, and compared with what was opened, while
no other save of it is under way.

Whatever cannot be read is not written, and what a person typed is never thrown away by an answer.
"""

from __future__ import annotations

import io
import logging
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Literal

from sqlalchemy.exc import OperationalError

from portal import clock
from portal.auth.sessions import Viewer
from portal.files import door, folders, paths
from portal.files.text import endings, reading, versions
from portal.files.text.reading import NO_FILE, Text
from portal.files.text.turns import NoTurn, turns
from portal.pterodactyl import errors
from portal.pterodactyl.file_names import base_name
from portal.servers.reading import Opened

log = logging.getLogger("roost.files")
Outcome = Literal[
    "saved", "unchanged", "changed", "gone", "there", "empties", "no_text", "too_long", "control", "name", "store",
    "tangled", "busy", "not_saved", "unknown", "failed",
]  # fmt: skip


@dataclass(frozen=True)
class Saved:
    """How a save ended.

    `saved` and `unchanged` mean that the file holds the text. Nothing was written when it is `changed` or `gone` since
    it was opened, `there` although it was to be new, `no_text`, or when the text is `too_long`, would leave nothing
    (`empties`), has too many lines for mixed ends (`tangled`) or holds what no text holds (`control`), the `name`, the
    `store` or another save (`busy`) does not let it, or the panel or node refused (`failed`, see `error`). `not_saved`
    was found by reading back, `unknown` may be either.

    `base` is the sum of what the file holds as far as known, `theirs` what it holds instead of what was opened.
    `is_kept`: what a save replaced (or would, with `theirs`) is among the versions, or there was nothing to keep.
    """

    outcome: Outcome
    base: str
    at: float
    size_bytes: int = 0
    theirs: Text | None = None
    error: errors.PanelError | None = None
    is_kept: bool = False

    @property
    def is_done(self) -> bool:
        """Whether the file holds what was to be saved."""
        return self.outcome in ("saved", "unchanged")


def save(viewer: Viewer, opened: Opened, path: str, typed: str, base: str, *, may_empty: bool = False) -> Saved:
    """Write a text as somebody typed it over the file that they opened, whose sum was `base` (NO_FILE: a new one)."""
    if "\0" in typed:
        return _ended("control", base)

    def make(before: bytes) -> bytes:
        return endings.weave(before, typed)

    return put(viewer, opened, path, make, base, may_empty=may_empty or base == NO_FILE)


def put(
    viewer: Viewer, opened: Opened, path: str, make: Callable[[bytes], bytes], base: str, *, may_empty: bool
) -> Saved:
    """Write what `make` makes of a file's bytes, if it is still as it was; every save and every restored version."""
    try:
        with turns().take(opened.facts.uuid, path):
            return _put(viewer, opened, path, make, base, may_empty=may_empty)
    except NoTurn:
        return _ended("busy", base)


def _put(
    viewer: Viewer, opened: Opened, path: str, make: Callable[[bytes], bytes], base: str, *, may_empty: bool
) -> Saved:
    try:
        before = _before(viewer, opened, path)
    except errors.PanelError as error:
        return _ended("failed", base, error=error)
    except (reading.TooLong, reading.NoFile):
        return _ended("no_text", base)
    text = reading.text_of(before or b"")
    if before is not None and (text is None or not text.is_editable):
        return _ended("no_text", base)
    try:
        after = make(before or b"")
    except endings.Tangled:
        return _ended("tangled", base)
    now = NO_FILE if before is None else reading.sum_of(before)
    if before == after:
        return _ended("unchanged", now, size_bytes=len(after))
    if now != base:
        outcome: Outcome = "gone" if before is None else "there" if base == NO_FILE else "changed"
        return _ended(outcome, now, theirs=text, is_kept=not before or versions.is_kept(len(before)))
    if len(after) > reading.LONGEST:
        return _ended("too_long", base)
    if not after and not may_empty:
        return _ended("empties", base)
    return _write(viewer, opened, path, before, after)


def _before(viewer: Viewer, opened: Opened, path: str) -> bytes | None:
    """What the file holds now, None where there is none."""
    try:
        return reading.contents(viewer, opened, path)
    except reading.NoSuchFile:
        return None


def _write(viewer: Viewer, opened: Opened, path: str, before: bytes | None, after: bytes) -> Saved:
    uuid = opened.facts.uuid
    base = NO_FILE if before is None else reading.sum_of(before)
    try:
        is_kept = not before or versions.keep(viewer.account_id, uuid, path, before, is_before=True)
        _send(viewer, opened, path, after)
    except errors.OutcomeUnknown as error:
        return replace(_read_back(viewer, opened, path, base, after, error), is_kept=is_kept)
    except errors.PanelError as error:
        return _ended("failed", base, error=error)
    except ValueError:
        return _ended("name", base)
    except OperationalError as error:
        log.warning("a text was not saved, because the store took nothing: %s", error.orig)
        return _ended("store", base)
    finally:
        folders.forget(uuid)
    return replace(_done(viewer, uuid, path, after), is_kept=is_kept)


def _send(viewer: Viewer, opened: Opened, path: str, after: bytes) -> None:
    """The one call that writes. An empty file goes another way: Wings 1.11 takes none through `files/write`.

    Raises ValueError where that way does not take the name, before anything is asked.
    """
    uuid, name = opened.facts.uuid, paths.base(path)
    if not after:
        base_name(name)
    with door.acting(viewer, "file.write", uuid, path) as files:
        if after:
            files.write(uuid, path, after)
        else:
            files.upload(uuid, paths.parent(path), name, io.BytesIO(), 0)


def _read_back(viewer: Viewer, opened: Opened, path: str, base: str, after: bytes, error: errors.PanelError) -> Saved:
    """Whether a write without an answer was done."""
    try:
        found = _before(viewer, opened, path)
    except (errors.PanelError, reading.TooLong, reading.NoFile):
        return _ended("unknown", base, error=error)
    if found == after:
        return _done(viewer, opened.facts.uuid, path, after)
    now = NO_FILE if found is None else reading.sum_of(found)
    return _ended("not_saved" if now == base else "unknown", base, error=error)


def _done(viewer: Viewer, uuid: str, path: str, after: bytes) -> Saved:
    """The text is on the node; a store that is busy now costs an earlier version, not the save."""
    try:
        versions.keep(viewer.account_id, uuid, path, after, is_before=False)
    except OperationalError as error:
        log.warning("a saved text is not kept as a version: %s", error.orig)
    return _ended("saved", reading.sum_of(after), size_bytes=len(after))


def _ended(outcome: Outcome, base: str, **more: object) -> Saved:
    return Saved(outcome, base, clock.now(), **more)  # type: ignore[arg-type]
