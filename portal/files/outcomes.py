"""How an act on several files ended, for each of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

State = Literal["done", "failed", "unknown", "missing"]
Act = Literal["new-folder", "new-file", "rename", "move", "copy", "delete", "permissions"]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one file. `why` is a sentence for what was not done, `became` a name that it has or made now.

    `failed`: it is not done, and nothing is going on any more. `unknown`: it may be done, or still be done.
    `missing`: there was no such file any more.
    """

    name: str
    state: State
    why: str = ""
    became: str = ""


@dataclass(frozen=True)
class Result:
    """How an act in `directory` ended. `target` is where something was moved to, `note` what else is to be said."""

    act: Act
    directory: str
    outcomes: tuple[Outcome, ...]
    target: str = ""
    note: str = ""

    @property
    def done(self) -> tuple[Outcome, ...]:
        """What was done."""
        return tuple(one for one in self.outcomes if one.state == "done")

    @property
    def others(self) -> tuple[Outcome, ...]:
        """What was not done, or may not have been."""
        return tuple(one for one in self.outcomes if one.state != "done")

    @property
    def reasons(self) -> tuple[tuple[Outcome, ...], ...]:
        """What was not done, those with the same state and reason together."""
        found: dict[tuple[State, str], list[Outcome]] = {}
        for one in self.others:
            found.setdefault((one.state, one.why), []).append(one)
        return tuple(tuple(group) for group in found.values())

    @property
    def leads_to(self) -> str:
        """The one name that somebody wants to see next: what it is called now, or what is made; empty for several."""
        one = self.outcomes[0] if len(self.outcomes) == 1 else Outcome("", "missing")
        return one.became or one.name

    @property
    def tone(self) -> str:
        """How the message looks: good, warn or bad."""
        if not self.others:
            return "good"
        return "warn" if self.done or any(one.state == "unknown" for one in self.others) else "bad"
