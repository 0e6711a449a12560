"""The deployment: scripts, units, nginx site, and all of it running."""
