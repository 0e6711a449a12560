"""What a server's egg is known to stumble over at its start, seen in the console, and the acts that help."""
