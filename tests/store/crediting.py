"""A process of its own that writes credits down, for test_flushes: see `main`."""

from __future__ import annotations

import ctypes
import json
import sys
from pathlib import Path

from portal import create_app
from portal.billing.money import Money
from portal.config import Settings
from portal.credit import service
from portal.store import engine


def main() -> None:
    """INSTANCE ACCOUNT COUNT [HOW]: on the last line, how often something was forced to the disk for each credit."""
    instance, account, count, *how = sys.argv[1:]
    if how:
        engine.PRAGMAS["synchronous"] = how[0]
    flushes = ctypes.CDLL(None).flushes
    chosen = Settings(panel_url="http://panel.test", application_key="a" * 48, instance=Path(instance), billing="on")
    app = create_app(chosen, {"TESTING": True})
    found = []
    with app.app_context():
        for one in range(int(count)):
            before = flushes()
            service.credit(int(account), Money(1, "EUR"), f"payment {one}", by=None, source="command")
            found.append(flushes() - before)
    sys.stdout.write(json.dumps(found) + "\n")


if __name__ == "__main__":
    main()
