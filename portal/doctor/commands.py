"""`flask doctor`: every line on the terminal or as JSON; ends with 1 when anything fails."""

from __future__ import annotations

import json
import logging
import sys
import textwrap
from collections.abc import Sequence
from pathlib import Path

import click
from flask import current_app
from flask.cli import with_appcontext

from portal.backup import starting
from portal.doctor.lines import Line, worst
from portal.panel import settings
from portal.store.schema import BadStore

WIDTH = 100
MARKS = {"ok": "OK", "warn": "WARN", "fail": "FAIL"}
COLOURS = {"ok": "green", "warn": "yellow", "fail": "red"}


@click.command("doctor")
@click.option("--json", "as_json", is_flag=True, help="One JSON object: status, and the lines.")
@click.option("--mail", "address", metavar="ADDRESS", help="Also send a test mail to this address now.")
@with_appcontext
def doctor(as_json: bool, address: str | None) -> None:
    """Look whether everything Roost needs is well, and say what to do where it is not."""
    logging.getLogger("roost").setLevel(logging.ERROR)  # the lines say it; one for each call would stand between them
    lines = _lines(address)
    status = worst(lines)
    if as_json:
        click.echo(json.dumps({"status": status, "lines": [vars(one) for one in lines]}, indent=1))
    else:
        click.echo("\n".join(_text(lines)))
    sys.exit(1 if status == "fail" else 0)


def _lines(address: str | None) -> list[Line]:
    from portal.doctor import service  # imported here: `flask --help` need not wait for it
    from portal.doctor.work_checks import send_test_mail

    wrong = current_app.config.get("ROOST_WRONG_SETTINGS")
    instance = current_app.config["ROOST_INSTANCE"] if wrong is not None else settings().instance
    refusal = _refusal(instance)
    if wrong is not None:
        return service.examine_without_settings(str(wrong), instance, refusal=refusal)
    lines = service.examine(refusal=refusal)
    return [*lines, send_test_mail(address)] if address else lines


def _refusal(instance: Path) -> str | None:
    """Hold the store in use for as long as this command runs; why that may not be, None when it may."""
    try:
        click.get_current_context().call_on_close(starting.check_file(instance / "roost.db", for_owner=True))
    except BadStore as wrong:
        return str(wrong)
    return None


def _text(lines: Sequence[Line]) -> list[str]:
    """Mark and name in columns; what is said and the cure wrapped behind them."""
    names = max((len(one.name) for one in lines), default=0)
    indent = " " * (6 + names + 2)
    shown = []
    for one in lines:
        mark = click.style(f"{MARKS[one.status]:<6}", fg=COLOURS[one.status], bold=one.status != "ok")
        said = _wrapped(one.said, indent)
        shown.append(f"{mark}{one.name:<{names}}  {said.lstrip()}")
        if one.cure:
            shown.append(_wrapped(f"-> {one.cure}", indent))
    return shown


def _wrapped(text: str, indent: str) -> str:
    return textwrap.fill(
        text, max(WIDTH, len(indent) + 40), initial_indent=indent, subsequent_indent=indent,
        break_long_words=False, break_on_hyphens=False,
    )  # fmt: skip
