"""Backups of the store, putting one back, and what the portal must not do by itself afterwards."""
