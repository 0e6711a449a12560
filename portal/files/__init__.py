"""The files of a server: looking, changing, moving up and down, editing, and what takes long (docs/files.md)."""
