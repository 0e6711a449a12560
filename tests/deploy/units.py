"""A very small systemd: reads the installed units and starts what they say, below another root.

Of a unit it knows what matters here: the command, the environment (and nothing else of ours), the folder, the umask,
the socket that outlives the service, and `Type=notify`. User and sandbox are left out: the tests may not be root.
"""

from __future__ import annotations

import os
import re
import shlex
import signal
import socket
import subprocess
import sys
from pathlib import Path

PLACES = re.compile(r"(?<![\w.-])/(?=(?:opt|var/lib|etc|run)/roost\b)")
HAND_OVER = (
    "import os, sys; os.dup2(int(sys.argv[1]), 3);"
    "os.environ.update(LISTEN_FDS='1', LISTEN_PID=str(os.getpid())); os.execv(sys.argv[2], sys.argv[2:])"
)
READY_S = 60.0
END_S = 60.0
"""What has been killed is gone at once, but on a busy machine nobody takes note of it for a while."""


class Unit:
    """The lines of a unit file, with the places in it below `root`."""

    def __init__(self, root: Path, name: str) -> None:
        text = (root / "etc/systemd/system" / name).read_text()
        self.root = root
        self.lines = [
            tuple(part.strip() for part in line.split("=", 1))
            for line in text.splitlines()
            if "=" in line and not line.lstrip().startswith("#")
        ]

    def all(self, key: str) -> list[str]:
        """The values of a key, in their order."""
        return [PLACES.sub(f"{self.root}/", value) for name, value in self.lines if name == key]

    def one(self, key: str) -> str:
        """The value of a key that stands there once."""
        (value,) = self.all(key)
        return value

    def environment(self) -> dict[str, str]:
        """What systemd would hand over; the environment file is read if it is there."""
        given = {"PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "LANG": "C.UTF-8"}
        for value in self.all("Environment"):
            given |= dict(word.split("=", 1) for word in shlex.split(value))
        for value in self.all("EnvironmentFile"):
            file = Path(value.removeprefix("-"))
            if file.exists():
                given |= dict(line.split("=", 1) for line in file.read_text().splitlines() if "=" in line)
        return given


class Service:
    """One service; with `listens` its socket stands from the beginning until `close`."""

    def __init__(self, root: Path, name: str, log: Path) -> None:
        self.unit = Unit(root, f"{name}.service")
        self.log = log
        self.process: subprocess.Popen[bytes] | None = None
        self.listener: socket.socket | None = None
        self.place: Path | None = None
        if f"{name}.socket" in " ".join(self.unit.all("Requires")):
            self.place = Path(Unit(root, f"{name}.socket").one("ListenStream"))
            self.open_socket()

    def open_socket(self) -> None:
        """What starting the .socket unit does."""
        assert self.place is not None
        self.place.parent.mkdir(parents=True, exist_ok=True)
        self.place.unlink(missing_ok=True)
        self.listener = socket.socket(socket.AF_UNIX)
        self.listener.bind(str(self.place))
        self.listener.listen(2048)

    def close_socket(self) -> None:
        """What stopping the .socket unit does."""
        if self.listener is not None:
            self.listener.close()
            self.listener = None

    def start(self) -> None:
        """Start it, and for `Type=notify` wait until it says that it is ready."""
        command = shlex.split(self.unit.one("ExecStart"))
        handed: tuple[int, ...] = ()
        if self.listener is not None:
            handed = (self.listener.fileno(),)
            command = [sys.executable, "-S", "-E", "-c", HAND_OVER, str(handed[0]), *command]
        environment = self.unit.environment()
        notify = self._notify_socket(environment) if self.unit.one("Type") == "notify" else None
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                command, cwd=self.unit.one("WorkingDirectory"), env=environment, stdin=subprocess.DEVNULL, stdout=log,
                stderr=log, pass_fds=handed, start_new_session=True, umask=int(self.unit.one("UMask"), 8),
            )  # fmt: skip
        if notify is not None:
            with notify:
                told = notify.recv(4096)
            assert b"READY=1" in told, told

    def _notify_socket(self, environment: dict[str, str]) -> socket.socket:
        place = self.log.with_suffix(".notify")
        place.unlink(missing_ok=True)
        waiting = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        waiting.bind(str(place))
        waiting.settimeout(READY_S)
        environment["NOTIFY_SOCKET"] = str(place)
        return waiting

    def stop(self) -> int | None:
        """SIGTERM to the main process, as `KillMode=mixed` does it; its status."""
        assert self.unit.one("KillMode") == "mixed"
        if self.process is None:
            return None
        if self.process.poll() is None:
            self.process.terminate()
        try:
            return self.process.wait(int(self.unit.one("TimeoutStopSec")))
        finally:
            self._end_group()
            self.process.wait(END_S)

    def kill(self) -> None:
        """The whole service dies at once, without a word."""
        assert self.process is not None
        self._end_group()
        self.process.wait(END_S)

    def _end_group(self) -> None:
        if self.process is not None:
            try:
                os.killpg(self.process.pid, signal.SIGKILL)
            except ProcessLookupError:
                return

    def restart(self) -> None:
        """What `systemctl restart` does."""
        assert self.stop() == 0
        self.start()
