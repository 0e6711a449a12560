"""What Roost itself does not let through, before anything is asked of the panel."""

from __future__ import annotations


class Unfit(Exception):
    """Refused for a reason that can be said in a sentence. `field` names the field of the form that it is about."""

    def __init__(self, sentence: str, *, field: str = "") -> None:
        super().__init__(sentence)
        self.field = field
