"""A server's files over Wings' HTTP (`router/router_server_files.go`)."""
from __future__ import annotations

import re
from pathlib import Path

from werkzeug.wrappers import Response

from portal.demo.clock import iso
from portal.demo.wings import archives
from portal.demo.wings.extracting import extract, pieces_of, require_harmless
from portal.demo.wings.file_errors import DiskFull
from portal.demo.wings.file_http import (
    attachment,
    contents_of,
    field,
    pairs,
    refuses,
    rules_of,
    texts,
)
from portal.demo.wings.http import NodeCall, NodeRoute, WingsError, json_answer, nothing
from portal.demo.wings.paths import joined

ARCHIVE_KIND = "application/tar+gzip"

_COPIES = 51
_MODE = re.compile("[0-7]{1,11}")


@refuses
def view_contents(call: NodeCall) -> Response:
    name = call.request.args.get("file", "")
    files = call.process.files
    if files.entry(files.place(name)).is_pipe:
        raise WingsError(400, "Cannot open files of this type.")
    response, entry = contents_of(files, name)
    response.headers["X-Mime-Type"] = entry.mime
    if call.request.args.get("download"):
        response.headers["Content-Disposition"] = attachment(entry.name)
    else:
        response.headers["Content-Type"] = entry.mime
    return response


@refuses
def list_directory(call: NodeCall) -> Response:
    entries = call.process.files.listed(call.request.args.get("directory", ""))
    return json_answer([entry.document() for entry in entries])


@refuses
def rename(call: NodeCall) -> Response:
    document = call.document()
    root, files = field(document, "root", str), pairs(document, "from", "to")
    if not files:
        raise WingsError(422, "No files to move or rename were provided.")
    for old, new in ((joined(root, old), joined(root, new)) for old, new in files):
        rules_of(call).require_names(old, new)
        try:
            call.process.files.rename(old, new)
        except FileNotFoundError:
            continue
        except FileExistsError:
            raise WingsError(400, "Cannot move or rename file, destination already exists.") from None
    return nothing()


@refuses
def copy(call: NodeCall) -> Response:
    location = field(call.document(), "location", str)
    files, rules = call.process.files, rules_of(call)
    rules.require_names(location)
    file, entry = files.open(location)
    with file:
        rules.require_space(entry.size)
        source = files.place(location)
        target = _copy_name(source, call.node.clock.now())
        files.write(files.name_of(target), pieces_of(file, entry.size), entry.mode)
    return nothing()


def _copy_name(source: Path, now: float) -> Path:
    """Beside it: `name copy.ext`, `name copy 1.ext` and so on; `.tar` counts to the extension."""
    extension = _go_extension(source.name)
    base = source.name.removesuffix(extension)
    if base.endswith(".tar"):
        base, extension = base.removesuffix(".tar"), f".tar{extension}"
    names = (f"{base} copy{f' {number}' if number else ''}{extension}" for number in range(_COPIES))
    free = (source.with_name(name) for name in names if not source.with_name(name).exists())
    return next(free, source.with_name(f"{base}copy.{iso(now).replace('+00:00', 'Z')}{extension}"))


def _go_extension(name: str) -> str:
    """From the last dot on, also where that is the first character or the last."""
    return name[name.rindex("."):] if "." in name else ""


@refuses
def write(call: NodeCall) -> Response:
    name, size = call.request.args.get("file", ""), call.request.content_length or 0
    files, rules = call.process.files, rules_of(call)
    rules.require_names(name)
    if size < 1:
        raise WingsError(400, "Missing Content-Length")
    place = files.place(name)
    if place.is_dir():
        raise WingsError(400, "Cannot write file, name conflicts with an existing directory by the same name.")
    rules.require_space(size - (place.stat().st_size if place.exists() else 0))
    files.write(name, pieces_of(call.request.stream, size))
    return nothing()


@refuses
def create_directory(call: NodeCall) -> Response:
    document = call.document()
    call.process.files.make_folder(joined(field(document, "path", str), field(document, "name", str)))
    return nothing()


@refuses
def delete(call: NodeCall) -> Response:
    document = call.document()
    root, names = field(document, "root", str), texts(document, "files")
    if not names:
        raise WingsError(422, "No files were specified for deletion.")
    for name in names:
        call.process.files.delete(joined(root, name))
    return nothing()


@refuses
def compress(call: NodeCall) -> Response:
    document = call.document()
    root, names = field(document, "root", str), texts(document, "files")
    if not names:
        raise WingsError(422, "No files were passed through to be compressed.")
    files, left = call.process.files, rules_of(call).space_left
    if left is not None and left < 0:
        raise WingsError(409, "This server does not have enough available disk space to generate a compressed archive.")
    now = call.node.clock.now()
    name = joined("/", root, f"archive-{iso(now).replace('+00:00', 'Z').replace(':', '')}.tar.gz")
    with call.node.scratch_file() as scratch:
        archives.pack(files, root, scratch, archives.chosen([joined(name).lstrip("/") for name in names]), now)
        if left is not None and scratch.tell() > left:
            raise DiskFull
        scratch.seek(0)
        place = files.write(name, pieces_of(scratch))
    return json_answer(files.entry(place, ARCHIVE_KIND).document())


@refuses
def decompress(call: NodeCall) -> Response:
    document = call.document()
    root, name = field(document, "root", str), field(document, "file", str)
    files, rules = call.process.files, rules_of(call)
    archive = files.place(joined(root, name))
    if archive.is_dir():
        raise IsADirectoryError(name)
    require_harmless(archive, rules.space_left)
    extract(archive, files, root, lambda _: None, rules.is_denied)
    return nothing()


@refuses
def set_modes(call: NodeCall) -> Response:
    document = call.document()
    root, files = field(document, "root", str), pairs(document, "file", "mode")
    if not files:
        raise WingsError(422, "No files to chmod were provided.")
    for name, mode in files:
        if not _MODE.fullmatch(mode) or int(mode, 8) >= 1 << 32:
            raise WingsError(400, "Invalid file mode provided.")
        try:
            call.process.files.set_mode(joined(root, name), int(mode, 8))
        except FileNotFoundError:
            continue
    return nothing()


ROUTES = (
    NodeRoute("GET", "/files/contents", view_contents),
    NodeRoute("GET", "/files/list-directory", list_directory),
    NodeRoute("PUT", "/files/rename", rename),
    NodeRoute("POST", "/files/copy", copy),
    NodeRoute("POST", "/files/write", write),
    NodeRoute("POST", "/files/create-directory", create_directory),
    NodeRoute("POST", "/files/delete", delete),
    NodeRoute("POST", "/files/compress", compress),
    NodeRoute("POST", "/files/decompress", decompress),
    NodeRoute("POST", "/files/chmod", set_modes),
)
