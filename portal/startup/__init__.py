"""How a server is started: variables, command, image."""
