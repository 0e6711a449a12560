"""What a browser asks of a node with a signed link (`router/router_download.go`, the upload of
`router/router_server_files.go`).

A link is spent the moment it is shown, before anything is looked up: whoever fails needs another one.
"""
from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from typing import IO, Any

from werkzeug.datastructures import FileStorage
from werkzeug.exceptions import ClientDisconnected, RequestEntityTooLarge
from werkzeug.formparser import FormDataParser, default_stream_factory
from werkzeug.wrappers import Request, Response

from portal.demo.wings.backups import located
from portal.demo.wings.extracting import pieces_of
from portal.demo.wings.file_http import attachment, contents_of, refusals, streamed
from portal.demo.wings.http import WingsError, nothing, unexpected
from portal.demo.wings.node import WingsNode
from portal.demo.wings.paths import joined
from portal.demo.wings.process import Process
from portal.demo.wings.rules import Rules
from portal.demo.wings.tokens import BadToken, verify
from portal.demo.wings.usage import MIB
from portal.demo.world import Server

_NOT_FOUND = "The requested resource was not found on this server."


def download_file(node: WingsNode, request: Request) -> Response:
    claims, _, process = _admitted(node, request)
    name = claims.get("file_path") or ""
    with refusals():
        if process.files.place(name).is_dir():
            raise WingsError(404, _NOT_FOUND)
        response, entry = contents_of(process.files, name)
    response.headers["Content-Disposition"] = attachment(entry.name)
    return response


def download_backup(node: WingsNode, request: Request) -> Response:
    claims, _, _ = _admitted(node, request)
    try:
        place = located(node, claims.get("backup_uuid") or "")
    except FileNotFoundError:
        raise WingsError(404, "The requested backup was not found on this server.") from None
    response = streamed(place.open("rb"), place.stat().st_size)
    response.headers["Content-Disposition"] = attachment(place.name)
    return response


def upload_files(node: WingsNode, request: Request) -> Response:
    claims, server, process = _admitted(node, request)
    with ExitStack() as kept:
        for name, directory in _stored(request, Rules(server, process), node.row.upload_size, kept):
            node.remote.report_activity(server.uuid, claims.get("user_uuid") or "", "server:file.uploaded",
                                        {"file": name, "directory": directory}, request.remote_addr or "")
    return nothing(200)


def _stored(request: Request, rules: Rules, limit: int, kept: ExitStack) -> Iterator[tuple[str, str]]:
    """Name and folder of each file, as soon as it is there; `limit` in MiB for each. `kept` closes what is parsed."""
    uploads = _uploads(request, kept)
    sizes = [_size(upload) for upload in uploads]
    for upload, size in zip(uploads, sizes, strict=True):
        if size > limit * MIB:
            raise WingsError(400, f"File {_name(upload)} is larger than the maximum file upload size of {limit} MB.")
    directory = joined(request.args.get("directory", "")) or "."
    for upload, size in zip(uploads, sizes, strict=True):
        with refusals():
            _store(rules, joined(directory, _name(upload)), upload, size)
        yield _name(upload), directory


def _admitted(node: WingsNode, request: Request) -> tuple[dict[str, Any], Server, Process]:
    """The claims of a link that nobody used before, and its server."""
    now = node.clock.now()
    try:
        claims = verify(request.args.get("token", ""), node.key, now)
    except BadToken:
        raise unexpected() from None
    found = node.find(claims.get("server_uuid") or "")
    if found is None or not node.spent_tokens.spend(claims.get("unique_id") or "", now):
        raise WingsError(404, _NOT_FOUND)
    return claims, *found


def _uploads(request: Request, kept: ExitStack) -> list[FileStorage]:
    """Parsed as it comes in, and kept on disk above half a megabyte until `kept` closes, also when it breaks off."""

    def opened(*about: Any, **more: Any) -> IO[bytes]:
        return kept.enter_context(default_stream_factory(*about, **more))

    if request.mimetype != "multipart/form-data":
        raise WingsError(400, "Failed to get multipart form data from request.")
    try:
        parser = FormDataParser(
            opened, request.max_form_memory_size, request.max_content_length, max_form_parts=request.max_form_parts)
        uploads = parser.parse_from_environ(request.environ)[2].getlist("files")
    except (RequestEntityTooLarge, ClientDisconnected, ValueError):
        raise WingsError(400, "Failed to get multipart form data from request.") from None
    if not uploads:
        raise WingsError(400, "No files were found on the request body.")
    return uploads


def _name(upload: FileStorage) -> str:
    """Without the folders that it had where it comes from."""
    return (upload.filename or "").rpartition("/")[2]


def _size(upload: FileStorage) -> int:
    size = upload.stream.seek(0, 2)
    upload.stream.seek(0)
    return size


def _store(rules: Rules, name: str, upload: FileStorage, size: int) -> None:
    files = rules.process.files
    rules.require_names(name)
    place = files.place(name)
    if place.is_dir():
        raise IsADirectoryError(name)
    rules.require_space(size - (place.stat().st_size if place.exists() else 0))
    files.write(name, pieces_of(upload.stream))


PUBLIC = {
    ("GET", "/download/file"): download_file,
    ("GET", "/download/backup"): download_backup,
    ("POST", "/upload/file"): upload_files,
}
