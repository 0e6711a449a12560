"""State by hand, and the panel's rows as they were."""
from __future__ import annotations

from collections.abc import Callable
from typing import Any

from portal.demo import by_hand
from portal.demo.by_hand import NotPossible
from portal.demo.control.asked import Asked, Nonsense
from portal.demo.world import Server

_USUAL = "default"


def act_on_server(asked: Asked) -> dict[str, Any]:
    """`POST /servers/{identifier, uuid, id or name}/{act}`."""
    name, act = asked.words
    if act not in _ACTS:
        raise Nonsense(f"what can be done to a server is {', '.join(_ACTS)}", 404)
    try:
        with asked.demo.turn:
            server = by_hand.find_server(asked.demo, name)
            _ACTS[act](asked, server)
    except NotPossible as error:
        raise Nonsense(str(error), 404) from error
    return {"identifier": server.identifier, "uuid": server.uuid, "id": server.id, "name": server.name,
            "status": server.status, "is_transferring": server.is_transferring, "owner": server.owner.username,
            "is_there": server in asked.demo.world.servers}


def _suspend(asked: Asked, server: Server) -> None:
    asked.only()
    by_hand.set_status(asked.demo, server, "suspended")


def _unsuspend(asked: Asked, server: Server) -> None:
    asked.only()
    by_hand.set_status(asked.demo, server, None)


def _status(asked: Asked, server: Server) -> None:
    """`{"status": "install_failed"}`; null is a server that is installed and well."""
    asked.only("status")
    status = asked.document.get("status", "")
    if status is not None and status not in by_hand.STATUSES:
        raise Nonsense(f"status is null or one of {', '.join(by_hand.STATUSES)}")
    by_hand.set_status(asked.demo, server, status)


def _transfer(asked: Asked, server: Server) -> None:
    """`{"is_transferring": true}`."""
    asked.only("is_transferring")
    by_hand.set_transferring(asked.demo, server, is_transferring=asked.flag("is_transferring"))


def _owner(asked: Asked, server: Server) -> None:
    """`{"user": "stranger"}`: a username, uuid or id."""
    asked.only("user")
    by_hand.set_owner(asked.demo, server, by_hand.find_user(asked.demo, asked.text("user")))


def _delete(asked: Asked, server: Server) -> None:
    asked.only()
    by_hand.delete(asked.demo, server)


_ACTS: dict[str, Callable[[Asked, Server], None]] = {
    "suspend": _suspend, "unsuspend": _unsuspend, "status": _status, "transfer": _transfer, "owner": _owner,
    "delete": _delete,
}


def take_snapshot(asked: Asked) -> dict[str, Any]:
    """`{"name": "..."}` if there are to be several."""
    asked.only("name")
    name = asked.text("name") if "name" in asked.document else _USUAL
    asked.demo.take_snapshot(name)
    return {"snapshots": sorted(asked.demo.snapshots)}


def rewind(asked: Asked) -> dict[str, Any]:
    """Back to a snapshot; it can be gone back to again."""
    asked.only("name")
    name = asked.text("name") if "name" in asked.document else _USUAL
    if name not in asked.demo.snapshots:
        raise Nonsense(f"there is no snapshot {name}", 404)
    asked.demo.rewind(name)
    return {"rewound_to": name, "servers": len(asked.demo.world.servers)}


ROUTES = (
    ("POST", "/servers/{server}/{act}", act_on_server),
    ("POST", "/snapshot", take_snapshot), ("POST", "/rewind", rewind),
)
