"""An app with `flask setup` and `flask doctor` only: what runs when there are no settings yet, or wrong ones."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path

from flask import Flask

from portal import extensions
from portal.config import ROOT
from portal.doctor.commands import doctor
from portal.setup.commands import setup

TAKE_A_VALUE = ("-A", "--app", "-e", "--env-file")
"""Options of `flask` itself that come before the command."""


def command_of(words: Sequence[str]) -> str | None:
    """The command on a command line of `flask`, without the program's name; None when there is none."""
    rest = iter(words)
    for word in rest:
        if word in TAKE_A_VALUE:
            next(rest, None)
        elif not word.startswith("-"):
            return word
    return None


def bare_app(wrong: Exception | None = None, environ: Mapping[str, str] = os.environ) -> Flask:
    """The app; `wrong` is why the settings cannot be used, for the doctor to tell."""
    app = Flask("portal", root_path=str(ROOT / "portal"))
    app.config["ROOST_WRONG_SETTINGS"] = wrong
    app.config["ROOST_INSTANCE"] = instance_of(environ)
    extensions.babel.init_app(app)
    app.cli.add_command(setup)
    app.cli.add_command(doctor)
    return app


def instance_of(environ: Mapping[str, str]) -> Path:
    """The instance folder, as the settings would name it."""
    return Path(environ.get("ROOST_INSTANCE") or ROOT / "instance").absolute()
