"""`python -m portal.demo.control URL <command> ...`: breaks a demo that runs, and mends it."""
from __future__ import annotations

import argparse
import json
import sys
import urllib.error
import urllib.request
from typing import Any
from urllib.parse import quote

from portal.demo.conditions import CONDITIONS
from portal.demo.faults.kinds import FAULTS
from portal.demo.faults.knob import WHERE

_MATCHED = ("method", "path", "node", "owner")
_TIMEOUT_SECONDS = 30


def main(arguments: list[str] | None = None) -> int:
    options = _parser().parse_args(arguments)
    try:
        method, path, document = options.ask(options)
        answer = _call(options.url, method, path, document)
    except _Failed as failed:
        sys.stderr.write(f"{failed}\n")
        return 1
    sys.stdout.write(json.dumps(answer, indent=1) + "\n")
    return 0


class _Failed(Exception):
    """With one sentence for whoever asked."""


Asking = tuple[str, str, dict[str, Any] | None]


def _call(url: str, method: str, path: str, document: dict[str, Any] | None) -> Any:
    if not url.startswith(("http://", "https://")):
        raise _Failed(f"{url} is no address: give the demo panel's, such as http://127.0.0.1:8001.")
    body = None if document is None else json.dumps(document).encode()
    request = urllib.request.Request(f"{url.rstrip('/')}/_demo{path}", body, method=method,  # noqa: S310
                                     headers={"Content-Type": "application/json"})
    try:
        with urllib.request.urlopen(request, timeout=_TIMEOUT_SECONDS) as answer:  # noqa: S310
            return json.load(answer)
    except urllib.error.HTTPError as error:
        with error:
            raise _Failed(_reason(error)) from error
    except (OSError, ValueError) as error:
        raise _Failed(f"No demo panel answers at {url}: {error}.") from error


def _reason(error: urllib.error.HTTPError) -> str:
    try:
        document = json.load(error)
        return f"{error.code}: {document['error']}."
    except (ValueError, KeyError, TypeError):
        return f"{error.code}: there is no control API here; was the demo started with --no-control?"


def _knob(options: argparse.Namespace) -> Asking:
    """Words `name=value`: what is matched, `times`, `chance`; the others are settings of the fault."""
    knob: dict[str, Any] = {"where": options.where, "fault": options.fault}
    match, settings = {}, {}
    for name, value in map(_pair, options.words):
        if name in _MATCHED:
            match[name] = value
        elif name in ("times", "chance"):
            knob[name] = _value(value)
        else:
            default = FAULTS[options.fault].settings.get(name)
            settings[name] = value if default is not None and isinstance(default.default, str) else _value(value)
    return "POST", "/knobs", {**knob, "match": match, "settings": settings}


def _pair(word: str) -> tuple[str, str]:
    name, equals, value = word.partition("=")
    if not equals:
        raise _Failed(f"{word} is no name=value.")
    return name, value


def _value(text: str) -> Any:
    """A number, true, false or null where it reads as one, else the text."""
    try:
        return json.loads(text)
    except ValueError:
        return text


def _server(options: argparse.Namespace) -> Asking:
    document = {name: _value(value) for name, value in map(_pair, options.words)}
    return "POST", f"/servers/{quote(options.server, safe='')}/{quote(options.act, safe='')}", document


def _sockets(options: argparse.Namespace) -> Asking:
    document = {name: _value(value) for name, value in map(_pair, options.words)}
    return "POST", "/sockets", {"act": options.act, **document}


