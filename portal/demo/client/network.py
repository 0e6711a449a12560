"""`/servers/{server}/network/allocations`: the addresses of a server."""
from __future__ import annotations

from werkzeug.wrappers import Response

from portal.demo.context import Context
from portal.demo.envelopes import listing
from portal.demo.errors import PanelError, display
from portal.demo.finding import by_number
from portal.demo.http import json_response, no_content
from portal.demo.routing import Route
from portal.demo.transformers.client import allocation_object
from portal.demo.validation import validate
from portal.demo.world import Allocation

LOWEST_PORT, HIGHEST_PORT = 1024, 65535
COLUMN_LENGTH = 191


def find_allocation(context: Context, text: str) -> Allocation:
    """By its number, if it is one of the server's."""
    return by_number(context.world.allocations_of(context.server), text)


def list_allocations(context: Context) -> Response:
    allocations = context.world.allocations_of(context.server)
    return json_response(listing([allocation_object(allocation) for allocation in allocations]))


def add_allocation(context: Context) -> Response:
    server = context.server
    limit = server.feature_limits.allocations or 0
    if len(context.world.allocations_of(server)) >= limit:
        raise display("Cannot assign additional allocations to this server: limit has been reached.")
    if not context.services.config.client_allocations:
        raise PanelError(400, "AutoAllocationNotEnabledException",
                         "Server auto-allocation is not enabled for this instance.", redirects_back=True)
    free = [allocation for allocation in _of_this_address(context) if allocation.server is None]
    allocation = context.services.chance.choice(free) if free else _new_allocation(context)
    allocation.server = server
    context.log("server:allocation.create", server, allocation, allocation=allocation.address)
    return json_response(allocation_object(allocation))


def set_notes(context: Context) -> Response:
    """The answer has the text that was sent, the column only its beginning."""
    allocation: Allocation = context.models["allocation"]
    validate(context.request.input, {"notes": "nullable|string|max:256|present"})
    before, allocation.notes = allocation.notes, context.request.input["notes"]
    if before != allocation.notes:
        context.log("server:allocation.notes", context.server, allocation, allocation=allocation.address, old=before,
                    new=allocation.notes)
    response = json_response(allocation_object(allocation))
    allocation.notes = allocation.notes and allocation.notes[:COLUMN_LENGTH]
    return response


def make_primary(context: Context) -> Response:
    """The node hears of it when it next asks for the server's configuration."""
    allocation: Allocation = context.models["allocation"]
    if context.server.allocation is not allocation:
        context.server.allocation, context.server.updated_at = allocation, context.now
    context.log("server:allocation.primary", context.server, allocation, allocation=allocation.address)
    return json_response(allocation_object(allocation))


def remove_allocation(context: Context) -> Response:
    """It is free again, not gone."""
    allocation: Allocation = context.models["allocation"]
    if not context.server.feature_limits.allocations:
        raise display("You cannot delete allocations for this server: no allocation limit is set.")
    if allocation is context.server.allocation:
        raise display("You cannot delete the primary allocation for this server.")
    allocation.server, allocation.notes = None, None
    context.log("server:allocation.delete", context.server, allocation, allocation=allocation.address)
    return no_content()


def _of_this_address(context: Context) -> list[Allocation]:
    """All of the server's node with the address of its primary allocation."""
    server = context.server
    return [allocation for allocation in context.world.allocations
            if allocation.node is server.node and allocation.ip == server.allocation.ip]


def _new_allocation(context: Context) -> Allocation:
    """With a random port of the configured range that nothing has yet."""
    bounds = context.services.config.allocation_range
    used = {allocation.port for allocation in _of_this_address(context)}
    first, last = (min(bounds), max(bounds)) if bounds and all(bounds) else (1, 0)
    free = [port for port in range(first, last + 1) if port not in used]
    if not free:
        raise PanelError(400, "NoAutoAllocationSpaceAvailableException",
                         "Cannot assign additional allocation: no more space available on node.", redirects_back=True)
    port = context.services.chance.choice(free)
    if not LOWEST_PORT <= port <= HIGHEST_PORT:
        raise PanelError(400, "PortOutOfRangeException", "Ports in an allocation must be greater than 1024 and less "
                         "than or equal to 65535.", redirects_back=True)
    server = context.server
    allocation = Allocation(context.world.next_id("allocations"), server.node, server.allocation.ip, port)
    context.world.allocations.append(allocation)
    return allocation


_ALL = "/api/client/servers/{server}/network/allocations"
ROUTES = (
    Route("GET", _ALL, list_allocations, requires="allocation.read"),
    Route("POST", _ALL, add_allocation, requires="allocation.create"),
    Route("POST", f"{_ALL}/{{allocation}}", set_notes, requires="allocation.update"),
    Route("POST", f"{_ALL}/{{allocation}}/primary", make_primary, requires="allocation.update"),
    Route("DELETE", f"{_ALL}/{{allocation}}", remove_allocation, requires="allocation.delete"),
)
