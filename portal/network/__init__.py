"""Addresses and ports of a server."""
