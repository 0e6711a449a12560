"""`python -m portal.demo --port 8081`: the demo panel on the loopback interface."""
from __future__ import annotations

import argparse
import json
import signal
import sys
from contextlib import suppress
from pathlib import Path
from types import FrameType
from typing import Any, get_args

from portal.demo import Clock, build
from portal.demo.clock_file import SharedClock
from portal.demo.conditions import CONDITIONS
from portal.demo.config import BackupDisk
from portal.demo.lively_past import furnish
from portal.demo.served import CannotListen, Served


def main(arguments: list[str] | None = None) -> int:
    options = _parser().parse_args(arguments)
    fixture = json.loads(options.fixture.read_text(encoding="utf-8")) if options.fixture else None
    clock = SharedClock(options.clock_file, options.clock_offset) if options.clock_file else Clock(options.clock_offset)
    demo = build(fixture=fixture, condition=options.condition, rate_limit=options.rate_limit, seed=options.seed,
                 clock=clock, backup_disk=options.backup_disk, control=options.control)
    if fixture is None:
        furnish(demo)
    demo.latency = options.latency_ms / 1000
    try:
        served = Served(demo, options.port, node_port=options.node_port)
    except CannotListen as error:
        sys.stderr.write(f"The demo panel cannot listen on port {error.port}: {error.strerror}.\n")
        return 1
    more = {"mailbox": demo.mailbox.start()} if options.mailbox else {}
    return _serve(served, options.world, more)


def _serve(served: Served, world_file: Path | None, more: dict[str, Any]) -> int:
    """Until SIGINT or SIGTERM; calls that still wait are given up."""
    def stop(_number: int, _frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    with served, suppress(KeyboardInterrupt):
        signal.signal(signal.SIGINT, stop)
        signal.signal(signal.SIGTERM, stop)
        if world_file:
            _write_atomically(world_file, served.demo.world_file() | more)
        sys.stdout.write(f"The demo panel answers at {served.demo.base}.\n")
        sys.stdout.flush()
        served.wait()
    return 0


def _write_atomically(path: Path, document: dict[str, Any]) -> None:
    draft = path.with_name(path.name + ".draft")
    draft.write_text(json.dumps(document, indent=1), encoding="utf-8")
    draft.replace(path)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m portal.demo", description=__doc__)
    parser.add_argument("--port", type=int, required=True, help="on 127.0.0.1; 0 picks a free one")
    parser.add_argument("--fixture", type=Path, help="the world as data; without it a lively one")
    parser.add_argument("--condition", choices=tuple(CONDITIONS), help="what is broken")
    parser.add_argument("--world", type=Path, help="where to write address, keys and identifiers")
    parser.add_argument("--rate-limit", type=int, help="client requests a minute; 0: no limits at all")
    parser.add_argument("--latency-ms", type=int, default=0, help="delay of every answer")
    parser.add_argument("--seed", type=int, default=1, help="of identifiers, keys, usage figures and faults")
    parser.add_argument("--backup-disk", choices=get_args(BackupDisk), help="where backups lie: s3 serves a bucket too")
    parser.add_argument("--clock-offset", type=float, default=0, help="seconds that the demo's clock is ahead")
    parser.add_argument("--node-port", type=int, default=0, help="of the first node, others follow; 0 picks free ones")
    parser.add_argument("--clock-file", type=Path, help="where to keep how far the clock is ahead, for a portal beside")
    parser.add_argument("--mailbox", action="store_true", help="take mail, on a port that stands in the world file")
    parser.add_argument("--control", action=argparse.BooleanOptionalAction, default=True,
                        help="answer /_demo: conditions, faults and clock (see bin/fault)")
    return parser


if __name__ == "__main__":
    sys.exit(main())
