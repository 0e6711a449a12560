"""The store: one SQLite file, short sessions, and writes that take the lock before they read.

`read()` and `write()` are the only ways in. Neither may be open while the panel is called or mail is sent: the lock
would be held for as long as somebody else's computer takes.
"""

from __future__ import annotations

from portal.store.engine import bind, locked, read, unwritable, write
from portal.store.model import Model, db

__all__ = ["Model", "bind", "db", "locked", "read", "unwritable", "write"]
