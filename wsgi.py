"""What gunicorn and `flask` serve: `gunicorn wsgi:app`."""

from __future__ import annotations

import sys
from pathlib import Path

from portal.app import create_app, serve
from portal.config import BadSetting
from portal.setup.bare import bare_app, command_of
from portal.store.schema import BadStore

started = Path(sys.argv[0])
is_command = "flask" in (started.name, started.parent.name)

command = command_of(sys.argv[1:]) if is_command else None

try:
    # `flask ...` commands must also work before the store is made; they check it themselves.
    if command == "setup":
        app = bare_app()
    else:
        app = create_app() if is_command else serve()
except (BadSetting, BadStore) as wrong:
    if command != "doctor":
        sys.exit(f"Roost cannot start. {wrong}")
    app = bare_app(wrong)
