"""What the commands of billing share: the store looked at first, lines in columns, how they end."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import NoReturn

import click

from portal import mode
from portal.backup import starting
from portal.operator.words import moment
from portal.panel import settings
from portal.store.schema import BadStore
from portal.web.text import one_line

YES = click.option("--yes", is_flag=True, help="Do not ask.")


def counting(number: int, one: str, many: str) -> str:
    """A number with the words after it: `1 server`, `2 servers`."""
    return f"{number} {one if number == 1 else many}"


def ready(*, shown: bool = True) -> None:
    """Hold the store in use for as long as the command runs; end it when it cannot be used, or billing is off."""
    try:
        click.get_current_context().call_on_close(starting.check(settings().database))
    except BadStore as wrong:
        stop(wrong)
    if shown and not mode.is_shown():
        stop('Billing is off: set billing = "observe" to look at it without any effect.')


def table(rows: Sequence[Sequence[str]]) -> None:
    """Lines with a tab between the columns; whatever a server or a person is called, each stays on its line."""
    for row in rows:
        click.echo("\t".join(one_line(cell) for cell in row).rstrip("\t"))


def stop(reason: object) -> NoReturn:
    """End with status 1 and the reason on standard error."""
    click.echo(one_line(str(reason), 500), err=True)
    sys.exit(1)


__all__ = ["YES", "counting", "moment", "ready", "stop", "table"]
