"""Who gets to a server through the client API, and in which of its states."""
from __future__ import annotations

from portal.demo.context import Context
from portal.demo.errors import access_denied, not_found, state_conflict
from portal.demo.finding import by_text
from portal.demo.permissions import can
from portal.demo.world import Server, User

SHORT_ID_LENGTH = 8


def find_server(context: Context, text: str) -> Server:
    """Eight characters are the short id, anything else the full uuid."""
    if len(text) == SHORT_ID_LENGTH:
        return by_text(context.world.servers, lambda server: server.identifier, text)
    return by_text(context.world.servers, lambda server: server.uuid, text)


def admit(context: Context) -> None:
    """Client keys only; on server routes somebody with access only, and only in a state that allows it."""
    if context.key.is_application_key:
        raise access_denied("You are attempting to use an application API key on an endpoint that requires a "
                            "client API key.")
    if "server" in context.models:
        if not (context.user.root_admin or context.server.is_accessible_to(context.user)):
            raise not_found("The requested resource does not exist on this server.")
        _refuse_conflict(context.server, context.user, context.route.in_conflict)
        if "database" in context.models and context.models["database"].server is not context.server:
            raise not_found("The requested resource was not found for this server.")


def authorize(context: Context, permission: str) -> None:
    if not can(context.user, permission, context.server):
        raise access_denied()


def _refuse_conflict(server: Server, user: User, passes: str) -> None:
    detail = conflict_of(server)
    if detail is None or passes == "everyone":
        return
    is_closed_to_all = server.is_suspended or server.node.maintenance_mode
    if is_closed_to_all or not (user.root_admin and passes == "root_admin"):
        raise state_conflict(detail)


def conflict_of(server: Server) -> str | None:
    """Why the server's state is in conflict (`Server::validateCurrentState`), in order of precedence."""
    if server.is_suspended:
        return "This server is currently suspended and the functionality requested is unavailable."
    if server.node.maintenance_mode:
        return "The node of this server is currently under maintenance and the functionality requested is unavailable."
    if not server.is_installed:
        return "This server has not yet completed its installation process, please try again later."
    if server.status == "restoring_backup":
        return "This server is currently restoring from a backup, please try again later."
    if server.is_transferring:
        return "This server is currently being transferred to a new machine, please try again later."
    return None
