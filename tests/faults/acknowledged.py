"""What people were told against what is in the store: done is there once, refused never, unanswered at most once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

LEAST_AND_MOST = {"ok": (1, 1), "unknown": (0, 1), "declined": (0, 0), "refused": (0, 0), "never": (0, 0)}
"""How often an act may be there, by how it ended for whoever did it."""


@dataclass(frozen=True)
class Effect:
    """What an act leaves in the store: how many rows of each kind there are now, `times` of each once it was done.

    `is_whole`: they are written in one transaction, so that there are as many of one kind as of any other.
    """

    act: str
    found: dict[str, int]
    times: int = 1
    is_whole: bool = True


def answers(told: Iterable[tuple[Any, ...]]) -> dict[str, str]:
    """How each act ended for whoever did it: ok, declined, refused, or unknown if no answer came."""
    ended: dict[str, str] = {}
    for what, *rest in told:
        if what == "began":
            ended[rest[0]] = "unknown"
        elif what in LEAST_AND_MOST:
            ended[rest[0]] = what
    return ended


def differences(ended: dict[str, str], effects: Iterable[Effect]) -> Iterator[str]:
    """Every act of which the store has another number than its answer allows."""
    for one in effects:
        how = ended.get(one.act, "never")
        least, most = (times * one.times for times in LEAST_AND_MOST[how])
        for name, count in one.found.items():
            if count < least:
                yield f"lost: {one.act} ended {how}, and of its {name} there are {count} of {least}"
            if count > most:
                yield f"doubled: {one.act} ended {how}, and of its {name} there are {count} and not {most}"
        if one.is_whole and len(set(one.found.values())) > 1:
            yield f"half done: {one.act}, {one.found}"


def uncounted(ended: dict[str, str], effects: Iterable[Effect]) -> list[str]:
    """Acts of which nobody would notice that they are lost."""
    return sorted(set(ended) - {one.act for one in effects if one.found})


def not_well(told: Iterable[tuple[Any, ...]]) -> list[str]:
    """Everything that was refused although nothing was done to it."""
    return [f"{name} was refused: {why}" for what, name, why in (one for one in told if one[0] == "refused")]
