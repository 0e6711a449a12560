"""A stand behind nginx with the shipped site: TLS, systemd's socket, two web processes, and a cutter on either leg.

The browser's leg is `leg` (browser, cutter, nginx), the node's `node_leg` (Roost, cutter, node fra-1).
"""

from __future__ import annotations

import shutil
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Any, ClassVar

from deploy import placeholder
from tests.deploy.browser import Browser
from tests.deploy.machine import NGINX, Machine
from tests.deploy.units import HAND_OVER
from tests.e2e.cutter import LOOPBACK, Cutter
from tests.e2e.stand import CONFIG, ROOT, Stand

NODE = "fra-1"
SAME = 10
"""So often in a row, every quarter of a second: longer than fetching the history takes."""


class BehindNginx(Stand):
    """Nobody may use it without nginx: see `NGINX`."""

    browsing: ClassVar[dict[str, Any]] = {"ignore_https_errors": True}
    leg: Cutter
    node_leg: Cutter

    def close(self) -> None:
        """End everything that was started."""
        for one in (getattr(self, "leg", None), getattr(self, "node_leg", None)):
            if one is not None:
                one.close()
        if hasattr(self, "machine"):
            self.machine.close()
        if hasattr(self, "listener"):
            self.listener.close()
        super().close()

    def lasting_sockets(self, name: str) -> int:
        """How many sockets the node has open for a server, one for each web process and key that watches.

        The short ones that fetch what was printed before do not count: the number has stood still for longer.
        """
        seen: list[int] = []
        deadline = time.monotonic() + 60
        while len(seen) < SAME or len(set(seen[-SAME:])) > 1:
            assert time.monotonic() < deadline, f"sockets come and go: {seen}"
            seen.append(self._sockets(name))
            time.sleep(0.25)
        return seen[-1]

    def _sockets(self, name: str) -> int:
        server = next(one for one in self.demo.world.servers if one.name == name)
        return sum(len(node.sockets.list(server.uuid)) for node in self.demo.nodes.values())

    def _open_way(self) -> str:
        root = self.folder
        for name, folder in (("roost.conf", "sites-enabled"), ("http.conf", "roost"), ("server.conf", "roost")):
            (root / "etc/nginx" / folder).mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / "deploy/nginx" / name, root / "etc/nginx" / folder)
        placeholder.make(LOOPBACK, root / "etc/roost/tls")
        (root / "opt").mkdir()
        (root / "opt/roost").symlink_to(ROOT)
        self.listener = _listen(root / "run/roost/web.sock")
        self.machine = Machine.at(root)
        self.leg = Cutter(self.machine.https_port)
        row = next(one for one in self.demo.world.nodes if one.name == NODE)
        self.node_leg = Cutter(row.daemon_listen)
        row.daemon_listen = self.node_leg.port
        self.machine.start_nginx()
        return f"https://{LOOPBACK}:{self.leg.port}"

    def _run_web(self) -> subprocess.Popen[bytes]:
        """As systemd starts it: the socket is handed over and stands while nobody serves it."""
        handed = self.listener.fileno()
        gunicorn = [sys.executable, "-m", "gunicorn", "--config", CONFIG, "wsgi:app"]
        return self._spawn([sys.executable, "-c", HAND_OVER, str(handed), *gunicorn], pass_fds=(handed,))

    def _answers(self) -> bool:
        try:
            return Browser(self.machine.https_port, f"{LOOPBACK}:{self.leg.port}").get("/login").status == 200
        except OSError:
            return False


def _listen(place: Path) -> socket.socket:
    place.parent.mkdir(parents=True)
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(str(place))
    listener.listen(2048)
    return listener


__all__ = ["NGINX", "BehindNginx"]
