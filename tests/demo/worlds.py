"""A fixture with names, people, ports and limits of its own."""
from __future__ import annotations

from typing import Any

FIXTURE: dict[str, Any] = {
    "panel": {"rate_limit": {"client_per_minute": 50, "application_per_minute": 20}},
    "locations": [{"short": "attic", "long": "Under the roof"}],
    "nodes": [{
        "name": "Box", "location": "attic", "fqdn": "box.example.org", "scheme": "https", "memory": 4096,
        "disk": 9000, "daemon_listen": 8443, "daemon_sftp": 2200,
        "allocations": [{"ip": "203.0.113.5", "ports": [4000, 4001, 4002, 5000], "ip_alias": "games.example.org"},
                        {"ip": "203.0.113.6", "ports": [4000]}],
    }],
    "users": [
        {"as": "chief", "email": "chief@example.org", "username": "chief", "first_name": "Chi", "last_name": "Ef",
         "root_admin": True},
        {"as": "kim", "email": "kim@example.org", "username": "kim", "first_name": "Kim", "last_name": "Kay",
         "password": "a-long-password"},
        {"as": "lee", "email": "lee@example.org", "username": "lee", "first_name": "Lee", "last_name": "Low"},
        {"as": "nobody", "email": "nobody@example.org", "username": "nobody", "first_name": "No", "last_name": "Body"},
    ],
    "egg": {
        "name": "Home-made", "nest": "Own", "startup": "./run --port {{SERVER_PORT}} --key {{SECRET}} {{MODE}}",
        "docker_images": {"Only": "example.org/image:1"},
        "variables": [
            {"env_variable": "MODE", "default_value": "easy", "rules": "required|string", "user_viewable": True,
             "user_editable": True},
            {"env_variable": "SECRET", "default_value": "hush", "rules": "nullable|string", "user_viewable": False,
             "user_editable": False},
        ],
    },
    "server_defaults": {"limits": {"memory": 512, "swap": 0, "disk": 1024, "io": 500, "cpu": 0}},
    "servers": [
        {"var": "one", "name": "Uno", "description": "First", "owner": "kim", "port": 4000, "extra_ports": [4001],
         "feature_limits": {"databases": None, "allocations": None, "backups": 0}, "external_id": "Order-1",
         "subusers": [{"user": "lee", "permissions": ["control.start", "control.console"]}]},
        {"var": "two", "name": "Due", "owner": "kim", "port": 4002, "status": "suspended"},
        {"var": "three", "name": "Tre", "owner": "lee", "port": 5000, "environment": {"MODE": "hard"}},
    ],
    "files_of_every_server": {"a.txt": "12345", "folder/": None},
    "keys": {
        "chief": "client key of chief", "kim": "client key of kim", "lee": "client key of lee",
        "nobody": "client key of nobody", "all": "application key, every resource read and write",
        "reading": "application key, every resource read only",
    },
    "vars": {
        "server": "identifier of Uno", "server_id": "internal id of Uno", "uuid_of_two": "uuid of Due",
        "kim_id": "", "kim_email": "", "kim_password": "", "kim_key": "the kim's client key itself",
        "node": "id", "location": "id", "nest": "id of Own", "egg": "id of Home-made",
        "spare": "allocation id of 203.0.113.6:4000", "docker_image": "example.org/image:1",
    },
}
