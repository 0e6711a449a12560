"""The blueprint, and what its routes share."""

from __future__ import annotations

from flask import Blueprint, url_for

from portal.server_backups import retention, words
from portal.servers.reading import Opened

bp = Blueprint("server_backups", __name__)
bp.add_app_template_global(words.problem, "retention_problem")
bp.add_app_template_global(retention.words, "retention_words")
EVENT = "server_backups-changed"
"""Rises when backups may look different: the page reads them again."""


def list_of(server: Opened) -> str:
    """Where the backups are; who may make but not see them goes to the server's first page."""
    where = "server_backups.page" if server.rights.allow("backup.read") else "servers.overview"
    return url_for(where, identifier=server.facts.identifier)
