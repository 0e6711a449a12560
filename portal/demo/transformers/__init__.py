"""Rows of the world as the panel's two APIs show them."""
