"""The client API's 69 routes, and one call of every typed method."""

from __future__ import annotations

import inspect
import io
import re
from typing import Any

from portal.pterodactyl import ClientApi, models
from portal.pterodactyl.client.group import Group
from portal.pterodactyl.multipart import FilePart

ROUTES = """
GET /
GET /permissions
GET /account
PUT /account/email
PUT /account/password
GET /account/two-factor
POST /account/two-factor
POST /account/two-factor/disable
GET /account/activity
GET /account/api-keys
POST /account/api-keys
DELETE /account/api-keys/{identifier}
GET /account/ssh-keys
POST /account/ssh-keys
POST /account/ssh-keys/remove
GET /servers/{server}
GET /servers/{server}/websocket
GET /servers/{server}/resources
GET /servers/{server}/activity
POST /servers/{server}/command
POST /servers/{server}/power
GET /servers/{server}/databases
POST /servers/{server}/databases
POST /servers/{server}/databases/{database}/rotate-password
DELETE /servers/{server}/databases/{database}
GET /servers/{server}/files/list
GET /servers/{server}/files/contents
GET /servers/{server}/files/download
PUT /servers/{server}/files/rename
POST /servers/{server}/files/copy
POST /servers/{server}/files/write
POST /servers/{server}/files/compress
POST /servers/{server}/files/decompress
POST /servers/{server}/files/delete
POST /servers/{server}/files/create-folder
POST /servers/{server}/files/chmod
POST /servers/{server}/files/pull
GET /servers/{server}/files/upload
GET /servers/{server}/schedules
POST /servers/{server}/schedules
GET /servers/{server}/schedules/{schedule}
POST /servers/{server}/schedules/{schedule}
POST /servers/{server}/schedules/{schedule}/execute
DELETE /servers/{server}/schedules/{schedule}
POST /servers/{server}/schedules/{schedule}/tasks
POST /servers/{server}/schedules/{schedule}/tasks/{task}
DELETE /servers/{server}/schedules/{schedule}/tasks/{task}
GET /servers/{server}/network/allocations
POST /servers/{server}/network/allocations
POST /servers/{server}/network/allocations/{allocation}
POST /servers/{server}/network/allocations/{allocation}/primary
DELETE /servers/{server}/network/allocations/{allocation}
GET /servers/{server}/users
POST /servers/{server}/users
GET /servers/{server}/users/{user}
POST /servers/{server}/users/{user}
DELETE /servers/{server}/users/{user}
GET /servers/{server}/backups
POST /servers/{server}/backups
GET /servers/{server}/backups/{backup}
GET /servers/{server}/backups/{backup}/download
POST /servers/{server}/backups/{backup}/lock
POST /servers/{server}/backups/{backup}/restore
DELETE /servers/{server}/backups/{backup}
GET /servers/{server}/startup
PUT /servers/{server}/startup/variable
POST /servers/{server}/settings/rename
POST /servers/{server}/settings/reinstall
PUT /servers/{server}/settings/docker-image
""".strip().splitlines()

