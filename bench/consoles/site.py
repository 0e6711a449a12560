"""nginx as it is shipped, with the node beside it: the portal at one port, the node itself at another."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import time
from pathlib import Path

from tests.deploy.machine import MAIN, NGINX
from tests.support.waiting import held_port, port_of

ROOT = Path(__file__).resolve().parents[2]
PLACES = re.compile(r"(?<=[\s:])/(opt|run|etc|var/log|var/cache|var/www)/(?=[\w])")
# The portal's site without TLS, which would cost the same on both ways; then the node, with what the portal's site says
# for a websocket and nothing else in between.
SITE = """
include {here}/http.conf;
server {{
    listen 127.0.0.1:{portal} backlog=1024;
    server_name localhost;
    include {here}/server.conf;
}}
server {{
    listen 127.0.0.1:{direct} backlog=1024;
    server_name localhost;
    access_log off;
    location / {{
        proxy_pass http://127.0.0.1:{node};
        proxy_http_version 1.1;
        proxy_set_header Host $http_host;
        proxy_set_header Upgrade $http_upgrade;
        proxy_set_header Connection $roost_connection;
        proxy_set_header Sec-WebSocket-Extensions '';
        proxy_read_timeout 60s;
    }}
}}
"""


class Site:
    """nginx in front of what stands below `root`."""

    def __init__(self, root: Path) -> None:
        self.root, self.here = root, root / "outside"
        self.held = held_port(), held_port()
        self.portal, self.direct = map(port_of, self.held)
        self.process: subprocess.Popen[bytes] | None = None

    def start(self, node: int) -> None:
        """With the node at that port."""
        for folder in (self.here, self.root / "var/log/nginx", self.root / "var/cache"):
            folder.mkdir(parents=True, exist_ok=True)
        for file in (ROOT / "deploy/nginx").glob("*.conf"):
            (self.here / file.name).write_text(PLACES.sub(rf"{self.root}/\1/", file.read_text()))
        text = SITE.format(here=self.here, portal=self.portal, direct=self.direct, node=node)
        (self.here / "site.conf").write_text(text)
        user = "user root;" if os.geteuid() == 0 else ""
        (self.here / "nginx.conf").write_text(MAIN.format(here=self.here, user=user))
        command = [NGINX, "-c", str(self.here / "nginx.conf"), "-p", str(self.here)]
        self.process = subprocess.Popen(command, stderr=subprocess.DEVNULL)
        deadline = time.monotonic() + 10
        while not (self.here / "nginx.pid").exists():
            if self.process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError("nginx did not start: " + (self.here / "nginx.error.log").read_text()[-1000:])
            time.sleep(0.02)

    def close(self) -> None:
        """End it."""
        if self.process is not None:
            self.process.terminate()
            self.process.wait(10)
        for port in self.held:
            port.close()

    @staticmethod
    def is_possible() -> bool:
        """Whether there is an nginx."""
        return bool(NGINX) and shutil.which(NGINX) is not None
