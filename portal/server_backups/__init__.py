"""Backups of a server: made, kept, thinned by rules, fetched, restored."""
