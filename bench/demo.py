"""How quickly the demo panel is there, and how many bytes a second go through panel, node and library.

    .venv/bin/python bench/demo.py [--quick]

demo_start_s     from the start of `python -m portal.demo` until the panel and a node have answered; median of several
upload_ratio     seconds for an upload through the library, as a multiple of copying the same bytes on disk
download_ratio   the same for a download
The last line is one JSON object with these figures.
"""

from __future__ import annotations

import argparse
import http.client
import io
import json
import statistics
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from portal.pterodactyl import ApiKey, Panel, Transport  # noqa: E402

MIB = 1024 * 1024
AIMS = {"demo_start_s": 1.0}


def main() -> int:
    parser = argparse.ArgumentParser(description="Start of the demo panel, and its streams.")
    parser.add_argument("--quick", action="store_true", help="fewer starts and fewer bytes; under 40 s")
    options = parser.parse_args()
    starts, size = (5, 32 * MIB) if options.quick else (15, 90 * MIB)
    took = []
    with tempfile.TemporaryDirectory() as name:
        for number in range(starts + 1):
            began = time.monotonic()
            panel, world = _start(Path(name) / f"{number}.json")
            took.append(time.monotonic() - began)
            if number < starts:
                _end(panel)
        try:
            ratios = _streams(world, Path(name), size)
        finally:
            _end(panel)
    kept = took[1:]  # what Python compiles once and the disk reads once is no part of a start
    figures = {"demo_start_s": round(statistics.median(kept), 2), "demo_start_worst_s": round(max(kept), 2), **ratios,
               "starts": starts}  # fmt: skip
    for figure, value in figures.items():
        aim = f"   aim: under {AIMS[figure]}" if figure in AIMS else ""
        print(f"{figure:22}{value:>10}{aim}")
    print(json.dumps(figures))
    return 0


def _start(place: Path) -> tuple[subprocess.Popen[bytes], dict[str, Any]]:
    command = [sys.executable, "-m", "portal.demo", "--port", "0", "--world", str(place), "--rate-limit", "0"]
    panel = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL)
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        if place.exists():
            world = json.loads(place.read_text())
            with suppress(OSError):
                for address in (world["base"], *world["nodes"].values()):
                    _answers(address)
                return panel, world
        time.sleep(0.005)
    _end(panel)
    raise SystemExit("the demo panel does not answer")


def _answers(address: str) -> None:
    connection = http.client.HTTPConnection(urlsplit(address).netloc, timeout=5)
    connection.request("GET", "/api/client")
    connection.getresponse().read()
    connection.close()


def _end(panel: subprocess.Popen[bytes]) -> None:
    panel.terminate()
    panel.wait(10)


def _streams(world: dict[str, Any], folder: Path, size: int) -> dict[str, float]:
    client = Panel(Transport(world["base"])).client(ApiKey(world["keys"]["owner"]))
    uuid, content = world["vars"]["server_uuid"], bytes(range(256)) * (size // 256)

    def copied() -> None:
        with (folder / "copy").open("wb") as target, io.BytesIO(content) as source:
            while piece := source.read(64 * 1024):
                target.write(piece)

    def downloaded() -> None:
        with client.files.open_download(uuid, "/bench.bin") as download:
            if sum(len(piece) for piece in download) != size:
                raise SystemExit("the download is not what was uploaded")

    plain = _best(copied)
    up = _best(lambda: client.files.upload(uuid, "/", "bench.bin", io.BytesIO(content), size))
    return {"upload_ratio": round(up / plain, 1), "download_ratio": round(_best(downloaded) / plain, 1)}


def _best(act: Any) -> float:
    took = []
    for _ in range(3):
        began = time.monotonic()
        act()
        took.append(time.monotonic() - began)
    return min(took)


if __name__ == "__main__":
    sys.exit(main())
