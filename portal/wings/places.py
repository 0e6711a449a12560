"""Where known lines end among others: how a returning browser, and a returning socket, find where they were."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Sequence
from typing import TypeVar

One = TypeVar("One", bound=Hashable)

_LOOKED_AT = 50
_PROOF = 3
"""So many lines in a row are taken for the same place. Fewer may stand in several: then the first, as a line told twice
is better than a line never told."""


def place_behind(tail: Sequence[One], lines: Sequence[One | None]) -> int | None:
    """The index in `lines` of the first that is newer than `tail`; None when nothing of it is there.

    What does not occur in `lines` is left out of `tail`, and the gaps (None) out of `lines`; then the longest end of
    `tail` that stands somewhere in `lines` decides, the last such place on a tie.
    """
    spots = [index for index, one in enumerate(lines) if one is not None]
    kept = [lines[index] for index in spots]
    there = set(kept)
    known = [one for one in tail if one in there][-_LOOKED_AT:]
    best, place = 0, None
    for end in range(len(kept), 0, -1):
        length = _agreeing(known, kept, end)
        if length > best or (length == best and 0 < length < _PROOF):
            best, place = length, spots[end - 1] + 1
    return place


def _agreeing(known: Sequence[One], kept: Sequence[One | None], end: int) -> int:
    """How many of the last of `known` are the last of `kept[:end]`."""
    length = 0
    most = min(len(known), end)
    while length < most and known[-1 - length] == kept[end - 1 - length]:
        length += 1
    return length


def joined(
    ring: Sequence[str | None],
    told: Sequence[str],
    older: Sequence[str | None],
    live: Sequence[str | None],
    *,
    may_gap: bool,
) -> list[str | None]:
    """What to write behind the ring's lines so that nothing is missing and nothing is twice.

    `told`: what the second socket said, history and live lines mixed. `live`: what the first one said since before the
    second was opened. `older`: what sockets before said, and nobody has been shown yet. Without any line that ring and
    history both have, and with `may_gap`, a None comes first: lines may be missing there.
    """
    history = without(told, live)
    tail = [line for line in ring if line is not None]
    place = place_behind(tail, history) if tail else 0
    gap: list[str | None] = [None] if place is None and may_gap else []
    return gap + woven(history[place or 0 :], older) + list(live)


def without(told: Sequence[str], live: Sequence[str | None]) -> list[str]:
    """History alone: each live line stands in `told` as live line, as history, or as both; both go, from the end on."""
    counts = Counter(live)
    for line in counts:
        counts[line] *= 2
    kept = []
    for line in reversed(told):
        if counts[line] > 0:
            counts[line] -= 1
        else:
            kept.append(line)
    return kept[::-1]


def woven(history: Sequence[str], older: Sequence[str | None]) -> list[str | None]:
    """History and what was live once, each line once and in order.

    A line of both is matched from the end on, and stands where it was live (the node's own lines are in no history).
    What only history has stands before the live lines that followed it.
    """
    at: dict[str | None, list[int]] = {}
    for index, line in enumerate(older):
        at.setdefault(line, []).append(index)
    partner: dict[int, int] = {}
    rest: list[int] = []
    for index in range(len(history) - 1, -1, -1):
        if spots := at.get(history[index]):
            partner[spots.pop()] = index
        else:
            rest.append(index)
    told: list[str | None] = []

    def tell_before(end: int) -> None:
        while rest and rest[-1] < end:
            told.append(history[rest.pop()])

    tell_before(min(partner.values(), default=len(history)))
    last = max(partner, default=-1)
    for index, line in enumerate(older):
        tell_before(partner.get(index, 0))
        told.append(line)
        if index == last:
            tell_before(len(history))
    return told
