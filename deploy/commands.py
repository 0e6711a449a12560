"""The portal's commands under the name `roost`: `commands.py doctor` does what `flask --app wsgi.py doctor` does."""

from __future__ import annotations

import sys
from pathlib import Path

from flask.cli import cli

APP = Path(__file__).resolve().parent.parent / "wsgi.py"


def main() -> None:
    words = ["--app", str(APP), *sys.argv[1:]]
    sys.argv = ["flask", *words]  # wsgi.py looks there whether it is a command and which one
    cli.main(args=words, prog_name="roost")


if __name__ == "__main__":
    main()
