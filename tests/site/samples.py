"""What each form and page is sent by tests that go over all routes: what a person would send who means it.

`FORMS` is the body of a POST, `QUERIES` the query of a GET; a route that is not named takes neither. A value in braces
is the id of a thing of the furnished server (`tests/support/furnished.py`); a function makes a file anew.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from io import BytesIO
from typing import Any

from portal.files.paths import packed

NAME = "box.txt"
FILE = {"directory": "/", "name": packed(NAME)}
IMPORTED = json.dumps({"format": "roost-schedules", "version": 1, "schedules": [{
    "name": "From a file", "tasks": [{"action": "command", "payload": "say from a file"}],
    "cron": {"minute": "1", "hour": "2", "day_of_month": "*", "month": "*", "day_of_week": "*"},
}]})  # fmt: skip
FORMS: dict[str, dict[str, Any]] = {
    "billing.auto": {"wanted": "on"},
    "billing.renew": {"token": "x", "paid_from": "0"},
    "console.command": {"command": "list"},
    "egg_features.act": {"image": "ghcr.io/pterodactyl/yolks:java_17", "token": "0123456789ABCDEF0123456789abcdef"},
    "files.archive": FILE,
    "files.ask_delete_many": FILE,
    "files.ask_move_many": FILE,
    "files.ask_permissions_many": FILE,
    "files.copy": FILE,
    "files.delete": FILE,
    "files.do_pull": {"directory": "/", "url": "https://example.com/x.zip"},
    "files.do_unarchive": {**FILE, "file": f"/{NAME}"},
    "files.move": {**FILE, "target": "/plugins"},
    "files.new_file": {"directory": "/", "new_name": "new.txt"},
    "files.new_folder": {"directory": "/", "new_name": "new"},
    "files.permissions": {**FILE, "mode": "600"},
    "files.rename": {**FILE, "new_name": "b.txt"},
    "files.restore": {"file": f"/{NAME}"},
    "files.save": {"file": f"/{NAME}", "base": "0" * 64, "text": "mine"},
    "files.upload": {"directory": "/", "files": lambda: (BytesIO(b"x"), "new.txt")},
    "files.upload_check": {"directory": "/", "name": "new.txt"},
    "databases.create": {"database": "statistics", "remote": "%"},
    "databases.delete": {"name": "{database_name}"},
    "network.write_notes": {"notes": "for the map"},
    "schedules.create": {
        "name": "Every morning", "minute": "15", "hour": "6", "day_of_month": "*", "month": "*", "day_of_week": "*",
        "is_active": "y",
    },
    "schedules.create_task": {"action": "command", "command": "say good morning", "time_offset_s": "0"},
    "schedules.move_task": {"direction": "down"},
    "schedules.active": {"active": "off"},
    "schedules.take": {"content": IMPORTED, "sure": "1"},
    "schedules.update": {
        "name": "Every evening", "minute": "45", "hour": "18", "day_of_month": "*", "month": "*", "day_of_week": "*",
    },
    "schedules.update_task": {"action": "command", "command": "say good evening", "time_offset_s": "0"},
    "server_backups.create": {"name": "Before the update", "ignored": "*.log"},
    "server_backups.restore": {"truncate": "no"},
    "server_backups.set_retention": {"number": "3", "unit": "count"},
    "server_settings.reinstall": {"name": "{name}"},
    "server_settings.rename": {"name": "Survival, new", "description": "Bring torches."},
    "startup.choose_image": {"image": "ghcr.io/pterodactyl/yolks:java_17"},
    "startup.update_variable": {"key": "BUILD_NUMBER", "value": "512"},
    "subusers.invite": {"email": "friend@example.com", "permissions": ["control.console", "file.read"]},
    "subusers.update": {"permissions": ["control.console", "file.read"]},
    "files.search_step": {"directory": "/", "q": "a"},
}
QUERIES: dict[str, dict[str, Any]] = {
    name: {**FILE, "file": f"/{NAME}", "q": "a", "now": "1"}
    for name in (
        "ask_copy", "ask_move", "ask_new_file", "ask_new_folder", "ask_permissions", "ask_removal", "ask_rename",
        "contents", "download", "edit", "edit_text", "entry", "lost_texts", "page", "pull", "search_page",
        "unarchive", "upload_form", "version", "version_compared", "versions_of",
    )
}  # fmt: skip
QUERIES = {f"files.{name}": query for name, query in QUERIES.items()}


PATHS = {"server_backups.unlock": {"backup": "{locked}"}, "server_backups.ask_unlock": {"backup": "{locked}"},
         "schedules.move_task": {"task": "{task}"}}  # fmt: skip
"""Where a path leads to another thing than usual."""


def place(endpoint: str, values: Mapping[str, Any]) -> dict[str, Any]:
    """What stands in a route's path."""
    return {**values, **{name: _filled(one, values) for name, one in PATHS.get(endpoint, {}).items()}}


def sample(endpoint: str, method: str, values: Mapping[str, Any]) -> dict[str, Any]:
    """What a route is sent, with the ids of things filled in."""
    found = (QUERIES if method == "GET" else FORMS).get(endpoint, {})
    return {name: _filled(value, values) for name, value in found.items()}


def _filled(value: Any, values: Mapping[str, Any]) -> Any:
    if callable(value):
        return value()
    if isinstance(value, list):
        return [_filled(one, values) for one in value]
    if isinstance(value, str) and value[:1] == "{" and value[1:-1] in values:
        return values[value[1:-1]]
    return value
