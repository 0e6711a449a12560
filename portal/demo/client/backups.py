"""`/servers/{server}/backups` (`BackupController`)."""
from __future__ import annotations

from werkzeug.wrappers import Response

from portal.demo import backup_service, php
from portal.demo.context import Context
from portal.demo.envelopes import Paging, paginate
from portal.demo.errors import bad_request
from portal.demo.finding import by_text
from portal.demo.http import json_response, no_content
from portal.demo.permissions import can
from portal.demo.routing import Route
from portal.demo.transformers.backups import backup_object
from portal.demo.validation import validate
from portal.demo.world import Backup

_PAGING = Paging(default=20, cap=50, keeps_query=False)


def find_backup(context: Context, text: str) -> Backup:
    return by_text(context.world.backups_of(context.server), lambda backup: backup.uuid, text)


def list_backups(context: Context) -> Response:
    page = paginate(context.world.backups_of(context.server), context.request, _PAGING, backup_object)
    count = len(backup_service.non_failed(context.world, context.server))
    return json_response({**page, "meta": {"backup_count": count, **page["meta"]}})


def create_backup(context: Context) -> Response:
    """Locking it at once takes the right to delete; the log tells what was asked for."""
    values = context.request.input
    validate(values, {"name": "nullable|string|max:191", "is_locked": "nullable|boolean",
                      "ignored": "nullable|string"})
    asks_lock = php.truthy(values.get("is_locked"))
    backup = backup_service.initiate(
        context.services, context.server, values.get("name"), values.get("ignored") or "",
        is_locked=asks_lock and can(context.user, "backup.delete", context.server))
    context.log("server:backup.start", context.server, backup, name=backup.name, locked=asks_lock)
    return json_response(backup_object(backup))


def view_backup(context: Context) -> Response:
    return json_response(backup_object(_backup(context)))


def download_backup(context: Context) -> Response:
    """Whatever its state; a link to the node for one use, or to the object store for five minutes."""
    backup = _backup(context)
    if backup.disk not in ("wings", "s3"):
        raise bad_request("The backup requested references an unknown disk driver type and cannot be downloaded.")
    url = (_object_url(context, backup) if backup.disk == "s3"
           else context.signed_url("/download/backup", backup_uuid=backup.uuid))
    context.log("server:backup.download", context.server, backup, name=backup.name)
    return json_response({"object": "signed_url", "attributes": {"url": url}})


def toggle_lock(context: Context) -> Response:
    backup = _backup(context)
    event = "server:backup.unlock" if backup.is_locked else "server:backup.lock"
    backup.is_locked = not backup.is_locked
    context.log(event, context.server, backup, name=backup.name)
    return json_response(backup_object(backup))


def restore_backup(context: Context) -> Response:
    backup, values = _backup(context), context.request.input
    validate(values, {"truncate": "required|boolean"})
    if context.server.status is not None:
        raise bad_request("This server is not currently in a state that allows for a backup to be restored.")
    if not backup.is_successful and backup.completed_at is None:
        raise bad_request("This backup cannot be restored at this time: not completed or failed.")
    backup_service.restore(context.services, backup, truncate=php.truthy(values["truncate"]),
                           download_url=_object_url(context, backup) if backup.disk == "s3" else "")
    context.log("server:backup.restore", context.server, backup, name=backup.name, truncate=values["truncate"])
    return no_content()


def delete_backup(context: Context) -> Response:
    backup = _backup(context)
    backup_service.delete(context.services, backup)
    context.log("server:backup.delete", context.server, backup, name=backup.name, failed=not backup.is_successful)
    return no_content()


def _backup(context: Context) -> Backup:
    backup: Backup = context.models["backup"]
    return backup


def _object_url(context: Context, backup: Backup) -> str:
    return context.services.objects.presigned_url(backup.server.uuid, backup.uuid)


_PREFIX = "/api/client/servers/{server}/backups"
ROUTES = (
    Route("GET", _PREFIX, list_backups, requires="backup.read"),
    Route("POST", _PREFIX, create_backup, requires="backup.create"),
    Route("GET", _PREFIX + "/{backup}", view_backup, requires="backup.read"),
    Route("GET", _PREFIX + "/{backup}/download", download_backup, requires="backup.download"),
    Route("POST", _PREFIX + "/{backup}/lock", toggle_lock, requires="backup.delete"),
    Route("POST", _PREFIX + "/{backup}/restore", restore_backup, requires="backup.restore"),
    Route("DELETE", _PREFIX + "/{backup}", delete_backup, requires="backup.delete"),
)
