"""Log lines: one format, the request's reference in each, and never a key."""

from __future__ import annotations

import logging
import re
import secrets
import sys

from flask import Flask, g, has_request_context

from portal.web.text import one_line

KEYS = re.compile(r"(ptl[ac]_[A-Za-z0-9]{3}|/invite/[\w-]{3})[\w-]+")
FORMAT = "%(asctime)s %(levelname)s %(name)s [%(reference)s] %(message)s"


class CleanFormatter(logging.Formatter):
    """Adds the reference; keeps a message on its line; cuts keys and invitations, should one ever get here."""

    def format(self, record: logging.LogRecord) -> str:
        """The finished line (or lines, with a traceback)."""
        record.reference = g.get("reference", "-") if has_request_context() else "-"
        if record.exc_info is None:
            record.msg, record.args = one_line(record.getMessage(), 1000), None
        return KEYS.sub(r"\1...", super().format(record))


def register(app: Flask, level: str) -> None:
    """Give each request a reference and every logger of ours the format."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(CleanFormatter(FORMAT))
    ours = logging.getLogger("roost")
    ours.handlers[:] = [handler]
    ours.setLevel(level)

    @app.before_request
    def refer() -> None:
        g.reference = secrets.token_hex(4)
