"""What a server's files can refuse, beside what the operating system says (`server/filesystem/errors.go`)."""
from __future__ import annotations


class FileRefusal(Exception):
    """Base of the refusals; what they are told as is a matter of the HTTP surface."""


class BadPath(FileRefusal):
    """Leads out of the server's folder, or is no path at all."""


class Denied(FileRefusal):
    """The egg forbids to touch files of that name."""


class DiskFull(FileRefusal):
    """The server's disk limit does not allow it."""


class BadArchive(FileRefusal):
    """Of no known format, broken, or with members that do not belong into a server's folder."""
