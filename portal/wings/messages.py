"""Messages of Wings, `{"event": "...", "args": ["..."]}` (`router/websocket/message.go`): read, and written."""

from __future__ import annotations

import json

OUTPUT = "console output"
IS_OUTPUT = b'{"event":"console output"'
"""How Wings begins a console line; what looks otherwise is read whole."""


def read_message(payload: bytes | bytearray) -> tuple[str, str] | None:
    """Event and its first argument ("" without one); None for anything else than a message of Wings."""
    try:
        document = json.loads(payload.decode("utf-8", "replace"))
    except (ValueError, RecursionError):
        return None
    if not isinstance(document, dict):
        return None
    event, args = document.get("event"), document.get("args")
    if not isinstance(event, str):
        return None
    if not args:
        return (event, "") if args is None or args == [] else None
    if not isinstance(args, list) or not (args[0] is None or isinstance(args[0], str)):
        return None
    return event, args[0] or ""


def write_message(event: str, *args: str) -> str:
    """As the stock client writes it."""
    return json.dumps({"event": event, "args": list(args) or [None]})
