"""The blueprint `schedules`: every page, fragment and dialog. Importing this package adds all of its routes."""

from portal.schedules.routes import acting, carrying, editing, showing, steps
from portal.schedules.routes.blueprint import bp

__all__ = ["acting", "bp", "carrying", "editing", "showing", "steps"]
