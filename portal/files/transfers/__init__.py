"""Files on their way through this process, up and down: piece by piece, never whole, never on disk."""
