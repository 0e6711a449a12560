"""`flask setup`: the way from nothing to a portal that runs, again and again if need be."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click
from flask import current_app
from flask.cli import with_appcontext


@click.command("setup")
@click.option(
    "--non-interactive", "is_unattended", is_flag=True,
    help="Take everything from the environment: the ROOST_ variables of docs/settings.md, ROOST_SETUP_ADMIN (e-mail "
    "address) and, if wanted, ROOST_SETUP_ADMIN_PANEL_USER (number).",
)  # fmt: skip
@with_appcontext
def setup(is_unattended: bool) -> None:
    """Ask for panel, keys, addresses and the first administrator; check each; write config.toml; make the store."""
    from portal.setup.findings import SetupProblem
    from portal.store.schema import BadStore

    environ = {**os.environ}
    try:
        _set_up(environ, is_unattended=is_unattended, adapter=current_app.config.get("ROOST_PANEL_ADAPTER"))
    except BadStore as wrong:
        click.echo(str(wrong), err=True)
        sys.exit(1)
    except SetupProblem as problem:
        click.echo(f"{problem.line.said} {problem.line.cure}".strip(), err=True)
        sys.exit(1)


def _set_up(environ: Mapping[str, str], *, is_unattended: bool, adapter: Any) -> None:
    from portal.setup import finishing, unattended
    from portal.setup.bare import instance_of
    from portal.setup.questions import Interview

    instance = instance_of(environ)
    with finishing.in_use(instance):  # not while a store is being put back: told before anything is asked
        known = None if is_unattended else finishing.first_admin(environ)
    if is_unattended:
        answers = unattended.read(environ, adapter)
    else:
        interview = Interview(environ, instance, adapter, _defaults(instance, environ))
        answers = interview.hold(known_admin=known, standing=lambda email: finishing.standing(environ, instance, email))
    finished = finishing.finish(instance, answers, environ)
    shadow = None if is_unattended else finishing.shadowed(answers, environ)
    click.echo(f"\nWritten: {instance / 'config.toml'}. The store is ready.")
    made = "Made the account" if finished.is_new else "There is already an account"
    click.echo(f"{made} {answers.admin}.")
    for line in (*finished.lines, *([shadow] if shadow else [])):
        click.echo(f"{line.said} {line.cure}".strip())
    if finished.invitation:
        click.echo("Open this link to choose its password; it is good once and for seven days:")
        click.echo(finished.invitation)
    click.echo("Start web and worker (again) so that they see the settings; `roost doctor` looks at everything.")


def _defaults(instance: Path, environ: Mapping[str, str]) -> dict[str, str]:
    """What is set now, as text; the environment wins, as it does when Roost runs."""
    from portal.setup.answers import FIELDS
    from portal.setup.config_file import stored

    found = {name: value for name, value in stored(instance / "config.toml").items() if name in FIELDS}
    texts = {name: str(value).lower() if isinstance(value, bool) else str(value) for name, value in found.items()}
    return texts | {name: environ[one] for name in FIELDS if environ.get(one := f"ROOST_{name.upper()}")}
