"""Messages of the websocket as Go writes and reads them."""
from __future__ import annotations

import json
import re
from dataclasses import dataclass

_ESCAPES = {"<": "\\u003c", ">": "\\u003e", "&": "\\u0026", "\u2028": "\\u2028", "\u2029": "\\u2029"}
_ESCAPED = re.compile(f"[{''.join(_ESCAPES)}]")
_HALF_CHARACTER = re.compile("[\ud800-\udfff]")


@dataclass(frozen=True)
class Message:
    event: str
    args: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """What the node makes of several arguments."""
        return "".join(self.args)


def encode(event: str, *args: str) -> str:
    """One JSON object and a newline; without arguments there is no `args`."""
    document = {"event": event, **({"args": args} if args else {})}
    text = _HALF_CHARACTER.sub("\ufffd", json.dumps(document, ensure_ascii=False, separators=(",", ":")))
    return _ESCAPED.sub(lambda found: _ESCAPES[found[0]], text) + "\n"


def decode(data: bytes) -> Message | None:
    """None for what Go cannot put into its struct; names of fields count in any case, null is the empty value."""
    try:
        document = json.loads(data.decode(errors="replace"), parse_constant=_refuse)
    except (ValueError, RecursionError):
        return None
    if document is None:
        return Message("")
    if not isinstance(document, dict):
        return None
    event, args = _field(document, "event"), _field(document, "args")
    if not isinstance(event, str | None) or not isinstance(args, list | None):
        return None
    if not all(isinstance(one, str | None) for one in args or []):
        return None
    return Message(event or "", tuple(one or "" for one in args or []))


def _field(document: dict[str, object], name: str) -> object:
    values = [value for key, value in document.items() if key.lower() == name]
    return values[-1] if values else None


def _refuse(constant: str) -> None:
    raise ValueError(f"{constant} is no JSON")
