"""A machine in a folder: what bin/install made there, run by a small systemd and a real nginx, beside a demo panel.

Of the installed site only the addresses that it listens on are others, and every place is below the folder.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import socket
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

from tests.deploy.browser import Browser
from tests.deploy.units import END_S, Service
from tests.support.waiting import held_port, port_of

ROOT = Path(__file__).resolve().parents[2]
HOST = "my.example.com"
NGINX = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin") or ""
MAIN = """
{user}
worker_processes 2;
daemon off;
pid {here}/nginx.pid;
error_log {here}/nginx.error.log;
events {{ worker_connections 1024; }}
http {{
    include /etc/nginx/mime.types;
    default_type application/octet-stream;
    gzip on;
    client_body_temp_path {here}/body;
    proxy_temp_path {here}/proxy;
    fastcgi_temp_path {here}/fastcgi;
    uwsgi_temp_path {here}/uwsgi;
    scgi_temp_path {here}/scgi;
    include {here}/site.conf;
}}
"""


def clone(target: Path, *, own_venv: bool = False) -> None:
    """The working tree as it stands now, with what is not committed yet. Without `own_venv` it borrows this one's."""
    names = subprocess.run(
        ["git", "ls-files", "-co", "--exclude-standard", "-z"], cwd=ROOT, check=True, capture_output=True, text=True
    ).stdout
    for name in filter(None, names.split("\0")):
        if (ROOT / name).is_file():
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            with suppress(FileNotFoundError):  # something of another test that is gone by now
                shutil.copy2(ROOT / name, target / name)
    if not own_venv:
        (target / ".venv").symlink_to(ROOT / ".venv")
        (target / "bin/setup").write_text("#!/bin/sh\nexit 0\n")  # the borrowed one is not to be made anew


