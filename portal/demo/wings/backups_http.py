"""Backups over Wings' HTTP (`router/router_server_backup.go`)."""
from __future__ import annotations

from pathlib import Path

from werkzeug.wrappers import Response

from portal.demo.wings.backups import ADAPTERS, Restore, Subject, archive_place, back_up, located
from portal.demo.wings.file_http import field, refuses, unreadable
from portal.demo.wings.http import NodeCall, NodeRoute, WingsError, nothing, unexpected

_ARCHIVE_TYPES = "application/x-gzip application/gzip"


@refuses
def create_backup(call: NodeCall) -> Response:
    document = call.document()
    adapter, uuid = field(document, "adapter", str), field(document, "uuid", str)
    ignore = field(document, "ignore", str)
    if adapter not in ADAPTERS:
        raise unexpected()
    archive_place(call.node, uuid)
    subject = Subject.of(call)
    call.node.later(lambda: back_up(subject, uuid, ignore, adapter))
    return nothing(202)


@refuses
def restore_backup(call: NodeCall) -> Response:
    """With `truncate_directory` the files are gone before anybody looks whether there is an archive."""
    document, uuid = call.document(), call.parameters["backup"]
    adapter, url = field(document, "adapter", str), field(document, "download_url", str)
    truncates = field(document, "truncate_directory", bool)
    if adapter not in ADAPTERS:
        raise unreadable()
    if adapter == "s3" and not url:
        raise WingsError(400, "The download_url field is required when the backup adapter is set to S3.")
    if truncates:
        call.process.files.truncate()
    if adapter == "wings":
        Restore(Subject.of(call), uuid, located(call.node, uuid), "local", lambda: None).begin()
    else:
        archive = _downloaded(call, url)
        Restore(Subject.of(call), uuid, archive, "S3", lambda: archive.unlink(missing_ok=True)).begin()
    return nothing(202)


def _downloaded(call: NodeCall, url: str) -> Path:
    """From the demo's own object store; no other host can be reached."""
    answer = call.node.objects.fetch(url)
    if answer is None:
        raise unexpected()
    kind = answer.headers.get("Content-Type", "")
    if not kind or kind not in _ARCHIVE_TYPES:
        answer.close()
        raise WingsError(400, f'The provided backup link is not a supported content type. "{kind}" is not '
                              "application/x-gzip.")
    place = call.node.storage.folder("scratch") / f"{call.node.chance.uuid()}.tar.gz"
    with place.open("wb") as file:
        for piece in answer.iter_encoded():
            file.write(piece)
    answer.close()
    return place


@refuses
def delete_backup(call: NodeCall) -> Response:
    try:
        located(call.node, call.parameters["backup"]).unlink()
    except FileNotFoundError:
        raise WingsError(404, "The requested backup was not found on this server.") from None
    return nothing()


ROUTES = (
    NodeRoute("POST", "/backup", create_backup),
    NodeRoute("POST", "/backup/{backup}/restore", restore_backup),
    NodeRoute("DELETE", "/backup/{backup}", delete_backup),
)
