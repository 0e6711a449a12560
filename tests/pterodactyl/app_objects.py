"""The application API's objects as the panel writes them, with invented values."""

from __future__ import annotations

from typing import Any

from tests.pterodactyl.objects import STAMP, item, listed

MICROS = "2024-05-01T12:30:00.000000Z"
STAMPS = {"created_at": STAMP, "updated_at": STAMP}
GONE = {"object": "null_resource", "attributes": None}
IMAGES = {"Java 8": "img:8", "Java 21": "img:21", "Java 9": "img:9"}


def paged(*items: Any, page: int = 1, pages: int = 1, total: int | None = None) -> dict[str, Any]:
    """A list that is paged."""
    count = len(items)
    numbers = {"total": count if total is None else total, "count": count, "per_page": 100, "current_page": page,
               "total_pages": pages, "links": {}}  # fmt: skip
    return listed(*items, pagination=numbers)


def related(thing: dict[str, Any], **relationships: Any) -> dict[str, Any]:
    """An object with what was included."""
    return thing | {"attributes": thing["attributes"] | {"relationships": relationships}}


def user(number: int = 7, **changed: Any) -> dict[str, Any]:
    known = {
        "id": number, "external_id": "crm-7", "uuid": "c5b2f3c8-0000-4000-8000-000000000007", "username": "ann",
        "email": "ann@example.com", "first_name": "Ann", "last_name": "Lee", "language": "de", "root_admin": True,
        "2fa": False, **STAMPS,
    }  # fmt: skip
    return item("user", **(known | changed))


def location(number: int = 3, **changed: Any) -> dict[str, Any]:
    return item("location", **({"id": number, "short": "eu.de", "long": "Frankfurt", **STAMPS} | changed))


def node(number: int = 4, **changed: Any) -> dict[str, Any]:
    known = {
        "id": number, "uuid": "d3b07384-0000-4000-8000-000000000004", "public": False, "name": "Node Four",
        "description": "behind the door", "location_id": 3, "fqdn": "four.example.com", "scheme": "http",
        "behind_proxy": True, "maintenance_mode": True, "memory": 8192, "memory_overallocate": 20, "disk": 50000,
        "disk_overallocate": -1, "upload_size": 250, "daemon_listen": 8443, "daemon_sftp": 2222,
        "daemon_base": "/srv/elsewhere", **STAMPS, "allocated_resources": {"memory": 2048, "disk": 10240},
    }  # fmt: skip
    return item("node", **(known | changed))


def allocation(number: int = 42, **changed: Any) -> dict[str, Any]:
    known = {"id": number, "ip": "192.0.2.1", "alias": None, "port": 25565, "notes": None, "assigned": False}
    return item("allocation", **(known | changed))


def nest(number: int = 1, **changed: Any) -> dict[str, Any]:
    known = {"id": number, "uuid": "n-1", "author": "a@example.com", "name": "Minecraft", "description": None, **STAMPS}
    return item("nest", **(known | changed))


def egg(number: int = 5, **changed: Any) -> dict[str, Any]:
    known = {
        "id": number, "uuid": "e-5", "name": "Paper", "nest": 1, "author": "a@example.com", "description": None,
        "docker_image": "img:8", "docker_images": dict(IMAGES),
        "config": {"files": {"server.properties": {"parser": "properties"}}, "startup": {"done": "Done ("},
                   "stop": "stop", "logs": [], "file_denylist": [], "extends": None},
        "startup": "java -jar {{JAR}}",
        "script": {"privileged": True, "install": "#!/bin/ash", "entry": "ash", "container": "alpine", "extends": None},
        **STAMPS,
    }  # fmt: skip
    return item("egg", **(known | changed))


def variable(name: str = "JAR", default: str = "server.jar", **changed: Any) -> dict[str, Any]:
    """An `egg_variable`; with `server_value` among the changes, a server's."""
    known = {
        "id": 9, "egg_id": 5, "name": name.title(), "description": "", "env_variable": name, "default_value": default,
        "user_viewable": True, "user_editable": False, "rules": "required|string",
        "created_at": MICROS, "updated_at": MICROS,
    }  # fmt: skip
    return item("server_variable" if "server_value" in changed else "egg_variable", **(known | changed))


def app_server(number: int = 12, **changed: Any) -> dict[str, Any]:
    known = {
        "id": number, "external_id": "order-12", "uuid": "aec8fd53-0000-4000-8000-000000000012",
        "identifier": "aec8fd53", "name": "Lobby", "description": "all begins here", "status": None,
        "suspended": False,
        "limits": {"memory": 1024, "swap": -1, "disk": 5120, "io": 400, "cpu": 150, "threads": "0-1",
                   "oom_disabled": False},
        "feature_limits": {"databases": None, "allocations": 3, "backups": 4},
        "user": 7, "node": 4, "allocation": 42, "nest": 1, "egg": 5,
        "container": {"startup_command": "java -jar {{JAR}} nogui", "image": "img:9", "installed": 1,
                      "environment": {"JAR": "paper.jar", "STARTUP": "java"}},
        **STAMPS,
    }  # fmt: skip
    return item("server", **(known | changed))


def app_subuser(number: int = 8, **changed: Any) -> dict[str, Any]:
    known = {"id": number, "user_id": 7, "server_id": 12, "permissions": ["control.start"], **STAMPS}
    return item("subuser", **(known | changed))


def app_database(number: int = 6, *, kind: str = "server_database", **changed: Any) -> dict[str, Any]:
    known = {
        "id": number, "server": 12, "host": 2, "database": "s12_main", "username": "u12_x", "remote": "%",
        "max_connections": None, **STAMPS,
    }  # fmt: skip
    return item(kind, **(known | changed))


def database_host(number: int = 2, **changed: Any) -> dict[str, Any]:
    known = {"id": number, "name": "db", "host": "10.0.0.9", "port": 3306, "username": "root", "node": None, **STAMPS}
    return item("database_host", **(known | changed))


def configuration(**changed: Any) -> dict[str, Any]:
    known = {
        "debug": False, "uuid": "d3b07384-0000-4000-8000-000000000004", "token_id": "T0kenIdT0kenId00",
        "token": "S3CRET" * 8,
        "api": {"host": "0.0.0.0", "port": 8443, "ssl": {"enabled": True, "cert": "/c.pem", "key": "/k.pem"},
                "upload_limit": 250},
        "system": {"data": "/srv/elsewhere", "sftp": {"bind_port": 2222}},
        "allowed_mounts": ["/mnt/a"], "remote": "http://panel.test",
    }  # fmt: skip
    return known | changed
