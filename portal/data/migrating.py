"""Taking servers over one after the other, asked for each or as planned. What was done stays when it is stopped."""

from __future__ import annotations

import sys
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import click
from sqlalchemy.exc import SQLAlchemyError

from portal import clock
from portal.billing.periods import PeriodError
from portal.billing.terms import TermError
from portal.credentials import service as credentials
from portal.data import asking, importing, walking
from portal.data.candidates import Candidate, Skipped
from portal.data.importing import NotImported
from portal.pterodactyl.errors import NotFound, PanelError
from portal.suspension.holds import HoldError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from portal.data.asking import Given
    from portal.data.progress import Progress
    from portal.data.wishes import Wish

FRESH_S = 60.0
"""A server that was read longer ago is read again before it is written: somebody may have thought for a while."""


@dataclass
class Tally:
    """How many servers were migrated, skipped, or could not be. `is_stopped`: not all were looked at.

    `is_deserted`: there was nobody to answer even the first question. `expiries` are those that were written, by uuid.
    """

    migrated: int = 0
    skipped: int = 0
    errors: int = 0
    is_stopped: bool = False
    is_deserted: bool = False
    expiries: dict[str, int] = field(default_factory=dict)

    @property
    def sentence(self) -> str:
        """The sum of a run."""
        return f"Migrated: {self.migrated}, skipped: {self.skipped}, errors: {self.errors}."


class Migration:
    """One run over what was read of the panel at `read_at`."""

    def __init__(self, read_at: float, progress: Progress, *, is_dry_run: bool) -> None:
        self.tally = Tally()
        self._read_at = read_at
        self._progress = progress
        self._is_dry_run = is_dry_run
        self._answers = 0

    def skip(self, one: Skipped) -> None:
        """Say that a server is left as it is, and why."""
        self.tally.skipped += 1
        self._progress.say(f"skipped\t{one.title}\t{one.why}")

    def skip_all(self, items: Sequence[Candidate | Skipped]) -> None:
        """Say which of them are left as they are."""
        for one in items:
            if isinstance(one, Skipped):
                self.skip(one)
                self._progress.step()

    def fail(self, sentence: str) -> None:
        """Say what could not be done."""
        self.tally.errors += 1
        self._progress.say(f"error\t{sentence}")

    def ask_for_each(self, items: Sequence[Candidate | Skipped], given: Given, spread_days: int) -> None:
        """Ask for each server, and write what was answered at once. Ends where the answers end, or with Ctrl+C."""
        count, place = sum(isinstance(one, Candidate) for one in items), 0
        try:
            for one in items:
                if isinstance(one, Skipped):
                    self.skip(one)
                else:
                    self._ask(one, given, place * spread_days // count)
                    place += 1
                self._progress.step()
        except (click.Abort, KeyboardInterrupt):
            self.tally.is_stopped = True
            self.tally.is_deserted = self._answers == 0 and not sys.stdin.isatty()
            click.echo()

    def _ask(self, one: Candidate, given: Given, later_days: int) -> None:
        self._progress.clear()
        try:
            wished = asking.ask(one, given, later_days=later_days)
        except PeriodError as wrong:
            self.fail(f"{one.title}\t{wrong}")
            return
        self._answers += 1
        if wished is None:
            self.tally.skipped += 1
        else:
            self.write(wished, is_asked=True)

    def write_all(self, wishes: Sequence[Wish]) -> None:
        """Write what was planned. Ctrl+C ends it between two servers."""
        try:
            for one in wishes:
                self.write(one)
                self._progress.step()
        except KeyboardInterrupt:
            self.tally.is_stopped = True

    def write(self, wished: Wish, *, is_asked: bool = False) -> None:
        """Take one server over, or in a dry run say so. `is_asked`: somebody may have taken their time."""
        title = wished.candidate.title
        if self._is_dry_run:
            self.tally.migrated += 1
            self.preview(wished)
            return
        try:
            is_new = importing.import_one(*(self._fresh(wished) if is_asked else (wished, self._read_at)))
        except (NotImported, TermError, HoldError, PeriodError) as wrong:
            self.fail(f"{title}\t{wrong}")
        except PanelError as wrong:
            self.fail(f"{title}\t{walking.in_words(wrong)}")
        except SQLAlchemyError as wrong:
            self.fail(f"{title}\tthe store could not be written ({type(wrong).__name__})")
        else:
            if not is_new:
                self.skip(Skipped(title, "somebody set its price meanwhile"))
                return
            self.tally.migrated += 1
            if wished.expires_at is not None:
                self.tally.expiries[wished.candidate.server.uuid] = wished.expires_at
            held = "; suspended on the panel, and held as such" if wished.candidate.server.is_suspended else ""
            self._progress.say(f"migrated\t{title}\t{wished.sentence}{held}")

    def preview(self, wished: Wish) -> None:
        """Say what would be written."""
        self._progress.say(f"would migrate\t{wished.candidate.title}\t{wished.sentence}")

    def would_ask(self, one: Candidate) -> None:
        """Say in a dry run that a server can be migrated."""
        self.tally.migrated += 1
        held = "; suspended on the panel" if one.server.is_suspended else ""
        self._progress.say(f"would migrate\t{one.title}\tof {one.email}, at the price that you give{held}")

    def _fresh(self, wished: Wish) -> tuple[Wish, float]:
        """The same with the server as the panel shows it now, unless it was read a moment ago."""
        now, candidate = clock.now(), wished.candidate
        if now - self._read_at <= FRESH_S:
            return wished, self._read_at
        try:
            with credentials.as_portal("operator") as api:
                seen = walking.patiently(
                    lambda: api.servers.view(candidate.server.internal_id, include=("subusers",)), self._progress
                )
        except NotFound:
            raise NotImported("the panel has it no more") from None
        if (seen.uuid, seen.user) != (candidate.server.uuid, candidate.server.user):
            raise NotImported("it has another owner by now, or is another server: run the command again")
        return replace(wished, candidate=replace(candidate, server=seen)), now
