"""Files of a server: what changes them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from portal.pterodactyl.api import Method
from portal.pterodactyl.client.group import Group, server_route
from portal.pterodactyl.client.reading.files import read_file
from portal.pterodactyl.deadlines import LONG_WRITE_S
from portal.pterodactyl.file_names import all_inside, file_path, folder, inside
from portal.pterodactyl.models import FileMode, FileMove, FileObject


class FileChanges(Group):
    """The half of `FileCalls` that writes.

    `root` is the folder that names are seen from. All raise ValueError for an empty path, and for a name that means the
    folder itself or leads out of it where a file below it is meant.
    """

    def rename(self, server: str, moves: Iterable[FileMove], *, root: str = "/") -> None:
        """Rename or move files; missing folders are made. Success does not prove that a source was there.

        Needs `file.update`. Raises NodeRefused (the new name is taken, or not allowed), OutcomeUnknown.
        `PUT /api/client/servers/{server}/files/rename` (panel 1.11).
        """
        files = [{"from": inside(one.source), "to": file_path(one.target)} for one in moves]
        self._act(server, "rename", {"root": folder(root), "files": files}, method="PUT")

    def copy(self, server: str, location: str) -> None:
        """Copy a file beside itself; Wings names the copy (`name copy.ext`). Needs `file.create`.

        Raises NodeRefused, OutcomeUnknown (also: no such file, or a folder).
        `POST /api/client/servers/{server}/files/copy` (panel 1.11).
        """
        self._act(server, "copy", {"location": file_path(location)})

    def write(self, server: str, file: str, content: bytes) -> None:
        """Write a file, over one of that name; its folder is made. Needs `file.create`, for an existing file too.

        Raises ValueError (no content: Wings refuses to write an empty file), NodeRefused (it is a folder, not allowed,
        no space), OutcomeUnknown. `POST /api/client/servers/{server}/files/write` (panel 1.11).
        """
        if not isinstance(content, bytes):
            raise ValueError("a file's content is bytes")
        if not content:
            raise ValueError("an empty file cannot be written through the panel")
        path = server_route(server, "files", "write")
        self._caller.write(path, query={"file": file_path(file)}, content=content)

    def compress(self, server: str, files: Iterable[str], *, root: str = "/") -> FileObject:
        """Pack files and folders into an archive in `root`, which Wings names; may take 15 minutes.

        Needs `file.archive`. Raises Invalid (none), NodeRefused (no space), OutcomeUnknown.
        `POST /api/client/servers/{server}/files/compress` (panel 1.11).
        """
        body = {"root": folder(root), "files": all_inside(files)}
        return self._caller.change(server_route(server, "files", "compress"), read_file, body, LONG_WRITE_S)

    def decompress(self, server: str, file: str, *, root: str = "/") -> None:
        """Unpack an archive into `root`, over what is there; may take 15 minutes.

        Needs `file.create`. Raises NodeRefused (a file is in use, no space), OutcomeUnknown (also: no archive).
        `POST /api/client/servers/{server}/files/decompress` (panel 1.11).
        """
        self._act(server, "decompress", {"root": folder(root), "file": inside(file)}, LONG_WRITE_S)

    def delete(self, server: str, files: Iterable[str], *, root: str = "/") -> None:
        """Delete files, and folders with all that is in them; what is missing is passed over.

        Needs `file.delete`. Raises Invalid (none), NodeRefused, OutcomeUnknown.
        `POST /api/client/servers/{server}/files/delete` (panel 1.11).
        """
        self._act(server, "delete", {"root": folder(root), "files": all_inside(files)})

    def create_folder(self, server: str, name: str, *, root: str = "/") -> None:
        """Make a folder; also succeeds if it is there. Needs `file.create`.

        Raises OutcomeUnknown (also: a part of the path is a file).
        `POST /api/client/servers/{server}/files/create-folder` (panel 1.11).
        """
        self._act(server, "create-folder", {"root": folder(root), "name": inside(name)})

    def chmod(self, server: str, modes: Iterable[FileMode], *, root: str = "/") -> None:
        """Set permissions of files; what is missing is passed over. Needs `file.update`.

        Raises ValueError (a mode is not digits), NodeRefused (not octal), OutcomeUnknown.
        `POST /api/client/servers/{server}/files/chmod` (panel 1.11).
        """
        files = [{"file": inside(one.file), "mode": _mode(one.mode)} for one in modes]
        self._act(server, "chmod", {"root": folder(root), "files": files})

    def pull(
        self,
        server: str,
        url: str,
        *,
        directory: str | None = None,
        filename: str | None = None,
        use_header: bool | None = None,
        foreground: bool | None = None,
    ) -> None:
        """Let the node fetch a file from elsewhere. Success means that it began, unless in the `foreground`.

        `directory` None: "/". `filename` None: as the address ends, or with `use_header` as the other side names it. In
        the foreground the panel waits as long as it waits for a node. Needs `file.create`. Raises Busy (10 in 5
        minutes), Invalid, NodeRefused (3 under way, switched off, bad address), OutcomeUnknown.
        `POST /api/client/servers/{server}/files/pull` (panel 1.11).
        """
        for flag in (use_header, foreground):
            if flag is not None and not isinstance(flag, bool):
                raise ValueError("use_header and foreground are true or false")
        body: dict[str, Any] = {
            "url": url,
            "directory": None if directory is None else folder(directory),
            "filename": filename,
            "use_header": use_header,
            "foreground": foreground,
        }
        body = {name: value for name, value in body.items() if value is not None}
        self._act(server, "pull", body, LONG_WRITE_S if foreground else None)

    def _act(
        self,
        server: str,
        action: str,
        body: dict[str, Any],
        deadline_s: float | None = None,
        *,
        method: Method = "POST",
    ) -> None:
        self._caller.write(server_route(server, "files", action), body, deadline_s, method=method)


def _mode(mode: str) -> str:
    """Permissions as digits; a number would be sent in the wrong base."""
    if not isinstance(mode, str) or not (mode.isascii() and mode.isdigit()):
        raise ValueError("permissions are octal digits as text, 0644")
    return mode
