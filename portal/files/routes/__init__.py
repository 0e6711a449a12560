"""The blueprint `files`: every page, fragment and dialog about files. Importing this package adds all of its routes."""

from portal.files.routes import acting, browsing, editing, finding, history, moving, working
from portal.files.routes.blueprint import bp

__all__ = ["acting", "bp", "browsing", "editing", "finding", "history", "moving", "working"]
