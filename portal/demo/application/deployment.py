"""Which nodes and which allocation the panel picks by itself (`app/Services/Deployment`), and `/nodes/deployable`."""
from __future__ import annotations

import re
from typing import Any

from werkzeug.wrappers import Response

from portal.demo import php
from portal.demo.application.access import PAGING, scope_of
from portal.demo.columns import whole_number
from portal.demo.context import Context
from portal.demo.envelopes import JSON, listing, paginate
from portal.demo.errors import PanelError, crashed, display
from portal.demo.http import json_response
from portal.demo.routing import Route
from portal.demo.transformers.relationships import transform
from portal.demo.validation import validate
from portal.demo.world import Allocation, Node, World

_RANGE = re.compile(r"([0-9]{4,5})-([0-9]{4,5})")
_DIGITS = re.compile(r"[0-9]+")
_WIDEST_RANGE = 1000
_NO_NODE = "No nodes satisfying the requirements specified for automatic deployment could be found."
_NO_ALLOCATION = "No allocations satisfying the requirements for automatic deployment were found."


def viable_nodes(world: World, locations: list[Any], memory: int, disk: int) -> list[Node]:
    """Public ones with room, in maintenance or not; sizes in MiB.  No location means all of them.

    An overallocation of -1 is no exception: it leaves 99 % of what the node has.
    """
    if any(isinstance(location, bool) for location in locations):
        raise crashed("InvalidArgumentException")
    wanted = {whole_number(location) for location in locations}
    return [node for node in world.nodes
            if node.public and (not wanted or node.location.id in wanted)
            and _has_room(node, world.allocated_resources_of(node), memory, disk)]


def _has_room(node: Node, used: dict[str, int], memory: int, disk: int) -> bool:
    return ((used["memory"] + memory) * 100 <= node.memory * (100 + node.memory_overallocate)
            and (used["disk"] + disk) * 100 <= node.disk * (100 + node.disk_overallocate))


def no_viable_node() -> PanelError:
    return PanelError(400, "NoViableNodeException", _NO_NODE, redirects_back=True)


def pick_allocation(context: Context, deploy: dict[str, Any], memory: int, disk: int) -> Allocation:
    """Any free one of the viable nodes.  A dedicated address is one that no server on its node has anything of."""
    dedicated = deploy.get("dedicated_ip")
    if isinstance(dedicated, (list, dict)):
        raise crashed("TypeError")
    nodes = viable_nodes(context.world, php.items(deploy["locations"]), memory, disk)
    if not nodes:
        raise no_viable_node()
    ranges = _ranges(php.items(deploy["port_range"]))
    allocations = [allocation for allocation in context.world.allocations if allocation.node in nodes]
    used = {(allocation.node, allocation.ip) for allocation in allocations if allocation.server is not None}
    free = [allocation for allocation in allocations
            if allocation.server is None
            and (not ranges or any(allocation.port in ports for ports in ranges))
            and not (php.truthy(dedicated) and (allocation.node, allocation.ip) in used)]
    if not free:
        raise PanelError(400, "NoViableAllocationException", _NO_ALLOCATION, redirects_back=True)
    return context.services.chance.choice(free)


def _ranges(texts: list[str]) -> list[range]:
    """Ports and ranges of ports; what is neither is skipped, and with nothing left any port will do."""
    ranges = []
    for text in texts:
        found = _RANGE.fullmatch(text)
        if found:
            low, high = int(found[1]), int(found[2])
            if abs(high - low) > _WIDEST_RANGE:
                raise display("Adding more than 1000 ports in a single range at once is not supported.")
            ranges.append(range(low, high + 1))
        elif _DIGITS.fullmatch(text):
            ranges.append(range(int(text), int(text) + 1))
    return ranges


def list_deployable(context: Context) -> Response:
    """Unpaged unless a page is asked for; an empty list, a page past the end too, is a refusal."""
    values, request = context.request.input, context.request
    validate(values, {"page": "integer", "memory": "required|integer|min:0", "disk": "required|integer|min:0",
                      "location_ids": "array", "location_ids.*": "integer"})
    _require_number(request.query.get("per_page"))
    nodes = viable_nodes(context.world, php.items(values.get("location_ids", [])), whole_number(values["memory"]),
                         whole_number(values["disk"]))
    if not nodes:
        raise no_viable_node()
    scope = scope_of(context)

    def shown(node: Node) -> JSON:
        item = transform("node", node, scope)
        used = context.world.allocated_resources_of(node)
        sums = {"sum_memory": str(used["memory"]), "sum_disk": str(used["disk"])}
        return {**item, "attributes": {**item["attributes"], **sums}}

    if request.query.get("page") is None:
        return json_response(listing([shown(node) for node in nodes]))
    page = paginate(nodes, request, PAGING, shown)
    if not page["data"]:
        raise no_viable_node()
    return json_response(page)


def _require_number(per_page: Any) -> None:
    """A typed parameter of the service, also where it has no effect."""
    if per_page is None or (isinstance(per_page, str) and php.is_numeric(per_page)):
        return
    raise crashed("ErrorException" if isinstance(per_page, str) and php.begins_numeric(per_page) else "TypeError")


ROUTES = (Route("GET", "/api/application/nodes/deployable", list_deployable, requires="nodes.read"),)
