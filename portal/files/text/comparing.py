"""An earlier version beside what the file holds now, and putting it back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from portal.auth.sessions import Viewer
from portal.files.text import diffs, reading, saving
from portal.files.text.diffs import Diff
from portal.files.text.reading import NO_FILE, Text
from portal.files.text.saving import Saved
from portal.files.text.versions import Version
from portal.pterodactyl import errors
from portal.servers.reading import Opened

State = Literal["same", "different", "missing", "no_text", "failed"]


@dataclass(frozen=True)
class Compared:
    """How the file looks now: as the version (`same`), `different` (`diff` is what putting it back would change),
    `missing`, `no_text` that could be compared or saved here, or it could not be read (`failed`, see `error`).

    `base` is what putting the version back must find unchanged.
    """

    state: State
    base: str = NO_FILE
    diff: Diff | None = None
    error: errors.PanelError | None = None

    @property
    def can_restore(self) -> bool:
        """Whether there is something to put back, and a place for it."""
        return self.state in ("different", "missing")


def with_now(viewer: Viewer, opened: Opened, version: Version, raw: bytes) -> Compared:
    """A version beside its file: one panel call, as `reading.contents`. Never raises an error of the panel or node."""
    try:
        now = reading.contents(viewer, opened, version.path)
    except reading.NoSuchFile:
        return Compared("missing")
    except (reading.TooLong, reading.NoFile):
        return Compared("no_text")
    except errors.PanelError as error:
        return Compared("failed", error=error)
    return beside(reading.text_of(now), raw)


def beside(now: Text | None, raw: bytes) -> Compared:
    """A version's bytes beside a file's text."""
    if now is None or not now.is_editable:
        return Compared("no_text")
    if now.raw == raw:
        return Compared("same", now.base)
    return Compared("different", now.base, diffs.compare(now.shown, shown(raw)))


def restore(viewer: Viewer, opened: Opened, version: Version, raw: bytes, base: str) -> Saved:
    """Put a version back, byte for byte, if the file is as it was shown beside it."""
    return saving.put(viewer, opened, version.path, lambda _before: raw, base, may_empty=True)


def shown(raw: bytes) -> str:
    """The text of a version: only texts are kept."""
    text = reading.text_of(raw)
    return text.shown if text else ""