def _clock(options: argparse.Namespace) -> Asking:
    moved: dict[str, dict[str, Any]] = {
        "jump": {"advance": options.amount}, "drift": {"rate": options.amount}, "freeze": {"rate": 0},
        "thaw": {"rate": 1}, "back": {"advance": -(options.amount or 0)},
    }
    if options.act in ("jump", "drift", "back") and options.amount is None:
        raise _Failed(f"{options.act} needs a number.")
    return "POST", "/clock", moved[options.act]


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="bin/fault", description=__doc__.partition(": ")[2], formatter_class=argparse.RawDescriptionHelpFormatter,
        epilog=_examples())
    parser.add_argument("url", help="where the demo panel answers")
    commands = parser.add_subparsers(dest="command", required=True, metavar="command")

    def command(name: str, about: str, ask: Any) -> argparse.ArgumentParser:
        made = commands.add_parser(name, help=about, description=about)
        made.set_defaults(ask=ask)
        return made

    command("state", "what it is like now", lambda _: ("GET", "/state", None))
    command("faults", "which knobs there are, with their settings", lambda _: ("GET", "/faults", None))
    knob = command("knob", "make something go wrong", _knob)
    knob.add_argument("where", choices=WHERE)
    knob.add_argument("fault", choices=tuple(FAULTS))
    knob.add_argument("words", nargs="*", metavar="name=value",
                      help=f"{', '.join(_MATCHED)}: on which requests; times, chance: how often; else a setting")
    clear = command("clear", "take back one knob, or all", lambda options: (
        "DELETE", "/knobs" if options.id is None else f"/knobs/{options.id}", None))
    clear.add_argument("id", nargs="?", type=int)
    condition = command("condition", "break something for all requests", lambda options: (
        "POST", "/condition", {"condition": None if options.name == "none" else options.name}))
    condition.add_argument("name", choices=("none", *CONDITIONS))
    clock = command("clock", "move the demo's time (seconds; drift: seconds in a real one)", _clock)
    clock.add_argument("act", choices=("jump", "back", "drift", "freeze", "thaw"))
    clock.add_argument("amount", nargs="?", type=float)
    sockets = command("sockets", "do something to a node's websockets", _sockets)
    sockets.add_argument("act")
    sockets.add_argument("words", nargs="*", metavar="name=value")
    wings = command("wings", "change how the nodes' websockets are set up", lambda options: (
        "POST", "/wings", {name: _value(value) for name, value in map(_pair, options.words)}))
    wings.add_argument("words", nargs="*", metavar="name=value",
                       help="loses_events, websocket_log_count, backup_event_has_suffix; node: only of that one")
    server = command("server", "do something to a server's row, as an admin by hand", _server)
    server.add_argument("server", help="identifier, uuid, id or name")
    server.add_argument("act", help="suspend, unsuspend, status, transfer, owner, delete, print")
    server.add_argument("words", nargs="*", metavar="name=value")
    calls = command("calls", "the newest calls", lambda options: ("GET", f"/calls?last={options.last}", None))
    calls.add_argument("last", nargs="?", type=int, default=20)
    outage = command("outage", "the panel's address refuses connections for so many seconds", lambda options: (
        "POST", "/outage", {"seconds": options.seconds}))
    outage.add_argument("seconds", type=float)
    command("forget", "forget all calls", lambda _: ("DELETE", "/calls", None))
    for name, about in (("snapshot", "remember the panel's rows"), ("rewind", "put them back")):
        made = command(name, about, lambda options: (
            "POST", f"/{options.command}", {"name": options.name} if options.name else {}))
        made.add_argument("name", nargs="?")
    return parser


def _examples() -> str:
    return """examples:
  bin/fault http://127.0.0.1:8001 condition node-down
  bin/fault http://127.0.0.1:8001 knob panel latency seconds=3 path='/api/client/*'
  bin/fault http://127.0.0.1:8001 knob panel status status=502 form=html effect=after method=POST times=1
  bin/fault http://127.0.0.1:8001 knob node drip node=fra-1 seconds=0.1
  bin/fault http://127.0.0.1:8001 server 'Survival SMP' suspend
  bin/fault http://127.0.0.1:8001 server 'Survival SMP' print count=600 rate=20
  bin/fault http://127.0.0.1:8001 clock jump 3600
  bin/fault http://127.0.0.1:8001 clear"""


if __name__ == "__main__":
    sys.exit(main())
