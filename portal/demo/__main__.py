"""`python -m portal.demo --port 8081`: the demo panel on the loopback interface."""
from __future__ import annotations

import argparse
import json
import signal
import sys
from pathlib import Path
from types import FrameType
from typing import Any

from portal.demo import build
from portal.demo.conditions import CONDITIONS
from portal.demo.demo import Demo
from portal.demo.serving import Server


def main(arguments: list[str] | None = None) -> int:
    options = _parser().parse_args(arguments)
    fixture = json.loads(options.fixture.read_text(encoding="utf-8")) if options.fixture else None
    demo = build(fixture=fixture, condition=options.condition, rate_limit=options.rate_limit, seed=options.seed)
    demo.latency = options.latency_ms / 1000
    try:
        server = Server(options.port, demo.wsgi)
    except OSError as error:
        sys.stderr.write(f"The demo panel cannot listen on port {options.port}: {error.strerror}.\n")
        return 1
    demo.base = server.address
    return _serve(server, demo, options.world)


def _serve(server: Server, demo: Demo, world_file: Path | None) -> int:
    """Until SIGINT or SIGTERM; calls that still wait are given up."""
    def stop(_number: int, _frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    try:
        signal.signal(signal.SIGINT, stop)
        signal.signal(signal.SIGTERM, stop)
        with server:
            if world_file:
                _write_atomically(world_file, demo.world_file())
            sys.stdout.write(f"The demo panel answers at {demo.base}.\n")
            sys.stdout.flush()
            server.serve_forever(poll_interval=60)
    except KeyboardInterrupt:
        demo.clock.close()
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
    parser.add_argument("--seed", type=int, default=1, help="of identifiers, keys and usage figures")
    return parser


if __name__ == "__main__":
    sys.exit(main())
