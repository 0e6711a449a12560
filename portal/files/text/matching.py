"""Which lines of two texts are the same, in time that does not run away with their length.

Lines that stand once in both texts are the anchors (patience diff); a stretch without any is compared closely, as long
as few of its lines differ (Myers 1986).
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import isqrt

CLOSELY = 600
"""So many lines may have come and gone in a stretch without anchors; with more of them, all of it counts as changed."""
ROUNDS = 12
"""How often each line is looked at, on average: then what is left counts as changed."""


@dataclass(frozen=True)
class Block:
    """Lines that are the same: from `old` in the one text, from `new` in the other."""

    old: int
    new: int
    length: int


def blocks(old: Sequence[str], new: Sequence[str]) -> list[Block]:
    """The lines that stayed, in their order, as few blocks as there are stretches."""
    joined: list[Block] = []
    for one in _same_lines(old, new):
        last = joined[-1] if joined else None
        if last and (last.old + last.length, last.new + last.length) == (one.old, one.new):
            joined[-1] = Block(last.old, last.new, last.length + one.length)
        else:
            joined.append(one)
    return joined


def _same_lines(old: Sequence[str], new: Sequence[str]) -> Iterator[Block]:
    """Both ends of a stretch first, then its anchors; each stretch between them the same way."""
    stack = [(0, len(old), 0, len(new))]
    work = ROUNDS * (len(old) + len(new)) + CLOSELY * CLOSELY
    while stack:
        i, i_end, j, j_end = stack.pop()
        work -= i_end - i + j_end - j
        if i == i_end or j == j_end or work < 0:
            continue
        if i_end - i == j_end - j and (i_end - i == 1 or old[i:i_end] == new[j:j_end]):
            if old[i] == new[j]:
                yield Block(i, j, i_end - i)
            continue
        head = _same(old, new, range(i, i_end), range(j, j_end))
        if head:
            yield Block(i, j, head)
            stack.append((i + head, i_end, j + head, j_end))
            continue
        tail = _same(old, new, range(i_end - 1, i - 1, -1), range(j_end - 1, j - 1, -1))
        anchors = [] if tail else _anchors(old, new, i, i_end, j, j_end)
        if tail:
            stack += [(i_end - tail, i_end, j_end - tail, j_end), (i, i_end - tail, j, j_end - tail)]
        elif anchors:
            stack += reversed(_stretches(anchors, i, i_end, j, j_end))
        else:
            most = min(CLOSELY, isqrt(max(0, work)))
            steps = _closely(old[i:i_end], new[j:j_end], most)
            work -= most * most
            yield from (Block(i + a, j + b, length) for a, b, length in steps)


def _stretches(
    anchors: list[tuple[int, int]], i: int, i_end: int, j: int, j_end: int
) -> list[tuple[int, int, int, int]]:
    """What lies between anchors; each but the first begins with one."""
    starts = [(i, j), *anchors]
    ends = [*anchors, (i_end, j_end)]
    return [(a, c, b, d) for (a, b), (c, d) in zip(starts, ends, strict=True)]


def _same(old: Sequence[str], new: Sequence[str], first: range, second: range) -> int:
    count = 0
    for a, b in zip(first, second, strict=False):
        if old[a] != new[b]:
            break
        count += 1
    return count


def _anchors(old: Sequence[str], new: Sequence[str], i: int, i_end: int, j: int, j_end: int) -> list[tuple[int, int]]:
    """Lines that stand once in each of the two stretches: the longest row of them that is in the same order."""
    often = Counter(old[i:i_end])
    where = {line: place for place, line in enumerate(new[j:j_end], j)}
    often_new = Counter(new[j:j_end])
    pairs = [(a, where[old[a]]) for a in range(i, i_end) if often[old[a]] == 1 and often_new.get(old[a]) == 1]
    return _rising(pairs)


def _rising(pairs: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """The longest part of the pairs whose second numbers rise."""
    tops: list[int] = []
    ends: list[int] = []
    before: list[int] = []
    for number, (_, place) in enumerate(pairs):
        at = bisect_left(tops, place)
        before.append(ends[at - 1] if at else -1)
        tops[at : at + 1] = [place]
        ends[at : at + 1] = [number]
    found: list[tuple[int, int]] = []
    number = ends[-1] if ends else -1
    while number >= 0:
        found.append(pairs[number])
        number = before[number]
    return found[::-1]


def _closely(old: Sequence[str], new: Sequence[str], most: int) -> list[tuple[int, int, int]]:
    """The equal runs of the shortest way from one to the other; none when more than `most` lines came and went.

    `reach` has, for each difference of places in old and new, how far in `old` one gets with so many changes.
    """
    reach = {1: 0}
    history: list[dict[int, int]] = []
    for changes in range(most + 1):
        history.append(dict(reach))
        for lane in range(-changes, changes + 1, 2):
            came = lane == -changes or (lane != changes and reach[lane - 1] < reach[lane + 1])
            a = reach[lane + 1] if came else reach[lane - 1] + 1
            while a < len(old) and 0 <= a - lane < len(new) and old[a] == new[a - lane]:
                a += 1
            reach[lane] = a
            if a >= len(old) and a - lane >= len(new):
                return _way_back(history, len(old), len(new))
    return []


def _way_back(history: list[dict[int, int]], a: int, b: int) -> list[tuple[int, int, int]]:
    """The equal runs on the way that was found, read from its end."""
    runs: list[tuple[int, int, int]] = []
    for changes in range(len(history) - 1, -1, -1):
        reach, lane = history[changes], a - b
        came = lane == -changes or (lane != changes and reach[lane - 1] < reach[lane + 1])
        before = lane + 1 if came else lane - 1
        start = (reach[before] + (not came)) if changes else 0
        if a > start:
            runs.append((start, start - lane, a - start))
        a, b = reach[before], reach[before] - before
    return runs[::-1]
