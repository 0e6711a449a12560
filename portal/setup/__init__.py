"""`flask setup`: asks what Roost must know, checks each answer with the panel, and writes the settings."""
