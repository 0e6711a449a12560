"""The blueprint `server_backups`: every page, fragment and dialog. Importing this package adds all of its routes."""

from portal.server_backups.routes import acting, fetching, ruling, showing
from portal.server_backups.routes.blueprint import bp

__all__ = ["acting", "bp", "fetching", "ruling", "showing"]
