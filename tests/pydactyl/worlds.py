"""A world of our own for what is wrong with py-dactyl: two locations, and more of some things than a page holds."""

from __future__ import annotations

from typing import Any

from tests.demo.worlds import FIXTURE

PASSWORD = "a-long-password"
GUESTS = 120
PORTS = 127


def small(**changes: Any) -> dict[str, Any]:
    """The customer kim and her servers Uno and Due, on one of two nodes."""
    features = {"databases": 3, "allocations": 5, "backups": 5}
    servers = [server | {"feature_limits": features} for server in FIXTURE["servers"]]
    (box,) = FIXTURE["nodes"]
    attic = box | {"allocations": [*box["allocations"], {"ip": "203.0.113.7", "ports": [6000, 6001]}]}
    cellar = box | {
        "name": "Chest", "location": "cellar", "fqdn": "chest.example.org",
        "allocations": {"ip": "203.0.113.9", "ports": list(range(30000, 30005))},
    }  # fmt: skip
    world = FIXTURE | {
        "panel": {"rate_limit": {"client_per_minute": 720, "application_per_minute": 240}},
        "locations": [*FIXTURE["locations"], {"short": "cellar", "long": "Under the floor"}],
        "nodes": [attic, cellar],
        "database_hosts": [{"name": "Local", "host": "127.0.0.1", "port": 3306, "node": "Box"}],
        "servers": servers,
        "keys": {"owner": "client key of kim", "chief": "client key of chief",
                 "application": "application key, every resource read and write"},
        "vars": FIXTURE["vars"] | {"db_host": "id of the database host"},
    }  # fmt: skip
    return world | changes


def large() -> dict[str, Any]:
    """With so many guests among the accounts, and so many ports on the second node."""
    world = small()
    guests = [
        {"as": f"guest{number}", "email": f"guest{number}@example.org", "username": f"guest{number}",
         "first_name": "Gu", "last_name": "Est"} for number in range(GUESTS)]  # fmt: skip
    box, chest = world["nodes"]
    ports = {"ip": "203.0.113.9", "ports": list(range(30000, 30000 + PORTS))}
    return world | {"users": [*guests, *world["users"]], "nodes": [box, chest | {"allocations": ports}]}
