"""Log lines: text or JSON, the request's reference in each, one line a request and a panel call, and never a key.

`fields(name=value)` as `extra` of a log call gives a line its figures: `name=value` behind the text, or members of the
JSON object.
"""

from __future__ import annotations

import json
import logging
import re
import secrets
import sys
from datetime import UTC, datetime
from typing import Any

from flask import Flask, Response, g, has_request_context, request

from portal import clock
from portal.web.text import one_line

KEYS = re.compile(r"(ptl[ac]_[A-Za-z0-9]{3}|/invite/[\w-]{3})[\w-]+")
FORMAT = "%(asctime)s %(levelname)s %(name)s [%(reference)s] %(message)s"
GIVEN = re.compile(r"[0-9a-f]{8,64}")
log = logging.getLogger("roost.request")


def fields(**values: object) -> dict[str, Any]:
    """The `extra` of a log call that carries figures; None is left out."""
    return {"fields": {name: value for name, value in values.items() if value is not None}}


class CleanFormatter(logging.Formatter):
    """Text. Adds the reference; keeps a message on its line; cuts keys and invitations, should one ever get here."""

    def format(self, record: logging.LogRecord) -> str:
        """The finished line (or lines, with a traceback)."""
        record.reference = _reference()
        if record.exc_info is None:
            record.msg, record.args = one_line(_told(record), 1000), None
        return KEYS.sub(r"\1...", super().format(record))

    def formatException(self, ei: Any) -> str:  # noqa: N802  (logging's own name)
        """A traceback, each line set in, so that no text in it can pass for a line of the log."""
        told = super().formatException(ei).splitlines()
        return "\n".join(f"    {''.join(c if c.isprintable() else ' ' for c in line)}" for line in told)


class JsonFormatter(logging.Formatter):
    """One JSON object a line: at (UTC), level, logger, reference, message, the fields, perhaps a traceback."""

    def format(self, record: logging.LogRecord) -> str:
        """The finished line."""
        line: dict[str, object] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "reference": _reference(),
            "message": one_line(record.getMessage(), 1000),
        }
        line |= {name: _plain(value) for name, value in _fields(record).items() if name not in line}
        if record.exc_info is not None:
            line["traceback"] = self.formatException(record.exc_info)
        return KEYS.sub(r"\1...", json.dumps(line, ensure_ascii=True))


def register(app: Flask, level: str, form: str = "text") -> None:
    """Give each request a reference and a line, and every logger of ours the format."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonFormatter() if form == "json" else CleanFormatter(FORMAT))
    ours = logging.getLogger("roost")
    ours.handlers[:] = [handler]
    ours.setLevel(level)

    @app.before_request
    def refer() -> None:
        """The web server's own number for the request, if it gave one, so that both logs can be laid side by side."""
        given = request.headers.get("X-Request-ID", "")
        g.reference = given[:8] if GIVEN.fullmatch(given) else secrets.token_hex(4)
        g.begun = clock.monotonic()

    @app.after_request
    def tell(response: Response) -> Response:
        figures = fields(status=response.status_code, ms=_ms_since_begin(), account=_account())
        level = logging.DEBUG if _is_quiet(app, response) else logging.INFO
        log.log(level, "%s %s", request.method, request.path, extra=figures)
        return response


def _is_quiet(app: Flask, response: Response) -> bool:
    """What machines ask again and again: static files, health, and polls that find nothing new."""
    view = app.view_functions.get(request.endpoint or "")
    return request.endpoint == "static" or response.status_code == 204 or getattr(view, "is_quiet", False)


def _ms_since_begin() -> int | None:
    begun = g.get("begun")
    return None if begun is None else round((clock.monotonic() - begun) * 1000)


def _account() -> int | None:
    """Whose request it was, if that was looked up anyway: a log line asks the store nothing."""
    return getattr(g.get("_login_user"), "account_id", None)


def _reference() -> str:
    return str(g.get("reference", "-")) if has_request_context() else "-"


def _fields(record: logging.LogRecord) -> dict[str, object]:
    return getattr(record, "fields", {})


def _told(record: logging.LogRecord) -> str:
    figures = "".join(f" {name}={_plain(value)}" for name, value in _fields(record).items())
    return record.getMessage() + figures


def _plain(value: object) -> object:
    return value if isinstance(value, int | float | bool) else one_line(str(value), 300)
