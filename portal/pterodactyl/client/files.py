"""Files of a server: reading, fetching, storing."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from portal.pterodactyl.client.file_changes import FileChanges
from portal.pterodactyl.client.group import server_route
from portal.pterodactyl.client.reading.files import read_file
from portal.pterodactyl.client.reading.links import read_signed_url
from portal.pterodactyl.deadlines import NODE_READ_S
from portal.pterodactyl.downloads import Download
from portal.pterodactyl.file_names import base_name, file_path, folder
from portal.pterodactyl.models import FileObject, SignedUrl
from portal.pterodactyl.multipart import FilePart, Readable, length


class FileCalls(FileChanges):
    """`/api/client/servers/{server}/files`.

    Name the server by its full UUID here: with the 8 characters the panel cuts blanks off the ends of file names.
    Paths begin at the server's own folder, "/". A missing file is NodeRefused or NodeUnreachable, as the release of
    Wings has it. All also raise ServerStateConflict, NotAllowed and NotFound.
    """

    def list(self, server: str, directory: str = "/") -> tuple[FileObject, ...]:
        """What is in a folder, in no order to rely on. Needs `file.read`.

        Raises NodeRefused, NodeUnreachable (also: no such folder).
        `GET /api/client/servers/{server}/files/list` (panel 1.11).
        """
        query = {"directory": folder(directory)}
        return self._caller.read(server_route(server, "files", "list"), query, NODE_READ_S).each(read_file)

    def contents(self, server: str, file: str) -> bytes:
        """A file's bytes, at most 4 MiB. Needs `file.read-content`.

        Raises Refused (longer), NodeRefused, NodeUnreachable (also: no such file).
        `GET /api/client/servers/{server}/files/contents` (panel 1.11).
        """
        return self._caller.read_text(server_route(server, "files", "contents"), {"file": file_path(file)}, NODE_READ_S)

    def download_url(self, server: str, file: str) -> SignedUrl:
        """Where to fetch a file, once; that it exists is only seen there. Needs `file.read-content`.

        `GET /api/client/servers/{server}/files/download` (panel 1.11).
        """
        query = {"file": file_path(file).replace("%", "%25")}  # the panel decodes this one once too often
        return read_signed_url(self._caller.read(server_route(server, "files", "download"), query))

    def open_download(self, server: str, file: str, *, deadline_s: float | None = None) -> Download:
        """A file of any size, in pieces; use it in a `with`. Errors as for `download_url` and `Streaming.download`."""
        url = self.download_url(server, file)
        return self._caller.transport.streaming.download(url, deadline_s=deadline_s)

    def upload_url(self, server: str) -> SignedUrl:
        """Where to store files, in one request. Needs `file.create`.

        `GET /api/client/servers/{server}/files/upload` (panel 1.11).
        """
        return read_signed_url(self._caller.read(server_route(server, "files", "upload")))

    def upload(
        self,
        server: str,
        directory: str,
        name: str,
        stream: Readable,
        size_bytes: int,
        *,
        deadline_s: float | None = None,
    ) -> None:
        """Store a file of known length, in constant memory; one of that name is replaced, its folder is made.

        The node has a limit for each file (100 MiB unless set otherwise). Errors as for `upload_url` and
        `Streaming.upload`; ValueError for a name with slashes or a length that is none, before any call.
        """
        parts = (FilePart(name, size_bytes),)
        self.upload_all(server, directory, parts, stream, deadline_s=deadline_s)

    def upload_all(
        self,
        server: str,
        directory: str,
        parts: Sequence[FilePart],
        stream: Readable,
        *,
        deadline_s: float | None = None,
        before_end: Callable[[], None] = lambda: None,
    ) -> None:
        """Store several files of known length in one folder with one request; `stream` gives them one after the other.

        As `upload` otherwise; errors and `before_end` as for `Streaming.upload_all`.
        """
        folder(directory)
        for part in parts:
            base_name(part.name)
            length(part.size_bytes)  # an address that is asked for in vain is an address too many
        url = self.upload_url(server)
        streaming = self._caller.transport.streaming
        streaming.upload_all(url, parts, stream, directory=directory, deadline_s=deadline_s, before_end=before_end)
