"""Name, description, reinstallation and SFTP of a server."""
