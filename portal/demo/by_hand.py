"""What an admin does to a server in the panel's own pages, at once and without asking: state by hand."""
from __future__ import annotations

from typing import TYPE_CHECKING, get_args

from portal.demo.link import NodeError
from portal.demo.wings.power import Work
from portal.demo.world import Server, Status, User

if TYPE_CHECKING:
    from portal.demo.demo import Demo

_WORK: dict[str, Work] = {"installing": "installing", "restoring_backup": "restoring"}
STATUSES: tuple[str, ...] = get_args(Status)


class NotPossible(ValueError):
    """What was asked cannot be done; the text says why."""


def set_status(demo: Demo, server: Server, status: Status | None) -> None:
    """The column, and the node is told; one that does not answer learns it later."""
    server.status = status
    server.updated_at = demo.clock.now()
    _keep_busy(demo, server)
    _synchronise(demo, server)


def set_transferring(demo: Demo, server: Server, *, is_transferring: bool) -> None:
    server.is_transferring = is_transferring
    server.updated_at = demo.clock.now()
    _keep_busy(demo, server)


def set_owner(demo: Demo, server: Server, owner: User) -> None:
    """Subusers stay (recorded); a new owner who was one of them is both."""
    server.owner = owner
    server.updated_at = demo.clock.now()


def delete(demo: Demo, server: Server) -> None:
    """The row and what belongs to it, and its process."""
    demo.processes[server.uuid].power("kill")
    demo.world.remove(server)


def find_server(demo: Demo, name: str) -> Server:
    """By identifier, uuid, id or name.  Raises NotPossible."""
    for server in demo.world.servers:
        if name in (server.identifier, server.uuid, str(server.id), server.name):
            return server
    raise NotPossible(f"there is no server {name}")


def find_user(demo: Demo, name: str) -> User:
    """By username, uuid or id.  Raises NotPossible."""
    for user in demo.world.users:
        if name in (user.username, user.uuid, str(user.id)):
            return user
    raise NotPossible(f"there is no user {name}")


def _keep_busy(demo: Demo, server: Server) -> None:
    """The node does what the row says, without an end of its own."""
    process = demo.processes[server.uuid]
    work = "transferring" if server.is_transferring else _WORK.get(server.status or "")
    process.is_busy, process.busy_with = work is not None, work or process.busy_with


def _synchronise(demo: Demo, server: Server) -> None:
    try:
        demo.link.call(server, "POST", "/sync")
    except NodeError:
        return