def command(*words: str | Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run something with no setting of ours but those given."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith("ROOST_")}
    return subprocess.run(
        [str(word) for word in words], env=clean | environment, stdin=subprocess.DEVNULL, capture_output=True,
        text=True, timeout=600, check=False,
    )  # fmt: skip


class DemoPanel:
    """The demo panel as a process of its own."""

    def __init__(self, folder: Path) -> None:
        world = folder / "world.json"
        self.process = subprocess.Popen(
            [sys.executable, "-m", "portal.demo", "--port", "0", "--world", str(world)],
            cwd=ROOT, stdout=subprocess.DEVNULL, start_new_session=True,
        )  # fmt: skip
        wait_until(lambda: world.exists(), "the demo panel did not start")
        self.world: dict[str, Any] = json.loads(world.read_text())
        self.url = str(self.world["base"])
        self.keys: dict[str, str] = self.world["keys"]

    def close(self) -> None:
        """End it."""
        self.process.terminate()
        self.process.wait(END_S)


class Machine:
    """`root` stands for /; `install` it, then `start`."""

    def __init__(self, root: Path, *, own_venv: bool = False, is_new: bool = True) -> None:
        self.root = root
        self.tree = root / "opt/roost"
        if is_new:
            clone(self.tree, own_venv=own_venv)
        self.instance = root / "var/lib/roost"
        self.here = root / "outside"
        self.here.mkdir(exist_ok=True)
        self.ports: dict[str, int] = {}
        self.holders: list[socket.socket] = []
        self.services: dict[str, Service] = {}
        self.nginx: subprocess.Popen[bytes] | None = None

    @classmethod
    def at(cls, root: Path) -> Machine:
        """One that is there already."""
        return cls(root, is_new=False)

    @property
    def http_port(self) -> int:
        """Where nginx listens for http; it is ours from the first question until `close`."""
        return self._port("http")

    @property
    def https_port(self) -> int:
        """Where it listens for https."""
        return self._port("https")

    def _port(self, name: str) -> int:
        if name not in self.ports:
            self.holders.append(held_port())
            self.ports[name] = port_of(self.holders[-1])
        return self.ports[name]

    def write_settings(self, **values: object) -> None:
        """What `flask setup` would write."""
        self.instance.mkdir(mode=0o700, parents=True, exist_ok=True)
        file = self.instance / "config.toml"
        file.touch(mode=0o600)
        file.write_text("".join(f"{name} = {json.dumps(value)}\n" for name, value in values.items()))

    def install(self, *options: str, **environment: str) -> subprocess.CompletedProcess[str]:
        """Run bin/install."""
        return command(self.tree / "bin/install", "--root", self.root, *options, **environment)

    def roost(self, *words: str) -> str:
        """What a command of the installed `roost` prints."""
        done = command(self.tree / "bin/roost", *words, ROOST_ROOT=str(self.root))
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    @property
    def web(self) -> Service:
        """The service of the pages."""
        return self.services["roost-web"]

    @property
    def worker(self) -> Service:
        """The service of the background process."""
        return self.services["roost-worker"]

    def start(self) -> None:
        """What starting the machine does."""
        for name in ("roost-web", "roost-worker"):
            self.services[name] = Service(self.root, name, self.here / f"{name}.log")
            self.services[name].start()
        self.start_nginx()
        wait_until(lambda: self.browser().get("/login").status == 200, "the portal does not answer", self.logs)

    def start_nginx(self) -> None:
        """nginx with the installed site, and nothing else."""
        self.write_site()
        self.nginx = subprocess.Popen([NGINX, "-c", str(self.here / "nginx.conf"), "-p", str(self.here)])
        wait_until(lambda: (self.here / "nginx.pid").exists(), "nginx did not start", self.logs)

    def write_site(self) -> None:
        """The installed site and its two files for an nginx that is allowed to see nothing but this folder."""
        places = re.compile(r"(?<=[\s:])/(opt|run|etc|var/log|var/cache|var/www)/(?=[\w])")
        for name in ("sites-enabled/roost.conf", "roost/http.conf", "roost/server.conf"):
            text = (self.root / "etc/nginx" / name).read_text()
            text = re.sub(r"^\s*listen \[::\].*\n", "", text, flags=re.MULTILINE)
            text = text.replace("listen 80;", f"listen 127.0.0.1:{self.http_port};")
            text = text.replace("listen 443 ssl", f"listen 127.0.0.1:{self.https_port} ssl")
            text = text.replace("include /etc/nginx/roost/", f"include {self.here}/")
            here = "site.conf" if name.startswith("sites") else Path(name).name
            (self.here / here).write_text(places.sub(rf"{self.root}/\1/", text))
        user = "user root;" if os.geteuid() == 0 else ""
        (self.here / "nginx.conf").write_text(MAIN.format(here=self.here, user=user))
        (self.root / "var/log/nginx").mkdir(parents=True, exist_ok=True)
        (self.root / "var/cache").mkdir(parents=True, exist_ok=True)

    def browser(self, source: str = "127.0.0.1", *, stays: bool = False) -> Browser:
        """Somebody who opens the portal, from an address of loopback."""
        return Browser(self.https_port, HOST, source, stays=stays)

    def logs(self) -> str:
        """How the logs end."""
        found = [*self.here.glob("*.log"), *(self.root / "var/log/nginx").glob("*.log")]
        return "\n".join(f"{one.name}:\n{one.read_text()[-1500:]}" for one in found)

    def close(self) -> None:
        """End everything that was started."""
        if self.nginx is not None:
            self.nginx.terminate()
            self.nginx.wait(END_S)
        for one in self.services.values():
            with suppress(subprocess.TimeoutExpired):
                one.stop()
            one.close_socket()
        for holder in self.holders:
            holder.close()


def wait_until(holds: Any, otherwise: str, more: Any = lambda: "", within_s: float = 60.0) -> None:
    """Look until it holds; an error of a connection counts as not yet."""
    deadline = time.monotonic() + within_s
    while time.monotonic() < deadline:
        with suppress(OSError):
            if holds():
                return
        time.sleep(0.05)
    raise AssertionError(f"{otherwise} within {within_s:.0f} s\n{more()}")
