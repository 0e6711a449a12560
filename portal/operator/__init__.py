"""What the host does about prices, expiry and suspension: pages, and the same as commands."""
