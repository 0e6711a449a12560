"""gunicorn's settings: threads (docs/decisions/0003-threads.md), always behind nginx or on loopback.

Under systemd the listening socket comes from roost-web.socket and `bind` is not used (docs/decisions/0006-restart.md).
"""

from __future__ import annotations

import gc
import ipaddress
import logging
import os
import resource
import signal
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING

gc.disable()  # while the application loads: a fifth of the start would go into looking for garbage that is not there

from portal.config import BadSetting, load  # noqa: E402
from portal.console.relay import drain  # noqa: E402
from portal.store import db  # noqa: E402

if TYPE_CHECKING:
    from types import FrameType

    from flask import Flask
    from gunicorn.arbiter import Arbiter
    from gunicorn.workers.base import Worker

try:
    settings = load()
except BadSetting as wrong:
    sys.exit(f"Roost cannot start. {wrong}")

bind = os.environ.get("ROOST_BIND") or "127.0.0.1:8000"
worker_class = "gthread"
workers = settings.web_processes
threads = 160  # 128 of them may be consoles (portal/wings/hub.py), so that 32 stay for pages
FILES_PER_PROCESS = 1024  # four for each place of a console: the browser's socket, the node's, and two to spare
preload_app = True
graceful_timeout = 10
keepalive = 75
control_socket_disable = True
loglevel = "warning"
memory = Path("/dev/shm")  # noqa: S108  (gunicorn's heartbeat file; a disk may stall it)
worker_tmp_dir = str(memory) if memory.is_dir() else None

# Whose forwarded headers count is decided in one place, portal/web/proxy.py, by the setting trusted_proxy.
forwarded_allow_ips = ""
secure_scheme_headers: dict[str, str] = {}
forwarder_headers = ""


def when_ready(server: Arbiter) -> None:
    """Everything is loaded: processes that are forked from here share it. Says when others can reach the socket."""
    _warm_up(server.app.wsgi())
    gc.enable()
    gc.freeze()
    files, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    if files != resource.RLIM_INFINITY and files < FILES_PER_PROCESS:
        server.log.warning(
            "A process may open %d files only, which is too few for its consoles: raise `ulimit -n` to %d.",
            files, FILES_PER_PROCESS,
        )  # fmt: skip
    for listener in server.LISTENERS:
        place = listener.getsockname()
        if not isinstance(place, tuple) and settings.trusted_proxy is None:
            server.log.warning("On a unix socket all visitors look like one while trusted_proxy is none: leave it out.")
        if isinstance(place, tuple) and not ipaddress.ip_address(place[0]).is_loopback:
            server.log.warning(
                "Listening on %s, where others can reach it: a single client that keeps its end of closed connections"
                " open can stop a process of gunicorn. Let only nginx connect (see docs/install.md).",
                place[0],
            )


def post_worker_init(worker: Worker) -> None:
    """Tell browsers at a console that the process stops. gunicorn has no hook for its SIGTERM, so it gets ours first.

    A handler may take no lock that the interrupted thread could hold, so a thread that waits already does the work.
    """
    before = signal.getsignal(signal.SIGTERM)
    stopping = threading.Event()

    def close_consoles() -> None:
        stopping.wait()
        drain(worker.wsgi)

    def stop(number: int, frame: FrameType | None) -> None:
        stopping.set()
        if callable(before):
            before(number, frame)

    threading.Thread(target=close_consoles, name="console-drain", daemon=True).start()
    signal.signal(signal.SIGTERM, stop)


def _warm_up(app: Flask) -> None:
    """What the first page makes once (routes, templates) is made before the fork and shared: 5 MiB less per process."""
    log = logging.getLogger("roost")
    level = log.level
    log.setLevel(logging.CRITICAL)
    try:
        app.test_client().get("/login", base_url=settings.portal_url)
        with app.app_context():
            db.engine.dispose()  # a connection must not be taken along
    finally:
        log.setLevel(level)
