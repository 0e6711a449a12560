"""`flask data ...`: comparing the panel with what Roost keeps, and taking an existing panel over."""
