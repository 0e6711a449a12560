"""Roost: a customer portal that stands beside a Pterodactyl panel.

Importing this package alone imports nothing heavy, so that `portal.demo` and `portal.pterodactyl` start quickly.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from flask import Flask

    from portal.config import Settings


def create_app(settings: Settings | None = None, config: Mapping[str, Any] | None = None) -> Flask:
    """The portal's WSGI application (`portal/app.py`)."""
    from portal.app import create_app as make

    return make(settings, config)
