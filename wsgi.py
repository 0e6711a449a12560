"""What gunicorn and `flask` serve: `gunicorn wsgi:app`."""

from __future__ import annotations

import sys
from pathlib import Path

from portal.app import create_app, serve
from portal.config import BadSetting
from portal.store.schema import BadStore

started = Path(sys.argv[0])
is_command = "flask" in (started.name, started.parent.name)

try:
    # `flask ...` commands must also work before the store is made; they check it themselves.
    app = create_app() if is_command else serve()
except (BadSetting, BadStore) as wrong:
    sys.exit(f"Roost cannot start. {wrong}")
