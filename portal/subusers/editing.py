"""The boxes of the form in which permissions are chosen: which are ticked, which cannot be, and why."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Literal

from portal.pterodactyl.client.subusers import ALWAYS_GIVEN
from portal.servers.reading import Opened
from portal.subusers.permissions import PRESETS, Catalogue, PresetName

Note = Literal["", "always", "not_held", "only_theirs"]
"""always: every subuser has it. not_held: the viewer cannot give it. only_theirs: can be taken away, not kept."""


@dataclass(frozen=True)
class Box:
    """One permission; `key` is the part after the group's name, `number` is its place on the page."""

    name: str
    key: str
    description: str
    number: int
    is_ticked: bool
    note: Note

    @property
    def is_fixed(self) -> bool:
        """Whether it cannot be changed here."""
        return self.note in ("always", "not_held")


@dataclass(frozen=True)
class Group:
    """Boxes of one group; `name` is empty for those that the panel does not list."""

    name: str
    description: str
    boxes: tuple[Box, ...]


@dataclass(frozen=True)
class Preset:
    """What a preset gives here, and what it would give if the viewer held it."""

    name: PresetName
    gives: tuple[str, ...]
    lacking: tuple[str, ...]


@dataclass(frozen=True)
class Editor:
    """Everything that the form shows. `beyond`: what they hold and the viewer does not."""

    groups: tuple[Group, ...]
    presets: tuple[Preset, ...]
    is_described: bool
    beyond: tuple[str, ...]


def editor(known: Catalogue, opened: Opened, ticked: Collection[str], theirs: Sequence[str] = ()) -> Editor:
    """The form for somebody who holds `theirs` now."""
    numbers = iter(range(1, 10_000))

    def box(name: str, key: str, description: str) -> Box:
        note = _note(opened, name, theirs)
        is_ticked = note == "always" or (name in ticked and note != "not_held")
        return Box(name, key, description, next(numbers), is_ticked, note)

    groups = [
        Group(
            group.name,
            group.description,
            tuple(box(one.name, one.name.partition(".")[2], one.description) for one in group.permissions),
        )
        for group in known.groups
    ]
    if others := [one for one in dict.fromkeys(theirs) if one not in known.names]:
        groups.append(Group("", "", tuple(box(one, one, "") for one in others)))
    beyond = tuple(one for one in dict.fromkeys(theirs) if _note(opened, one, theirs) == "only_theirs")
    return Editor(tuple(groups), _presets(known, opened), known.is_described, beyond)


def given_by(known: Catalogue, opened: Opened, preset: str) -> tuple[str, ...]:
    """What a preset ticks for this viewer."""
    return tuple(one for one in known.gives(preset) if opened.rights.allow(one))


def _note(opened: Opened, name: str, theirs: Sequence[str]) -> Note:
    if name == ALWAYS_GIVEN:
        return "always"
    if opened.rights.allow(name):
        return ""
    return "only_theirs" if name in theirs else "not_held"


def _presets(known: Catalogue, opened: Opened) -> tuple[Preset, ...]:
    made = []
    for name in PRESETS:
        gives = known.gives(name)
        mine = tuple(one for one in gives if opened.rights.allow(one) or one == ALWAYS_GIVEN)
        made.append(Preset(name, mine, tuple(one for one in gives if one not in mine)))
    return tuple(made)
