"""What another feature says of servers beside what the panel says of them, like what they cost.

This folder knows no such feature: the app is told at its making who speaks (`use`), and pages ask here. What is told is
a frozen dataclass that templates of that feature read; whenever it looks different, so does the page.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from flask import Flask, current_app

from portal.servers.facts import Facts


class Teller(Protocol):
    """A feature that has something to say of servers."""

    def tell(self, account_id: int, servers: Sequence[Facts]) -> Mapping[str, object]:
        """What a person is told of these servers, by uuid; without any panel call."""

    def saw(self, account_id: int, told: Mapping[str, object]) -> None:
        """A person has a page before them that says so; never raises because of a busy store."""


def use(app: Flask, teller: Teller) -> None:
    """Let a feature speak on the pages of an app."""
    app.extensions["roost_asides"] = teller


def of(account_id: int, servers: Sequence[Facts]) -> Mapping[str, object]:
    """What is said of servers, by uuid; those of which nothing is said are missing."""
    teller: Teller | None = current_app.extensions.get("roost_asides")
    return teller.tell(account_id, servers) if teller and servers else {}


def saw(account_id: int, told: Mapping[str, object]) -> None:
    """Say that a person sees what was told."""
    teller: Teller | None = current_app.extensions.get("roost_asides")
    if teller and told:
        teller.saw(account_id, told)
