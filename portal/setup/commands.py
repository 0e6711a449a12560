"""`flask setup`: the way from nothing to a portal that runs, again and again if need be."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from flask import current_app
from flask.cli import with_appcontext

if TYPE_CHECKING:
    from portal.doctor.lines import Line
    from portal.setup.answers import Answers
    from portal.setup.finishing import Finished


@click.command("setup")
@click.option(
    "--non-interactive", "is_unattended", is_flag=True,
    help="Take everything from the environment: the ROOST_ variables of docs/settings.md, ROOST_SETUP_ADMIN (e-mail "
    "address) and, if wanted, ROOST_SETUP_ADMIN_PANEL_USER (number).",
)  # fmt: skip
@with_appcontext
def setup(is_unattended: bool) -> None:
    """Ask for panel, keys, addresses and the first administrator; check each; write config.toml; make the store."""
    from portal.config import BadSetting
    from portal.doctor.settings_lines import settings_line
    from portal.setup.findings import SetupProblem
    from portal.store.schema import BadStore

    environ = {**os.environ}
    try:
        _set_up(environ, is_unattended=is_unattended, adapter=current_app.config.get("ROOST_PANEL_ADAPTER"))
        return
    except BadStore as wrong:
        click.echo(str(wrong), err=True)
    except BadSetting as wrong:  # a file of a key in the instance folder: the settings themselves were looked at
        click.echo(_text(settings_line(str(wrong))), err=True)
    except SetupProblem as problem:
        click.echo(_text(problem.line), err=True)
    sys.exit(1)


def _set_up(environ: Mapping[str, str], *, is_unattended: bool, adapter: Any) -> None:
    from portal.setup import config_file, finishing
    from portal.setup.bare import instance_of

    instance = instance_of(environ)
    answers = _answers(instance, environ, is_unattended=is_unattended, adapter=adapter)
    before = config_file.stored(instance / "config.toml").get("portal_url")
    finished = finishing.finish(instance, answers, environ)
    notes = [] if is_unattended else [finishing.shadowed(answers, environ)]
    is_installing = environ.get("ROOST_INSTALLING") == "1"  # bin/install goes on with nginx and the services itself
    if not is_installing:
        notes.append(finishing.renamed(before, answers))
    click.echo(f"\nWritten: {instance / 'config.toml'}. The store is ready.")
    for line in answers.warnings:
        click.echo(_text(line), err=True)
    _tell_account(answers, finished, [one for one in notes if one is not None])
    if not is_installing:
        click.echo("Start web and worker (again) so that they see the settings; `roost doctor` looks at everything.")


def _answers(instance: Path, environ: Mapping[str, str], *, is_unattended: bool, adapter: Any) -> Answers:
    """What is typed or given; whoever leaves in the middle is told that nothing was written."""
    from portal.setup import finishing, unattended
    from portal.setup.questions import Interview

    try:
        with finishing.in_use(instance):  # not while a store is being put back: told before anything is asked
            known = None if is_unattended else finishing.first_admin(environ)
        if is_unattended:
            return unattended.read(environ, adapter)
        interview = Interview(environ, instance, adapter, _defaults(instance, environ))
        return interview.hold(known_admin=known, standing=lambda email: finishing.standing(environ, instance, email))
    except (click.Abort, KeyboardInterrupt):
        click.echo("\nStopped: nothing was written, everything is as it was.", err=True)
        sys.exit(1)


def _tell_account(answers: Answers, finished: Finished, notes: list[Line]) -> None:
    made = "Made the account" if finished.is_new else "There is already an account"
    click.echo(f"{made} {answers.admin}.")
    for line in (*finished.lines, *notes):
        click.echo(_text(line))
    if finished.invitation:
        click.echo("Open this link to choose its password; it is good once and for seven days:")
        click.echo(finished.invitation)


def _text(line: Line) -> str:
    return f"{line.said} {line.cure}".strip()


def _defaults(instance: Path, environ: Mapping[str, str]) -> dict[str, str]:
    """What is set now, as text; the environment wins, as it does when Roost runs."""
    from portal.setup.answers import FIELDS
    from portal.setup.config_file import stored

    found = {name: value for name, value in stored(instance / "config.toml").items() if name in FIELDS}
    texts = {name: str(value).lower() if isinstance(value, bool) else str(value) for name, value in found.items()}
    return texts | {name: environ[one] for name in FIELDS if environ.get(one := f"ROOST_{name.upper()}")}
