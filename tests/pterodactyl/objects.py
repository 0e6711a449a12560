"""The client API's objects as the panel writes them, with invented values."""

from __future__ import annotations

from typing import Any

STAMP = "2024-05-01T12:30:00+00:00"


def item(kind: str, **attributes: Any) -> dict[str, Any]:
    """An object of this kind."""
    return {"object": kind, "attributes": attributes}


def listed(*items: Any, **meta: Any) -> dict[str, Any]:
    """A list of objects."""
    return {"object": "list", "data": list(items)} | ({"meta": meta} if meta else {})


def task(number: int = 9, **changed: Any) -> dict[str, Any]:
    known = {
        "id": number,
        "sequence_id": 1,
        "action": "power",
        "payload": "restart",
        "time_offset": 5,
        "is_queued": False,
        "continue_on_failure": True,
        "created_at": STAMP,
        "updated_at": STAMP,
    }
    return item("schedule_task", **(known | changed))


def schedule(*tasks: Any, **changed: Any) -> dict[str, Any]:
    known = {
        "id": 7,
        "name": "nightly",
        "cron": {"day_of_week": "1-5", "day_of_month": "*", "month": "*", "hour": "4", "minute": "0"},
        "is_active": True,
        "is_processing": False,
        "only_when_online": True,
        "last_run_at": None,
        "next_run_at": STAMP,
        "created_at": STAMP,
        "updated_at": STAMP,
        "relationships": {"tasks": listed(*tasks)},
    }
    return item("server_schedule", **(known | changed))


def subuser(*permissions: str) -> dict[str, Any]:
    return item(
        "server_subuser",
        **{
            "uuid": "u-1",
            "username": "helper",
            "email": "helper@example.com",
            "image": "https://gravatar.com/avatar/0",
            "2fa_enabled": False,
            "created_at": STAMP,
            "permissions": list(permissions),
        },
    )


def backup(**changed: Any) -> dict[str, Any]:
    known = {
        "uuid": "b-1",
        "is_successful": True,
        "is_locked": False,
        "name": "first",
        "ignored_files": ["*.log"],
        "checksum": "sha1:25ed2e27e936baa1b15fc14331167c6091377f42",
        "bytes": 515,
        "created_at": STAMP,
        "completed_at": STAMP,
    }
    return item("backup", **(known | changed))


def database(password: Any) -> dict[str, Any]:
    hidden = {"object": "null_resource", "attributes": None}
    return item(
        "server_database",
        id="xalA4BoZ",
        host={"address": "127.0.0.1", "port": 3306},
        name="s1_main",
        username="u1_x",
        connections_from="%",
        max_connections=None,
        relationships={"password": item("database_password", password=password) if password else hidden},
    )


def signed(url: str = "http://node.test:8080/upload/file?token=eyJ.a.b") -> dict[str, Any]:
    return item("signed_url", url=url)
