"""What either API has nodes do: install a server again, refuse somebody's tokens."""
from __future__ import annotations

from portal.demo.context import Context
from portal.demo.errors import PanelError
from portal.demo.link import NodeError
from portal.demo.tokens import jti_of
from portal.demo.world import Server, User


def reinstall(context: Context, server: Server) -> None:
    """The status changes with the node's consent only; a node that refuses is a `DaemonConnectionException`."""
    before = server.status, server.updated_at
    server.status, server.updated_at = "installing", context.now
    try:
        context.services.link.ask(server, "POST", "/reinstall")
    except PanelError:
        server.status, server.updated_at = before
        raise


def revoke_tokens(context: Context, server: Server, user: User) -> bool:
    """Every token of that user for that server; False when the node cannot be told, which is no error."""
    try:
        context.services.link.call(server, "POST", "/ws/deny", {"jtis": [jti_of(user, server)]})
    except NodeError:
        return False
    return True
