"""The page Backups in its states, for tests that look at all pages and for shots."""

from __future__ import annotations

from tests.e2e.states import Look, server_at

LOOKS: tuple[Look, ...] = (Look("backups", server_at("Survival SMP", "/backups")),)
