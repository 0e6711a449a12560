"""Databases of a server."""
