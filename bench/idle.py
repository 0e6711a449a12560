"""How quickly the pages start and how much memory Roost takes while nobody is there, with the settings that it ships.

    .venv/bin/python bench/idle.py [--quick]

cold_start_s  from the start of gunicorn until it has answered its first page; median of several starts
idle_mib      memory of gunicorn, its processes and the background process together (what they share counts once: PSS)
The last line is one JSON object with these figures.
"""

from __future__ import annotations

import argparse
import http.client
import json
import os
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

if TYPE_CHECKING:
    from collections.abc import Iterator

AIMS = {"cold_start_s": 1.5, "idle_mib": 150}
WEB = ("-m", "gunicorn", "--config", str(ROOT / "gunicorn.conf.py"))
WORKER = ("-m", "flask", "--app", "wsgi", "worker")


def main() -> int:
    parser = argparse.ArgumentParser(description="Cold start, and memory while idle.")
    parser.add_argument("--quick", action="store_true", help="fewer starts, a shorter rest; under 40 s")
    options = parser.parse_args()
    starts, rest_s = (5, 6) if options.quick else (15, 60)
    with tempfile.TemporaryDirectory() as name, _panel(Path(name)) as world:
        environment = _prepare(Path(name) / "instance", world)
        _start_once(environment)  # what Python compiles once and the disk reads once is no part of a start
        took = [_start_once(environment) for _ in range(starts)]
        memory = _memory(environment, rest_s)
    figures = {
        "cold_start_s": round(statistics.median(took), 2),
        "idle_mib": round(sum(memory.values()), 1),
        "cold_start_worst_s": round(max(took), 2),
        **{f"{part}_mib": round(mib, 1) for part, mib in memory.items()},
        "starts": starts,
    }
    for figure, value in figures.items():
        aim = f"   aim: under {AIMS[figure]}" if figure in AIMS else ""
        print(f"{figure:22}{value:>10}{aim}")
    print(json.dumps(figures))
    return 0


@contextmanager
def _panel(folder: Path) -> Iterator[dict[str, Any]]:
    """The demo panel, so that the background process has its usual work."""
    world = folder / "world.json"
    command = [sys.executable, "-m", "portal.demo", "--port", "0", "--world", str(world)]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL)
    try:
        while not world.exists():
            if process.poll() is not None:
                raise RuntimeError("the demo panel did not start")
            time.sleep(0.05)
        yield json.loads(world.read_text())
    finally:
        process.terminate()
        process.wait(10)


def _prepare(instance: Path, world: dict[str, Any]) -> dict[str, str]:
    """An instance with one account, as an environment for its processes."""
    instance.mkdir(mode=0o700)
    (instance / "config.toml").touch(mode=0o600)
    settings = {"panel_url": world["base"], "application_key": world["keys"]["application"]}
    (instance / "config.toml").write_text("".join(f"{name} = {json.dumps(one)}\n" for name, one in settings.items()))
    mine = {name: value for name, value in os.environ.items() if not name.startswith("ROOST_")}
    environment = mine | {"ROOST_INSTANCE": str(instance), "ROOST_LOG_LEVEL": "ERROR"}
    owner = ("user", "create", "owner@example.com", "--panel-user", str(world["vars"]["owner_id"]))
    for words in (("store", "upgrade"), owner):
        command = [sys.executable, "-m", "flask", "--app", "wsgi", *words]
        subprocess.run(command, cwd=ROOT, env=environment, check=True, stdout=subprocess.DEVNULL)
    return environment


def _run(environment: dict[str, str], *words: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen([sys.executable, *words], cwd=ROOT, env=environment, start_new_session=True)


def _start_once(environment: dict[str, str]) -> float:
    """Seconds from the start of gunicorn to its first whole page."""
    port = _free_port()
    began = time.monotonic()
    web = _run(environment, *WEB, "--bind", f"127.0.0.1:{port}", "wsgi:app")
    try:
        _wait_for_page(port, web)
        return time.monotonic() - began
    finally:
        _end(web)


def _wait_for_page(port: int, web: subprocess.Popen[bytes]) -> None:
    while web.poll() is None:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        with suppress(OSError):
            connection.request("GET", "/login")
            answer = connection.getresponse()
            whole = answer.read()
            if answer.status != 200 or b"</html>" not in whole:
                raise RuntimeError(f"the first page is wrong: {answer.status}")
            return
        connection.close()
        time.sleep(0.005)
    raise RuntimeError("gunicorn ended by itself")


def _memory(environment: dict[str, str], rest_s: float) -> dict[str, float]:
    """PSS in MiB of the pages' processes and of the background process, after a few pages and a rest."""
    port = _free_port()
    started = {"web": _run(environment, *WEB, "--bind", f"127.0.0.1:{port}", "wsgi:app")}
    started["worker"] = _run(environment, *WORKER)
    try:
        for _ in range(20):
            _wait_for_page(port, started["web"])
        time.sleep(rest_s)
        return {part: sum(map(mib, tree(one.pid))) for part, one in started.items()}
    finally:
        for one in started.values():
            _end(one)


def tree(pid: int) -> list[int]:
    """A process and everything below it."""
    below = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [pid, *(one for child in below for one in tree(int(child)))]


def mib(pid: int, kind: str = "Pss") -> float:
    """Memory of a process: `Pss`, or `Rss`, which counts what it shares whole."""
    for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
        if line.startswith(f"{kind}:"):
            return int(line.split()[1]) / 1024
    raise RuntimeError("the kernel does not tell the memory of a process")


def _end(process: subprocess.Popen[bytes]) -> None:
    if process.poll() is None:
        process.send_signal(signal.SIGTERM)
    process.wait(20)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


if __name__ == "__main__":
    sys.exit(main())
