"""gunicorn's settings: threads (docs/decisions/0003-threads.md), always behind nginx or on loopback."""

from __future__ import annotations

import sys
from pathlib import Path

from portal.config import BadSetting, load

try:
    settings = load()
except BadSetting as wrong:
    sys.exit(f"Roost cannot start. {wrong}")

bind = "127.0.0.1:8000"
worker_class = "gthread"
workers = settings.web_processes
threads = 32
preload_app = True
graceful_timeout = 10
keepalive = 75
control_socket_disable = True
loglevel = "warning"
memory = Path("/dev/shm")  # noqa: S108  (gunicorn's heartbeat file; a disk may stall it)
worker_tmp_dir = str(memory) if memory.is_dir() else None
