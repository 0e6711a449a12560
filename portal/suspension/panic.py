"""The panic switch: while the file `NO_SUSPEND` lies in the instance folder nothing is suspended. Lifting goes on.

Anybody who can write there can make it, with `touch`, also when no page and no command works any more.
"""

from __future__ import annotations

from pathlib import Path

from portal.audit import changes
from portal.panel import settings
from portal.store import write

FILE = "NO_SUSPEND"


def path() -> Path:
    """Where the switch lies."""
    return settings().instance / FILE


def is_stopped() -> bool:
    """Whether nothing may be suspended. What cannot be looked at counts as a switch that is there."""
    try:
        path().stat()
    except FileNotFoundError:
        return False
    except OSError:
        return True
    return True


def stop(by: int | None) -> None:
    """Let nothing be suspended any more, from now on and until `go_on`."""
    path().touch(mode=0o600)
    _note(by, is_stopped=True)


def go_on(by: int | None) -> None:
    """Take the switch back."""
    path().unlink(missing_ok=True)
    _note(by, is_stopped=False)


def _note(by: int | None, *, is_stopped: bool) -> None:
    with write() as session:
        changes.note_in(session, "switch", by=by, before={}, after={"no_suspend": is_stopped})
