"""Instead of systemctl: `services.py ROOT stop|start`. Starts what the installed units say; notes each call."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from tests.deploy.units import Unit


def main() -> int:
    root, what = Path(sys.argv[1]), sys.argv[2]
    with (root / "calls").open("a") as calls:
        calls.write(f"{what}\n")
    pids = root / "pids"
    for line in pids.read_text().split() if pids.exists() else []:
        _end(int(line))
    pids.unlink(missing_ok=True)
    if what == "start":
        place = root / "run/roost/web.sock"
        place.parent.mkdir(parents=True, exist_ok=True)
        started = [_start(root, name, place) for name in ("roost-web", "roost-worker")]
        pids.write_text(" ".join(str(one) for one in started))
    return 0


def _start(root: Path, name: str, place: Path) -> int:
    unit = Unit(root, f"{name}.service")
    environment = unit.environment() | {"ROOST_BIND": f"unix:{place}"}
    with (root / f"{name}.log").open("ab") as log:
        process = subprocess.Popen(
            unit.one("ExecStart").split(), cwd=unit.one("WorkingDirectory"), env=environment, stdin=subprocess.DEVNULL,
            stdout=log, stderr=log, start_new_session=True,
        )  # fmt: skip
    process.returncode = 0  # it goes on without us
    return process.pid


def _end(pid: int) -> None:
    with suppress(ProcessLookupError):
        os.kill(pid, signal.SIGTERM)
        for _ in range(300):
            if not _runs(pid):
                break
            time.sleep(0.05)
        os.killpg(pid, signal.SIGKILL)


def _runs(pid: int) -> bool:
    """Whether a process is more than a name that nobody has taken note of yet."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):  # it may go between the two calls that read a file
        return False


if __name__ == "__main__":
    sys.exit(main())
