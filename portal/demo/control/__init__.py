"""Turning a demo's knobs from outside: an HTTP API beside the panel, and a command line that speaks it."""