_PATTERNS = [
    (route.split(" ")[0], route, re.compile(re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", route.split(" ")[1])))
    for route in ROUTES
]

CRON = models.Cron(minute="*/5", hour="*", day_of_month="*", month="*", day_of_week="*")
SCHEDULE = {"name": "nightly", "cron": CRON, "is_active": False, "only_when_online": True}
TASK = {"action": "power", "payload": "restart", "time_offset_s": 5}
HERE: dict[str, Any] = {"server": "aec8fd53"}
OLD = HERE | {"schedule": 7}
STEP = OLD | {"task": 9}
PORT = HERE | {"allocation": 11}
HELPER = HERE | {"user": "u-1"}
BACKUP = HERE | {"backup": "b-1"}
DATABASE = HERE | {"database": "xalA4BoZ"}

READS: dict[str, dict[str, Any]] = {
    "account.view": {},
    "activity.of_account": {},
    "activity.of_server": HERE,
    "api_keys.list": {},
    "api_keys.find": {"identifier": "ptlc_Ab3dE6gH9jK"},
    "backups.list": HERE,
    "backups.iterate": HERE,
    "backups.view": BACKUP,
    "backups.download_url": BACKUP,
    "backups.open_download": BACKUP,
    "databases.list": HERE,
    "files.list": HERE,
    "files.contents": HERE | {"file": "/eula.txt"},
    "files.download_url": HERE | {"file": "/eula.txt"},
    "files.open_download": HERE | {"file": "/eula.txt"},
    "files.upload_url": HERE,
    "network.list": HERE,
    "permissions.catalogue": {},
    "schedules.list": HERE,
    "schedules.view": OLD,
    "servers.list": {},
    "servers.iterate": {},
    "servers.view": {"identifier": "aec8fd53"},
    "servers.resources": {"identifier": "aec8fd53"},
    "servers.websocket": {"identifier": "aec8fd53"},
    "ssh_keys.list": {},
    "startup.view": HERE,
    "subusers.list": HERE,
    "subusers.view": HELPER,
}
WRITES: dict[str, dict[str, Any]] = {
    "account.update_email": {"email": "a@example.com", "password": "p"},
    "account.update_password": {"current_password": "p", "password": "Another1234"},
    "api_keys.create": {"description": "x"},
    "api_keys.delete": {"identifier": "ptlc_Ab3dE6gH9jK"},
    "backups.create": HERE,
    "backups.toggle_lock": BACKUP,
    "backups.restore": BACKUP | {"truncate": False},
    "backups.delete": BACKUP,
    "databases.create": HERE | {"database": "main", "remote": "%"},
    "databases.rotate_password": DATABASE,
    "databases.delete": DATABASE,
    "files.rename": HERE | {"moves": [models.FileMove("a", "b")]},
    "files.copy": HERE | {"location": "/a"},
    "files.write": HERE | {"file": "/a", "content": b"x"},
    "files.compress": HERE | {"files": ["a"]},
    "files.decompress": HERE | {"file": "a.tar.gz"},
    "files.delete": HERE | {"files": ["a"]},
    "files.create_folder": HERE | {"name": "a"},
    "files.chmod": HERE | {"modes": [models.FileMode("a", "644")]},
    "files.pull": HERE | {"url": "https://example.com/a"},
    "network.create": HERE,
    "network.update_notes": PORT | {"notes": None},
    "network.make_primary": PORT,
    "network.delete": PORT,
    "schedules.create": HERE | SCHEDULE,
    "schedules.replace": OLD | SCHEDULE,
    "schedules.execute": OLD,
    "schedules.delete": OLD,
    "servers.send_power": {"identifier": "aec8fd53", "signal": "start"},
    "servers.send_command": {"identifier": "aec8fd53", "command": "list"},
    "settings.rename": HERE | {"name": "alpha"},
    "settings.reinstall": HERE,
    "settings.update_docker_image": HERE | {"docker_image": "i"},
    "ssh_keys.create": {"name": "laptop", "public_key": "ssh-ed25519 AAAA"},
    "ssh_keys.remove": {"fingerprint": "f"},
    "startup.update_variable": HERE | {"key": "A", "value": "1"},
    "subusers.create": HERE | {"email": "a@example.com", "permissions": ["file.read"]},
    "subusers.replace_permissions": HELPER | {"permissions": ["file.read"]},
    "subusers.delete": HELPER,
    "tasks.create": OLD | TASK,
    "tasks.replace": STEP | TASK | {"continue_on_failure": False},
    "tasks.delete": STEP,
    "two_factor.setup": {},
    "two_factor.enable": {"code": "123456", "password": "p"},
    "two_factor.disable": {"password": "p"},
}
"""One request each."""

TWO_STEPS: dict[str, dict[str, Any]] = {
    "backups.set_locked": BACKUP | {"locked": True},
    "files.upload": HERE | {"directory": "/", "name": "a", "stream": b"x", "size_bytes": 1},
    "files.upload_all": HERE | {"directory": "/", "parts": [FilePart("a", 1)], "stream": b"x"},
    "schedules.update_schedule": OLD | {"name": "other"},
    "settings.update_description": HERE | {"description": "x"},
    "subusers.update_permissions": HELPER | {"add": ["file.read"]},
    "tasks.update_task": STEP | {"payload": "stop"},
}
"""A read, then a write."""

EVERY = READS | WRITES | TWO_STEPS


def call(client: ClientApi, name: str, /, **changed: Any) -> Any:
    """Make the call of this name, with some arguments changed."""
    group, method = name.split(".")
    arguments = EVERY[name] | changed
    if "stream" in arguments:
        arguments["stream"] = io.BytesIO(arguments["stream"])
    found = getattr(getattr(client, group), method)(**arguments)
    return list(found) if inspect.isgenerator(found) else found


def methods(client: ClientApi) -> set[str]:
    """Every typed method there is."""
    return {
        f"{group}.{name}"
        for group, calls in vars(client).items()
        if isinstance(calls, Group)
        for name, _ in inspect.getmembers(calls, inspect.ismethod)
        if not name.startswith("_")
    }


def matched(method: str, path: str) -> tuple[str, dict[str, str]] | None:
    """The route of a request below `/api/client`, and what stands in its places."""
    below = path.removeprefix("/api/client") or "/"
    for wanted, route, pattern in _PATTERNS:
        if wanted == method and (found := pattern.fullmatch(below)):
            return route, found.groupdict()
    return None
