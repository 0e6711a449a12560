"""What happens between a container's start and the game being there, or not."""
from __future__ import annotations

import math
import re
from dataclasses import dataclass

from portal.demo.wings.configuration import Configuration
from portal.demo.wings.file_errors import BadPath
from portal.demo.wings.filesystem import Filesystem
from portal.demo.wings.game import EULA_LINE, Game, Line, MinecraftGame
from portal.demo.wings.usage import Profile

_ENDLESS_PACE = 8.0
_EULA_FILE = "eula.txt"
_NOT_AGREED = b"#By changing the setting below to TRUE you are indicating your agreement to our EULA.\neula=false\n"


@dataclass(frozen=True)
class Failure:
    """Printed instead of booting on."""

    line: str
    exit_code: int


@dataclass(frozen=True)
class Boot:
    """`ends_at` may be infinite; `exit_code` None: it ends in a running game."""

    lines: list[Line]
    ends_at: float
    exit_code: int | None = None


def failure_of(game: Game, profile: Profile, files: Filesystem) -> Failure | None:
    if profile.complaint is not None and not _is_cured(profile, game.configuration):
        return Failure(profile.complaint, 1)
    if isinstance(game, MinecraftGame) and not _has_agreed(files):
        return Failure(EULA_LINE, 0)
    return None


def boot_of(game: Game, profile: Profile, at: float, failure: Failure | None) -> Boot:
    seconds = profile.start_seconds if math.isfinite(profile.start_seconds) else _ENDLESS_PACE
    lines = [(at + share * seconds, text) for share, text in game.boot(at, seconds)]
    if failure is not None:
        ends_at = at + (seconds / 2 if profile.crash_after_seconds is None else profile.crash_after_seconds)
        return Boot([*_until(ends_at, lines), (ends_at, failure.line)], ends_at, failure.exit_code)
    if profile.crash_after_seconds is not None:
        ends_at = at + profile.crash_after_seconds
        return Boot(_until(ends_at, lines[:-1]), ends_at, 1)
    if math.isinf(profile.start_seconds):
        return Boot(lines[:-1], math.inf)
    return Boot(lines, at + seconds)


def _is_cured(profile: Profile, configuration: Configuration) -> bool:
    name, expression = profile.cured_by or ("", "")
    value = configuration.image if name == "image" else configuration.environment.get(name)
    return value is not None and re.search(expression, value) is not None


def _until(end: float, lines: list[Line]) -> list[Line]:
    return [line for line in lines if line[0] < end]


def _has_agreed(files: Filesystem) -> bool:
    """As the game does, it leaves a file to be changed where there is none."""
    try:
        place = files.place(_EULA_FILE)
        if not place.exists():
            files.write(_EULA_FILE, (_NOT_AGREED,))
        lines = place.read_text(errors="replace").splitlines()
    except (OSError, BadPath):
        return False
    return any(line.replace(" ", "").lower() == "eula=true" for line in lines)
